//! What a row is to a person: a book or an author by name, whatever table the row is in.
//!
//! Conflicts and quarantined rows are about rows of any table. A person knows books and authors: a contribution is
//! shown as the two that it joins and opens its book, anything else that is part of a record is shown by its own name
//! and that of the record, and what is gone is still called by the name it had.

use colophon_catalogue::conflict::{Conflict, ConflictId};
use colophon_catalogue::schema::{entity, last_name_of, name_of};
use colophon_catalogue::wholes::whole_of;
use colophon_catalogue::{Author, Book, Contribution, ContributionId, words};
use colophon_store::{EntityId, ReadSession, Result};
use uuid::Uuid;

use crate::record::RecordKind;

/// What something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub thing: Thing,
    /// What people call it; absent if nothing is known of it any more.
    pub name: Option<String>,
    /// The record to open; absent if there is none now.
    pub open: Option<RecordRef>,
}

words! {
    /// A kind of thing.
    pub enum Thing {
        /// A book.
        Book = "book",
        /// An author.
        Author = "author",
        /// Somebody's part in a book.
        Contribution = "contribution",
        /// Something that stands in lists of books and authors: a tag, another name, an identifier.
        Part = "part",
        /// Something that two people said differently, about the record that it is named after.
        Conflict = "conflict",
        /// Something that only a newer version knows.
        Unknown = "unknown",
    }
}

/// Where a record is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRef {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id.
    pub id: Uuid,
}

impl Subject {
    /// The row of a table, as a person knows it.
    pub fn of(session: &ReadSession<'_>, table: &str, id: Uuid) -> Result<Self> {
        if let Some(kind) = RecordKind::of_table(table) {
            return Self::record(session, kind, id);
        }
        match table {
            "contribution" => Self::contribution(session, id),
            "conflict" => Self::conflict(session, id),
            _ if entity(table).is_some() => Self::other(session, table, id),
            _ => Ok(Self::gone(Thing::Unknown)),
        }
    }

    /// A row that is part of a record, or a tag: by its own name, and the name of the record that it opens.
    fn other(session: &ReadSession<'_>, table: &str, id: Uuid) -> Result<Self> {
        let own = match name_of(session, table, id)? {
            Some(own) => Some(own),
            None => last_name_of(session, table, id)?,
        };
        let whole = whole_of(session, table, id)?;
        let record = match whole.and_then(|(table, id)| Some((RecordKind::of_table(table)?, id))) {
            Some((kind, id)) => Some(Self::record(session, kind, id)?),
            None => None,
        };
        let (of, open) = record.map(|record| (record.name, record.open)).unwrap_or_default();
        let names: Vec<_> = [own, of].into_iter().flatten().collect();
        Ok(Self {
            thing: Thing::Part,
            name: (!names.is_empty()).then(|| names.join(" · ")),
            open,
        })
    }

    fn record(session: &ReadSession<'_>, kind: RecordKind, id: Uuid) -> Result<Self> {
        let name = kind.name_of(session, id)?;
        let open = name.is_some().then_some(RecordRef { kind, id });
        Ok(Self {
            thing: kind.into(),
            name: match name {
                Some(name) => Some(name),
                None => kind.last_name_of(session, id)?,
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
            open: Some(RecordRef {
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
            // Nothing of ours makes a conflict about a conflict; a row that claims so must not be followed in a circle.
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

impl From<RecordKind> for Thing {
    fn from(kind: RecordKind) -> Self {
        match kind {
            RecordKind::Book => Self::Book,
            RecordKind::Author => Self::Author,
        }
    }
}
