//! What the window and the command line ask of their lists: the whole path of a keystroke, filters, orders, facets,
//! what is shown beside a page, and an export.
//!
//! It calls what they call. A list that no index serves is gone through by the search index, which keeps its last
//! answer: so each is asked twice, first as when it is chosen and then as when it is scrolled.

use std::time::Duration;

use anyhow::Result;
use colophon_catalogue::lists::{Column, List, Listed, Lists, book_lines, order_called};
use colophon_catalogue::{Author, Book, BookId, Contribution, ContributionDraft, Role, export};
use colophon_store::PageRequest;

use crate::floor;
use crate::measure::{Table, milliseconds, percentile, timed};
use crate::search::TYPED;

/// As many rows as the window asks for at once.
const PER_PAGE: u32 = 100;
const TIMES: usize = 21;
/// One in this many books has a translator.
const TRANSLATED: usize = 4;

const FILTERS: [&str; 8] = [
    "publisher:Shadow Press",
    "publisher~shadow",
    "title^the s",
    "published_year:1900..1909",
    "published_year:none",
    "isbn:none",
    "language:bad",
    "publisher!:Shadow Press",
];
const ORDERS: [&str; 6] = ["title", "author", "added", "published_year", "publisher", "page_count"];
/// As many values of each facet as the window asks for.
const FACET_VALUES: usize = 8;

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    let (file, ids) = floor::filled(rows)?;
    file.database.write_blocking(move |tx| translate(tx, &ids))?;
    let lists = Lists::new(file.database.clone());
    lists.books.prepare()?;
    lists.authors.prepare()?;
    keystrokes(table, rows, &lists)?;
    for filter in FILTERS {
        let list = List::<Book> {
            filters: vec![filter.parse()?],
            ..List::default()
        };
        let name = format!("the first page of {rows} books where `{filter}`");
        chosen_and_scrolled(table, &name, &lists, &list)?;
    }
    for order in ORDERS {
        for descending in [false, true] {
            let list = List::<Book> {
                sort: order_called::<Book>(order)?,
                descending,
                ..List::default()
            };
            let sign = if descending { "-" } else { "" };
            let name = format!("the first page of {rows} books by `{sign}{order}`");
            chosen_and_scrolled(table, &name, &lists, &list)?;
        }
    }
    facets(table, rows, &lists)?;
    beside_a_page(table, rows, &file)?;
    exports(table, rows, &file)
}

/// Gives every fourth book a translator.
fn translate(tx: &colophon_store::WriteSession<'_>, books: &[BookId]) -> colophon_store::Result<()> {
    let translators = tx.repo::<Author>().all()?;
    for (book, author) in books.iter().step_by(TRANSLATED).zip(translators.iter().cycle()) {
        let draft = ContributionDraft {
            book_id: *book,
            author_id: author.id,
            role: Role::Translator,
            position: 1,
        };
        tx.repo_mut::<Contribution>().create(&draft)?;
    }
    Ok(())
}

/// What the window does for a page: the page, and the text of every cell in it.
fn cells<E: Listed>(lists: &Lists, list: &List<E>, page: u64) -> Result<usize> {
    let page = lists.page::<E>(list, PageRequest::new(page, PER_PAGE)?)?;
    let columns: Vec<Column<E>> = Column::first().collect();
    let texts = page
        .items
        .iter()
        .flat_map(|line| columns.iter().filter_map(|column| column.text(line)));
    Ok(texts.map(|text| text.len()).sum())
}

fn keystrokes(table: &mut Table, rows: u32, lists: &Lists) -> Result<()> {
    let mut times = Vec::new();
    for typed in TYPED {
        for end in 1..=typed.len() {
            let list = List::<Book> {
                text: typed[..end].to_owned(),
                ..List::default()
            };
            times.push(timed(|| cells(lists, &list, 1))?);
        }
    }
    let keystrokes = times.len();
    let [median, p99, worst] = [50, 99, 100].map(|percent| milliseconds(percentile(&mut times, percent)));
    table.figure(
        format!("what the window asks at each of {keystrokes} keystrokes in {rows} books: median, p99, worst"),
        format!("{median}, {p99}, {worst}"),
        "≤ 16 ms, worst ≤ 50 ms",
    );
    Ok(())
}

/// A list when it is chosen, and pages of it when it is scrolled.
fn chosen_and_scrolled(table: &mut Table, name: &str, lists: &Lists, list: &List<Book>) -> Result<()> {
    let chosen = timed(|| cells(lists, list, 1))?;
    let pages = lists
        .page::<Book>(list, PageRequest::new(1, PER_PAGE)?)?
        .meta
        .pages
        .max(1);
    let scrolled = median(|number| cells(lists, list, 1 + number * 7919 % pages))?;
    table.figure(
        format!("{name}: when it is chosen, any page of it afterwards"),
        format!("{}, {}", milliseconds(chosen), milliseconds(scrolled)),
        "≤ 500 ms, ≤ 5 ms",
    );
    Ok(())
}

fn facets(table: &mut Table, rows: u32, lists: &Lists) -> Result<()> {
    let first = timed(|| Ok(lists.facets(&List::<Book>::default(), FACET_VALUES)?))?;
    table.figure(
        format!("values of everything that gathers {rows} books, when they are first asked for"),
        milliseconds(first),
        "≤ 5 s",
    );
    for (text, filter) in [("", ""), ("shadow", ""), ("", "isbn:none"), ("e", "")] {
        let filters = Some(filter).filter(|filter| !filter.is_empty());
        let list = List::<Book> {
            text: text.to_owned(),
            filters: filters.map(str::parse).transpose()?.into_iter().collect(),
            ..List::default()
        };
        let time = median(|_| Ok(lists.facets(&list, FACET_VALUES)?))?;
        let among = match (text, filter) {
            ("", "") => "all".to_owned(),
            ("", filter) => format!("those where `{filter}`"),
            (text, _) => format!("those found by `{text}`"),
        };
        table.figure(
            format!("counts of all facets of {rows} books, among {among}"),
            milliseconds(time),
            "≤ 50 ms",
        );
    }
    Ok(())
}

/// What a list shows beside its rows, against the rows alone.
fn beside_a_page(table: &mut Table, rows: u32, file: &floor::File) -> Result<()> {
    let lists = Lists::new(file.database.clone());
    let pages = u64::from(rows).div_ceil(u64::from(PER_PAGE));
    let books: Vec<Book> = file.database.read_blocking(|session| {
        let request = PageRequest::new(pages / 2, PER_PAGE)?;
        Ok(session
            .repo::<Book>()
            .page(&List::<Book>::default().query(), request)?
            .items)
    })?;
    let time = median(|_| {
        let books = books.clone();
        Ok(file.database.read_blocking(move |session| book_lines(session, books))?)
    })?;
    table.figure(
        format!("authors, contributors and what waits beside {PER_PAGE} of {rows} books"),
        milliseconds(time),
        "≤ 2 ms",
    );
    let time = median(|number| cells(&lists, &List::<Author>::default(), 1 + number))?;
    table.figure(
        format!("a page of authors with the number of their books, of {rows} books"),
        milliseconds(time),
        "≤ 2 ms",
    );
    Ok(())
}

fn exports(table: &mut Table, rows: u32, file: &floor::File) -> Result<()> {
    let csv = timed(|| {
        Ok(file
            .database
            .snapshot_blocking(|session| export::csv(session, std::io::sink()))?)
    })?;
    let json = timed(|| {
        Ok(file
            .database
            .snapshot_blocking(|session| export::json(session, std::io::sink()))?)
    })?;
    for (form, time) in [("CSV", csv), ("JSON", json)] {
        table.figure(
            format!("export of {rows} books as {form}, written nowhere"),
            milliseconds(time),
            "≤ 20 s",
        );
    }
    Ok(())
}

fn median<T>(mut work: impl FnMut(u64) -> Result<T>) -> Result<Duration> {
    let mut times = (0..TIMES as u64)
        .map(|number| timed(|| work(number)))
        .collect::<Result<Vec<_>>>()?;
    Ok(percentile(&mut times, 50))
}
