//! One act is taken back out of the middle, whole or not at all, and what is in the way is named.

use colophon_acts::done::{Done, InTheWay, One, acts, redo_one, undo_one};
use colophon_acts::{Did, books};
use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookDraft, BookId};
use colophon_store::Error;
use colophon_tests::catalogue::Catalogue;

const ISBN: &str = "9780140268867";

fn author(catalogue: &Catalogue) -> AuthorId {
    let draft = AuthorDraft::named("Jane Austen");
    let made = catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft));
    made.unwrap().id
}

fn book(catalogue: &Catalogue, title: &'static str, by: AuthorId) -> BookId {
    let draft = BookDraft::new(title, by);
    let made = catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().create(&draft));
    made.unwrap().id
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

fn found(catalogue: &Catalogue, id: BookId) -> Option<Book> {
    catalogue
        .database
        .read_blocking(move |s| s.repo::<Book>().find(id))
        .unwrap()
}

/// All acts, the first one first.
fn all(catalogue: &Catalogue) -> Vec<Done> {
    let mut list = catalogue.database.read_blocking(|s| acts(s, i64::MAX, 100)).unwrap();
    list.reverse();
    list
}

fn undo(catalogue: &Catalogue, number: i64) -> One {
    catalogue
        .database
        .write_blocking(move |tx| undo_one(tx, number))
        .unwrap()
}

fn obstacles(taken: One) -> Vec<InTheWay> {
    match taken {
        One::InTheWay(obstacles) => obstacles,
        One::Done(told) => panic!("{told:?} was not to be done"),
    }
}

#[test]
fn an_act_in_the_middle_is_undone_and_what_came_later_stays() {
    let catalogue = Catalogue::empty();
    let emma = book(&catalogue, "Emma", author(&catalogue));
    edit(&catalogue, emma, |book| book.publisher = Some("Murray".to_owned()));
    edit(&catalogue, emma, |book| book.published_year = Some(1815));
    let publisher = all(&catalogue)[2].number;
    assert!(matches!(undo(&catalogue, publisher), One::Done(told) if told.left_alone == 0));
    let now = found(&catalogue, emma).unwrap();
    assert_eq!((now.publisher, now.published_year), (None, Some(1815)));
    let listed = all(&catalogue);
    assert_eq!(listed.len(), 4, "the undo itself is not in the list");
    assert!(listed[2].is_undone && !listed[3].is_undone);

    let again = catalogue
        .database
        .write_blocking(move |tx| redo_one(tx, publisher))
        .unwrap();
    assert!(matches!(again, One::Done(_)));
    assert_eq!(found(&catalogue, emma).unwrap().publisher.as_deref(), Some("Murray"));
    let twice = catalogue.database.write_blocking(move |tx| redo_one(tx, publisher));
    assert!(matches!(twice, Err(Error::Invalid { .. })), "{twice:?}");
}

#[test]
fn a_later_change_of_the_same_field_is_named_and_nothing_is_changed() {
    let catalogue = Catalogue::empty();
    let emma = book(&catalogue, "Emma", author(&catalogue));
    edit(&catalogue, emma, |book| {
        book.publisher = Some("Murray".to_owned());
        book.published_year = Some(1815);
    });
    edit(&catalogue, emma, |book| book.publisher = Some("John Murray".to_owned()));
    let [_, _, both, later] = all(&catalogue).try_into().unwrap();
    let in_the_way = obstacles(undo(&catalogue, both.number));
    let [one] = in_the_way.try_into().unwrap();
    assert_eq!(one.field.as_deref(), Some("publisher"));
    assert_eq!(one.subject.name.as_deref(), Some("Emma"));
    assert_eq!(one.act.map(|act| act.number), Some(later.number));
    let now = found(&catalogue, emma).unwrap();
    assert_eq!(
        (now.publisher.as_deref(), now.published_year),
        (Some("John Murray"), Some(1815))
    );
    // Once that is undone, nothing is in the way any more.
    undo(&catalogue, later.number);
    assert!(matches!(undo(&catalogue, both.number), One::Done(_)));
    assert_eq!(found(&catalogue, emma).unwrap().published_year, None);
}

#[test]
fn what_was_done_to_a_record_since_it_was_made_is_in_the_way_of_undoing_that() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue);
    let emma = book(&catalogue, "Emma", austen);
    edit(&catalogue, emma, |book| book.published_year = Some(1815));
    let [author, made, edited] = all(&catalogue).try_into().unwrap();
    let [one] = obstacles(undo(&catalogue, made.number)).try_into().unwrap();
    assert_eq!(
        (one.field.as_deref(), one.act.map(|act| act.number)),
        (Some("published_year"), Some(edited.number))
    );
    let [one] = obstacles(undo(&catalogue, author.number)).try_into().unwrap();
    assert_eq!(
        one.act.map(|act| act.number),
        Some(made.number),
        "the book refers to the author"
    );
    undo(&catalogue, edited.number);
    assert!(matches!(undo(&catalogue, made.number), One::Done(_)));
    assert_eq!(found(&catalogue, emma), None);
}

#[test]
fn what_another_program_changed_is_in_the_way_though_no_act_did_it() {
    let catalogue = Catalogue::empty();
    let emma = book(&catalogue, "Emma", author(&catalogue));
    edit(&catalogue, emma, |book| book.publisher = Some("Murray".to_owned()));
    let sql = "UPDATE book SET publisher='Another'";
    catalogue.other_program().execute_batch(sql).unwrap();
    let number = all(&catalogue)[2].number;
    let [one] = obstacles(undo(&catalogue, number)).try_into().unwrap();
    assert_eq!((one.act, one.field.as_deref()), (None, Some("publisher")));
}

#[test]
fn a_value_that_another_record_has_by_now_is_in_the_way_of_a_deletion() {
    let catalogue = Catalogue::empty();
    let austen = author(&catalogue);
    let emma = book(&catalogue, "Emma", austen);
    edit(&catalogue, emma, |book| book.isbn = Some(ISBN.to_owned()));
    catalogue
        .database
        .write_blocking(move |tx| books::delete(tx, &[emma]))
        .unwrap();
    let other = book(&catalogue, "Another", austen);
    edit(&catalogue, other, |book| book.isbn = Some(ISBN.to_owned()));
    let deletion = all(&catalogue)
        .into_iter()
        .find(|act| act.told.deed.did == Did::Deleted)
        .unwrap();
    let [one] = obstacles(undo(&catalogue, deletion.number)).try_into().unwrap();
    assert_eq!(
        (one.subject.name.as_deref(), one.field.as_deref()),
        (Some("Another"), Some("isbn"))
    );
    assert_eq!(found(&catalogue, emma), None);
}
