//! A round: everything that one exchange with the server consists of, in order.
//!
//! fate ─▶ push. (Pull, plan and apply come between the two once rows come down as well.)

use std::fs::{File, OpenOptions, TryLockError};

use colophon_store::Database;
use colophon_store::schema::Table;
use serde::Serialize;

use crate::central::{Central, Connection, Device, Head};
use crate::error::{Error, Result};
use crate::fate;
use crate::push::{Push, Pushed};
use crate::set_aside::{SetAside, SetAsideRow};

/// What this installation is called on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What people call this device.
    pub name: String,
    /// The version of this program.
    pub app_version: String,
}

/// What a round came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoundReport {
    /// How many rows the server has taken.
    pub pushed: u64,
    /// The revision of the central catalogue, as far as this device has seen it.
    pub revision: i64,
    /// How many rows still wait, those that were set aside included.
    pub pending: u64,
    /// The rows that the server did not take.
    pub set_aside: Vec<SetAsideRow>,
}

/// Exchanges rows between one local file and one central catalogue. Keeps its connection from round to round.
pub struct Exchange {
    database: Database,
    tables: &'static [&'static Table],
    central: Central,
    identity: Identity,
    connection: Option<Connection>,
    set_aside: SetAside,
}

impl Exchange {
    /// Nothing is asked of the network yet. `tables` are the synchronised ones, parents first.
    pub fn new(database: Database, tables: &'static [&'static Table], central: Central, identity: Identity) -> Self {
        Self {
            database,
            tables,
            central,
            identity,
            connection: None,
            set_aside: SetAside::default(),
        }
    }

    /// One round, to rest: when it returns without an error, whatever still waits is set aside, or was edited in the last
    /// moment. `progress` hears how many rows the server has taken so far.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is one of a session with a certain lifetime, and every lifetime is wanted"
    )]
    pub async fn round(&mut self, progress: &mut (dyn FnMut(u64) + Send)) -> Result<RoundReport> {
        let _alone = self.exchange_alone().await?;
        let (mut connection, head) = self.connected().await?;
        let device = self.database.write(|tx| tx.device_or_new()).await?;
        self.check_incarnation(device.incarnation, &head).await?;
        fate::settle(&self.database, &mut connection, device.id, self.tables).await?;
        let mut device = Device {
            id: device.id,
            name: self.identity.name.clone(),
            app_version: self.identity.app_version.clone(),
        };
        let push = Push {
            database: &self.database,
            connection: &mut connection,
            seed: device.id.as_u64_pair().1,
            device: &mut device,
            tables: self.tables,
            set_aside: &mut self.set_aside,
            progress,
            pushed: Pushed::default(),
        };
        let pushed = push.run().await?;
        // Only a connection that came to the end of a round is used again.
        self.connection = Some(connection);
        Ok(RoundReport {
            pushed: pushed.rows,
            revision: pushed.revision.unwrap_or(head.revision),
            pending: self.pending().await?,
            set_aside: self.set_aside.list(),
        })
    }

    /// How many rows wait.
    pub async fn pending(&self) -> Result<u64> {
        let tables = self.tables;
        Ok(self.database.read(move |s| s.waiting_count(tables)).await?)
    }

    /// Whether there is anything that the next round would send.
    pub async fn has_something_to_send(&mut self) -> Result<bool> {
        let tables = self.tables;
        if self.set_aside.is_empty() {
            return Ok(self.pending().await? > 0);
        }
        let waiting = self.database.read(move |s| s.waiting(tables)).await?;
        Ok(!self.set_aside.leave_out(waiting).is_empty())
    }

    /// Gives the rows that were set aside another chance in the next round.
    pub fn retry_set_aside(&mut self) {
        self.set_aside.clear();
    }

    /// The rows that were set aside.
    pub fn set_aside(&self) -> Vec<SetAsideRow> {
        self.set_aside.list()
    }

    /// Asks the server for its head; makes a new connection when the old one is gone.
    pub async fn look(&mut self) -> Result<Head> {
        let (connection, head) = self.connected().await?;
        self.connection = Some(connection);
        Ok(head)
    }

    /// The connection of the last round if it still answers, or a new one.
    async fn connected(&mut self) -> Result<(Connection, Head)> {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.is_closed())
            && let Ok(head) = connection.head().await
        {
            head.check_version()?;
            return Ok((connection, head));
        }
        Ok(self.central.open().await?)
    }

    /// Two programs may have the file open, but only one at a time exchanges it: they would take each other's batches for
    /// lost. A file system without locks has to do without.
    async fn exchange_alone(&self) -> Result<Option<File>> {
        let Some(file) = self.database.read(|s| Ok(s.file())).await? else {
            return Ok(None);
        };
        let mut name = file.into_os_string();
        name.push("-exchange");
        let opened = OpenOptions::new().create(true).write(true).truncate(false).open(name);
        let lock = opened.map_err(|error| colophon_store::Error::io("the file that marks an exchange", &error))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(Error::ExchangedElsewhere),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(lock)),
        }
    }

    /// The file belongs to the first central database it meets.
    async fn check_incarnation(&self, known: Option<uuid::Uuid>, head: &Head) -> Result<()> {
        let incarnation = head.incarnation;
        match known {
            Some(known) if known == incarnation => Ok(()),
            Some(_) => Err(Error::AnotherCatalogue),
            None => Ok(self.database.write(move |tx| tx.set_incarnation(incarnation)).await?),
        }
    }
}
