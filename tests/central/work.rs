//! What the suites of this folder share: rows as a device would send them.

use std::time::Duration;

use colophon_catalogue::{Author, Book, Contribution};
use colophon_store::Columns as _;
use colophon_store::schema::{Table, Value};
use colophon_sync::central::{Batch, Connection, Device, Head, Outcome, Result, RowChange, TableChanges};
use colophon_sync::pile::Pile;
use colophon_sync::remote::{Incoming, Pulled};
use colophon_tests::device::pause;
use colophon_tests::ending::Deadline;
use colophon_tests::postgres::{CentralCatalogue, Psql};
use jiff::SignedDuration;
use uuid::Uuid;

/// All synchronised tables, parents first.
pub(crate) const TABLES: &[&Table] = &[Author::TABLE, Book::TABLE, Contribution::TABLE];

/// 2024-05-01 12:00:00 UTC, in microseconds.
const NOON: i64 = 1_714_564_800_000_000;

/// What a pull brought, all of it in memory.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) head: Head,
    pub(crate) rows: Vec<Incoming>,
    pub(crate) deletions: Vec<Incoming>,
}

pub(crate) fn all(pulled: &Pulled) -> anyhow::Result<Told> {
    let read = |pile: &Pile| {
        pile.iter()
            .map(|record| Ok(record?.into_owned()))
            .collect::<anyhow::Result<_>>()
    };
    Ok(Told {
        head: pulled.head,
        rows: read(&pulled.rows)?,
        deletions: read(&pulled.deletions)?,
    })
}

/// An id that is easy to read in a failure.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) fn device(number: u128) -> Device {
    Device {
        id: id(0xdead_0000 + number),
        name: format!("device {number}"),
        app_version: "0.1.0".to_owned(),
        clock_offset: SignedDuration::ZERO,
        acknowledged_revision: 0,
        newest: None,
    }
}

/// A row that is new here and was never on the server.
pub(crate) fn author(number: u128, name: &str) -> RowChange {
    let text = |text: &str| Value::Text(text.to_owned());
    let values = Author::TABLE.columns.iter().map(|column| match column.name {
        "id" => Value::Uuid(id(number)),
        "name" | "sort_name" => text(name),
        "created_at" | "updated_at" => Value::Integer(NOON),
        _ => Value::Null,
    });
    RowChange {
        deletes: false,
        base_revision: 0,
        values: values.collect(),
        edited: Vec::new(),
    }
}

/// A new book. Its number is that of its id, and its author's number that of the author's id.
pub(crate) fn book(number: u128, author: u128, title: &str, isbn: Option<&str>) -> RowChange {
    let values = Book::TABLE.columns.iter().map(|column| match column.name {
        "id" => Value::Uuid(id(number)),
        "author_id" => Value::Uuid(id(author)),
        "title" => Value::Text(title.to_owned()),
        "isbn" => isbn.map_or(Value::Null, |isbn| Value::Text(isbn.to_owned())),
        "created_at" | "updated_at" => Value::Integer(NOON),
        _ => Value::Null,
    });
    RowChange {
        deletes: false,
        base_revision: 0,
        values: values.collect(),
        edited: Vec::new(),
    }
}

pub(crate) trait Based {
    /// The same row, as a change of one that the server has at this revision.
    fn over(self, revision: i64) -> Self;
    /// The same row, to be deleted.
    fn deleted(self) -> Self;
}

impl Based for RowChange {
    fn over(mut self, revision: i64) -> Self {
        self.base_revision = revision;
        self
    }

    fn deleted(mut self) -> Self {
        self.deletes = true;
        self
    }
}

/// A batch whose token follows from its rows, so that a different one with the same number has a different token.
pub(crate) fn batch(number: i64, authors: Vec<RowChange>, books: Vec<RowChange>) -> Batch {
    let tables = [(Author::TABLE, authors), (Book::TABLE, books)];
    let ids = tables
        .iter()
        .flat_map(|(_, rows)| rows.iter().filter_map(RowChange::id));
    let token = Uuid::from_u128(ids.fold(0, |token, id| token ^ id.as_u128()));
    let tables = tables.into_iter().filter(|(_, rows)| !rows.is_empty());
    Batch {
        number,
        token,
        tables: tables.map(|(table, rows)| TableChanges { table, rows }).collect(),
    }
}

/// As a round does it: at once if possible, otherwise by stages.
pub(crate) async fn push(connection: &mut Connection, device: &Device, batch: &Batch) -> Result<Outcome> {
    connection.push(device, batch, TABLES).await
}

/// By stages, even though it is small.
pub(crate) async fn push_by_stages(connection: &mut Connection, device: &Device, batch: &Batch) -> Result<Outcome> {
    connection.stage(device, batch, TABLES).await?.apply().await
}

/// What is reported about a batch later: nobody remembers who else has written.
pub(crate) fn told(outcome: Outcome) -> Outcome {
    Outcome {
        as_sent: false,
        ..outcome
    }
}

/// Waits until the server says that this session waits for a lock.
pub(crate) fn wait_until_blocked(observer: &mut Psql, backend: i32) -> anyhow::Result<()> {
    let query = format!("SELECT wait_event_type FROM pg_stat_activity WHERE pid = {backend}");
    let deadline = Deadline::until("a session of PostgreSQL waits for a lock");
    while observer.value(&query)? != "Lock" {
        deadline.check()?;
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Waits until so many sessions of the catalogue's person wait for a lock.
pub(crate) async fn wait_until_so_many_wait(
    observer: &mut Psql,
    catalogue: &CentralCatalogue<'_>,
    many: usize,
) -> anyhow::Result<()> {
    let blocked = format!(
        "SELECT pid FROM pg_stat_activity WHERE usename = '{}_ann' AND wait_event_type = 'Lock'",
        catalogue.name()
    );
    let deadline = Deadline::until("sessions of PostgreSQL wait for a lock");
    while observer.run(&blocked)?.len() != many {
        deadline.check()?;
        pause().await;
    }
    Ok(())
}
