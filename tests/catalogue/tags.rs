//! Lists that are narrowed by what stands in the lists of their records.

use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::identifier::{IDENTIFIERS_OF_AUTHOR, IDENTIFIERS_OF_BOOK};
use colophon_catalogue::lists::{AuthorList, BookList, Lists};
use colophon_catalogue::{Tag, TagDraft, Tagging, TaggingDraft};
use colophon_store::EntityId as _;
use colophon_tests::catalogue::Catalogue;

use crate::belongings::{FIRST, author, book, tagged};

#[test]
fn lists_are_narrowed_by_what_stands_in_the_lists_of_a_record() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let dune = tagged(tx, "Dune", &["Science Fiction", "Deserts"])?;
            tagged(tx, "Emma", &["Romance"])?;
            book(tx, "Hymns")?;
            IDENTIFIERS_OF_BOOK.add(tx, dune.uuid(), "oclc:12228601")?;
            // A second tag of this name, as another device makes it.
            let draft = TagDraft {
                name: "romance".to_owned(),
            };
            let tag_id = tx.repo_mut::<Tag>().create(&draft)?.id;
            let book_id = book(tx, "Persuasion")?;
            tx.repo_mut::<Tagging>().create(&TaggingDraft { book_id, tag_id })?;
            let twain = author(tx, "Mark Twain")?;
            OTHER_NAMES.add(tx, twain.uuid(), "Samuel Langhorne Clemens")?;
            IDENTIFIERS_OF_AUTHOR.add(tx, twain.uuid(), "viaf:50566653")?;
            author(tx, "Homer").map(drop)
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    let books = |text: &str| -> Vec<String> {
        let filters = vec![text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))];
        let list = BookList {
            filters,
            ..BookList::default()
        };
        let page = lists.books(&list, FIRST).unwrap();
        assert_eq!(page.meta.total, page.items.len() as u64);
        page.items.into_iter().map(|line| line.book.title).collect()
    };
    assert_eq!(books("tag:science fiction"), ["Dune"], "as tags are told apart");
    assert_eq!(
        books("subjects:Romance"),
        ["Emma", "Persuasion"],
        "under both tags of the name"
    );
    assert_eq!(books("tags!:Romance"), ["Dune", "Hymns"]);
    assert_eq!(books("tags~FICT"), ["Dune"]);
    assert_eq!(books("tags^des"), ["Dune"]);
    assert_eq!(books("tags:none"), ["Hymns"]);
    assert_eq!(books("tags:any"), ["Dune", "Emma", "Persuasion"]);
    assert_eq!(books("oclc:12228601"), ["Dune"]);
    assert_eq!(books("identifiers~OCLC:1222"), ["Dune"]);
    assert_eq!(books("identifiers:none"), ["Emma", "Hymns", "Persuasion"]);

    let authors = |text: &str| -> Vec<String> {
        let filters = vec![text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))];
        let list = AuthorList {
            filters,
            ..AuthorList::default()
        };
        let page = lists.authors(&list, FIRST).unwrap();
        page.items.into_iter().map(|line| line.author.name).collect()
    };
    assert_eq!(authors("other_name~clemens"), ["Mark Twain"]);
    assert_eq!(authors("other_names:none"), ["Homer"]);
    assert_eq!(authors("identifier:https://viaf.org/viaf/50566653"), ["Mark Twain"]);
    assert_eq!(
        authors("identifiers:none"),
        ["Homer"],
        "those of books are none of theirs"
    );
}
