//! Migrations as an application writes them, for a file or for a server.

use refinery::Migration;

/// Migrations, ascending, and the scripts that take them back, under the same versions.
#[derive(Debug)]
pub struct Scripts {
    /// The ways up.
    pub up: Vec<Migration>,
    /// The ways down.
    pub down: Vec<Migration>,
}

/// A migration whose name is not of the form `V1__what_it_does`.
#[derive(Debug)]
pub struct Misnamed {
    /// What could not be done, in words.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl Scripts {
    /// From migrations given as name, text, and text of the down script, in any order.
    pub fn parse(migrations: &[(&str, &str, &str)]) -> Result<Self, Misnamed> {
        let parse = |name: &str, sql: &str| {
            Migration::unapplied(name, sql).map_err(|error| Misnamed {
                what: format!("reading the migration {name}"),
                reason: error.to_string(),
            })
        };
        let mut up = Vec::with_capacity(migrations.len());
        let mut down = Vec::with_capacity(migrations.len());
        for (name, up_sql, down_sql) in migrations {
            up.push(parse(name, up_sql)?);
            down.push(parse(name, down_sql)?);
        }
        up.sort_by_key(Migration::version);
        Ok(Self { up, down })
    }
}
