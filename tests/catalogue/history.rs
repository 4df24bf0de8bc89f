//! The history of a record, and restoring what it was.

use colophon_acts::Did;
use colophon_acts::history::{OldValues, PutBack, history, old_values, put_back};
use colophon_catalogue::schema::TABLES;
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, BookId};
use colophon_store::Entity as _;
use colophon_store::journal::EditKind;
use colophon_store::{EntityId as _, Error};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;
use serde_json::json;
use uuid::Uuid;

/// Books of one author.
fn books<const N: usize>(catalogue: &Catalogue, titles: [&'static str; N]) -> [BookId; N] {
    let create = move |tx: &colophon_store::WriteSession<'_>| {
        let homer = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?;
        let books = titles.map(|title| tx.repo_mut::<Book>().create(&BookDraft::new(title, homer.id)));
        books
            .into_iter()
            .map(|book| Ok(book?.id))
            .collect::<Result<Vec<_>, _>>()
    };
    catalogue.database.write_blocking(create).unwrap().try_into().unwrap()
}

fn publisher(catalogue: &Catalogue, id: BookId) -> Option<String> {
    let found = catalogue.database.read_blocking(|s| s.repo::<Book>().get(id));
    found.unwrap().publisher
}

/// The entries that remember something, earliest first.
fn entries(catalogue: &Catalogue, id: BookId) -> Vec<i64> {
    let past = catalogue.database.read_blocking(|s| history(s, id.uuid())).unwrap();
    let remembering = past.into_iter().filter(|edit| !edit.before.is_empty());
    remembering.filter_map(|edit| edit.number).collect()
}

fn old(catalogue: &Catalogue, id: BookId, number: i64) -> OldValues {
    let found = catalogue.database.read_blocking(|s| old_values(s, id.uuid(), number));
    found.unwrap().unwrap()
}

fn restored(catalogue: &Catalogue, id: BookId, number: i64) -> PutBack {
    let old = old(catalogue, id, number);
    catalogue
        .database
        .write_blocking(move |tx| put_back(tx, &old, &[]))
        .unwrap()
}

#[test]
fn putting_back_is_one_act_that_waits_for_the_server_and_can_be_undone() {
    let catalogue = Catalogue::empty();
    let [id] = books(&catalogue, ["The Iliad"]);
    for title in ["Ilias", "Iliade"] {
        let write = catalogue.database.write_blocking(move |tx| {
            tx.repo_mut::<Book>()
                .change(id, |book| book.set_text(Book::FIELDS.title, title))
        });
        write.unwrap();
    }
    // As if the server had all of it.
    let file = catalogue.other_program();
    file.execute_batch("BEGIN; INSERT INTO applying(id) VALUES(1); UPDATE book SET revision=1; UPDATE author SET revision=1; DELETE FROM pending; DELETE FROM applying; COMMIT")
        .unwrap();
    let waiting = || catalogue.database.read_blocking(|s| s.waiting_count(TABLES)).unwrap();
    assert_eq!(waiting(), 0);
    let first = entries(&catalogue, id)[0];
    let done = restored(&catalogue, id, first);
    assert_eq!(done.fields.len(), 1, "{done:?}");
    assert_eq!(
        (&done.fields[0].was, &done.fields[0].is),
        (&json!("Iliade"), &json!("The Iliad"))
    );
    assert_eq!(waiting(), 1);
    let key: String = file
        .query_row("SELECT sort_key FROM book", [], |row| row.get(0))
        .unwrap();
    assert!(key.starts_with("iliad"), "the stored key follows: {key}");
    let undone = catalogue.database.write_blocking(undoing::undo).unwrap().unwrap();
    assert_eq!(
        (undone.deed.did, undone.deed.name.as_str(), undone.left_alone),
        (Did::PutBack, "The Iliad", 0)
    );
    let book = catalogue.database.read_blocking(|s| s.repo::<Book>().get(id)).unwrap();
    assert_eq!(book.title, "Iliade");
}

#[test]
fn of_many_that_were_changed_together_each_gets_back_its_own() {
    let catalogue = Catalogue::empty();
    let ids = books(&catalogue, ["The Iliad", "The Odyssey", "Margites"]);
    let change = |publisher: fn(usize) -> String| {
        let write = catalogue.database.write_blocking(move |tx| {
            for (index, id) in ids.iter().enumerate() {
                let set = |book: &mut Book| book.set_text(Book::FIELDS.publisher, &publisher(index));
                tx.repo_mut::<Book>().change(*id, set)?;
            }
            Ok(())
        });
        write.unwrap();
    };
    change(|index| format!("Publisher {index}"));
    change(|_| "One Press".to_owned());
    let of_second = entries(&catalogue, ids[1]);
    assert_eq!(
        of_second,
        entries(&catalogue, ids[0]),
        "one line of the journal tells of all"
    );
    restored(&catalogue, ids[1], of_second[1]);
    let found = ids.map(|id| publisher(&catalogue, id).unwrap());
    assert_eq!(found, ["One Press", "Publisher 1", "One Press"]);
}

#[test]
fn what_one_transaction_changed_again_is_told_once_from_its_beginning_to_its_end() {
    let catalogue = Catalogue::empty();
    let [id] = books(&catalogue, ["The Iliad"]);
    let write = catalogue.database.write_blocking(move |tx| {
        for publisher in ["Penguin", "Reclam"] {
            tx.repo_mut::<Book>()
                .change(id, |book| book.set_text(Book::FIELDS.publisher, publisher))?;
        }
        Ok(())
    });
    write.unwrap();
    let past = catalogue.database.read_blocking(|s| history(s, id.uuid())).unwrap();
    let update = past.iter().find(|edit| edit.kind == EditKind::Update).unwrap();
    assert_eq!(
        (&update.before["publisher"], &update.after["publisher"]),
        (&json!(null), &json!("Reclam"))
    );
    restored(&catalogue, id, update.number.unwrap());
    assert_eq!(publisher(&catalogue, id), None);
}

#[test]
fn the_making_of_a_record_and_the_entry_of_another_one_put_nothing_back() {
    let catalogue = Catalogue::empty();
    let [id] = books(&catalogue, ["The Iliad"]);
    let past = catalogue
        .database
        .read_blocking(move |s| history(s, id.uuid()))
        .unwrap();
    let made = past[0].number.unwrap();
    let old = old(&catalogue, id, made);
    let refused = catalogue.database.write_blocking(move |tx| put_back(tx, &old, &[]));
    assert!(
        matches!(refused, Err(Error::Invalid { field: "entry", .. })),
        "{refused:?}"
    );
    let of_nobody = catalogue
        .database
        .read_blocking(move |s| old_values(s, Uuid::nil(), made));
    assert!(of_nobody.unwrap().is_none());
}

#[test]
fn a_record_that_came_back_can_be_undone_as_a_whole() {
    let catalogue = Catalogue::empty();
    let [id] = books(&catalogue, ["The Iliad"]);
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().delete(id))
        .unwrap();
    let deletion = entries(&catalogue, id).pop().unwrap();
    assert_eq!(restored(&catalogue, id, deletion).brought_back, 1);
    let undone = catalogue.database.write_blocking(undoing::undo).unwrap().unwrap();
    assert_eq!(
        (undone.deed.did, undone.deed.name.as_str(), undone.open),
        (Did::BroughtBack, "The Iliad", None)
    );
}
