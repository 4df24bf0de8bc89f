//! Rows with what they belong to and what belongs to them: as many statements as there are levels, however many rows.

use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, Contribution, ContributionDraft, Role};
use colophon_store::{Children, Error, PageRequest, Parent, Query, ReadSession, Result};
use colophon_tests::catalogue::Catalogue;

/// Authors with 0 to 4 books each, and as many contributions to each book by the previous author.
fn catalogue() -> Catalogue {
    let catalogue = Catalogue::empty();
    let filled = catalogue.database.write_blocking(|tx| {
        let mut before = None;
        for number in 0..100 {
            let draft = AuthorDraft::named(format!("Author {number:03}"));
            let author = tx.repo_mut::<Author>().create(&draft)?.id;
            for title in 0..number % 5 {
                let draft = BookDraft::new(format!("Book {title}"), author);
                let book_id = tx.repo_mut::<Book>().create(&draft)?.id;
                for position in 1..=number % 5 {
                    tx.repo_mut::<Contribution>().create(&ContributionDraft {
                        book_id,
                        author_id: before.unwrap_or(author),
                        role: Role::Editor,
                        position,
                    })?;
                }
            }
            before = Some(author);
        }
        Ok(())
    });
    filled.unwrap();
    catalogue
}

/// How many statements a page of some rows costs, once its list has been counted.
fn cost(catalogue: &Catalogue, page: impl Fn(&ReadSession<'_>, PageRequest) -> Result<()>) -> [u64; 2] {
    [2, 100].map(|per_page| {
        let cost = |s: &ReadSession<'_>| {
            let before = s.statements_run();
            page(s, PageRequest { page: 1, per_page })?;
            Ok(s.statements_run() - before)
        };
        catalogue.database.read_blocking(cost).unwrap();
        catalogue.database.read_blocking(cost).unwrap()
    })
}

#[test]
fn a_book_comes_with_its_author() {
    let catalogue = catalogue();
    let [few, many] = cost(&catalogue, |s, request| {
        let page = s.repo::<Book>().page_with::<Parent<Author>>(&Query::all(), request)?;
        assert_eq!(page.items.len(), request.per_page as usize);
        for book in page.items {
            assert_eq!(book.parent.map(|author| author.id), book.row.author_id);
        }
        Ok(())
    });
    assert_eq!(few, many, "a larger page costs no further statement");
    let one = catalogue.database.read_blocking(|s| {
        let book = s
            .repo::<Book>()
            .page(&Query::all(), PageRequest { page: 1, per_page: 1 })?
            .items
            .remove(0);
        let author: Option<Author> = s.repo::<Book>().parent(&book)?;
        let with = s.repo::<Book>().get_with::<Parent<Author>>(book.id)?;
        assert_eq!(with.parent, author);
        Ok(author.map(|author| author.id) == book.author_id)
    });
    assert_eq!(one, Ok(true));
}

#[test]
fn an_author_comes_with_the_books_and_their_contributions() {
    let catalogue = catalogue();
    let [few, many] = cost(&catalogue, |s, request| {
        let page = s
            .repo::<Author>()
            .page_with::<Children<Book, Children<Contribution>>>(&Query::all(), request)?;
        for (number, author) in page.items.into_iter().enumerate() {
            assert_eq!(author.children.len(), number % 5);
            for (title, book) in author.children.into_iter().enumerate() {
                assert_eq!(book.parent.title, format!("Book {title}"), "in their own order");
                assert_eq!(book.parent.author_id, Some(author.parent.id));
                let positions = book.children.iter().map(|part| (part.book_id, part.position));
                let expected = (1..=number % 5).map(|position| (book.parent.id, i32::try_from(position).unwrap()));
                assert!(positions.eq(expected));
            }
        }
        Ok(())
    });
    assert_eq!(few, many, "a larger page costs no further statement");
}

#[test]
fn down_and_up_again_and_what_is_not_there() {
    let catalogue = catalogue();
    let [few, many] = cost(&catalogue, |s, request| {
        let page = s
            .repo::<Book>()
            .page_with::<Children<Contribution, Parent<Author>>>(&Query::all(), request)?;
        for part in page.items.into_iter().flat_map(|book| book.children) {
            assert_eq!(part.parent.map(|person| person.id), Some(part.row.author_id));
        }
        Ok(())
    });
    assert_eq!(few, many);
    let missing = catalogue.database.read_blocking(|s| {
        let all = s.repo::<Author>().all()?;
        let ids: Vec<_> = all.iter().map(|author| author.id).collect();
        assert_eq!(s.repo::<Author>().find_all(&ids)?.len(), 100);
        assert!(s.repo::<Author>().find_all(&[])?.is_empty());
        s.repo::<Book>()
            .get_with::<Parent<Author>>(colophon_store::EntityId::from_uuid(uuid::Uuid::nil()))
    });
    assert!(matches!(missing, Err(Error::NotFound { entity: "book", .. })));
}

#[test]
fn more_parents_than_a_statement_takes_keys() {
    let catalogue = Catalogue::empty();
    let ids = catalogue.database.write_blocking(|tx| {
        let create = |number| {
            let author = tx
                .repo_mut::<Author>()
                .create(&AuthorDraft::named(format!("A{number}")))?;
            tx.repo_mut::<Book>().create(&BookDraft::new("Book", author.id))?;
            Ok(author.id)
        };
        (0..2_500).map(create).collect::<Result<Vec<_>>>()
    });
    let ids = ids.unwrap();
    let found = catalogue.database.read_blocking(|s| {
        assert_eq!(s.repo::<Author>().find_all(&ids)?.len(), 2_500);
        s.repo::<Author>().children_of::<Book>(&ids)
    });
    assert!(found.unwrap().values().all(|books| books.len() == 1));
}
