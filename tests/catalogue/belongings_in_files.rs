//! What is in the lists of records, in the files of this program and of others.

use std::io::Cursor;

use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::belongings::texts_of;
use colophon_catalogue::export::{csv, json};
use colophon_catalogue::identifier::{IDENTIFIERS_OF_AUTHOR, IDENTIFIERS_OF_BOOK};
use colophon_catalogue::import::{Existing, ImportFile, Options, RejectedRows, Report};
use colophon_catalogue::tag::{TAGS, tag_named, tags};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
use colophon_store::{Columns as _, EntityId as _, Error};
use colophon_tests::catalogue::Catalogue;

fn import(catalogue: &Catalogue, text: &str, existing: Existing) -> Report {
    let mut file = ImportFile::open(Cursor::new(text.to_owned()), &Options::default()).unwrap();
    catalogue
        .database
        .write_blocking(move |tx| {
            let report = file.import(tx, existing, &mut RejectedRows::counted_only(), |_| {});
            report.map_err(|error| Error::invalid("file", error.to_string()))
        })
        .unwrap()
}

fn exported(catalogue: &Catalogue, as_csv: bool) -> String {
    catalogue
        .database
        .read_blocking(|s| {
            let mut text = Vec::new();
            let written = if as_csv { csv(s, &mut text) } else { json(s, &mut text) };
            written.unwrap();
            Ok(String::from_utf8(text).unwrap())
        })
        .unwrap()
}

/// Titles with what is in their lists, by title.
fn books(catalogue: &Catalogue) -> Vec<(String, Vec<Vec<String>>)> {
    let read = catalogue.database.read_blocking(|s| {
        let books = s.repo::<Book>().all()?.into_iter().map(|book| {
            let lists = texts_of(s, Book::TABLE, book.id.uuid())?;
            Ok((book.title, lists.into_iter().map(|(_, texts)| texts).collect()))
        });
        books.collect()
    });
    read.unwrap()
}

/// The same for authors.
fn authors(catalogue: &Catalogue) -> Vec<(String, Vec<Vec<String>>)> {
    let read = catalogue.database.read_blocking(|s| {
        let authors = s.repo::<Author>().all()?.into_iter().map(|author| {
            let lists = texts_of(s, Author::TABLE, author.id.uuid())?;
            Ok((author.name, lists.into_iter().map(|(_, texts)| texts).collect()))
        });
        authors.collect()
    });
    read.unwrap()
}

/// Lists with everything that could trip up a file.
fn full() -> Catalogue {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let homer = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?.id;
            for name in ["Ὅμηρος", "Homerus, \"the blind\"", "Homer; of Chios"] {
                OTHER_NAMES.add(tx, homer.uuid(), name)?;
            }
            IDENTIFIERS_OF_AUTHOR.add(tx, homer.uuid(), "viaf:224924963")?;
            IDENTIFIERS_OF_AUTHOR.add(tx, homer.uuid(), "bnf:cb11907688n")?;
            let iliad = tx.repo_mut::<Book>().create(&BookDraft::new("The Iliad", homer))?.id;
            for tag in ["history, ancient", "epic; heroic", "\"quoted\""] {
                TAGS.add(tx, iliad.uuid(), tag)?;
            }
            IDENTIFIERS_OF_BOOK.add(tx, iliad.uuid(), "doi:10.1000/a;b")?;
            let odyssey = tx.repo_mut::<Book>().create(&BookDraft::new("The Odyssey", homer))?.id;
            TAGS.add(tx, odyssey.uuid(), "history, ancient")?;
            tx.repo_mut::<Book>().create(&BookDraft::new("Margites", homer))?;
            tag_named(tx, "on no book").map(drop)
        })
        .unwrap();
    catalogue
}

#[test]
fn an_export_as_json_comes_back_with_everything() {
    let (before, after) = (full(), Catalogue::empty());
    let report = import(&after, &exported(&before, false), Existing::default());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(books(&before), books(&after));
    assert_eq!(authors(&before), authors(&after));
    let names = |catalogue: &Catalogue| -> Vec<String> {
        let tags = catalogue.database.read_blocking(tags).unwrap();
        tags.into_iter().map(|line| line.tag.name).collect()
    };
    assert_eq!(names(&before), names(&after), "a tag that is on no book, too");
    // Once more, which changes nothing.
    let again = import(&after, &exported(&before, false), Existing::Skip);
    assert!(again.problems.is_empty(), "{:?}", again.problems);
    assert_eq!(authors(&before), authors(&after));
}

#[test]
fn an_export_as_csv_comes_back_with_what_books_have() {
    let (before, after) = (full(), Catalogue::empty());
    let report = import(&after, &exported(&before, true), Existing::default());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(books(&before), books(&after));
}

#[test]
fn a_document_of_an_older_version_is_read_and_says_nothing_of_lists() {
    let after = Catalogue::empty();
    let old = r#"{"format":"colophon","version":1,"authors":[
{"id":"018cc251-f400-7000-8c01-000000000001","name":"Homer","sort_name":"Homer","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}
],"books":[
{"id":"018cc251-f400-7000-8c01-000000000002","author_id":"018cc251-f400-7000-8c01-000000000001","title":"The Iliad","contributions":[]}
]}"#;
    let report = import(&after, old, Existing::default());
    assert_eq!((report.imported, report.problems.len()), (1, 0));
}

#[test]
fn what_goodreads_exports_brings_shelves_and_its_own_numbers() {
    let catalogue = Catalogue::empty();
    let text = "Book Id,Title,Author,ISBN13,Bookshelves,Exclusive Shelf\n\
                5907,The Hobbit,J.R.R. Tolkien,9780547928227,\"fantasy, to-read\",read\n\
                x,Dune,Frank Herbert,,sf,read\n";
    let report = import(&catalogue, text, Existing::default());
    let problems: Vec<_> = report.problems.iter().map(|problem| problem.field).collect();
    assert_eq!(problems, ["goodreads_book_id"]);
    let of = |tags: &[&str], identifiers: &[&str]| -> Vec<Vec<String>> {
        [tags, identifiers]
            .map(|texts| texts.iter().map(|text| (*text).to_owned()).collect())
            .to_vec()
    };
    assert_eq!(
        books(&catalogue),
        [
            ("Dune".to_owned(), of(&["sf"], &[])),
            (
                "The Hobbit".to_owned(),
                of(&["fantasy", "to-read"], &["goodreads:5907"])
            ),
        ]
    );
}

#[test]
fn a_number_of_somebody_elses_book_column_is_not_goodreads() {
    let catalogue = Catalogue::empty();
    let report = import(
        &catalogue,
        "Book Id,Title,Author\n7,Emma,Jane Austen\n",
        Existing::default(),
    );
    assert!(report.problems.is_empty());
    assert_eq!(books(&catalogue)[0].1, [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn a_row_fills_an_empty_list_and_replaces_one_only_when_asked() {
    let catalogue = Catalogue::empty();
    let rows = |tags: &str| format!("title,author,isbn,tags,doi\nDune,Frank Herbert,9780441172719,{tags},10.1000/1\n");
    import(&catalogue, &rows(""), Existing::default());
    let report = import(&catalogue, &rows("a;b"), Existing::Fill);
    assert_eq!((report.updated, report.skipped), (1, 0));
    let report = import(&catalogue, &rows("c"), Existing::Fill);
    assert_eq!((report.updated, report.skipped), (0, 1));
    assert_eq!(books(&catalogue)[0].1[0], ["a", "b"]);
    import(&catalogue, &rows("B|c"), Existing::Overwrite);
    assert_eq!(books(&catalogue)[0].1[0], ["b", "c"]);
    assert_eq!(books(&catalogue)[0].1[1], ["doi:10.1000/1"]);
}

#[test]
fn an_author_of_a_file_who_is_written_in_another_form_is_the_one_who_is_there() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let twain = tx.repo_mut::<Author>().create(&AuthorDraft::named("Mark Twain"))?.id;
            OTHER_NAMES.add(tx, twain.uuid(), "Samuel L. Clemens")
        })
        .unwrap();
    import(
        &catalogue,
        "title,author\nTom Sawyer,Samuel L. Clemens\nEve's Diary,Samuel Clemens\n",
        Existing::default(),
    );
    let names: Vec<_> = authors(&catalogue).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Samuel Clemens", "Mark Twain"]);
}
