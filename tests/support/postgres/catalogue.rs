//! A central catalogue of a test's own.

use colophon_sync::central::{Central, CentralSchema, CentralSettings, Connection, Password, SchemaName, TlsMode};

use super::cluster::{Cluster, SUPERUSER, SUPERUSER_PASSWORD};
use super::psql::Psql;
use crate::device::pause;
use crate::ending::Deadline;

/// What every login of a catalogue signs in with.
pub const PASSWORD: &str = "secret";

/// A schema in a cluster, with a login that may edit it (`ann`).
#[derive(Debug)]
pub struct CentralCatalogue<'c> {
    cluster: &'c Cluster,
    name: SchemaName,
}

impl<'c> CentralCatalogue<'c> {
    /// A name with nothing behind it yet.
    pub fn unmade(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let name = format!("catalogue_{}", cluster.next_catalogue());
        let name = name.parse().map_err(anyhow::Error::msg)?;
        Ok(Self { cluster, name })
    }

    /// A migrated catalogue and its editor.
    pub async fn new(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let catalogue = Self::unmade(cluster)?;
        let mut owner = Central::new(catalogue.as_superuser()).connect().await?;
        owner.migrate(&CentralSchema::embedded()?).await?;
        catalogue.add_login("ann", "editor")?;
        Ok(catalogue)
    }

    /// Where it is.
    pub(super) fn cluster(&self) -> &Cluster {
        self.cluster
    }

    /// The schema.
    pub fn name(&self) -> &SchemaName {
        &self.name
    }

    /// Makes a login with one of the catalogue's roles, and the [`PASSWORD`].
    pub fn add_login(&self, login: &str, role: &str) -> anyhow::Result<()> {
        let name = &self.name;
        let make = format!("CREATE ROLE {name}_{login} LOGIN PASSWORD '{PASSWORD}' IN ROLE {name}_{role}");
        self.cluster.psql()?.run(&make)?;
        Ok(())
    }

    /// A psql session of the superuser, with the catalogue as its search path.
    pub fn psql(&self) -> anyhow::Result<Psql> {
        let mut psql = self.cluster.psql()?;
        psql.run(&format!("SET search_path = {}", self.name))?;
        Ok(psql)
    }

    /// A psql session of a login that was added.
    pub fn psql_of(&self, login: &str) -> anyhow::Result<Psql> {
        let mut psql = Psql::connect(self.cluster, &format!("{}_{login}", self.name))?;
        psql.run(&format!("SET search_path = {}", self.name))?;
        Ok(psql)
    }

    /// Waits until a statement of the editor's waits for a lock: a push for the head, say.
    pub async fn until_editor_waits(&self) -> anyhow::Result<()> {
        let mut observer = self.psql()?;
        let waiting = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = '{}_ann' AND wait_event_type = 'Lock'",
            self.name
        );
        let deadline = Deadline::until("a session of the editor's waits for a lock of PostgreSQL");
        while observer.value(&waiting)? == "0" {
            deadline.check()?;
            pause().await;
        }
        Ok(())
    }

    /// How a device signs in: with a password over TCP, as an editor.
    pub fn settings(&self) -> CentralSettings {
        CentralSettings {
            server: "127.0.0.1".to_owned(),
            port: self.cluster.port(),
            user: format!("{}_ann", self.name),
            password: Some(Password::new(PASSWORD)),
            database: "postgres".to_owned(),
            schema: self.name.clone(),
            tls: TlsMode::Disable,
            root_certificates: None,
        }
    }

    /// How who runs the server signs in.
    pub fn as_superuser(&self) -> CentralSettings {
        CentralSettings {
            user: SUPERUSER.to_owned(),
            password: Some(Password::new(SUPERUSER_PASSWORD)),
            ..self.settings()
        }
    }

    /// A connection of the editor.
    pub async fn open(&self) -> anyhow::Result<Connection> {
        let (connection, _) = Central::new(self.settings()).open().await?;
        Ok(connection)
    }
}
