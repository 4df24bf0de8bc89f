//! What the page says about a server, and what of that counts.
//!
//! The page may have been taken over, and then it names a server of its own. That server must get nothing that the page
//! does not know anyway. Three things could be sent there: the password from the environment, the password in the
//! keychain, and the content of a file. So if another layer names the server, that layer says everything about it and
//! the page nothing; a stored password goes only where it goes without the page, and under the same protection; and
//! certificates are read only from a file that a person has chosen.

use std::path::Path;

use colophon_store::settings::Sources;
use colophon_sync::central::{Central, CentralSettings, Password};
use colophon_sync::keychain;

use super::fields::{ConnectionField, ConnectionTexts, about_field, of_setting};
use crate::chosen::{Chosen, Purpose};
use crate::error::CommandError;
use crate::location;

/// The settings of a server as the page wants them.
pub(super) struct Wished {
    /// As they would be in effect; `None` without a server.
    pub(super) settings: Option<CentralSettings>,
    /// As they are in effect now.
    pub(super) held: Option<CentralSettings>,
    /// Whether what the page says counts. It does not if the environment, or the file that it names, names the server.
    pub(super) counts: bool,
}

impl Wished {
    /// What follows from these texts for a catalogue.
    pub(super) fn of(
        catalogue: &Path,
        chosen: &Chosen,
        texts: &ConnectionTexts,
        password: &str,
    ) -> Result<Self, CommandError> {
        let sources = location::sources(catalogue)?;
        let counts = !sources.is_fixed(CentralSettings::SERVER);
        if counts {
            refuse_unchosen(&sources, chosen, texts)?;
        }
        let held = CentralSettings::from_sources(&sources).ok().flatten();
        let values = texts.values();
        let sources = if counts {
            let values = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            sources.replacing(CentralSettings::PREFIX, values)
        } else {
            sources
        };
        let settings = CentralSettings::from_sources(&sources).map_err(|error| of_setting(error, texts))?;
        let typed = || (!password.is_empty()).then(|| Password::new(password));
        Ok(Self {
            settings: settings.map(|settings| CentralSettings {
                password: settings.password.or_else(typed),
                ..settings
            }),
            held,
            counts,
        })
    }
}

/// Certificates are read only from a file that was chosen, or that is in the settings.
fn refuse_unchosen(sources: &Sources, chosen: &Chosen, texts: &ConnectionTexts) -> Result<(), CommandError> {
    let file = texts.certificates.trim();
    let known = file.is_empty()
        || sources.get("POSTGRES_SSLROOTCERT")? == Some(file)
        || chosen.has(Purpose::Certificates, Path::new(file));
    if known {
        return Ok(());
    }
    Err(about_field(
        ConnectionField::Certificates,
        "Nobody has chosen this file. Choose it with the button beside it.",
    ))
}

/// A server with these settings that may be asked with a password from the keychain. The password is stored there for
/// the protection under which it was given: if that has changed, the person is told to type it once more.
pub(super) async fn with_kept_password(
    settings: CentralSettings,
    held: Option<&CentralSettings>,
) -> Result<Central, CommandError> {
    if settings.password.is_none() && !is_kept(&settings).await {
        for other in otherwise_protected(&settings, held) {
            if is_kept(&other).await {
                return Err(about_field(
                    ConnectionField::Password,
                    "The password that is kept for this server was kept for another protection. Type it once more to use it with this one.",
                ));
            }
        }
    }
    Ok(Central::new(settings).asking_keychain())
}

async fn is_kept(settings: &CentralSettings) -> bool {
    matches!(keychain::password(settings).await, Ok(Some(_)))
}

/// The same login with other kinds of protection: the usual one, and the one with which it is signed in now.
fn otherwise_protected(settings: &CentralSettings, held: Option<&CentralSettings>) -> Vec<CentralSettings> {
    let usual = CentralSettings::for_server(settings.server.as_str());
    let mut others = Vec::new();
    for of in [Some(&usual), held].into_iter().flatten() {
        let other = CentralSettings {
            tls: of.tls,
            root_certificates: of.root_certificates.clone(),
            require_auth: of.require_auth,
            ..settings.clone()
        };
        if !other.is_protected_as(settings) {
            others.push(other);
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use colophon_sync::central::TlsMode;

    use super::*;

    #[test]
    fn a_kept_password_is_looked_for_under_the_protections_that_are_known() {
        let usual = CentralSettings::for_server("db.example.org");
        assert!(otherwise_protected(&usual, None).is_empty());
        let bare = CentralSettings {
            tls: TlsMode::Disable,
            ..usual.clone()
        };
        assert_eq!(otherwise_protected(&bare, Some(&bare)), std::slice::from_ref(&usual));
        assert_eq!(otherwise_protected(&usual, Some(&bare)), [bare]);
    }
}
