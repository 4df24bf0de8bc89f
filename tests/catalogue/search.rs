use colophon_catalogue::lists::{AuthorList, BookList, Lists};
use colophon_catalogue::{
    Author, AuthorDraft, Book, BookDraft, BookFilter, BookSort, Contribution, ContributionDraft, Role,
};
use colophon_store::PageRequest;
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

const FIRST: PageRequest = PageRequest { page: 1, per_page: 100 };

/// A few books by a few people.
fn library() -> (Catalogue, Lists) {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let people = [
                (
                    "Gabriel García Márquez",
                    "García Márquez, Gabriel",
                    &["Cien años de soledad", "El otoño del patriarca"][..],
                ),
                ("Søren Kierkegaard", "Kierkegaard, Søren", &["Enten – Eller"]),
                ("Homer", "Homer", &["The Odyssey", "The Iliad"]),
            ];
            for (name, sort_name, titles) in people {
                let draft = AuthorDraft {
                    sort_name: sort_name.to_owned(),
                    ..AuthorDraft::named(name)
                };
                let author = tx.repo_mut::<Author>().create(&draft)?;
                for title in titles {
                    tx.repo_mut::<Book>().create(&BookDraft::new(*title, author.id))?;
                }
            }
            Ok(())
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    (catalogue, lists)
}

fn titles(lists: &Lists, list: &BookList) -> Vec<String> {
    let page = lists.page(list, FIRST).unwrap();
    assert_eq!(page.meta.total, page.items.len() as u64);
    page.items.into_iter().map(|line| line.book.title).collect()
}

fn found(lists: &Lists, text: &str) -> Vec<String> {
    titles(
        lists,
        &BookList {
            text: text.to_owned(),
            ..BookList::default()
        },
    )
}

#[test]
fn one_box_finds_titles_and_people_by_any_part_of_any_word() {
    let (_catalogue, lists) = library();
    assert_eq!(found(&lists, "odys"), ["The Odyssey"]);
    assert_eq!(
        found(&lists, "garcia"),
        ["Cien años de soledad", "El otoño del patriarca"]
    );
    assert_eq!(found(&lists, "oton MARQ"), ["El otoño del patriarca"]);
    assert_eq!(found(&lists, "soren"), ["Enten – Eller"]);
    assert_eq!(found(&lists, "nobody"), [] as [String; 0]);
    assert_eq!(found(&lists, " ").len(), 5, "nothing typed shows everything");
}

#[test]
fn what_is_found_is_in_the_order_of_the_list() {
    let (_catalogue, lists) = library();
    assert_eq!(found(&lists, "homer"), ["The Iliad", "The Odyssey"]);
    let by = |sort, descending, text: &str| {
        titles(
            &lists,
            &BookList {
                text: text.to_owned(),
                sort,
                descending,
                ..BookList::default()
            },
        )
    };
    assert_eq!(by(BookSort::TITLE, true, "homer"), ["The Odyssey", "The Iliad"]);
    assert_eq!(
        by(BookSort::Author, false, ""),
        [
            "Cien años de soledad",
            "El otoño del patriarca",
            "The Iliad",
            "The Odyssey",
            "Enten – Eller"
        ]
    );
    assert_eq!(by(BookSort::Added, false, "the"), ["The Odyssey", "The Iliad"]);
}

#[test]
fn a_search_sees_what_was_committed_before_it() {
    let (catalogue, lists) = library();
    assert_eq!(found(&lists, "iliad"), ["The Iliad"]);
    let iliad = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().find_by_name("the iliad"))
        .unwrap()
        .unwrap();
    let id = iliad.id;
    let renamed = Book {
        title: "Ilias".to_owned(),
        ..iliad
    };
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().update(renamed))
        .unwrap();
    assert_eq!(found(&lists, "iliad"), [] as [String; 0]);
    assert_eq!(found(&lists, "homer"), ["Ilias", "The Odyssey"]);
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Book>().delete(id))
        .unwrap();
    assert_eq!(found(&lists, "homer"), ["The Odyssey"]);
    catalogue.database.write_blocking(undoing::undo).unwrap();
    assert_eq!(found(&lists, "homer"), ["Ilias", "The Odyssey"]);
}

#[test]
fn a_new_name_of_an_author_is_found_on_all_books_and_contributions() {
    let (catalogue, lists) = library();
    let (fagles, contribution) = catalogue
        .database
        .write_blocking(|tx| {
            let odyssey = tx.repo::<Book>().find_by_name("the odyssey")?.unwrap();
            let fagles = tx.repo_mut::<Author>().create(&AuthorDraft::named("R. Fagles"))?;
            let draft = ContributionDraft {
                book_id: odyssey.id,
                author_id: fagles.id,
                role: Role::Translator,
                position: 1,
            };
            let contribution = tx.repo_mut::<Contribution>().create(&draft)?;
            Ok((fagles, contribution))
        })
        .unwrap();
    assert_eq!(found(&lists, "fagles"), ["The Odyssey"]);
    let renamed = Author {
        name: "Robert Eagles".to_owned(),
        ..fagles
    };
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().update(renamed))
        .unwrap();
    assert_eq!(found(&lists, "eagles"), ["The Odyssey"]);
    assert_eq!(found(&lists, "fagles"), [] as [String; 0]);
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Contribution>().delete(contribution.id))
        .unwrap();
    assert_eq!(found(&lists, "eagles"), [] as [String; 0]);
}

#[test]
fn a_search_sees_what_another_program_has_written() {
    let (catalogue, lists) = library();
    assert_eq!(found(&lists, "homer").len(), 2);
    catalogue
        .other_program()
        .execute("UPDATE book SET title_key='homer' WHERE title='Enten – Eller'", [])
        .unwrap();
    assert_eq!(found(&lists, "homer").len(), 3);
}

#[test]
fn a_search_within_one_author_counts_only_that_authors_books() {
    let (catalogue, lists) = library();
    let homer = catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().find_by_name("homer"))
        .unwrap()
        .unwrap();
    let list = BookList {
        filters: vec![BookFilter::ByAuthor(homer.id)],
        ..BookList::default()
    };
    assert_eq!(titles(&lists, &list), ["The Iliad", "The Odyssey"]);
    assert_eq!(
        titles(
            &lists,
            &BookList {
                text: "o".to_owned(),
                ..list.clone()
            }
        ),
        ["The Iliad", "The Odyssey"]
    );
    assert_eq!(
        titles(
            &lists,
            &BookList {
                text: "dys".to_owned(),
                ..list
            }
        ),
        ["The Odyssey"]
    );
}

#[test]
fn the_first_hits_are_those_of_the_whole_search() {
    let (catalogue, lists) = library();
    let check = |text: &str| {
        let all = found(&lists, text);
        for count in 0..4 {
            let first = lists.first::<Book>(text, count).unwrap().into_iter();
            let first: Vec<_> = first.map(|line| line.book.title).collect();
            assert_eq!(first, all[..count.min(all.len())], "{text:?}, {count}");
        }
    };
    check("o");
    check("");
    catalogue
        .database
        .write_blocking(|tx| {
            let homer = tx.repo::<Author>().find_by_name("homer")?.unwrap();
            tx.repo_mut::<Book>()
                .create(&BookDraft::new("Batrachomyomachia", homer.id))
        })
        .unwrap();
    check("o");
    check("homer");
}

#[test]
fn the_position_of_a_record_is_that_in_its_list() {
    let (_catalogue, lists) = library();
    for list in [
        BookList::default(),
        BookList {
            descending: true,
            ..BookList::default()
        },
        BookList {
            text: "o".to_owned(),
            sort: BookSort::Author,
            ..BookList::default()
        },
    ] {
        let page = lists.page(&list, FIRST).unwrap();
        for (position, line) in (0_u64..).zip(&page.items) {
            assert_eq!(lists.position(&list, line.book.id).unwrap(), Some(position));
        }
    }
    let homer = lists
        .page(
            &AuthorList {
                text: "homer".to_owned(),
                ..AuthorList::default()
            },
            FIRST,
        )
        .unwrap();
    assert_eq!(
        (homer.items[0].author.name.as_str(), homer.items[0].books),
        ("Homer", 2)
    );
    assert_eq!(
        lists
            .position(&AuthorList::default(), homer.items[0].author.id)
            .unwrap(),
        Some(1)
    );
}

#[test]
fn a_line_says_whether_the_server_has_yet_to_see_it() {
    let (catalogue, lists) = library();
    assert!(
        lists
            .page(&BookList::default(), FIRST)
            .unwrap()
            .items
            .iter()
            .all(|line| line.waiting)
    );
    let other = catalogue.other_program();
    other.execute("UPDATE book SET revision=1", []).unwrap();
    assert!(
        lists
            .page(&BookList::default(), FIRST)
            .unwrap()
            .items
            .iter()
            .all(|line| !line.waiting)
    );
    other
        .execute("UPDATE book SET notes='seen' WHERE title='The Iliad'", [])
        .unwrap();
    let waiting = lists
        .page(&BookList::default(), FIRST)
        .unwrap()
        .items
        .into_iter()
        .filter(|line| line.waiting);
    assert_eq!(waiting.map(|line| line.book.title).collect::<Vec<_>>(), ["The Iliad"]);
}
