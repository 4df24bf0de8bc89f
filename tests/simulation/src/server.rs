//! A central catalogue in memory, with what the real one promises: one writer at a time from the first write to the
//! commit, revisions in the order of commits, tombstones, a history, and the fate of every batch.
//!
//! A transaction is prepared against what is committed and carried out at its commit. Because the head is locked in
//! between, nobody can change what it was prepared against. Readers see what is committed and wait for nobody.

mod backup;
mod corruption;
mod pull;
mod push;
mod telling;
mod versions;
mod writer;

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use colophon_store::InFlight;
use colophon_store::schema::Value;
use colophon_sync::central::{Error, Head, Outcome, Result};
use colophon_sync::local::LocalRow;
use jiff::Timestamp;
use uuid::Uuid;

use crate::heard::SharedHearing;
use crate::link::locked;
use crate::planted::Bug;
use crate::tables::{
    AUTHORS, BOOKS, CONTRIBUTIONS, RecordKey, TABLE_COUNT, TABLES, columns, id_in, references, updated_at,
};
use crate::versions::{NEWEST, Version};

pub(crate) use backup::Backup;
pub(crate) use writer::Wish;

/// A deletion, as the server remembers it.
#[derive(Debug, Clone)]
struct Tombstone {
    content: Vec<Value>,
    revision: i64,
    at: i64,
}

/// One entry of the history.
#[derive(Debug, Clone)]
struct Story {
    record: RecordKey,
    revision: i64,
    /// The fields that changed, with what they were before; for a deletion, none.
    columns: Vec<(usize, Value)>,
    /// When each was edited, if that differs from the others.
    times: BTreeMap<usize, i64>,
    /// For a deletion, what the record was.
    gone: Option<Vec<Value>>,
    at: i64,
    by: String,
}

/// A batch that was committed, or was asked about before it came, so that it may never come.
#[derive(Debug, Clone)]
struct KnownBatch {
    token: Uuid,
    outcome: Option<Outcome>,
}

/// Who writes.
#[derive(Debug, Clone)]
struct Writer {
    name: String,
    device: Option<Uuid>,
    /// How far the server's clock is ahead of the device's, according to the device, in microseconds.
    clock_offset: i64,
}

/// When fields were edited, according to the device.
type Times = Vec<(&'static str, Timestamp)>;

/// A write of a transaction.
#[derive(Debug, Clone)]
enum Write {
    Put(RecordKey, Vec<Value>, Times),
    /// The last content goes to the tombstone.
    Delete(RecordKey, Vec<Value>, Times),
}

/// A transaction that has written but not committed: it holds the head.
#[derive(Debug)]
struct Open {
    revision: i64,
    writer: Writer,
    writes: Vec<Write>,
    batch: Option<(Uuid, i64, KnownBatch)>,
    /// The records of the batch that are accepted, including those for which there is nothing to write.
    accepted: Vec<RecordKey>,
}

/// The catalogue.
#[derive(Debug)]
pub(crate) struct Server {
    incarnation: Uuid,
    revision: i64,
    /// The mark of each revision.
    lineage: BTreeMap<i64, Uuid>,
    /// Marks made so far. A restore does not undo them.
    marks: u64,
    purge_floor: i64,
    rows: [BTreeMap<Uuid, Arc<LocalRow>>; TABLE_COUNT],
    tombstones: [BTreeMap<Uuid, Tombstone>; TABLE_COUNT],
    history: Vec<Story>,
    devices: BTreeMap<Uuid, i64>,
    batches: BTreeMap<(Uuid, i64), KnownBatch>,
    open: Option<Open>,
    /// Records whose deletion something has forgotten, so that nobody can learn of it any more.
    unheard: HashSet<RecordKey>,
    /// Its version.
    version: Version,
    /// The true time, in microseconds.
    time: i64,
    /// Whether a trigger of the customer's changes what is written.
    has_triggers: bool,
    made: u64,
    /// What of the log it has heard of, if somebody wants to know.
    hearing: Option<SharedHearing>,
    bug: Option<Bug>,
}

/// A word that a rule of the customer's refuses in a title.
pub(crate) const REFUSED: char = '!';

/// What a trigger of the customer's adds to every role.
pub(crate) const SIGN: char = '~';

/// How old a tombstone may get if they are purged by age, in microseconds.
const AGE_MAX: i64 = 40_000_000;

impl Server {
    pub(crate) fn new(has_triggers: bool, hearing: Option<SharedHearing>, bug: Option<Bug>) -> Self {
        Self {
            incarnation: Uuid::from_u128(0xC0),
            revision: 0,
            lineage: BTreeMap::new(),
            marks: 0,
            purge_floor: 0,
            rows: Default::default(),
            tombstones: Default::default(),
            history: Vec::new(),
            devices: BTreeMap::new(),
            batches: BTreeMap::new(),
            open: None,
            unheard: HashSet::new(),
            version: NEWEST,
            time: 0,
            has_triggers,
            made: 0,
            hearing,
            bug,
        }
    }

    /// The committed rows.
    pub(crate) fn rows(&self) -> &[BTreeMap<Uuid, Arc<LocalRow>>; TABLE_COUNT] {
        &self.rows
    }

    /// The revision of what is committed.
    pub(crate) fn revision(&self) -> i64 {
        self.revision
    }

    /// Moves the clock.
    pub(crate) fn set_time(&mut self, time: i64) {
        self.time = time;
        if self.bug == Some(Bug::PurgeByAge) {
            for tombstones in &mut self.tombstones {
                tombstones.retain(|_, tombstone| tombstone.at + AGE_MAX > time);
            }
        }
    }

    /// Whether somebody holds the head.
    pub(crate) fn is_held(&self) -> bool {
        self.open.is_some()
    }

    /// Ends the transaction that holds the head.
    pub(crate) fn end(&mut self, commits: bool) {
        if let Some(open) = self.open.take()
            && commits
        {
            self.carry_out(open);
        }
    }

    pub(crate) fn head(&self) -> Head {
        Head {
            incarnation: self.incarnation,
            revision: self.revision,
            mark: self.lineage.get(&self.revision).copied().unwrap_or_default(),
            purge_floor: self.purge_floor,
            version: i32::try_from(self.version).unwrap_or_default(),
            schema_version: 1,
            server_time: Timestamp::from_microsecond(self.time).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// What became of a batch. It waits for a commit of this very batch that is on its way, and closes a batch that
    /// never came.
    pub(crate) fn fate(&mut self, device: Uuid, batch: InFlight) -> Result<Option<Outcome>> {
        if self.bug == Some(Bug::FateNotAsked) {
            return Ok(None);
        }
        let on_its_way = self.open.as_ref().and_then(|open| open.batch.as_ref());
        if on_its_way.is_some_and(|(writer, number, _)| (*writer, *number) == (device, batch.number)) {
            return Err(Error::Busy {
                reason: "the batch is being written".to_owned(),
            });
        }
        let known = self.known(device, batch)?.cloned();
        if known.is_none() && self.bug != Some(Bug::FateLeftOpen) {
            let token = batch.token;
            self.devices.insert(device, batch.number);
            self.batches
                .insert((device, batch.number), KnownBatch { token, outcome: None });
        }
        Ok(known.and_then(|known| known.outcome))
    }

    /// A number counts for nothing without its token: a copy of a device's file uses the same numbers.
    fn known(&self, device: Uuid, InFlight { number, token }: InFlight) -> Result<Option<&KnownBatch>> {
        match self.batches.get(&(device, number)) {
            Some(known) if known.token == token || self.bug == Some(Bug::TokensIgnored) => Ok(Some(known)),
            _ if self.devices.get(&device).is_some_and(|last| *last >= number) => {
                Err(Error::BatchNumberUsed { number })
            }
            _ => Ok(None),
        }
    }

    fn head_is_free(&self) -> Result<()> {
        if self.open.is_some() && self.bug != Some(Bug::SequenceAsCursor) {
            return Err(Error::Busy {
                reason: "another transaction holds the head".to_owned(),
            });
        }
        Ok(())
    }

    fn row(&self, (table, id): RecordKey) -> Option<&LocalRow> {
        self.rows[table].get(&id).map(AsRef::as_ref)
    }

    /// The commit.
    fn carry_out(&mut self, open: Open) {
        let Open {
            revision,
            writer,
            writes,
            batch,
            accepted,
        } = open;
        for write in writes {
            match write {
                Write::Put(record, values, times) => self.put(record, values, &times, revision, &writer),
                Write::Delete(record, content, times) => self.bury(record, content, &times, revision, &writer),
            }
        }
        if revision > 0 {
            self.mark(revision);
        }
        if let Some((device, number, mut known)) = batch {
            let mark = self.lineage.get(&revision).copied();
            known.outcome = known.outcome.map(|outcome| Outcome { mark, ..outcome });
            if let Some(hearing) = &self.hearing {
                locked(hearing).accept(known.token, &accepted, revision);
            }
            self.devices.insert(device, number);
            self.batches.insert((device, number), known);
        }
        self.revision = self.revision.max(revision);
    }

    fn mark(&mut self, revision: i64) {
        self.marks += 1;
        let mark = if self.bug == Some(Bug::MarksRepeat) {
            revision.unsigned_abs()
        } else {
            self.marks
        };
        self.lineage.insert(revision, Uuid::from_u64_pair(0x3A4B, mark));
    }

    fn put(&mut self, (table, id): RecordKey, mut values: Vec<Value>, times: &Times, revision: i64, writer: &Writer) {
        if self.has_triggers && table == AUTHORS {
            values[columns::AUTHOR_FOLDED] = folded(&values[columns::AUTHOR_NAME]);
        }
        if let (true, CONTRIBUTIONS, Value::Text(role)) =
            (self.has_triggers, table, &mut values[columns::CONTRIBUTION_ROLE])
            && !role.ends_with(SIGN)
        {
            role.push(SIGN);
        }
        let before = self.rows[table].get(&id).cloned();
        if let Some(before) = before {
            if writer.device.is_none() && before.values[updated_at(table)] == values[updated_at(table)] {
                values[updated_at(table)] = Value::Integer(self.time);
            }
            self.tell_changes((table, id), &before.values, &values, times, revision, writer);
        }
        self.tombstones[table].remove(&id);
        self.rows[table].insert(id, Arc::new(LocalRow { values, revision }));
    }

    fn bury(&mut self, record: RecordKey, content: Vec<Value>, times: &Times, revision: i64, writer: &Writer) {
        let (table, id) = record;
        let Some(before) = self.rows[table].remove(&id) else {
            return;
        };
        self.tell_changes(record, &before.values, &content, times, revision, writer);
        self.tell(record, revision, Vec::new(), writer, self.time);
        if let Some(story) = self.history.last_mut() {
            story.gone = Some(content.clone());
        }
        let tombstone = Tombstone {
            content,
            revision,
            at: self.time,
        };
        self.tombstones[table].insert(id, tombstone);
    }

    /// When a device's edit was made, by the server's clock; a foreign program's was made when it was written.
    fn said_at(&self, updated_at: &Value, writer: &Writer) -> i64 {
        match (writer.device, updated_at) {
            (Some(_), Value::Integer(at)) => self.time.min(at + writer.clock_offset),
            _ => self.time,
        }
    }

    fn tell(&mut self, record: RecordKey, revision: i64, columns: Vec<(usize, Value)>, writer: &Writer, at: i64) {
        self.history.push(Story {
            record,
            revision,
            columns,
            times: BTreeMap::new(),
            gone: None,
            at,
            by: writer.name.clone(),
        });
    }

    /// What is wrong with the rows as they are: references that lead nowhere, values that two rows have.
    pub(crate) fn flaw(&self) -> Option<String> {
        flaw(&self.rows)
    }
}

/// What the customer's trigger makes of a name.
fn folded(name: &Value) -> Value {
    match name {
        Value::Text(name) => Value::Text(name.to_lowercase()),
        _ => Value::Null,
    }
}

/// What is wrong between rows.
pub(crate) fn flaw<M: Borrow<BTreeMap<Uuid, Arc<LocalRow>>>>(rows: &[M]) -> Option<String> {
    for table in 0..TABLE_COUNT {
        for (column, parent) in references(table) {
            for (id, row) in rows[table].borrow() {
                if !id_in(&row.values[*column]).is_some_and(|parent_id| rows[*parent].borrow().contains_key(&parent_id))
                {
                    return Some(format!(
                        "{} {id} is without its {}",
                        TABLES[table].name, TABLES[*parent].name
                    ));
                }
            }
        }
    }
    let mut held = BTreeMap::new();
    for (id, row) in rows[BOOKS].borrow() {
        if let Value::Text(isbn) = &row.values[columns::BOOK_ISBN]
            && let Some(other) = held.insert(isbn.clone(), id)
        {
            return Some(format!("books {other} and {id} share {isbn}"));
        }
    }
    None
}
