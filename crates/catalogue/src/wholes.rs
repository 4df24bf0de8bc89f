//! What a row is a part of: the book of a tagging, the author of a name. The row is deleted with it (the store does
//! that), and moves with it into another.
//!
//! The declaration says which column names the whole (`FieldOptions::PART_OF`), and everything here follows from that,
//! for any entity.

use colophon_store::schema::{ColumnKind, Table, Value};
use colophon_store::{ReadSession, Registered, Result, WriteSession, parts_of};
use uuid::Uuid;

use crate::schema::{self, ENTITIES};

/// Gives a record what is part of another. What it already has is not given a second time.
pub fn hand_on_parts(session: &WriteSession<'_>, table: &Table, from: Uuid, into: Uuid) -> Result<()> {
    for (entity, column) in parts_of(ENTITIES, table) {
        let moving = entity.referring(session, column, from)?;
        if moving.is_empty() {
            continue;
        }
        let said = |id: Uuid| -> Result<Vec<Value>> {
            let mut values = entity.find(session, id)?.unwrap_or_default();
            for (place, value) in values.iter_mut().enumerate() {
                if place == column || !entity.table.columns[place].is_content() {
                    *value = Value::Null;
                }
            }
            Ok(values)
        };
        let mut known: Vec<_> = entity
            .referring(session, column, into)?
            .into_iter()
            .map(said)
            .collect::<Result<_>>()?;
        for id in moving {
            let values = said(id)?;
            if known.contains(&values) {
                entity.delete(session, id)?;
            } else {
                entity.set_as_it_was(session, id, &[(column, Value::Uuid(into))])?;
                known.push(values);
            }
        }
    }
    Ok(())
}

/// The columns of a table that name what its rows are parts of, each with the table it refers to.
pub fn wholes(table: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let declared = schema::entity(table).map_or(&[][..], |entity| entity.declared);
    declared
        .iter()
        .filter(|declared| declared.options.is_whole)
        .filter_map(|declared| match declared.column.kind {
            ColumnKind::Reference { table } => Some((declared.name(), table)),
            _ => None,
        })
}

/// Whether the rows of a table are parts of other records.
pub fn is_part(table: &str) -> bool {
    wholes(table).next().is_some()
}

/// The record that a row is primarily a part of: its table and its id. `None` if it stands by itself.
pub fn whole_of(session: &ReadSession<'_>, table: &str, id: Uuid) -> Result<Option<(&'static str, Uuid)>> {
    let Some(entity) = schema::entity(table) else {
        return Ok(None);
    };
    let values = match entity.find(session, id)? {
        Some(values) => Some(values),
        None => session.record(entity.table, id)?.deleted.map(|kept| kept.content),
    };
    Ok(values.and_then(|values| whole_in(entity, &values)))
}

/// The same, from the values of a row.
fn whole_in(entity: &Registered, values: &[Value]) -> Option<(&'static str, Uuid)> {
    let mut wholes = entity.declared.iter().filter(|declared| declared.options.is_whole);
    wholes.find_map(|declared| match (declared.column.kind, values.get(declared.position)) {
        (ColumnKind::Reference { table }, Some(Value::Uuid(id))) => Some((table, *id)),
        _ => None,
    })
}
