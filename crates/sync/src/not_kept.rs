//! Rows of the server that this file could not keep.
//!
//! Whatever another program has written there must come through, and nearly all of it does. What does not (a value is
//! missing that every record must have, or is of a kind that this version does not know; a rule of the file is broken;
//! what it refers to is hidden from this login) holds up nothing else: it is listed by its id with the reason, the
//! cursor moves on, and the local record stays as it was. It is asked for again now and then, whenever somebody asks
//! for another try, and by `verify`.

use colophon_store::{Error, NotKeptEntry};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::key::Key;
use crate::retrying::Retry;

/// A row of the server, or a deletion there, that could not be kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotKept {
    /// Its table.
    pub entity: &'static str,
    /// Its id.
    pub id: Uuid,
    /// The revision that it had there.
    #[serde(skip)]
    pub revision: i64,
    /// Why.
    pub why: WhyNotKept,
    /// When it is asked for again.
    #[serde(skip)]
    pub retry: Retry,
}

/// Why a row of the server could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WhyNotKept {
    /// A value is missing, or is not one that this version knows.
    Unreadable {
        /// What cannot be read, in words.
        reason: String,
    },
    /// It breaks a rule of the file: for instance, a value must be unique or not empty.
    BreaksRule {
        /// The rule, in words.
        reason: String,
    },
    /// It refers to a record that is not here: one that is hidden from this login, or could not be kept itself.
    ParentMissing,
}

impl WhyNotKept {
    /// In the form in which the file stores it. A reason that only another version of the program knows is reported as
    /// it stands there.
    pub fn read(kept: Json) -> Self {
        let reason = kept.to_string();
        serde_json::from_value(kept).unwrap_or(Self::BreaksRule { reason })
    }

    /// In the form in which the file stores it.
    pub(crate) fn json(&self) -> Json {
        // Strings are always valid JSON.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// An error, in the form in which the file stores it.
    pub(crate) fn json_of(error: &Error) -> Json {
        Self::of(error).json()
    }

    /// What an error that is [about a row](Error::is_about_a_row) says about it.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Unfit { reason, .. } => Self::Unreadable { reason: reason.clone() },
            Error::ForeignKey { .. } => Self::ParentMissing,
            other => Self::BreaksRule {
                reason: other.to_string(),
            },
        }
    }
}

/// A row that has arrived and cannot be kept as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    /// Which.
    pub key: Key,
    /// The revision of the row or of its tombstone.
    pub revision: i64,
    /// Why it cannot be kept.
    pub why: WhyNotKept,
}

impl Unread {
    /// As the file lists it, to be asked for in the next round.
    pub(crate) fn entry(self) -> NotKeptEntry {
        NotKeptEntry {
            entity: self.key.table.name.to_owned(),
            id: self.key.id,
            revision: self.revision,
            why: self.why.json(),
            tries: 0,
            next_try: 0,
        }
    }
}
