//! The system's keychain: the one place where a password of ours may be kept, and it is not ours.
//!
//! On Linux it is the Secret Service (GNOME Keyring, `KWallet`), on macOS the Keychain, on Windows the Credential Manager.
//! Each may be locked and ask the person first, so it is spoken to on a thread of its own, for a limited time. Where there is
//! none, the password comes from the environment.

use std::time::Duration;

use keyring::Entry;

use crate::central::{CentralSettings, Password};

/// How long the keychain may take, a question to the person included.
pub const KEYCHAIN_TIMEOUT: Duration = Duration::from_mins(2);
/// The name under which the keychain lists our passwords.
const SERVICE: &str = "Colophon";

/// Why the keychain did not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// This system has none, or it cannot be reached.
    #[error("no keychain can be reached here ({reason}); set POSTGRES_PASSWORD instead")]
    Unavailable {
        /// The system's words.
        reason: String,
    },
    /// It was locked and stayed so, or did not answer.
    #[error("the keychain did not open; unlock it, or set POSTGRES_PASSWORD")]
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

/// Keeps the password for these settings in the keychain.
pub async fn remember(settings: &CentralSettings, password: &Password) -> Result<(), KeychainError> {
    let secret = password.clone();
    ask(settings, move |entry| entry.set_password(secret.secret())).await
}

/// Takes the password for these settings out of the keychain.
pub async fn forget(settings: &CentralSettings) -> Result<(), KeychainError> {
    ask(settings, |entry| match entry.delete_credential() {
        Err(keyring::Error::NoEntry) => Ok(()),
        other => other,
    })
    .await
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
        Ok(Ok(Err(error))) => Err(KeychainError::Unavailable {
            reason: error.to_string(),
        }),
        Ok(Err(stopped)) => Err(KeychainError::Unavailable {
            reason: stopped.to_string(),
        }),
    }
}

/// Whose password it is, as the keychain shows it to the person.
fn account(settings: &CentralSettings) -> String {
    format!("{}@{}/{}", settings.user, settings.address(), settings.database)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_belongs_to_a_login_on_a_server() {
        let settings = CentralSettings::for_server("db.example.org");
        assert_eq!(account(&settings), "colophon@db.example.org:5432/colophon");
        let other = CentralSettings {
            port: 5433,
            ..settings.clone()
        };
        assert_ne!(account(&settings), account(&other));
    }

    /// Says something true with a keychain and without one; nothing is left behind.
    #[tokio::test]
    async fn what_is_remembered_is_found_and_what_is_forgotten_is_not() {
        let settings = CentralSettings::for_server("nowhere.invalid");
        let secret = Password::new("throwaway");
        match remember(&settings, &secret).await {
            Ok(()) => {
                assert_eq!(password(&settings).await, Ok(Some(secret)));
                assert_eq!(forget(&settings).await, Ok(()));
                assert_eq!(password(&settings).await, Ok(None));
                assert_eq!(forget(&settings).await, Ok(()), "it is gone already");
            }
            Err(error) => {
                assert_eq!(password(&settings).await, Err(error.clone()));
                assert!(!error.to_string().contains("throwaway"), "{error}");
            }
        }
    }
}
