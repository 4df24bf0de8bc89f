//! Encryption and the question who the server is, with libpq's meanings.
//!
//! rustls verifies the certificate chain and the name in one step; libpq's `verify-ca` leaves the name out, and its
//! `require` and `prefer` leave out both (unless a certificate file is given, when `require` means `verify-ca`). The
//! verifiers here wrap the strict one and forgive exactly that.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::settings::{CentralSettings, TlsMode};

/// How far the server's identity is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Anyone,
    Authority,
    AuthorityAndName,
}

/// The connector for these settings. Reads certificates from disk. The error is in words, for [`Error::Tls`](super::Error::Tls).
pub(super) fn connector(settings: &CentralSettings) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let file = settings.root_certificates.as_deref();
    let trust = match settings.tls {
        TlsMode::VerifyFull => Trust::AuthorityAndName,
        TlsMode::VerifyCa => Trust::Authority,
        TlsMode::Require if file.is_some() => Trust::Authority,
        TlsMode::Disable | TlsMode::Allow | TlsMode::Prefer | TlsMode::Require => Trust::Anyone,
    };
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anyone => Arc::new(AnyCertificate {
            provider: provider.clone(),
        }),
        Trust::Authority => Arc::new(AnyName {
            strict: strict(file, &provider)?,
        }),
        Trust::AuthorityAndName => strict(file, &provider)?,
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

fn strict(file: Option<&Path>, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, String> {
    let roots = match file {
        Some(file) => roots_of_file(file)?,
        None => roots_of_system()?,
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| error.to_string())
}

fn roots_of_file(file: &Path) -> Result<RootCertStore, String> {
    let in_words = |reason: &dyn std::fmt::Display| format!("the certificate file {} {reason}", file.display());
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| in_words(&format!("cannot be read: {error}")))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| in_words(&format!("is damaged: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| in_words(&format!("is not usable: {error}")))?;
    }
    if roots.is_empty() {
        return Err(in_words(&"holds no certificate"));
    }
    Ok(roots)
}

fn roots_of_system() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err("this system has no trusted certificates".to_owned());
    }
    Ok(roots)
}

/// Accepts every certificate whose key the server has: the connection is encrypted, to whomever it leads.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

/// Accepts a certificate of a trusted authority for any name.
#[derive(Debug)]
struct AnyName {
    strict: Arc<WebPkiServerVerifier>,
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
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self
            .strict
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verdict {
            // The chain is verified before the name, so this is the only thing wrong.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.strict.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.strict.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
