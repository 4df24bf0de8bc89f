//! The result of trying a connection, sorted by what the person can do about it. The window has the words.

use colophon_sync::central::{CentralSettings, Error, Finding, HungUp, WhyInsecure, WhyUnreachable};
use jiff::Timestamp;
use serde::Serialize;
use specta::Type;

use super::fields::ConnectionField;
use crate::error::sentence;
use crate::wire::{count, instant};

/// The outcome of trying a connection.
#[derive(Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Tried {
    /// Everything is there.
    Ready {
        /// The revision of the catalogue.
        revision: u32,
        /// The server's version.
        server_version: String,
    },
    /// The database is there, and the catalogue is not, or is not made by Colophon.
    NotPrepared {
        /// The schema.
        schema: String,
        /// Whether it exists.
        schema_exists: bool,
        /// Whether this login may prepare it.
        may_prepare: bool,
        /// Who owns the database.
        owner: String,
    },
    /// The login may look and not write.
    ReadOnly {
        /// The role that it lacks.
        role: String,
    },
    /// It did not come so far.
    Stopped {
        /// Where.
        trouble: Trouble,
        /// The field that it is about, as far as that is known.
        field: Option<ConnectionField>,
        /// The words of the server or the system.
        words: String,
        /// The moment that it is about: the end of a certificate, or its beginning.
        at: Option<String>,
        /// Whether it may be different the next time, so that the settings may be right all the same.
        may_pass: bool,
    },
}

/// What stopped a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    /// No address belongs to the name.
    NameNotFound,
    /// Nothing listens at the port.
    Refused,
    /// Something else listens there.
    NotPostgres,
    /// The way there is broken.
    Network,
    /// The server accepted and said nothing.
    Silent,
    /// The server cannot serve now.
    Unavailable,
    /// The certificate is not trusted.
    NotTrusted,
    /// The certificate is for another name.
    OtherName,
    /// The certificate is over.
    Expired,
    /// The certificate is not valid yet.
    NotValidYet,
    /// The server offers no encryption.
    NoEncryption,
    /// The file with certificates cannot be used.
    CertificateFile,
    /// Something else about the encryption.
    Encryption,
    /// The password is wrong, or the login is unknown: the server does not say which.
    WrongPassword,
    /// The server asks for a password and none is known.
    NoPassword,
    /// The server asks to sign in by a way that is not allowed.
    SignIn,
    /// The server does not let this login in.
    LoginRefused,
    /// There is no such database.
    NoDatabase,
    /// The login may not use the catalogue.
    NotAllowed,
    /// The catalogue lacks migrations.
    Older,
    /// The catalogue was migrated by a newer program.
    Newer,
    /// Something else.
    Other,
}

impl Tried {
    /// The result of examining these settings.
    pub(super) fn of(settings: &CentralSettings, examined: Result<Finding, Error>) -> Self {
        let schema = settings.schema.to_string();
        match examined {
            Ok(Finding::Ready {
                revision,
                server_version,
            }) => Self::Ready {
                revision: count(revision.unsigned_abs()),
                server_version,
            },
            Ok(Finding::NotPrepared {
                schema_exists,
                may_prepare,
                owner,
            }) => Self::NotPrepared {
                schema,
                schema_exists,
                may_prepare,
                owner,
            },
            Ok(Finding::ReadOnly { .. }) => Self::ReadOnly {
                role: format!("{schema}_editor"),
            },
            Err(error) => Self::stopped(&error),
        }
    }

    fn stopped(error: &Error) -> Self {
        use ConnectionField::{Certificates, Database, Password, Port, Protection, Schema, Server, SignIn, User};
        let (trouble, field, words) = match error {
            Error::Unreachable { reason, why, .. } => match why {
                WhyUnreachable::NameNotFound => (Trouble::NameNotFound, Some(Server), reason),
                WhyUnreachable::Refused => (Trouble::Refused, Some(Port), reason),
                WhyUnreachable::NotPostgres => (Trouble::NotPostgres, Some(Port), reason),
                WhyUnreachable::Network => (Trouble::Network, Some(Server), reason),
            },
            Error::Timeout { .. } => (Trouble::Silent, Some(Server), &error.to_string()),
            Error::ConnectionLost { reason, .. } => (Trouble::Network, None, reason),
            Error::ReadOnly { reason, .. } | Error::Unavailable { reason, .. } | Error::Busy { reason } => {
                (Trouble::Unavailable, None, reason)
            }
            Error::Tls { reason, why, .. } => match why {
                WhyInsecure::NotTrusted => (Trouble::NotTrusted, Some(Certificates), reason),
                // Not only what is wrong, but also the command that makes a correct one.
                WhyInsecure::VersionOne | WhyInsecure::OwnAuthority | WhyInsecure::NameInSubjectOnly => {
                    (Trouble::NotTrusted, Some(Certificates), &error.to_string())
                }
                WhyInsecure::OtherName => (Trouble::OtherName, Some(Server), reason),
                WhyInsecure::Expired { .. } => (Trouble::Expired, None, reason),
                WhyInsecure::NotValidYet { .. } => (Trouble::NotValidYet, None, reason),
                WhyInsecure::NotOffered => (Trouble::NoEncryption, Some(Protection), reason),
                WhyInsecure::CertificateFile => (Trouble::CertificateFile, Some(Certificates), reason),
                WhyInsecure::Other => (Trouble::Encryption, Some(Protection), reason),
            },
            Error::WrongPassword { .. } => (Trouble::WrongPassword, Some(Password), &String::new()),
            Error::NoPassword { keychain, .. } => {
                let why = keychain.as_ref().map(ToString::to_string).unwrap_or_default();
                (Trouble::NoPassword, Some(Password), &{ why })
            }
            Error::HungUp(HungUp::AuthNotAllowed { .. }) => (Trouble::SignIn, Some(SignIn), &error.to_string()),
            Error::LoginRefused { reason, .. } => (Trouble::LoginRefused, Some(User), reason),
            Error::NoDatabase { .. } => (Trouble::NoDatabase, Some(Database), &String::new()),
            Error::NotAllowed { reason, .. } => (Trouble::NotAllowed, Some(User), reason),
            Error::Older { .. } => (Trouble::Older, Some(Schema), &error.to_string()),
            Error::ServerNewer { .. } => (Trouble::Newer, Some(Schema), &error.to_string()),
            _ => (Trouble::Other, None, &error.to_string()),
        };
        Self::Stopped {
            trouble,
            field,
            words: if words.is_empty() {
                String::new()
            } else {
                sentence(words)
            },
            at: moment(error).map(instant),
            may_pass: error.passes_by_itself(),
        }
    }
}

fn moment(error: &Error) -> Option<Timestamp> {
    match error {
        Error::Tls {
            why: WhyInsecure::Expired { since: at } | WhyInsecure::NotValidYet { from: at },
            ..
        } => *at,
        _ => None,
    }
}
