//! When the fields of a batch were edited, if that is not the row's own time. The server's history keeps these times,
//! and so the later edit of a field stands, whatever else its author has edited since and whatever was done to the
//! clock meanwhile.

use colophon_store::schema::Value;
use colophon_store::{Result, Sent};
use jiff::{SignedDuration, Timestamp};

use crate::apply::time_of;
use crate::local::{Key, LocalTransaction, time_there};
use crate::merge::differing;
use crate::server_clock::EXACT_MICROS;

/// The times of some fields, by their names.
pub(super) type Times = Vec<(&'static str, Timestamp)>;

/// The fields in which a row differs from what the server last had. For a row that is new there, no edits are reported.
pub(super) fn changed_fields(row: &Sent, base: Option<&[Value]>) -> Vec<usize> {
    base.map_or_else(Vec::new, |base| differing(row.table, Some(base), &row.values).collect())
}

/// When these fields of these rows were edited, by the server's clock. Fields that were edited at their row's own time
/// are left out.
pub(super) fn times_of_edits(
    tx: &dyn LocalTransaction,
    rows: &[Sent],
    changed: &[Vec<usize>],
    clock_offset: SignedDuration,
) -> Result<Vec<Times>> {
    let mut times = vec![Times::new(); rows.len()];
    let fields = rows.iter().zip(changed).enumerate();
    let fields = fields.flat_map(|(number, (row, changed))| changed.iter().map(move |column| (number, row, *column)));
    let fields: Vec<_> = fields.collect();
    if fields.is_empty() {
        return Ok(times);
    }
    let asked = fields.iter().map(|(_, row, column)| {
        let (table, id) = (row.table, row.id);
        (Key { table, id }, *column, &row.values[*column])
    });
    let edits = tx.edits_of(&asked.collect::<Vec<_>>())?;
    for ((number, row, column), edited) in fields.into_iter().zip(edits) {
        let Some(edited) = edited else { continue };
        let at = time_there(tx, &edited, clock_offset)?;
        let of_row = time_of(row.table, &row.values).and_then(|at| at.checked_add(clock_offset).ok());
        if let (Some(at), Some(of_row)) = (at, of_row)
            && at.duration_since(of_row).abs() > SignedDuration::from_micros(EXACT_MICROS)
        {
            times[number].push((row.table.columns[column].name, at));
        }
    }
    Ok(times)
}
