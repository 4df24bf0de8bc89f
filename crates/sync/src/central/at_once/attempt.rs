//! The statements of a small batch as one question: the server runs them within a function that undoes them without an
//! error.
//!
//! A function can take statements only as text, and a dynamic statement can take a list only as JSON; so the rows go as
//! JSON.

use colophon_store::schema::{Column, ColumnKind, Value};
use serde_json::{Value as Json, json};
use tokio_postgres::types::{ToSql, Type};

use super::super::batch::{Batch, Device, RowChange};
use super::super::connection::{Connection, Question};
use super::super::copy;
use super::super::settings::SchemaName;
use super::super::statements::list;
use super::written::Write;

/// The first version of the server that has the function.
const SINCE: i32 = 3;

/// Statements, what each is given, and how many rows it has to touch.
#[derive(Default)]
pub(super) struct Attempt {
    statements: Vec<String>,
    rows: Vec<String>,
    counts: Vec<i64>,
}

impl Connection {
    /// Whether the server is known to have the function.
    pub(super) fn can_attempt(&self) -> bool {
        self.acquaintance().0 >= SINCE
    }
}

impl Attempt {
    pub(super) fn new(schema: &SchemaName, device: &Device, batch: &Batch, writes: &[Write<'_>]) -> Self {
        let mut attempt = Self::default();
        attempt.expect_to_be_new(schema, device, batch);
        for write in writes {
            let columns = write.table.columns;
            let rows = write.rows.iter().map(|row| as_json(row, columns));
            attempt.statements.push(write.statement(schema, &sent(columns)));
            attempt.rows.push(Json::Array(rows.collect()).to_string());
            attempt.counts.push(i64::try_from(write.rows.len()).unwrap_or(i64::MAX));
        }
        attempt
    }

    /// The batch is new, and the server knows what the device has seen.
    fn expect_to_be_new(&mut self, schema: &SchemaName, device: &Device, batch: &Batch) {
        let knows_newest = if device.newest.is_some() {
            format!(
                "EXISTS (SELECT FROM \"{schema}\".lineage AS seen WHERE seen.revision = ($1 ->> 'revision')::bigint \
                 AND seen.mark = ($1 ->> 'mark')::uuid)"
            )
        } else {
            "true".to_owned()
        };
        let newest = device.newest;
        let rows = json!({
            "device": device.id,
            "number": batch.number,
            "revision": newest.map(|newest| newest.revision),
            "mark": newest.map(|newest| newest.mark),
        });
        self.statements.push(format!(
            "SELECT WHERE {knows_newest} AND NOT EXISTS (SELECT FROM \"{schema}\".device AS known \
             WHERE known.id = ($1 ->> 'device')::uuid AND known.last_batch >= ($1 ->> 'number')::bigint)"
        ));
        self.rows.push(rows.to_string());
        self.counts.push(1);
    }

    pub(super) fn question(&self, schema: &SchemaName) -> Question<'_> {
        let sql = format!("SELECT \"{schema}\".attempt($1, $2, $3)");
        let bound: Vec<(&(dyn ToSql + Sync), Type)> = vec![
            (&self.statements, Type::TEXT_ARRAY),
            (&self.rows, Type::TEXT_ARRAY),
            (&self.counts, Type::INT8_ARRAY),
        ];
        (sql, bound)
    }
}

fn as_json(row: &RowChange, columns: &[Column]) -> Json {
    let values = columns.iter().zip(&row.values).map(|(column, value)| {
        let value = match value {
            Value::Null => Json::Null,
            Value::Integer(number) => Json::from(*number),
            Value::Text(text) => Json::from(text.as_str()),
            Value::Uuid(id) => Json::from(id.to_string()),
            Value::Real(number) => Json::from(number.number()),
        };
        (column.name.to_owned(), value)
    });
    let base = ("base_revision".to_owned(), Json::from(row.base_revision));
    Json::Object(values.chain([base]).collect())
}

/// What was sent, as a table `s` with the columns' own types.
fn sent(columns: &[Column]) -> String {
    let kept = columns.iter().map(|column| match column.kind {
        // By hours and the rest, so that no multiplication has to round.
        ColumnKind::Timestamp => format!(
            "timestamptz 'epoch' + {0} / 3600000000 * interval '1 hour' + {0} % 3600000000 * interval '1 microsecond' AS {0}",
            column.name
        ),
        _ => column.name.to_owned(),
    });
    let as_sent = columns.iter().map(|column| match column.kind {
        ColumnKind::Timestamp => format!("{} bigint", column.name),
        kind => format!("{} {}", column.name, copy::type_of(kind)),
    });
    format!(
        "(SELECT base_revision, {} FROM json_to_recordset($1) AS sent(base_revision bigint, {})) AS s",
        list(kept),
        list(as_sent)
    )
}
