//! Why a connection could not be made, told apart as far as a person can do something different about it.
//!
//! The libraries below say it in words and in layers. Here the layers are looked through, once, so that nobody above compares words.

use std::error::Error;
use std::io;

use rustls::CertificateError;

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
    /// The certificate is over, or not valid yet.
    Expired,
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
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput => Self::NotPostgres,
            // The standard library has no kind for it.
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
            Some(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => Self::Expired,
            Some(_) => Self::NotTrusted,
            None if causes(error).any(|cause| cause.to_string().contains("does not support TLS")) => Self::NotOffered,
            None => Self::Other,
        }
    }
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}
