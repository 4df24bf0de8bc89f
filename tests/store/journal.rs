use colophon_acts::undo::Told;
use colophon_acts::{Deed, Did, RecordKind};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, Contribution, ContributionDraft, Role};
use colophon_store::Entity as _;
use colophon_store::journal::EditKind;
use colophon_store::{EntityId, Error, Query, Sql};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

fn count(catalogue: &Catalogue) -> (u64, u64, u64) {
    catalogue
        .database
        .read_blocking(|s| {
            Ok((
                s.repo::<Author>().count(&Query::all())?,
                s.repo::<Book>().count(&Query::all())?,
                s.repo::<Contribution>().count(&Query::all())?,
            ))
        })
        .unwrap()
}

fn author_with_book(catalogue: &Catalogue) -> (Author, Book) {
    catalogue
        .database
        .write_blocking(|tx| {
            added().note(tx);
            let homer = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?;
            let odyssey = tx.repo_mut::<Book>().create(&BookDraft::new("The Odyssey", homer.id))?;
            let draft = ContributionDraft {
                book_id: odyssey.id,
                author_id: homer.id,
                role: Role::Editor,
                position: 1,
            };
            tx.repo_mut::<Contribution>().create(&draft)?;
            Ok((homer, odyssey))
        })
        .unwrap()
}

fn added() -> Deed {
    Deed::created(RecordKind::Book, "The Odyssey")
}

fn undo(catalogue: &Catalogue) -> Option<Told> {
    catalogue.database.write_blocking(undoing::undo).unwrap()
}

fn redo(catalogue: &Catalogue) -> Option<Told> {
    catalogue.database.write_blocking(undoing::redo).unwrap()
}

#[test]
fn acts_are_undone_and_redone_in_turn() {
    let catalogue = Catalogue::empty();
    let (homer, odyssey) = author_with_book(&catalogue);
    let id = odyssey.id;
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().delete(id))
        .unwrap();
    assert_eq!(count(&catalogue), (1, 0, 0));
    let undone = undo(&catalogue).unwrap();
    assert_eq!(
        (undone.deed.did, undone.deed.name.as_str(), undone.open.is_some()),
        (Did::Deleted, "The Odyssey", true)
    );
    assert_eq!(count(&catalogue), (1, 1, 1));
    let back = catalogue.database.read_blocking(|s| s.repo::<Book>().get(id)).unwrap();
    assert_eq!(back, odyssey, "it comes back as it was");
    assert_eq!(undo(&catalogue).unwrap().deed, added());
    assert_eq!(count(&catalogue), (0, 0, 0));
    assert_eq!(undo(&catalogue), None);
    assert_eq!(redo(&catalogue).unwrap().deed, added());
    assert_eq!(count(&catalogue), (1, 1, 1));
    redo(&catalogue).unwrap();
    assert_eq!(count(&catalogue), (1, 0, 0));
    assert_eq!(redo(&catalogue), None);
    undo(&catalogue).unwrap();
    undo(&catalogue).unwrap();
    assert_eq!(count(&catalogue), (0, 0, 0));
    let _ = homer;
}

#[test]
fn something_new_ends_what_can_be_redone() {
    let catalogue = Catalogue::empty();
    author_with_book(&catalogue);
    undo(&catalogue).unwrap();
    catalogue
        .database
        .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("B")))
        .unwrap();
    assert_eq!(redo(&catalogue), None);
}

#[test]
fn undoing_a_change_leaves_alone_what_was_changed_since() {
    let catalogue = Catalogue::empty();
    let (homer, _) = author_with_book(&catalogue);
    let id = homer.id;
    let mut changed = homer;
    changed.set_text(Author::FIELDS.notes, "first").unwrap();
    changed.set_text(Author::FIELDS.website, "example.org").unwrap();
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().update(changed))
        .unwrap();
    catalogue
        .other_program()
        .execute("UPDATE author SET notes='second'", [])
        .unwrap();
    let undone = undo(&catalogue).unwrap();
    assert_eq!(undone.left_alone, 1);
    let after = catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().get(id))
        .unwrap();
    assert_eq!((after.notes.as_deref(), after.website), (Some("second"), None));
}

#[test]
fn an_undo_that_can_give_nothing_back_is_done_all_the_same() {
    let catalogue = Catalogue::empty();
    let (homer, _) = author_with_book(&catalogue);
    let id = homer.id;
    for (field, text) in [(Author::FIELDS.website, "example.org"), (Author::FIELDS.notes, "first")] {
        let changed = catalogue.database.write_blocking(move |tx| {
            tx.repo_mut::<Author>()
                .change(id, |author| author.set_text(field, text))
        });
        changed.unwrap();
    }
    catalogue
        .other_program()
        .execute("UPDATE author SET notes='second'", [])
        .unwrap();
    assert_eq!(undo(&catalogue).unwrap().left_alone, 1);
    assert_eq!(undo(&catalogue).unwrap().left_alone, 0);
    let author = || catalogue.database.read_blocking(move |s| s.repo::<Author>().get(id));
    let now = author().unwrap();
    assert_eq!((now.notes.as_deref(), now.website), (Some("second"), None));
    let past = catalogue
        .database
        .read_blocking(move |s| colophon_acts::history::history(s, id.uuid()));
    assert!(
        past.unwrap()
            .iter()
            .all(|edit| edit.kind == EditKind::Create || !edit.before.is_empty())
    );
    redo(&catalogue).unwrap();
    assert_eq!(author().unwrap().website.as_deref(), Some("https://example.org"));
}

#[test]
fn many_new_rows_are_one_line_of_the_journal_and_one_undo() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            for number in 0..500 {
                let author = tx
                    .repo_mut::<Author>()
                    .create(&AuthorDraft::named(format!("Author {number}")))?;
                tx.repo_mut::<Book>().create(&BookDraft::new("Book", author.id))?;
            }
            Ok(())
        })
        .unwrap();
    let lines = catalogue
        .database
        .read_blocking(|s| s.query_first(&Sql::new("SELECT count(*) FROM edit"), [], |row| row.get::<_, i64>(0)));
    assert_eq!(lines, Ok(Some(2)), "one for each table");
    undo(&catalogue).unwrap();
    assert_eq!(count(&catalogue), (0, 0, 0));
}

/// Twenty books of one author, of which every second has a publisher of its own.
fn shelf(catalogue: &Catalogue) -> Vec<Book> {
    catalogue
        .database
        .write_blocking(|tx| {
            let homer = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?;
            let book = |number: u32| BookDraft {
                publisher: number.is_multiple_of(2).then(|| format!("Press {number}")),
                ..BookDraft::new(format!("Book {number}"), homer.id)
            };
            (0..20)
                .map(|number| tx.repo_mut::<Book>().create(&book(number)))
                .collect()
        })
        .unwrap()
}

fn books(catalogue: &Catalogue) -> Vec<Book> {
    let mut books = catalogue.database.read_blocking(|s| s.repo::<Book>().all()).unwrap();
    books.sort_by_key(|book| book.id.uuid());
    books
}

/// All without their times.
fn undated(books: Vec<Book>) -> Vec<Book> {
    books
        .into_iter()
        .map(|book| Book {
            updated_at: book.created_at,
            ..book
        })
        .collect()
}

fn lines(catalogue: &Catalogue) -> i64 {
    let count = Sql::new("SELECT count(*) FROM edit");
    catalogue
        .database
        .read_blocking(|s| s.query_first(&count, [], |row| row.get(0)))
        .unwrap()
        .unwrap()
}

/// Sets the publisher and the year of all books, and returns how many actually changed.
fn change_shelf(catalogue: &Catalogue, shelf: &[Book], publisher: &'static str) -> u64 {
    let ids: Vec<_> = shelf.iter().map(|book| book.id).collect();
    catalogue
        .database
        .write_blocking(move |tx| {
            tx.repo_mut::<Book>().change_all(ids, |book| {
                book.set_text(Book::FIELDS.published_year, "1900")?;
                book.set_text(Book::FIELDS.publisher, publisher)
            })
        })
        .unwrap()
}

#[test]
fn rows_changed_alike_are_one_line_and_undo_gives_each_its_own_value_back() {
    let catalogue = Catalogue::empty();
    let before = shelf(&catalogue);
    let made = lines(&catalogue);
    assert_eq!(change_shelf(&catalogue, &before, "One Press"), 20);
    assert_eq!(lines(&catalogue), made + 1);
    let changed = books(&catalogue);
    assert!(
        changed
            .iter()
            .all(|book| book.publisher.as_deref() == Some("One Press"))
    );
    let undone = undo(&catalogue).unwrap();
    assert_eq!(
        (undone.deed.did, undone.deed.count, undone.left_alone),
        (Did::Edited, 20, 0)
    );
    assert_eq!(undated(books(&catalogue)), undated(before));
    redo(&catalogue).unwrap();
    assert_eq!(undated(books(&catalogue)), undated(changed));
}

#[test]
fn of_rows_changed_alike_undo_leaves_alone_those_that_were_changed_since() {
    let catalogue = Catalogue::empty();
    let before = shelf(&catalogue);
    change_shelf(&catalogue, &before, "One Press");
    let key = before[3].id.uuid().as_bytes().to_vec();
    catalogue
        .other_program()
        .execute("UPDATE book SET publisher='Theirs' WHERE id=?", [key])
        .unwrap();
    assert_eq!(undo(&catalogue).unwrap().left_alone, 1);
    let mut expected = undated(before);
    expected[3].publisher = Some("Theirs".to_owned());
    assert_eq!(undated(books(&catalogue)), expected);
}

#[test]
fn rows_that_do_not_differ_are_neither_written_nor_journalled() {
    let catalogue = Catalogue::empty();
    let before = shelf(&catalogue);
    change_shelf(&catalogue, &before[..10], "One Press");
    let first_half = books(&catalogue)[..10].to_vec();
    assert_eq!(change_shelf(&catalogue, &before, "One Press"), 10);
    assert_eq!(books(&catalogue)[..10], first_half, "times included");
    let made = lines(&catalogue);
    assert_eq!(change_shelf(&catalogue, &before, "One Press"), 0);
    assert_eq!(lines(&catalogue), made);
    let deed = undo(&catalogue).unwrap().deed;
    assert_eq!(
        (deed.did, deed.record, deed.count),
        (Did::Edited, Some(RecordKind::Book), 10)
    );
}

#[test]
fn an_attempt_that_fails_leaves_the_journal_as_it_was() {
    let catalogue = Catalogue::empty();
    let before = shelf(&catalogue);
    let (first, second, third) = (before[0].id, before[1].id, before[2].id);
    catalogue
        .database
        .write_blocking(move |tx| {
            let books = tx.repo_mut::<Book>();
            let author_id = books.get(first)?.author_id;
            let rename = |id, title: &'static str| books.change(id, |book| book.set_text(Book::FIELDS.title, title));
            rename(first, "First")?;
            let made = books.create(&BookDraft::new("Made", author_id))?;
            let refused = tx.attempt(|| {
                rename(second, "Second")?;
                books.create(&BookDraft::new("Not made", author_id))?;
                books.delete(third)?;
                rename(first, "")
            });
            assert!(
                matches!(refused, Err(Error::Invalid { field: "title", .. })),
                "{refused:?}"
            );
            books.create(&BookDraft::new("Made too", author_id))?;
            rename(made.id, "Made first").map(drop)
        })
        .unwrap();
    assert_eq!(count(&catalogue).1, 22);
    assert_eq!(undo(&catalogue).unwrap().left_alone, 0);
    assert_eq!(undated(books(&catalogue)), undated(before));
}
