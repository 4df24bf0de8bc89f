//! The real file: [`local`](crate::local) on top of a catalogue in SQLite.

mod edits;
mod parking;
mod quarantine;
mod references;
mod within;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;

use colophon_catalogue::alike::{Came, MadeHere};
use colophon_catalogue::conflict::Conflict;
use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_store::{
    Database, InFlight, LocalDevice, Outgoing, ReadSession, Registered, Result, Seen, Sent, ServerClock, Waiting,
    WriteSession,
};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use self::edits::{EditTimes, edits_of};
use self::parking::{alike_in, conflict_of, is_parked};
use self::quarantine::{corrupt, not_kept_entry, not_kept_rows, quarantined_entry, quarantined_rows};
use crate::edition::Edition;
use crate::local::{Deleted, Edited, Key, LocalFile, LocalRow, LocalTransaction, LocalView, Parked, Pending, Record};
use crate::not_kept::NotKept;
use crate::quarantined_row::QuarantinedRow;
use crate::round::Identity;
use crate::server_clock::Moment;
use crate::shared::Shared;

/// A catalogue's file, as one side of a [round](crate::round::round).
#[derive(Clone)]
pub struct CatalogueFile {
    database: Database,
    device_name: String,
    edition: Edition,
    /// What this program and the server both know, as far as has been found out.
    shared: Shared,
}

impl CatalogueFile {
    /// The file of this installation.
    pub fn new(database: Database, identity: &Identity) -> Self {
        Self::of_edition(database, identity, Edition::default())
    }

    /// The same for a program of another version.
    pub fn of_edition(database: Database, identity: &Identity, edition: Edition) -> Self {
        Self {
            database,
            device_name: identity.name.clone(),
            shared: Shared::all(edition.tables),
            edition,
        }
    }

    /// Its tables, parents first.
    pub fn tables(&self) -> &'static [&'static Table] {
        self.edition.tables
    }

    /// What the program knows.
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// From now on it is exchanged with a server that knows this much of it.
    pub fn share(&mut self, shared: Shared) {
        self.shared = shared;
    }

    fn entity_of(&self, table: &'static Table) -> Result<&'static Registered> {
        let entity = self.edition.entities.iter().find(|entity| entity.table == table);
        entity.ok_or_else(|| corrupt("a row of an unknown table has come"))
    }

    /// The file as a database.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl LocalFile for CatalogueFile {
    fn read<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalView) -> Result<T> + Send + 'static,
    {
        let file = self.clone();
        Box::pin(self.database.read(move |session| {
            body(&Snapshot {
                session,
                file: &file,
                edit_times: &OnceCell::new(),
            })
        }))
    }

    fn write<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalTransaction) -> Result<T> + Send + 'static,
    {
        let file = self.clone();
        Box::pin(self.database.write(move |session| body(&OpenFile::new(session, &file))))
    }

    fn moment(&self) -> Moment {
        Moment::by(&*self.database.origin().clock)
    }
}

/// One snapshot.
struct Snapshot<'s, 'c> {
    session: &'s ReadSession<'c>,
    file: &'s CatalogueFile,
    edit_times: &'s EditTimes,
}

/// One transaction.
pub(crate) struct OpenFile<'s, 'c> {
    session: &'s WriteSession<'c>,
    edit_times: EditTimes,
    /// Whether its references are checked only at its end.
    references_wait: Cell<bool>,
    file: &'s CatalogueFile,
}

impl LocalView for Snapshot<'_, '_> {
    fn device(&self) -> Result<Option<LocalDevice>> {
        self.session.device()
    }

    fn seen(&self) -> Result<Vec<Seen>> {
        self.session.seen()
    }

    fn seen_after(&self, revision: i64) -> Result<Vec<i64>> {
        self.session.seen_after(revision)
    }

    fn known_between(&self, tables: &[&'static Table], after: i64, up_to: i64) -> Result<Vec<Key>> {
        let mut known = Vec::new();
        for table in tables {
            let ids = self.session.known_between(table, after, up_to)?;
            known.extend(ids.into_iter().map(|id| Key { table, id }));
        }
        Ok(known)
    }

    fn gone_everywhere(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        let mut gone = Vec::new();
        for table in tables {
            let ids = self.session.gone_everywhere(table)?;
            gone.extend(ids.into_iter().map(|id| Key { table, id }));
        }
        Ok(gone)
    }

    fn record(&self, key: Key) -> Result<Record> {
        self.session.record(key.table, key.id)
    }

    fn pending_keys(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        for table in tables {
            let ids = self.session.pending_ids(table)?;
            keys.extend(ids.into_iter().map(|id| Key { table, id }));
        }
        Ok(keys)
    }

    fn waiting(&self, tables: &[&'static Table]) -> Result<Vec<Waiting>> {
        self.session.waiting(tables)
    }

    fn is_any_waiting(&self, tables: &[&'static Table]) -> Result<bool> {
        self.session.is_any_waiting(tables)
    }

    /// Those of all tables here: a table that the server does not have keeps its rows waiting, too.
    fn waiting_count(&self, _: &[&'static Table]) -> Result<u64> {
        self.session.waiting_count(self.file.edition.tables)
    }

    fn in_flight(&self) -> Result<Vec<InFlight>> {
        self.session.in_flight()
    }

    fn quarantined(&self) -> Result<Vec<QuarantinedRow>> {
        quarantined_rows(self.session, self.file.edition.tables)
    }

    fn not_kept(&self) -> Result<Vec<NotKept>> {
        not_kept_rows(self.session, self.file.edition.tables)
    }

    fn holder(&self, table: &'static Table, column: usize, value: &Value) -> Result<Option<Uuid>> {
        self.session.holder(table, column, value)
    }

    fn is_referred_to(&self, key: Key) -> Result<bool> {
        self.session.is_referred_to(self.file.edition.tables, key.table, key.id)
    }

    fn alike(&self, came: &[Key], made: MadeHere<'_>) -> Result<Vec<(Key, Uuid)>> {
        let records: Vec<_> = came.iter().map(|key| (key.table.name, key.id)).collect();
        alike_in(self.session, &self.file.edition, Came::Records(&records), made)
    }

    fn is_parked(&self, parked: &Parked) -> Result<bool> {
        is_parked(self.session, parked)
    }

    fn lacks(&self, table: &'static Table) -> ColumnSet {
        self.file.shared.lacks(table)
    }

    fn broken_together(&self, table: &'static Table, values: &[Value], touched: ColumnSet) -> Option<usize> {
        let broken = self.file.entity_of(table).ok()?.broken_together(values, touched)?;
        table.position(broken.field)
    }

    fn in_step(&self) -> Result<HashSet<(String, String)>> {
        self.session.in_step()
    }

    fn edited_at(&self, key: Key, column: usize, value: &Value) -> Result<Option<Edited>> {
        self.last_edit(key, column, value)
    }

    fn edits_of(&self, fields: &[(Key, usize, &Value)]) -> Result<Vec<Option<Edited>>> {
        edits_of(self.session, fields)
    }

    fn server_clock(&self, boot: Uuid) -> Result<Option<ServerClock>> {
        self.session.server_clock(boot)
    }
}

impl<'s, 'c> OpenFile<'s, 'c> {
    /// A transaction that somebody else has begun on a file.
    pub(crate) fn new(session: &'s WriteSession<'c>, file: &'s CatalogueFile) -> Self {
        session.exchanges();
        Self {
            session,
            edit_times: OnceCell::new(),
            references_wait: Cell::new(false),
            file,
        }
    }

    /// What looks the same, comparing the staged rows with those made here.
    pub(crate) fn alike_among_staged(&self) -> Result<Vec<(Key, Uuid)>> {
        alike_in(self.session, &self.file.edition, Came::Staged, MadeHere::default())
    }

    fn view(&self) -> Snapshot<'_, 'c> {
        Snapshot {
            session: self.session,
            file: self.file,
            edit_times: &self.edit_times,
        }
    }
}

impl LocalTransaction for OpenFile<'_, '_> {
    fn device_or_new(&self) -> Result<LocalDevice> {
        self.session.device_or_new()
    }

    fn renew_device(&self) -> Result<LocalDevice> {
        self.session.renew_device()
    }

    fn set_incarnation(&self, incarnation: Uuid) -> Result<()> {
        self.session.set_incarnation(incarnation)
    }

    fn keep_server_clock(&self, clock: &ServerClock) -> Result<()> {
        self.session.keep_server_clock(clock)
    }

    fn set_cursor(&self, seen: Seen) -> Result<()> {
        self.session.set_cursor(seen)
    }

    fn keep_seen(&self, seen: Seen) -> Result<()> {
        self.session.keep_seen(seen)
    }

    fn note_restore(&self) -> Result<()> {
        self.session.note_restore()
    }

    fn forget_seen_after(&self, revision: i64) -> Result<()> {
        self.session.forget_seen_after(revision)
    }

    fn set_in_step(&self, tables: &[&'static Table]) -> Result<()> {
        self.session.set_in_step(tables)
    }

    fn note_unsaid(&self, table: &'static Table, columns: ColumnSet) -> Result<()> {
        self.session.note_all_without_room(table, columns)
    }

    fn make_all_new(&self, table: &'static Table) -> Result<()> {
        self.session.make_all_new(table)
    }

    fn write_row(&self, key: Key, row: &LocalRow) -> Result<()> {
        self.let_its_parents_come_later(key.table, &row.values)?;
        let entity = self.file.entity_of(key.table)?;
        entity.put(self.session, row.values.clone(), row.revision)
    }

    fn erase_row(&self, key: Key) -> Result<()> {
        self.let_its_children_go_later(key)?;
        self.session.erase_row(key.table, key.id).map(drop)
    }

    fn set_pending(&self, key: Key, pending: Option<&Pending>) -> Result<()> {
        self.session.set_pending(key.table, key.id, pending)
    }

    fn set_deleted(&self, key: Key, deleted: Option<&Deleted>) -> Result<()> {
        self.session.set_deleted(key.table, key.id, deleted)
    }

    fn note_rewritten(&self, key: Key, column: usize, value: &Value) -> Result<()> {
        let field = key.table.columns.get(column).map_or("", |column| column.name);
        self.session.note_rewritten(key.table, key.id, field, value)
    }

    fn park(&self, parked: &Parked) -> Result<()> {
        let repository = self.session.repo_mut::<Conflict>();
        let conflict = conflict_of(parked, repository.stamp(), &self.file.device_name);
        repository.put(&conflict, 0)
    }

    fn visit_outgoing(&self, rows: &[Waiting], visit: &mut dyn FnMut(Outgoing) -> Result<bool>) -> Result<()> {
        self.session.visit_outgoing(rows, visit)
    }

    fn keep_in_flight(&self, rows: &[Sent]) -> Result<InFlight> {
        self.session.keep_in_flight(rows)
    }

    fn forget_in_flight(&self, number: i64) -> Result<()> {
        self.session.forget_in_flight(number)
    }

    fn forget_unsent_deletions(&self) -> Result<()> {
        self.session.forget_unsent_deletions()
    }

    fn acknowledge(
        &self,
        tables: &[&'static Table],
        number: i64,
        revision: i64,
        is_quarantined: &dyn Fn(&'static Table, Uuid) -> bool,
    ) -> Result<u64> {
        let taken = RefCell::new(Vec::new());
        let note = |table: &'static Table, id: Uuid| {
            let is_quarantined = is_quarantined(table, id);
            if !is_quarantined && !self.lacks(table).is_empty() {
                taken.borrow_mut().push((table, id));
            }
            is_quarantined
        };
        let count = self.session.acknowledge(tables, number, revision, &note)?;
        let mut taken = taken.into_inner().into_iter();
        taken.try_for_each(|(table, id)| self.session.note_without_room(table, id, self.lacks(table)))?;
        Ok(count)
    }

    fn add_quarantined(&self, row: &QuarantinedRow) -> Result<()> {
        self.session.add_quarantined(&quarantined_entry(row)?)
    }

    fn drop_quarantined(&self, key: Key) -> Result<()> {
        self.session.drop_quarantined(key.table, key.id)
    }

    fn add_not_kept(&self, row: &NotKept) -> Result<()> {
        self.session.add_not_kept(&not_kept_entry(row))
    }

    fn drop_not_kept(&self, key: Key) -> Result<()> {
        self.session.drop_not_kept(key.table, key.id)
    }

    fn attempt(&self, part: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.session.attempt(part)
    }
}
