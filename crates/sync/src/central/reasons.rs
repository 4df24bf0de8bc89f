//! Why a connection could not be made, distinguished as far as a person can do something different about it.
//!
//! The libraries below say it in words and in layers. The layers are examined here, once, so that nobody above compares
//! words.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use super::certificate::Flaw;
/// `WSAHOST_NOT_FOUND` to `WSANO_DATA`. On other systems there are no errors with these numbers.
const NAME_NOT_FOUND_ON_WINDOWS: RangeInclusive<i32> = 11001..=11004;

/// Which part of making a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// The bytes did not get through, or mean nothing.
    Wire,
    /// The encryption.
    Encryption,
    /// What was known beforehand was not enough: there was no password.
    Settings,
    /// The exchange by which both prove that they know the password.
    Proof,
}

impl Layer {
    /// tokio-postgres keeps its error kinds private and reveals them only by words of its own, one wording for each
    /// kind; the server's words never get in there. The last test of this file makes sure that those words stay the
    /// same.
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        match error.to_string().as_str() {
            "error performing TLS handshake" => Self::Encryption,
            "invalid configuration" => Self::Settings,
            "authentication error" => Self::Proof,
            _ => Self::Wire,
        }
    }
}

/// Why nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyUnreachable {
    /// No address belongs to the name: it is misspelt, or there is no network.
    NameNotFound,
    /// The computer is there, but nothing listens on the port.
    Refused,
    /// Something listens there that does not speak like PostgreSQL, or hangs up without a word.
    NotPostgres,
    /// The path there is broken.
    Network,
}

/// Why the connection could not be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyInsecure {
    /// Nobody who is trusted here issued the certificate.
    NotTrusted,
    /// The certificate is for another name.
    OtherName,
    /// The certificate has expired.
    Expired {
        /// Since when, if that is known.
        since: Option<Timestamp>,
    },
    /// The certificate is not valid yet, or this computer's clock is behind.
    NotValidYet {
        /// From when on it is valid, if that is known.
        from: Option<Timestamp>,
    },
    /// The certificate is of a kind that cannot be verified: X.509 version 1.
    VersionOne,
    /// The certificate is its own authority, and not among the trusted ones.
    OwnAuthority,
    /// The certificate has the right name, but only where it no longer counts.
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
        match cause.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            // A server of our kind says why it hangs up.
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput => Self::NotPostgres,
            io::ErrorKind::TimedOut => Self::Network,
            // Put together by the codec, in the middle of what should have been a message.
            io::ErrorKind::Other if cause.raw_os_error().is_none() => Self::NotPostgres,
            // Every error of the system's network has a number; a failed name lookup has none, or one of its own on
            // Windows.
            _ if cause
                .raw_os_error()
                .is_none_or(|number| NAME_NOT_FOUND_ON_WINDOWS.contains(&number)) =>
            {
                Self::NameNotFound
            }
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

    /// The facts, where the libraries state them only for programs: they count in seconds since 1970.
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

/// The command that signs the certificate request as PostgreSQL's manual does, but adds what makes it a modern one.
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

/// The host in an address with a port. Returns nothing that could be more than a name to a shell, because people copy
/// it into one.
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

#[cfg(test)]
pub(super) mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_postgres::{Config, NoTls, config::SslMode};

    use super::*;

    /// What a program is told when it meets a server that answers its first message with these bytes.
    pub(in crate::central) async fn error_after(
        answer: &'static [u8],
        password: Option<&str>,
        encrypts: bool,
    ) -> tokio_postgres::Error {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 8]).await.unwrap();
            stream.write_all(answer).await.unwrap();
            // It says no more: whoever takes a greeting for the head of a long message learns that nothing follows.
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
        let mode = if encrypts { SslMode::Require } else { SslMode::Disable };
        let mut config = Config::new();
        config.host("127.0.0.1").port(port).user("ann").ssl_mode(mode);
        if let Some(password) = password {
            config.password(password);
        }
        config.connect(NoTls).await.map(drop).unwrap_err()
    }

    #[tokio::test]
    async fn the_librarys_words_for_its_layers_are_still_these() {
        let in_clear: &[u8] = b"R\0\0\0\x08\0\0\0\x03";
        let unknown_proof: &[u8] = b"R\0\0\0\x0b\0\0\0\x0aX\0\0";
        let no_password = error_after(in_clear, None, false).await;
        assert_eq!(Layer::of(&no_password), Layer::Settings);
        assert_eq!(
            Layer::of(&error_after(unknown_proof, Some("x"), false).await),
            Layer::Proof
        );
        let not_offered = error_after(b"N", None, true).await;
        assert_eq!(Layer::of(&not_offered), Layer::Encryption);
        assert_eq!(Layer::of(&error_after(b"220 mail\r\n", None, false).await), Layer::Wire);
    }
}
