//! Values that no field of ours would accept, written by another program: they stand in nobody's way.

use std::io::Cursor;

use colophon_acts::settlement::{Decision, settle};
use colophon_acts::{Somebody, contributors};
use colophon_catalogue::conflict::{Conflict, ConflictId, ConflictKind};
use colophon_catalogue::health;
use colophon_catalogue::import::{Existing, ImportFile, Options, RejectedRows};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, BookId, Contribution, ContributionDraft, Role};
use colophon_store::{EntityId as _, Error, WriteSession};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

use crate::merging::question;

const ISBN: &str = "9780140268867";

/// A catalogue with a book by Homer, translated by Fagles.
fn with_a_book() -> (Catalogue, Book) {
    let catalogue = Catalogue::empty();
    let book = catalogue.database.write_blocking(|tx| {
        let author_id = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?.id;
        let book = BookDraft {
            isbn: Some(ISBN.to_owned()),
            ..BookDraft::new("The Odyssey", author_id)
        };
        let book = tx.repo_mut::<Book>().create(&book)?;
        tx.repo_mut::<Contribution>().create(&ContributionDraft {
            book_id: book.id,
            author_id,
            role: Role::Editor,
            position: 1,
        })?;
        Ok(book)
    });
    (catalogue, book.unwrap())
}

/// Writes past all rules, as a program with a connection of its own does.
fn written_elsewhere(catalogue: &Catalogue, sql: &str) {
    catalogue.other_program().execute_batch(sql).unwrap();
}

fn change(catalogue: &Catalogue, id: BookId, change: impl FnOnce(&mut Book) + Send + 'static) -> Result<Book, Error> {
    catalogue.database.write_blocking(move |tx| {
        tx.repo_mut::<Book>().change(id, |book| {
            change(book);
            Ok(())
        })
    })
}

fn found(catalogue: &Catalogue, id: BookId) -> Book {
    catalogue
        .database
        .read_blocking(move |s| s.repo::<Book>().get(id))
        .unwrap()
}

#[test]
fn a_bad_value_keeps_nobody_from_changing_another_field() {
    let (catalogue, book) = with_a_book();
    written_elsewhere(
        &catalogue,
        "UPDATE book SET isbn='123', language='Deutsch', published_year=99999, page_count=0, subtitle='  wide  ';
         UPDATE author SET email='nobody', website='::', birth_year=1900, death_year=1800;
         UPDATE contribution SET position=0;",
    );
    let changed = change(&catalogue, book.id, |book| book.publisher = Some("Penguin".to_owned())).unwrap();
    assert_eq!(changed.publisher.as_deref(), Some("Penguin"));
    let bad = (
        changed.isbn.as_deref(),
        changed.language.as_deref(),
        changed.published_year,
    );
    assert_eq!(bad, (Some("123"), Some("Deutsch"), Some(99_999)), "as they were");
    assert_eq!(changed.subtitle.as_deref(), Some("  wide  "));

    let changed = catalogue.database.write_blocking(move |tx| {
        let author = tx.repo_mut::<Author>().change(book.author_id.unwrap(), |author| {
            author.notes = Some("A singer.".to_owned());
            Ok(())
        })?;
        let parts = tx.repo_mut::<Contribution>();
        let part = parts.change(parts.all()?[0].id, |part| {
            part.role = Role::Translator;
            Ok(())
        })?;
        Ok((author, part))
    });
    let (author, part) = changed.unwrap();
    assert_eq!(author.notes.as_deref(), Some("A singer."));
    assert_eq!((part.role, part.position), (Role::Translator, 0));
}

#[test]
fn what_is_touched_is_refused_by_its_own_name() {
    let (catalogue, book) = with_a_book();
    written_elsewhere(
        &catalogue,
        "UPDATE book SET isbn='123'; UPDATE author SET death_year=1800",
    );
    let refused = change(&catalogue, book.id, |book| {
        book.language = Some("Klingonisch".to_owned());
    })
    .unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "language", .. }), "{refused}");
    let refused = change(&catalogue, book.id, |book| book.isbn = Some("124".to_owned())).unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "isbn", .. }), "{refused}");
    let refused = catalogue.database.write_blocking(move |tx| {
        tx.repo_mut::<Author>().change(book.author_id.unwrap(), |author| {
            author.birth_year = Some(1900);
            Ok(())
        })
    });
    let refused = refused.unwrap_err();
    assert!(
        matches!(&refused, Error::Invalid { field: "birth_year", reason } if reason.contains("1800")),
        "{refused}"
    );
}

#[test]
fn what_breaks_a_rule_is_listed() {
    let (catalogue, _) = with_a_book();
    written_elsewhere(
        &catalogue,
        "UPDATE book SET language='Klingonisch'; UPDATE contribution SET position=0",
    );
    let findings = catalogue.database.read_blocking(|s| Ok(health::examine(s))).unwrap();
    let values = findings.iter().find(|finding| finding.check == "values").unwrap();
    assert!(
        !values.healthy && values.detail.contains("2 records"),
        "{}",
        values.detail
    );
    assert!(values.detail.contains("Klingonisch"), "{}", values.detail);
}

#[test]
fn undo_goes_back_over_a_bad_value_and_on() {
    let (catalogue, book) = with_a_book();
    change(&catalogue, book.id, |book| book.title = "Odyssey".to_owned()).unwrap();
    written_elsewhere(&catalogue, "UPDATE book SET isbn='123', page_count=0");
    change(&catalogue, book.id, |book| {
        book.isbn = Some(ISBN.to_owned());
        book.page_count = Some(416);
    })
    .unwrap();

    let undone = catalogue.database.write_blocking(undoing::undo).unwrap();
    assert!(undone.is_some_and(|undone| undone.left_alone == 0));
    let now = found(&catalogue, book.id);
    assert_eq!((now.isbn.as_deref(), now.page_count), (Some("123"), Some(0)));
    catalogue.database.write_blocking(undoing::undo).unwrap();
    assert_eq!(found(&catalogue, book.id).title, "The Odyssey");

    catalogue.database.write_blocking(undoing::redo).unwrap();
    catalogue.database.write_blocking(undoing::redo).unwrap();
    let now = found(&catalogue, book.id);
    assert_eq!((now.title.as_str(), now.isbn.as_deref()), ("Odyssey", Some(ISBN)));
}

#[test]
fn an_import_fills_a_record_that_has_a_bad_value() {
    let (catalogue, book) = with_a_book();
    written_elsewhere(
        &catalogue,
        "UPDATE book SET language='Klingonisch', published_year=99999",
    );
    let csv = format!("title,author,isbn,publisher\nThe Odyssey,Homer,{ISBN},Penguin\nIliad,Homer,,Penguin\n");
    let mut file = ImportFile::open(Cursor::new(csv), &Options::default()).unwrap();
    let report = catalogue
        .database
        .write_blocking(move |tx| Ok(file.import(tx, Existing::Fill, &mut RejectedRows::counted_only(), |_| {})));
    let report = report.unwrap().unwrap();
    assert_eq!((report.imported, report.updated), (1, 1));
    assert_eq!(found(&catalogue, book.id).publisher.as_deref(), Some("Penguin"));
}

/// A question of the sync about one field: what this device says, and what the server said.
fn asked(tx: &WriteSession<'_>, book: BookId, field: &str, theirs: &str) -> colophon_store::Result<ConflictId> {
    let conflicts = tx.repo_mut::<Conflict>();
    let conflict = Conflict {
        field: Some(field.to_owned()),
        mine: Some("\"de\"".to_owned()),
        theirs: Some(theirs.to_owned()),
        ..question("book", ConflictKind::Field, book.uuid(), conflicts.stamp())
    };
    conflicts.put(&conflict, 0)?;
    Ok(conflict.id)
}

#[test]
fn a_conflict_can_be_settled_by_a_value_that_no_field_would_take() {
    let (catalogue, book) = with_a_book();
    let settled = catalogue.database.write_blocking(move |tx| {
        let conflict = asked(tx, book.id, "language", "\"Klingonisch\"")?;
        settle(tx, conflict, Decision::Theirs, "a laptop")
    });
    settled.unwrap();
    assert_eq!(found(&catalogue, book.id).language.as_deref(), Some("Klingonisch"));
}

#[test]
fn a_record_that_becomes_part_of_another_brings_its_bad_values_along() {
    let (catalogue, book) = with_a_book();
    written_elsewhere(
        &catalogue,
        "UPDATE book SET language='Klingonisch', series_position='a place far too long for it'",
    );
    let merged = catalogue.database.write_blocking(move |tx| {
        let into = tx
            .repo_mut::<Book>()
            .create(&BookDraft::new("Odyssey", book.author_id))?
            .id;
        colophon_acts::merging::merge_books(tx, book.id, into, None)?;
        tx.repo::<Book>().get(into)
    });
    let merged = merged.unwrap();
    assert_eq!(
        (merged.language.as_deref(), merged.isbn.as_deref()),
        (Some("Klingonisch"), Some(ISBN))
    );
}

#[test]
fn where_another_program_counted_to_the_end_people_are_still_added_and_moved() {
    let (catalogue, book) = with_a_book();
    written_elsewhere(&catalogue, "UPDATE contribution SET position=2147483647");
    let added = catalogue.database.write_blocking(move |tx| {
        for name in ["Fagles", "Knox"] {
            contributors::add(tx, book.id, &Role::Translator, &Somebody::New(name.to_owned()))?;
        }
        let all = tx.repo::<Book>().children::<Contribution>(book.id)?;
        let positions: Vec<_> = all.iter().map(|one| (one.role.clone(), one.position)).collect();
        contributors::shift(tx, all[2].id, i32::MIN)?;
        let first = tx.repo::<Book>().children::<Contribution>(book.id)?[0].id;
        Ok((positions, first == all[2].id))
    });
    let (positions, is_first) = added.unwrap();
    assert_eq!(
        positions,
        [(Role::Editor, 1), (Role::Translator, 2), (Role::Translator, 3)]
    );
    assert!(is_first);
}
