//! Lists narrowed by what is in the lists of their records, and what undo says about acts on tags.

use colophon_acts::headings;
use colophon_acts::undo;
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::identifier::{IDENTIFIERS_OF_AUTHOR, IDENTIFIERS_OF_BOOK};
use colophon_catalogue::lists::{AuthorList, BookList, Lists};
use colophon_catalogue::tag::tag_named;
use colophon_catalogue::{Tag, TagDraft, Tagging, TaggingDraft};
use colophon_store::EntityId as _;
use colophon_tests::catalogue::Catalogue;

use crate::belongings::{FIRST, author, book, tagged};

#[test]
fn books_are_narrowed_by_their_tags_and_identifiers() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let dune = tagged(tx, "Dune", &["Science Fiction", "Deserts"])?;
            tagged(tx, "Emma", &["Romance"])?;
            book(tx, "Hymns")?;
            IDENTIFIERS_OF_BOOK.add(tx, dune.uuid(), "oclc:12228601")?;
            // A second tag with this name, as another device would make it.
            let draft = TagDraft {
                name: "romance".to_owned(),
            };
            let tag_id = tx.repo_mut::<Tag>().create(&draft)?.id;
            let book_id = book(tx, "Persuasion")?;
            tx.repo_mut::<Tagging>().create(&TaggingDraft { book_id, tag_id })?;
            Ok(())
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    let books = |text: &str| -> Vec<String> {
        let filters = vec![text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))];
        let list = BookList {
            filters,
            ..BookList::default()
        };
        let page = lists.page(&list, FIRST).unwrap();
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
}

#[test]
fn authors_are_narrowed_by_their_other_names_and_identifiers() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let dune = tagged(tx, "Dune", &[])?;
            IDENTIFIERS_OF_BOOK.add(tx, dune.uuid(), "oclc:12228601")?;
            let twain = author(tx, "Mark Twain")?;
            OTHER_NAMES.add(tx, twain.uuid(), "Samuel Langhorne Clemens")?;
            IDENTIFIERS_OF_AUTHOR.add(tx, twain.uuid(), "viaf:50566653")?;
            author(tx, "Homer").map(drop)
        })
        .unwrap();
    let lists = Lists::new(catalogue.database.clone());
    let authors = |text: &str| -> Vec<String> {
        let filters = vec![text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))];
        let list = AuthorList {
            filters,
            ..AuthorList::default()
        };
        let page = lists.page(&list, FIRST).unwrap();
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

#[test]
fn to_undo_what_was_done_to_a_tag_opens_none_of_its_books() {
    let catalogue = Catalogue::empty();
    let write = catalogue.database.write_blocking(|tx| {
        tagged(tx, "Dune", &["sf", "fiction"])?;
        tagged(tx, "Solaris", &["sf"])?;
        Ok([tag_named(tx, "sf")?, tag_named(tx, "fiction")?])
    });
    let [sf, fiction] = write.unwrap();
    let mut undone = Vec::new();
    for act in ["merge", "delete", "rename"] {
        let done = catalogue.database.write_blocking(move |tx| match act {
            "merge" => headings::merge::<Tag>(tx, sf, fiction).map(drop),
            "delete" => headings::delete::<Tag>(tx, &[sf]).map(drop),
            _ => headings::rename::<Tag>(tx, sf, "science fiction").map(drop),
        });
        done.unwrap();
        for step in [undo::undo, undo::redo, undo::undo] {
            let step = catalogue
                .database
                .write_blocking(move |tx| step(tx, undo::Asked::default()));
            let undo::Step::Done(told) = step.unwrap() else {
                panic!("{act} is not taken back")
            };
            undone.push((act, told.deed.name, told.open));
        }
    }
    let named = [("merge", "fiction"), ("delete", "sf"), ("rename", "science fiction")];
    let each = |(act, name): (&'static str, &str)| vec![(act, name.to_owned(), None); 3];
    assert_eq!(undone, named.into_iter().flat_map(each).collect::<Vec<_>>());
}
