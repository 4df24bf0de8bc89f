//! The central catalogue, as the rules of the sync see it: what a round asks of it, and nothing else.
//!
//! [`central`](crate::central) is the real one; a simulation has another.

use std::collections::HashSet;
use std::time::Duration;

use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_store::{InFlight, Seen, ServerClock};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::central::{Batch, Device, Head, Outcome, Result};
use crate::key::Key;
use crate::not_kept::Unread;
use crate::pile::Pile;
use crate::shared::Shared;

/// Where the central catalogue stands, as a device has just seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// Its head.
    pub head: Head,
    /// How far its clock is ahead, according to the best measurement.
    pub clock: ServerClock,
    /// Whether there is something new.
    pub news: News,
}

/// What makes a device believe that the server has something it has not seen, or that it has nothing new. If that is
/// wrong, it costs a pull for nothing, or a batch that is quarantined as a whole; the end of a round asks the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The head was read just now, and says so itself.
    ByHead,
    /// A moment ago there was nothing, and then a hint came.
    Hinted,
    /// A moment ago there was nothing, and no hint has come since.
    NotHinted,
}

/// What a device wants to know.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// Everything up to this revision is known already.
    pub after: i64,
    /// Among the later ones, those that its file has made itself and was told of. Neither the name of the device nor
    /// the numbers of its batches identify them: a copy of the file has the same name, and uses the same numbers.
    pub own: Vec<i64>,
    /// The newest revision whose mark its file knows.
    pub newest: Option<Seen>,
    /// All synchronised tables, parents first.
    pub tables: &'static [&'static Table],
    /// The records that wait here.
    pub waiting: WaitingHere,
}

/// The records that wait on a device: for these it is worth asking when which field was changed on the server, and by
/// whom.
#[derive(Debug, Clone, Default)]
pub struct WaitingHere {
    /// Which.
    pub records: HashSet<Key>,
    /// Their changes up to this revision are already known.
    pub told_up_to: i64,
}

/// What a device wants to know that cannot simply go on from where it was.
#[derive(Debug, Clone)]
pub struct ReconcileRequest {
    /// Whatever is newer there than this is wanted.
    pub after: i64,
    /// The last revision that both have in common, as has just been found out.
    pub fork: Option<Seen>,
    /// Records about which the device knows something that the server may have forgotten: for these it wants what the
    /// server has, whatever its revision.
    pub asked: HashSet<Key>,
    /// The records for which it wants to know when which field was changed there since, and by whom.
    pub waiting: WaitingHere,
    /// All synchronised tables, parents first.
    pub tables: &'static [&'static Table],
    /// Whether the ids of all records are wanted as well: a record that is not among them was deleted.
    pub lists_all: bool,
}

/// The answer, from one snapshot.
#[derive(Debug, Clone)]
pub struct Whereabouts {
    /// What is newer, and what was asked for. Nothing in it counts as the device's own.
    pub pulled: Pulled,
    /// All records that exist, if that was asked for.
    pub present: HashSet<Key>,
}

/// What has changed on the server, from one snapshot: every central transaction is in it either completely or not at
/// all.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// Where the catalogue stood. Once this is applied, everything up to its revision is known.
    pub head: Head,
    /// Whether the server no longer knows the revision that the request is based on.
    pub is_forked: bool,
    /// Rows that were written, parents before children.
    pub rows: Pile,
    /// Rows that were deleted, children before parents.
    pub deletions: Pile,
    /// Local rows that the server no longer has, and whose deletion it does not report: they are as they are here.
    /// Children before parents.
    pub unheard: Vec<Key>,
    /// Those that could not be read.
    pub unread: Vec<Unread>,
}

/// A record that has changed on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Which.
    pub key: Key,
    /// The row; for a deletion, its last content.
    pub values: Vec<Value>,
    /// The revision of the row or of its tombstone.
    pub revision: i64,
    /// Whether this very file wrote it.
    pub is_own: bool,
    /// Who changed it last, and when which field was changed; only for records that wait here.
    pub story: Option<Story>,
}

/// What a device wants to know about what there was no room for until now.
#[derive(Debug, Clone)]
pub struct AdditionsRequest {
    /// Which table.
    pub table: &'static Table,
    /// The columns in which its file has not been in step.
    pub columns: ColumnSet,
    /// Only of records with greater ids.
    pub after: Option<Uuid>,
    /// Whether the table itself is new to the file, so that every row is wanted.
    pub is_new: bool,
    /// The records of the table that wait here.
    pub waiting: WaitingHere,
}

/// A part of it, from one snapshot, in the order of ids.
#[derive(Debug, Clone)]
pub struct Additions {
    /// Where the catalogue stood.
    pub head: Head,
    /// Rows that have a value in one of the columns.
    pub rows: Pile,
    /// Tombstones that do.
    pub deletions: Pile,
    /// Those, of either kind, that could not be read.
    pub unread: Vec<Unread>,
    /// The greatest id of this part; `None` when there are no more.
    pub last: Option<Uuid>,
}

impl Additions {
    /// Keeps nothing beyond the end of this part.
    pub(crate) fn end_at_last(&mut self) {
        let Some(last) = self.last else { return };
        self.rows.retain(|key| key.id <= last);
        self.deletions.retain(|key| key.id <= last);
        self.unread.retain(|one| one.key.id <= last);
    }
}

/// What the server remembers about the changes of one record since the asking device was last told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Story {
    /// The last change of each field that was changed.
    pub fields: Vec<FieldStory>,
    /// Who made the last change of the record, including its deletion: a device of ours, or else a login.
    pub by: Option<String>,
}

/// The last change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldStory {
    /// The position of its column.
    pub column: usize,
    /// When it was edited, by the server's clock.
    pub at: Timestamp,
    /// Who edited it: a device of ours, or else a login.
    pub by: String,
}

impl Story {
    /// The last change of a field, if it was changed.
    pub fn of_field(&self, column: usize) -> Option<&FieldStory> {
        self.fields.iter().find(|field| field.column == column)
    }
}

/// A central catalogue that a round speaks to.
pub trait RemoteCatalogue: Send {
    /// What both know of these tables: everything, unless the server is at another version.
    fn shared(&self, tables: &'static [&'static Table]) -> Shared {
        Shared::all(tables)
    }
    /// Where it stands.
    fn head(&mut self) -> BoxFuture<'_, Result<Head>>;
    /// What became of a batch of this device; `None` if it never arrived, and then it never will.
    /// [`Error::BatchNumberUsed`](crate::central::Error::BatchNumberUsed) if another one arrived under its number, or a
    /// later one: then the file is a copy, and so is the device.
    fn fate<'c>(&'c mut self, device: &'c Device, batch: InFlight) -> BoxFuture<'c, Result<Option<Outcome>>>;
    /// The same for a login that may not write: what is known, without closing anything. `None` says nothing; the batch
    /// may still come.
    fn known_fate<'c>(&'c mut self, device: &'c Device, batch: InFlight) -> BoxFuture<'c, Result<Option<Outcome>>>;
    /// The greatest of these revisions that carries the same mark there.
    fn last_common<'c>(&'c mut self, seen: &'c [Seen]) -> BoxFuture<'c, Result<Option<Seen>>>;
    /// Everything that has changed.
    fn pull<'c>(&'c mut self, request: &'c PullRequest) -> BoxFuture<'c, Result<Pulled>>;
    /// Everything needed to go on from an earlier revision than the file has seen, or after deletions were forgotten.
    fn reconcile<'c>(&'c mut self, request: &'c ReconcileRequest) -> BoxFuture<'c, Result<Whereabouts>>;
    /// A part of what there was no room for until now.
    fn additions<'c>(&'c mut self, request: &'c AdditionsRequest) -> BoxFuture<'c, Result<Additions>>;
    /// Writes a batch in one transaction. [`Error::Forked`](crate::central::Error::Forked) if the server does not know
    /// what the device has seen.
    fn push<'c>(
        &'c mut self,
        device: &'c Device,
        batch: &'c Batch,
        tables: &'static [&'static Table],
    ) -> BoxFuture<'c, Result<Outcome>>;
    /// The same; `next` is what will be pushed after it, so its rows may be sent ahead. It is not written before its
    /// turn.
    fn push_before<'c>(
        &'c mut self,
        device: &'c Device,
        batch: &'c Batch,
        next: Option<&'c Batch>,
        tables: &'static [&'static Table],
    ) -> BoxFuture<'c, Result<Outcome>> {
        let _ = next;
        self.push(device, batch, tables)
    }
    /// Hints to other devices that there is something new.
    fn announce(&mut self, revision: i64) -> BoxFuture<'_, Result<()>>;
    /// Waits until others have finished whatever is in the way.
    fn pause(&mut self, time: Duration) -> BoxFuture<'_, ()>;
}
