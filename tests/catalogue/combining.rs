//! Records side by side, and made one as seen.

use colophon_acts::combining::{self, Agreed};
use colophon_acts::side_by_side::{Choices, SideBySide, Stands};
use colophon_acts::{Did, RecordKind};
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::look_alikes::look_alikes;
use colophon_catalogue::tag::TAGS;
use colophon_catalogue::{Author, Book, BookFilter};
use colophon_store::{EntityId as _, Error, Query, WriteSession};
use colophon_tests::catalogue::Catalogue;
use uuid::Uuid;

use crate::duplicates::{BY, add, book, count, person, texts, undo, write};

fn compared(catalogue: &Catalogue, kind: RecordKind, records: &[Uuid], choices: &Choices) -> SideBySide {
    let (records, choices) = (records.to_vec(), choices.clone());
    let compared = catalogue
        .database
        .read_blocking(move |s| SideBySide::of(s, kind, &records, &choices));
    compared.unwrap()
}

fn merge(catalogue: &Catalogue, kind: RecordKind, records: &[Uuid], choices: &Choices) -> Uuid {
    let (records, choices) = (records.to_vec(), choices.clone());
    let merge = move |tx: &WriteSession<'_>| combining::merge(tx, kind, &records, &choices, None, BY);
    write(catalogue, merge).into
}

fn the_book(catalogue: &Catalogue, id: Uuid) -> Book {
    let book = catalogue
        .database
        .read_blocking(move |s| s.repo::<Book>().get(colophon_catalogue::BookId::from_uuid(id)));
    book.unwrap()
}

/// Two books that look the same: the second says more, and both have a publisher.
fn two_books(catalogue: &Catalogue) -> [Uuid; 2] {
    let first = book(catalogue, "Dune", |draft| {
        draft.publisher = Some("Chilton".to_owned());
        draft.notes = Some("Lent to Ann.".to_owned());
    });
    let second = book(catalogue, "Dune", |draft| {
        draft.publisher = Some("Chilton Books".to_owned());
        draft.published_year = Some(1965);
        draft.language = Some("eng".to_owned());
        draft.notes = Some("Signed.".to_owned());
    });
    add(catalogue, &TAGS, first, "deserts");
    add(catalogue, &TAGS, second, "worms");
    [first, second]
}

#[test]
fn side_by_side_is_what_differs_and_the_fuller_record_stays_with_what_it_lacks() {
    let catalogue = Catalogue::empty();
    let [first, second] = two_books(&catalogue);
    let seen = compared(&catalogue, RecordKind::Book, &[first, second], &Choices::default());
    let rows: Vec<_> = seen
        .rows
        .iter()
        .map(|row| (row.name, row.stands, row.is_choice))
        .collect();
    assert_eq!(
        rows,
        [
            ("publisher", Stands::Of(1), true),
            ("published_year", Stands::Of(1), true),
            ("language", Stands::Of(1), true),
            ("notes", Stands::All, true),
            ("tags", Stands::All, false),
        ]
    );
    assert_eq!((seen.stays, seen.giving_way()), (1, vec!["publisher"]));
    let choices = Choices {
        stays: Some(first),
        fields: vec![("publisher".to_owned(), second)],
    };
    let chosen = compared(&catalogue, RecordKind::Book, &[first, second], &choices);
    assert_eq!(chosen.stays, 0);
    assert_eq!(chosen.rows[0].stands, Stands::Of(1));
    assert_eq!(chosen.rows[1].stands, Stands::Of(1), "the first has no year");
    assert_eq!(chosen.seen, seen.seen);
}

#[test]
fn books_become_one_as_chosen_and_one_undo_brings_both_back_even_later() {
    let catalogue = Catalogue::empty();
    let [first, second] = two_books(&catalogue);
    let before = (the_book(&catalogue, first), the_book(&catalogue, second));
    let choices = Choices {
        stays: Some(first),
        fields: vec![("publisher".to_owned(), second)],
    };
    let into = merge(&catalogue, RecordKind::Book, &[first, second], &choices);
    assert_eq!((into, count(&catalogue)), (first, (1, 0)));
    let merged = the_book(&catalogue, first);
    assert_eq!(merged.publisher.as_deref(), Some("Chilton Books"));
    assert_eq!(merged.published_year, Some(1965));
    assert_eq!(merged.notes.as_deref(), Some("Lent to Ann.\n\nSigned."));
    assert_eq!(texts(&catalogue, &TAGS, first), ["deserts", "worms"]);
    let again = Catalogue::copy_of(&catalogue).unwrap();
    let deed = undo(&again);
    assert_eq!(
        (deed.did, deed.record, deed.count),
        (Did::Merged, Some(RecordKind::Book), 2)
    );
    let now = (the_book(&again, first), the_book(&again, second));
    assert_eq!(
        (now.0.publisher, now.1.publisher),
        (before.0.publisher, before.1.publisher)
    );
    assert_eq!((now.0.notes, now.0.published_year), (before.0.notes, None));
    assert_eq!(texts(&again, &TAGS, first), ["deserts"]);
    assert_eq!(texts(&again, &TAGS, second), ["worms"]);
}

#[test]
fn people_become_one_with_all_their_books_and_are_found_by_every_name() {
    let catalogue = Catalogue::empty();
    let short = person(&catalogue, "U. K. Le Guin", |draft| draft.birth_year = Some(1929));
    let full = person(&catalogue, "Ursula K. Le Guin", |_| {});
    let third = person(&catalogue, "Le Guin, Ursula K.", |_| {});
    for author in [short, full, third] {
        let author = colophon_catalogue::AuthorId::from_uuid(author);
        book(&catalogue, "The Dispossessed", |draft| draft.author_id = Some(author));
    }
    let choices = Choices {
        stays: Some(short),
        fields: vec![("name".to_owned(), full)],
    };
    let seen = compared(&catalogue, RecordKind::Author, &[short, full, third], &choices);
    let sort_name = seen.rows.iter().find(|row| row.name == "sort_name").unwrap();
    assert_eq!(
        sort_name.stands,
        Stands::Of(1),
        "a name is sorted as where it was taken from"
    );
    merge(&catalogue, RecordKind::Author, &[short, full, third], &choices);
    let people = catalogue.database.read_blocking(|s| s.repo::<Author>().all()).unwrap();
    let [one] = people.as_slice() else {
        panic!("there is one: {people:?}")
    };
    assert_eq!(
        (one.name.as_str(), one.sort_name.as_str()),
        ("Ursula K. Le Guin", "Le Guin, Ursula K.")
    );
    assert_eq!((one.id.uuid(), one.birth_year), (short, Some(1929)));
    assert_eq!(
        texts(&catalogue, &OTHER_NAMES, short),
        ["Le Guin, Ursula K.", "U. K. Le Guin"]
    );
    assert_eq!(the_books(&catalogue, short), 3);
    undo(&catalogue);
    assert_eq!((count(&catalogue), the_books(&catalogue, short)), ((3, 3), 1));
}

fn the_books(catalogue: &Catalogue, author: Uuid) -> u64 {
    let by = BookFilter::ByAuthor(colophon_catalogue::AuthorId::from_uuid(author));
    let counted = catalogue
        .database
        .read_blocking(|s| s.repo::<Book>().count(&Query::filtered(by)));
    counted.unwrap()
}

#[test]
fn choices_that_break_a_rule_together_are_named_and_nothing_is_merged() {
    let catalogue = Catalogue::empty();
    let one = person(&catalogue, "Homer", |draft| {
        draft.birth_year = Some(1700);
        draft.death_year = Some(1750);
    });
    let other = person(&catalogue, "Homer", |draft| draft.death_year = Some(1650));
    let choices = Choices {
        stays: Some(one),
        fields: vec![("death_year".to_owned(), other)],
    };
    let seen = compared(&catalogue, RecordKind::Author, &[one, other], &choices);
    assert_eq!(seen.broken.map(|(field, _)| field), Some("death_year"));
    let refused = catalogue
        .database
        .write_blocking(move |tx| combining::merge(tx, RecordKind::Author, &[one, other], &choices, None, BY));
    assert!(matches!(
        refused,
        Err(Error::Invalid {
            field: "death_year",
            ..
        })
    ));
    assert_eq!(count(&catalogue), (0, 2));
}

#[test]
fn what_somebody_changed_meanwhile_is_not_merged_unseen() {
    let catalogue = Catalogue::empty();
    let [first, second] = two_books(&catalogue);
    let seen = compared(&catalogue, RecordKind::Book, &[first, second], &Choices::default()).seen;
    add(&catalogue, &TAGS, second, "spice");
    let agreed = Agreed {
        records: vec![first, second],
        seen: seen.clone(),
    };
    let all = write(&catalogue, move |tx| {
        combining::merge_all(tx, RecordKind::Book, &[agreed], BY, |_| {})
    });
    assert_eq!((all.merged, all.left_alone), (0, 1));
    let refused = catalogue.database.write_blocking(move |tx| {
        combining::merge(
            tx,
            RecordKind::Book,
            &[first, second],
            &Choices::default(),
            Some(&seen),
            BY,
        )
    });
    assert!(matches!(refused, Err(Error::Invalid { field: "records", .. })));
    assert_eq!(count(&catalogue).0, 2);
}

#[test]
fn many_groups_become_one_record_each_in_one_act() {
    let catalogue = Catalogue::empty();
    for number in 0..20 {
        for _ in 0..2 {
            book(&catalogue, &format!("Volume {number}"), |_| {});
        }
    }
    let agreed = catalogue.database.read_blocking(|s| {
        let proposals = combining::proposals(s, RecordKind::Book, &look_alikes(s, RecordKind::Book.table())?)?;
        let agreed = proposals.into_iter().map(|one| Agreed {
            records: one.side_by_side.records.iter().map(|side| side.id).collect(),
            seen: one.side_by_side.seen,
        });
        Ok(agreed.collect::<Vec<_>>())
    });
    let agreed = agreed.unwrap();
    assert_eq!(agreed.len(), 20);
    let all = write(&catalogue, move |tx| {
        combining::merge_all(tx, RecordKind::Book, &agreed, BY, |_| {})
    });
    assert_eq!((all.merged, all.records, all.left_alone), (20, 40, 0));
    assert_eq!(count(&catalogue).0, 20);
    let deed = undo(&catalogue);
    assert_eq!((deed.did, deed.count), (Did::Merged, 40));
    assert_eq!(count(&catalogue).0, 40);
}
