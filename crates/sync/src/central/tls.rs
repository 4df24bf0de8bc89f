//! Encryption and checking who the server is, with libpq's meanings.
//!
//! rustls verifies the certificate chain and the name in one step; libpq's `verify-ca` leaves the name out, and its
//! `require` and `prefer` leave out both (unless a certificate file is given, in which case `require` means
//! `verify-ca`). The verifiers here wrap the strict one and forgive exactly that. They also accept one thing that it
//! refuses: a certificate that is itself among those to trust, whatever [kind](super::certificate) it is.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::certificate::{Flaw, Shown};
use super::settings::{CentralSettings, TlsMode};

/// How far the server's identity is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Anyone,
    Authority,
    AuthorityAndName,
}

impl Trust {
    fn of(settings: &CentralSettings) -> Self {
        match settings.tls {
            TlsMode::VerifyFull => Self::AuthorityAndName,
            TlsMode::VerifyCa => Self::Authority,
            TlsMode::Require if settings.root_certificates.is_some() => Self::Authority,
            TlsMode::Disable | TlsMode::Allow | TlsMode::Prefer | TlsMode::Require => Self::Anyone,
        }
    }
}

/// Whether a connection with these settings is certain to lead to the right server. Without checking the name, that
/// takes an authority of one's own: anybody can get a certificate from one of those that a system trusts.
pub(super) fn proves_who(settings: &CentralSettings) -> bool {
    match Trust::of(settings) {
        Trust::Anyone => false,
        Trust::Authority => settings.root_certificates.is_some(),
        Trust::AuthorityAndName => true,
    }
}

/// The connector for these settings. Reads certificates from disk. The error is in words, for
/// [`Error::Tls`](super::Error::Tls).
pub(super) fn connector(settings: &CentralSettings) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let file = settings.root_certificates.as_deref();
    let algorithms = provider.signature_verification_algorithms;
    let verifier: Arc<dyn ServerCertVerifier> = match Trust::of(settings) {
        Trust::Anyone => Arc::new(AnyCertificate { algorithms }),
        trust => Arc::new(Trusted::new(file, &provider, trust == Trust::AuthorityAndName)?),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn certificates_of_file(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let in_words = |reason: &dyn std::fmt::Display| format!("the certificate file {} {reason}", file.display());
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| in_words(&format!("cannot be read: {error}")))?;
    let certificates = certificates.collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| in_words(&format!("is damaged: {error}")))?;
    if certificates.is_empty() {
        return Err(in_words(&"holds no certificate"));
    }
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        let added = roots.add(certificate.clone());
        added.map_err(|error| in_words(&format!("is not usable: {error}")))?;
    }
    Ok(certificates)
}

/// Accepts every certificate whose key the server has: the connection is encrypted, no matter to whom it leads.
#[derive(Debug)]
struct AnyCertificate {
    algorithms: WebPkiSupportedAlgorithms,
}

/// Accepts a certificate from a trusted authority, or one that is itself trusted.
#[derive(Debug)]
struct Trusted {
    chain: Arc<WebPkiServerVerifier>,
    /// The trusted ones, in the bytes in which they were read.
    themselves: Vec<CertificateDer<'static>>,
    asks_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Trusted {
    fn new(file: Option<&Path>, provider: &Arc<CryptoProvider>, asks_name: bool) -> Result<Self, String> {
        let themselves = match file {
            Some(file) => certificates_of_file(file)?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(themselves.iter().cloned());
        if roots.is_empty() {
            return Err("this system has no trusted certificates".to_owned());
        }
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        Ok(Self {
            chain: chain.map_err(|error| error.to_string())?,
            themselves,
            asks_name,
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// The verdict on a certificate that a person has declared trusted.
    fn trusted_itself(
        &self,
        shown: &Shown,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        shown.check_days(now)?;
        if self.asks_name {
            shown.check_name(name)?;
        }
        Ok(ServerCertVerified::assertion())
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Shown::read(certificate)?.check_signature_12(message, signature, &self.algorithms)?;
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Shown::read(certificate)?.check_signature_13(message, signature, &self.algorithms)?;
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for Trusted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self
            .chain
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let Err(error) = verdict else {
            return verdict;
        };
        let shown = Shown::read(end_entity)?;
        if self.themselves.iter().any(|trusted| trusted == end_entity) {
            return self.trusted_itself(&shown, server_name, now);
        }
        let of_chain = match &error {
            // The chain is verified before the name, so this is the only thing wrong.
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => {
                return if !self.asks_name {
                    Ok(ServerCertVerified::assertion())
                } else if shown.is_for_in_subject_only(server_name) {
                    Err(Flaw::NameInSubjectOnly.into())
                } else {
                    Err(error)
                };
            }
            rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::Other(_) | CertificateError::BadEncoding,
            ) => error,
            _ => return Err(error),
        };
        Err(if shown.is_self_signed(&self.algorithms) {
            Flaw::OwnAuthority.into()
        } else if shown.is_of_version_one() {
            Flaw::VersionOne.into()
        } else {
            of_chain
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Shown::read(certificate)?.check_signature_12(message, signature, &self.algorithms)?;
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Shown::read(certificate)?.check_signature_13(message, signature, &self.algorithms)?;
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
