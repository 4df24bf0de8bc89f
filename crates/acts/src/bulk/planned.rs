//! What a preview has found out about each record.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use uuid::Uuid;

/// The most records that are listed with the reason why they cannot be changed; the others are only counted.
const REFUSED_LISTED_MAX: usize = 1_000;

/// A record that would differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub(super) id: Uuid,
    /// A digest of what it said when it was looked at.
    pub(super) before: u64,
}

/// A record that cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The record.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it says; of a long text, its beginning.
    pub before: String,
    /// Why that stays, in words.
    pub reason: String,
}

/// A record that would differ, as a person is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The record.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it says; of a long text, the part in which the two differ.
    pub before: String,
    /// What it would say.
    pub after: String,
}

/// All of it, as it is gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) planned: Vec<Planned>,
    pub(super) refused: Vec<Refused>,
    pub(super) refused_total: u64,
    pub(super) unchanged: u64,
}

impl Gathered {
    pub(super) fn plan(&mut self, id: Uuid, before: &str) {
        let before = digest(before);
        self.planned.push(Planned { id, before });
    }

    pub(super) fn refuse(&mut self, refused: impl FnOnce() -> Refused) {
        self.refused_total += 1;
        if self.refused.len() < REFUSED_LISTED_MAX {
            self.refused.push(refused());
        }
    }
}

/// What two texts have in common if nobody has changed one into the other.
pub(super) fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
