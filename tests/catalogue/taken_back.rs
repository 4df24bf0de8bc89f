//! One of several edits is undone, and what it gives back does not fit what has changed since: no undo gets stuck, and
//! none silently leaves a record that breaks a rule.

use colophon_acts::undo::Told;
use colophon_catalogue::schema::ENTITIES;
use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookDraft, BookId};
use colophon_store::journal::Act;
use colophon_store::undo::{Undo, Undone};
use colophon_store::{Error, ReadSession};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

const ISBN: &str = "9780140268867";
const OTHER_ISBN: &str = "9780140275360";

fn author(catalogue: &Catalogue, draft: AuthorDraft) -> AuthorId {
    let made = catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft));
    made.unwrap().id
}

fn lives(catalogue: &Catalogue, id: AuthorId, change: impl FnOnce(&mut Author) + Send + 'static) {
    let changed = catalogue.database.write_blocking(move |tx| {
        tx.repo_mut::<Author>().change(id, |author| {
            change(author);
            Ok(())
        })
    });
    changed.unwrap();
}

fn years(catalogue: &Catalogue, id: AuthorId) -> (Option<i32>, Option<i32>) {
    let found = catalogue.database.read_blocking(move |s| s.repo::<Author>().get(id));
    let found = found.unwrap();
    (found.birth_year, found.death_year)
}

fn book(catalogue: &Catalogue, title: &'static str, by: AuthorId, isbn: Option<&str>) -> BookId {
    let draft = BookDraft {
        isbn: isbn.map(str::to_owned),
        ..BookDraft::new(title, by)
    };
    let made = catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().create(&draft));
    made.unwrap().id
}

fn found(catalogue: &Catalogue, id: BookId) -> Option<Book> {
    catalogue
        .database
        .read_blocking(move |s| s.repo::<Book>().find(id))
        .unwrap()
}

fn edit(catalogue: &Catalogue, id: BookId, change: impl FnOnce(&mut Book) + Send + 'static) {
    let changed = catalogue.database.write_blocking(move |tx| {
        tx.repo_mut::<Book>().change(id, |book| {
            change(book);
            Ok(())
        })
    });
    changed.unwrap();
}

/// Gives the other book an ISBN: through the sync, or through another program, so that it is in no journal of ours.
fn give_away(catalogue: &Catalogue, isbn: &str) {
    let sql = format!("UPDATE book SET isbn='{isbn}' WHERE title='Another'");
    catalogue.other_program().execute_batch(&sql).unwrap();
}

fn latest(session: &ReadSession<'_>) -> Result<Act, Error> {
    session.act(session.latest_act()?)
}

/// The act that was done last, to be taken back after others have followed.
fn last_act(catalogue: &Catalogue) -> Act {
    catalogue.database.read_blocking(latest).unwrap()
}

fn take_back(catalogue: &Catalogue, act: Act) -> Undone {
    let undone = catalogue
        .database
        .write_blocking(move |tx| Undo::of(ENTITIES).take_back(tx, &act));
    undone.unwrap()
}

fn undo_last(catalogue: &Catalogue) -> Told {
    catalogue.database.write_blocking(undoing::undo).unwrap().unwrap()
}

#[test]
fn a_birth_that_is_given_back_after_the_death_is_told_and_both_come_back_in_either_order() {
    let catalogue = Catalogue::empty();
    let id = author(
        &catalogue,
        AuthorDraft {
            birth_year: Some(1900),
            death_year: Some(1980),
            ..AuthorDraft::named("Nobody")
        },
    );
    lives(&catalogue, id, |author| author.birth_year = Some(1850));
    let birth = last_act(&catalogue);
    lives(&catalogue, id, |author| author.death_year = Some(1870));
    let undone = take_back(&catalogue, birth);
    assert_eq!(years(&catalogue, id), (Some(1900), Some(1870)));
    assert_eq!(undone.left_alone, 0);
    let told = undone.breaks.unwrap();
    assert!(told.contains("birth year") && told.contains("1870"), "{told}");
    let undone = undo_last(&catalogue);
    assert_eq!(years(&catalogue, id), (Some(1900), Some(1980)));
    assert_eq!((undone.left_alone, undone.breaks), (0, None));
}

#[test]
fn a_death_that_somebody_else_made_impossible_is_told_and_can_be_done_again() {
    let catalogue = Catalogue::empty();
    let id = author(
        &catalogue,
        AuthorDraft {
            birth_year: Some(1800),
            death_year: Some(1870),
            ..AuthorDraft::named("Nobody")
        },
    );
    lives(&catalogue, id, |author| author.death_year = Some(1980));
    catalogue
        .other_program()
        .execute_batch("UPDATE author SET birth_year=1900")
        .unwrap();
    let undone = undo_last(&catalogue);
    assert_eq!(years(&catalogue, id), (Some(1900), Some(1870)));
    assert!(undone.breaks.is_some_and(|told| told.contains("death year")));
    let redone = catalogue.database.write_blocking(undoing::redo).unwrap().unwrap();
    assert_eq!(years(&catalogue, id), (Some(1900), Some(1980)));
    assert_eq!(redone.breaks, None);
}

#[test]
fn an_isbn_that_another_book_has_by_now_stays_there_and_the_undo_goes_on() {
    let catalogue = Catalogue::empty();
    let homer = author(&catalogue, AuthorDraft::named("Homer"));
    book(&catalogue, "Another", homer, None);
    let id = book(&catalogue, "The Odyssey", homer, Some(ISBN));
    edit(&catalogue, id, |book| book.title = "Odyssey".to_owned());
    edit(&catalogue, id, |book| {
        book.isbn = Some(OTHER_ISBN.to_owned());
        book.publisher = Some("Penguin".to_owned());
    });
    give_away(&catalogue, ISBN);
    let undone = undo_last(&catalogue);
    assert_eq!(undone.left_alone, 1);
    let now = found(&catalogue, id).unwrap();
    assert_eq!((now.isbn.as_deref(), now.publisher), (Some(OTHER_ISBN), None));
    undo_last(&catalogue);
    assert_eq!(found(&catalogue, id).unwrap().title, "The Odyssey");
}

#[test]
fn a_deleted_book_whose_isbn_another_has_by_now_comes_back_without_it() {
    let catalogue = Catalogue::empty();
    let homer = author(&catalogue, AuthorDraft::named("Homer"));
    book(&catalogue, "Another", homer, None);
    let id = book(&catalogue, "The Odyssey", homer, Some(ISBN));
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().delete(id))
        .unwrap();
    let deletion = last_act(&catalogue);
    give_away(&catalogue, ISBN);
    assert_eq!(take_back(&catalogue, deletion).left_alone, 1);
    let now = found(&catalogue, id).unwrap();
    assert_eq!((now.title.as_str(), now.isbn), ("The Odyssey", None));
}

#[test]
fn an_author_who_is_gone_by_now_is_not_given_back_to_a_book() {
    let catalogue = Catalogue::empty();
    let [homer, virgil] = ["Homer", "Virgil"].map(|name| author(&catalogue, AuthorDraft::named(name)));
    let id = book(&catalogue, "The Aeneid", homer, Some(ISBN));
    edit(&catalogue, id, |book| book.title = "Aeneid".to_owned());
    edit(&catalogue, id, move |book| {
        book.author_id = Some(virgil);
        book.publisher = Some("Penguin".to_owned());
    });
    catalogue
        .other_program()
        .execute_batch("DELETE FROM author WHERE name='Homer'")
        .unwrap();
    assert_eq!(undo_last(&catalogue).left_alone, 1);
    let now = found(&catalogue, id).unwrap();
    assert_eq!((now.author_id, now.publisher), (Some(virgil), None));
    undo_last(&catalogue);
    assert_eq!(found(&catalogue, id).unwrap().title, "The Aeneid");
}

#[test]
fn a_deleted_book_whose_author_is_gone_by_now_stays_deleted_and_the_undo_goes_on() {
    let catalogue = Catalogue::empty();
    let [homer, virgil] = ["Homer", "Virgil"].map(|name| author(&catalogue, AuthorDraft::named(name)));
    let kept = book(&catalogue, "The Aeneid", virgil, None);
    let id = book(&catalogue, "The Odyssey", homer, Some(ISBN));
    edit(&catalogue, kept, |book| book.title = "Aeneid".to_owned());
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().delete(id))
        .unwrap();
    catalogue
        .other_program()
        .execute_batch("DELETE FROM author WHERE name='Homer'")
        .unwrap();
    assert_eq!(undo_last(&catalogue).left_alone, 1);
    assert!(found(&catalogue, id).is_none());
    undo_last(&catalogue);
    assert_eq!(found(&catalogue, kept).unwrap().title, "The Aeneid");
}
