//! A cell may hold very many of what it holds: each is looked at as often as where there are few.

use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::mpsc;
use std::time::Duration;

use colophon_catalogue::Tagging;
use colophon_catalogue::import::{CsvFile, Existing, ImportFile, Options, RejectedRows, Row};
use colophon_store::Query;
use colophon_tests::catalogue::Catalogue;
use colophon_tests::ending::Deadline;

/// What takes some seconds, and would take hours where each of it is compared with all the others.
const PATIENCE: Duration = Duration::from_mins(2);

/// A table of one row with these cells, behind its title.
fn table<const N: usize>(columns: [(&str, &str); N]) -> String {
    let (mut header, mut row) = ("title".to_owned(), "Everybody".to_owned());
    for (column, cell) in columns {
        // Writing to a text cannot fail.
        let _ = (write!(header, ",{column}"), write!(row, ",\"{cell}\""));
    }
    format!("{header}\n{row}\n")
}

/// Each of so many, put together.
fn joined(count: u32, one: impl Fn(u32) -> String, between: &str) -> String {
    let mut cell = one(0);
    for number in 1..count {
        let _ = write!(cell, "{between}{}", one(number));
    }
    cell
}

/// Does something on a thread of its own: what would not end has a name then.
fn ended<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    let ended = Deadline::within(PATIENCE, format!("{what} are read")).next(&receiver);
    ended.unwrap().unwrap()
}

fn row_of(cell: &str) -> Row {
    let file = Cursor::new(table([("authors", cell)]));
    let mut file = CsvFile::open(file, &Options::default()).unwrap();
    file.next_row().unwrap().unwrap()
}

/// How many people a cell names, the book's author among them.
fn people_in(what: &str, cell: String) -> usize {
    let book = ended(what, move || row_of(&cell)).book.unwrap();
    usize::from(book.author.is_some()) + book.contributors.len()
}

fn somebody(number: u32) -> String {
    format!("Ann Surname{number}")
}

#[test]
fn people_whom_semicolons_commas_or_strokes_part_are_read_once() {
    for between in ["; ", ", ", " / "] {
        let cell = joined(200_000, somebody, between);
        assert_eq!(people_in("people in a row", cell), 200_000, "{between:?}");
    }
}

#[test]
fn people_whom_words_join_are_read_once() {
    let cell = joined(200_000, somebody, " and ");
    assert_eq!(people_in("people whom words join", cell), 200_000);
}

#[test]
fn people_of_whom_each_has_a_role_of_several_are_read_once() {
    let cell = joined(200_000, |number| format!("{} (eds.)", somebody(number)), "; ");
    assert_eq!(people_in("editors", cell), 200_000);
}

#[test]
fn the_roles_of_one_person_are_read_once() {
    let roles = joined(600_000, |_| "(ed.)".to_owned(), "");
    assert_eq!(people_in("the roles of one editor", format!("Ann Low {roles}")), 1);
}

#[test]
fn tags_are_compared_with_those_that_are_there_once() {
    let cell = joined(20_000, |number| format!("tag {number}; Tag {number}"), "; ");
    let tags = ended("tags", move || {
        let catalogue = Catalogue::empty();
        let table = table([("author", "Ann Low"), ("tags", &cell)]);
        let mut file = ImportFile::open(Cursor::new(table), &Options::default()).unwrap();
        let counted = catalogue.database.write_blocking(move |tx| {
            let report = file.import(tx, Existing::Fill, &mut RejectedRows::counted_only(), |_| {});
            assert_eq!(report.unwrap().imported, 1);
            tx.repo::<Tagging>().count(&Query::all())
        });
        counted.unwrap()
    });
    assert_eq!(tags, 20_000);
}
