//! The trash: what is in it, what comes back with a record, and emptying it.

use colophon_acts::books::BookForm;
use colophon_acts::undo::Asked;
use colophon_acts::{BooksOfDeleted, Form, RecordKind, authors, belongings, books, done, trash, undo};
use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookDraft, BookId};
use colophon_store::{EntityId as _, PageRequest, ReadSession, Result, WriteSession};
use colophon_tests::catalogue::Catalogue;
use uuid::Uuid;

fn write<T: Send + 'static>(
    catalogue: &Catalogue,
    act: impl FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
) -> T {
    catalogue.database.write_blocking(act).unwrap()
}

fn read<T: Send + 'static>(
    catalogue: &Catalogue,
    ask: impl FnOnce(&ReadSession<'_>) -> Result<T> + Send + 'static,
) -> T {
    catalogue.database.read_blocking(ask).unwrap()
}

/// The names in the trash, the latest first.
fn names(catalogue: &Catalogue) -> Vec<String> {
    let request = PageRequest::new(1, 100).unwrap();
    let page = read(catalogue, move |s| trash::page(s, request));
    assert_eq!(page.meta.total, page.items.len() as u64);
    page.items.into_iter().map(|gone| gone.name).collect()
}

fn author(catalogue: &Catalogue, name: &'static str) -> AuthorId {
    write(catalogue, move |tx| {
        tx.repo_mut::<Author>().create(&AuthorDraft::named(name))
    })
    .id
}

fn book(catalogue: &Catalogue, title: &'static str, by: AuthorId) -> BookId {
    let draft = BookDraft {
        isbn: (title == "Emma").then(|| "9780140268867".to_owned()),
        ..BookDraft::new(title, by)
    };
    write(catalogue, move |tx| tx.repo_mut::<Book>().create(&draft)).id
}

fn delete(catalogue: &Catalogue, ids: &[BookId]) {
    let ids = ids.to_vec();
    write(catalogue, move |tx| books::delete(tx, &ids));
}

fn restore(catalogue: &Catalogue, ids: &[Uuid]) -> trash::Restored {
    let ids = ids.to_vec();
    write(catalogue, move |tx| trash::restore(tx, &ids))
}

fn titles(catalogue: &Catalogue) -> Vec<String> {
    let mut found: Vec<_> = read(catalogue, |s| {
        let all = s.repo::<Book>().filter(&colophon_store::Query::all())?;
        Ok(all.into_iter().map(|book| book.title).collect())
    });
    found.sort();
    found
}

#[test]
fn one_of_several_comes_back_with_its_tags_and_people_and_one_undo_takes_it_away_again() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue, "Jane Austen");
    let [emma, persuasion] = ["Emma", "Persuasion"].map(|title| book(&catalogue, title, austen));
    write(&catalogue, move |tx| {
        belongings::add(tx, RecordKind::Book, emma.uuid(), "tags", "Lent")
    });
    delete(&catalogue, &[emma, persuasion]);
    assert_eq!(names(&catalogue), ["Emma", "Persuasion"]);

    let restored = restore(&catalogue, &[emma.uuid()]);
    assert_eq!((restored.name.as_str(), restored.left_out), ("Emma", 0));
    assert_eq!(names(&catalogue), ["Persuasion"]);
    let tags: u32 = catalogue
        .other_program()
        .query_row("SELECT count(*) FROM tagging", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tags, 1, "the tag came along");

    write(&catalogue, |tx| undo::undo(tx, Asked::agreeing()));
    assert_eq!(names(&catalogue), ["Emma", "Persuasion"]);
    assert_eq!(titles(&catalogue), Vec::<String>::new());
}

#[test]
fn a_book_brings_the_author_back_and_an_author_brings_no_books() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue, "Jane Austen");
    let emma = book(&catalogue, "Emma", austen);
    book(&catalogue, "Persuasion", austen);
    write(&catalogue, move |tx| {
        authors::delete(tx, austen, BooksOfDeleted::Delete)
    });
    assert_eq!(names(&catalogue).len(), 3);

    restore(&catalogue, &[austen.uuid()]);
    assert_eq!(titles(&catalogue), Vec::<String>::new());
    write(&catalogue, |tx| undo::undo(tx, Asked::agreeing()));

    let restored = restore(&catalogue, &[emma.uuid()]);
    assert_eq!(restored.records.len(), 2, "{restored:?}");
    assert_eq!(titles(&catalogue), ["Emma"]);
    assert_eq!(names(&catalogue), ["Persuasion"]);
}

#[test]
fn a_value_that_another_record_has_by_now_is_left_out() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue, "Jane Austen");
    let emma = book(&catalogue, "Emma", austen);
    delete(&catalogue, &[emma]);
    book(&catalogue, "Emma", austen);
    let restored = restore(&catalogue, &[emma.uuid()]);
    assert_eq!((restored.records.len(), restored.left_out), (1, 1));
    let isbn = read(&catalogue, move |s| Ok(s.repo::<Book>().get(emma)?.isbn));
    assert_eq!(isbn, None);
}

#[test]
fn what_was_undone_was_not_thrown_away_and_a_deletion_done_again_was() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue, "Jane Austen");
    let form = BookForm {
        fields: Form::default().with(Book::FIELDS.title, "Emma"),
        ..BookForm::default()
    };
    let made = write(&catalogue, move |tx| books::add(tx, &form));
    write(&catalogue, |tx| undo::undo(tx, Asked::agreeing()));
    assert_eq!(
        names(&catalogue),
        Vec::<String>::new(),
        "adding {} was undone",
        made.title
    );

    let persuasion = book(&catalogue, "Persuasion", austen);
    delete(&catalogue, &[persuasion]);
    write(&catalogue, |tx| undo::undo(tx, Asked::agreeing()));
    assert_eq!(names(&catalogue), Vec::<String>::new());
    write(&catalogue, |tx| undo::redo(tx, Asked::agreeing()));
    assert_eq!(names(&catalogue), ["Persuasion"]);
}

#[test]
fn an_emptied_trash_is_empty_until_that_is_undone() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue, "Jane Austen");
    let [emma, persuasion] = ["Emma", "Persuasion"].map(|title| book(&catalogue, title, austen));
    delete(&catalogue, &[emma, persuasion]);
    assert_eq!(write(&catalogue, trash::empty), 2);
    assert_eq!(names(&catalogue), Vec::<String>::new());
    assert_eq!(write(&catalogue, trash::empty), 0, "an empty trash leaves no act");
    let acts = read(&catalogue, |s| done::acts(s, i64::MAX, 10));
    assert_eq!(acts[0].told.deed.did, colophon_acts::Did::TrashEmptied);

    let lady = book(&catalogue, "Lady Susan", austen);
    delete(&catalogue, &[lady]);
    assert_eq!(names(&catalogue), ["Lady Susan"]);
    let number = acts[0].number;
    let undone = write(&catalogue, move |tx| done::undo_one(tx, number));
    assert!(matches!(undone, done::One::Done(_)), "{undone:?}");
    assert_eq!(names(&catalogue).len(), 3);
}

#[test]
fn what_another_program_deleted_is_there_and_comes_back() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue, "Jane Austen");
    let emma = book(&catalogue, "Emma", austen);
    let gone = catalogue.other_program().execute("DELETE FROM book", []).unwrap();
    assert_eq!(gone, 1);
    assert_eq!(names(&catalogue), ["Emma"]);
    restore(&catalogue, &[emma.uuid()]);
    assert_eq!(titles(&catalogue), ["Emma"]);
}
