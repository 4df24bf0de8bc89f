//! Why a connection could not be made, told apart as far as a person can do something different about it.
//!
//! The libraries below say it in words and in layers. Here the layers are looked through, once, so that nobody above compares words.

use std::error::Error;
use std::io;
use std::net::IpAddr;

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use super::certificate::Flaw;

/// Why nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyUnreachable {
    /// No address belongs to the name: it is mistyped, or there is no network.
    NameNotFound,
    /// The computer is there, and nothing listens at the port.
    Refused,
    /// Something listens there that does not speak as PostgreSQL does, or hangs up without a word.
    NotPostgres,
    /// The way there is broken.
    Network,
}

/// Why the connection could not be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyInsecure {
    /// The certificate comes from nobody who is trusted here.
    NotTrusted,
    /// The certificate is for another name.
    OtherName,
    /// The certificate is over.
    Expired {
        /// Since when, where that is known.
        since: Option<Timestamp>,
    },
    /// The certificate is not valid yet, or the clock of this computer is behind.
    NotValidYet {
        /// From when on it is, where that is known.
        from: Option<Timestamp>,
    },
    /// The certificate is of a kind that cannot be verified: X.509 version 1.
    VersionOne,
    /// The certificate is its own authority, and not among those that are trusted.
    OwnAuthority,
    /// The certificate has the right name, and only where it does not count any more.
    NameInSubjectOnly,
    /// The server offers no encryption.
    NotOffered,
    /// The file with certificates cannot be used.
    CertificateFile,
    /// Something else.
    Other,
}

impl WhyUnreachable {
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let Some(cause) = causes(error).find_map(<dyn Error>::downcast_ref::<io::Error>) else {
            // The wire was fine, what came over it was not.
            return Self::NotPostgres;
        };
        let words = cause.to_string();
        match cause.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            // A server of ours says why it hangs up.
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput => Self::NotPostgres,
            // In the middle of what would have been a message. Neither this nor a name has a kind of its own.
            _ if words.contains("bytes remaining") => Self::NotPostgres,
            _ if words.contains("lookup address") || words.contains("No such host") => Self::NameNotFound,
            _ => Self::Network,
        }
    }
}

impl WhyInsecure {
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let certificate = causes(error).find_map(|cause| {
            let inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let of_tls = cause
                .downcast_ref::<rustls::Error>()
                .or_else(|| inside.and_then(|inside| inside.downcast_ref::<rustls::Error>()));
            match of_tls {
                Some(rustls::Error::InvalidCertificate(certificate)) => Some(certificate.clone()),
                _ => None,
            }
        });
        match certificate {
            Some(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
                Self::OtherName
            }
            Some(CertificateError::Expired) => Self::Expired { since: None },
            Some(CertificateError::ExpiredContext { not_after, .. }) => Self::Expired {
                since: timestamp(not_after),
            },
            Some(CertificateError::NotValidYet) => Self::NotValidYet { from: None },
            Some(CertificateError::NotValidYetContext { not_before, .. }) => Self::NotValidYet {
                from: timestamp(not_before),
            },
            Some(CertificateError::Other(other)) => match other.0.downcast_ref::<Flaw>() {
                Some(Flaw::VersionOne) => Self::VersionOne,
                Some(Flaw::OwnAuthority) => Self::OwnAuthority,
                Some(Flaw::NameInSubjectOnly) => Self::NameInSubjectOnly,
                None => Self::NotTrusted,
            },
            Some(_) => Self::NotTrusted,
            None if causes(error).any(|cause| cause.to_string().contains("does not support TLS")) => Self::NotOffered,
            None => Self::Other,
        }
    }

    /// What is so, where the libraries say it for themselves only: they count in seconds since 1970.
    pub(super) fn words(self) -> Option<String> {
        let day = |at: Timestamp| at.strftime("%F %H:%M UTC").to_string();
        match self {
            Self::Expired { since: Some(since) } => Some(format!("its certificate expired on {}", day(since))),
            Self::Expired { since: None } => Some("its certificate has expired".to_owned()),
            Self::NotValidYet { from: Some(from) } => {
                Some(format!("its certificate is not valid before {}", day(from)))
            }
            Self::NotValidYet { from: None } => Some("its certificate is not valid yet".to_owned()),
            Self::VersionOne => Some(Flaw::VersionOne.to_string()),
            Self::OwnAuthority => Some(Flaw::OwnAuthority.to_string()),
            Self::NameInSubjectOnly => Some(Flaw::NameInSubjectOnly.to_string()),
            _ => None,
        }
    }

    /// What to do about it, at a server with this address.
    pub(super) fn advice(self, server: &str) -> String {
        match self {
            Self::Expired { .. } => "whoever runs the server has to renew its certificate".to_owned(),
            Self::NotValidYet { .. } => "check the clock of this computer, then ask whoever runs the server".to_owned(),
            Self::VersionOne | Self::NameInSubjectOnly => format!(
                "whoever runs the server signs its request once more, with the name in it: `{}`; without the check of who the server \
                 is, POSTGRES_SSLMODE=require takes it as it is",
                signing(server)
            ),
            Self::OwnAuthority => format!(
                "copy that certificate from the server (server.crt) and name the copy in POSTGRES_SSLROOTCERT; whoever runs the \
                 server makes one that can be copied with `{}`",
                making(server)
            ),
            _ => "check the server's certificate, POSTGRES_SSLROOTCERT and POSTGRES_SSLMODE".to_owned(),
        }
    }
}

/// The command that signs the request for a certificate as PostgreSQL's manual does, but with what makes it one of today.
fn signing(server: &str) -> String {
    let name = alternative_name(server);
    format!(
        "echo subjectAltName={name} > server.ext && openssl x509 -req -in server.csr -days 365 -CA root.crt -CAkey root.key \
         -CAcreateserial -extfile server.ext -out server.crt"
    )
}

/// The command that makes a certificate which is its own authority, likewise.
fn making(server: &str) -> String {
    let name = alternative_name(server);
    let host = host_of(server);
    format!(
        "openssl req -new -x509 -days 365 -nodes -subj /CN={host} -addext subjectAltName={name} -keyout server.key -out server.crt"
    )
}

fn alternative_name(server: &str) -> String {
    let host = host_of(server);
    let kind = if host.parse::<IpAddr>().is_ok() { "IP" } else { "DNS" };
    format!("{kind}:{host}")
}

/// The host of an address with a port. Of what could be more than a name to a shell, nothing: it is to be copied into one.
fn host_of(server: &str) -> &str {
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':' | '_');
    if host.chars().all(is_plain) { host } else { "SERVER" }
}

fn timestamp(time: UnixTime) -> Option<Timestamp> {
    let seconds = i64::try_from(time.as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}
