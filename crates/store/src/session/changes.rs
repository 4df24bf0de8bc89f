//! What a transaction changed, announced after its commit and never before.
//!
//! The window refreshes exactly what is named here. A transaction that changed more than [`ROWS_NAMED`] rows of one
//! table names only the table, so an import of a million rows is one small event.

use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use uuid::Uuid;

/// The most rows that an event names one by one, per table; beyond that only the table is named.
pub const ROWS_NAMED: usize = 200;

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It has other values.
    Updated,
    /// It is gone.
    Deleted,
}

/// What one transaction changed in one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableChange {
    /// The table.
    pub table: &'static str,
    /// How many rows changed.
    pub count: u64,
    /// Which ones, if there are no more than [`ROWS_NAMED`]; otherwise empty.
    pub rows: Vec<(Uuid, ChangeKind)>,
}

/// Everything that one transaction changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// One entry per table.
    pub tables: Vec<TableChange>,
    /// Another program has written to the file: anything may have changed.
    pub(crate) by_another_program: bool,
    /// All of it was exchanged with the server, and nothing is an edit.
    pub(crate) is_exchanged: bool,
}

/// A committed transaction, as a [`Subscription`] receives it.
pub type ChangeEvent = Arc<Changes>;

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && !self.by_another_program
    }

    /// Whether all of it was exchanged with the server, so that nobody has edited anything.
    pub fn is_exchanged(&self) -> bool {
        self.is_exchanged
    }

    /// Whether a table changed.
    pub fn touches(&self, table: &str) -> bool {
        self.tables.iter().any(|change| change.table == table)
    }

    pub(crate) fn row(&mut self, table: &'static str, id: Uuid, kind: ChangeKind) {
        let change = self.entry(table);
        change.count += 1;
        if change.count > ROWS_NAMED as u64 {
            change.rows.clear();
        } else {
            change.rows.push((id, kind));
        }
    }

    /// Notes that an unknown number of rows, at least one, changed.
    pub(crate) fn whole_table(&mut self, table: &'static str) {
        let change = self.entry(table);
        change.count = change.count.max(ROWS_NAMED as u64) + 1;
        change.rows.clear();
    }

    /// Adds what another transaction of the same commit changed.
    pub(crate) fn merge(&mut self, other: Self) {
        self.is_exchanged = other.is_exchanged && (self.is_exchanged || self.is_empty());
        for theirs in other.tables {
            let ours = self.entry(theirs.table);
            ours.count += theirs.count;
            ours.rows.extend(theirs.rows);
            if ours.count > ROWS_NAMED as u64 {
                ours.rows.clear();
            }
        }
    }

    fn entry(&mut self, table: &'static str) -> &mut TableChange {
        let index = self
            .tables
            .iter()
            .position(|change| change.table == table)
            .unwrap_or_else(|| {
                self.tables.push(TableChange {
                    table,
                    count: 0,
                    rows: Vec::new(),
                });
                self.tables.len() - 1
            });
        &mut self.tables[index]
    }
}

/// Receives what is committed from the moment it was [made](crate::Database::changes) on.
pub struct Subscription(broadcast::Receiver<ChangeEvent>);

/// What a subscriber hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// A transaction was committed.
    Committed(ChangeEvent),
    /// Anything may have changed: the subscriber was too slow and has missed some, or another program has written to the file.
    Missed,
}

impl Announcement {
    fn of(event: ChangeEvent) -> Self {
        if event.by_another_program {
            Self::Missed
        } else {
            Self::Committed(event)
        }
    }
}

impl Subscription {
    pub(crate) fn new(receiver: broadcast::Receiver<ChangeEvent>) -> Self {
        Self(receiver)
    }

    /// The next announcement; `None` when the database is closed.
    pub async fn next(&mut self) -> Option<Announcement> {
        match self.0.recv().await {
            Ok(event) => Some(Announcement::of(event)),
            Err(RecvError::Lagged(_)) => Some(Announcement::Missed),
            Err(RecvError::Closed) => None,
        }
    }

    /// All announcements that wait, without waiting for more.
    pub fn drain(&mut self) -> Vec<Announcement> {
        let mut waiting = Vec::new();
        loop {
            match self.0.try_recv() {
                Ok(event) => waiting.push(Announcement::of(event)),
                Err(TryRecvError::Lagged(_)) => waiting.push(Announcement::Missed),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return waiting,
            }
        }
    }
}
