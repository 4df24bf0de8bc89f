//! The system's keychain: the only place where a password of ours may be stored, and it is not ours.
//!
//! On Linux it is the Secret Service (GNOME Keyring, `KWallet`), on macOS the Keychain, on Windows the Credential
//! Manager. Each may be locked and ask the person first, so it is used on a thread of its own, for a limited time, and
//! never before a connection wants the password. If there is none, the password comes from the environment.
//!
//! A password is stored for a login and for the protection under which it was given: the protection is part of the name
//! under which it is stored. So whoever sets a different one, in whatever layer of the settings, finds no password to
//! send with it.

use std::time::Duration;

use keyring::Entry;
use tokio::sync::Mutex;

use crate::central::{CentralSettings, Password};

/// How long the keychain may take, including a question to the person.
pub const KEYCHAIN_TIMEOUT: Duration = Duration::from_mins(2);
/// The name under which the keychain lists our passwords.
const SERVICE: &str = "Colophon";

/// Why the keychain did not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// This system has none, or it cannot be reached.
    #[error("no keychain can be reached here ({reason}); set POSTGRES_PASSWORD where POSTGRES_SERVER is set")]
    Unavailable {
        /// The system's words.
        reason: String,
    },
    /// It was locked and stayed locked, or did not answer.
    #[error("the keychain stayed locked; unlock it, or set POSTGRES_PASSWORD where POSTGRES_SERVER is set")]
    Closed,
}

/// The password for these settings; `None` when the keychain has none.
pub async fn password(settings: &CentralSettings) -> Result<Option<Password>, KeychainError> {
    ask(settings, |entry| match entry.get_password() {
        Ok(secret) => Ok(Some(Password::new(secret))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
    .await
}

/// Stores the password for these settings in the keychain.
pub async fn remember(settings: &CentralSettings, password: &Password) -> Result<(), KeychainError> {
    let secret = password.clone();
    ask(settings, move |entry| entry.set_password(secret.secret())).await
}

/// Removes the password for these settings from the keychain; returns whether there was one.
pub async fn forget(settings: &CentralSettings) -> Result<bool, KeychainError> {
    ask(settings, |entry| match entry.delete_credential() {
        Ok(()) => Ok(true),
        Err(keyring::Error::NoEntry) => Ok(false),
        Err(error) => Err(error),
    })
    .await
}

/// What the keychain has said to one device's connections, so that it is not asked again for every one of them.
#[derive(Debug, Default)]
pub(crate) struct Answer(Mutex<Option<Result<Option<Password>, KeychainError>>>);

impl Answer {
    /// The password for these settings, asking for it if that has not been done yet.
    pub(crate) async fn password(&self, settings: &CentralSettings) -> Result<Option<Password>, KeychainError> {
        let mut answer = self.0.lock().await;
        if let Some(known) = &*answer {
            return known.clone();
        }
        let asked = password(settings).await;
        *answer = Some(asked.clone());
        asked
    }

    /// The server does not accept what the keychain had: there may be a newer one next time. A keychain that a person
    /// did not unlock is left alone, or it would ask them at every try.
    pub(crate) async fn was_of_no_use(&self) {
        let mut answer = self.0.lock().await;
        if matches!(*answer, Some(Ok(_))) {
            *answer = None;
        }
    }

    /// Somebody asks to try again, so the keychain may be asked again, too.
    pub(crate) async fn ask_again(&self) {
        *self.0.lock().await = None;
    }
}

async fn ask<T: Send + 'static>(
    settings: &CentralSettings,
    question: impl FnOnce(&Entry) -> keyring::Result<T> + Send + 'static,
) -> Result<T, KeychainError> {
    let account = account(settings);
    let asked = tokio::task::spawn_blocking(move || question(&Entry::new(SERVICE, &account)?));
    match tokio::time::timeout(KEYCHAIN_TIMEOUT, asked).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(keyring::Error::NoStorageAccess(_)))) | Err(_) => Err(KeychainError::Closed),
        Ok(Ok(Err(error))) => Err(KeychainError::Unavailable { reason: reason(&error) }),
        Ok(Err(stopped)) => Err(KeychainError::Unavailable {
            reason: stopped.to_string(),
        }),
    }
}

/// The system's words. The library says only once, when it looks for a store, that there is none.
fn reason(error: &keyring::Error) -> String {
    match (error, Entry::store_status()) {
        (keyring::Error::NoDefaultStore, Err(cause)) => cause.to_string(),
        _ => error.to_string(),
    }
}

/// Whose password it is and how it is protected on its way, as the keychain shows it to the person. The usual
/// protection goes without saying.
fn account(settings: &CentralSettings) -> String {
    let login = format!("{}@{}/{}", settings.user, settings.address(), settings.database);
    if settings.is_protected_as(&CentralSettings::for_server(settings.server.as_str())) {
        return login;
    }
    let said: Vec<_> = settings
        .protection()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{login} ({})", said.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::central::TlsMode;

    #[test]
    fn a_password_belongs_to_a_login_in_a_database_on_a_server() {
        let settings = CentralSettings::for_server("db.example.org");
        assert_eq!(account(&settings), "colophon@db.example.org:5432/colophon");
        let others = [
            CentralSettings {
                port: 5433,
                ..settings.clone()
            },
            CentralSettings {
                user: "ada".to_owned(),
                ..settings.clone()
            },
            CentralSettings {
                database: "library".to_owned(),
                ..settings.clone()
            },
            CentralSettings::for_server("db.example.com"),
        ];
        for other in others {
            assert_ne!(account(&settings), account(&other));
        }
    }

    #[test]
    fn a_password_that_was_given_under_one_protection_is_not_found_under_another() {
        let usual = CentralSettings::for_server("db.example.org");
        let others = [
            CentralSettings {
                tls: TlsMode::Disable,
                ..usual.clone()
            },
            CentralSettings {
                root_certificates: Some("/tmp/somebody.pem".into()),
                ..usual.clone()
            },
            CentralSettings {
                require_auth: Some("password".parse().unwrap()),
                ..usual.clone()
            },
        ];
        let accounts: Vec<_> = [&usual].into_iter().chain(&others).map(account).collect();
        for (index, one) in accounts.iter().enumerate() {
            assert!(!accounts[index + 1..].contains(one), "{accounts:?}");
        }
        assert_eq!(
            accounts[1],
            "colophon@db.example.org:5432/colophon (POSTGRES_SSLMODE=disable)"
        );
    }
}
