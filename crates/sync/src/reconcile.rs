//! When a file cannot simply go on from where it was.
//!
//! - The server was **restored from a backup**: revisions that the file has seen are gone, and their numbers are given
//!   to other transactions. The marks of revisions show that, and show the last one that both have in common: the
//!   *fork*.
//! - The server has **forgotten deletions** that the file has not heard of: then whatever is missing there was deleted.
//!
//! For every record that the file has seen after the fork, the server is asked what it has; of all others it has what
//! the file has seen, unless it is newer. With that, `restate` rewrites what the file knows about a record as if it had
//! last been in touch at the fork:
//!
//! | seen after the fork | the server has | it becomes |
//! |---|---|---|
//! | a row | the row as it was before | an edit of that row, which waits |
//! | a row | another row, newer than the fork | a row of its own: both are merged, and what differs is parked |
//! | a row | the tombstone from before | a row that was brought back over that tombstone |
//! | a row | a newer tombstone | a row that was edited here and deleted there |
//! | a row | nothing | a new row, which waits |
//! | a deletion | the row as it was before | a deletion, which waits |
//! | a deletion | a row that is newer than the fork | a row of its own, as it was deleted: it is back, a conflict says so |
//! | a deletion | a tombstone, or nothing | done |
//!
//! A deletion of which the server had nothing any more when it was last asked has no revision. It is asked about as
//! well: a server that is restored once more may have the row as it was before, and then the deletion waits. If
//! somebody has sent the record since, it is back, and a conflict says so: whether they had not heard of the deletion,
//! or had and brought the record back, nobody can tell. It makes no difference which of the two comes first: a
//! forgotten deletion is answered by the [plan](mod@crate::plan) in the same way.
//!
//! Then everything is [applied](mod@crate::apply) by the everyday rules, in the same local transaction. So what the
//! server forgot goes back to it from whichever device comes first, and the others find it there already; what it has
//! deleted since stays deleted.

use std::collections::HashMap;
use std::fmt;

use colophon_store::schema::Value;
use colophon_store::{Result, Seen};
use serde::Serialize;

use crate::apply::{Care, Policy, next_change, whole_record};
use crate::local::{Deleted, Key, LocalRow, LocalTransaction, ParkedKind, Pending, Record, park_once};
use crate::merge::say_the_same;
use crate::not_kept::{Unread, WhyNotKept};
use crate::remote::{Incoming, Pulled, Whereabouts};

/// Why the two had to be reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The server was restored from a backup.
    ServerRestored,
    /// It had forgotten deletions that this file had not heard of.
    DeletionsForgotten,
}

/// The result of reconciling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Why it was needed.
    pub cause: Cause,
    /// The last revision that both had in common.
    pub fork: i64,
    /// How many records the server had forgotten, as this file has seen them; they go back to it.
    pub forgotten: u64,
    /// How many records here had been deleted there without this file hearing of it.
    pub gone: u64,
}

impl fmt::Display for Reconciled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            Cause::ServerRestored => write!(
                out,
                "the server was brought back from a backup; {} records that it had forgotten since revision {} are sent to it again",
                self.forgotten, self.fork
            ),
            Cause::DeletionsForgotten => write!(
                out,
                "this file was away for longer than the server remembers deletions; everything was compared, and {} records are gone \
                 that others had deleted",
                self.gone
            ),
        }
    }
}

impl Reconciled {
    pub(crate) fn new(cause: Cause, fork: i64) -> Self {
        Self {
            cause,
            fork,
            forgotten: 0,
            gone: 0,
        }
    }
}

/// Whether a file can go on from what it has seen; if not, why.
pub(crate) fn breach(cursor: i64, newest: Option<Seen>, pulled: &Pulled) -> Option<Cause> {
    if pulled.is_forked || pulled.head.revision < cursor {
        Some(Cause::ServerRestored)
    } else if newest.is_some() && cursor < pulled.head.purge_floor {
        Some(Cause::DeletionsForgotten)
    } else {
        None
    }
}

/// Rewrites what the file knows as if it had last been in touch at the fork, and adds to what has arrived the deletions
/// that nobody reported.
pub(crate) fn restate(
    tx: &dyn LocalTransaction,
    policy: Policy,
    reconciled: &mut Reconciled,
    there: &Whereabouts,
) -> Result<Pulled> {
    let tables = policy.tables;
    let Whereabouts { pulled, present } = there;
    let mut pulled = pulled.clone();
    let fork = reconciled.fork;
    let (rows, tombstones) = (pulled.rows.positions(), pulled.deletions.positions());
    // What could not be read exists nevertheless.
    let unread: HashMap<Key, i64> = pulled.unread.iter().map(|row| (row.key, row.revision)).collect();
    let mut not_kept = Vec::new();
    for key in tx.known_between(tables, fork, i64::MAX)? {
        if unread.contains_key(&key) {
            continue;
        }
        let row = rows.get(&key).map_or(Ok(None), |position| pulled.rows.get(*position))?;
        let tombstone = tombstones
            .get(&key)
            .map_or(Ok(None), |position| pulled.deletions.get(*position))?;
        let there = match (&row, &tombstone) {
            (Some(row), _) => There::Row(row),
            (None, Some(tombstone)) => There::Tombstone(tombstone),
            (None, None) => There::Nothing,
        };
        match carefully(tx, policy.care, &mut || restate_record(tx, key, fork, there))? {
            Ok(is_forgotten) => reconciled.forgotten += u64::from(is_forgotten),
            Err(why) => not_kept.push(Unread {
                key,
                revision: pulled.head.revision,
                why,
            }),
        }
    }
    // Somebody has made the newer ones again since.
    let cursor = tx.device()?.map_or(0, |device| device.cursor);
    for key in tx.gone_everywhere(tables)? {
        let position = rows.get(&key).copied();
        let position = position.filter(|position| {
            pulled
                .rows
                .revision(*position)
                .is_some_and(|revision| revision <= cursor)
        });
        if let Some(row) = position.map_or(Ok(None), |position| pulled.rows.get(position))? {
            delete_again(tx, &tx.record(key)?, &row)?;
            reconciled.forgotten += 1;
        }
    }
    let mut unheard = Vec::new();
    for key in tx.known_between(tables, 0, fork)? {
        if !present.contains(&key) && !tombstones.contains_key(&key) && !unread.contains_key(&key) {
            unheard.extend(gone(tx, key, pulled.head.revision)?.then_some(key));
        }
    }
    // Children first, as they come from the server.
    unheard.reverse();
    reconciled.gone = unheard.len() as u64;
    pulled.unheard = unheard;
    pulled.unread.extend(not_kept);
    Ok(pulled)
}

/// Does something to one record. With care, it undoes only itself if the record is in the way, and says why.
fn carefully(
    tx: &dyn LocalTransaction,
    care: Care,
    body: &mut dyn FnMut() -> Result<bool>,
) -> Result<std::result::Result<bool, WhyNotKept>> {
    if care == Care::AllAtOnce {
        return body().map(Ok);
    }
    let mut came_to = false;
    let attempted = tx.attempt(&mut || {
        came_to = body()?;
        Ok(())
    });
    match attempted {
        Err(error) if error.is_about_a_row() => Ok(Err(WhyNotKept::of(&error))),
        attempted => attempted.map(|()| Ok(came_to)),
    }
}

/// What the server has of a record.
#[derive(Clone, Copy)]
enum There<'p> {
    Row(&'p Incoming),
    Tombstone(&'p Incoming),
    Nothing,
}

/// Whether the server has forgotten what the file has seen of the record.
fn restate_record(tx: &dyn LocalTransaction, key: Key, fork: i64, there: There<'_>) -> Result<bool> {
    let record = tx.record(key)?;
    match (&record.row, there) {
        (Some(row), There::Row(incoming)) if is_in_step(&record, row, incoming) => return Ok(false),
        (Some(row), There::Row(incoming)) if incoming.revision <= fork || has_seen(&record, row, incoming) => {
            base_on(tx, &record, row, incoming, false)?;
        }
        (Some(row), There::Tombstone(incoming)) if incoming.revision <= fork => {
            base_on(tx, &record, row, incoming, true)?;
        }
        (Some(row), _) => make_new(tx, key, row)?,
        (None, There::Row(incoming)) if incoming.revision <= fork || deletes(&record, incoming) => {
            delete_again(tx, &record, incoming)?;
        }
        (None, There::Row(incoming)) => undo_deletion(tx, &record, incoming)?,
        // Both have deleted it; the server's version comes with the rest.
        (None, There::Tombstone(_)) => return Ok(false),
        (None, There::Nothing) => {
            forget_deletion(tx, key, &record)?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether there is nothing of ours, and the very same row is here.
fn is_in_step(record: &Record, row: &LocalRow, incoming: &Incoming) -> bool {
    record.pending.is_none() && row.revision == incoming.revision && row.values == incoming.values
}

/// Whether the file has seen the record as the server has it, under whatever revision: for instance its own push, which
/// it had no time to see come back.
fn has_seen(record: &Record, row: &LocalRow, incoming: &Incoming) -> bool {
    let seen = match &record.pending {
        Some(pending) if pending.base_is_tombstone => None,
        Some(pending) => pending.base.as_deref(),
        None => Some(row.values.as_slice()),
    };
    seen.is_some_and(|seen| say_the_same(incoming.key.table, seen, &incoming.values))
}

/// Makes the row an edit of what the server has.
fn base_on(
    tx: &dyn LocalTransaction,
    record: &Record,
    row: &LocalRow,
    incoming: &Incoming,
    is_tombstone: bool,
) -> Result<()> {
    let revision = incoming.revision;
    let values = row.values.clone();
    tx.write_row(incoming.key, &LocalRow { values, revision })?;
    let pending = Pending {
        base: Some(incoming.values.clone()),
        base_revision: revision,
        base_is_tombstone: is_tombstone,
        change: next_change(record),
    };
    tx.set_pending(incoming.key, Some(&pending))
}

/// Makes the row one that the server never had.
fn make_new(tx: &dyn LocalTransaction, key: Key, row: &LocalRow) -> Result<()> {
    let values = row.values.clone();
    tx.write_row(key, &LocalRow { values, revision: 0 })?;
    tx.set_pending(key, None)
}

/// Whether a deletion waits here, and the server has exactly what it deletes. If the server has had the deletion,
/// whoever sent the record since may have heard of it and wanted to bring the record back.
fn deletes(record: &Record, incoming: &Incoming) -> bool {
    let waits = record.pending.as_ref().filter(|pending| !pending.is_at_rest());
    let seen = waits.and_then(|pending| pending.base.as_deref());
    seen.is_some_and(|seen| say_the_same(incoming.key.table, seen, &incoming.values))
}

/// Makes the deletion wait again.
fn delete_again(tx: &dyn LocalTransaction, record: &Record, incoming: &Incoming) -> Result<()> {
    if let Some(deleted) = &record.deleted {
        let content = deleted.content.clone();
        tx.set_deleted(incoming.key, Some(&Deleted { content, revision: 0 }))?;
    }
    let pending = Pending {
        base: Some(incoming.values.clone()),
        base_revision: incoming.revision,
        base_is_tombstone: false,
        change: next_change(record),
    };
    tx.set_pending(incoming.key, Some(&pending))
}

/// Somebody who may have known nothing of the deletion has sent the record: it is back, as a row of its own. A unique
/// value that another row has by now stays given up, as it was with the deletion.
fn undo_deletion(tx: &dyn LocalTransaction, record: &Record, incoming: &Incoming) -> Result<()> {
    let key = incoming.key;
    let Some(deleted) = &record.deleted else {
        return Ok(());
    };
    park_once(tx, &whole_record(key, ParkedKind::DeletionUndone, incoming.revision))?;
    let mut values = deleted.content.clone();
    for column in key.table.unique.iter().filter_map(|name| key.table.position(name)) {
        if values[column] != Value::Null && tx.holder(key.table, column, &values[column])?.is_some() {
            values[column] = Value::Null;
        }
    }
    tx.write_row(key, &LocalRow { values, revision: 0 })?;
    tx.set_pending(key, None)?;
    tx.set_deleted(key, None)
}

/// The server has neither the record nor its tombstone, so the deletion waits for nothing. It gets no revision: what
/// was deleted here is not something that a tombstone keeps, and must not be mistaken for it when the record comes
/// back. A server that is restored to an earlier state has the record again, and is asked about it (`gone_everywhere`).
fn forget_deletion(tx: &dyn LocalTransaction, key: Key, record: &Record) -> Result<()> {
    tx.set_pending(key, None)?;
    if let Some(deleted) = &record.deleted {
        let content = deleted.content.clone();
        tx.set_deleted(key, Some(&Deleted { content, revision: 0 }))?;
    }
    Ok(())
}

/// A record that both had at the fork, and of which the server has not even a tombstone: it was deleted, and the
/// deletion was forgotten. Returns whether the row here must go, too.
fn gone(tx: &dyn LocalTransaction, key: Key, revision: i64) -> Result<bool> {
    let record = tx.record(key)?;
    match (&record.row, &record.pending) {
        (Some(_), None) => Ok(true),
        // Of what was deleted there, the server need not have more than that.
        (_, Some(pending)) if pending.base_is_tombstone => Ok(false),
        (Some(_), Some(_)) => make_new_again(tx, key, revision).map(|()| false),
        // What waits may exist there, hidden from this login: whoever sends it is told.
        (None, Some(pending)) if !pending.is_at_rest() => Ok(false),
        (None, Some(_)) => forget_deletion(tx, key, &record).map(|()| false),
        (None, None) => Ok(false),
    }
}

/// A row that was edited here, or brought back, and of which the server has nothing any more: the edit wins. It is
/// taken as deleted there only if the server may have forgotten the deletion; otherwise the server hides the row from
/// this login, and says so when the row comes.
pub(crate) fn make_new_again(tx: &dyn LocalTransaction, key: Key, purge_floor: i64) -> Result<()> {
    let record = tx.record(key)?;
    let Some(row) = &record.row else {
        return forget_deletion(tx, key, &record);
    };
    let pending = record.pending.as_ref();
    let deleted_there = pending.filter(|pending| !pending.base_is_tombstone && pending.base_revision < purge_floor);
    if let Some(pending) = deleted_there {
        park_once(tx, &whole_record(key, ParkedKind::DeletedThere, pending.base_revision))?;
    }
    make_new(tx, key, row)
}
