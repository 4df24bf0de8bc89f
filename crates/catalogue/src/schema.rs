//! What this catalogue's file looks like: its migrations and its entities.
//!
//! A new entity is one file beside this one, one migration for each side, and one line in [`ENTITIES`].

use colophon_store::migrations::MigrationReport;
use colophon_store::schema::{Table, Value};
use colophon_store::{Columns as _, Database, FileSchema, ReadSession, Registered, Result, Settings};
use uuid::Uuid;

use crate::author::Author;
use crate::author_name::AuthorName;
use crate::book::Book;
use crate::conflict::Conflict;
use crate::contribution::Contribution;
use crate::identifier::Identifier;
use crate::tag::{Tag, Tagging};

/// The entities, parents before children.
pub const ENTITIES: &[Registered] = &[
    Registered::of::<Author>(),
    Registered::of::<Book>(),
    Registered::of::<Contribution>(),
    Registered::of::<Tag>(),
    Registered::of::<Tagging>(),
    Registered::of::<AuthorName>(),
    Registered::of::<Identifier>(),
    Registered::of::<Conflict>(),
];

/// Their tables, parents before children.
pub const TABLES: &[&Table] = &{
    let mut tables = [ENTITIES[0].table; ENTITIES.len()];
    let mut index = 0;
    while index < tables.len() {
        tables[index] = ENTITIES[index].table;
        index += 1;
    }
    tables
};

/// Name, text and down script of every migration, made by the build script.
const MIGRATIONS: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The migrations of the local file and the tables that are kept in step with the server.
pub fn file_schema() -> Result<FileSchema> {
    FileSchema::new(MIGRATIONS, ENTITIES)
}

/// The entities whose rows are about books and people, parents before children: all except conflicts, which are about
/// these.
pub fn records() -> impl Iterator<Item = &'static Registered> {
    ENTITIES.iter().filter(|entity| entity.table != Conflict::TABLE)
}

/// The entity of a table.
pub fn entity(table: &str) -> Option<&'static Registered> {
    ENTITIES.iter().find(|entity| entity.table.name == table)
}

/// What people call a record; `None` if it is gone, or has no name.
pub fn name_of(session: &ReadSession<'_>, entity: &str, id: Uuid) -> Result<Option<String>> {
    let Some(entity) = self::entity(entity) else {
        return Ok(None);
    };
    let found = entity.find(session, id)?;
    Ok(found.and_then(|values| name_in(entity, values)))
}

/// What a record that is gone was called, as far as that is remembered.
pub fn last_name_of(session: &ReadSession<'_>, entity: &str, id: Uuid) -> Result<Option<String>> {
    let Some(entity) = self::entity(entity) else {
        return Ok(None);
    };
    let deleted = session.record(entity.table, id)?.deleted;
    Ok(deleted.and_then(|kept| name_in(entity, kept.content)))
}

fn name_in(entity: &Registered, values: Vec<Value>) -> Option<String> {
    let position = entity.table.position(entity.name)?;
    match values.into_iter().nth(position) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Opens a catalogue file, creating it if it does not exist; brings it up to what this program expects.
pub async fn open(settings: &Settings) -> Result<(Database, MigrationReport)> {
    let database = Database::open(settings).await?;
    let report = database.migrate(&file_schema()?).await?;
    Ok((database, report))
}

/// [`open`] on the calling thread.
pub fn open_blocking(settings: &Settings) -> Result<(Database, MigrationReport)> {
    let database = Database::open_blocking(settings)?;
    let report = database.migrate_blocking(&file_schema()?)?;
    Ok((database, report))
}

/// An empty catalogue in memory, for tests.
pub async fn in_memory() -> Result<Database> {
    let database = Database::in_memory().await?;
    database.migrate(&file_schema()?).await?;
    Ok(database)
}
