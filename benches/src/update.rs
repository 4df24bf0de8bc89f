//! Changing records; capture and journal are always on.

use anyhow::Result;
use colophon_catalogue::{Book, BookId};
use colophon_store::Entity as _;
use colophon_store::WriteSession;
use colophon_store::settings::Durability;
use rusqlite::Connection;

use crate::floor::{self, File, key};
use crate::measure::{Table, Times, in_turns, timed};

const ONE_BY_ONE: u32 = 3_000;
const MANY: u32 = 100_000;

pub(crate) fn measure(table: &mut Table, _rows: u32) -> Result<()> {
    for (state, prepare) in STATES {
        table.compare(
            format!("update one book, own transaction, NORMAL, {state} ({ONE_BY_ONE})"),
            ONE_BY_ONE,
            "≥ 0.65",
            || one_by_one(prepare),
        )?;
    }
    for (way, change_many) in WAYS {
        for (state, prepare) in STATES {
            table.compare(
                format!("update {MANY} books by id, one transaction, {way}, {state}"),
                MANY,
                "≥ 0.65",
                || many(prepare, change_many),
            )?;
        }
    }
    Ok(())
}

/// How many rows are changed in one transaction.
type ChangeMany = fn(&WriteSession<'_>, Vec<BookId>) -> colophon_store::Result<()>;

const WAYS: [(&str, ChangeMany); 2] = [
    ("one call each", |tx, ids| {
        ids.into_iter().try_for_each(|id| change(tx, id))
    }),
    ("one call for all", |tx, ids| {
        tx.repo_mut::<Book>().change_all(ids, set_publisher).map(drop)
    }),
];

/// What the rows are before they are changed.
type Prepare = fn(&Connection) -> Result<()>;

const STATES: [(&str, Prepare); 2] = [
    ("rows never synced", |_| Ok(())),
    ("rows synced before (the first change keeps their base)", |connection| {
        connection.execute_batch("UPDATE book SET revision=1")?;
        Ok(())
    }),
];

fn one_by_one(prepare: Prepare) -> Result<Times> {
    in_turns(
        3,
        || {
            let (file, ids) = floor::filled(ONE_BY_ONE)?;
            let connection = bare_of(&file)?;
            timed(|| {
                for id in &ids {
                    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
                    bare_update(&connection, *id)?;
                    connection.prepare_cached("COMMIT")?.execute([])?;
                }
                Ok(())
            })
        },
        || {
            let (file, ids) = prepared(ONE_BY_ONE, prepare)?;
            timed(|| {
                Ok(ids
                    .iter()
                    .copied()
                    .try_for_each(|id| file.database.write_blocking(move |tx| change(tx, id)))?)
            })
        },
    )
}

fn many(prepare: Prepare, change_many: ChangeMany) -> Result<Times> {
    in_turns(
        3,
        || {
            let (file, ids) = floor::filled(MANY)?;
            let connection = bare_of(&file)?;
            timed(|| {
                connection.execute_batch("BEGIN IMMEDIATE")?;
                ids.iter().try_for_each(|id| bare_update(&connection, *id))?;
                connection.execute_batch("COMMIT")?;
                Ok(())
            })
        },
        || {
            let (file, ids) = prepared(MANY, prepare)?;
            timed(|| Ok(file.database.write_blocking(move |tx| change_many(tx, ids))?))
        },
    )
}

fn change(tx: &WriteSession<'_>, id: BookId) -> colophon_store::Result<()> {
    tx.repo_mut::<Book>().change(id, set_publisher).map(drop)
}

fn set_publisher(book: &mut Book) -> colophon_store::Result<()> {
    book.set_text(Book::FIELDS.publisher, "Another Press")
}

fn bare_update(connection: &Connection, id: BookId) -> Result<()> {
    connection
        .prepare_cached("UPDATE book SET publisher=?,updated_at=? WHERE id=?")?
        .execute(rusqlite::params!["Another Press", 1, key(id)])?;
    Ok(())
}

fn bare_of(file: &File) -> Result<Connection> {
    let connection = floor::open(&file.folder.path().join("catalogue.sqlite"), Durability::Normal)?;
    floor::drop_triggers(&connection)?;
    Ok(connection)
}

fn prepared(books: u32, prepare: Prepare) -> Result<(File, Vec<BookId>)> {
    let (file, ids) = floor::filled(books)?;
    let connection = floor::open(&file.folder.path().join("catalogue.sqlite"), Durability::Normal)?;
    prepare(&connection)?;
    Ok((file, ids))
}
