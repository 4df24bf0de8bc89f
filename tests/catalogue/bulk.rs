//! One change of many records: what it would do, that it does it, and that it is taken back.

use std::collections::HashSet;

use colophon_acts::books::{self, BookForm};
use colophon_acts::bulk::{Applied, Change, LetterCase, Operation, OperationKind, Preview, Replacement, changeable};
use colophon_acts::undo::{self, Asked, Step};
use colophon_acts::{Deed, Did, Form, RecordKind, authors, belongings};
use colophon_catalogue::belongings::belongings_named;
use colophon_catalogue::lists::{List, Listed, Lists, Selection};
use colophon_catalogue::{Author, Book, BookId};
use colophon_store::{Columns as _, Entity as _, EntityId as _, Error, PageRequest, Result};
use colophon_tests::catalogue::Catalogue;

pub(super) struct Shelf {
    pub(super) catalogue: Catalogue,
    lists: Lists,
    ids: Vec<BookId>,
}

/// Books with these titles and publishers.
pub(super) fn shelf(books: &[(&'static str, &'static str)]) -> Shelf {
    let catalogue = Catalogue::empty();
    let books = books.to_vec();
    let ids = catalogue.database.write_blocking(move |tx| {
        let add = |(title, publisher): &(&str, &str)| {
            let form = BookForm {
                fields: Form::default()
                    .with(Book::FIELDS.title, *title)
                    .with(Book::FIELDS.publisher, *publisher),
                ..BookForm::default()
            };
            Ok(books::add(tx, &form)?.id)
        };
        books.iter().map(add).collect::<Result<Vec<_>>>()
    });
    Shelf {
        lists: Lists::new(catalogue.database.clone()),
        ids: ids.unwrap(),
        catalogue,
    }
}

fn change(target: &str, operation: Operation) -> Change {
    Change {
        target: target.to_owned(),
        operation,
    }
}

pub(super) fn replace(target: &str, find: &str, with: &str) -> Change {
    let replacement = Replacement {
        find: find.to_owned(),
        with: with.to_owned(),
        is_pattern: false,
        ignores_case: false,
    };
    change(target, Operation::Replace(replacement))
}

fn set(target: &str, text: &str) -> Change {
    change(target, Operation::Set(text.to_owned()))
}

impl Shelf {
    pub(super) fn preview<E: Listed>(&self, change: Change) -> Result<Preview> {
        let all = Selection::all_of(List::<E>::default());
        self.lists
            .selected(&all, |session, query| Preview::of(session, query, change))
    }

    /// Before and after, by name.
    fn shown<E: Listed>(&self, preview: &Preview) -> Vec<String> {
        let request = PageRequest::new(1, 100).unwrap();
        let shown = self
            .catalogue
            .database
            .read_blocking(|session| preview.page::<E>(session, request))
            .unwrap();
        let line = |one: colophon_acts::bulk::Shown| format!("{}: {} → {}", one.name, one.before, one.after);
        shown.into_iter().map(line).collect()
    }

    fn apply<E: Listed>(&self, preview: Preview, except: &[BookId]) -> Applied {
        let except: HashSet<_> = except.iter().map(|id| id.uuid()).collect();
        let applied = self
            .catalogue
            .database
            .write_blocking(move |tx| preview.apply::<E>(tx, &except, |_| {}));
        applied.unwrap()
    }

    fn publishers(&self) -> Vec<String> {
        let books = self
            .catalogue
            .database
            .read_blocking(|s| s.repo::<Book>().all())
            .unwrap();
        books
            .into_iter()
            .map(|book| book.publisher.unwrap_or_default())
            .collect()
    }

    pub(super) fn undo(&self) -> Step {
        let undo = self
            .catalogue
            .database
            .write_blocking(|tx| undo::undo(tx, Asked::agreeing()));
        undo.unwrap()
    }

    fn deed(&self) -> Deed {
        let acts = self.catalogue.database.read_blocking(|s| s.acts(i64::MAX, 1)).unwrap();
        Deed::of(&acts[0])
    }
}

#[test]
fn a_typo_is_mended_in_all_books_that_have_it_and_comes_back_with_one_step() {
    let shelf = shelf(&[("A", "Pengiun"), ("B", "Penguin"), ("C", "Pengiun Books"), ("D", "")]);
    let preview = shelf
        .preview::<Book>(replace("publisher", "Pengiun", "Penguin"))
        .unwrap();
    assert_eq!(
        (preview.changing(), preview.unchanged(), preview.refused_total()),
        (2, 2, 0)
    );
    assert_eq!(
        shelf.shown::<Book>(&preview),
        ["A: Pengiun → Penguin", "C: Pengiun Books → Penguin Books"]
    );
    assert_eq!(
        shelf.publishers(),
        ["Pengiun", "Penguin", "Pengiun Books", ""],
        "nothing is done yet"
    );
    let applied = shelf.apply::<Book>(preview, &[]);
    let expected = Applied {
        changed: 2,
        left_alone: 0,
        first: Some(shelf.ids[0].uuid()),
        name: "A".to_owned(),
    };
    assert_eq!(applied, expected);
    assert_eq!(shelf.publishers(), ["Penguin", "Penguin", "Penguin Books", ""]);
    assert_eq!(shelf.deed(), Deed::edited(RecordKind::Book, "A").of_several(2));
    assert!(matches!(shelf.undo(), Step::Done(told) if told.left_alone == 0));
    assert_eq!(shelf.publishers(), ["Pengiun", "Penguin", "Pengiun Books", ""]);
}

#[test]
fn a_record_that_was_taken_out_and_one_that_somebody_changed_meanwhile_stay() {
    let shelf = shelf(&[("A", "Pengiun"), ("B", "Pengiun"), ("C", "Pengiun"), ("D", "Pengiun")]);
    let preview = shelf
        .preview::<Book>(replace("publisher", "Pengiun", "Penguin"))
        .unwrap();
    let (changed, gone) = (shelf.ids[2], shelf.ids[3]);
    shelf
        .catalogue
        .database
        .write_blocking(move |tx| {
            let form = BookForm {
                fields: Form::default().with(Book::FIELDS.publisher, "Pengiun, New York"),
                ..BookForm::default()
            };
            books::change(tx, &[changed], &form)?;
            books::delete(tx, &[gone])
        })
        .unwrap();
    let applied = shelf.apply::<Book>(preview, &[shelf.ids[0]]);
    assert_eq!((applied.changed, applied.left_alone), (1, 2));
    assert_eq!(shelf.publishers(), ["Pengiun", "Penguin", "Pengiun, New York"]);
}

#[test]
fn what_a_rule_forbids_is_said_beforehand_and_never_done() {
    let long = "x".repeat(498);
    let shelf = shelf(&[("A", "Insel"), ("B", "Insel"), ("C", "")]);
    let (first, isbn) = (shelf.ids[0], shelf.ids[1]);
    shelf
        .catalogue
        .database
        .write_blocking(move |tx| {
            let rows = tx.repo_mut::<Book>();
            rows.change(first, |book| book.set_text(Book::FIELDS.publisher, &long))?;
            rows.change(isbn, |book| book.set_text(Book::FIELDS.isbn, "9780141439587"))
        })
        .unwrap();
    let pattern = Replacement {
        find: "^".to_owned(),
        with: "Verlag ".to_owned(),
        is_pattern: true,
        ignores_case: false,
    };
    let preview = shelf
        .preview::<Book>(change("publisher", Operation::Replace(pattern)))
        .unwrap();
    assert_eq!(
        (preview.changing(), preview.refused_total(), preview.unchanged()),
        (1, 1, 1)
    );
    assert!(
        preview.refused()[0].reason.contains("505 characters"),
        "{:?}",
        preview.refused()
    );
    assert_eq!(shelf.shown::<Book>(&preview), ["B: Insel → Verlag Insel"]);

    // An ISBN that one book has cannot be given to others, and of two without one only the first could get it.
    let preview = shelf.preview::<Book>(set("isbn", "978-0-14-143958-7")).unwrap();
    assert_eq!(
        (preview.changing(), preview.refused_total(), preview.unchanged()),
        (0, 2, 1)
    );
    assert!(preview.refused()[0].reason.contains("“B”"));
    let preview = shelf.preview::<Book>(set("isbn", "9780061054884")).unwrap();
    assert_eq!((preview.changing(), preview.refused_total()), (1, 2));

    // What fits no record is refused as a whole, and so is what makes no sense.
    for wrong in [
        set("isbn", "9780141439588"),
        set("published_year", "soon"),
        set("publisher", "  "),
        change("title", Operation::Clear),
        change("published_year", Operation::Trim),
        change("format", Operation::Case(LetterCase::Upper)),
        set("colour", "red"),
        change("tags", Operation::Clear),
    ] {
        let refused = shelf.preview::<Book>(wrong.clone());
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{wrong:?}");
    }
}

#[test]
fn a_value_that_another_record_got_meanwhile_is_left_out() {
    let shelf = shelf(&[("A", ""), ("B", "")]);
    let preview = shelf.preview::<Book>(set("isbn", "9780061054884")).unwrap();
    let other = shelf.ids[1];
    shelf
        .catalogue
        .database
        .write_blocking(move |tx| {
            tx.repo_mut::<Book>()
                .change(other, |book| book.set_text(Book::FIELDS.isbn, "9780061054884"))
        })
        .unwrap();
    let applied = shelf.apply::<Book>(preview, &[]);
    assert_eq!((applied.changed, applied.left_alone, applied.first), (0, 1, None));
}

#[test]
fn every_field_can_be_set_and_cleared_and_texts_are_reshaped() {
    let shelf = shelf(&[("the left hand of darkness", "ACE BOOKS"), ("B", "ace")]);
    let apply = |change| shelf.apply::<Book>(shelf.preview::<Book>(change).unwrap(), &[]).changed;
    assert_eq!(apply(change("publisher", Operation::Case(LetterCase::Title))), 2);
    assert_eq!(shelf.publishers(), ["Ace", "Ace Books"]);
    assert_eq!(apply(change("title", Operation::Case(LetterCase::Sentence))), 1);
    assert_eq!(apply(set("published_year", "720 BC")), 2);
    assert_eq!(apply(set("format", "paperback")), 2);
    assert_eq!(apply(set("language", "German")), 2);
    assert_eq!(apply(set("language", "deu")), 0, "it is stored as that");
    let books = shelf
        .catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().all())
        .unwrap();
    assert!(books.iter().all(|book| book.language.as_deref() == Some("deu")));
    assert_eq!(apply(change("publisher", Operation::Clear)), 2);
    assert_eq!(apply(change("publisher", Operation::Clear)), 0);
    assert_eq!(shelf.publishers(), ["", ""]);
}

#[test]
fn what_another_program_has_written_with_stray_spaces_is_trimmed() {
    let shelf = shelf(&[("A", "x"), ("B", "y")]);
    shelf
        .catalogue
        .other_program()
        .execute_batch("UPDATE book SET publisher='  Ace   Books ' WHERE title='A'")
        .unwrap();
    let preview = shelf.preview::<Book>(change("publisher", Operation::Trim)).unwrap();
    assert_eq!(shelf.shown::<Book>(&preview), ["A:   Ace   Books  → Ace Books"]);
    assert_eq!(shelf.apply::<Book>(preview, &[]).changed, 1);
}

#[test]
fn a_new_name_brings_its_sort_name_along() {
    let shelf = shelf(&[]);
    shelf
        .catalogue
        .database
        .write_blocking(|tx| authors::add(tx, &Form::default().with(Author::FIELDS.name, "Ursula LeGuin")))
        .unwrap();
    let preview = shelf.preview::<Author>(replace("name", "LeGuin", "Guin")).unwrap();
    assert_eq!(shelf.apply::<Author>(preview, &[]).changed, 1);
    let authors = shelf
        .catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().all())
        .unwrap();
    assert_eq!(authors[0].sort_name, "Guin, Ursula");
}

#[test]
fn tags_are_added_where_they_are_not_and_removed_where_they_are() {
    let shelf = shelf(&[("A", ""), ("B", ""), ("C", "")]);
    let (first, second) = (shelf.ids[0].uuid(), shelf.ids[1].uuid());
    shelf
        .catalogue
        .database
        .write_blocking(move |tx| belongings::add(tx, RecordKind::Book, first, "tags", "Novels"))
        .unwrap();
    let preview = shelf
        .preview::<Book>(change("tags", Operation::Add("novels".to_owned())))
        .unwrap();
    assert_eq!(shelf.shown::<Book>(&preview), ["B:  → novels", "C:  → novels"]);
    let applied = shelf.apply::<Book>(preview, &[]);
    assert_eq!((applied.changed, applied.first), (2, Some(second)));
    assert_eq!(shelf.deed(), Deed::edited(RecordKind::Book, "B").of_several(2));
    let tagged = || {
        let tags = belongings_named(Book::TABLE, "tags").unwrap();
        let texts = shelf.ids.iter().map(|id| {
            let id = id.uuid();
            shelf
                .catalogue
                .database
                .read_blocking(move |s| tags.texts(s, id))
                .unwrap()
                .join(",")
        });
        texts.collect::<Vec<_>>()
    };
    assert_eq!(tagged(), ["Novels"; 3], "a tag that is there is that tag");

    // The message about it offers to take it back by the first of its books.
    let told = shelf
        .catalogue
        .database
        .write_blocking(move |tx| undo::undo_told(tx, Did::Edited, Some(second)))
        .unwrap();
    assert!(matches!(told, Step::Done(_)));
    assert_eq!(tagged(), ["Novels", "", ""]);

    let preview = shelf
        .preview::<Book>(change("tags", Operation::Remove("NOVELS".to_owned())))
        .unwrap();
    assert_eq!(shelf.shown::<Book>(&preview), ["A: Novels → "]);
    assert_eq!(shelf.apply::<Book>(preview, &[]).changed, 1);
    assert_eq!(tagged(), ["", "", ""]);
}

#[test]
fn a_tag_on_many_books_is_asked_about_before_it_is_taken_back() {
    let shelf = shelf(&[("A", ""); 21]);
    let preview = shelf
        .preview::<Book>(change("tags", Operation::Add("novels".to_owned())))
        .unwrap();
    shelf.apply::<Book>(preview, &[]);
    let undo = shelf
        .catalogue
        .database
        .write_blocking(|tx| undo::undo(tx, Asked::default()));
    assert!(matches!(undo.unwrap(), Step::Asks(question) if question.touches == 21));
}

#[test]
fn what_can_be_done_to_a_field_follows_from_what_it_holds() {
    use OperationKind::{Add, Case, Clear, Remove, Replace, Set, Trim};
    let of = |name: &str| {
        let all = changeable::<Book>();
        all.into_iter().find(|one| one.name == name).unwrap().operations
    };
    assert_eq!(of("title"), [Replace, Set, Case, Trim]);
    assert_eq!(of("publisher"), [Replace, Set, Clear, Case, Trim]);
    assert_eq!(of("notes"), [Replace, Set, Clear, Case, Trim]);
    assert_eq!(of("isbn"), [Replace, Set, Clear, Trim]);
    assert_eq!(of("published_year"), [Set, Clear]);
    assert_eq!(of("format"), [Set, Clear]);
    assert_eq!(of("tags"), [Add, Remove]);
    let authors: Vec<_> = changeable::<Author>().into_iter().map(|one| one.name).collect();
    assert!(
        authors.contains(&"other_names") && authors.contains(&"birth_year"),
        "{authors:?}"
    );
}
