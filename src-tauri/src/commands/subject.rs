//! What a row is to a person, on the wire.

use colophon_acts::RecordKind;
use colophon_acts::subject::{self, Thing};
use colophon_store::{ReadSession, Result};
use serde::Serialize;
use specta::Type;
use uuid::Uuid;

use crate::worded::Worded;

/// What something is about.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Subject {
    /// What it is.
    pub(crate) thing: Worded<Thing>,
    /// What people call it; absent when nothing is known of it any more.
    pub(crate) name: Option<String>,
    /// The record to open; absent when there is none now.
    pub(crate) open: Option<RecordRef>,
}

/// Where a record is found.
#[derive(Debug, Serialize, Type)]
pub(crate) struct RecordRef {
    /// Its kind.
    pub(crate) kind: Worded<RecordKind>,
    /// Its id.
    pub(crate) id: Uuid,
}

impl Subject {
    /// The row of a table, as a person knows it.
    pub(crate) fn of(session: &ReadSession<'_>, table: &str, id: Uuid) -> Result<Self> {
        subject::Subject::of(session, table, id).map(Self::from)
    }
}

impl From<subject::Subject> for Subject {
    fn from(subject: subject::Subject) -> Self {
        Self {
            thing: Worded(subject.thing),
            name: subject.name,
            open: subject.open.map(RecordRef::from),
        }
    }
}

impl From<subject::RecordRef> for RecordRef {
    fn from(record: subject::RecordRef) -> Self {
        Self {
            kind: Worded(record.kind),
            id: record.id,
        }
    }
}
