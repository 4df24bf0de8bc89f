//! What a closure gets to read and write with: sessions.
//!
//! A [`ReadSession`] is one snapshot; a [`WriteSession`] is one transaction and can do everything a read session can.
//! They differ by type, so code that only reads cannot write, and both live only as long as the closure they are lent
//! to.

pub(crate) mod anchors;
pub mod changes;
pub(crate) mod commit_log;
pub(crate) mod context;
pub(crate) mod recorder;
pub(crate) mod running;
pub(crate) mod snapshot;

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, Params, Row};

use crate::clock::Stamp;
use crate::clock::uptime::Uptime;
use crate::error::{Error, Result};
use crate::schema::sql::Sql;
use crate::session::changes::{ChangeKind, Changes};
use crate::session::context::Context;
use crate::session::recorder::Recorder;
use crate::session::running::{InterruptHandle, Running};
use crate::session::snapshot::SnapshotVersion;

/// One snapshot of the file: everything read through it is from the same moment.
pub struct ReadSession<'c> {
    connection: &'c Connection,
    pub(crate) version: SnapshotVersion<'c>,
    pub(crate) context: &'c Context,
    running: Option<&'c Running>,
    statements: Cell<u64>,
}

/// Tells whether somebody still waits for a read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'c> {
    abandoned: Option<&'c AtomicBool>,
}

impl<'c> Wanted<'c> {
    /// Wanted until this becomes true.
    pub fn until(abandoned: &'c AtomicBool) -> Self {
        Self {
            abandoned: Some(abandoned),
        }
    }

    /// [`Error::Interrupted`] as soon as nobody is waiting any more.
    pub fn check(self) -> Result<()> {
        match self.abandoned {
            Some(abandoned) if abandoned.load(Ordering::Relaxed) => Err(Error::Interrupted),
            _ => Ok(()),
        }
    }
}

impl<'c> ReadSession<'c> {
    pub(crate) fn new(
        connection: &'c Connection,
        version: SnapshotVersion<'c>,
        context: &'c Context,
        running: Option<&'c Running>,
    ) -> Self {
        Self {
            connection,
            version,
            context,
            running,
            statements: Cell::new(0),
        }
    }

    /// All rows of a query, each turned into a value.
    pub fn query<T, P: Params>(
        &self,
        sql: &Sql,
        params: P,
        mut map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(map(row)?);
        }
        Ok(found)
    }

    /// The first row of a query, turned into a value.
    pub fn query_first<T, P: Params>(
        &self,
        sql: &Sql,
        params: P,
        map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params)?;
        Ok(rows.next()?.map(map).transpose()?)
    }

    /// Visits the rows of a query one by one, until the visitor has seen enough (`false`) or the rows end. For walks over a whole table, which
    /// must not be held in memory.
    pub fn visit<P: Params>(
        &self,
        sql: &Sql,
        params: P,
        mut visit: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            if !visit(row)? {
                break;
            }
        }
        Ok(())
    }

    /// How many statements have been run through this session so far. Tests use it to check that a page costs no more
    /// when there are more rows.
    pub fn statements_run(&self) -> u64 {
        self.statements.get()
    }

    /// An error as soon as nobody waits for this read any more; for loops outside SQLite, which interrupts its own.
    pub fn check_wanted(&self) -> Result<()> {
        self.wanted().check()
    }

    /// The same, to be asked on other threads.
    pub fn wanted(&self) -> Wanted<'c> {
        Wanted {
            abandoned: self.running.map(Running::is_abandoned),
        }
    }

    /// From here on, this read ends when the handle [interrupts](InterruptHandle::interrupt): with [`Error::Interrupted`] at its next look. What is
    /// read before is read to its end. A write is not ended by it.
    pub fn interruptible_by(&self, handle: &InterruptHandle) {
        if let Some(running) = self.running {
            handle.interrupts(running);
        }
    }

    /// How many commits this program had made to the file when the snapshot was taken; `None` if that cannot be told
    /// because a commit was under way. Two sessions with the same number see the same content, unless another program
    /// writes to the file.
    pub fn commit_number(&self) -> Option<u64> {
        self.version.number()
    }

    /// Whether another program has written to the file since the state with this number, or may have. It knows only
    /// what had been noticed when [`commit_number`](Self::commit_number) was called, so call that first.
    pub fn another_program_wrote_since(&self, number: u64) -> bool {
        self.context.log.another_program_wrote_since(number)
    }

    pub(crate) fn prepare(&self, sql: &Sql) -> Result<CachedStatement<'_>> {
        self.check_wanted()?;
        if self.statements.replace(self.statements.get() + 1) == 0 {
            // This statement takes the snapshot; if the number were asked for later, it could be a newer one's.
            self.version.settle_unasked();
        }
        Ok(self.connection.prepare_cached(sql.as_str())?)
    }

    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }
}

/// One transaction: what is written through it is committed as a whole or not at all.
pub struct WriteSession<'c> {
    read: ReadSession<'c>,
    now: Timestamp,
    uptime: Uptime,
    pub(crate) changes: RefCell<Changes>,
    pub(crate) recorder: RefCell<Recorder>,
    pub(crate) batch_in_flight: Cell<Option<bool>>,
}

impl<'c> Deref for WriteSession<'c> {
    type Target = ReadSession<'c>;

    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

impl<'c> WriteSession<'c> {
    pub(crate) fn new(read: ReadSession<'c>, now: Timestamp, uptime: Uptime) -> Self {
        Self {
            read,
            now,
            uptime,
            changes: RefCell::default(),
            recorder: RefCell::default(),
            batch_in_flight: Cell::new(None),
        }
    }

    /// Declares that what this transaction writes was exchanged with the server and is not an edit.
    pub fn exchanges(&self) {
        self.changes.borrow_mut().is_exchanged = true;
    }

    /// The time of this transaction; every row it makes or changes carries it.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The same moment by the clock that nobody can set.
    pub(crate) fn uptime(&self) -> Uptime {
        self.uptime
    }

    /// Runs a statement of the caller's own on one table and returns how many rows it changed. It is meant for the
    /// upkeep of local columns and for rows from the server: such a change is announced as one to the whole table, but
    /// it is not an edit, so it is neither captured for the sync nor written into the journal.
    pub fn execute<P: Params>(&self, table: &'static str, sql: &Sql, params: P) -> Result<usize> {
        let changed = self.prepare(sql)?.execute(params)?;
        if changed > 0 {
            self.changes.borrow_mut().whole_table(table);
        }
        Ok(changed)
    }

    /// Runs a statement on a table that has nothing to do with lists, sync or undo, and returns how many rows it
    /// changed. Nobody is notified: whoever looks at such a table knows when it is written to.
    pub fn execute_aside<P: Params>(&self, sql: &Sql, params: P) -> Result<usize> {
        Ok(self.prepare(sql)?.execute(params)?)
    }

    /// Runs a part that, if it fails, undoes only itself, so that the rest of the transaction can go on.
    pub fn attempt<T, E: From<Error>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let before = (self.changes.borrow().clone(), self.recorder.borrow_mut().reached());
        let transaction = crate::file::transaction::OpenTransaction::resume(self.connection());
        let outcome = transaction.step(body, Result::is_ok);
        transaction.keep_open();
        let outcome = outcome.map_err(E::from).and_then(|result| result);
        if outcome.is_err() {
            *self.changes.borrow_mut() = before.0;
            self.recorder.borrow_mut().return_to(before.1);
        }
        outcome
    }

    /// Names this transaction for the person who may undo it: "Deleted 3 books".
    pub fn describe(&self, label: impl Into<String>) {
        self.recorder.borrow_mut().label = Some(label.into());
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            id: self.context.origin.ids.next(self.now),
            now: self.now,
        }
    }

    pub(crate) fn note(&self, table: &'static str, id: uuid::Uuid, kind: ChangeKind) {
        self.changes.borrow_mut().row(table, id, kind);
    }
}
