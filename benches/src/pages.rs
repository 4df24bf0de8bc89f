//! Any page of a large list by its number, with the total.

use anyhow::Result;
use colophon_catalogue::{Book, BookSort};
use colophon_store::{Columns, PageRequest, Query, settings::Durability};

use crate::floor;
use crate::made_up::Numbers;
use crate::measure::{Table, Times, milliseconds, percentile, timed};

const PER_PAGE: u32 = 40;
const PAGES: usize = 400;

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    let (file, _) = floor::filled(rows)?;
    let connection = floor::open(&file.folder.path().join("catalogue.sqlite"), Durability::Normal)?;
    let pages = u64::from(rows).div_ceil(u64::from(PER_PAGE));
    let page = |number, sort, descending| {
        let query = Query::<Book>::all().sorted_by(sort, descending);
        let request = PageRequest {
            page: number,
            per_page: PER_PAGE,
        };
        timed(|| {
            Ok(file
                .database
                .read_blocking(|s| s.repo::<Book>().page(&query, request))?)
        })
    };
    table.figure(
        format!("the first page of {rows} books after a change (counts, and sets the anchors)"),
        milliseconds(page(1, BookSort::TITLE, false)?),
        "–",
    );
    let columns: Vec<_> = Book::TABLE.columns.iter().map(|column| column.name).collect();
    let sql = format!(
        "SELECT {} FROM book ORDER BY sort_key LIMIT ? OFFSET ?",
        columns.join(",")
    );
    let bare = |number: u64| {
        timed(|| {
            let total: i64 = connection
                .prepare_cached("SELECT count(*) FROM book")?
                .query_row([], |row| row.get(0))?;
            let offset = i64::try_from((number - 1) * u64::from(PER_PAGE))?;
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([i64::from(PER_PAGE), offset], |row| Book::read(row, 0))?;
            Ok((total, rows.collect::<rusqlite::Result<Vec<_>>>()?))
        })
    };
    let median = |times: &mut dyn FnMut() -> Result<std::time::Duration>| -> Result<std::time::Duration> {
        let mut all = (0..51).map(|_| times()).collect::<Result<Vec<_>>>()?;
        Ok(percentile(&mut all, 50))
    };
    for (name, number) in [("first", 1), ("middle", pages / 2), ("last", pages)] {
        let times = Times {
            floor: median(&mut || bare(number))?,
            ours: median(&mut || page(number, BookSort::TITLE, false))?,
        };
        table.durations(
            format!("the {name} page of {rows} books by title, with total (floor: OFFSET)"),
            times,
            "≤ 0.2 ms",
        );
    }
    at_random(table, pages, page)
}

/// Pages anywhere in the list, in several orders.
fn at_random(
    table: &mut Table,
    pages: u64,
    page: impl Fn(u64, BookSort, bool) -> Result<std::time::Duration>,
) -> Result<()> {
    let mut numbers = Numbers::from(3);
    for (name, sort, descending) in [
        ("Title", BookSort::TITLE, false),
        ("Title", BookSort::TITLE, true),
        ("Year", BookSort::YEAR, false),
    ] {
        page(1, sort, descending)?;
        let mut times = (0..PAGES)
            .map(|_| page(1 + numbers.below(pages), sort, descending))
            .collect::<Result<Vec<_>>>()?;
        let (median, worst) = (percentile(&mut times, 50), percentile(&mut times, 99));
        table.figure(
            format!(
                "{PAGES} random pages by {name}{}: median, p99",
                if descending { ", reversed" } else { "" }
            ),
            format!("{}, {}", milliseconds(median), milliseconds(worst)),
            "≤ 0.2 ms, ≤ 1 ms",
        );
    }
    Ok(())
}
