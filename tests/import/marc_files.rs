//! Real files of libraries, where they are there: what each gives.

use std::io::Cursor;

use colophon_catalogue::import::{Existing, ImportFile, Options, RejectedRows, Report};
use colophon_catalogue::{Author, Book, BookSort, Contribution};
use colophon_store::Query;
use colophon_tests::catalogue::Catalogue;
use colophon_tests::shared::shared;

struct Imported {
    report: Report,
    books: Vec<Book>,
    authors: Vec<Author>,
    contributions: Vec<Contribution>,
}

fn imported(name: &str) -> Option<Imported> {
    let bytes = std::fs::read(shared(&format!("marc-pymarc/{name}"))?).unwrap();
    let mut file = ImportFile::open(Cursor::new(bytes), &Options::default()).unwrap();
    let catalogue = Catalogue::empty();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        Ok(file
            .import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {})
            .unwrap())
    };
    let report = catalogue.database.write_blocking(write).unwrap();
    let read = |session: &colophon_store::ReadSession<'_>| {
        Ok((
            session
                .repo::<Book>()
                .filter(&Query::all().sorted_by(BookSort::Added, false))?,
            session.repo::<Author>().all()?,
            session.repo::<Contribution>().all()?,
        ))
    };
    let (books, authors, contributions) = catalogue.database.read_blocking(read).unwrap();
    Some(Imported {
        report,
        books,
        authors,
        contributions,
    })
}

#[test]
fn every_file_gives_the_books_that_it_has() {
    // Records, of which broken, books with an ISBN.
    for (name, books, broken, isbns) in [
        ("marc.dat", 20, 0, 20),
        ("test.dat", 10, 0, 9),
        ("regression45.dat", 12, 0, 0),
        ("1251.dat", 6, 0, 6),
        ("multi_isbn.dat", 1, 0, 1),
        ("one.dat", 1, 0, 1),
        ("marc8.dat", 1, 0, 0),
        ("alphatag.dat", 1, 0, 0),
        ("diacritic.dat", 1, 0, 1),
        ("utf8_errors.dat", 1, 0, 0),
        ("utf8_with_leader_flag.dat", 1, 0, 0),
        ("utf8_without_leader_flag.dat", 1, 0, 0),
        ("testunimarc.dat", 1, 0, 1),
        ("batch.xml", 2, 0, 0),
        ("utf8.xml", 1, 0, 0),
        ("bad_records.mrc", 2, 6, 0),
        ("bad_subfield_code.dat", 1, 0, 1),
        ("bad_indicator.dat", 1, 0, 1),
        ("bad_marc8_escape.dat", 1, 0, 0),
        ("bad_eacc_encoding.dat", 1, 0, 0),
        ("utf8_invalid.mrc", 1, 0, 0),
    ] {
        let Some(found) = imported(name) else { return };
        let with_isbn = found.books.iter().filter(|book| book.isbn.is_some()).count();
        assert_eq!(
            (found.books.len(), found.report.skipped, with_isbn),
            (books, broken, isbns),
            "{name}"
        );
    }
}

#[test]
fn the_records_that_the_facts_name_are_as_they_say() {
    let Some(found) = imported("test.dat") else { return };
    let name_of = |id| {
        found
            .authors
            .iter()
            .find(|author| author.id == id)
            .unwrap()
            .sort_name
            .clone()
    };
    let titles: Vec<_> = found.books.iter().map(|book| book.title.as_str()).collect();
    assert_eq!(titles[..2], ["ActivePerl with ASP and ADO", "Programming the Perl DBI"]);
    assert_eq!(found.books[0].isbn.as_deref(), Some("9780471383147"));
    assert_eq!(found.books[1].isbn.as_deref(), Some("9781565926998"));
    assert_eq!(name_of(found.books[0].author_id.unwrap()), "Martinsson, Tobias");
    assert_eq!(name_of(found.books[1].author_id.unwrap()), "Descartes, Alligator");
    let second = found
        .contributions
        .iter()
        .filter(|one| one.book_id == found.books[1].id);
    assert_eq!(
        second.map(|one| name_of(one.author_id)).collect::<Vec<_>>(),
        ["Bunce, Tim"]
    );
    let is_left = |text: &str| text.ends_with([',', ':', '/', ';', ' ']);
    for book in &found.books {
        assert!(
            !is_left(&book.title) && !book.publisher.as_deref().is_some_and(is_left),
            "{book:?}"
        );
    }
    assert!(
        found.authors.iter().all(|author| !is_left(&author.name)),
        "{:?}",
        found.authors
    );
}

#[test]
fn letters_come_out_right_whatever_the_record_says() {
    let one = |name: &str, of: fn(&Book) -> String| imported(name).map(|found| of(&found.books[0]));
    let original = |book: &Book| book.original_title.clone().unwrap_or_default();
    let title = |book: &Book| book.title.clone();
    for (name, of, text) in [
        (
            "marc8.dat",
            original as fn(&Book) -> String,
            "De la solitude à la communauté",
        ),
        ("utf8_with_leader_flag.dat", original, "De la solitude à la communauté"),
        (
            "utf8_without_leader_flag.dat",
            original,
            "De la solitude à la communauté",
        ),
        ("1251.dat", title, "Основы гидравлического расчета инженерных сетей"),
        ("testunimarc.dat", title, "L'altra faccia della spirale"),
        ("bad_subfield_code.dat", title, "ActivePerl with ASP and ADO"),
    ] {
        let Some(found) = one(name, of) else { return };
        assert_eq!(found, text, "{name}");
    }
    let Some(damaged) = imported("bad_marc8_escape.dat") else {
        return;
    };
    assert!(damaged.books[0].title.contains('\u{fffd}') && !damaged.report.problems.is_empty());
}
