//! The quarantine: rows that hold up nothing else are noted in the file, each with the time of its next try.

use std::collections::HashMap;

use colophon_store::schema::Table;
use jiff::Timestamp;
use uuid::Uuid;

use crate::key::Key;
use crate::local::LocalTransaction;
use crate::not_kept::{NotKept, Unread};
use crate::quarantined_row::QuarantinedRow;
use crate::retrying::{Retry, Trouble};

/// Quarantines rows; a row that was tried before in the same form gets a later next try.
pub(crate) fn quarantine(
    tx: &dyn LocalTransaction,
    rows: Vec<QuarantinedRow>,
    now: Timestamp,
) -> colophon_store::Result<()> {
    let before = tx.quarantined()?;
    let before: HashMap<_, _> = before.iter().map(|row| (row.key(), row)).collect();
    for mut row in rows {
        let earlier = before.get(&row.key()).filter(|earlier| earlier.version == row.version);
        row.retry = Retry::after(earlier.map(|earlier| earlier.retry), row.why.trouble(), now);
        tx.add_quarantined(&row)?;
    }
    Ok(())
}

/// Lists rows that could not be kept; one that was listed before gets a later next try.
pub(crate) fn list_not_kept(
    tx: &dyn LocalTransaction,
    rows: Vec<Unread>,
    now: Timestamp,
) -> colophon_store::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let before = tx.not_kept()?;
    for Unread { key, revision, why } in rows {
        let earlier = before
            .iter()
            .find(|row| row.entity == key.table.name && row.id == key.id);
        tracing::warn!(entity = key.table.name, id = %key.id, ?why, "a row of the server cannot be kept");
        tx.add_not_kept(&NotKept {
            entity: key.table.name,
            id: key.id,
            revision,
            why,
            retry: Retry::after(earlier.map(|row| row.retry), Trouble::OfARow, now),
        })?;
    }
    Ok(())
}

/// Gives quarantined rows another chance.
pub(crate) fn drop_quarantined(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    rows: &[QuarantinedRow],
) -> colophon_store::Result<()> {
    rows.iter().try_for_each(|row| {
        let table = tables.iter().find(|table| table.name == row.entity);
        table.map_or(Ok(()), |table| tx.drop_quarantined(Key { table, id: row.id }))
    })
}

/// Others got through, so rows that waited for others may now, too.
pub(crate) fn release_dependants(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
) -> colophon_store::Result<()> {
    let quarantined = tx.quarantined()?;
    let dependants: Vec<_> = quarantined
        .into_iter()
        .filter(QuarantinedRow::waits_for_others)
        .collect();
    drop_quarantined(tx, tables, &dependants)
}

/// Gives quarantined rows, on either side, another chance: those that are meant, by their ids. Returns how many.
pub(crate) fn give_another_chance(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    is_meant: &dyn Fn(Uuid) -> bool,
) -> colophon_store::Result<u64> {
    let mut quarantined = tx.quarantined()?;
    quarantined.retain(|row| is_meant(row.id));
    drop_quarantined(tx, tables, &quarantined)?;
    let mut not_kept = tx.not_kept()?;
    not_kept.retain(|row| is_meant(row.id));
    for row in &mut not_kept {
        row.retry = Retry::default();
        tx.add_not_kept(row)?;
    }
    Ok((quarantined.len() + not_kept.len()) as u64)
}
