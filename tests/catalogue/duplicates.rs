//! Records that look as if they were there twice: which do, and which are kept apart.

use colophon_acts::apart::keep_apart;
use colophon_acts::{Deed, Did, RecordKind};
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::belongings::Belongings;
use colophon_catalogue::identifier::{IDENTIFIERS_OF_AUTHOR, IDENTIFIERS_OF_BOOK};
use colophon_catalogue::lists::{AuthorList, Lists};
use colophon_catalogue::look_alikes::look_alikes;
use colophon_catalogue::{Author, AuthorDraft, AuthorFilter, Book, BookDraft, BookFilter};
use colophon_store::{EntityId as _, PageRequest, Query, Result, WriteSession};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;
use uuid::Uuid;

pub(crate) const BY: &str = "a laptop";

pub(crate) fn write<T: Send + 'static>(
    catalogue: &Catalogue,
    act: impl FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
) -> T {
    catalogue.database.write_blocking(act).unwrap()
}

pub(crate) fn book(catalogue: &Catalogue, title: &str, change: impl FnOnce(&mut BookDraft)) -> Uuid {
    let mut draft = BookDraft::titled(title);
    change(&mut draft);
    write(catalogue, move |tx| Ok(tx.repo_mut::<Book>().create(&draft)?.id.uuid()))
}

pub(crate) fn person(catalogue: &Catalogue, name: &str, change: impl FnOnce(&mut AuthorDraft)) -> Uuid {
    let mut draft = AuthorDraft::named(name);
    change(&mut draft);
    write(catalogue, move |tx| {
        Ok(tx.repo_mut::<Author>().create(&draft)?.id.uuid())
    })
}

pub(crate) fn add(catalogue: &Catalogue, list: &'static Belongings, record: Uuid, text: &'static str) {
    write(catalogue, move |tx| list.add(tx, record, text));
}

pub(crate) fn texts(catalogue: &Catalogue, list: &'static Belongings, record: Uuid) -> Vec<String> {
    let texts = catalogue.database.read_blocking(move |s| list.texts(s, record));
    texts.unwrap()
}

fn groups(catalogue: &Catalogue, kind: RecordKind) -> Vec<Vec<Uuid>> {
    let found = catalogue.database.read_blocking(move |s| look_alikes(s, kind.table()));
    found.unwrap()
}

pub(crate) fn undo(catalogue: &Catalogue) -> Deed {
    let told = write(catalogue, undoing::undo).unwrap();
    assert_eq!((told.left_alone, told.breaks), (0, None));
    told.deed
}

pub(crate) fn count(catalogue: &Catalogue) -> (u64, u64) {
    let counts = catalogue.database.read_blocking(|s| {
        Ok((
            s.repo::<Book>().count(&Query::all())?,
            s.repo::<Author>().count(&Query::all())?,
        ))
    });
    counts.unwrap()
}

#[test]
fn books_of_one_title_and_author_look_the_same_unless_they_are_two_editions() {
    let catalogue = Catalogue::empty();
    let homer = person(&catalogue, "Homer", |_| {});
    let other = person(&catalogue, "HOMER", |_| {});
    let by = |id: Uuid| Some(colophon_catalogue::AuthorId::from_uuid(id));
    let first = book(&catalogue, "The Odyssey", |draft| draft.author_id = by(homer));
    let second = book(&catalogue, "Odyssey", |draft| {
        draft.author_id = by(other);
        draft.subtitle = Some("A new translation".to_owned());
        draft.published_year = Some(2017);
    });
    book(&catalogue, "The Odyssey", |draft| {
        draft.author_id = by(homer);
        draft.isbn = Some("9780140268867".to_owned());
        draft.published_year = Some(1996);
        draft.subtitle = Some("In prose".to_owned());
    });
    book(&catalogue, "The Odyssey", |draft| draft.author_id = None);
    assert_eq!(groups(&catalogue, RecordKind::Book), [vec![first, second]]);
    let filter: BookFilter = "duplicate:any".parse().unwrap();
    let listed = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().filter(&Query::filtered(filter)));
    // The edition in prose is another than the one of 2017, but the first may be either.
    assert_eq!(listed.unwrap().len(), 3);
}

#[test]
fn an_identifier_shows_that_two_are_one_under_whatever_title() {
    let catalogue = Catalogue::empty();
    let [one, two, three] =
        ["Momo", "Momo, or the strange story", "Momo again"].map(|title| book(&catalogue, title, |_| {}));
    for id in [one, two] {
        add(&catalogue, &IDENTIFIERS_OF_BOOK, id, "oclc:12228601");
    }
    add(&catalogue, &IDENTIFIERS_OF_BOOK, three, "oclc:99999");
    assert_eq!(groups(&catalogue, RecordKind::Book), [vec![one, two]]);
}

#[test]
fn people_look_the_same_by_any_form_of_their_names_unless_something_contradicts() {
    let catalogue = Catalogue::empty();
    for (one, other, are_alike) in [
        ("Ursula K. Le Guin", "Le Guin, Ursula K.", true),
        ("Ursula K. Le Guin", "Ursula K. LeGuin", true),
        ("J. R. R. Tolkien", "John Ronald Reuel Tolkien", true),
        ("Terry Pratchett", "Terry D. Pratchett", true),
        ("Martin Luther King", "Martin Luther King Jr.", false),
        ("Jane Smith", "John Smith", false),
        ("Karel Čapek", "Karel Capek", true),
        ("Anne Brontë", "Emily Brontë", false),
    ] {
        let ids = [one, other].map(|name| person(&catalogue, name, |_| {}));
        let found = groups(&catalogue, RecordKind::Author).len();
        assert_eq!(found, usize::from(are_alike), "{one} and {other}");
        write(&catalogue, move |tx| {
            let people = tx.repo_mut::<Author>();
            ids.iter()
                .try_for_each(|id| people.delete(colophon_catalogue::AuthorId::from_uuid(*id)).map(drop))
        });
    }
    let twain = person(&catalogue, "Mark Twain", |_| {});
    add(&catalogue, &OTHER_NAMES, twain, "Samuel Clemens");
    let clemens = person(&catalogue, "Samuel Clemens", |_| {});
    let born = |year| move |draft: &mut AuthorDraft| draft.birth_year = Some(year);
    person(&catalogue, "Alexandre Dumas", born(1802));
    person(&catalogue, "Alexandre Dumas", born(1824));
    assert_eq!(groups(&catalogue, RecordKind::Author), [vec![twain, clemens]]);
    // The same service calls them differently: they are two.
    add(&catalogue, &IDENTIFIERS_OF_AUTHOR, twain, "viaf:50566653");
    add(&catalogue, &IDENTIFIERS_OF_AUTHOR, clemens, "viaf:12347900");
    assert!(groups(&catalogue, RecordKind::Author).is_empty());
}

#[test]
fn the_list_of_people_who_look_the_same_is_counted_as_it_is_shown() {
    let catalogue = Catalogue::empty();
    for name in ["U. K. Le Guin", "Ursula K. Le Guin", "Homer"] {
        person(&catalogue, name, |_| {});
    }
    let lists = Lists::new(catalogue.database.clone());
    let quality = lists.quality::<Author>().unwrap();
    assert_eq!((quality[1].filter, quality[1].count), ("duplicate:any", Some(2)));
    let narrowed = AuthorList {
        filters: vec![AuthorFilter::HasDuplicate(true)],
        ..AuthorList::default()
    };
    let request = PageRequest { page: 1, per_page: 10 };
    assert_eq!(lists.page(&narrowed, request).unwrap().meta.total, 2);
    let alone = AuthorFilter::HasDuplicate(false).to_string();
    assert_eq!(
        alone.parse::<AuthorFilter>().unwrap(),
        AuthorFilter::HasDuplicate(false)
    );
}

#[test]
fn what_is_not_the_same_is_asked_about_no_more_until_that_is_taken_back() {
    let catalogue = Catalogue::empty();
    let [one, two, three] = [(); 3].map(|()| book(&catalogue, "Poems", |_| {}));
    assert_eq!(groups(&catalogue, RecordKind::Book), [vec![one, two, three]]);
    let apart = move |tx: &WriteSession<'_>| keep_apart(tx, RecordKind::Book, &[two, one], BY);
    assert_eq!(write(&catalogue, apart), "Poems");
    // The third may still be either.
    assert_eq!(groups(&catalogue, RecordKind::Book), [vec![one, three]]);
    assert_eq!(undo(&catalogue).did, Did::KeptApart);
    assert_eq!(groups(&catalogue, RecordKind::Book), [vec![one, two, three]]);
    write(&catalogue, apart);
    write(&catalogue, move |tx| {
        keep_apart(tx, RecordKind::Book, &[one, two, three], BY)
    });
    assert!(groups(&catalogue, RecordKind::Book).is_empty());
    undo(&catalogue);
    assert_eq!(groups(&catalogue, RecordKind::Book), [vec![one, three]]);
}
