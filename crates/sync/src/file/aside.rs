//! Rows that were set aside, as the file keeps them and as the rules see them. Those of a table that only a newer version of the program
//! knows are left alone.

use colophon_catalogue::schema::TABLES;
use colophon_store::schema::Table;
use colophon_store::{NotKeptEntry, ReadSession, Result, SetAsideEntry};
use jiff::Timestamp;

use crate::not_kept::{NotKept, WhyNotKept};
use crate::retrying::Retry;
use crate::set_aside::{SetAsideRow, WhySetAside};

pub(super) fn set_aside_rows(session: &ReadSession<'_>) -> Result<Vec<SetAsideRow>> {
    Ok(session.set_aside()?.into_iter().filter_map(set_aside_row).collect())
}

pub(super) fn not_kept_rows(session: &ReadSession<'_>) -> Result<Vec<NotKept>> {
    Ok(session.not_kept()?.into_iter().filter_map(not_kept_row).collect())
}

fn set_aside_row(entry: SetAsideEntry) -> Option<SetAsideRow> {
    Some(SetAsideRow {
        entity: table_named(&entry.entity)?.name,
        id: entry.id,
        version: entry.version,
        why: WhySetAside::read(entry.why),
        retry: retry(entry.tries, entry.next_try),
    })
}

fn not_kept_row(entry: NotKeptEntry) -> Option<NotKept> {
    Some(NotKept {
        entity: table_named(&entry.entity)?.name,
        id: entry.id,
        revision: entry.revision,
        why: WhyNotKept::read(entry.why),
        retry: retry(entry.tries, entry.next_try),
    })
}

fn retry(tries: u32, due: i64) -> Retry {
    Retry {
        tries,
        due: Timestamp::from_microsecond(due).unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

fn table_named(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name).copied()
}
