//! Rows that were set aside, as the file keeps them and as the rules see them. Those of a table that only a newer version of the program
//! knows are left alone.

use colophon_store::schema::Table;
use colophon_store::{Error, NotKeptEntry, ReadSession, Result, SetAsideEntry};
use jiff::Timestamp;

use crate::not_kept::{NotKept, WhyNotKept};
use crate::retrying::Retry;
use crate::set_aside::{SetAsideRow, WhySetAside};

/// What the program knows.
type Tables = &'static [&'static Table];

pub(super) fn set_aside_rows(session: &ReadSession<'_>, known: Tables) -> Result<Vec<SetAsideRow>> {
    let entries = session.set_aside()?.into_iter();
    Ok(entries.filter_map(|entry| set_aside_row(known, entry)).collect())
}

pub(super) fn not_kept_rows(session: &ReadSession<'_>, known: Tables) -> Result<Vec<NotKept>> {
    let entries = session.not_kept()?.into_iter();
    Ok(entries.filter_map(|entry| not_kept_row(known, entry)).collect())
}

fn set_aside_row(known: Tables, entry: SetAsideEntry) -> Option<SetAsideRow> {
    Some(SetAsideRow {
        entity: table_named(known, &entry.entity)?.name,
        id: entry.id,
        version: entry.version,
        why: WhySetAside::read(entry.why),
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

pub(super) fn set_aside_entry(row: &SetAsideRow) -> Result<SetAsideEntry> {
    Ok(SetAsideEntry {
        entity: row.entity.to_owned(),
        id: row.id,
        version: row.version,
        is_refused: !row.waits_for_news(),
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

/// The file cannot be right.
pub(super) fn corrupt(detail: &str) -> Error {
    Error::Corrupt {
        detail: detail.to_owned(),
    }
}
