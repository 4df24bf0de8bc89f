//! Asking by name: for records whose missing parts no pull will bring.

use std::collections::HashSet;
use std::sync::Arc;

use super::at_rest::AtRest;
use super::known::{Untold, is_story_missing, waiting_here};
use super::turns::{Turns, try_again};
use crate::apply::{Policy, apply, written};
use crate::central;
use crate::error::Result;
use crate::failpoint::passed;
use crate::local::{Key, LocalFile, LocalTransaction, LocalView};
use crate::reconcile::make_new_again;
use crate::remote::{ReconcileRequest, RemoteCatalogue, Whereabouts};

impl<L: LocalFile, R: RemoteCatalogue> Turns<'_, L, R> {
    /// Asks by name for records whose missing parts no pull will bring. These are rows that are quarantined because the
    /// server has something newer: that should not happen, but nothing must wait for ever for what never comes. And
    /// rows from the server that could not be kept, when it is time to try again. Returns whether there were any.
    pub(super) async fn ask_again(&mut self) -> Result<bool> {
        let (tables, now) = (self.tables, self.local.now());
        let found = self.local.read(move |s| AtRest::read(s, tables)).await?;
        let key = |entity: &str, id| {
            Some(Key {
                table: tables.iter().find(|table| table.name == entity)?,
                id,
            })
        };
        let stuck = found.quarantined.iter().filter(|row| row.was_overtaken());
        let stuck: HashSet<Key> = stuck.filter_map(|row| key(row.entity, row.id)).collect();
        let due = found.not_kept.iter().filter(|row| row.retry.is_due(now));
        let due: HashSet<Key> = due.filter_map(|row| key(row.entity, row.id)).collect();
        if stuck.is_empty() && due.is_empty() {
            self.at_rest = Some(found);
            return Ok(false);
        }
        for untold in Untold::BY_TRY {
            if self.ask_for(&stuck, &due, untold).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the answer is applied, and need not be asked for again.
    async fn ask_for(&mut self, stuck: &HashSet<Key>, due: &HashSet<Key>, untold: Untold) -> Result<bool> {
        let tables = self.tables;
        let asked: HashSet<Key> = stuck.union(due).copied().collect();
        let (shared, after) = (self.remote.shared(tables), self.device.acknowledged_revision);
        let read = move |s: &dyn LocalView| waiting_here(s, tables, shared, after);
        let mut waiting = self.local.read(read).await?;
        waiting.records.extend(&asked);
        let request = ReconcileRequest {
            after,
            fork: self.device.newest,
            waiting,
            asked,
            tables,
            lists_all: false,
        };
        let Whereabouts { pulled, .. } = self.remote.reconcile(&request).await?;
        passed("stuck: told");
        if pulled.is_forked {
            return Err(central::Error::Forked.into());
        }
        let (policy, purge_floor) = (self.policy(), self.purge_floor);
        let seen = pulled.head.seen();
        let (pulled, waited) = (Arc::new(pulled), Arc::new(request.waiting.records));
        let (stuck, due) = (stuck.clone(), due.clone());
        let write = move |tx: &dyn LocalTransaction, care| {
            if untold == Untold::AsksAgain && is_story_missing(tx, tables, &waited, &pulled)? {
                return Ok(None);
            }
            let unread = pulled.unread.iter().map(|row| row.key);
            let told = pulled.rows.keys().chain(pulled.deletions.keys());
            let told: HashSet<Key> = told.chain(unread).collect();
            for key in stuck.difference(&told) {
                make_new_again(tx, *key, purge_floor)?;
            }
            for key in due.difference(&told) {
                tx.drop_not_kept(*key)?;
            }
            let applied = apply(tx, Policy { care, ..policy }, &pulled)?;
            try_again(tx, tables)?;
            passed("stuck: before the commit");
            Ok(Some(applied))
        };
        let Some(applied) = written(self.local, write).await? else {
            return Ok(false);
        };
        passed("stuck: committed");
        self.count(applied, seen);
        Ok(true)
    }
}
