//! A server's certificate, read without judging it.
//!
//! The library that verifies chains refuses whole kinds of certificates that PostgreSQL's own manual tells people to
//! make, before it looks at anything else in them: those of X.509 version 1, which `openssl x509 -req` makes unless
//! told otherwise, and a certificate that is its own authority, which `openssl req -x509` makes. If nobody asks who the
//! server is, neither matters, only that it has the key. And if somebody asks, a person who has put exactly this
//! certificate among those to trust has already answered. Then its name and its dates are checked here, as libpq checks
//! them.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, PeerMisbehaved};
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The common name, within a subject.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// What is wrong with a certificate that cannot be verified, in the cases that deserve a message of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("its certificate is X.509 version 1, which cannot say whose it is")]
    VersionOne,
    #[error("its certificate is self-signed and not among those trusted here")]
    OwnAuthority,
    #[error("its certificate has the name only in the subject, not as a subjectAltName")]
    NameInSubjectOnly,
}

impl From<Flaw> for rustls::Error {
    fn from(flaw: Flaw) -> Self {
        CertificateError::Other(OtherError(Arc::new(flaw))).into()
    }
}

/// A certificate that a server has shown.
pub(super) struct Shown(Certificate);

impl Shown {
    pub(super) fn read(der: &CertificateDer<'_>) -> Result<Self, rustls::Error> {
        let read = Certificate::from_der(der);
        Ok(Self(read.map_err(|_| CertificateError::BadEncoding)?))
    }

    pub(super) fn is_of_version_one(&self) -> bool {
        self.0.tbs_certificate.version == Version::V1
    }

    /// Whether it was signed with its own key. Names alone do not tell: an authority and what it has signed may have
    /// the same name.
    pub(super) fn is_self_signed(&self, algorithms: &WebPkiSupportedAlgorithms) -> bool {
        let key = &self.0.tbs_certificate.subject_public_key_info;
        let (Ok(signed), Ok(kind), Ok(of_key)) = (
            self.0.tbs_certificate.to_der(),
            self.0.signature_algorithm.to_der(),
            key.algorithm.to_der(),
        ) else {
            return false;
        };
        let mut fitting = algorithms.all.iter().filter(|algorithm| {
            kind.ends_with(algorithm.signature_alg_id().as_ref())
                && of_key.ends_with(algorithm.public_key_alg_id().as_ref())
        });
        let (key, signature) = (key.subject_public_key.raw_bytes(), self.0.signature.raw_bytes());
        fitting.any(|algorithm| algorithm.verify_signature(key, &signed, signature).is_ok())
    }

    /// Whether it is valid today.
    pub(super) fn check_days(&self, now: UnixTime) -> Result<(), rustls::Error> {
        let validity = &self.0.tbs_certificate.validity;
        let [not_before, not_after] =
            [validity.not_before, validity.not_after].map(|time| UnixTime::since_unix_epoch(time.to_unix_duration()));
        if now < not_before {
            return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
        }
        if now > not_after {
            return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
        }
        Ok(())
    }

    /// Whether it is for this name, as libpq sees it: if there are no alternative names, by the common name of the
    /// subject.
    pub(super) fn check_name(&self, name: &ServerName<'_>) -> Result<(), rustls::Error> {
        let alternatives = self.alternative_names();
        let is_for = if alternatives.is_empty() {
            self.is_for_in_subject(name)
        } else {
            alternatives.iter().any(|presented| is_same(presented, name))
        };
        if is_for {
            Ok(())
        } else {
            Err(CertificateError::NotValidForName.into())
        }
    }

    /// Whether a name for which it cannot be verified is its common name.
    pub(super) fn is_for_in_subject_only(&self, name: &ServerName<'_>) -> bool {
        self.alternative_names().is_empty() && self.is_for_in_subject(name)
    }

    fn is_for_in_subject(&self, name: &ServerName<'_>) -> bool {
        let parts = self.0.tbs_certificate.subject.0.iter().flat_map(|parts| parts.0.iter());
        let names = parts.filter(|part| part.oid == COMMON_NAME);
        names
            .filter_map(|part| std::str::from_utf8(part.value.value()).ok())
            .any(|common| match name {
                ServerName::IpAddress(_) => common == name.to_str(),
                _ => is_same_host(common, &name.to_str()),
            })
    }

    fn alternative_names(&self) -> Vec<GeneralName> {
        let found = self.0.tbs_certificate.get::<SubjectAltName>();
        let names = found.ok().flatten().map(|(_, names)| names.0).unwrap_or_default();
        let of_servers = |name: &GeneralName| matches!(name, GeneralName::DnsName(_) | GeneralName::IpAddress(_));
        names.into_iter().filter(of_servers).collect()
    }

    fn key(&self) -> Result<SubjectPublicKeyInfoDer<'static>, rustls::Error> {
        let key = self.0.tbs_certificate.subject_public_key_info.to_der();
        Ok(SubjectPublicKeyInfoDer::from(
            key.map_err(|_| CertificateError::BadEncoding)?,
        ))
    }

    /// Whether the server has the key, judging by its signature in a TLS 1.3 handshake.
    pub(super) fn check_signature_13(
        &self,
        message: &[u8],
        signature: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<(), rustls::Error> {
        rustls::crypto::verify_tls13_signature_with_raw_key(message, &self.key()?, signature, algorithms).map(drop)
    }

    /// The same for TLS 1.2, where a scheme does not say which curve it is for.
    pub(super) fn check_signature_12(
        &self,
        message: &[u8],
        signature: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<(), rustls::Error> {
        let key = &self.0.tbs_certificate.subject_public_key_info;
        let kind = key.algorithm.to_der().map_err(|_| CertificateError::BadEncoding)?;
        let schemes = algorithms.mapping.iter();
        let (_, fitting) = schemes
            .into_iter()
            .find(|(scheme, _)| *scheme == signature.scheme)
            .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        // The algorithm names the inside of the sequence that the certificate has.
        let algorithm = fitting
            .iter()
            .find(|algorithm| kind.ends_with(algorithm.public_key_alg_id().as_ref()))
            .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        algorithm
            .verify_signature(key.subject_public_key.raw_bytes(), message, signature.signature())
            .map_err(|_| CertificateError::BadSignature.into())
    }
}

fn is_same(presented: &GeneralName, name: &ServerName<'_>) -> bool {
    match (presented, name) {
        (GeneralName::DnsName(host), ServerName::DnsName(name)) => is_same_host(host.as_str(), name.as_ref()),
        (GeneralName::IpAddress(bytes), ServerName::IpAddress(address)) => match IpAddr::from(*address) {
            IpAddr::V4(address) => bytes.as_bytes() == address.octets(),
            IpAddr::V6(address) => bytes.as_bytes() == address.octets(),
        },
        _ => false,
    }
}

/// Whether a host matches a name in which a star may stand for the first part.
fn is_same_host(presented: &str, host: &str) -> bool {
    let host = host.trim_end_matches('.');
    match presented.strip_prefix("*.") {
        Some(rest) => host
            .split_once('.')
            .is_some_and(|(_, of)| of.eq_ignore_ascii_case(rest)),
        None => presented.eq_ignore_ascii_case(host),
    }
}
