//! Whether values make up a row of an entity.

use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::schema::{ColumnKind, Table, Value};

/// A row made of values, if each is of its column's kind; otherwise [`Error::Unfit`].
pub(crate) fn fitting<E: Entity>(values: Vec<Value>) -> Result<E> {
    let reason = misfit(E::TABLE, &values).unwrap_or_else(|| "a value is none that this version knows".to_owned());
    E::from_values(values).ok_or(Error::Unfit {
        entity: E::TABLE.name,
        reason,
    })
}

/// What prevents values from being a row of a table, judging by its columns, in words.
fn misfit(table: &Table, values: &[Value]) -> Option<String> {
    if values.len() != table.columns.len() {
        return Some(format!("it has {} values", values.len()));
    }
    let mut columns = table.columns.iter().zip(values);
    columns.find_map(|(column, value)| match (column.kind, value) {
        (_, Value::Null) if !column.nullable => Some(format!("its {} is missing", column.name)),
        (_, Value::Null)
        | (ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid, Value::Uuid(_))
        | (ColumnKind::Integer | ColumnKind::BigInteger | ColumnKind::Timestamp, Value::Integer(_))
        | (ColumnKind::Real, Value::Real(_))
        | (ColumnKind::Text, Value::Text(_)) => None,
        _ => Some(format!("its {} is of another kind", column.name)),
    })
}
