//! The lists of records: tags, identifiers, other names.

use colophon_acts::RecordKind;
use colophon_acts::headings;
use colophon_acts::merging::{differing, merge_authors, merge_books};
use colophon_acts::subject::RecordRef;
use colophon_catalogue::alike::{Alike, Came, MadeHere, alike};
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::health::{examine, renew_keys};
use colophon_catalogue::identifier::{IDENTIFIERS_OF_AUTHOR, IDENTIFIERS_OF_BOOK};
use colophon_catalogue::lists::{AuthorList, BookList, Lists};
use colophon_catalogue::tag::{TAGS, tag_named, tags};
use colophon_catalogue::{
    Author, AuthorDraft, AuthorId, Book, BookDraft, BookId, Identifier, IdentifierDraft, Tag, TagDraft, Tagging,
    TaggingDraft,
};
use colophon_store::{EntityId as _, Error, PageRequest, Query, Result, WriteSession};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

pub(crate) const FIRST: PageRequest = PageRequest { page: 1, per_page: 100 };

pub(crate) fn author(tx: &WriteSession<'_>, name: &str) -> Result<AuthorId> {
    Ok(tx.repo_mut::<Author>().create(&AuthorDraft::named(name))?.id)
}

pub(crate) fn book(tx: &WriteSession<'_>, title: &str) -> Result<BookId> {
    Ok(tx.repo_mut::<Book>().create(&BookDraft::titled(title))?.id)
}

pub(crate) fn tagged(tx: &WriteSession<'_>, title: &str, names: &[&str]) -> Result<BookId> {
    let id = book(tx, title)?;
    for name in names {
        TAGS.add(tx, id.uuid(), name)?;
    }
    Ok(id)
}

#[test]
fn a_tag_is_on_a_book_once_however_it_is_spelled_and_a_name_that_is_there_is_that_tag() {
    let catalogue = Catalogue::empty();
    let told = catalogue.database.write_blocking(|tx| {
        let (one, other) = (tagged(tx, "Dune", &["Science  Fiction"])?, book(tx, "Emma")?);
        assert!(!TAGS.add(tx, one.uuid(), "science fiction")?);
        assert!(TAGS.add(tx, other.uuid(), "SCIENCE FICTION")?);
        assert!(matches!(TAGS.add(tx, one.uuid(), "  "), Err(Error::Invalid { .. })));
        assert_eq!(TAGS.texts(tx, other.uuid())?, ["Science Fiction"]);
        TAGS.remove(tx, other.uuid(), "science fiction")?;
        assert!(TAGS.remove(tx, other.uuid(), "science fiction").is_err());
        tags(tx)
    });
    let told: Vec<_> = told
        .unwrap()
        .into_iter()
        .map(|line| (line.tag.name, line.books))
        .collect();
    assert_eq!(told, [("Science Fiction".to_owned(), 1)]);
}

#[test]
fn an_identifier_is_stored_in_one_form_and_of_what_its_service_names() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let (homer, iliad) = (author(tx, "Homer")?.uuid(), book(tx, "The Iliad")?.uuid());
            assert!(IDENTIFIERS_OF_AUTHOR.add(tx, homer, "https://viaf.org/viaf/224924963/")?);
            assert!(!IDENTIFIERS_OF_AUTHOR.add(tx, homer, "VIAF 224924963")?);
            assert!(IDENTIFIERS_OF_BOOK.add(tx, iliad, "10.1000/ABC")?);
            assert!(IDENTIFIERS_OF_BOOK.add(tx, iliad, "orcid:0000-0002-1825-0097").is_err());
            assert!(IDENTIFIERS_OF_AUTHOR.add(tx, homer, "gnd:118540239").is_err());
            assert_eq!(IDENTIFIERS_OF_AUTHOR.texts(tx, homer)?, ["viaf:224924963"]);
            assert_eq!(IDENTIFIERS_OF_BOOK.texts(tx, iliad)?, ["doi:10.1000/abc"]);
            IDENTIFIERS_OF_BOOK.remove(tx, iliad, "https://doi.org/10.1000/abc")?;
            let of_nothing = IdentifierDraft {
                author_id: None,
                book_id: None,
                scheme: "viaf".to_owned(),
                value: "1".to_owned(),
            };
            assert!(tx.repo_mut::<Identifier>().create(&of_nothing).is_err());
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_belongs_to_a_record_goes_with_it_and_comes_back_with_an_undo() {
    let catalogue = Catalogue::empty();
    let (iliad, homer) = catalogue
        .database
        .write_blocking(|tx| {
            let iliad = tagged(tx, "The Iliad", &["epic", "war"])?;
            IDENTIFIERS_OF_BOOK.add(tx, iliad.uuid(), "oclc:12228601")?;
            let homer = author(tx, "Homer")?;
            OTHER_NAMES.add(tx, homer.uuid(), "Homerus")?;
            IDENTIFIERS_OF_AUTHOR.add(tx, homer.uuid(), "Q6691")?;
            Ok((iliad, homer))
        })
        .unwrap();
    catalogue
        .database
        .write_blocking(move |tx| {
            tx.repo_mut::<Book>().delete(iliad)?;
            tx.repo_mut::<Author>().delete(homer)?;
            assert_eq!(tx.repo::<Tagging>().count(&Query::all())?, 0);
            assert_eq!(tx.repo::<Identifier>().count(&Query::all())?, 0);
            assert_eq!(tx.repo::<Tag>().count(&Query::all())?, 2, "tags stay");
            Ok(())
        })
        .unwrap();
    catalogue
        .database
        .write_blocking(move |tx| {
            let undone = undoing::undo(tx)?.unwrap();
            assert_eq!(undone.left_alone, 0);
            assert_eq!(TAGS.texts(tx, iliad.uuid())?, ["epic", "war"]);
            assert_eq!(IDENTIFIERS_OF_BOOK.texts(tx, iliad.uuid())?, ["oclc:12228601"]);
            assert_eq!(OTHER_NAMES.texts(tx, homer.uuid())?, ["Homerus"]);
            assert_eq!(IDENTIFIERS_OF_AUTHOR.texts(tx, homer.uuid())?, ["wikidata:Q6691"]);
            Ok(())
        })
        .unwrap();
}

#[test]
fn to_undo_a_tag_shows_the_book_that_had_it() {
    let catalogue = Catalogue::empty();
    let iliad = catalogue.database.write_blocking(|tx| book(tx, "The Iliad")).unwrap();
    catalogue
        .database
        .write_blocking(move |tx| TAGS.add(tx, iliad.uuid(), "epic"))
        .unwrap();
    let undone = catalogue.database.write_blocking(undoing::undo).unwrap().unwrap();
    let (kind, id) = (RecordKind::Book, iliad.uuid());
    assert_eq!(undone.open, Some(RecordRef { kind, id }));
}

#[test]
fn two_books_that_become_one_have_each_tag_and_identifier_once() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let (stays, goes) = (tagged(tx, "Dune", &["a", "b"])?, tagged(tx, "Dune", &["b", "c"])?);
            IDENTIFIERS_OF_BOOK.add(tx, stays.uuid(), "oclc:1")?;
            IDENTIFIERS_OF_BOOK.add(tx, goes.uuid(), "oclc:1")?;
            IDENTIFIERS_OF_BOOK.add(tx, goes.uuid(), "goodreads:2")?;
            merge_books(tx, goes, stays, None)?;
            assert_eq!(TAGS.texts(tx, stays.uuid())?, ["a", "b", "c"]);
            assert_eq!(tx.repo::<Tagging>().count(&Query::all())?, 3);
            assert_eq!(IDENTIFIERS_OF_BOOK.texts(tx, stays.uuid())?, ["goodreads:2", "oclc:1"]);
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_author_who_becomes_another_brings_the_names_along_and_the_own_one_is_one_of_them() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let (stays, goes) = (author(tx, "Émile Zola")?, author(tx, "Emile Zola")?);
            OTHER_NAMES.add(tx, goes.uuid(), "Эмиль Золя")?;
            IDENTIFIERS_OF_AUTHOR.add(tx, goes.uuid(), "gnd:118540238")?;
            merge_authors(tx, goes, stays)?;
            let mut names = OTHER_NAMES.texts(tx, stays.uuid())?;
            names.sort();
            assert_eq!(names, ["Emile Zola", "Эмиль Золя"]);
            assert_eq!(IDENTIFIERS_OF_AUTHOR.texts(tx, stays.uuid())?, ["gnd:118540238"]);
            Ok(())
        })
        .unwrap();
}

#[test]
fn tags_are_renamed_merged_and_deleted_and_no_two_get_one_name_by_that() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let dune = tagged(tx, "Dune", &["sf", "science fiction"])?;
            let solaris = tagged(tx, "Solaris", &["sf"])?;
            let (short, long) = (tag_named(tx, "SF")?, tag_named(tx, "Science Fiction")?);
            assert!(matches!(
                headings::rename::<Tag>(tx, short, "Science fiction"),
                Err(Error::Invalid { field: "name", .. })
            ));
            assert_eq!(
                headings::rename::<Tag>(tx, long, "Science Fiction")?.name,
                "Science Fiction"
            );
            assert!(headings::merge::<Tag>(tx, short, short).is_err());
            headings::merge::<Tag>(tx, short, long)?;
            assert_eq!(TAGS.texts(tx, dune.uuid())?, ["Science Fiction"]);
            assert_eq!(TAGS.texts(tx, solaris.uuid())?, ["Science Fiction"]);
            assert_eq!(tx.repo::<Tagging>().count(&Query::all())?, 2);
            headings::delete::<Tag>(tx, &[long])?;
            assert_eq!(tx.repo::<Tagging>().count(&Query::all())?, 0);
            assert!(tx.repo::<Book>().find(dune)?.is_some());
            Ok(())
        })
        .unwrap();
}

#[test]
fn two_tags_of_one_name_that_meet_are_asked_about_and_shown_once_until_then() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let dune = tagged(tx, "Dune", &["Fantasy"])?;
            let own = tag_named(tx, "Fantasy")?;
            let stranger = tx.repo_mut::<Tag>().create(&TagDraft {
                name: "fantasy".to_owned(),
            })?;
            tx.repo_mut::<Tagging>().create(&TaggingDraft {
                book_id: dune,
                tag_id: stranger.id,
            })?;
            let came = [("tag", stranger.id.uuid())];
            let asked = alike(tx, Came::Records(&came), MadeHere::default())?;
            let pair = Alike {
                entity: "tag",
                first: own.uuid(),
                second: stranger.id.uuid(),
            };
            assert_eq!(asked, [pair]);
            assert_eq!(differing(tx, "tag", stranger.id.uuid(), own.uuid())?, ["name"]);
            assert_eq!(TAGS.texts(tx, dune.uuid())?.len(), 1);
            TAGS.remove(tx, dune.uuid(), "fantasy")?;
            assert_eq!(tx.repo::<Tagging>().count(&Query::all())?, 0, "both go together");
            Ok(())
        })
        .unwrap();
}

/// The titles of the books that are found by a text.
fn titles_found(lists: &Lists, text: &str) -> Vec<String> {
    let list = BookList {
        text: text.to_owned(),
        ..BookList::default()
    };
    let found = lists.page(&list, FIRST).unwrap().items;
    found.into_iter().map(|line| line.book.title).collect()
}

/// The names of the authors who are found by a text.
fn names_found(lists: &Lists, text: &str) -> Vec<String> {
    let list = AuthorList {
        text: text.to_owned(),
        ..AuthorList::default()
    };
    let found = lists.page(&list, FIRST).unwrap().items;
    found.into_iter().map(|line| line.author.name).collect()
}

#[test]
fn books_and_authors_are_found_by_what_stands_in_their_lists() {
    let catalogue = Catalogue::empty();
    let lists = Lists::new(catalogue.database.clone());
    let titles = |text: &str| titles_found(&lists, text);
    let names = |text: &str| names_found(&lists, text);
    let (twain, tom) = catalogue
        .database
        .write_blocking(|tx| {
            let twain = author(tx, "Mark Twain")?;
            let tom = tx.repo_mut::<Book>().create(&BookDraft::new("Tom Sawyer", twain))?;
            tagged(tx, "Dune", &["Wüste"])?;
            Ok((twain, tom.id))
        })
        .unwrap();
    assert_eq!(titles("wuste"), ["Dune"]);
    assert!(titles("clemens").is_empty() && names("clemens").is_empty());
    let tag = catalogue
        .database
        .write_blocking(move |tx| {
            OTHER_NAMES.add(tx, twain.uuid(), "Samuel Langhorne Clemens")?;
            IDENTIFIERS_OF_AUTHOR.add(tx, twain.uuid(), "viaf:50566653")?;
            TAGS.add(tx, tom.uuid(), "Mississippi")?;
            tag_named(tx, "Mississippi")
        })
        .unwrap();
    assert_eq!(titles("clemens tom"), ["Tom Sawyer"]);
    assert_eq!(names("clemens"), ["Mark Twain"]);
    assert_eq!(names("50566653"), ["Mark Twain"]);
    assert_eq!(titles("mississippi"), ["Tom Sawyer"]);
    catalogue
        .database
        .write_blocking(move |tx| headings::rename::<Tag>(tx, tag, "rivers"))
        .unwrap();
    assert!(titles("mississippi").is_empty());
    assert_eq!(titles("river"), ["Tom Sawyer"]);
    catalogue
        .database
        .write_blocking(move |tx| TAGS.remove(tx, tom.uuid(), "rivers"))
        .unwrap();
    assert!(titles("river").is_empty());
}

#[test]
fn what_another_program_wrote_is_looked_through_and_its_keys_are_made() {
    let catalogue = Catalogue::empty();
    let book = catalogue.database.write_blocking(|tx| book(tx, "Dune")).unwrap();
    let other = catalogue.other_program();
    other
        .execute("INSERT INTO tag(id,name) VALUES(randomblob(16),'Wüste')", [])
        .unwrap();
    other
        .execute(
            "INSERT INTO identifier(id,book_id,scheme,value) VALUES(randomblob(16),?,'doi','nothing'),(randomblob(16),?,'new','x')",
            [book.uuid().as_bytes(), book.uuid().as_bytes()],
        )
        .unwrap();
    drop(other);
    let findings = catalogue.database.read_blocking(|s| Ok(examine(s))).unwrap();
    let detail = |check: &str| {
        let finding = findings.iter().find(|finding| finding.check == check).unwrap();
        (finding.healthy, finding.detail.clone())
    };
    let (healthy, values) = detail("values");
    assert!(
        !healthy && values.contains("identifier") && values.starts_with("1 records"),
        "{values}"
    );
    assert!(!detail("stored keys").0);
    let renewed = catalogue.database.write_blocking(renew_keys).unwrap();
    assert_eq!(renewed, 1);
    let found = catalogue
        .database
        .read_blocking(|s| s.repo::<Tag>().find_by_name("wuste"))
        .unwrap();
    assert_eq!(found.unwrap().name, "Wüste");
}
