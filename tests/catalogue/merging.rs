//! Two records become one.

use colophon_acts::settlement::{AllSettled, Decision, settle, settle_all};
use colophon_catalogue::conflict::{Conflict, ConflictId, ConflictKind};
use colophon_catalogue::{
    Author, AuthorDraft, AuthorId, Book, BookDraft, BookId, Contribution, ContributionDraft, Role,
};
use colophon_store::{EntityId as _, Query, Result, Stamp, WriteSession};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;
use uuid::Uuid;

use crate::deleting::parts;

/// A question about a record that says nothing more yet.
pub(crate) fn question(entity: &str, kind: ConflictKind, record_id: Uuid, stamp: Stamp) -> Conflict {
    Conflict {
        id: ConflictId::from_uuid(stamp.id),
        entity: entity.to_owned(),
        record_id,
        kind: kind.word().to_owned(),
        field: None,
        base: None,
        mine: None,
        theirs: None,
        stands: None,
        holder: None,
        theirs_by: None,
        theirs_at: None,
        parked_by: "a laptop".to_owned(),
        settled_at: None,
        settled_by: None,
        settlement: None,
        created_at: stamp.now,
        updated_at: stamp.now,
    }
}

/// A question about two records, as the sync parks it.
fn asked(tx: &WriteSession<'_>, entity: &str, kind: ConflictKind, second: Uuid, first: Uuid) -> Result<ConflictId> {
    let conflicts = tx.repo_mut::<Conflict>();
    let conflict = Conflict {
        holder: Some(first),
        ..question(entity, kind, second, conflicts.stamp())
    };
    conflicts.put(&conflict, 0)?;
    Ok(conflict.id)
}

fn author(tx: &WriteSession<'_>, name: &str) -> Result<AuthorId> {
    Ok(tx.repo_mut::<Author>().create(&AuthorDraft::named(name))?.id)
}

fn book(tx: &WriteSession<'_>, title: &str, by: AuthorId) -> Result<BookId> {
    Ok(tx.repo_mut::<Book>().create(&BookDraft::new(title, by))?.id)
}

fn part(tx: &WriteSession<'_>, book_id: BookId, author_id: AuthorId, role: Role) -> Result<()> {
    let draft = ContributionDraft {
        book_id,
        author_id,
        role,
        position: 1,
    };
    tx.repo_mut::<Contribution>().create(&draft).map(drop)
}

#[test]
fn who_is_in_both_books_is_in_no_role_of_the_merged_one_twice() {
    let catalogue = Catalogue::empty();
    let made = catalogue.database.write_blocking(|tx| {
        let (homer, fagles) = (author(tx, "Homer")?, author(tx, "Fagles")?);
        let (stays, goes) = (book(tx, "The Odyssey", homer)?, book(tx, "Odyssey", fagles)?);
        // The author of the one that stays is named alongside the author of the other.
        part(tx, goes, homer, Role::Author)?;
        part(tx, goes, homer, Role::Editor)?;
        part(tx, goes, homer, Role::Editor)?;
        part(tx, goes, fagles, Role::Translator)?;
        part(tx, stays, fagles, Role::Translator)?;
        asked(tx, "book", ConflictKind::SameValue, goes.uuid(), stays.uuid())
    });
    let conflict = made.unwrap();
    let merge = move |tx: &WriteSession<'_>| settle(tx, conflict, Decision::Merge, "a laptop");
    catalogue.database.write_blocking(merge).unwrap();
    let merged = [
        "The Odyssey: Fagles as translator",
        "The Odyssey: Homer as author",
        "The Odyssey: Homer as editor",
    ];
    assert_eq!(parts(&catalogue), merged);
}

fn open(catalogue: &Catalogue) -> usize {
    let open = Query::filtered(colophon_catalogue::conflict::ConflictFilter::Open);
    let conflicts = catalogue
        .database
        .read_blocking(move |s| s.repo::<Conflict>().filter(&open));
    conflicts.unwrap().len()
}

fn undone(catalogue: &Catalogue) {
    let undone = catalogue.database.write_blocking(undoing::undo).unwrap();
    assert!(undone.is_some_and(|undone| undone.left_alone == 0));
}

#[test]
fn authors_become_one_with_what_either_says_and_the_books_that_were_asked_about_with_them() {
    let catalogue = Catalogue::empty();
    let made = catalogue.database.write_blocking(|tx| {
        let (stays, goes) = (author(tx, "Homer")?, author(tx, "HOMER")?);
        tx.repo_mut::<Author>().change(goes, |author| {
            author.birth_year = Some(-800);
            Ok(())
        })?;
        let (one, other) = (book(tx, "The Iliad", stays)?, book(tx, "The Iliad", goes)?);
        book(tx, "Hymns", goes)?;
        let (this, that) = (book(tx, "The Odyssey", stays)?, book(tx, "The Odyssey", goes)?);
        for (book, publisher) in [(this, "Penguin"), (that, "Norton")] {
            tx.repo_mut::<Book>().change(book, |book| {
                book.publisher = Some(publisher.to_owned());
                Ok(())
            })?;
        }
        let beside = book(tx, "Essays", author(tx, "Other")?)?;
        part(tx, beside, goes, Role::Translator)?;
        asked(tx, "book", ConflictKind::SameRecord, other.uuid(), one.uuid())?;
        asked(tx, "book", ConflictKind::SameRecord, that.uuid(), this.uuid())?;
        let authors = asked(tx, "author", ConflictKind::SameRecord, goes.uuid(), stays.uuid())?;
        Ok((stays, authors))
    });
    let (stays, conflict) = made.unwrap();
    let before = parts(&catalogue);
    let merge = move |tx: &WriteSession<'_>| settle(tx, conflict, Decision::Merge, "a laptop");
    catalogue.database.write_blocking(merge).unwrap();
    let merged = [
        "Essays: Homer as translator",
        "Essays: Other as author",
        "Hymns: Homer as author",
        "The Iliad: Homer as author",
        // Two publishers: a person has to say which.
        "The Odyssey: Homer as author",
        "The Odyssey: Homer as author",
    ];
    assert_eq!(parts(&catalogue), merged);
    let homer = catalogue.database.read_blocking(move |s| s.repo::<Author>().get(stays));
    assert_eq!(homer.unwrap().birth_year, Some(-800));
    assert_eq!(open(&catalogue), 1);
    undone(&catalogue);
    assert_eq!((parts(&catalogue), open(&catalogue)), (before, 3));
}

#[test]
fn all_that_look_the_same_become_one_in_one_act_but_those_that_contradict_each_other() {
    let catalogue = Catalogue::empty();
    let made = catalogue.database.write_blocking(|tx| {
        for number in 0..20 {
            let name = format!("Author {number}");
            let (stays, goes) = (author(tx, &name)?, author(tx, &name)?);
            let (one, other) = (book(tx, &name, stays)?, book(tx, &name, goes)?);
            part(tx, one, stays, Role::Illustrator)?;
            part(tx, other, goes, Role::Illustrator)?;
            asked(tx, "author", ConflictKind::SameRecord, goes.uuid(), stays.uuid())?;
            asked(tx, "book", ConflictKind::SameRecord, other.uuid(), one.uuid())?;
            if number == 7 {
                for (book, pages) in [(one, 100), (other, 200)] {
                    tx.repo_mut::<Book>().change(book, |book| {
                        book.page_count = Some(pages);
                        Ok(())
                    })?;
                }
            }
        }
        Ok(())
    });
    made.unwrap();
    let before = parts(&catalogue);
    let merge = |tx: &WriteSession<'_>| settle_all(tx, ConflictKind::SameRecord, Decision::Merge, "a laptop");
    let settled = catalogue.database.write_blocking(merge).unwrap();
    assert_eq!(settled, AllSettled { settled: 39, left: 1 });
    assert_eq!((parts(&catalogue).len(), open(&catalogue)), (42, 1));
    undone(&catalogue);
    assert_eq!((parts(&catalogue), open(&catalogue)), (before, 40));
}

#[test]
fn of_three_that_were_made_each_becomes_part_of_the_first_in_whatever_order() {
    for order in [[0, 1], [1, 0]] {
        let catalogue = Catalogue::empty();
        let made = catalogue.database.write_blocking(|tx| {
            let [first, second, third] = [author(tx, "Homer")?, author(tx, "Homer")?, author(tx, "Homer")?];
            book(tx, "The Odyssey", third)?;
            // The third was found to be like the second, and the second like the first.
            let third = asked(tx, "author", ConflictKind::SameRecord, third.uuid(), second.uuid())?;
            let second = asked(tx, "author", ConflictKind::SameRecord, second.uuid(), first.uuid())?;
            Ok(([third, second], first))
        });
        let (conflicts, first) = made.unwrap();
        for turn in order {
            let conflict = conflicts[turn];
            let merge = move |tx: &WriteSession<'_>| settle(tx, conflict, Decision::Merge, "a laptop");
            catalogue.database.write_blocking(merge).unwrap();
        }
        let authors = catalogue.database.read_blocking(|s| s.repo::<Author>().all()).unwrap();
        assert_eq!(authors.iter().map(|author| author.id).collect::<Vec<_>>(), [first]);
        assert_eq!(parts(&catalogue), ["The Odyssey: Homer as author"]);
    }
}
