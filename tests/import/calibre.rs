//! A library of Calibre, in.

use colophon_catalogue::import::{ImportError, Options};
use rusqlite::Connection;

use crate::taken::{Taken, damaged_anywhere};

/// The tables of a library, as far as they say something about books.
const TABLES: &str = "
    CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, sort TEXT, pubdate TIMESTAMP, series_index REAL DEFAULT 1.0, isbn TEXT DEFAULT '', uuid TEXT);
    CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT, sort TEXT);
    CREATE TABLE books_authors_link (id INTEGER PRIMARY KEY, book INTEGER, author INTEGER);
    CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE books_series_link (id INTEGER PRIMARY KEY, book INTEGER, series INTEGER);
    CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE books_tags_link (id INTEGER PRIMARY KEY, book INTEGER, tag INTEGER);
    CREATE TABLE publishers (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE books_publishers_link (id INTEGER PRIMARY KEY, book INTEGER, publisher INTEGER);
    CREATE TABLE languages (id INTEGER PRIMARY KEY, lang_code TEXT);
    CREATE TABLE books_languages_link (id INTEGER PRIMARY KEY, book INTEGER, lang_code INTEGER, item_order INTEGER);
    CREATE TABLE identifiers (id INTEGER PRIMARY KEY, book INTEGER, type TEXT, val TEXT);
    CREATE TABLE comments (id INTEGER PRIMARY KEY, book INTEGER, text TEXT);";

/// The database of a library with what a statement puts into it.
fn library(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metadata.db");
    let library = Connection::open(&path).unwrap();
    library.execute_batch(statements).unwrap();
    library.close().unwrap();
    std::fs::read(path).unwrap()
}

fn two_books() -> Vec<u8> {
    library(&format!(
        "{TABLES}
         INSERT INTO books VALUES (1,'The North','North, The','1998-05-12 22:00:00+00:00',7.0,'',''),(4,'Two','Two','0101-01-01 00:00:00+00:00',1.0,'','');
         INSERT INTO authors VALUES (1,'Ben Orr','Orr, Ben'),(2,'Barnes and Noble| Inc.','Barnes and Noble| Inc.'),(3,'Ida Fell','');
         INSERT INTO books_authors_link VALUES (1,1,1),(2,1,3),(3,4,2);
         INSERT INTO series VALUES (1,'Low Books'); INSERT INTO books_series_link VALUES (1,1,1);
         INSERT INTO tags VALUES (1,'Ships, old'),(2,'Sea'); INSERT INTO books_tags_link VALUES (1,1,1),(2,1,2);
         INSERT INTO publishers VALUES (1,'Nord'); INSERT INTO books_publishers_link VALUES (1,1,1);
         INSERT INTO languages VALUES (1,'deu'); INSERT INTO books_languages_link VALUES (1,1,1,0);
         INSERT INTO identifiers VALUES (1,1,'isbn','9780306406157'),(2,1,'amazon','B000FC2GDK'),(3,4,'isbn','123');
         INSERT INTO comments VALUES (1,1,'<p>One <b>two</b></p>');"
    ))
}

#[test]
fn a_library_comes_in_with_all_that_it_says_of_books() {
    let taken = Taken::from(two_books());
    assert_eq!(taken.counts(), (2, 0, 0), "{:?}", taken.report);
    let book = taken.book("The North");
    assert_eq!(book.people(), "Ben Orr (author), Ida Fell (author)");
    book.says(&[
        ("isbn", "9780306406157"),
        ("publisher", "Nord"),
        ("published_year", "1998"),
        ("series", "Low Books"),
        ("series_position", "7"),
        ("language", "deu"),
        ("notes", "One two"),
    ]);
    assert_eq!(book.list("tags"), ["Sea", "Ships, old"]);
    assert_eq!(book.list("identifiers"), ["asin:B000FC2GDK"]);
    let two = taken.book("Two");
    assert_eq!(
        (two.people().as_str(), two.field("published_year")),
        ("Barnes and Noble, Inc. (author)", "")
    );
    assert_eq!(taken.problems(), [(4, "isbn")]);
}

#[test]
fn a_database_of_something_else_is_turned_away() {
    let views = format!("{TABLES} DROP TABLE comments; CREATE VIEW comments AS SELECT 1 AS book, 'x' AS text;");
    for other in [
        library("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);"),
        library(&views),
    ] {
        match Taken::tried(other, &Options::default()) {
            Err(error @ ImportError::TurnedAway { .. }) => assert!(error.to_string().contains("SQLite"), "{error}"),
            other => panic!("{:?}", other.err()),
        }
    }
}

#[test]
fn a_damaged_library_ends() {
    let sound = two_books();
    for length in (16..sound.len()).step_by(1_999) {
        let _ = Taken::tried(&sound[..length], &Options::default());
    }
    damaged_anywhere(&sound[..120]);
}
