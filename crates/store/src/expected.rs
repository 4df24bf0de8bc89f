//! What a program expects of its file, and whether the file meets it.

use refinery::Migration;
use rusqlite::Connection;

use crate::error::{Error, MigrationError, Result};
use crate::file::history;
use crate::file::scripts::{Misnamed, Scripts};
use crate::schema::Table;
use crate::settings::APPLICATION_ID;
use crate::tracking::registered::Registered;

/// What a program expects of its file: the migrations and the entities it knows.
#[derive(Debug, Clone)]
pub struct FileSchema {
    /// The migrations, ascending.
    pub up: Vec<Migration>,
    /// For each of them, the script that takes it back, under the same version.
    pub down: Vec<Migration>,
    /// The entities, parents first: their tables are kept in step, and the parts of a record are deleted with it.
    pub entities: &'static [Registered],
    /// Whether the store makes the tables in which it keeps its own books; otherwise the migrations do.
    pub has_bookkeeping: bool,
    /// The id of the files that belong to the application, as in its [`Settings`](crate::Settings).
    pub application_id: i32,
}

impl FileSchema {
    /// A schema of migrations given as name (`V1__what_it_does`), text, and text of the down script, in any order, and
    /// of the entities, parents first. A name that is not of that form is an error.
    pub fn new(migrations: &[(&str, &str, &str)], entities: &'static [Registered]) -> Result<Self> {
        let failed = |Misnamed { what, reason }| MigrationError::Failed { what, reason };
        let Scripts { up, down } = Scripts::parse(migrations).map_err(failed)?;
        Ok(Self {
            up,
            down,
            entities,
            has_bookkeeping: false,
            application_id: APPLICATION_ID,
        })
    }

    /// The schema of another application: the store makes the tables for its books itself, before the application's
    /// migrations run. In the table of an entity it expects, besides the declared columns, `revision INTEGER NOT NULL
    /// DEFAULT 0` and the stored keys.
    pub fn for_application(
        application_id: i32,
        migrations: &[(&str, &str, &str)],
        entities: &'static [Registered],
    ) -> Result<Self> {
        Ok(Self {
            has_bookkeeping: true,
            application_id,
            ..Self::new(migrations, entities)?
        })
    }

    /// The tables of the entities, parents first.
    pub fn tables(&self) -> Vec<&'static Table> {
        self.entities.iter().map(|entity| entity.table).collect()
    }

    /// The newest version.
    pub fn version(&self) -> i32 {
        self.up.last().map_or(0, Migration::version)
    }
}

/// The file's version (0 for a new one) and the versions still to be applied, or why the file must be left alone.
pub(crate) fn split(connection: &Connection, schema: &FileSchema) -> Result<(i32, Vec<i32>)> {
    let applied = history::applied(connection)?;
    let known = schema.version();
    let found = applied.iter().map(|row| row.0).max().unwrap_or(0);
    if found > known {
        return Err(MigrationError::Newer { found, known }.into());
    }
    for (version, _, checksum) in &applied {
        let ours = schema.up.iter().find(|migration| migration.version() == *version);
        if let Some(migration) = ours.filter(|migration| migration.checksum().to_string() != *checksum) {
            let name = migration.name().to_owned();
            return Err(MigrationError::Edited {
                version: *version,
                name,
            }
            .into());
        }
    }
    let is_waiting = |version: &i32| !applied.iter().any(|row| row.0 == *version);
    Ok((
        found,
        schema.up.iter().map(Migration::version).filter(is_waiting).collect(),
    ))
}

/// An error unless the file is at a version whose every step this program knows, with everything that belongs to it.
pub(crate) fn refuse_unknown(connection: &Connection, schema: &FileSchema) -> Result<()> {
    split(connection, schema)?;
    refuse_views(connection, schema)
}

/// Checks that whatever has the name of one of our tables is a table. A view of that name would be evaluated for every
/// list, and would never end if whoever made the file wanted that.
pub(crate) fn refuse_views(connection: &Connection, schema: &FileSchema) -> Result<()> {
    let mut kind =
        connection.prepare("SELECT type FROM sqlite_schema WHERE name=? AND type<>'table' AND type<>'index'")?;
    for table in schema.tables() {
        if kind.exists([table.name])? {
            let detail = format!("{} is no table in it", table.name);
            return Err(Error::Corrupt { detail });
        }
    }
    Ok(())
}

/// An error that names a table or column that the entities have and no migration has made. Otherwise, the first person
/// to write there would run into it.
pub(crate) fn refuse_unmade(connection: &Connection, schema: &FileSchema) -> Result<()> {
    let mut there = connection.prepare("SELECT name FROM pragma_table_info(?)")?;
    for table in schema.tables() {
        let names = there.query_map([table.name], |row| row.get(0))?;
        let names = names.collect::<Result<Vec<String>, _>>()?;
        if names.is_empty() {
            let what = format!("there is no table {}", table.name);
            return Err(Error::NotAsDeclared { what });
        }
        let mut wanted = table.columns.iter().map(|column| column.name).chain(["revision"]);
        if let Some(column) = wanted.find(|wanted| !names.iter().any(|name| name == wanted)) {
            let what = format!("the table {} has no column {column}", table.name);
            return Err(Error::NotAsDeclared { what });
        }
    }
    Ok(())
}
