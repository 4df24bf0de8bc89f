//! What there was no room for: values of columns, and rows of tables, in which this file has not been in step with the
//! server until now.
//!
//! They belong to rows that the file has already seen, so no pull brings them. They come a part at a time, in the order
//! of ids, each part from its own snapshot.

use std::sync::atomic::AtomicU64;

use colophon_store::schema::{ColumnSet, Table, Value};
use futures_util::future::join4;
use uuid::Uuid;

use super::connection::Connection;
use super::error::Result;
use super::rows::{Arrivals, Read};
use crate::remote::{Additions, AdditionsRequest};

const ASKING: &str = "asking for what there was no room for";

/// Rows in one part.
const ROWS: usize = 5_000;

impl Connection {
    /// One part of it.
    pub async fn additions(&mut self, request: &AdditionsRequest) -> Result<Additions> {
        let came_to = self.additions_snapshot(request).await;
        self.end(ASKING, came_to).await
    }

    async fn additions_snapshot(&self, request: &AdditionsRequest) -> Result<Additions> {
        let AdditionsRequest {
            table,
            columns,
            after,
            is_new,
            ref waiting,
        } = *request;
        let arrived = AtomicU64::new(0);
        let tables = self.edition.tables;
        let beginning = self.beginning_of_snapshot();
        let after = after.map_or_else(|| "true".to_owned(), |id| format!("id > '{id}'"));
        let of_rows = if is_new {
            "true".to_owned()
        } else {
            says_something(table, columns)
        };
        let rows = format!("{after} AND ({of_rows}) ORDER BY id LIMIT {ROWS}");
        let in_content = says_something_in_tombstone(table, columns);
        // The tombstones of a table that is new here belong to rows that were never here.
        let graves = format!(
            "entity = '{}' AND {after} AND ({in_content}) AND NOT {is_new} ORDER BY id LIMIT {ROWS}",
            table.name
        );
        let all = async {
            let (begun, head, rows, graves) = join4(
                self.client.batch_execute(&beginning),
                self.snapshot_head(),
                self.copy_rows(table, &rows, &arrived),
                // They are known; only their content is not.
                self.graves(tables, &graves, "revision", &arrived),
            )
            .await;
            begun?;
            let read: Read<_> = Ok((head?, rows?, graves?));
            read
        };
        let (head, rows, graves) = self.ask_while_it_flows(ASKING, &arrived, all).await?;
        self.check_acquaintance(&head)?;
        let last = end_of_both([&rows, &graves]);
        let Arrivals { rows, mut unread } = rows;
        let deletions = graves.rows;
        unread.extend(graves.unread);
        let mut additions = Additions {
            head,
            rows,
            deletions,
            unread,
            last,
        };
        additions.end_at_last();
        let Additions { rows, deletions, .. } = &mut additions;
        self.tell_stories(tables, waiting, rows, deletions).await?;
        Ok(additions)
    }
}

/// Where this part ends: whatever came in full may have more behind it; `None` if there is no more.
fn end_of_both(parts: [&Arrivals; 2]) -> Option<Uuid> {
    let full = parts
        .into_iter()
        .filter(|part| part.rows.len() + part.unread.len() >= ROWS);
    full.filter_map(|part| part.keys().map(|key| key.id).max()).min()
}

/// Whether a row has a value in one of these columns.
fn says_something(table: &Table, columns: ColumnSet) -> String {
    let each = columns.positions().map(|position| {
        let column = &table.columns[position];
        match column.unsaid() {
            Value::Null => format!("{} IS NOT NULL", column.name),
            Value::Text(_) => format!("{} <> ''", column.name),
            Value::Integer(_) | Value::Real(_) => format!("{0}::text <> 0::text", column.name),
            Value::Uuid(_) => "true".to_owned(),
        }
    });
    each.collect::<Vec<_>>().join(" OR ")
}

/// Whether a tombstone keeps a value in one of these columns.
fn says_something_in_tombstone(table: &Table, columns: ColumnSet) -> String {
    let each = columns.positions().map(|position| {
        let name = table.columns[position].name;
        format!("coalesce(content ->> '{name}', '') NOT IN ('', '0')")
    });
    each.collect::<Vec<_>>().join(" OR ")
}
