//! Whether this program and the server can work together, and with which tables and columns.
//!
//! As long as the server is at this program's own version, its version alone says so. Only if it is at another is the
//! server's catalog asked which columns there are: an older one lacks some, and a newer one has no fewer, unless its
//! migrations say that this program cannot go on.

use std::borrow::Cow;
use std::sync::PoisonError;

use colophon_store::schema::Table;
use tokio_postgres::types::Type;

use super::batch::{Batch, RowChange, TableChanges};
use super::connection::{Central, Connection};
use super::error::{Error, MigrationError, Result};
use super::head::Head;
use super::settings::CentralSettings;
use crate::edition::Edition;
use crate::shared::{ColumnsThere, Shared, narrowed};

const COMPARING: &str = "comparing versions";

impl Central {
    /// For the entities of another application.
    pub fn of_application(settings: CentralSettings, edition: &Edition) -> Self {
        Self::new(settings).of_edition(edition.clone())
    }

    /// Makes this act as a program of another version.
    pub fn of_edition(mut self, edition: Edition) -> Self {
        self.edition = edition;
        self
    }

    /// What this program knows.
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// Connects and makes sure that this program can work with the catalogue there.
    pub async fn open(&self) -> Result<(Connection, Head)> {
        let (connection, head) = self.connect_to_holder().await?;
        let head = head?;
        connection.get_acquainted(&head).await?;
        Ok((connection, head))
    }
}

impl Connection {
    /// What this program and the server both know, when a head says which version the server is at. An error if they
    /// cannot work together.
    pub async fn get_acquainted(&self, head: &Head) -> Result<Shared> {
        let central = self.edition.central()?;
        head.check_for(&central)?;
        let (known_of, known) = self.acquaintance();
        if known_of == head.version {
            return Ok(known);
        }
        let tables = self.edition.tables;
        if central.has_own_machinery {
            self.refuse_untracked(tables).await?;
        }
        let shared = if head.version == central.version() {
            Shared::all(tables)
        } else {
            Shared::of(tables, &self.columns_there(tables).await?)
        };
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = (head.version, shared);
        Ok(shared)
    }

    /// An error that names the tables whose migration forgot to have them tracked: nobody would ever hear of what
    /// others write there.
    async fn refuse_untracked(&self, tables: &[&'static Table]) -> Result<()> {
        let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
        let query = format!(
            "SELECT class.relname::text FROM pg_catalog.pg_class AS class \
             WHERE class.relnamespace = '\"{}\"'::regnamespace AND class.relname::text = ANY ($1) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS it WHERE it.tgrelid = class.oid AND it.tgname = 'stamp_row') \
             ORDER BY 1",
            self.schema
        );
        let parameters = [(&names as _, Type::TEXT_ARRAY)];
        let rows = self
            .ask(COMPARING, self.client.query_typed(&query, &parameters))
            .await?;
        let read = rows
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<Vec<String>, _>>();
        let tables = read.map_err(|error| self.peer.while_doing(COMPARING, &error))?;
        if tables.is_empty() {
            return Ok(());
        }
        Err(MigrationError::NotTracked { tables }.into())
    }

    /// What both know, as far as this connection has found out.
    pub fn shared(&self) -> Shared {
        self.acquaintance().1
    }

    /// An error if the server has been migrated since this connection got acquainted with it: its questions no longer
    /// fit what is there.
    pub(super) fn check_acquaintance(&self, head: &Head) -> Result<()> {
        head.check_for(&*self.edition.central()?)?;
        let (known_of, _) = self.acquaintance();
        if known_of == 0 || known_of == head.version {
            return Ok(());
        }
        let reason = "the central catalogue was just migrated".to_owned();
        Err(Error::Busy { reason })
    }

    pub(super) fn acquaintance(&self) -> (i32, Shared) {
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A table with the columns that both have.
    pub(super) fn there(&self, table: &'static Table) -> &'static Table {
        self.shared().there(table)
    }

    /// Tables with the columns that both have.
    pub(super) fn with_room(&self, tables: &'static [&'static Table]) -> &'static [&'static Table] {
        let shared = self.shared();
        if !shared.is_whole() && *shared.tables == *tables {
            shared.all_there()
        } else {
            tables
        }
    }

    /// A batch, reduced to what the server has room for.
    pub(super) fn with_room_for<'b>(&self, batch: &'b Batch) -> Cow<'b, Batch> {
        let shared = self.shared();
        if shared.is_whole() {
            return Cow::Borrowed(batch);
        }
        let changes = batch.tables.iter().map(|changes| {
            let table = shared.there(changes.table);
            let rows = changes.rows.iter().map(|row| RowChange {
                values: narrowed(changes.table, table, &row.values),
                edited: row.edited.clone(),
                ..*row
            });
            let rows = rows.collect();
            TableChanges { table, rows }
        });
        Cow::Owned(Batch {
            tables: changes.collect(),
            ..*batch
        })
    }

    /// The columns that the server has in these tables.
    pub(super) async fn columns_there(&self, tables: &[&'static Table]) -> Result<ColumnsThere> {
        let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
        let query = format!(
            "SELECT class.relname::text, field.attname::text FROM pg_catalog.pg_class AS class \
             JOIN pg_catalog.pg_attribute AS field ON field.attrelid = class.oid \
             WHERE class.relnamespace = '\"{}\"'::regnamespace AND class.relname::text = ANY ($1) \
             AND field.attnum > 0 AND NOT field.attisdropped",
            self.schema
        );
        let parameters = [(&names as _, Type::TEXT_ARRAY)];
        let rows = self
            .ask(COMPARING, self.client.query_typed(&query, &parameters))
            .await?;
        let mut columns = ColumnsThere::new();
        for row in &rows {
            let read = || Ok::<(String, String), tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?));
            let (table, column) = read().map_err(|error| self.peer.while_doing(COMPARING, &error))?;
            columns.entry(table).or_default().insert(column);
        }
        Ok(columns)
    }
}
