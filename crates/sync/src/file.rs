//! The real file: [`local`](crate::local) over a catalogue in SQLite.

mod parking;

use std::cell::OnceCell;
use std::collections::HashMap;

use colophon_catalogue::conflict::Conflict;
use colophon_catalogue::schema::{ENTITIES, TABLES};
use colophon_store::schema::{Table, Value};
use colophon_store::{
    Database, Error, InFlight, LocalDevice, Outgoing, ReadSession, Registered, Result, Seen, Sent, SetAsideEntry,
    Waiting, WriteSession,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use self::parking::{conflict_of, is_parked};
use crate::local::{Deleted, Key, LocalFile, LocalRow, LocalTransaction, LocalView, Mark, Parked, Record};
use crate::round::Identity;
use crate::set_aside::{SetAsideRow, WhySetAside};

/// A catalogue's file, as a party of a [round](crate::round::round).
#[derive(Clone)]
pub struct CatalogueFile {
    database: Database,
    device_name: String,
}

impl CatalogueFile {
    /// Of this installation.
    pub fn new(database: Database, identity: &Identity) -> Self {
        Self {
            database,
            device_name: identity.name.clone(),
        }
    }

    /// Its tables, parents first.
    #[expect(clippy::unused_self, reason = "which tables there are belongs to the file")]
    pub fn tables(&self) -> &'static [&'static Table] {
        TABLES
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
        Box::pin(self.database.read(move |session| {
            body(&Snapshot {
                session,
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
        let write = move |session: &WriteSession<'_>| {
            // A row may come before the one it refers to, or that one may be on its way back.
            session.defer_references()?;
            body(&OpenFile::new(session, &file))
        };
        Box::pin(self.database.write(write))
    }

    fn now(&self) -> Timestamp {
        self.database.origin().clock.now()
    }
}

/// One snapshot.
struct Snapshot<'s, 'c> {
    session: &'s ReadSession<'c>,
    edit_times: &'s EditTimes,
}

/// When which field of the records that wait was last changed. Read when it is first asked for, which few transactions do.
type EditTimes = OnceCell<HashMap<Uuid, HashMap<String, Timestamp>>>;

/// One transaction.
pub(crate) struct OpenFile<'s, 'c> {
    session: &'s WriteSession<'c>,
    edit_times: EditTimes,
    device_name: String,
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

    fn marked(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        let mut marked = Vec::new();
        for table in tables {
            let ids = self.session.marked(table)?;
            marked.extend(ids.into_iter().map(|id| Key { table, id }));
        }
        Ok(marked)
    }

    fn waiting(&self, tables: &[&'static Table]) -> Result<Vec<Waiting>> {
        self.session.waiting(tables)
    }

    fn waiting_count(&self, tables: &[&'static Table]) -> Result<u64> {
        self.session.waiting_count(tables)
    }

    fn in_flight(&self) -> Result<Vec<InFlight>> {
        self.session.in_flight()
    }

    fn set_aside(&self) -> Result<Vec<SetAsideRow>> {
        let entries = self.session.set_aside()?;
        entries.into_iter().map(set_aside_row).collect()
    }

    fn holder(&self, table: &'static Table, column: usize, value: &Value) -> Result<Option<Uuid>> {
        self.session.holder(table, column, value)
    }

    fn is_referred_to(&self, key: Key) -> Result<bool> {
        self.session.is_referred_to(TABLES, key.table, key.id)
    }

    fn is_parked(&self, parked: &Parked) -> Result<bool> {
        is_parked(self.session, parked)
    }

    fn edited_at(&self, key: Key, column: usize) -> Result<Option<Timestamp>> {
        let times = if let Some(times) = self.edit_times.get() {
            times
        } else {
            let waiting = self.marked(TABLES)?.into_iter().map(|key| key.id).collect();
            let times = self.session.last_changes(&waiting)?;
            self.edit_times.get_or_init(|| times)
        };
        let column = key.table.columns.get(column).map_or("", |column| column.name);
        Ok(times.get(&key.id).and_then(|fields| fields.get(column)).copied())
    }
}

impl<'s, 'c> OpenFile<'s, 'c> {
    /// A transaction that somebody else has begun on a file.
    pub(crate) fn new(session: &'s WriteSession<'c>, file: &CatalogueFile) -> Self {
        Self {
            session,
            edit_times: OnceCell::new(),
            device_name: file.device_name.clone(),
        }
    }

    fn view(&self) -> Snapshot<'_, '_> {
        Snapshot {
            session: self.session,
            edit_times: &self.edit_times,
        }
    }
}

impl LocalView for OpenFile<'_, '_> {
    fn device(&self) -> Result<Option<LocalDevice>> {
        self.view().device()
    }

    fn seen(&self) -> Result<Vec<Seen>> {
        self.view().seen()
    }

    fn seen_after(&self, revision: i64) -> Result<Vec<i64>> {
        self.view().seen_after(revision)
    }

    fn known_between(&self, tables: &[&'static Table], after: i64, up_to: i64) -> Result<Vec<Key>> {
        self.view().known_between(tables, after, up_to)
    }

    fn gone_everywhere(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        self.view().gone_everywhere(tables)
    }

    fn record(&self, key: Key) -> Result<Record> {
        self.view().record(key)
    }

    fn marked(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        self.view().marked(tables)
    }

    fn waiting(&self, tables: &[&'static Table]) -> Result<Vec<Waiting>> {
        self.view().waiting(tables)
    }

    fn waiting_count(&self, tables: &[&'static Table]) -> Result<u64> {
        self.view().waiting_count(tables)
    }

    fn in_flight(&self) -> Result<Vec<InFlight>> {
        self.view().in_flight()
    }

    fn set_aside(&self) -> Result<Vec<SetAsideRow>> {
        self.view().set_aside()
    }

    fn holder(&self, table: &'static Table, column: usize, value: &Value) -> Result<Option<Uuid>> {
        self.view().holder(table, column, value)
    }

    fn is_referred_to(&self, key: Key) -> Result<bool> {
        self.view().is_referred_to(key)
    }

    fn is_parked(&self, parked: &Parked) -> Result<bool> {
        self.view().is_parked(parked)
    }

    fn edited_at(&self, key: Key, column: usize) -> Result<Option<Timestamp>> {
        self.view().edited_at(key, column)
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

    fn write_row(&self, key: Key, row: &LocalRow) -> Result<()> {
        entity_of(key.table)?.put(self.session, row.values.clone(), row.revision)
    }

    fn erase_row(&self, key: Key) -> Result<()> {
        self.session.erase_row(key.table, key.id).map(drop)
    }

    fn set_mark(&self, key: Key, mark: Option<&Mark>) -> Result<()> {
        self.session.set_mark(key.table, key.id, mark)
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
        let conflict = conflict_of(parked, repository.stamp(), &self.device_name);
        repository.put(&conflict, 0)
    }

    fn outgoing(&self, rows: &[Waiting]) -> Result<Vec<Outgoing>> {
        self.session.outgoing(rows)
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
        is_declined: &dyn Fn(&'static Table, Uuid) -> bool,
    ) -> Result<u64> {
        self.session.acknowledge(tables, number, revision, is_declined)
    }

    fn add_set_aside(&self, row: &SetAsideRow) -> Result<()> {
        let why = serde_json::to_value(&row.why).map_err(|error| corrupt(&error.to_string()))?;
        self.session.add_set_aside(&SetAsideEntry {
            entity: row.entity.to_owned(),
            id: row.id,
            version: row.version,
            is_refused: matches!(row.why, WhySetAside::Refused { .. }),
            why,
        })
    }

    fn drop_set_aside(&self, key: Key) -> Result<()> {
        self.session.drop_set_aside(key.table, key.id)
    }
}

fn set_aside_row(entry: SetAsideEntry) -> Result<SetAsideRow> {
    let table = TABLES.iter().find(|table| table.name == entry.entity);
    let table = table.ok_or_else(|| corrupt("a row of an unknown table is set aside"))?;
    Ok(SetAsideRow {
        entity: table.name,
        id: entry.id,
        version: entry.version,
        why: serde_json::from_value(entry.why).map_err(|error| corrupt(&error.to_string()))?,
    })
}

fn entity_of(table: &'static Table) -> Result<&'static Registered> {
    let entity = ENTITIES.iter().find(|entity| entity.table == table);
    entity.ok_or_else(|| corrupt("a row of an unknown table has come"))
}

fn corrupt(detail: &str) -> Error {
    Error::Corrupt {
        detail: detail.to_owned(),
    }
}
