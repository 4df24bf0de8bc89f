//! Who has heard of what was said.
//!
//! When a file or the server is restored from an old copy, what nobody else has heard of is gone with what was there,
//! and rightly so. Everything else must still be somewhere. To tell the two apart, every file knows which entries of
//! the log it has heard of, and so does the server, revision by revision. They travel as rows do: with a record that
//! the server has accepted, as it was when the batch was kept, and with a record that a file has taken from a revision
//! of the server. A value that was parked travels with the conflict that keeps it. That a deletion was taken back is
//! something a file says by itself, and it travels with the record as well: if the file is replaced before it is sent,
//! the deletion stands, whatever a conflict that was sent before says about it. Nobody forgets anything except by being
//! restored, so a rule that loses what was said is not excused.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use uuid::Uuid;

use crate::tables::RecordKey;

/// What an entry of the log is about: a field of a record, or, with `None`, the whole record.
pub(crate) type Topic = (RecordKey, Option<usize>);

/// Entries of the log, by their numbers, and [undoings](undoing).
type Numbers = BTreeSet<usize>;

/// The number of what a file did by itself when it took back a deletion of its own, and parked the conflict with this
/// id. Numbers of the log are never that great: the lower half of a file's id begins with the number of the device,
/// which is not zero.
pub(crate) fn undoing(conflict: Uuid) -> usize {
    usize::try_from(conflict.as_u64_pair().1).unwrap_or(usize::MAX)
}

/// What somebody has heard of. Copies share what they have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Arc<BTreeMap<Topic, Numbers>>);

impl Heard {
    /// Hears of entries about something.
    pub(crate) fn hear(&mut self, topic: Topic, numbers: &Numbers) {
        if self.0.get(&topic).is_none_or(|known| !known.is_superset(numbers)) {
            Arc::make_mut(&mut self.0).entry(topic).or_default().extend(numbers);
        }
    }

    /// What it has heard about one thing.
    pub(crate) fn about(&self, topic: Topic) -> Numbers {
        self.0.get(&topic).cloned().unwrap_or_default()
    }

    /// What it has heard about a record and its fields.
    fn of(&self, record: RecordKey) -> impl Iterator<Item = (Topic, &Numbers)> {
        let all = self.0.range((record, None)..=(record, Some(usize::MAX)));
        all.map(|(topic, numbers)| (*topic, numbers))
    }

    /// Everything.
    pub(crate) fn all(&self) -> impl Iterator<Item = usize> {
        self.0.values().flatten().copied()
    }
}

/// The server's hearing, as everybody reaches it.
pub(crate) type SharedHearing = Arc<Mutex<Hearing>>;

/// What the server has heard of, and when; and what it will hear of with a batch.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    /// By the revision that brought it.
    heard: BTreeMap<Topic, BTreeMap<i64, Numbers>>,
    /// By the token of the batch, what the file that made it had heard of at that time.
    sent: HashMap<Uuid, Heard>,
}

impl Hearing {
    /// A batch is made in a file that has heard of this.
    pub(crate) fn send(&mut self, token: Uuid, heard: Heard) {
        self.sent.insert(token, heard);
    }

    /// A batch is committed, with these of its records.
    pub(crate) fn accept(&mut self, token: Uuid, records: &[RecordKey], revision: i64) {
        let Some(sent) = self.sent.get(&token).cloned() else {
            return;
        };
        for (topic, numbers) in records.iter().flat_map(|record| sent.of(*record)) {
            self.hear(topic, revision, numbers);
        }
    }

    /// Something is written.
    pub(crate) fn hear(&mut self, topic: Topic, revision: i64, numbers: &Numbers) {
        let heard = self.heard.entry(topic).or_default();
        heard.entry(revision).or_default().extend(numbers);
    }

    /// A file takes a record as the server had it at a revision.
    pub(crate) fn tell(&self, record: RecordKey, revision: i64, file: &mut Heard) {
        for (topic, heard) in self.heard.range((record, None)..=(record, Some(usize::MAX))) {
            for numbers in heard.range(..=revision).map(|(_, numbers)| numbers) {
                file.hear(*topic, numbers);
            }
        }
    }

    /// The server is as it was at a revision.
    pub(crate) fn bring_back(&mut self, revision: i64) {
        for heard in self.heard.values_mut() {
            heard.retain(|at, _| *at <= revision);
        }
    }

    /// Everything that the server has heard of.
    pub(crate) fn all(&self) -> HashSet<usize> {
        let numbers = self.heard.values().flat_map(BTreeMap::values);
        numbers.flatten().copied().collect()
    }
}
