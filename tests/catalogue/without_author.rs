//! Books without an author: anonymous works, and collections of which only the editor is known.

use std::io::Cursor;

use colophon_catalogue::export::{csv, json};
use colophon_catalogue::import::{Existing, ImportFile, Options, RejectedRows};
use colophon_catalogue::lists::{BookLine, BookList, Lists};
use colophon_catalogue::{
    Author, AuthorDraft, Book, BookDraft, BookFilter, BookSort, Contribution, ContributionDraft, Role,
};
use colophon_store::{PageRequest, Query};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

const FIRST: PageRequest = PageRequest { page: 1, per_page: 100 };

/// A book by somebody, one by nobody, and one of which only the editor is named.
fn library() -> Catalogue {
    let catalogue = Catalogue::empty();
    let made = catalogue.database.write_blocking(|tx| {
        let homer = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?.id;
        let knox = tx.repo_mut::<Author>().create(&AuthorDraft::named("Bernard Knox"))?.id;
        let books = tx.repo_mut::<Book>();
        books.create(&BookDraft::titled("Beowulf"))?;
        let classics = books.create(&BookDraft::titled("Essays, Ancient and Modern"))?;
        books.create(&BookDraft::new("The Iliad", homer))?;
        tx.repo_mut::<Contribution>().create(&ContributionDraft {
            book_id: classics.id,
            author_id: knox,
            role: Role::Editor,
            position: 1,
        })
    });
    made.unwrap();
    catalogue
}

fn listed(catalogue: &Catalogue, list: &BookList) -> Vec<(String, String)> {
    let lists = Lists::new(catalogue.database.clone());
    let page = lists.page(list, FIRST).unwrap();
    let shown = |line: BookLine| (line.book.title, line.author);
    page.items.into_iter().map(shown).collect()
}

#[test]
fn lists_show_who_there_is_and_sort_the_rest_last() {
    let catalogue = library();
    let by_author = BookList {
        sort: BookSort::Author,
        ..BookList::default()
    };
    let expected = [
        ("The Iliad", "Homer"),
        ("Beowulf", ""),
        ("Essays, Ancient and Modern", "Bernard Knox"),
    ];
    let expected = expected.map(|(title, author)| (title.to_owned(), author.to_owned()));
    assert_eq!(listed(&catalogue, &by_author), expected);
    let mut descending = expected.to_vec();
    descending.reverse();
    let by_author = BookList {
        descending: true,
        ..by_author
    };
    assert_eq!(listed(&catalogue, &by_author), descending);
    let found = BookList {
        text: "knox".to_owned(),
        ..BookList::default()
    };
    assert_eq!(listed(&catalogue, &found)[0].0, "Essays, Ancient and Modern");
    let page = catalogue.database.read_blocking(|s| {
        let query = Query::all().sorted_by(BookSort::Author, false);
        s.repo::<Book>().page(&query, FIRST)
    });
    let titles: Vec<_> = page.unwrap().items.into_iter().map(|book| book.title).collect();
    assert_eq!(titles, expected.map(|(title, _)| title));
}

#[test]
fn a_book_loses_its_author_and_gets_another_one_and_both_are_undone() {
    let catalogue = library();
    let iliad = Query::filtered("title~iliad".parse().unwrap());
    let author_of_iliad = || {
        let query = iliad.clone();
        catalogue
            .database
            .read_blocking(move |s| Ok(s.repo::<Book>().one(&query)?.author_id))
            .unwrap()
    };
    let homer = author_of_iliad();
    let query = iliad.clone();
    catalogue
        .database
        .write_blocking(move |tx| {
            let book = tx.repo::<Book>().one(&query)?;
            let book = tx.repo_mut::<Book>().update(Book {
                author_id: None,
                ..book
            })?;
            tx.repo_mut::<Author>().delete(homer.unwrap())?;
            Ok(book)
        })
        .unwrap();
    assert_eq!(author_of_iliad(), None);
    let without =
        |s: &colophon_store::ReadSession<'_>| s.repo::<Book>().count(&Query::filtered(BookFilter::HasAuthor(false)));
    assert_eq!(catalogue.database.read_blocking(without).unwrap(), 3);
    catalogue.database.write_blocking(undoing::undo).unwrap();
    assert_eq!(author_of_iliad(), homer);
}

#[test]
fn what_is_exported_comes_in_again_as_it_was() {
    let catalogue = library();
    for is_csv in [true, false] {
        let mut written = Vec::new();
        catalogue
            .database
            .read_blocking(|s| {
                let done = if is_csv {
                    csv(s, &mut written)
                } else {
                    json(s, &mut written)
                };
                done.map_err(|error| colophon_store::Error::invalid("export", error.to_string()))
            })
            .unwrap();
        let other = Catalogue::empty();
        let mut file = ImportFile::open(Cursor::new(written), &Options::default()).unwrap();
        let report = other.database.write_blocking(move |tx| {
            let report = file.import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {});
            report.map_err(|error| colophon_store::Error::invalid("import", error.to_string()))
        });
        assert_eq!(report.unwrap().problems, []);
        let all = BookList::default();
        assert_eq!(listed(&other, &all), listed(&catalogue, &all), "csv: {is_csv}");
    }
}
