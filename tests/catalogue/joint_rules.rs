//! Rules that join fields, where nobody types: a person dies after being born, even if a question is settled or two
//! records become one.

use colophon_acts::merging::{differing, merge_authors};
use colophon_acts::settlement::{AllSettled, Decision, settle, settle_all};
use colophon_catalogue::conflict::{Conflict, ConflictFilter, ConflictId, ConflictKind};
use colophon_catalogue::{Author, AuthorDraft, AuthorId, health};
use colophon_store::{EntityId as _, Error, Query};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

use crate::merging::question;

type Years = (Option<i32>, Option<i32>);

fn author(catalogue: &Catalogue, (birth_year, death_year): Years) -> AuthorId {
    let draft = AuthorDraft {
        birth_year,
        death_year,
        ..AuthorDraft::named("Nobody")
    };
    let made = catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft));
    made.unwrap().id
}

fn years(catalogue: &Catalogue, id: AuthorId) -> Years {
    let found = catalogue.database.read_blocking(move |s| s.repo::<Author>().get(id));
    let found = found.unwrap();
    (found.birth_year, found.death_year)
}

/// A question of the sync about a year: what is here, and what was said elsewhere.
fn asked(catalogue: &Catalogue, author: AuthorId, field: &'static str, mine: i32, theirs: i32) -> ConflictId {
    let parked = catalogue.database.write_blocking(move |tx| {
        let conflicts = tx.repo_mut::<Conflict>();
        let conflict = Conflict {
            field: Some(field.to_owned()),
            mine: Some(mine.to_string()),
            theirs: Some(theirs.to_string()),
            ..question("author", ConflictKind::Field, author.uuid(), conflicts.stamp())
        };
        conflicts.put(&conflict, 0)?;
        Ok(conflict.id)
    });
    parked.unwrap()
}

fn settled(catalogue: &Catalogue, id: ConflictId, decision: Decision) -> Result<Conflict, Error> {
    catalogue
        .database
        .write_blocking(move |tx| settle(tx, id, decision, "a laptop"))
}

fn all_settled(catalogue: &Catalogue, decision: Decision) -> AllSettled {
    let all = catalogue
        .database
        .write_blocking(move |tx| settle_all(tx, ConflictKind::Field, decision, "a laptop"));
    all.unwrap()
}

fn open(catalogue: &Catalogue) -> usize {
    let open = Query::filtered(ConflictFilter::Open);
    let found = catalogue
        .database
        .read_blocking(move |s| s.repo::<Conflict>().filter(&open));
    found.unwrap().len()
}

#[test]
fn a_question_is_not_settled_by_a_death_before_the_birth() {
    let catalogue = Catalogue::empty();
    let id = author(&catalogue, (Some(1900), Some(1980)));
    let death = asked(&catalogue, id, "death_year", 1870, 1980);
    let birth = asked(&catalogue, id, "birth_year", 1850, 1900);
    let refused = settled(&catalogue, death, Decision::Mine).unwrap_err();
    let Error::Invalid { field, reason } = &refused else {
        panic!("{refused}")
    };
    assert_eq!(*field, "death_year");
    for told in ["1900", "nothing was changed", "settle"] {
        assert!(reason.contains(told), "{told:?} is not in {reason:?}");
    }
    assert_eq!((years(&catalogue, id), open(&catalogue)), ((Some(1900), Some(1980)), 2));
    // Because they belong together, one after the other is no trouble.
    settled(&catalogue, birth, Decision::Mine).unwrap();
    settled(&catalogue, death, Decision::Mine).unwrap();
    assert_eq!((years(&catalogue, id), open(&catalogue)), ((Some(1850), Some(1870)), 0));
}

#[test]
fn settled_together_the_order_of_two_questions_does_not_matter() {
    for fields in [["birth_year", "death_year"], ["death_year", "birth_year"]] {
        let catalogue = Catalogue::empty();
        let id = author(&catalogue, (Some(1900), Some(1980)));
        for field in fields {
            let (mine, theirs) = if field == "birth_year" {
                (1850, 1900)
            } else {
                (1870, 1980)
            };
            asked(&catalogue, id, field, mine, theirs);
        }
        assert_eq!(
            all_settled(&catalogue, Decision::Mine),
            AllSettled { settled: 2, left: 0 }
        );
        assert_eq!(years(&catalogue, id), (Some(1850), Some(1870)));
    }
}

#[test]
fn what_breaks_a_rule_is_left_when_all_are_settled() {
    let catalogue = Catalogue::empty();
    let (one, other) = (
        author(&catalogue, (Some(1900), Some(1980))),
        author(&catalogue, (Some(1900), Some(1980))),
    );
    asked(&catalogue, one, "death_year", 1870, 1980);
    asked(&catalogue, other, "death_year", 1970, 1980);
    assert_eq!(
        all_settled(&catalogue, Decision::Mine),
        AllSettled { settled: 1, left: 1 }
    );
    assert_eq!(years(&catalogue, one), (Some(1900), Some(1980)));
    assert_eq!(years(&catalogue, other), (Some(1900), Some(1970)));
}

#[test]
fn of_two_authors_who_become_one_the_one_that_stays_gets_no_birth_after_its_death() {
    let catalogue = Catalogue::empty();
    let stays = author(&catalogue, (None, Some(1870)));
    let goes = author(&catalogue, (Some(1900), None));
    let differ = catalogue
        .database
        .read_blocking(move |s| differing(s, "author", goes.uuid(), stays.uuid()));
    assert_eq!(differ.unwrap(), ["birth_year"], "it is told before");
    catalogue
        .database
        .write_blocking(move |tx| merge_authors(tx, goes, stays))
        .unwrap();
    assert_eq!(years(&catalogue, stays), (None, Some(1870)));
    let values = catalogue.database.read_blocking(|s| Ok(health::examine(s))).unwrap();
    assert!(values.iter().all(|finding| finding.healthy), "{values:?}");
    // What gave way is not lost.
    catalogue.database.write_blocking(undoing::undo).unwrap();
    assert_eq!(years(&catalogue, goes), (Some(1900), None));
}

#[test]
fn a_value_that_was_bad_before_does_not_keep_the_years_from_coming_along() {
    let catalogue = Catalogue::empty();
    let stays = author(&catalogue, (None, None));
    let goes = author(&catalogue, (Some(1800), Some(1870)));
    catalogue
        .other_program()
        .execute_batch("UPDATE author SET website='::'")
        .unwrap();
    catalogue
        .database
        .write_blocking(move |tx| merge_authors(tx, goes, stays))
        .unwrap();
    assert_eq!(years(&catalogue, stays), (Some(1800), Some(1870)));
}
