//! A central catalogue of a test's own.

use colophon_sync::central::{Central, CentralSchema, CentralSettings, Connection, Password, SchemaName, TlsMode};

use super::cluster::Cluster;
use super::psql::Psql;
use crate::binary::environment;
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
        let name = cluster.next_catalogue().parse().map_err(anyhow::Error::msg)?;
        Ok(Self { cluster, name })
    }

    /// A migrated catalogue and its editor.
    pub async fn new(cluster: &'c Cluster) -> anyhow::Result<Self> {
        Self::of_schema(cluster, &CentralSchema::embedded()?).await
    }

    /// The same, as made by a program of some version.
    pub async fn of_schema(cluster: &'c Cluster, schema: &CentralSchema) -> anyhow::Result<Self> {
        let catalogue = Self::unmade(cluster)?;
        catalogue.migrate(schema).await?;
        catalogue.add_login("ann", "editor")?;
        Ok(catalogue)
    }

    /// Brings it up to what a program of some version expects.
    pub async fn migrate(&self, schema: &CentralSchema) -> anyhow::Result<()> {
        let mut owner = Central::new(self.as_superuser()).connect().await?;
        owner.migrate(schema).await?;
        Ok(())
    }

    /// Takes back the last migration that a program of some version knows.
    pub async fn roll_back(&self, schema: &CentralSchema) -> anyhow::Result<()> {
        let mut owner = Central::new(self.as_superuser()).connect().await?;
        owner.roll_back_migration(schema).await?;
        Ok(())
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
        self.psql_at(self.entrance(), &self.cluster.superuser().0)
    }

    /// A psql session of a login that was added.
    pub fn psql_of(&self, login: &str) -> anyhow::Result<Psql> {
        self.psql_at(self.entrance(), &format!("{}_{login}", self.name))
    }

    /// The same for a program that says it is a device, and so goes where devices go.
    pub fn psql_as_device(&self, login: &str) -> anyhow::Result<Psql> {
        self.psql_at(self.holder()?, &format!("{}_{login}", self.name))
    }

    /// The server whose address everybody is given.
    pub fn entrance(&self) -> (String, u16) {
        (self.cluster.place().0, self.cluster.port())
    }

    /// The same, at a server that need not hold the catalogue.
    pub fn psql_at(&self, server: (String, u16), user: &str) -> anyhow::Result<Psql> {
        let mut psql = Psql::connect_at(self.cluster, server, user)?;
        psql.run(&format!("SET search_path = {}", self.name))?;
        Ok(psql)
    }

    /// The server that holds the catalogue: in a cluster the worker, once there is one.
    pub fn holder(&self) -> anyhow::Result<(String, u16)> {
        let here = self.entrance();
        if !self.cluster.is_given() {
            return Ok(here);
        }
        let found = self.cluster.psql()?.run(&format!(
            "SELECT nodename || '|' || nodeport FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid)
              WHERE noderole = 'primary' AND logicalrelid = to_regclass('{}.catalogue_head')",
            self.name
        ))?;
        let Some((host, port)) = found.first().and_then(|found| found.split_once('|')) else {
            return Ok(here);
        };
        Ok((host.to_owned(), port.parse()?))
    }

    /// Waits until a statement of the editor's waits for a lock: for instance, a push for the head.
    pub async fn until_editor_waits(&self) -> anyhow::Result<()> {
        self.until_editors_wait(1).await
    }

    /// The same for this many sessions.
    pub async fn until_editors_wait(&self, count: usize) -> anyhow::Result<()> {
        let mut observer = self.psql_at(self.holder()?, &self.cluster.superuser().0)?;
        let waiting = format!(
            "SELECT count(*) >= {count} FROM pg_stat_activity WHERE usename = '{}_ann' AND wait_event_type = 'Lock'",
            self.name
        );
        let deadline = Deadline::until("sessions of the editor's wait for a lock of PostgreSQL");
        while observer.value(&waiting)? == "f" {
            deadline.check()?;
            pause().await;
        }
        Ok(())
    }

    /// How a device signs in: with a password over TCP, as an editor.
    pub fn settings(&self) -> CentralSettings {
        CentralSettings {
            server: self.cluster.place().0,
            port: self.cluster.port(),
            user: format!("{}_ann", self.name),
            password: Some(Password::new(PASSWORD)),
            database: self.cluster.place().1,
            schema: self.name.clone(),
            tls: TlsMode::Disable,
            root_certificates: None,
            require_auth: None,
        }
    }

    /// How whoever runs the server signs in.
    pub fn as_superuser(&self) -> CentralSettings {
        let (user, password) = self.cluster.superuser();
        CentralSettings {
            user,
            password: Some(Password::new(password)),
            ..self.settings()
        }
    }

    /// How a program that gets its settings from the environment signs in, as whoever runs the server.
    pub fn environment_of_superuser(&self) -> Vec<(&'static str, String)> {
        let mut values = environment(&self.as_superuser());
        values.push(("POSTGRES_PASSWORD", self.cluster.superuser().1));
        values
    }

    /// A connection of the editor.
    pub async fn open(&self) -> anyhow::Result<Connection> {
        let (connection, _) = Central::new(self.settings()).open().await?;
        Ok(connection)
    }
}
