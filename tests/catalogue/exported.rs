//! Exports of some books: what is chosen goes out with its people and nothing else, in every format, whole or not at all.

use std::cell::Cell;
use std::fs;
use std::io::Cursor;

use colophon_acts::books::{self, BookForm};
use colophon_acts::export::{Books, Export};
use colophon_acts::{Form, Somebody};
use colophon_catalogue::export::ExportError;
use colophon_catalogue::format::Format;
use colophon_catalogue::lists::{List, Lists, Selection};
use colophon_catalogue::rescue::Besides;
use colophon_catalogue::{Author, Book, BookSort, Role};
use colophon_store::{Error, InterruptHandle, Query};
use colophon_tests::catalogue::Catalogue;
use serde_json::{Value, json};
use zip::ZipArchive;

/// Books by title, author, translator and year.
fn shelf(books: &[(&str, &str, &str, i32)]) -> (Catalogue, Lists) {
    let catalogue = Catalogue::empty();
    let books: Vec<_> = books
        .iter()
        .map(|(title, author, translator, year)| BookForm {
            fields: Form::default()
                .with(Book::FIELDS.title, (*title).to_owned())
                .with(Book::FIELDS.published_year, year.to_string()),
            author: Some(Somebody::Typed((*author).to_owned())),
            people: match *translator {
                "" => Vec::new(),
                name => vec![(Role::Translator, vec![Somebody::Typed(name.to_owned())])],
            },
        })
        .collect();
    let written = catalogue
        .database
        .write_blocking(move |tx| books.iter().try_for_each(|form| books::add(tx, form).map(drop)));
    written.unwrap();
    let lists = Lists::new(catalogue.database.clone());
    (catalogue, lists)
}

fn iliad_and_others() -> (Catalogue, Lists) {
    shelf(&[
        ("The Iliad", "Homer", "Robert Fagles", 1990),
        ("Alphabet", "Inger Christensen", "Susanna Nied", 2001),
        ("The Odyssey", "Homer", "Emily Wilson", 2018),
    ])
}

fn found(text: &str) -> Books {
    Books::Chosen(Selection::all_of(List {
        text: text.to_owned(),
        ..List::default()
    }))
}

fn exported(lists: &Lists, format: &str, books: Books) -> String {
    let mut written = Vec::new();
    let export = Export {
        format: Format::named(format).unwrap(),
        books,
        for_spreadsheet: false,
        besides: &Besides::default(),
    };
    export.write(lists, &mut written, &|_| {}).unwrap();
    text_of(written)
}

/// What was written, and of a packed file all that is in it.
fn text_of(written: Vec<u8>) -> String {
    if !written.starts_with(b"PK") {
        return String::from_utf8(written).unwrap();
    }
    let mut packed = ZipArchive::new(Cursor::new(written)).unwrap();
    (0..packed.len())
        .map(|at| std::io::read_to_string(packed.by_index(at).unwrap()).unwrap())
        .collect()
}

#[test]
fn every_format_has_the_chosen_books_and_their_people_and_no_others() {
    let (_catalogue, lists) = iliad_and_others();
    for format in Format::written() {
        let text = exported(&lists, format.name, found("homer"));
        for there in ["Iliad", "Odyssey", "Fagles", "Wilson"] {
            assert!(text.contains(there), "{there} in {}: {text}", format.name);
        }
        for other in ["Alphabet", "Christensen", "Nied"] {
            assert!(!text.contains(other), "{other} in {}: {text}", format.name);
        }
    }
}

#[test]
fn what_is_chosen_goes_out_in_the_order_of_its_list() {
    let (_catalogue, lists) = iliad_and_others();
    let reversed = Selection::all_of(List {
        sort: BookSort::default(),
        descending: true,
        ..List::default()
    });
    let document: Value = serde_json::from_str(&exported(&lists, "json", Books::Chosen(reversed))).unwrap();
    let titles: Vec<_> = document["books"]
        .as_array()
        .unwrap()
        .iter()
        .map(|book| &book["title"])
        .collect();
    // Titles are ordered without their articles.
    assert_eq!(titles, [&json!("The Odyssey"), &json!("The Iliad"), &json!("Alphabet")]);
    assert!(
        document.get("tags").is_none(),
        "tags without books belong to no chosen book"
    );
}

#[test]
fn of_chosen_people_the_books_go_out_that_they_had_a_hand_in() {
    let (_catalogue, lists) = iliad_and_others();
    let named = |text: &str| {
        Books::Of(Selection::all_of(List::<Author> {
            text: text.to_owned(),
            ..List::default()
        }))
    };
    assert_eq!(named("homer").count(&lists).unwrap(), 2);
    assert_eq!(named("nied").count(&lists).unwrap(), 1);
    let text = exported(&lists, "bibtex", named("emily wilson"));
    assert!(text.contains("The Odyssey") && !text.contains("Iliad"), "{text}");
}

#[test]
fn a_book_has_the_same_key_in_every_export() {
    // Three books whose key would be the same, and one of a year that nothing is known of.
    let (catalogue, lists) = shelf(&[
        ("North", "Ben Orr", "", 1998),
        ("The North", "Ann Orr", "", 1998),
        ("North again", "Ben Orr", "Emily Wilson", 1998),
    ]);
    let all = exported(&lists, "bibtex", Books::All);
    for key in ["{orr1998north,", "{orr1998northa,", "{orr1998northb,"] {
        assert!(all.contains(key), "{all}");
    }
    for format in ["bibtex", "ris", "csl-json"] {
        let one = exported(&lists, format, found("again"));
        assert!(one.contains("orr1998northb"), "{format}: {one}");
    }
    drop(catalogue);
}

#[test]
fn an_export_tells_how_far_it_has_come_and_one_that_is_left_off_leaves_nothing() {
    let (catalogue, lists) = iliad_and_others();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("books.bib");
    let export = Export {
        format: Format::named("bibtex").unwrap(),
        books: found("homer"),
        for_spreadsheet: false,
        besides: &Besides::default(),
    };
    let told = Cell::new(0);
    assert_eq!(export.write_file(&lists, &target, &|books| told.set(books)).unwrap(), 2);
    assert_eq!(told.get(), 2);
    let before = fs::read(&target).unwrap();

    let handle = InterruptHandle::default();
    handle.interrupt();
    let left_off = export.write_file(&lists.interruptible_by(&handle), &target, &|_| {});
    assert!(
        matches!(left_off, Err(ExportError::Store(Error::Interrupted))),
        "{left_off:?}"
    );
    assert_eq!(fs::read(&target).unwrap(), before, "what was there is as it was");
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing is left beside it: {names:?}");
    let books = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().count(&Query::all()));
    assert_eq!(books.unwrap(), 3);
}

#[test]
fn chosen_records_are_paged_in_an_order_of_their_own() {
    let (_catalogue, lists) = iliad_and_others();
    let request = colophon_store::PageRequest::new(1, 2).unwrap();
    let order = (BookSort::Field(Book::FIELDS.published_year.any()), false);
    let page = lists
        .selected_page::<Book>(&Selection::all_of(List::default()), order, request)
        .unwrap();
    let titles: Vec<_> = page.items.iter().map(|line| line.book.title.as_str()).collect();
    assert_eq!(titles, ["The Iliad", "Alphabet"]);
    assert_eq!(page.meta.total, 3);
}
