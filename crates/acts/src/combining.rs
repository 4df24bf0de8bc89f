//! Records become one as a person has seen it beforehand: two or more, or many groups of them at once.

use colophon_catalogue::{AuthorId, Book, BookId};
use colophon_store::schema::Value;
use colophon_store::{EntityId as _, Error, ReadSession, Result, WriteSession};
use uuid::Uuid;

use crate::deed::{Deed, Did};
use crate::merging::{keep_names, merge_authors, merge_books};
use crate::parts::leave_out_author;
use crate::record::RecordKind;
use crate::settlement::{Decision, settle_among};
use crate::side_by_side::{Choices, SideBySide, registered};

/// After this many groups it is told how far it has come.
const GROUPS_BETWEEN_WORDS: u64 = 20;

/// What became of records that became one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The one that stays.
    pub into: Uuid,
    /// What it is called.
    pub name: String,
    /// How many it was made of.
    pub count: u64,
    /// One that is gone; by it the act is found again.
    pub gone: Uuid,
}

/// A group that is proposed to become one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The records side by side, as they would become one without anybody's choice.
    pub side_by_side: SideBySide,
    /// The fields in which a record says something that would not be said any more.
    pub giving_way: Vec<&'static str>,
}

/// A group of which somebody has seen what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The records.
    pub records: Vec<Uuid>,
    /// What was [seen](SideBySide::seen).
    pub seen: String,
}

/// What came of many groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllMerged {
    /// How many groups became one record each.
    pub merged: u64,
    /// Of how many records.
    pub records: u64,
    /// How many were left alone, because they say something else by now, or would break a rule.
    pub left_alone: u64,
}

/// Makes one record of several, as chosen, as one act. With what was `seen`, only if they still say that.
/// [`Error::Invalid`] if they do not, or if the choices break a rule.
pub fn merge(
    session: &WriteSession<'_>,
    kind: RecordKind,
    records: &[Uuid],
    choices: &Choices,
    seen: Option<&str>,
    by: &str,
) -> Result<Merged> {
    let merged = merge_quietly(session, kind, records, choices, seen, by)?;
    Deed::about(Did::Merged, kind, &merged.name)
        .of_several(records.len())
        .note(session);
    Ok(merged)
}

/// What would become of groups if nobody chose anything. One of which a record is gone is left out.
pub fn proposals(session: &ReadSession<'_>, kind: RecordKind, groups: &[Vec<Uuid>]) -> Result<Vec<Proposal>> {
    let mut proposals = Vec::with_capacity(groups.len());
    for group in groups {
        match SideBySide::of(session, kind, group, &Choices::default()) {
            Ok(side_by_side) => {
                let giving_way = side_by_side.giving_way();
                proposals.push(Proposal {
                    side_by_side,
                    giving_way,
                });
            }
            Err(Error::NotFound { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(proposals)
}

/// Makes one record of each of these groups, as proposed, as one act. `told` is called now and then with the number of
/// groups that were dealt with.
pub fn merge_all(
    session: &WriteSession<'_>,
    kind: RecordKind,
    groups: &[Agreed],
    by: &str,
    told: impl Fn(u64),
) -> Result<AllMerged> {
    let mut all = AllMerged::default();
    for (at, group) in (1_u64..).zip(groups) {
        let merge = || {
            merge_quietly(
                session,
                kind,
                &group.records,
                &Choices::default(),
                Some(&group.seen),
                by,
            )
        };
        match session.attempt(merge) {
            Ok(merged) => {
                all.merged += 1;
                all.records += merged.count;
            }
            Err(Error::Invalid { .. } | Error::NotFound { .. } | Error::Duplicate { .. }) => all.left_alone += 1,
            Err(other) => return Err(other),
        }
        if at.is_multiple_of(GROUPS_BETWEEN_WORDS) {
            told(at);
        }
    }
    if all.merged > 0 {
        Deed::of_many(Did::Merged, all.records).note(session);
    }
    Ok(all)
}

fn merge_quietly(
    session: &WriteSession<'_>,
    kind: RecordKind,
    records: &[Uuid],
    choices: &Choices,
    seen: Option<&str>,
    by: &str,
) -> Result<Merged> {
    let side_by_side = SideBySide::of(session, kind, records, choices)?;
    if seen.is_some_and(|seen| seen != side_by_side.seen) {
        let reason = "somebody has changed them since you looked; nothing was merged: look again";
        return Err(Error::invalid("records", reason));
    }
    if let Some((field, reason)) = &side_by_side.broken {
        return Err(Error::invalid(field, reason.clone()));
    }
    let into = records[side_by_side.stays];
    let others = || records.iter().copied().filter(move |id| *id != into);
    for from in others() {
        match kind {
            RecordKind::Book => merge_books(session, BookId::from_uuid(from), BookId::from_uuid(into), None)?,
            RecordKind::Author => merge_authors(session, AuthorId::from_uuid(from), AuthorId::from_uuid(into))?,
        }
    }
    set_chosen(session, kind, into, &side_by_side.values)?;
    match kind {
        RecordKind::Book => without_author_twice(session, BookId::from_uuid(into))?,
        RecordKind::Author => {
            let names = side_by_side.records.iter().map(|side| side.name.as_str());
            keep_names(session, AuthorId::from_uuid(into), names)?;
        }
    }
    settle_among(session, records, Decision::Merge, by)?;
    let (Some(gone), name) = (others().next(), kind.name_of(session, into)?) else {
        return Err(Error::invalid(
            "records",
            "it takes two different ones to make one of them",
        ));
    };
    Ok(Merged {
        into,
        name: name.unwrap_or_default(),
        count: records.len() as u64,
        gone,
    })
}

/// Gives the one that stays the values that were seen, as far as it does not have them yet.
fn set_chosen(session: &WriteSession<'_>, kind: RecordKind, into: Uuid, values: &[Value]) -> Result<()> {
    let entity = registered(kind)?;
    let now = entity.find(session, into)?.unwrap_or_default();
    let columns = entity.table.columns.iter().zip(now.iter().zip(values)).enumerate();
    let differing: Vec<_> = columns
        .filter(|(_, (column, (now, value)))| column.is_content() && now != value)
        .map(|(position, (_, (_, value)))| (position, value.clone()))
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    entity.set_as_it_was(session, into, &differing)
}

/// Whoever is the author of the book now is not one of its further authors as well.
fn without_author_twice(session: &WriteSession<'_>, book: BookId) -> Result<()> {
    match session.repo::<Book>().get(book)?.author_id {
        Some(author) => leave_out_author(session, book, author),
        None => Ok(()),
    }
}
