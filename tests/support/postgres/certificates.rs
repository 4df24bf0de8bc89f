//! The certificate of a server for tests, and the authority that signed it.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

/// An authority of our own, and a certificate of the server that it signed.
pub(super) fn write_certificates(folder: &Path, years: Range<i32>) -> anyhow::Result<()> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let mut server = CertificateParams::new(vec!["localhost".to_owned()])?;
    (server.not_before, server.not_after) = (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
    let server = server.signed_by(&key, &authority)?;
    fs::write(folder.join("authority.pem"), authority.pem())?;
    fs::write(folder.join("server.pem"), server.pem())?;
    let key_file = folder.join("server.key");
    fs::write(&key_file, key.serialize_pem())?;
    fs::set_permissions(key_file, fs::Permissions::from_mode(0o600))?;
    // The directory of the socket must be searchable for us, whoever the server runs as.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
