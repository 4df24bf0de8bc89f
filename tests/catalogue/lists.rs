//! What lists can be narrowed to, ordered by and gathered by: every field, going by its declaration, in the window's
//! lists and in queries alike.

use std::str::FromStr as _;

use colophon_catalogue::lists::{self, AuthorList, BookList, Column, Listed as _, Lists, Ordered};
use colophon_catalogue::{
    Author, AuthorDraft, Book, BookDraft, BookFilter, BookSort, Contribution, ContributionDraft, Role, export,
};
use colophon_store::{Error, FieldOf, PageRequest, Query};
use colophon_tests::catalogue::Catalogue;

const FIRST: PageRequest = PageRequest { page: 1, per_page: 100 };

/// Five books with much and with little said about them, and one that another program has written.
fn library() -> (Catalogue, Lists) {
    let catalogue = Catalogue::empty();
    let (text, none) = (|text: &str| Some(text.to_owned()), None::<String>);
    catalogue
        .database
        .write_blocking(move |tx| {
            let homer = tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer"))?;
            let fagles = tx.repo_mut::<Author>().create(&AuthorDraft::named("Robert Fagles"))?;
            let book = |title: &str, publisher: &Option<String>, year: Option<i32>, pages: Option<i32>| BookDraft {
                publisher: publisher.clone(),
                published_year: year,
                page_count: pages,
                ..BookDraft::new(title, homer.id)
            };
            let drafts = [
                BookDraft {
                    isbn: text("9780140268867"),
                    language: text("eng"),
                    ..book("The Odyssey", &text("Penguin Books"), Some(1996), Some(541))
                },
                book("The Iliad", &text("penguin books"), Some(1999), Some(683)),
                book("Hymns", &text("Éditions du Seuil"), Some(-700), None),
                book("Margites", &none, None, Some(12)),
                BookDraft {
                    author_id: None,
                    ..book("Beowulf", &text("Penguin Books"), Some(2000), None)
                },
            ];
            for (position, draft) in (1..).zip(drafts) {
                let made = tx.repo_mut::<Book>().create(&draft)?;
                if position % 2 == 1 {
                    tx.repo_mut::<Contribution>().create(&ContributionDraft {
                        book_id: made.id,
                        author_id: fagles.id,
                        role: Role::Translator,
                        position: 1,
                    })?;
                }
            }
            Ok(())
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    (catalogue, lists)
}

fn filters(texts: &[&str]) -> Vec<BookFilter> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The titles of a list as the window reads it, after a query for the same has given the same.
fn titles(lists: &Lists, catalogue: &Catalogue, list: &BookList) -> Vec<String> {
    let page = lists.page(list, FIRST).unwrap();
    let titles: Vec<_> = page.items.into_iter().map(|line| line.book.title).collect();
    assert_eq!(page.meta.total, titles.len() as u64);
    if list.text.is_empty() {
        let query = list.query();
        let queried = catalogue
            .database
            .read_blocking(move |s| {
                Ok((
                    s.repo::<Book>().page(&query, FIRST)?.items,
                    s.repo::<Book>().count(&query)?,
                ))
            })
            .unwrap();
        let found: Vec<_> = queried.0.into_iter().map(|book| book.title).collect();
        assert_eq!(
            (&found, queried.1),
            (&titles, titles.len() as u64),
            "{:?}",
            list.filters
        );
    }
    titles
}

fn narrowed(texts: &[&str]) -> BookList {
    BookList {
        filters: filters(texts),
        ..BookList::default()
    }
}

#[test]
fn any_field_can_be_asked_for_what_it_says() {
    let (catalogue, lists) = library();
    // Another program writes what no field of ours would accept.
    let other =
        "UPDATE book SET language='Klingonese' WHERE title='Hymns'; UPDATE book SET isbn='123' WHERE title='Beowulf';
                 UPDATE book SET published_year=40000 WHERE title='Margites'";
    let found = |texts: &[&str]| titles(&lists, &catalogue, &narrowed(texts));
    assert_eq!(found(&["publisher:Penguin Books"]), ["Beowulf", "The Odyssey"]);
    assert_eq!(found(&["publisher~PENGUIN"]), ["Beowulf", "The Iliad", "The Odyssey"]);
    assert_eq!(
        found(&["verlag^editions"]),
        ["Hymns"],
        "by a header of files, without accents"
    );
    assert_eq!(found(&["publisher!:Penguin Books"]), ["Hymns", "The Iliad", "Margites"]);
    assert_eq!(found(&["publisher:none"]), ["Margites"]);
    assert_eq!(found(&["title^the"]), ["The Iliad", "The Odyssey"]);
    assert_eq!(found(&["title~lia"]), ["The Iliad"]);
    assert_eq!(found(&["year:1996..1999"]), ["The Iliad", "The Odyssey"]);
    assert_eq!(
        found(&["year:1999.."]),
        ["Beowulf", "The Iliad"],
        "not those without a year"
    );
    assert_eq!(found(&["published_year:..1996"]), ["Hymns", "The Odyssey"]);
    assert_eq!(found(&["year:-700"]), ["Hymns"]);
    assert_eq!(found(&["pages:600.."]), ["The Iliad"]);
    assert_eq!(found(&["isbn:none", "publisher~penguin"]), ["Beowulf", "The Iliad"]);
    assert_eq!(
        found(&["isbn:0-14-026886-3"]),
        ["The Odyssey"],
        "in any form in which it is typed"
    );
    assert_eq!(found(&["language:English"]), ["The Odyssey"]);
    assert_eq!(found(&["author:none"]), ["Beowulf"]);
    assert_eq!(
        found(&["author~HOM", "year:any"]),
        ["Hymns", "The Iliad", "The Odyssey"]
    );
    for field in ["language", "isbn", "year"] {
        assert_eq!(found(&[&format!("{field}:bad")]), [] as [&str; 0]);
    }
    catalogue.other_program().execute_batch(other).unwrap();
    assert_eq!(found(&["language:bad"]), ["Hymns"]);
    assert_eq!(found(&["isbn:bad"]), ["Beowulf"]);
    assert_eq!(found(&["year:bad"]), ["Margites"]);
}

#[test]
fn filters_and_words_and_orders_go_together() {
    let (catalogue, lists) = library();
    let list = BookList {
        text: "homer".to_owned(),
        filters: filters(&["publisher:any"]),
        ..BookList::default()
    };
    assert_eq!(titles(&lists, &catalogue, &list), ["Hymns", "The Iliad", "The Odyssey"]);
    let reversed = BookList {
        sort: Ordered::read::<Book>("pages").unwrap().sort,
        descending: true,
        ..list.clone()
    };
    assert_eq!(
        titles(&lists, &catalogue, &reversed),
        ["Hymns", "The Iliad", "The Odyssey"]
    );
    let hymns = lists.page(&list, FIRST).unwrap().items[0].book.id;
    assert_eq!(lists.position(&list, hymns).unwrap(), Some(0));
    assert_eq!(lists.position(&narrowed(&["isbn:any"]), hymns).unwrap(), None);
    // An edit that affects a filter is seen by the next question.
    catalogue
        .database
        .write_blocking(move |tx| {
            tx.repo_mut::<Book>().change(hymns, |book| {
                book.publisher = None;
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(titles(&lists, &catalogue, &list), ["The Iliad", "The Odyssey"]);
}

#[test]
fn a_list_is_ordered_by_any_field_and_what_says_nothing_comes_last() {
    let (catalogue, lists) = library();
    let by = |order: &str| {
        let Ordered { sort, descending } = Ordered::read::<Book>(order).unwrap();
        let list = BookList {
            sort,
            descending,
            ..BookList::default()
        };
        titles(&lists, &catalogue, &list)
    };
    assert_eq!(
        by("publisher"),
        ["Hymns", "The Odyssey", "The Iliad", "Beowulf", "Margites"],
        "without accents and case, ties in the order in which they were made"
    );
    assert_eq!(
        by("-publisher"),
        ["Margites", "Beowulf", "The Iliad", "The Odyssey", "Hymns"]
    );
    assert_eq!(
        by("page_count"),
        ["Margites", "The Odyssey", "The Iliad", "Hymns", "Beowulf"]
    );
    assert_eq!(by("year"), ["Hymns", "The Odyssey", "The Iliad", "Beowulf", "Margites"]);
    let by_author = BookList {
        sort: BookSort::Author,
        ..BookList::default()
    };
    let page = lists.page(&by_author, FIRST).unwrap().items.into_iter();
    assert_eq!(
        page.map(|line| line.book.title).collect::<Vec<_>>(),
        ["Hymns", "The Iliad", "Margites", "The Odyssey", "Beowulf"]
    );
    for (order, what) in [("notes", "there is no order"), ("spine", "there is no order")] {
        let Err(Error::Invalid { reason, .. }) = Ordered::read::<Book>(order) else {
            panic!("{order} is no order");
        };
        assert!(reason.contains(what) && reason.contains("shelf_mark"), "{reason}");
    }
    let all: Vec<_> = FieldOf::<Author>::typed()
        .filter(|field| field.declared().is_sortable())
        .collect();
    for field in all {
        let list = AuthorList {
            sort: Author::by_field(field),
            ..AuthorList::default()
        };
        assert_eq!(lists.page(&list, FIRST).unwrap().meta.total, 2, "{}", field.name());
    }
}

#[test]
fn pages_of_an_order_without_an_index_follow_each_other() {
    let (_catalogue, lists) = library();
    let list = BookList {
        sort: Ordered::read::<Book>("language").unwrap().sort,
        ..BookList::default()
    };
    let one_by_one = |descending: bool| -> Vec<String> {
        let list = BookList {
            descending,
            ..list.clone()
        };
        (1..=5)
            .map(|page| {
                let page = lists.page(&list, PageRequest { page, per_page: 1 }).unwrap();
                page.items[0].book.title.clone()
            })
            .collect()
    };
    let mut reversed = one_by_one(true);
    reversed.reverse();
    assert_eq!(one_by_one(false), reversed);
    assert_eq!(reversed.len(), 5);
}

#[test]
fn a_facet_counts_its_values_under_the_filters_of_the_list() {
    let (catalogue, lists) = library();
    let counted = |list: &BookList, field: &str| -> Vec<(Option<String>, u64)> {
        let values = lists.facet(list, field, 10).unwrap().values;
        for value in &values {
            let narrowed = BookList {
                filters: [list.filters.clone(), filters(&[&value.filter])].concat(),
                ..list.clone()
            };
            assert_eq!(
                titles(&lists, &catalogue, &narrowed).len() as u64,
                value.count,
                "{}",
                value.filter
            );
        }
        values.into_iter().map(|value| (value.value, value.count)).collect()
    };
    let value = |text: &str, count: u64| (Some(text.to_owned()), count);
    assert_eq!(
        counted(&BookList::default(), "publisher"),
        [
            value("Penguin Books", 2),
            value("penguin books", 1),
            value("Éditions du Seuil", 1),
            (None, 1)
        ]
    );
    assert_eq!(
        counted(&narrowed(&["publisher:any"]), "year"),
        [value("1990..1999", 2), value("-700..-691", 1), value("2000..2009", 1)]
    );
    let searched = BookList {
        text: "homer".to_owned(),
        ..narrowed(&["year:any"])
    };
    assert_eq!(counted(&searched, "publisher")[0], value("Penguin Books", 1));
    let Err(Error::Invalid { reason, .. }) = lists.facet(&searched, "title", 10) else {
        panic!("titles are not gathered");
    };
    assert!(reason.contains("publisher"), "{reason}");
}

#[test]
fn every_column_says_what_the_record_says() {
    let (_catalogue, lists) = library();
    let page = lists.page(&narrowed(&["title~odyssey"]), FIRST).unwrap();
    let line = &page.items[0];
    let says = |column: &str| Column::<Book>::from_str(column).unwrap().text(line);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(says("title"), text("The Odyssey"));
    assert_eq!(says("authors"), text("Homer; Robert Fagles (translator)"));
    assert_eq!(says("year"), text("1996"));
    assert_eq!(says("shelf_mark"), None);
    assert_eq!(says("id"), text(&line.book.id.to_string()));
    assert_eq!(
        Column::<Author>::first().map(Column::name).collect::<Vec<_>>(),
        Author::FIRST_COLUMNS
    );
    let beowulf = lists.page(&narrowed(&["author:none"]), FIRST).unwrap();
    assert_eq!(
        beowulf.items[0].author, "Robert Fagles",
        "who stands in the author's place"
    );
    assert_eq!(
        Column::<Book>::from_str("authors").unwrap().text(&beowulf.items[0]),
        text("Robert Fagles (translator)")
    );
}

#[test]
fn a_page_costs_as_many_statements_whatever_is_on_it() {
    let (catalogue, _lists) = library();
    let statements = |per_page: u32| {
        catalogue
            .database
            .read_blocking(move |s| {
                let before = s.statements_run();
                let request = PageRequest::new(1, per_page)?;
                let books = lists::page::<Book>(s, &Query::all(), request)?;
                let authors = lists::page::<Author>(s, &Query::all(), request)?;
                assert!(books.items.len() + authors.items.len() > 1);
                Ok(s.statements_run() - before)
            })
            .unwrap()
    };
    // The first question counts the rows of the table.
    statements(2);
    assert_eq!(statements(2), statements(100));
}

#[test]
fn an_export_asks_for_what_belongs_to_many_books_at_once() {
    let (catalogue, _lists) = library();
    let many: Vec<_> = (0..500).map(|number| format!("Volume {number:04}")).collect();
    let exported = |catalogue: &Catalogue| {
        catalogue
            .database
            .read_blocking(|s| {
                let before = s.statements_run();
                export::csv(s, &mut Vec::new()).unwrap();
                export::json(s, &mut Vec::new()).unwrap();
                Ok(s.statements_run() - before)
            })
            .unwrap()
    };
    let few = exported(&catalogue);
    catalogue
        .database
        .write_blocking(move |tx| {
            let writer = tx.repo_mut::<Author>().create(&AuthorDraft::named("A Writer"))?;
            for title in &many {
                tx.repo_mut::<Book>().create(&BookDraft::new(title, writer.id))?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(exported(&catalogue), few);
}
