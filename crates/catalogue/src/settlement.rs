//! Settling conflicts: a person decides what the sync could not.
//!
//! What is decided is done as edits like any other, in the transaction that marks the conflict as settled. So it travels to all
//! devices, works without a server, and can be undone as one act.

use colophon_store::schema::{Table, Value};
use colophon_store::{Columns as _, EntityId as _, Error, Query, ReadSession, Registered, Result, WriteSession};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::book::{Book, BookId};
use crate::conflict::{Conflict, ConflictId, ConflictKind};
use crate::contribution::{Contribution, ContributionFilter};
use crate::schema;

/// What somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It is right as it stands.
    Keep,
    /// The value from the device that noticed.
    Mine,
    /// The value that the server had.
    Theirs,
    /// The record is to be deleted after all.
    Delete,
    /// The two records are the same: the one that gave up its value becomes part of the one that has it.
    Merge,
}

impl Decision {
    /// The decisions that a conflict of a kind can be settled by. One that only a newer version knows can only be kept.
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

    /// The word for it, as it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Mine => "mine",
            Self::Theirs => "theirs",
            Self::Delete => "delete",
            Self::Merge => "merge",
        }
    }
}

/// Settles a conflict as `by` decided. [`Error::Invalid`] when it is settled already or cannot be settled like that.
pub fn settle(session: &WriteSession<'_>, id: ConflictId, decision: Decision, by: &str) -> Result<Conflict> {
    let conflict = session.repo::<Conflict>().get(id)?;
    if conflict.settled_at.is_some() {
        let who = conflict.settled_by.as_deref().unwrap_or("somebody");
        return Err(Error::invalid("settlement", format!("{who} has settled it already")));
    }
    let kind = ConflictKind::of_word(&conflict.kind);
    if !Decision::for_kind(kind).contains(&decision) {
        let possible: Vec<_> = Decision::for_kind(kind).iter().map(|one| one.word()).collect();
        let reason = format!("a conflict of this kind can be settled by: {}", possible.join(", "));
        return Err(Error::invalid("settlement", reason));
    }
    match decision {
        Decision::Keep => {}
        Decision::Mine => set_field(session, &conflict, conflict.mine.as_deref())?,
        Decision::Theirs => set_field(session, &conflict, conflict.theirs.as_deref())?,
        Decision::Delete => entity_of(&conflict)?.delete(session, conflict.record_id)?,
        Decision::Merge => merge(session, &conflict)?,
    }
    session.describe("Settled a conflict");
    let now = session.now();
    session.repo_mut::<Conflict>().change(id, |conflict| {
        conflict.settled_at = Some(now);
        conflict.settled_by = Some(by.to_owned());
        conflict.settlement = Some(decision.word().to_owned());
        Ok(())
    })
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
    entity.set(session, conflict.record_id, &[(position, value)])
}

/// Makes the record that gave up its value part of the one that has it.
fn merge(session: &WriteSession<'_>, conflict: &Conflict) -> Result<()> {
    let Some(holder) = conflict.holder.filter(|_| conflict.entity == "book") else {
        return Err(Error::invalid("settlement", "only two books can be made one"));
    };
    merge_books(
        session,
        BookId::from_uuid(conflict.record_id),
        BookId::from_uuid(holder),
        given_up(conflict),
    )
}

fn given_up(conflict: &Conflict) -> Option<String> {
    conflict
        .mine
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
}

/// Makes a book part of another. What only the first had goes to the second: fields that are empty there, notes behind the
/// notes, and its contributors. Then the first is deleted.
fn merge_books(session: &WriteSession<'_>, from: BookId, into: BookId, isbn: Option<String>) -> Result<()> {
    let first = session.repo::<Book>().get(from)?;
    let contributions = session
        .repo::<Contribution>()
        .filter(&Query::filtered(ContributionFilter::OfBook(from)))?;
    let there = session
        .repo::<Contribution>()
        .filter(&Query::filtered(ContributionFilter::OfBook(into)))?;
    let repository = session.repo_mut::<Contribution>();
    for contribution in contributions {
        let is_known = there
            .iter()
            .any(|one| one.author_id == contribution.author_id && one.role == contribution.role);
        if is_known {
            repository.delete(contribution.id)?;
        } else {
            repository.change(contribution.id, |contribution| {
                contribution.book_id = into;
                Ok(())
            })?;
        }
    }
    // It goes first, so that its values are free.
    session.repo_mut::<Book>().delete(from)?;
    let second = session.repo::<Book>().get(into)?;
    let first = Book {
        isbn: first.isbn.or(isbn),
        ..first
    };
    let gained = gained(Book::TABLE, &second.values(), &first.values());
    Registered::of::<Book>().set(session, into.uuid(), &gained)
}

/// What a row gets from another of its table that becomes part of it, by the positions of the columns: values where it says nothing, and
/// texts of several lines behind its own. Whose it is, it stays. It follows from the columns, so that one that was added is not
/// forgotten.
pub fn gained(table: &Table, row: &[Value], other: &[Value]) -> Vec<(usize, Value)> {
    let mut gained = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        let (own, other) = (&row[position], &other[position]);
        let says_nothing = |value: &Value| *value == Value::Null || *value == column.unsaid();
        if matches!(column.name, "id" | "created_at" | "updated_at") || own == other || says_nothing(other) {
            continue;
        }
        match (own, other) {
            (own, other) if says_nothing(own) => gained.push((position, other.clone())),
            (Value::Text(own), Value::Text(other)) if table.merged_by_line.contains(&column.name) => {
                gained.push((position, Value::Text(format!("{own}\n\n{other}"))));
            }
            _ => {}
        }
    }
    gained
}

/// The record that a conflict is about, as people call it; `None` when it is gone.
pub fn name_of(session: &ReadSession<'_>, entity: &str, id: Uuid) -> Result<Option<String>> {
    let Some(entity) = schema::entity(entity) else {
        return Ok(None);
    };
    let Some(values) = entity.find(session, id)? else {
        return Ok(None);
    };
    let name = ["title", "name", "role"]
        .into_iter()
        .find_map(|name| entity.table.position(name));
    Ok(name.and_then(|position| match values.into_iter().nth(position) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }))
}
