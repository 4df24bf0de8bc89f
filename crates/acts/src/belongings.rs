//! What is done with the lists of a record: its tags, identifiers, other names.

use colophon_catalogue::belongings::{Belongings, belongings_named};
use colophon_store::{Error, Result, WriteSession};
use uuid::Uuid;

use crate::deed::Deed;
use crate::record::RecordKind;

/// Adds what was typed to a list of a record. What is already in it is not added again.
pub fn add(session: &WriteSession<'_>, record: RecordKind, id: Uuid, list: &str, text: &str) -> Result<()> {
    let list = list_named(record, list)?;
    list.add(session, id, text)?;
    Deed::edited(record, list.name_of(session, id)?).note(session);
    Ok(())
}

/// Takes the text of one row out of a list of a record. Does nothing if it is already gone.
pub fn remove(session: &WriteSession<'_>, record: RecordKind, id: Uuid, list: &str, row: Uuid) -> Result<()> {
    let list = list_named(record, list)?;
    list.remove_row(session, id, row)?;
    Deed::edited(record, list.name_of(session, id)?).note(session);
    Ok(())
}

fn list_named(record: RecordKind, name: &str) -> Result<&'static Belongings> {
    let table = record.table();
    belongings_named(table, name)
        .ok_or_else(|| Error::invalid("list", format!("a {} has no list “{name}”", table.name)))
}
