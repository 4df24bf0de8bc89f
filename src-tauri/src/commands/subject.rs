//! What a row is to a person: a book or an author by name, whatever table it lies in.
//!
//! Conflicts and rows that the server did not take are about rows of any table. A person knows books and authors: a contribution is
//! shown as the two it joins and opens its book, and what is gone is still called by the name it had.

use colophon_acts::settlement::name_of;
use colophon_catalogue::conflict::{Conflict, ConflictId};
use colophon_catalogue::{Author, Book, Contribution, ContributionId, schema};
use colophon_store::schema::Value;
use colophon_store::{EntityId, ReadSession, Result};
use serde::Serialize;
use specta::Type;
use uuid::Uuid;

use super::RecordKind;

/// What something is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Subject {
    /// What it is.
    pub(crate) thing: Thing,
    /// What people call it; absent when nothing is known of it any more.
    pub(crate) name: Option<String>,
    /// The record to open; absent when there is none now.
    pub(crate) open: Option<RecordPlace>,
}

/// The kinds of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Thing {
    /// A book.
    Book,
    /// An author.
    Author,
    /// Somebody's part in a book.
    Contribution,
    /// Something that two people said differently, about the record that it is named after.
    Conflict,
    /// Something that only a newer version knows.
    Unknown,
}

/// Where a record is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct RecordPlace {
    /// Its kind.
    pub(crate) kind: RecordKind,
    /// Its id.
    pub(crate) id: Uuid,
}

impl Subject {
    /// The row of a table, as a person knows it.
    pub(crate) fn of(session: &ReadSession<'_>, table: &str, id: Uuid) -> Result<Self> {
        match table {
            "book" => Self::record(session, RecordKind::Book, id),
            "author" => Self::record(session, RecordKind::Author, id),
            "contribution" => Self::contribution(session, id),
            "conflict" => Self::conflict(session, id),
            _ => Ok(Self::gone(Thing::Unknown)),
        }
    }

    fn record(session: &ReadSession<'_>, kind: RecordKind, id: Uuid) -> Result<Self> {
        let (thing, table) = match kind {
            RecordKind::Book => (Thing::Book, "book"),
            RecordKind::Author => (Thing::Author, "author"),
        };
        let name = name_of(session, table, id)?;
        let open = name.is_some().then_some(RecordPlace { kind, id });
        Ok(Self {
            thing,
            name: match name {
                Some(name) => Some(name),
                None => last_name(session, table, id)?,
            },
            open,
        })
    }

    fn contribution(session: &ReadSession<'_>, id: Uuid) -> Result<Self> {
        let Some(one) = session.repo::<Contribution>().find(ContributionId::from_uuid(id))? else {
            return Ok(Self::gone(Thing::Contribution));
        };
        let who = session.repo::<Author>().find(one.author_id)?.map(|author| author.name);
        let book = session.repo::<Book>().find(one.book_id)?.map(|book| book.title);
        let names: Vec<_> = [who, book].into_iter().flatten().collect();
        Ok(Self {
            thing: Thing::Contribution,
            name: Some(names.join(" · ")),
            open: Some(RecordPlace {
                kind: RecordKind::Book,
                id: one.book_id.uuid(),
            }),
        })
    }

    fn conflict(session: &ReadSession<'_>, id: Uuid) -> Result<Self> {
        let Some(conflict) = session.repo::<Conflict>().find(ConflictId::from_uuid(id))? else {
            return Ok(Self::gone(Thing::Conflict));
        };
        let about = match conflict.entity.as_str() {
            // Nothing of ours makes a conflict about a conflict; a row that says so must not be followed in a circle.
            "conflict" => Self::gone(Thing::Conflict),
            table => Self::of(session, table, conflict.record_id)?,
        };
        Ok(Self {
            thing: Thing::Conflict,
            ..about
        })
    }

    fn gone(thing: Thing) -> Self {
        Self {
            thing,
            name: None,
            open: None,
        }
    }
}

/// What a record that is gone was called.
fn last_name(session: &ReadSession<'_>, table: &str, id: Uuid) -> Result<Option<String>> {
    let Some(entity) = schema::entity(table) else {
        return Ok(None);
    };
    let deleted = session.record(entity.table, id)?.deleted;
    let position = ["title", "name"]
        .into_iter()
        .find_map(|name| entity.table.position(name));
    Ok(position.and_then(|at| match deleted?.content.into_iter().nth(at) {
        Some(Value::Text(name)) => Some(name),
        _ => None,
    }))
}
