//! The rows of a small batch, in the order in which they are written and with the statements that write them.

use bytes::{BufMut as _, Bytes, BytesMut};
use colophon_store::schema::Table;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::super::batch::{Batch, RowChange};
use super::super::connection::Question;
use super::super::copy;
use super::super::error::Result;
use super::super::notes::{opened_revision, revision_of_this_transaction};
use super::super::settings::SchemaName;
use super::super::statements::list;
use super::super::writes::Part;

/// A batch with more rows goes by stages.
pub(in crate::central) const ROWS_MAX: usize = 64;
/// So does one with more bytes: it would keep whoever comes next waiting while it arrives.
const BYTES_MAX: usize = 64 * 1024;

/// The rows of one table that are written in the same way.
pub(super) struct Write<'b> {
    pub(super) table: &'static Table,
    part: Part,
    pub(super) rows: Vec<&'b RowChange>,
    bases: Vec<i64>,
    /// The values column by column.
    columns: Vec<Vec<Cell>>,
}

/// A value in the server's binary format. It is encoded beforehand: if a value turned out not to fit while the
/// statements are being sent, the COMMIT would go without the statement that it belongs to.
#[derive(Debug)]
struct Cell(Option<Bytes>);

impl ToSql for Cell {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match &self.0 {
            Some(value) => {
                out.put_slice(value);
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Parents written, children written, children deleted, parents deleted. `None` if that is too much for one piece, or a
/// value does not fit its column.
pub(super) fn writes(batch: &Batch) -> Option<Vec<Write<'_>>> {
    if batch.len() > ROWS_MAX {
        return None;
    }
    let mut left = BYTES_MAX;
    let tables = &batch.tables;
    let written = tables
        .iter()
        .flat_map(|changes| [Part::New, Part::Known].map(|part| (changes, part)));
    let gone = tables.iter().rev().map(|changes| (changes, Part::Gone));
    let writes = written.chain(gone).map(|(changes, part)| {
        let rows = changes.rows.iter().filter(|row| Part::of(row) == part);
        Write::new(changes.table, part, rows, &mut left)
    });
    let writes: Option<Vec<Write<'_>>> = writes.collect();
    Some(writes?.into_iter().filter(|write| !write.rows.is_empty()).collect())
}

impl<'b> Write<'b> {
    fn new(
        table: &'static Table,
        part: Part,
        changes: impl Iterator<Item = &'b RowChange>,
        left: &mut usize,
    ) -> Option<Self> {
        let (mut rows, mut bases) = (Vec::new(), Vec::new());
        let mut columns: Vec<Vec<Cell>> = table.columns.iter().map(|_| Vec::new()).collect();
        for row in changes {
            if row.values.len() != columns.len() {
                return None;
            }
            rows.push(row);
            bases.push(row.base_revision);
            for ((cells, column), value) in columns.iter_mut().zip(table.columns).zip(&row.values) {
                let mut bytes = BytesMut::new();
                let is_null = matches!(copy::value(&mut bytes, column.kind, value)?, IsNull::Yes);
                *left = left.checked_sub(bytes.len())?;
                cells.push(Cell((!is_null).then(|| bytes.freeze())));
            }
        }
        Some(Self {
            table,
            part,
            rows,
            bases,
            columns,
        })
    }

    /// The statement that writes them, where `sent` is a table of them called `s`. It touches as many rows as there are
    /// here, if each is on the server as it is known here.
    pub(super) fn statement(&self, schema: &SchemaName, sent: &str) -> String {
        let names: Vec<&str> = self.table.columns.iter().map(|column| column.name).collect();
        let of = |row: &str| list(names.iter().map(|name| format!("{row}.{name}")));
        let name = self.table.name;
        let opened = format!("({}) AS head", opened_revision(schema));
        match self.part {
            Part::New => format!(
                "INSERT INTO \"{schema}\".{name} AS t ({}, revision) SELECT {}, head.revision FROM {sent}, ({}) AS head \
                 WHERE NOT EXISTS (SELECT FROM \"{schema}\".tombstone AS grave WHERE grave.entity = '{name}' AND grave.id = s.id)",
                names.join(", "),
                of("s"),
                revision_of_this_transaction(schema),
            ),
            Part::Known => format!(
                "UPDATE \"{schema}\".{name} AS t SET {}, revision = head.revision FROM {sent}, {opened} \
                 WHERE t.id = s.id AND t.revision = s.base_revision",
                list(names.iter().skip(1).map(|name| format!("{name} = s.{name}"))),
            ),
            // A different last content would have to be written first.
            Part::Gone => format!(
                "DELETE FROM \"{schema}\".{name} AS t USING {sent}, {opened} \
                 WHERE t.id = s.id AND t.revision = s.base_revision AND ({}) IS NOT DISTINCT FROM ({})",
                of("t"),
                of("s"),
            ),
        }
    }

    /// The same as a statement of its own: it ends the transaction if it does not touch that many rows.
    pub(super) fn expecting<'q>(&'q self, schema: &SchemaName) -> Question<'q> {
        let mut bound: Vec<(&'q (dyn ToSql + Sync), Type)> = vec![(&self.bases, Type::INT8_ARRAY)];
        for (cells, column) in self.columns.iter().zip(self.table.columns) {
            bound.push((cells, copy::array_of(column.kind)));
        }
        let names: Vec<&str> = self.table.columns.iter().map(|column| column.name).collect();
        let sent = format!(
            "unnest({}) AS s(base_revision, {})",
            list((1..=bound.len()).map(|number| format!("${number}"))),
            names.join(", "),
        );
        let (written, count) = (self.statement(schema, &sent), self.rows.len());
        let sql = format!(
            "WITH written AS ({written} RETURNING t.id) SELECT \"{schema}\".expect(count(*) = {count}) FROM written"
        );
        (sql, bound)
    }
}
