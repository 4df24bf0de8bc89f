//! How a password is protected on its way to a server. A password given for one protection is not meant for another:
//! encryption that may be left out, somebody else's certificate, or a way to sign in that shows the password are each
//! enough to lose it.

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
