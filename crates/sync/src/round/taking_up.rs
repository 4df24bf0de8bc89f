//! Taking up what there was no room for until now: after this program was upgraded, or the server was.
//!
//! The file keeps the columns in which it was last in step. When both know more than these, the rows that have a value
//! in one of the others must be fetched although their revisions are not new, and what is said here must be sent.
//!
//! What is said here is noted as pending before anything is pulled: otherwise a row that comes with nothing in a column
//! that the server has just got would take away what only this file has. What is said there is fetched after the pull
//! and before anything is sent: until then nothing is known about it. It is fetched a part at a time; if that is
//! interrupted it starts over, and harms neither what it has done before nor what people have done since. For a record
//! that waits here, it also brings when which field was changed, so that the later edit stands: everything that the
//! server remembers about it, because it has not reported anything about these columns yet. Until that is done, a pull
//! asks for the same.

use std::collections::HashSet;
use std::sync::Arc;

use colophon_store::schema::{ColumnSet, Table};

use super::known::{Untold, is_story_missing};
use super::turns::{Turns, in_step_with};
use crate::apply::{Policy, apply, written};
use crate::central;
use crate::error::Result;
use crate::failpoint::passed;
use crate::local::{LocalFile, LocalTransaction};
use crate::remote::{Additions, AdditionsRequest, Pulled, RemoteCatalogue, WaitingHere};

/// How many times one part is asked for while others keep writing.
const TRIES_MAX: u32 = 16;

impl<L: LocalFile, R: RemoteCatalogue> Turns<'_, L, R> {
    /// Makes what is said here wait, if it is in columns and tables that the server has never had from this file. A
    /// file that has met no server yet sends and gets whole records from the start, and has nothing to catch up with.
    pub(super) async fn note_what_is_new(&mut self, has_met_a_server: bool) -> Result<()> {
        let shared = self.remote.shared(self.tables);
        if shared.is(&self.in_step) {
            return Ok(());
        }
        if !has_met_a_server {
            self.local.write(move |tx| in_step_with(tx, shared)).await?;
            self.known = None;
            self.in_step = self.local.read(|s| s.in_step()).await?;
            return Ok(());
        }
        // What is pending now will be waiting when the server is asked.
        self.known = None;
        let in_step = self.in_step.clone();
        let write = move |tx: &dyn LocalTransaction| {
            for table in shared.tables {
                let columns = shared.gained(table, &in_step);
                if is_new(table, &in_step) {
                    tx.make_all_new(table)?;
                } else if !columns.is_empty() {
                    tx.note_unsaid(table, columns)?;
                }
            }
            Ok(())
        };
        self.local.write(write).await?;
        passed("versions: what is here waits");
        Ok(())
    }

    /// Fetches what is said there, if there is anything.
    pub(super) async fn take_up(&mut self) -> Result<()> {
        let shared = self.remote.shared(self.tables);
        // Nobody else exchanges the file meanwhile, and a round removes nothing from what it is in step with.
        if shared.is(&self.in_step) {
            return Ok(());
        }
        self.at_rest = None;
        self.in_step = self.local.read(|s| s.in_step()).await?;
        let in_step = self.in_step.clone();
        if shared.is(&in_step) {
            return Ok(());
        }
        for table in shared.tables {
            let columns = shared.gained(table, &in_step);
            if !columns.is_empty() {
                self.take_up_columns(table, columns, is_new(table, &in_step)).await?;
            }
        }
        let write = move |tx: &dyn LocalTransaction| {
            in_step_with(tx, shared)?;
            passed("versions: before the commit");
            Ok(())
        };
        self.local.write(write).await?;
        passed("versions: in step");
        Ok(())
    }

    async fn take_up_columns(&mut self, table: &'static Table, columns: ColumnSet, is_new: bool) -> Result<()> {
        let mut after = None;
        let mut tries = 0;
        let mut untold = Untold::BY_TRY.into_iter();
        loop {
            let pending = self.local.read(move |s| s.pending_keys(&[table])).await?;
            let request = AdditionsRequest {
                table,
                columns,
                after,
                is_new,
                waiting: WaitingHere {
                    records: pending.into_iter().collect(),
                    told_up_to: 0,
                },
            };
            let additions = self.remote.additions(&request).await?;
            if additions.head.revision != self.device.acknowledged_revision {
                tries += 1;
                if tries == TRIES_MAX {
                    let reason = "others kept writing while new fields were fetched".to_owned();
                    return Err(central::Error::Busy { reason }.into());
                }
                self.pull().await?;
                continue;
            }
            let last = additions.last;
            let untold_now = untold.next().unwrap_or(Untold::GoesOn);
            if !self.apply_additions(additions, request, untold_now).await? {
                continue;
            }
            if last.is_none() {
                return Ok(());
            }
            after = last;
            tries = 0;
            untold = Untold::BY_TRY.into_iter();
        }
    }

    /// Whether a part was applied, and need not be asked for again.
    async fn apply_additions(
        &mut self,
        additions: Additions,
        request: AdditionsRequest,
        untold: Untold,
    ) -> Result<bool> {
        let Additions {
            head,
            rows,
            deletions,
            unread,
            ..
        } = additions;
        let (tables, policy) = (self.tables, self.policy());
        let seen = head.seen();
        let request = Arc::new(request);
        let pulled = Arc::new(Pulled {
            head,
            is_forked: false,
            rows,
            deletions,
            unheard: Vec::new(),
            unread,
        });
        let write = move |tx: &dyn LocalTransaction, care| {
            if untold == Untold::AsksAgain && is_story_missing(tx, tables, &request.waiting.records, &pulled)? {
                return Ok(None);
            }
            apply(tx, Policy { care, ..policy }, &pulled).map(Some)
        };
        let Some(applied) = written(self.local, write).await? else {
            return Ok(false);
        };
        passed("versions: a part is here");
        self.count(applied, seen);
        Ok(true)
    }
}

/// Whether a file has never been in step with any part of a table.
fn is_new(table: &Table, in_step: &HashSet<(String, String)>) -> bool {
    let mut columns = table.columns.iter();
    !columns.any(|column| in_step.contains(&(table.name.to_owned(), column.name.to_owned())))
}
