//! Reading one record, and many with what belongs to them.

use anyhow::Result;
use colophon_catalogue::{Author, Book, BookId};
use colophon_store::{Children, Columns, PageRequest, Query, settings::Durability};

use crate::floor::{self, key};
use crate::made_up::Numbers;
use crate::measure::{Table, in_turns, timed};

const BOOKS: u32 = 100_000;
const GETS: u32 = 50_000;
const HOPS: u32 = 5_000;

pub(crate) fn measure(table: &mut Table, _rows: u32) -> Result<()> {
    let (file, ids) = floor::filled(BOOKS)?;
    let connection = floor::open(&file.folder.path().join("catalogue.sqlite"), Durability::Normal)?;
    let mut numbers = Numbers::from(1);
    let wanted: Vec<_> = (0..GETS)
        .filter_map(|_| ids.get(usize::try_from(numbers.below(ids.len() as u64)).ok()?))
        .collect();
    let select = select_sql::<Book>("id=?");
    let bare_get = |id: BookId| -> Result<Book> {
        Ok(connection
            .prepare_cached(&select)?
            .query_row([key(id)], |row| Book::read(row, 0))?)
    };
    let bare = || timed(|| wanted.iter().try_for_each(|id| bare_get(**id).map(drop)));
    let times = in_turns(5, bare, || {
        timed(|| {
            Ok(file
                .database
                .read_blocking(|s| wanted.iter().try_for_each(|id| s.repo::<Book>().get(**id).map(drop)))?)
        })
    })?;
    table.rates(
        format!("get by id, on the calling thread, one session ({GETS} of {BOOKS})"),
        GETS,
        times,
        "≥ 0.8",
    );
    let times = in_turns(5, bare, || {
        timed(|| {
            Ok(wanted
                .iter()
                .try_for_each(|id| file.database.read_blocking(|s| s.repo::<Book>().get(**id)).map(drop))?)
        })
    })?;
    table.rates(
        format!("get by id, on the calling thread, a session each ({GETS})"),
        GETS,
        times,
        "–",
    );
    hops(table, &file, &wanted[..HOPS as usize], bare_get)?;
    eager(table, &file, &connection)
}

fn hops(
    table: &mut Table,
    file: &floor::File,
    few: &[&BookId],
    bare_get: impl Fn(BookId) -> Result<Book>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let times = in_turns(
        5,
        || timed(|| few.iter().try_for_each(|id| bare_get(**id).map(drop))),
        || {
            timed(|| {
                runtime.block_on(async {
                    for id in few {
                        let id = **id;
                        file.database.read(move |s| s.repo::<Book>().get(id)).await?;
                    }
                    Ok(())
                })
            })
        },
    )?;
    table.rates(
        format!("get by id, through an async hop ({HOPS})"),
        HOPS,
        times,
        "≥ 15,000 /s",
    );
    Ok(())
}

fn eager(table: &mut Table, file: &floor::File, connection: &rusqlite::Connection) -> Result<()> {
    let authors = select_sql::<Author>("1 ORDER BY sort_key,rowid LIMIT 100");
    let placeholders = vec!["?"; 100].join(",");
    let books = select_sql::<Book>(&format!("author_id IN ({placeholders}) ORDER BY sort_key"));
    let times = in_turns(
        100,
        || {
            timed(|| {
                let mut statement = connection.prepare_cached(&authors)?;
                let authors = statement
                    .query_map([], |row| Author::read(row, 0))?
                    .collect::<rusqlite::Result<Vec<_>>>()?;
                let ids = authors.iter().map(|author| key(author.id));
                let mut statement = connection.prepare_cached(&books)?;
                let rows = statement.query_map(rusqlite::params_from_iter(ids), |row| Book::read(row, 0))?;
                let books = rows.collect::<rusqlite::Result<Vec<_>>>()?;
                Ok((authors, books))
            })
        },
        || {
            timed(|| {
                let request = PageRequest { page: 1, per_page: 100 };
                Ok(file
                    .database
                    .read_blocking(|s| s.repo::<Author>().page_with::<Children<Book>>(&Query::all(), request))?)
            })
        },
    )?;
    table.durations(
        "100 authors with all their books (10 each, of 10,000 authors)",
        times,
        "≤ 1.25",
    );
    Ok(())
}

fn select_sql<E: Columns>(condition: &str) -> String {
    let columns: Vec<_> = E::TABLE.columns.iter().map(|column| column.name).collect();
    format!("SELECT {} FROM {} WHERE {condition}", columns.join(","), E::TABLE.name)
}
