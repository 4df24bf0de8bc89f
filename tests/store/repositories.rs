use colophon_acts::{BooksOfDeleted, authors};
use colophon_catalogue::{
    Author, AuthorDraft, Book, BookDraft, BookFilter, BookSort, Contribution, ContributionDraft, Role,
};
use colophon_store::Entity as _;
use colophon_store::{Announcement, ChangeKind, Database, EntityId, Error, Query, Result, WriteSession};
use colophon_tests::catalogue::Catalogue;

fn write<T: Send + 'static>(
    catalogue: &Catalogue,
    body: impl FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    catalogue.database.write_blocking(body)
}

fn author(catalogue: &Catalogue, name: &str) -> Author {
    let draft = AuthorDraft::named(name);
    write(catalogue, move |tx| tx.repo_mut::<Author>().create(&draft)).unwrap()
}

fn book(catalogue: &Catalogue, title: &str, author: &Author) -> Book {
    let draft = BookDraft::new(title, author.id);
    write(catalogue, move |tx| tx.repo_mut::<Book>().create(&draft)).unwrap()
}

#[test]
fn get_says_what_is_missing_and_find_says_none() {
    let catalogue = Catalogue::empty();
    let id = colophon_catalogue::AuthorId::from_uuid(uuid::Uuid::nil());
    let missing = catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().get(id))
        .unwrap_err();
    assert_eq!(missing.to_string(), "Author not found");
    assert_eq!(
        catalogue
            .database
            .read_blocking(|s| s.repo::<Author>().find(id))
            .unwrap(),
        None
    );
}

#[test]
fn names_are_found_without_case_and_accents() {
    let catalogue = Catalogue::empty();
    let soren = author(&catalogue, "Søren Kierkegaard");
    author(&catalogue, "Łukasz Orbitowski");
    catalogue
        .database
        .read_blocking(|s| {
            let authors = s.repo::<Author>();
            assert_eq!(authors.find_by_name("soren kierkegaard")?, Some(soren));
            assert_eq!(authors.find_by_name("soren")?, None, "a part of a name is not the name");
            assert_eq!(authors.search_by_name("LUKASZ")?.len(), 1);
            assert_eq!(authors.filter(&Query::filtered("name~kierke".parse()?))?.len(), 1);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_sort_name_is_derived_follows_the_name_and_can_be_edited() {
    let catalogue = Catalogue::empty();
    let mut le_guin = author(&catalogue, "Ursula Le Guin");
    assert_eq!(le_guin.sort_name, "Le Guin, Ursula");
    le_guin.set_text(Author::FIELDS.name, "Ursula K. Le Guin").unwrap();
    let le_guin = write(&catalogue, move |tx| tx.repo_mut::<Author>().update(le_guin)).unwrap();
    assert_eq!(le_guin.sort_name, "Le Guin, Ursula K.");
    let mut edited = le_guin.clone();
    edited.set_text(Author::FIELDS.sort_name, "LeGuin").unwrap();
    let mut edited = write(&catalogue, move |tx| tx.repo_mut::<Author>().update(edited)).unwrap();
    edited.set_text(Author::FIELDS.name, "U. K. Le Guin").unwrap();
    let edited = write(&catalogue, move |tx| tx.repo_mut::<Author>().update(edited)).unwrap();
    assert_eq!(edited.sort_name, "LeGuin", "what a person wrote stays");
}

#[test]
fn titles_sort_without_their_article_and_years_with_the_unknown_last() {
    let catalogue = Catalogue::empty();
    let homer = author(&catalogue, "Homer");
    for title in ["The Odyssey", "Ms", "Iliad", "Ångström", "Book 10", "Book 2"] {
        book(&catalogue, title, &homer);
    }
    let titles = |query: Query<Book>| -> Vec<String> {
        let found = catalogue
            .database
            .read_blocking(|s| s.repo::<Book>().filter(&query))
            .unwrap();
        found.into_iter().map(|book| book.title).collect()
    };
    let expected = ["Ångström", "Book 2", "Book 10", "Iliad", "Ms", "The Odyssey"];
    assert_eq!(titles(Query::all()), expected);
    let reversed: Vec<_> = expected.into_iter().rev().collect();
    assert_eq!(titles(Query::all().sorted_by(BookSort::TITLE, true)), reversed);
    let mut odyssey = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().find_by_name("the odyssey"))
        .unwrap()
        .unwrap();
    odyssey.set_text(Book::FIELDS.published_year, "720 BC").unwrap();
    let odyssey = write(&catalogue, move |tx| tx.repo_mut::<Book>().update(odyssey)).unwrap();
    assert_eq!(odyssey.published_year, Some(-720));
    assert_eq!(titles(Query::all().sorted_by(BookSort::YEAR, false))[0], "The Odyssey");
}

#[test]
fn a_second_book_with_an_isbn_is_refused_and_the_first_is_named() {
    let catalogue = Catalogue::empty();
    let harper = author(&catalogue, "Harper Lee");
    let with_isbn = |isbn: &str| BookDraft {
        isbn: Some(isbn.into()),
        ..BookDraft::new("To Kill a Mockingbird", harper.id)
    };
    let first = with_isbn("0-06-112008-1");
    let first = write(&catalogue, move |tx| tx.repo_mut::<Book>().create(&first)).unwrap();
    assert_eq!(first.isbn.as_deref(), Some("9780061120084"));
    let second = with_isbn("978-0-06-112008-4");
    let refused = write(&catalogue, move |tx| tx.repo_mut::<Book>().create(&second)).unwrap_err();
    let expected = Error::Duplicate {
        entity: "book",
        field: "isbn",
        value: "9780061120084".into(),
        existing: Some(first.id.uuid()),
    };
    assert_eq!(refused, expected);
    let mistyped = with_isbn("0-06-112008-2");
    let refused = write(&catalogue, move |tx| tx.repo_mut::<Book>().create(&mistyped)).unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "isbn", .. }), "{refused}");
}

#[test]
fn an_author_with_books_is_not_deleted_unless_the_books_are_dealt_with() {
    let catalogue = Catalogue::empty();
    let (first, heir) = (author(&catalogue, "First"), author(&catalogue, "Heir"));
    let one = book(&catalogue, "One", &first);
    let id = first.id;
    let refused = write(&catalogue, move |tx| authors::delete(tx, id, BooksOfDeleted::Refuse)).unwrap_err();
    assert_eq!(refused.to_string(), "author: 1 book is by this author");
    let heir_id = heir.id;
    write(&catalogue, move |tx| {
        authors::delete(tx, id, BooksOfDeleted::HandOver(heir_id))
    })
    .unwrap();
    let one = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().get(one.id))
        .unwrap();
    assert_eq!(one.author_id, Some(heir.id));
    write(&catalogue, move |tx| {
        authors::delete(tx, heir_id, BooksOfDeleted::Delete)
    })
    .unwrap();
    assert_eq!(
        catalogue
            .database
            .read_blocking(|s| s.repo::<Book>().count(&Query::all()))
            .unwrap(),
        0
    );
}

#[test]
fn a_book_takes_its_contributions_with_it_and_needs_its_author() {
    let catalogue = Catalogue::empty();
    let homer = author(&catalogue, "Homer");
    let fagles = author(&catalogue, "Robert Fagles");
    let odyssey = book(&catalogue, "The Odyssey", &homer);
    let draft = ContributionDraft {
        book_id: odyssey.id,
        author_id: fagles.id,
        role: Role::Translator,
        position: 1,
    };
    write(&catalogue, move |tx| tx.repo_mut::<Contribution>().create(&draft)).unwrap();
    let id = odyssey.id;
    write(&catalogue, move |tx| tx.repo_mut::<Book>().delete(id)).unwrap();
    assert_eq!(
        catalogue
            .database
            .read_blocking(|s| s.repo::<Contribution>().count(&Query::all()))
            .unwrap(),
        0
    );
    let orphan = BookDraft::new("Orphan", colophon_catalogue::AuthorId::from_uuid(uuid::Uuid::nil()));
    let refused = write(&catalogue, move |tx| tx.repo_mut::<Book>().create(&orphan)).unwrap_err();
    assert!(matches!(refused, Error::ForeignKey { entity: "book", .. }), "{refused}");
}

#[test]
fn one_wants_exactly_one_and_one_or_none_at_most_one() {
    let catalogue = Catalogue::empty();
    let twain = author(&catalogue, "Mark Twain");
    let by_twain = Query::filtered(BookFilter::ByAuthor(twain.id));
    let one = || catalogue.database.read_blocking(|s| s.repo::<Book>().one(&by_twain));
    assert_eq!(
        one(),
        Err(Error::NotOne {
            entity: "book",
            found: 0
        })
    );
    let finn = book(&catalogue, "Adventures of Huckleberry Finn", &twain);
    assert_eq!(one(), Ok(finn));
    book(&catalogue, "Roughing It", &twain);
    let found = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().one_or_none(&by_twain));
    assert_eq!(
        found,
        Err(Error::NotOne {
            entity: "book",
            found: 2
        })
    );
}

#[test]
fn an_update_that_changes_nothing_writes_nothing() {
    let catalogue = Catalogue::empty();
    let twain = author(&catalogue, "Mark Twain");
    let mut events = catalogue.database.changes();
    let same = twain.clone();
    let after = write(&catalogue, move |tx| tx.repo_mut::<Author>().update(same)).unwrap();
    assert_eq!(after, twain);
    assert!(events.drain().is_empty());
}

#[test]
fn a_change_of_many_keeps_their_keys_and_rules_and_is_announced() {
    let catalogue = Catalogue::empty();
    let homer = author(&catalogue, "Homer");
    let books: Vec<Book> = (0..3)
        .map(|number| book(&catalogue, &format!("Book {number}"), &homer))
        .collect();
    let ids: Vec<_> = books.iter().map(|book| book.id).collect();
    let mut events = catalogue.database.changes();
    let all = ids.clone();
    let changed = write(&catalogue, move |tx| {
        let mut number = 0;
        tx.repo_mut::<Book>().change_all(all, |book| {
            number += 1;
            book.set_text(Book::FIELDS.title, &format!("The Ångström {number}"))
        })
    });
    assert_eq!(changed, Ok(3));
    let found = |name: &'static str| {
        catalogue
            .database
            .read_blocking(|s| s.repo::<Book>().find_by_name(name))
            .unwrap()
    };
    assert_eq!(found("the angstrom 2").map(|book| book.id), Some(ids[1]));
    assert_eq!(found("book 1"), None);
    let [Announcement::Committed(event)] = &events.drain()[..] else {
        panic!("one transaction, one event")
    };
    let rows: Vec<_> = ids.iter().map(|id| (id.uuid(), ChangeKind::Updated)).collect();
    assert_eq!(event.tables[0].rows, rows);

    let all = ids.clone();
    let refused = write(&catalogue, move |tx| {
        tx.repo_mut::<Book>()
            .change_all(all, |book| book.set_text(Book::FIELDS.isbn, "9780140268867"))
    });
    assert!(
        matches!(refused, Err(Error::Duplicate { field: "isbn", .. })),
        "{refused:?}"
    );
    let isbns = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().count(&Query::filtered("isbn:none".parse()?)));
    assert_eq!(isbns, Ok(3), "the first of them is as it was as well");
    let missing = colophon_catalogue::BookId::from_uuid(uuid::Uuid::nil());
    let refused = write(&catalogue, move |tx| {
        tx.repo_mut::<Book>().change_all([missing], |_| Ok(()))
    });
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
}

/// What a program's command needs from the catalogue; a fake of it fits into a unit test.
trait Greetings {
    fn author_name(&self, id: colophon_catalogue::AuthorId) -> Result<String>;
}

impl Greetings for Database {
    fn author_name(&self, id: colophon_catalogue::AuthorId) -> Result<String> {
        self.read_blocking(|s| Ok(s.repo::<Author>().get(id)?.name))
    }
}

struct OneAuthor;

impl Greetings for OneAuthor {
    fn author_name(&self, _id: colophon_catalogue::AuthorId) -> Result<String> {
        Ok("Jane".to_owned())
    }
}

fn greet(authors: &impl Greetings, id: colophon_catalogue::AuthorId) -> Result<String> {
    Ok(format!("Dear {}", authors.author_name(id)?))
}

#[test]
fn a_command_can_be_tested_with_a_fake_repository() {
    let catalogue = Catalogue::empty();
    let john = author(&catalogue, "John");
    assert_eq!(greet(&catalogue.database, john.id).unwrap(), "Dear John");
    assert_eq!(greet(&OneAuthor, john.id).unwrap(), "Dear Jane");
}
