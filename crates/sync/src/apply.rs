//! Applying what came from the server: it is planned and applied in one local transaction, so that no edit slips in
//! between.
//!
//! The order is what makes the rules between rows hold:
//!
//! 1. Every row that is about to change releases its values that must be unique (`unique.rs`), so that rows may swap
//!    them.
//! 2. Rows are taken (`take.rs`), parents first, then deletions, children first.
//! 3. A row without its parent brings the parent back (`parents.rs`).
//! 4. Rows that look the same as something made here are asked about (`same.rs`).
//! 5. The cursor moves.
//!
//! This is done with all rows at once, and usually nothing is in the way. If something is (a row cannot be read, or
//! breaks a rule of the file), the transaction is rolled back and the same is done [one by one](Care::OneByOne), each
//! row in a part of its own with everything that it brings about: what cannot be kept is [listed](crate::not_kept), and
//! the others are taken.
//!
//! All of this works on [`LocalTransaction`] and is the same for a real file and a simulated one.

mod joint_rules;
mod one_by_one;
mod parents;
mod same;
mod take;
mod unique;

pub(crate) use take::{next_change, whole_record};

use std::collections::{HashMap, HashSet};

use colophon_store::Result;
use colophon_store::schema::{Table, Value};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use self::one_by_one::What;
use crate::local::{
    Key, LocalFile, LocalRow, LocalTransaction, Parked, Record, holds_conflicts, park_once, time_there,
};
use crate::not_kept::Unread;
use crate::quarantine::list_not_kept;
use crate::remote::{Incoming, Pulled};

/// The result of applying.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many records changed here.
    pub taken: u64,
    /// How many values were parked.
    pub parked: u64,
    /// Rows that cannot be kept here, because what they refer to is hidden from this login.
    pub hidden: u64,
}

/// What the rules need to know besides the rows.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// All synchronised tables, parents first.
    pub tables: &'static [&'static Table],
    /// How far the server's clock is ahead of this device's.
    pub clock_offset: SignedDuration,
    /// How carefully.
    pub care: Care,
    /// The time, by this device's clock.
    pub now: Timestamp,
}

/// What happens to a row that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// It is an error, and nothing of what came with it is written.
    AllAtOnce,
    /// It is listed, and the others are taken.
    OneByOne,
}

/// Writes what came from the server: all at once, or one by one if a row is in the way.
pub(crate) async fn written<L, T, F>(local: &L, write: F) -> Result<T>
where
    L: LocalFile,
    T: Send + 'static,
    F: Fn(&dyn LocalTransaction, Care) -> Result<T> + Clone + Send + 'static,
{
    let again = write.clone();
    match local.write(move |tx| write(tx, Care::AllAtOnce)).await {
        Err(error) if error.is_about_a_row() => {
            tracing::debug!(%error, "a row is in the way; all are taken one by one");
            local.write(move |tx| again(tx, Care::OneByOne)).await
        }
        written => written,
    }
}

/// Applies everything that a pull brought.
pub fn apply(tx: &dyn LocalTransaction, policy: Policy, pulled: &Pulled) -> Result<Applied> {
    let cursor = tx.device()?.map_or(0, |device| device.cursor);
    let mut application = Application {
        tx,
        policy,
        released: HashMap::new(),
        children: Vec::new(),
        erased: Vec::new(),
        newcomers: Vec::new(),
        quarantined: quarantined_keys(tx, policy.tables)?,
        not_kept: not_kept(tx, policy.tables)?,
        unread: pulled.unread.clone(),
        cursor,
        sent_in: tx.seen_after(cursor)?,
        made_here: Vec::new(),
        applied: Applied::default(),
    };
    application.release(pulled)?;
    // What others have noticed comes first, so that it is known before the same thing is noticed here.
    let noticed = pulled.rows.iter_where(|key| holds_conflicts(key.table));
    for row in noticed.chain(pulled.rows.iter_where(|key| !holds_conflicts(key.table))) {
        application.take_carefully(&*row?, What::Row)?;
    }
    for deletion in pulled.deletions.iter() {
        application.take_carefully(&*deletion?, What::Deletion)?;
    }
    for key in &pulled.unheard {
        if let Some(deletion) = application.as_it_is(*key, pulled.head.revision)? {
            application.take_carefully(&deletion, What::Deletion)?;
        }
    }
    application.bring_parents_back()?;
    application.ask_whether_the_same()?;
    list_not_kept(tx, application.unread, policy.now)?;
    // Mere healing brings nothing new from the server.
    if tx.device()?.is_none_or(|device| device.cursor != pulled.head.revision) {
        tx.set_cursor(pulled.head.seen())?;
    }
    Ok(application.applied)
}

/// Values that a record has given up for a moment, with their columns. Not the whole record: it may be large, and there
/// are many.
type Released = Vec<(usize, Value)>;

/// An application under way.
struct Application<'a> {
    tx: &'a dyn LocalTransaction,
    policy: Policy,
    /// The values that records have released, with their columns.
    released: HashMap<Key, Released>,
    /// Rows that may refer to one that is not here.
    children: Vec<Key>,
    /// Rows that went, to which others may refer.
    erased: Vec<Key>,
    /// Rows of which nothing was known here.
    newcomers: Vec<Key>,
    /// Quarantined rows of this file.
    quarantined: HashSet<Key>,
    /// Records of which something could not be kept earlier.
    not_kept: HashSet<Key>,
    /// What cannot be kept now.
    unread: Vec<Unread>,
    /// The revision up to which everything was known before.
    cursor: i64,
    /// The later revisions that this file has made itself.
    sent_in: Vec<i64>,
    /// Rows that were made here since, and that others have changed.
    made_here: Vec<Uuid>,
    applied: Applied,
}

impl Application<'_> {
    /// A record as it was when the application began, or as an earlier step of it left it.
    fn record(&mut self, key: Key) -> Result<Record> {
        let released = self.released.remove(&key);
        self.with_released(key, released)
    }

    /// A record with the values that it has released.
    fn with_released(&self, key: Key, released: Option<Released>) -> Result<Record> {
        let mut record = self.tx.record(key)?;
        if let (Some(row), Some(released)) = (&mut record.row, released) {
            for (column, value) in released {
                row.values[column] = value;
            }
        }
        Ok(record)
    }

    /// Whether a row is our own push coming back, which matters only if there is something else of ours besides. What
    /// it says in a field that this file has never been told about is somebody else's word.
    fn is_ours(&self, record: &Record, incoming: &Incoming) -> Result<bool> {
        if !incoming.is_own || record.pending.is_none() && record.deleted.is_none() {
            return Ok(false);
        }
        let table = incoming.key.table;
        let (in_step, lacks) = (self.tx.in_step()?, self.tx.lacks(table));
        let mut told = table.columns.iter().enumerate().map(|(position, column)| {
            let is_known = in_step.contains(&(table.name.to_owned(), column.name.to_owned()));
            is_known || lacks.contains(position) || incoming.values[position] == column.unsaid()
        });
        Ok(told.all(|is_nothing_new| is_nothing_new))
    }

    /// The deletion of a row that is here, when the server reports nothing except that the row is gone.
    fn as_it_is(&self, key: Key, revision: i64) -> Result<Option<Incoming>> {
        let record = self.with_released(key, self.released.get(&key).cloned())?;
        Ok(record.row.map(|row| Incoming {
            key,
            values: row.values,
            revision,
            is_own: false,
            story: None,
        }))
    }

    /// Writes a row. If it was quarantined, there is now a different row to try.
    fn write(&mut self, key: Key, row: &LocalRow) -> Result<()> {
        if self.quarantined.remove(&key) {
            self.tx.drop_quarantined(key)?;
        }
        self.tx.write_row(key, row)
    }

    fn park(&mut self, parked: &Parked) -> Result<()> {
        // What one device has noticed, others that come after it need not say again.
        self.applied.parked += u64::from(park_once(self.tx, parked)?);
        Ok(())
    }
}

fn quarantined_keys(tx: &dyn LocalTransaction, tables: &[&'static Table]) -> Result<HashSet<Key>> {
    let rows = tx.quarantined()?.into_iter().filter_map(|row| {
        let table = tables.iter().find(|table| table.name == row.entity)?;
        Some(Key { table, id: row.id })
    });
    Ok(rows.collect())
}

fn not_kept(tx: &dyn LocalTransaction, tables: &[&'static Table]) -> Result<HashSet<Key>> {
    let rows = tx.not_kept()?.into_iter().filter_map(|row| {
        let table = tables.iter().find(|table| table.name == row.entity)?;
        Some(Key { table, id: row.id })
    });
    Ok(rows.collect())
}

/// Who did it and when, as far as the server has told us.
fn attributed(mut parked: Parked, incoming: &Incoming, column: Option<usize>) -> Parked {
    if let Some(story) = &incoming.story {
        let field = column.and_then(|column| story.of_field(column));
        parked.theirs_at = field.map(|field| field.at);
        parked.theirs_by = field.map(|field| field.by.clone()).or_else(|| story.by.clone());
    }
    parked
}

impl Policy {
    /// Whether a field was edited here later than there. If either side does not know when, the row's own time has to
    /// do.
    fn mine_is_later(
        self,
        tx: &dyn LocalTransaction,
        incoming: &Incoming,
        mine: &[Value],
        column: usize,
    ) -> Result<bool> {
        let key = incoming.key;
        let here = match tx.edited_at(key, column, &mine[column])? {
            Some(edited) => time_there(tx, &edited, self.clock_offset)?,
            None => time_of(key.table, mine).and_then(|at| at.checked_add(self.clock_offset).ok()),
        };
        let told = incoming.story.as_ref().and_then(|story| story.of_field(column));
        let there = told
            .map(|field| field.at)
            .or_else(|| time_of(key.table, &incoming.values));
        Ok(here > there)
    }
}

/// When a row was last changed, according to the row itself.
pub(crate) fn time_of(table: &Table, values: &[Value]) -> Option<Timestamp> {
    match values.get(table.position("updated_at")?) {
        Some(Value::Integer(at)) => Timestamp::from_microsecond(*at).ok(),
        _ => None,
    }
}
