//! Code that works on rows runs on a transaction and on the stand-in for tests alike.

use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
use colophon_store::{EntityId as _, Error, Result, RowsInMemory, RowsMut};
use colophon_tests::catalogue::Catalogue;

/// A command as a program has it: whoever exists already is taken, everybody else is made, and the note is set.
fn note(authors: &impl RowsMut<Author>, name: &str, note: &str) -> Result<Author> {
    let author = match authors.find_by_name(name)? {
        Some(author) => author,
        None => authors.create(&AuthorDraft::named(name))?,
    };
    authors.update(Author {
        notes: Some(note.to_owned()),
        ..author
    })
}

/// What the command does, whatever it works on.
fn noted(authors: &impl RowsMut<Author>) -> Result<()> {
    let first = note(authors, "José Saramago", "first")?;
    let second = note(authors, "JOSE SARAMAGO", "second")?;
    assert_eq!(first.id, second.id);
    assert_eq!(authors.get(first.id)?.notes.as_deref(), Some("second"));
    let refused = note(authors, " ", "nobody");
    assert!(
        matches!(refused, Err(Error::Invalid { field: "name", .. })),
        "{refused:?}"
    );
    assert_eq!(authors.all()?.len(), 1);
    assert_eq!(authors.delete(first.id)?.name, "José Saramago");
    let gone = authors.get(first.id);
    assert!(matches!(gone, Err(Error::NotFound { entity: "author", .. })));
    Ok(())
}

#[test]
fn a_command_does_the_same_on_a_transaction_and_on_its_double() {
    noted(&RowsInMemory::default()).unwrap();
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| noted(&tx.repo_mut::<Author>()))
        .unwrap();
}

#[test]
fn the_double_keeps_what_is_unique_and_fails_when_it_is_told_to() {
    let books = RowsInMemory::<Book>::default();
    let author = RowsInMemory::<Author>::default()
        .create(&AuthorDraft::named("Homer"))
        .unwrap();
    let mut draft = BookDraft::new("The Odyssey", author.id);
    draft.isbn = Some("9780140449136".to_owned());
    let first = books.create(&draft).unwrap();
    let second = books.create(&draft);
    assert!(matches!(second, Err(Error::Duplicate { field: "isbn", existing: Some(id), .. }) if id == first.id.uuid()));
    books.fail_next(Error::DiskFull);
    assert_eq!(books.delete(first.id), Err(Error::DiskFull));
    assert_eq!(books.delete(first.id).unwrap(), first);
}
