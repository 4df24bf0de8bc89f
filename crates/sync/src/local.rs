//! The local file, as the rules of the sync see it.
//!
//! The rules work on these traits and not on SQLite, so that one and the same code runs on real files and, millions of
//! times, in a simulation whose files are maps in memory. [`file`](crate::file) is the real one.
//!
//! A record is in one of a few states here ([`Record`]):
//!
//! | row | pending | deleted | meaning |
//! |---|---|---|---|
//! | revision > 0 | – | – | in step |
//! | revision > 0 | yes | – | changed here; `base` keeps what the server had |
//! | revision 0 | – | – | made here, never on the server |
//! | revision 0 | yes | – | the same, and changed while a batch was under way |
//! | – | yes | yes | deleted here, and the server may not know it yet |
//! | – | – | yes | deleted; with a revision, on the server too |
//! | – | – | – | never heard of |

use std::collections::HashSet;

use colophon_catalogue::alike::MadeHere;
use colophon_catalogue::conflict::{Conflict, ConflictId};
use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_store::{Columns as _, EntityId as _};
pub use colophon_store::{Deleted, LocalRow, Pending, Record};
use colophon_store::{InFlight, LocalDevice, Outgoing, Result, Seen, Sent, ServerClock, Uptime, Waiting};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub use crate::key::Key;
use crate::not_kept::NotKept;
use crate::quarantined_row::QuarantinedRow;
use crate::server_clock::Moment;

/// Parks what could not stand, unless that is already known: through an open conflict with the same values, or through
/// this very one, settled or not. Returns whether it was news.
pub(crate) fn park_once(tx: &dyn LocalTransaction, parked: &Parked) -> Result<bool> {
    let conflict = tx.record(Key {
        table: Conflict::TABLE,
        id: parked.conflict_id(),
    })?;
    // Of what is said about a conflict itself, the later word simply stands.
    let is_news = !holds_conflicts(parked.key.table)
        && conflict.row.is_none()
        && conflict.deleted.is_none()
        && !tx.is_parked(parked)?;
    if is_news {
        tx.park(parked)?;
    }
    Ok(is_news)
}

/// Whether the rows of a table are the records of conflicts, which are treated differently: they go up first, and are
/// not worth a conflict of their own.
pub(crate) fn holds_conflicts(table: &Table) -> bool {
    table == Conflict::TABLE
}

/// Something that two people said differently, of which only one version could stand. Nobody has decided yet: it is
/// kept until somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The record.
    pub key: Key,
    /// What happened.
    pub kind: ParkedKind,
    /// What the server had before both, if anything is known about that.
    pub base: Option<Value>,
    /// What was said here.
    pub mine: Option<Value>,
    /// What was said there.
    pub theirs: Option<Value>,
    /// When that was said there.
    pub theirs_at: Option<Timestamp>,
    /// Who said it there.
    pub theirs_by: Option<String>,
    /// For a whole record, which of its stories this is: the revision of what came from the server, or of what was last
    /// seen there.
    pub revision: i64,
}

impl Parked {
    /// The id of the conflict that records this. It follows from what the conflict is about, so if several devices
    /// notice the same thing, for instance after the server was restored from a backup, they make one conflict of it,
    /// and nobody is asked again what somebody has settled. Other values, or another story of the record, are another
    /// conflict.
    pub fn conflict_id(&self) -> Uuid {
        let mut parts = vec![self.key.table.name.to_owned(), self.key.id.to_string()];
        match self.kind {
            ParkedKind::Field { column, .. } => parts.extend(["field", column].map(str::to_owned)),
            ParkedKind::SameValue { column, holder } => {
                parts.extend(["same_value", column].map(str::to_owned));
                parts.push(holder.to_string());
            }
            ParkedKind::SameRecord { first } => {
                return ConflictId::whether_same(self.key.table.name, self.key.id, first).uuid();
            }
            ParkedKind::DeletedThere => parts.push("deleted_there".to_owned()),
            ParkedKind::DeletionUndone => parts.push("deletion_undone".to_owned()),
            ParkedKind::ParentCameBack => parts.push("parent_came_back".to_owned()),
        }
        for value in [&self.base, &self.mine, &self.theirs] {
            parts.push(
                value
                    .as_ref()
                    .map_or(String::new(), |value| value.to_json().to_string()),
            );
        }
        if matches!(
            self.kind,
            ParkedKind::DeletedThere | ParkedKind::DeletionUndone | ParkedKind::ParentCameBack
        ) {
            parts.push(self.revision.to_string());
        }
        ConflictId::about(parts.iter().map(String::as_str)).uuid()
    }
}

/// Why something was parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParkedKind {
    /// A field got two values. The later one stands.
    Field {
        /// The field.
        column: &'static str,
        /// Whether what was said here stands.
        mine_stands: bool,
    },
    /// It was edited here and deleted there. The edit stands.
    DeletedThere,
    /// It was deleted here and edited there, or is needed there. It is back.
    DeletionUndone,
    /// It was deleted there, but something new here refers to it. It is back.
    ParentCameBack,
    /// Two records got the same value, which must be unique. This one gave it up.
    SameValue {
        /// The field.
        column: &'static str,
        /// The record that has it.
        holder: Uuid,
    },
    /// It looks the same as another one, and whoever made either had not seen the other.
    SameRecord {
        /// The one that was made first.
        first: Uuid,
    },
}

/// When something was edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edited {
    /// By the wall clock, as it stood then.
    pub at: Timestamp,
    /// By the clock that nobody can set, if it was noted.
    pub uptime: Option<Uptime>,
}

/// One snapshot of the file.
pub trait LocalView {
    /// This installation; `None` before it has met a server.
    fn device(&self) -> Result<Option<LocalDevice>>;
    /// The revisions of the server that the file was in step with, ascending.
    fn seen(&self) -> Result<Vec<Seen>>;
    /// The numbers of those after a revision. Those after the cursor are the ones that the file has made itself and was
    /// told of.
    fn seen_after(&self, revision: i64) -> Result<Vec<i64>>;
    /// The records that it last saw on the server at a revision after the first of these and up to the second.
    fn known_between(&self, tables: &[&'static Table], after: i64, up_to: i64) -> Result<Vec<Key>>;
    /// The records that are deleted here, and of which the server had nothing when it was last asked: neither the row
    /// nor a tombstone.
    fn gone_everywhere(&self, tables: &[&'static Table]) -> Result<Vec<Key>>;
    /// What is known about one record.
    fn record(&self, key: Key) -> Result<Record>;
    /// All records that are pending.
    fn pending_keys(&self, tables: &[&'static Table]) -> Result<Vec<Key>>;
    /// All rows that wait for the server, those of one transaction together, earlier transactions first.
    fn waiting(&self, tables: &[&'static Table]) -> Result<Vec<Waiting>>;
    /// Whether any row waits.
    fn is_any_waiting(&self, tables: &[&'static Table]) -> Result<bool> {
        Ok(!self.waiting(tables)?.is_empty())
    }
    /// How many rows wait.
    fn waiting_count(&self, tables: &[&'static Table]) -> Result<u64>;
    /// The batches whose fate is not known, in ascending order of their numbers.
    fn in_flight(&self) -> Result<Vec<InFlight>>;
    /// The quarantined rows of this file.
    fn quarantined(&self) -> Result<Vec<QuarantinedRow>>;
    /// The rows of the server that the file could not keep.
    fn not_kept(&self) -> Result<Vec<NotKept>>;
    /// The row that has a value in a column whose values are unique.
    fn holder(&self, table: &'static Table, column: usize, value: &Value) -> Result<Option<Uuid>>;
    /// Whether any row refers to this one.
    fn is_referred_to(&self, key: Key) -> Result<bool>;
    /// The records that look the same, one of them among those that came from others and the other made here. Each is
    /// named by the one that was made later, together with the one that was made first.
    fn alike(&self, came: &[Key], made: MadeHere<'_>) -> Result<Vec<(Key, Uuid)>> {
        let _ = (came, made);
        Ok(Vec::new())
    }
    /// Whether exactly this was parked before, by whichever device, and nobody has settled it yet.
    fn is_parked(&self, parked: &Parked) -> Result<bool>;
    /// The columns of a table here that the server has no room for.
    fn lacks(&self, table: &'static Table) -> ColumnSet {
        let _ = table;
        ColumnSet::default()
    }
    /// The column of a rule that the fields of a row break together, if one of the touched fields is among them.
    fn broken_together(&self, table: &'static Table, values: &[Value], touched: ColumnSet) -> Option<usize> {
        let _ = (table, values, touched);
        None
    }
    /// The columns in which the file was last in step, each with its table; those that are [being taken
    /// up](colophon_store::being_taken_up); and, with an empty name, tables that are.
    fn in_step(&self) -> Result<HashSet<(String, String)>>;
    /// The last edit of a field of a pending record, if its value comes from that edit, as far as the journal knows.
    fn edited_at(&self, key: Key, column: usize, value: &Value) -> Result<Option<Edited>>;
    /// The same for many fields.
    fn edits_of(&self, fields: &[(Key, usize, &Value)]) -> Result<Vec<Option<Edited>>>;
    /// How far the server's clock is ahead of the clock of one of this device's starts, if that was ever measured.
    fn server_clock(&self, boot: Uuid) -> Result<Option<ServerClock>>;
}

/// One transaction on the file. Nothing that is written through it is an edit: it is neither captured nor journalled.
pub trait LocalTransaction: LocalView {
    /// This installation, which gets its id now if it has none.
    fn device_or_new(&self) -> Result<LocalDevice>;
    /// Makes this installation another one, whose batches are counted from the start.
    fn renew_device(&self) -> Result<LocalDevice>;
    /// Notes which central database the file belongs to.
    fn set_incarnation(&self, incarnation: Uuid) -> Result<()>;
    /// Everything up to this revision is in the file.
    fn set_cursor(&self, seen: Seen) -> Result<()>;
    /// The server has this revision, and what this file sent is in it.
    fn keep_seen(&self, seen: Seen) -> Result<()>;
    /// Stores how far the server's clock is ahead.
    fn keep_server_clock(&self, clock: &ServerClock) -> Result<()>;
    /// Notes that the server turns out to have been restored from a backup.
    fn note_restore(&self) -> Result<()>;
    /// What was seen of the server after this revision no longer exists there.
    fn forget_seen_after(&self, revision: i64) -> Result<()>;

    /// From now on the file is in step with all columns of these tables.
    fn set_in_step(&self, tables: &[&'static Table]) -> Result<()>;
    /// Makes all rows of a table wait that have a value in one of these columns, which the server has never had from
    /// here, and keeps what deletions took along there. Once for each column, until the file is in step with it, but
    /// again while a batch is under way.
    fn note_unsaid(&self, table: &'static Table, columns: ColumnSet) -> Result<()>;
    /// Makes every row of a table one that the server never had, because it had no such table. Once, until the file is
    /// in step with it.
    fn make_all_new(&self, table: &'static Table) -> Result<()>;

    /// Writes a row as it is, whether or not it is there already.
    fn write_row(&self, key: Key, row: &LocalRow) -> Result<()>;
    /// Removes a row, if it is there.
    fn erase_row(&self, key: Key) -> Result<()>;
    /// Notes a record as pending, or as not pending any more.
    fn set_pending(&self, key: Key, pending: Option<&Pending>) -> Result<()>;
    /// Remembers or forgets a deletion.
    fn set_deleted(&self, key: Key, deleted: Option<&Deleted>) -> Result<()>;
    /// Notes that the server received a value from here and turned it into another by a rule of its own.
    fn note_rewritten(&self, key: Key, column: usize, value: &Value) -> Result<()>;
    /// Parks what could not stand, as a new conflict that all devices will see.
    fn park(&self, parked: &Parked) -> Result<()>;

    /// Visits those of these rows that still wait, as they are now, until the visitor has seen enough (`false`).
    fn visit_outgoing(&self, rows: &[Waiting], visit: &mut dyn FnMut(Outgoing) -> Result<bool>) -> Result<()>;
    /// Keeps a batch and gives it the next number of this device.
    fn keep_in_flight(&self, rows: &[Sent]) -> Result<InFlight>;
    /// Forgets a batch that the server did not accept and never will.
    fn forget_in_flight(&self, number: i64) -> Result<()>;
    /// Drops from the pending rows those that the server never had and that are gone. Only while nothing is in flight.
    fn forget_unsent_deletions(&self) -> Result<()>;
    /// The server has a batch at this revision, except what is quarantined. Returns how many rows it has taken.
    fn acknowledge(
        &self,
        tables: &[&'static Table],
        number: i64,
        revision: i64,
        is_quarantined: &dyn Fn(&'static Table, Uuid) -> bool,
    ) -> Result<u64>;
    /// Quarantines a row that the server did not take, in place of an earlier reason.
    fn add_quarantined(&self, row: &QuarantinedRow) -> Result<()>;
    /// Gives a quarantined row another chance.
    fn drop_quarantined(&self, key: Key) -> Result<()>;
    /// Lists a row of the server that could not be kept, in place of an earlier reason.
    fn add_not_kept(&self, row: &NotKept) -> Result<()>;
    /// Such a row has now been kept, or no longer exists.
    fn drop_not_kept(&self, key: Key) -> Result<()>;
    /// Runs a part that, if it fails, undoes only itself, so that the rest of the transaction can go on.
    fn attempt(&self, part: &mut dyn FnMut() -> Result<()>) -> Result<()>;
}

/// A file that is read and written in transactions.
pub trait LocalFile: Send + Sync {
    /// Reads in one snapshot.
    fn read<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalView) -> Result<T> + Send + 'static;

    /// Writes in one transaction: all of it or nothing.
    fn write<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalTransaction) -> Result<T> + Send + 'static;

    /// The time, by both of this device's clocks.
    fn moment(&self) -> Moment;

    /// The time, by the wall clock.
    fn now(&self) -> Timestamp {
        self.moment().wall
    }
}

/// When something was edited, by the server's clock: derived from the start after which it was made, if the server was
/// heard from during that start, and otherwise from the wall clock, corrected by how far that is off now.
pub(crate) fn time_there(
    view: &dyn LocalView,
    edited: &Edited,
    clock_offset: SignedDuration,
) -> Result<Option<Timestamp>> {
    if let Some(uptime) = edited.uptime
        && let Some(clock) = view.server_clock(uptime.boot)?
    {
        return Ok(Timestamp::from_microsecond(uptime.micros + clock.ahead).ok());
    }
    Ok(edited.at.checked_add(clock_offset).ok())
}
