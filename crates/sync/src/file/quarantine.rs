//! Quarantined rows, as the file stores them and as the rules see them. Those of a table that only a newer version of
//! the program knows are left alone.

use colophon_store::schema::Table;
use colophon_store::{Error, NotKeptEntry, QuarantinedEntry, ReadSession, Result};
use jiff::Timestamp;

use crate::not_kept::{NotKept, WhyNotKept};
use crate::quarantined_row::{QuarantinedRow, WhyQuarantined};
use crate::retrying::Retry;

/// What the program knows.
type Tables = &'static [&'static Table];

pub(super) fn quarantined_rows(session: &ReadSession<'_>, known: Tables) -> Result<Vec<QuarantinedRow>> {
    let entries = session.quarantined()?.into_iter();
    Ok(entries.filter_map(|entry| quarantined_row(known, entry)).collect())
}

pub(super) fn not_kept_rows(session: &ReadSession<'_>, known: Tables) -> Result<Vec<NotKept>> {
    let entries = session.not_kept()?.into_iter();
    Ok(entries.filter_map(|entry| not_kept_row(known, entry)).collect())
}

fn quarantined_row(known: Tables, entry: QuarantinedEntry) -> Option<QuarantinedRow> {
    Some(QuarantinedRow {
        entity: table_named(known, &entry.entity)?.name,
        id: entry.id,
        version: entry.version,
        why: WhyQuarantined::read(entry.why),
        retry: retry(entry.tries, entry.next_try),
    })
}

fn not_kept_row(known: Tables, entry: NotKeptEntry) -> Option<NotKept> {
    Some(NotKept {
        entity: table_named(known, &entry.entity)?.name,
        id: entry.id,
        revision: entry.revision,
        why: WhyNotKept::read(entry.why),
        retry: retry(entry.tries, entry.next_try),
    })
}

pub(super) fn quarantined_entry(row: &QuarantinedRow) -> Result<QuarantinedEntry> {
    Ok(QuarantinedEntry {
        entity: row.entity.to_owned(),
        id: row.id,
        version: row.version,
        waits_for_a_person: !row.waits_for_news(),
        why: serde_json::to_value(&row.why).map_err(|error| corrupt(&error.to_string()))?,
        tries: row.retry.tries,
        next_try: row.retry.due.as_microsecond(),
    })
}

pub(super) fn not_kept_entry(row: &NotKept) -> NotKeptEntry {
    NotKeptEntry {
        entity: row.entity.to_owned(),
        id: row.id,
        revision: row.revision,
        why: row.why.json(),
        tries: row.retry.tries,
        next_try: row.retry.due.as_microsecond(),
    }
}

fn retry(tries: u32, due: i64) -> Retry {
    Retry {
        tries,
        due: Timestamp::from_microsecond(due).unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

fn table_named(known: Tables, name: &str) -> Option<&'static Table> {
    known.iter().find(|table| table.name == name).copied()
}

/// The file must be wrong.
pub(super) fn corrupt(detail: &str) -> Error {
    Error::Corrupt {
        detail: detail.to_owned(),
    }
}
