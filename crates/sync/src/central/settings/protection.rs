//! How a password is protected on its way to a server. A password given for one protection is not meant for another:
//! encryption that may be left out, somebody else's certificate, or a way to sign in that shows the password are each
//! enough to lose it.

use std::net::IpAddr;
use std::str::FromStr;

use super::CentralSettings;

impl CentralSettings {
    /// How a password is protected on its way, by the names of the settings.
    pub fn protection(&self) -> impl Iterator<Item = (&'static str, String)> {
        let protects = ["POSTGRES_SSLMODE", "POSTGRES_SSLROOTCERT", "POSTGRES_REQUIRE_AUTH"];
        self.to_values()
            .into_iter()
            .filter(move |(name, _)| protects.contains(name))
    }

    /// Whether a password is protected on its way just as with other settings.
    pub fn is_protected_as(&self, other: &Self) -> bool {
        self.protection().eq(other.protection())
    }
}

/// How a connection is protected; the words and meanings are libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// Never encrypted.
    Disable,
    /// Encrypted only if the server insists.
    Allow,
    /// Encrypted if the server can; its identity is not checked.
    Prefer,
    /// Encrypted; the server's identity is checked only against a certificate file, if one is given.
    Require,
    /// Encrypted, and the certificate must come from a trusted authority.
    VerifyCa,
    /// Encrypted, and the certificate must come from a trusted authority and carry the server's name.
    VerifyFull,
}

impl TlsMode {
    /// Verified, unless the connection does not leave this computer.
    pub fn default_for(server: &str) -> Self {
        let is_loopback = server.eq_ignore_ascii_case("localhost")
            || server
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        if server.starts_with('/') {
            Self::Disable
        } else if is_loopback {
            Self::Prefer
        } else {
            Self::VerifyFull
        }
    }

    /// libpq's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl FromStr for TlsMode {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return Err("must be disable, allow, prefer, require, verify-ca or verify-full".to_owned()),
        })
    }
}
