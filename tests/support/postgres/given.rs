//! A Citus cluster that somebody else runs and the tests may use: `COLOPHON_CITUS=postgres://postgres@127.0.0.1:9700/library`.
//!
//! The address is that of the coordinator, the login a superuser. The database must distribute schemas
//! (`citus.enable_schema_based_sharding`), allow triggers (`citus.enable_unsafe_triggers`), and admit the logins that
//! the tests make, on every one of its servers. Catalogues and roles are left behind: it is a throwaway cluster.

use std::env;

use anyhow::{Context as _, bail};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

const ASKED_FOR: &str = "COLOPHON_CITUS";

/// Where the coordinator is, and how to sign in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) database: String,
}

impl Given {
    /// The one that is named from outside, if one is.
    pub(super) fn of_environment() -> anyhow::Result<Option<Self>> {
        match env::var(ASKED_FOR) {
            Ok(address) => Self::read(&address)
                .map(Some)
                .with_context(|| format!("{ASKED_FOR}={address}")),
            Err(_) => Ok(None),
        }
    }

    fn read(address: &str) -> anyhow::Result<Self> {
        let config: Config = address.parse()?;
        let [Host::Tcp(host)] = config.get_hosts() else {
            bail!("names no host, as in postgres://postgres@127.0.0.1:9700/library");
        };
        let password = String::from_utf8_lossy(config.get_password().unwrap_or_default());
        Ok(Self {
            host: host.clone(),
            port: config.get_ports().first().copied().unwrap_or(5432),
            user: config.get_user().unwrap_or("postgres").to_owned(),
            password: password.into_owned(),
            database: config.get_dbname().unwrap_or("postgres").to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_libpq_has_it() -> anyhow::Result<()> {
        let given = Given::read("postgres://ada:secret@db.example.org:9700/library")?;
        assert_eq!((given.host.as_str(), given.port), ("db.example.org", 9700));
        assert_eq!(
            [given.user.as_str(), given.password.as_str(), given.database.as_str()],
            ["ada", "secret", "library"]
        );
        assert!(Given::read("user=postgres").is_err());
        Ok(())
    }
}
