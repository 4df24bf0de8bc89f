//! What a way down would lose, found by taking it and coming back: a script says nothing about itself, but its effect
//! can be observed.

use std::collections::BTreeSet;

use refinery::Migration;
use rusqlite::Connection;
use serde::Serialize;

use crate::capture;
use crate::database::Database;
use crate::error::Result;
use crate::expected::FileSchema;
use crate::file::history::last_applied;
use crate::file::transaction::{Kind, OpenTransaction};
use crate::migrations::offer_functions;
use crate::schema::Table;

/// What taking back a migration loses from one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// The table.
    pub entity: String,
    /// The field; absent if the whole table goes.
    pub field: Option<String>,
    /// How many records have something there.
    pub records: u64,
}

impl Database {
    /// What taking back the last migration would lose. Nothing is changed.
    pub fn would_lose_blocking(&self, schema: &FileSchema) -> Result<Vec<Loss>> {
        self.maintain(|connection| {
            offer_functions(connection)?;
            let last = last_applied(connection)?;
            let down = schema.down.iter().find(|migration| migration.version() == last);
            let Some(script) = down.and_then(Migration::sql) else {
                return Ok(Vec::new());
            };
            let before = columns(connection, &schema.tables())?;
            let transaction = OpenTransaction::begin(connection, Kind::Write)?;
            capture::drop_all(connection)?;
            connection.execute_batch(script)?;
            let after = columns(connection, &schema.tables())?;
            drop(transaction);
            lost(connection, &schema.tables(), &before, &after)
        })
    }
}

/// The columns that these tables have in the file, each with its table.
fn columns(connection: &Connection, tables: &[&'static Table]) -> Result<BTreeSet<(&'static str, String)>> {
    let mut found = BTreeSet::new();
    for table in tables {
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?)")?;
        let names = statement.query_map([table.name], |row| row.get(0))?;
        for name in names {
            found.insert((table.name, name?));
        }
    }
    Ok(found)
}

fn lost(
    connection: &Connection,
    tables: &[&'static Table],
    before: &BTreeSet<(&'static str, String)>,
    after: &BTreeSet<(&'static str, String)>,
) -> Result<Vec<Loss>> {
    let has = |columns: &BTreeSet<(&'static str, String)>, table: &str| columns.iter().any(|(of, _)| *of == table);
    let mut losses = Vec::new();
    for table in tables.iter().filter(|table| has(before, table.name)) {
        let mut count = |field: Option<&'static str>, condition: String| -> Result<()> {
            let sql = format!("SELECT count(*) FROM \"{}\" WHERE {condition}", table.name);
            let records: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            losses.push(Loss {
                entity: table.name.to_owned(),
                field: field.map(str::to_owned),
                records: records.unsigned_abs(),
            });
            Ok(())
        };
        if !has(after, table.name) {
            count(None, "true".to_owned())?;
            continue;
        }
        // Stored keys are derived again.
        for column in table.columns {
            let key = (table.name, column.name.to_owned());
            if before.contains(&key) && !after.contains(&key) {
                let name = column.name;
                count(
                    Some(name),
                    format!("\"{name}\" IS NOT NULL AND \"{name}\" NOT IN ('', 0)"),
                )?;
            }
        }
    }
    Ok(losses)
}
