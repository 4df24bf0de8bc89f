//! Everything there is, from one snapshot and in an order that lets a download be resumed.
//!
//! Rows come by binary COPY in the order of their ids, one table at a time, and are passed on in parts. Only one part
//! is held here: a receiver that is slower than the server makes the server wait. As in a [pull](super::pull), there is
//! no limit on how long that takes, only on how long nothing may arrive.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Buf as _, Bytes};
use colophon_store::LocalRow;
use colophon_store::schema::{ColumnKind, Table, Value};
use futures_util::TryStreamExt as _;
use futures_util::future::join3;
use tokio_postgres::CopyOutStream;
use uuid::Uuid;

use super::connection::Connection;
use super::content::read_content;
use super::copy::{EPOCH_DIFFERENCE, SIGNATURE};
use super::error::{Error, Result};
use super::head::Head;
use super::rows::{real, unread, within_reach};
use crate::local::Key;
use crate::not_kept::Unread;
use crate::remote::Incoming;
use crate::shared::widened;

const DOWNLOADING: &str = "downloading the catalogue";

/// A part ends after this many bytes, however few rows they are: one row may have 64 MB.
const PART_BYTES: usize = 8 << 20;

/// The properties of a download's snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadSnapshot {
    /// Where the catalogue stands in it.
    pub head: Head,
    /// About how many rows it has.
    pub rows: u64,
    /// Whether rules of the server may hide rows from this login.
    pub hides_rows: bool,
}

/// Which rows of a table.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// Those after this id, or all, in the order of their ids.
    After(Option<Uuid>),
    /// Those that were written after a revision.
    ChangedSince(i64),
}

/// The rows of one table, as they come.
pub struct Rows<'c> {
    table: &'static Table,
    /// The same, with the columns that the server has.
    there: &'static Table,
    messages: Messages<'c>,
}

/// The tombstones of all tables, as they come.
pub struct Tombstones<'c> {
    tables: &'static [&'static Table],
    messages: Messages<'c>,
}

impl Connection {
    /// Begins a download's snapshot, which lasts until it is [ended](Self::end_download).
    pub async fn begin_download(&self, tables: &[&'static Table]) -> Result<DownloadSnapshot> {
        let beginning = self.beginning_of_snapshot();
        let (head, size) = (self.head_question(), self.size_question(tables));
        let asked = async {
            let (begun, head, size) = join3(
                self.client.batch_execute(&beginning),
                self.client.query_typed_one(&head, &[]),
                self.client.query_typed_one(&size, &[]),
            )
            .await;
            begun?;
            let (head, size) = (Head::read(&head?)?, size?);
            Ok(DownloadSnapshot {
                head,
                rows: size.try_get::<_, i64>(0)?.unsigned_abs(),
                hides_rows: size.try_get(1)?,
            })
        };
        self.ask(DOWNLOADING, asked).await
    }

    /// Ends the snapshot. A connection whose download was abandoned is not used again.
    pub async fn end_download(&self) -> Result<()> {
        self.commit(DOWNLOADING).await
    }

    /// How many rows there are: estimated from the size of a table and the density at its last analysis, as the planner
    /// does, and counted only if it was never analysed. Also whether row-level security hides any.
    fn size_question(&self, tables: &[&'static Table]) -> String {
        let schema = &self.schema;
        let sizes = tables.iter().map(|table| {
            let name = format!("\"{schema}\".{}", table.name);
            format!(
                "(SELECT CASE WHEN reltuples > 0 AND relpages > 0 THEN (reltuples / relpages * pg_relation_size(oid) \
                 / current_setting('block_size')::integer)::bigint ELSE (SELECT count(*) FROM {name}) END \
                 FROM pg_catalog.pg_class WHERE oid = '{name}'::regclass)"
            )
        });
        let hides = tables
            .iter()
            .map(|table| format!("row_security_active('\"{schema}\".{}'::regclass)", table.name));
        format!(
            "SELECT ({})::bigint, {}",
            sizes.collect::<Vec<_>>().join(" + "),
            hides.collect::<Vec<_>>().join(" OR ")
        )
    }

    /// Rows of a table, within the snapshot.
    pub async fn download_rows(&self, table: &'static Table, which: Which) -> Result<Rows<'_>> {
        let there = self.there(table);
        let columns: Vec<&str> = there.columns.iter().map(|column| column.name).collect();
        let which = match which {
            Which::After(None) => "ORDER BY id".to_owned(),
            Which::After(Some(id)) => format!("WHERE id > '{id}' ORDER BY id"),
            Which::ChangedSince(revision) => format!("WHERE revision > {revision}"),
        };
        let select = format!(
            "SELECT revision, {} FROM \"{}\".{} {which}",
            columns.join(", "),
            self.schema,
            table.name
        );
        Ok(Rows {
            table,
            there,
            messages: self.copy_out(&select).await?,
        })
    }

    /// All tombstones, within the snapshot, except those of records that exist.
    pub async fn download_tombstones(&self, tables: &'static [&'static Table]) -> Result<Tombstones<'_>> {
        let select = format!(
            "SELECT entity, id, revision, content::text FROM \"{}\".tombstone WHERE {}",
            self.schema,
            self.are_gone()
        );
        Ok(Tombstones {
            tables,
            messages: self.copy_out(&select).await?,
        })
    }

    async fn copy_out(&self, select: &str) -> Result<Messages<'_>> {
        let copy = format!("COPY ({select}) TO STDOUT (FORMAT binary)");
        let stream = self.ask(DOWNLOADING, self.client.copy_out(&copy)).await?;
        Ok(Messages {
            connection: self,
            stream: Some(Box::pin(stream)),
            arrived: AtomicU64::new(0),
        })
    }
}

impl Rows<'_> {
    /// The next part, with at most this many rows, and those among them that cannot be read; `None` at the end.
    pub async fn next(&mut self, most: usize) -> Result<Option<(Vec<LocalRow>, Vec<Unread>)>> {
        let messages = self.messages.next(most).await?;
        let (mut rows, mut unread) = (Vec::with_capacity(messages.len()), Vec::new());
        for fields in messages.iter().filter_map(Fields::of) {
            match self.row(fields) {
                Some(Ok(row)) => rows.push(row),
                Some(Err(row)) => unread.push(row),
                None => return Err(self.messages.connection.unreadable(self.table.name)),
            }
        }
        Ok((!rows.is_empty() || !unread.is_empty()).then_some((rows, unread)))
    }

    /// `None` for a row that does not even have its id, or is cut off.
    fn row(&self, mut fields: Fields<'_>) -> Option<std::result::Result<LocalRow, Unread>> {
        let table = self.table;
        let revision = i64::from_be_bytes(fields.present()?.try_into().ok()?);
        let mut values = Vec::with_capacity(self.there.columns.len());
        for column in self.there.columns {
            let value = match fields.next()? {
                Field::Present(raw) => value(column.kind, raw),
                Field::Null => Some(Value::Null),
            };
            match (value, values.first()) {
                (Some(value), _) => values.push(value),
                (None, Some(Value::Uuid(id))) => {
                    return Some(Err(unread(Key { table, id: *id }, revision, column.name)));
                }
                (None, _) => return None,
            }
        }
        let has_id = matches!(values.first(), Some(Value::Uuid(_)));
        let values = widened(table, self.there, values);
        has_id.then_some(Ok(LocalRow { values, revision }))
    }
}

impl Tombstones<'_> {
    /// The next part, with at most this many deletions; empty at the end. Deletions in tables that only a newer version
    /// knows are left out.
    pub async fn next(&mut self, most: usize) -> Result<Option<(Vec<Incoming>, Vec<Unread>)>> {
        let messages = self.messages.next(most).await?;
        if messages.is_empty() {
            return Ok(None);
        }
        let (mut deletions, mut unread) = (Vec::with_capacity(messages.len()), Vec::new());
        for mut fields in messages.iter().filter_map(Fields::of) {
            let entity = fields.present().unwrap_or_default();
            if let Some(table) = self.tables.iter().find(|table| table.name.as_bytes() == entity) {
                let deletion = deletion(table, &mut fields);
                match deletion.ok_or_else(|| self.messages.connection.unreadable("tombstone"))? {
                    Ok(deletion) => deletions.push(deletion),
                    Err(row) => unread.push(row),
                }
            }
        }
        Ok(Some((deletions, unread)))
    }
}

fn deletion(table: &'static Table, fields: &mut Fields<'_>) -> Option<std::result::Result<Incoming, Unread>> {
    let id = Uuid::from_slice(fields.present()?).ok()?;
    let revision = i64::from_be_bytes(fields.present()?.try_into().ok()?);
    let content = std::str::from_utf8(fields.present()?).ok()?;
    let key = Key { table, id };
    let deletion = read_content(table, content).map(|values| Incoming {
        key,
        values,
        revision,
        is_own: false,
        story: None,
    });
    Some(deletion.map_err(|field| unread(key, revision, &field)))
}

impl Connection {
    /// Something of the server's that this version cannot read.
    pub(super) fn unreadable(&self, what: &str) -> Error {
        Error::Server {
            server: self.peer.server.clone(),
            reason: format!("a row of {what} cannot be read"),
        }
    }
}

/// The messages of a COPY: one for each row, as every version of the server sends them.
struct Messages<'c> {
    connection: &'c Connection,
    /// `None` after the end.
    stream: Option<Pin<Box<CopyOutStream>>>,
    arrived: AtomicU64,
}

impl Messages<'_> {
    async fn next(&mut self, most: usize) -> Result<Vec<Bytes>> {
        let (stream, arrived) = (&mut self.stream, &self.arrived);
        let fill = async {
            let (mut messages, mut size) = (Vec::with_capacity(most), 0);
            while messages.len() < most
                && size < PART_BYTES
                && let Some(open) = stream
            {
                let Some(message) = open.try_next().await? else {
                    *stream = None;
                    break;
                };
                arrived.fetch_add(1, Ordering::Relaxed);
                size += message.len();
                messages.push(message);
            }
            Ok(messages)
        };
        self.connection.ask_while_it_flows(DOWNLOADING, arrived, fill).await
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Field<'m> {
    Null,
    Present(&'m [u8]),
}

/// The fields of one row.
struct Fields<'m>(&'m [u8]);

impl<'m> Fields<'m> {
    /// `None` for a message that holds no row: the end. The first message begins with a header.
    fn of(message: &'m Bytes) -> Option<Self> {
        let mut rest = &message[..];
        if rest.starts_with(SIGNATURE) {
            rest.advance(SIGNATURE.len() + 4);
            let extension = usize::try_from(rest.try_get_u32().ok()?).ok()?;
            rest = rest.get(extension..)?;
        }
        (rest.try_get_i16().ok()? >= 0).then_some(Self(rest))
    }

    /// The next field; `None` if there is none, or it is incomplete.
    fn next(&mut self) -> Option<Field<'m>> {
        let length = self.0.try_get_i32().ok()?;
        let Ok(length) = usize::try_from(length) else {
            return Some(Field::Null);
        };
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Field::Present(field))
    }

    /// The next field, which is not NULL.
    fn present(&mut self) -> Option<&'m [u8]> {
        match self.next()? {
            Field::Present(raw) => Some(raw),
            Field::Null => None,
        }
    }
}

fn value(kind: ColumnKind, raw: &[u8]) -> Option<Value> {
    Some(match kind {
        ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid => Value::Uuid(Uuid::from_slice(raw).ok()?),
        ColumnKind::Integer => Value::Integer(i64::from(i32::from_be_bytes(raw.try_into().ok()?))),
        ColumnKind::BigInteger => Value::Integer(i64::from_be_bytes(raw.try_into().ok()?)),
        ColumnKind::Real => real(f64::from_be_bytes(raw.try_into().ok()?)),
        ColumnKind::Timestamp => {
            let since_2000 = i64::from_be_bytes(raw.try_into().ok()?);
            Value::Integer(within_reach(since_2000.saturating_add(EPOCH_DIFFERENCE)))
        }
        ColumnKind::Text => Value::Text(std::str::from_utf8(raw).ok()?.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(parts: &[&[u8]]) -> Bytes {
        Bytes::from(parts.concat())
    }

    #[test]
    fn a_row_is_read_behind_the_header_and_without_one() {
        let row: [&[u8]; 4] = [&[0, 2], &[0, 0, 0, 1], b"x", &[0xff; 4]];
        let header: [&[u8]; 2] = [SIGNATURE, &[0, 0, 0, 0, 0, 0, 0, 2, 9, 9]];
        for bytes in [message(&row), message(&[&header[..], &row[..]].concat())] {
            let mut fields = Fields::of(&bytes).expect("a row");
            assert_eq!(fields.next(), Some(Field::Present(b"x")));
            assert_eq!(fields.next(), Some(Field::Null));
            assert_eq!(fields.next(), None);
        }
    }

    #[test]
    fn the_end_is_no_row_and_a_cut_row_is_not_read() {
        assert!(Fields::of(&message(&[&[0xff, 0xff]])).is_none());
        assert!(Fields::of(&message(&[SIGNATURE, &[0; 8], &[0xff, 0xff]])).is_none());
        let cut = message(&[&[0, 1], &[0, 0, 0, 9], b"short"]);
        assert_eq!(Fields::of(&cut).expect("a row").next(), None);
    }
}
