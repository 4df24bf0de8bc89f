//! Rows in the format of `COPY … BINARY`.
//!
//! Written by hand rather than through `ToSql`: the columns are of a few kinds that are known beforehand, and the
//! encoding accounts for much of what a push costs on this side.

use bytes::{BufMut, BytesMut};
use colophon_store::schema::{ColumnKind, Table, Value};
use tokio_postgres::types::{IsNull, Type};

use super::batch::RowChange;
use super::said::Said;

/// PostgreSQL counts from 2000-01-01, we from 1970-01-01; in microseconds.
pub(super) const EPOCH_DIFFERENCE: i64 = 946_684_800_000_000;
/// The first moment that PostgreSQL can represent, 4714-11-24 BC, in microseconds since 1970. Anything earlier could
/// never be sent back.
pub(super) const FIRST_MOMENT: i64 = -210_866_803_200_000_000;
/// The last moment that our own timestamp type accepts as microseconds, in the year 9999.
pub(super) const LAST_MOMENT: i64 = 253_402_207_200_000_000;
/// What a stream of rows begins with.
pub(super) const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const END_OF_ROWS: i16 = -1;
const NULL_LENGTH: i32 = -1;

/// The columns that precede a table's own in its staging table.
pub(super) const CHANGE_COLUMNS: [(&str, &str); 2] = [
    ("deletes", "boolean DEFAULT false"),
    ("base_revision", "bigint DEFAULT 0"),
];

/// What comes before the first row.
pub(super) fn start(out: &mut BytesMut) {
    out.put_slice(SIGNATURE);
    // No flags, no header extension.
    out.put_i32(0);
    out.put_i32(0);
}

/// What comes after the last row.
pub(super) fn finish(out: &mut BytesMut) {
    out.put_i16(END_OF_ROWS);
}

/// One row. The error says in words which value does not fit its column; the bytes are then useless.
pub(super) fn row(out: &mut BytesMut, table: &Table, said: &Said, change: &RowChange) -> Result<(), String> {
    if change.values.len() != table.columns.len() {
        return Err(format!("a row of {} has {} values", table.name, change.values.len()));
    }
    let fields = said.names(table).count();
    out.put_i16(i16::try_from(fields).map_err(|_| format!("{} has too many columns", table.name))?);
    if said.deletes {
        out.put_i32(1);
        out.put_u8(u8::from(change.deletes));
    }
    if said.base_revision {
        out.put_i32(8);
        out.put_i64(change.base_revision);
    }
    for position in said.own.positions() {
        let (column, value) = (&table.columns[position], &change.values[position]);
        field(out, column.kind, value)
            .ok_or_else(|| format!("{} of {} does not fit its column", column.name, table.name))?;
    }
    Ok(())
}

/// A value preceded by its length.
fn field(out: &mut BytesMut, kind: ColumnKind, of: &Value) -> Option<()> {
    let start = out.len();
    out.put_i32(NULL_LENGTH);
    let before = out.len();
    if let IsNull::No = value(out, kind, of)? {
        let length = i32::try_from(out.len() - before).ok()?;
        out[start..before].copy_from_slice(&length.to_be_bytes());
    }
    Some(())
}

/// A value without its length; nothing is written for NULL. `None` if it does not fit its column.
pub(super) fn value(out: &mut BytesMut, kind: ColumnKind, value: &Value) -> Option<IsNull> {
    match (kind, value) {
        (_, Value::Null) => return Some(IsNull::Yes),
        (ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid, Value::Uuid(id)) => {
            out.put_slice(id.as_bytes());
        }
        (ColumnKind::Text, Value::Text(text)) => out.put_slice(text.as_bytes()),
        (ColumnKind::Integer, Value::Integer(number)) => out.put_i32(i32::try_from(*number).ok()?),
        (ColumnKind::BigInteger, Value::Integer(number)) => out.put_i64(*number),
        (ColumnKind::Real, Value::Real(number)) => out.put_f64(number.number()),
        (ColumnKind::Timestamp, Value::Integer(microseconds)) => {
            out.put_i64(microseconds.checked_sub(EPOCH_DIFFERENCE)?);
        }
        _ => return None,
    }
    Some(IsNull::No)
}

/// The type that a column has on the server.
pub(super) fn type_of(kind: ColumnKind) -> Type {
    match kind {
        ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid => Type::UUID,
        ColumnKind::Text => Type::TEXT,
        ColumnKind::Integer => Type::INT4,
        ColumnKind::BigInteger => Type::INT8,
        ColumnKind::Real => Type::FLOAT8,
        ColumnKind::Timestamp => Type::TIMESTAMPTZ,
    }
}

/// The type of an array of such values.
pub(super) fn array_of(kind: ColumnKind) -> Type {
    match kind {
        ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid => Type::UUID_ARRAY,
        ColumnKind::Text => Type::TEXT_ARRAY,
        ColumnKind::Integer => Type::INT4_ARRAY,
        ColumnKind::BigInteger => Type::INT8_ARRAY,
        ColumnKind::Real => Type::FLOAT8_ARRAY,
        ColumnKind::Timestamp => Type::TIMESTAMPTZ_ARRAY,
    }
}
