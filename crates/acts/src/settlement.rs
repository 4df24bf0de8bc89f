//! Settling conflicts: a person decides what the sync could not.
//!
//! The decision is carried out as edits like any other, in the transaction that marks the conflict as settled. So it
//! reaches all devices, works without a server, and can be undone as one act.

use std::collections::HashSet;

use colophon_catalogue::conflict::{Conflict, ConflictFilter, ConflictId, ConflictKind};
use colophon_catalogue::{AuthorId, Book, BookFilter, BookId, schema, words};
use colophon_store::schema::Value;
use colophon_store::{EntityId as _, Error, Query, ReadSession, Registered, Result, Sql, WriteSession, read_field};
use rusqlite::params;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::deed::{Deed, Did};
use crate::merging::{differing, heir, merge_authors, merge_books, merge_records};

words! {
    /// What somebody decided.
    pub enum Decision {
        /// It is right as it stands now.
        Keep = "keep",
        /// The value of the device that noticed the conflict.
        Mine = "mine",
        /// The value that the server had.
        Theirs = "theirs",
        /// The record is to be deleted after all.
        Delete = "delete",
        /// The two records are the same: make them one.
        ///
        /// The one that the conflict is about becomes part of the other.
        Merge = "merge",
    }
}

impl Decision {
    /// The decisions by which a conflict of a kind can be settled. A conflict of a kind that only a newer version knows
    /// can only be kept.
    pub fn for_kind(kind: Option<ConflictKind>) -> &'static [Self] {
        match kind {
            Some(ConflictKind::Field) => &[Self::Keep, Self::Mine, Self::Theirs],
            Some(ConflictKind::DeletedThere | ConflictKind::DeletionUndone | ConflictKind::ParentCameBack) => {
                &[Self::Keep, Self::Delete]
            }
            Some(ConflictKind::SameValue | ConflictKind::SameRecord) => &[Self::Keep, Self::Merge],
            None => &[Self::Keep],
        }
    }
}

/// Settles a conflict as `by` decided. [`Error::Invalid`] if it is already settled or cannot be settled in that way.
pub fn settle(session: &WriteSession<'_>, id: ConflictId, decision: Decision, by: &str) -> Result<Conflict> {
    let conflict = session.repo::<Conflict>().get(id)?;
    if conflict.settled_at == Some(session.now()) && conflict.settlement.as_deref() == Some(decision.word()) {
        // It was settled along with another one in this transaction: the books of authors who became one.
        return Ok(conflict);
    }
    if conflict.settled_at.is_some() {
        let who = conflict.settled_by.as_deref().unwrap_or("somebody");
        return Err(Error::invalid("settlement", format!("{who} has settled it already")));
    }
    let kind = ConflictKind::of_word(&conflict.kind);
    check(kind, decision)?;
    match decision {
        Decision::Keep => {}
        Decision::Mine => set_field(session, &conflict, conflict.mine.as_deref())?,
        Decision::Theirs => set_field(session, &conflict, conflict.theirs.as_deref())?,
        Decision::Delete => entity_of(&conflict)?.delete(session, conflict.record_id)?,
        Decision::Merge => merge(session, &conflict, by)?,
    }
    Deed::of_many(Did::Settled, 1).note(session);
    mark_settled(session, id, decision, by)
}

/// Says of a conflict that somebody has decided it; what that comes to has been done.
pub(crate) fn mark_settled(
    session: &WriteSession<'_>,
    id: ConflictId,
    decision: Decision,
    by: &str,
) -> Result<Conflict> {
    session.repo_mut::<Conflict>().change(id, |conflict| {
        decide(session, conflict, decision, by);
        Ok(())
    })
}

/// Writes into a conflict how somebody has decided it, and that it was now.
pub(crate) fn decide(session: &WriteSession<'_>, conflict: &mut Conflict, decision: Decision, by: &str) {
    conflict.settled_at = Some(session.now());
    conflict.settled_by = Some(by.to_owned());
    conflict.settlement = Some(decision.word().to_owned());
}

/// Says of the open questions whether any of these records are the same that they are decided, and returns how many
/// there were.
pub(crate) fn settle_among(
    session: &WriteSession<'_>,
    records: &[Uuid],
    decision: Decision,
    by: &str,
) -> Result<usize> {
    let mut settled = 0;
    for record in records {
        let open = Query::filtered(ConflictFilter::About(*record)).and(ConflictFilter::Open);
        for conflict in session.repo::<Conflict>().filter(&open)? {
            let is_among = conflict.holder.is_some_and(|holder| records.contains(&holder));
            if is_among && can_merge(&conflict) {
                mark_settled(session, conflict.id, decision, by)?;
                settled += 1;
            }
        }
    }
    Ok(settled)
}

/// Settles these conflicts in the same way, all or none, as one act.
pub fn settle_these(
    session: &WriteSession<'_>,
    ids: &[ConflictId],
    decision: Decision,
    by: &str,
) -> Result<Vec<Conflict>> {
    let settled: Vec<_> = ids
        .iter()
        .map(|id| settle(session, *id, decision, by))
        .collect::<Result<_>>()?;
    Deed::of_many(Did::Settled, settled.len() as u64).note(session);
    Ok(settled)
}

/// The result of settling all conflicts of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct AllSettled {
    /// How many were settled, including those that went along: the books of authors who became one, whose ISBN was
    /// asked about.
    pub settled: u64,
    /// How many were left open, because a value would have had to give way to another, or would break a rule.
    pub left: u64,
}

/// Settles all open conflicts of a kind in the same way, as one act. Records become one only if nothing that either
/// says has to give way to what the other says, and a value is taken only if it breaks no rule; whoever wants the rest
/// settled, too, names them.
pub fn settle_all(session: &WriteSession<'_>, kind: ConflictKind, decision: Decision, by: &str) -> Result<AllSettled> {
    // Books before their authors, so that none has to be handed over first; among records that are alike to several,
    // the one made last comes first.
    const OPEN: Sql = Sql::new(
        "SELECT id FROM conflict WHERE kind=? AND settled_at IS NULL
         ORDER BY entity='author',entity='book',record_id DESC",
    );
    check(Some(kind), decision)?;
    let ids: Vec<ConflictId> = session.query(&OPEN, params![kind.word()], |row| read_field(row, 0))?;
    let open = Query::filtered(ConflictFilter::Open);
    let before = session.repo::<Conflict>().count(&open)?;
    let (mut left, mut refused) = (0, Vec::new());
    for id in ids {
        let conflict = session.repo::<Conflict>().get(id)?;
        if decision == Decision::Merge && conflict.settled_at.is_none() && !loses_nothing(session, &conflict)? {
            left += 1;
        } else if !can_settle(session, id, decision, by)? {
            refused.push(id);
        }
    }
    left += still_refused(session, refused, decision, by)?;
    let settled = before - session.repo::<Conflict>().count(&open)?;
    Deed::of_many(Did::Settled, settled).note(session);
    Ok(AllSettled { settled, left })
}

/// Settles a conflict, unless the value decided for breaks a rule.
fn can_settle(session: &WriteSession<'_>, id: ConflictId, decision: Decision, by: &str) -> Result<bool> {
    if !matches!(decision, Decision::Mine | Decision::Theirs) {
        return settle(session, id, decision, by).map(|_| true);
    }
    match session.attempt(|| settle(session, id, decision, by)) {
        Err(Error::Invalid { .. }) => Ok(false),
        settled => settled.map(|_| true),
    }
}

/// Keeps trying to settle what was refused, as long as one more can be settled: one value may be in the way of another
/// that goes with it. Returns how many remain refused.
fn still_refused(
    session: &WriteSession<'_>,
    mut refused: Vec<ConflictId>,
    decision: Decision,
    by: &str,
) -> Result<u64> {
    loop {
        let before = refused.len();
        for id in std::mem::take(&mut refused) {
            if !can_settle(session, id, decision, by)? {
                refused.push(id);
            }
        }
        if refused.len() == before {
            return Ok(before as u64);
        }
    }
}

/// [`Error::Invalid`] if a conflict of this kind cannot be settled in that way.
fn check(kind: Option<ConflictKind>, decision: Decision) -> Result<()> {
    if Decision::for_kind(kind).contains(&decision) {
        return Ok(());
    }
    let possible: Vec<_> = Decision::for_kind(kind).iter().map(|one| one.word()).collect();
    let reason = format!("a conflict of this kind can be settled by: {}", possible.join(", "));
    Err(Error::invalid("settlement", reason))
}

fn entity_of(conflict: &Conflict) -> Result<&'static Registered> {
    schema::entity(&conflict.entity).ok_or_else(|| {
        let reason = format!(
            "it is about a kind of record, {}, that only a newer version knows",
            conflict.entity
        );
        Error::invalid("entity", reason)
    })
}

fn set_field(session: &WriteSession<'_>, conflict: &Conflict, value: Option<&str>) -> Result<()> {
    let entity = entity_of(conflict)?;
    let field = conflict.field.as_deref().unwrap_or_default();
    let unknown = || Error::invalid("field", format!("{} has no field “{field}”", conflict.entity));
    let position = entity.table.position(field).ok_or_else(unknown)?;
    let json = value
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Json::Null);
    let value = Value::from_json(entity.table.columns[position].kind, &json).ok_or_else(unknown)?;
    let touched = [position].into_iter().collect();
    let broken = || -> Result<_> {
        let values = entity.find(session, conflict.record_id)?;
        Ok(values.and_then(|values| entity.broken_together(&values, touched)))
    };
    let before = broken()?;
    entity.set_as_it_was(session, conflict.record_id, &[(position, value)])?;
    match broken()? {
        Some(broken) if before.is_none() => {
            let next = "nothing was changed: correct the other value first, or settle the question about it";
            Err(Error::invalid(broken.field, format!("{}; {next}", broken.reason)))
        }
        _ => Ok(()),
    }
}

/// Makes the record that the conflict is about part of the other one.
fn merge(session: &WriteSession<'_>, conflict: &Conflict, by: &str) -> Result<()> {
    let refused = || Error::invalid("settlement", "a conflict of one record only makes no two one");
    let holder = conflict.holder.ok_or_else(refused)?;
    let (mut from, mut into) = (conflict.record_id, holder);
    if ConflictKind::of_word(&conflict.kind) == Some(ConflictKind::SameRecord) {
        // Either may have become part of a third one since. What is gone altogether needs no merging.
        let entity = entity_of(conflict)?;
        match (heir(session, entity, from)?, heir(session, entity, into)?) {
            (Some(one), Some(other)) if one != other => (from, into) = (one, other),
            _ => return Ok(()),
        }
    }
    match conflict.entity.as_str() {
        "book" => merge_books(
            session,
            BookId::from_uuid(from),
            BookId::from_uuid(into),
            given_up(conflict),
        ),
        "author" => {
            merge_books_of(session, AuthorId::from_uuid(from), AuthorId::from_uuid(into), by)?;
            merge_authors(session, AuthorId::from_uuid(from), AuthorId::from_uuid(into))
        }
        _ => merge_records(session, entity_of(conflict)?, from, into),
    }
}

/// Among the books of two authors who become one, those that were asked about and lose nothing by it become one, too.
fn merge_books_of(session: &WriteSession<'_>, from: AuthorId, into: AuthorId, by: &str) -> Result<()> {
    let books = session.repo::<Book>();
    let of = |author| -> Result<Vec<Uuid>> {
        let books = books.filter(&Query::filtered(BookFilter::ByAuthor(author)))?;
        Ok(books.into_iter().map(|book| book.id.uuid()).collect())
    };
    let (from, into): (Vec<_>, HashSet<_>) = (of(from)?, of(into)?.into_iter().collect());
    let those: HashSet<_> = from.iter().copied().collect();
    for book in from.iter().chain(&into) {
        let open = Query::filtered(ConflictFilter::About(*book)).and(ConflictFilter::Open);
        for conflict in session.repo::<Conflict>().filter(&open)? {
            let others = if those.contains(book) { &into } else { &those };
            let is_about_both = conflict.holder.is_some_and(|holder| others.contains(&holder));
            if is_about_both && can_merge(&conflict) && loses_nothing(session, &conflict)? {
                settle(session, conflict.id, Decision::Merge, by)?;
            }
        }
    }
    Ok(())
}

fn can_merge(conflict: &Conflict) -> bool {
    Decision::for_kind(ConflictKind::of_word(&conflict.kind)).contains(&Decision::Merge)
}

/// Whether nothing that either of the two records says would have to give way.
fn loses_nothing(session: &ReadSession<'_>, conflict: &Conflict) -> Result<bool> {
    let Some(holder) = conflict.holder else {
        return Ok(false);
    };
    Ok(differing(session, &conflict.entity, conflict.record_id, holder)?.is_empty())
}

fn given_up(conflict: &Conflict) -> Option<String> {
    conflict
        .mine
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
}
