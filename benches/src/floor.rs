//! The floor: bare rusqlite on the same tables and indexes, without our triggers.

use std::path::Path;

use anyhow::{Context, Result};
use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookDraft, BookId};
use colophon_store::{Database, Entity, EntityId, Settings, Stamp, WriteSession, settings::Durability};
use rusqlite::{Connection, Statement};
use tempfile::TempDir;

/// A catalogue file in a folder of its own.
pub(crate) struct File {
    /// The catalogue; its capture is on.
    pub(crate) database: Database,
    /// Its folder.
    pub(crate) folder: TempDir,
}

impl File {
    /// An empty one.
    pub(crate) fn new(durability: Durability) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let settings = Settings {
            durability,
            ..Settings::for_file(folder.path().join("catalogue.sqlite"))
        };
        let (database, _) = colophon_catalogue::open_blocking(&settings)?;
        Ok(Self { database, folder })
    }
}

/// A bare connection to an empty file with the same schema, without triggers.
pub(crate) fn bare(durability: Durability) -> Result<(Connection, TempDir)> {
    let File { database, folder } = File::new(durability)?;
    drop(database);
    let connection = open(&folder.path().join("catalogue.sqlite"), durability)?;
    drop_triggers(&connection)?;
    Ok((connection, folder))
}

/// Opens a file as our own writer does, but bare.
pub(crate) fn open(file: &Path, durability: Durability) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(
        None,
        "synchronous",
        if durability == Durability::Full {
            "FULL"
        } else {
            "NORMAL"
        },
    )?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.busy_timeout(std::time::Duration::from_mins(1))?;
    Ok(connection)
}

/// Turns the capture of changes off.
pub(crate) fn drop_triggers(connection: &Connection) -> Result<()> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type='trigger'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP TRIGGER {name}"))?;
    }
    Ok(())
}

/// A complete row with its keys, computed beforehand, as the floor inserts it.
pub(crate) struct Row<E: Entity> {
    /// The row.
    pub(crate) row: E,
    keys: Vec<rusqlite::types::Value>,
}

/// The row of a draft.
pub(crate) fn row<E: Entity>(draft: &E::Draft, database: &Database) -> Result<Row<E>> {
    let now = database.origin().clock.now();
    let row = E::from_draft(
        draft,
        Stamp {
            id: database.origin().ids.next(now),
            now,
        },
    )
    .checked_in_full()?;
    let keys = (0..E::DERIVED.len()).map(|position| row.derive(position)).collect();
    Ok(Row { row, keys })
}

/// Authors, and the books of all of them.
pub(crate) type Rows = (Vec<Row<Author>>, Vec<Row<Book>>);

/// The rows of some authors and of `books` for each of them.
pub(crate) fn rows(authors: u32, books: u32) -> Result<Rows> {
    let database = Database::in_memory_blocking()?;
    let (mut all_authors, mut all_books) = (Vec::new(), Vec::new());
    for number in 0..authors {
        let author = row::<Author>(&crate::made_up::author(number), &database)?;
        for book in 0..books {
            all_books.push(row::<Book>(
                &crate::made_up::book(number * books + book, author.row.id),
                &database,
            )?);
        }
        all_authors.push(author);
    }
    Ok((all_authors, all_books))
}

/// The insert of an entity's table, with all columns and keys.
pub(crate) fn insert_sql<E: Entity>() -> String {
    let names: Vec<&str> = E::TABLE
        .columns
        .iter()
        .map(|column| column.name)
        .chain(E::DERIVED.iter().map(|key| key.name))
        .collect();
    let placeholders = vec!["?"; names.len()].join(",");
    format!(
        "INSERT INTO {}({}) VALUES({placeholders})",
        E::TABLE.name,
        names.join(",")
    )
}

/// Binds and inserts a row.
pub(crate) fn insert<E: Entity>(statement: &mut Statement<'_>, row: &Row<E>) -> Result<()> {
    row.row.bind(statement)?;
    for (position, key) in row.keys.iter().enumerate() {
        statement.raw_bind_parameter(E::TABLE.columns.len() + position + 1, key)?;
    }
    statement.raw_execute()?;
    Ok(())
}

/// A catalogue of `books` books, ten to an author, with the ids of its books.
pub(crate) fn filled(books: u32) -> Result<(File, Vec<BookId>)> {
    let file = File::new(Durability::Normal)?;
    let ids = fill(&file.database, books)?;
    Ok((file, ids))
}

/// Fills a catalogue in one transaction.
pub(crate) fn fill(database: &Database, books: u32) -> Result<Vec<BookId>> {
    let families = families(books.div_ceil(10), 10);
    let ids = database.write_blocking(move |tx| make_families(tx, families))?;
    (!ids.is_empty())
        .then_some(ids)
        .context("a catalogue to measure has books")
}

/// An author and the author's books, not yet made.
pub(crate) type Family = (AuthorDraft, Vec<BookDraft>);

/// Drafts of some authors with this many books each, made beforehand.
pub(crate) fn families(authors: u32, books: u32) -> Vec<Family> {
    let nobody = AuthorId::from_uuid(uuid::Uuid::nil());
    let family = |number: u32| {
        let books = (0..books)
            .map(|book| crate::made_up::book(number * books + book, nobody))
            .collect();
        (crate::made_up::author(number), books)
    };
    (0..authors).map(family).collect()
}

/// Makes them, and returns the ids of the books.
pub(crate) fn make_families(tx: &WriteSession<'_>, families: Vec<Family>) -> colophon_store::Result<Vec<BookId>> {
    let mut ids = Vec::new();
    for (author, books) in families {
        let author_id = tx.repo_mut::<Author>().create(&author)?.id;
        for book in books {
            ids.push(
                tx.repo_mut::<Book>()
                    .create(&BookDraft {
                        author_id: Some(author_id),
                        ..book
                    })?
                    .id,
            );
        }
    }
    Ok(ids)
}

/// Drafts of some authors and their books, made beforehand.
pub(crate) fn drafts(authors: u32) -> Vec<AuthorDraft> {
    (0..authors).map(crate::made_up::author).collect()
}

/// The bytes of an id.
pub(crate) fn key(id: impl EntityId) -> Vec<u8> {
    id.uuid().as_bytes().to_vec()
}
