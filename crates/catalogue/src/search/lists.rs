//! What the lists of a record add to its searchable text, and whose text changes because a row in them does.

use std::collections::HashMap;

use colophon_store::schema::Table;
use colophon_store::{ChangeKind, ReadSession, Result};
use uuid::Uuid;

use super::PART;
use crate::belongings::belongings_of;

/// Whether a table holds rows for the lists of another table's records.
pub(super) fn is_of_lists(table: &Table, changed: &str) -> bool {
    belongings_of(table).any(|list| list.searched_in.contains(&changed))
}

/// What is in the lists of all records of a table: by record, each text preceded by a separator.
pub(super) fn texts(session: &ReadSession<'_>, table: &Table) -> Result<HashMap<Uuid, String>> {
    let mut found: HashMap<Uuid, String> = HashMap::new();
    for list in belongings_of(table) {
        (list.texts)(session, None, &mut |record, text| {
            let all = found.entry(record).or_default();
            all.push(PART);
            all.push_str(text);
        })?;
    }
    Ok(found)
}

/// The same for one record.
pub(super) fn texts_of(session: &ReadSession<'_>, table: &Table, record: Uuid) -> Result<String> {
    let mut all = String::new();
    for list in belongings_of(table) {
        (list.texts)(session, Some(record), &mut |_, text| {
            all.push(PART);
            all.push_str(text);
        })?;
    }
    Ok(all)
}

/// The records of a table whose text may change because a row of one of their lists does; `None` if that can no longer
/// be told.
pub(super) fn touched(
    session: &ReadSession<'_>,
    of: &Table,
    changed: &str,
    row: Uuid,
    kind: ChangeKind,
) -> Result<Option<Vec<Uuid>>> {
    if matches!(kind, ChangeKind::Deleted) {
        return Ok(None);
    }
    let mut records = Vec::new();
    for list in belongings_of(of).filter(|list| list.searched_in.contains(&changed)) {
        records.extend((list.records_of)(session, changed, row)?);
    }
    Ok(Some(records))
}
