//! Making records: one by one, an author with ten books, and many at once.

use anyhow::Result;
use colophon_catalogue::{Author, Book};
use colophon_store::settings::Durability;
use rusqlite::Connection;

use crate::floor::{self, File, insert, insert_sql};
use crate::measure::{Table, Times, in_turns, timed};

const ONE_BY_ONE: u32 = 3_000;
const FAMILIES: u32 = 1_000;
const BULK: u32 = 200_000;

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    table.compare(
        format!("create one author, own transaction, synchronous NORMAL ({ONE_BY_ONE})"),
        ONE_BY_ONE,
        "≥ 0.75",
        || one_by_one(Durability::Normal, 5),
    )?;
    table.compare(
        format!("create one author, own transaction, synchronous FULL ({ONE_BY_ONE})"),
        ONE_BY_ONE,
        "≥ 0.95",
        || one_by_one(Durability::Full, 3),
    )?;
    table.compare(
        format!("four writers at once, FULL (4 × {ONE_BY_ONE})"),
        4 * ONE_BY_ONE,
        "≥ 1.5",
        four_writers,
    )?;
    table.compare(
        format!("author + 10 books, one transaction, NORMAL ({FAMILIES})"),
        FAMILIES,
        "≥ 0.85",
        families,
    )?;
    table.compare(
        format!("bulk insert of {BULK} authors and books, one transaction, indexes on"),
        BULK,
        "≥ 0.85",
        || bulk(BULK / 11, 3),
    )?;
    table.compare(
        format!("first fill of {rows} authors and books, one transaction, indexes on"),
        rows,
        "≥ 0.85",
        || bulk(rows / 11, 1),
    )?;
    Ok(())
}

fn one_by_one(durability: Durability, rounds: usize) -> Result<Times> {
    let (authors, _) = floor::rows(ONE_BY_ONE, 0)?;
    let drafts = floor::drafts(ONE_BY_ONE);
    in_turns(
        rounds,
        || {
            let (connection, _folder) = floor::bare(durability)?;
            timed(|| insert_each(&connection, &authors))
        },
        || {
            let file = File::new(durability)?;
            let drafts = drafts.clone();
            timed(|| {
                for draft in drafts {
                    file.database
                        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft))?;
                }
                Ok(())
            })
        },
    )
}

fn insert_each(connection: &Connection, authors: &[floor::Row<Author>]) -> Result<()> {
    let sql = insert_sql::<Author>();
    for author in authors {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        insert(&mut *connection.prepare_cached(&sql)?, author)?;
        connection.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(())
}

/// The floor is one bare writer doing all of it: what four could do without sharing their commits.
fn four_writers() -> Result<Times> {
    let (authors, _) = floor::rows(ONE_BY_ONE, 0)?;
    let drafts = floor::drafts(ONE_BY_ONE);
    in_turns(
        3,
        || {
            let mut whole = std::time::Duration::ZERO;
            for _ in 0..4 {
                let (connection, _folder) = floor::bare(Durability::Full)?;
                whole += timed(|| insert_each(&connection, &authors))?;
            }
            Ok(whole)
        },
        || {
            let file = File::new(Durability::Full)?;
            timed(|| {
                std::thread::scope(|scope| {
                    let writers: Vec<_> = (0..4)
                        .map(|_| {
                            let (database, drafts) = (&file.database, drafts.clone());
                            scope.spawn(move || {
                                drafts.into_iter().try_for_each(|draft| {
                                    database
                                        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft))
                                        .map(drop)
                                })
                            })
                        })
                        .collect();
                    writers.into_iter().try_for_each(|writer| match writer.join() {
                        Ok(result) => Ok(result?),
                        Err(_) => anyhow::bail!("a writer panicked"),
                    })
                })
            })
        },
    )
}

fn families() -> Result<Times> {
    let (authors, books) = floor::rows(FAMILIES, 10)?;
    let (author_sql, book_sql) = (insert_sql::<Author>(), insert_sql::<Book>());
    in_turns(
        3,
        || {
            let (connection, _folder) = floor::bare(Durability::Normal)?;
            timed(|| {
                for (author, books) in authors.iter().zip(books.chunks(10)) {
                    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
                    insert(&mut *connection.prepare_cached(&author_sql)?, author)?;
                    for book in books {
                        insert(&mut *connection.prepare_cached(&book_sql)?, book)?;
                    }
                    connection.prepare_cached("COMMIT")?.execute([])?;
                }
                Ok(())
            })
        },
        || {
            let file = File::new(Durability::Normal)?;
            let families = floor::families(FAMILIES, 10);
            timed(|| {
                for family in families {
                    file.database
                        .write_blocking(move |tx| floor::make_families(tx, vec![family]))?;
                }
                Ok(())
            })
        },
    )
}

/// Authors with ten books each, in one transaction.
fn bulk(authors: u32, rounds: usize) -> Result<Times> {
    let (author_rows, books) = floor::rows(authors, 10)?;
    let (author_sql, book_sql) = (insert_sql::<Author>(), insert_sql::<Book>());
    in_turns(
        rounds,
        || {
            let (connection, _folder) = floor::bare(Durability::Normal)?;
            timed(|| {
                connection.execute_batch("BEGIN IMMEDIATE")?;
                let mut author_insert = connection.prepare(&author_sql)?;
                let mut book_insert = connection.prepare(&book_sql)?;
                for (author, books) in author_rows.iter().zip(books.chunks(10)) {
                    insert(&mut author_insert, author)?;
                    for book in books {
                        insert(&mut book_insert, book)?;
                    }
                }
                connection.execute_batch("COMMIT")?;
                Ok(())
            })
        },
        || {
            let file = File::new(Durability::Normal)?;
            let families = floor::families(authors, 10);
            timed(|| {
                Ok(file
                    .database
                    .write_blocking(move |tx| floor::make_families(tx, families))?)
            })
        },
    )
}
