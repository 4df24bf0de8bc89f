use colophon_catalogue::{
    Author, AuthorDraft, AuthorField, Book, BookDraft, Contribution, ContributionDraft, Role, undo,
};
use colophon_store::{Query, Sql};
use colophon_tests::catalogue::Catalogue;

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
            tx.describe("Added The Odyssey");
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

fn undo(catalogue: &Catalogue) -> Option<undo::Undone> {
    catalogue.database.write_blocking(undo::undo).unwrap()
}

fn redo(catalogue: &Catalogue) -> Option<undo::Undone> {
    catalogue.database.write_blocking(undo::redo).unwrap()
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
    assert_eq!((undone.label.as_str(), undone.exists), ("Deleted contribution", true));
    assert_eq!(count(&catalogue), (1, 1, 1));
    let back = catalogue.database.read_blocking(|s| s.repo::<Book>().get(id)).unwrap();
    assert_eq!(back, odyssey, "it comes back as it was");
    assert_eq!(undo(&catalogue).unwrap().label, "Added The Odyssey");
    assert_eq!(count(&catalogue), (0, 0, 0));
    assert_eq!(undo(&catalogue), None);
    assert_eq!(redo(&catalogue).unwrap().label, "Added The Odyssey");
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
    changed.set_text(AuthorField::Notes, "first").unwrap();
    changed.set_text(AuthorField::Website, "example.org").unwrap();
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
