//! Rows as they are kept for the sync and read for it: without the type of their entity, in the order of their columns.

use rusqlite::Row;
use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::schema::field::{Field as _, read_uuid};
use crate::schema::sql::Sql;
use crate::schema::{ColumnKind, Table, Value};

/// A row as it is kept in `pending`, `deleted` and `batch_in_flight`: a JSON object keyed by column, ids as 32
/// hexadecimal digits, as the capture triggers write it. It goes by name, because the program that reads it may be of
/// another version than the one that kept it.
pub(crate) fn row_json(table: &Table, values: &[Value]) -> Json {
    let columns = table.columns.iter().zip(values);
    let fields = columns.map(|(column, value)| {
        let value = match value {
            Value::Uuid(id) => Json::from(id.simple().to_string()),
            other => other.to_json(),
        };
        (column.name.to_owned(), value)
    });
    Json::Object(fields.collect())
}

/// The reverse of [`row_json`]. For a column that was added after the row was kept, it gives what existing rows got
/// when the column was added: nobody has said anything about it. A value kept for a column that is not known (any more)
/// is left out.
fn row_of_json(table: &Table, json: &Json) -> Option<Vec<Value>> {
    let kept = json.as_object()?;
    let columns = table.columns.iter();
    columns
        .map(|column| match kept.get(column.name) {
            Some(json) => Value::from_json(column.kind, json),
            None => Some(column.unsaid()),
        })
        .collect()
}

pub(crate) fn values_of(table: &Table, text: &str) -> Result<Vec<Value>> {
    let json = serde_json::from_str(text).ok();
    json.and_then(|json| row_of_json(table, &json))
        .ok_or_else(|| damaged("a kept row does not fit its table"))
}

pub(crate) fn damaged(detail: &str) -> Error {
    Error::Corrupt {
        detail: detail.to_owned(),
    }
}

pub(crate) fn select_row(table: &'static Table) -> Sql {
    let mut sql = Sql::new("SELECT revision,");
    sql.join(table.columns.iter().map(|column| column.name), ",");
    sql.push(" FROM ").push(table.name).push(" WHERE id=?");
    sql
}

pub(crate) fn read_values(table: &Table, row: &Row<'_>, first: usize) -> rusqlite::Result<Vec<Value>> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(index, column)| {
            let value = row.get_ref(first + index)?;
            Ok(match (column.kind, value) {
                (_, rusqlite::types::ValueRef::Null) => Value::Null,
                (ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid, value) => {
                    Value::Uuid(read_uuid(value)?)
                }
                (ColumnKind::Text, value) => Value::Text(value.as_str()?.to_owned()),
                (ColumnKind::Integer | ColumnKind::BigInteger | ColumnKind::Timestamp, value) => {
                    Value::Integer(value.as_i64()?)
                }
                (ColumnKind::Real, value) => f64::read(value)?.into_value(),
            })
        })
        .collect()
}
