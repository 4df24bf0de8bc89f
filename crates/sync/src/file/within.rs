//! What a writing transaction sees: the same as a snapshot of its own, plus what it has written so far.

use std::collections::HashSet;

use colophon_catalogue::alike::MadeHere;
use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_store::{InFlight, LocalDevice, Result, Seen, ServerClock, Waiting};
use uuid::Uuid;

use super::OpenFile;
use crate::local::{Edited, Key, LocalView, Parked, Record};
use crate::not_kept::NotKept;
use crate::quarantined_row::QuarantinedRow;

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

    fn pending_keys(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        self.view().pending_keys(tables)
    }

    fn waiting(&self, tables: &[&'static Table]) -> Result<Vec<Waiting>> {
        self.view().waiting(tables)
    }

    fn is_any_waiting(&self, tables: &[&'static Table]) -> Result<bool> {
        self.view().is_any_waiting(tables)
    }

    fn waiting_count(&self, tables: &[&'static Table]) -> Result<u64> {
        self.view().waiting_count(tables)
    }

    fn in_flight(&self) -> Result<Vec<InFlight>> {
        self.view().in_flight()
    }

    fn quarantined(&self) -> Result<Vec<QuarantinedRow>> {
        self.view().quarantined()
    }

    fn not_kept(&self) -> Result<Vec<NotKept>> {
        self.view().not_kept()
    }

    fn holder(&self, table: &'static Table, column: usize, value: &Value) -> Result<Option<Uuid>> {
        self.view().holder(table, column, value)
    }

    fn is_referred_to(&self, key: Key) -> Result<bool> {
        self.view().is_referred_to(key)
    }

    fn alike(&self, came: &[Key], made: MadeHere<'_>) -> Result<Vec<(Key, Uuid)>> {
        self.view().alike(came, made)
    }

    fn is_parked(&self, parked: &Parked) -> Result<bool> {
        self.view().is_parked(parked)
    }

    fn lacks(&self, table: &'static Table) -> ColumnSet {
        self.view().lacks(table)
    }

    fn broken_together(&self, table: &'static Table, values: &[Value], touched: ColumnSet) -> Option<usize> {
        self.view().broken_together(table, values, touched)
    }

    fn in_step(&self) -> Result<HashSet<(String, String)>> {
        self.view().in_step()
    }

    fn edited_at(&self, key: Key, column: usize, value: &Value) -> Result<Option<Edited>> {
        self.view().edited_at(key, column, value)
    }

    fn edits_of(&self, fields: &[(Key, usize, &Value)]) -> Result<Vec<Option<Edited>>> {
        self.view().edits_of(fields)
    }

    fn server_clock(&self, boot: Uuid) -> Result<Option<ServerClock>> {
        self.view().server_clock(boot)
    }
}
