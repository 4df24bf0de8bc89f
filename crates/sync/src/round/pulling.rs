//! Fetching what is new, and applying it.
//!
//! When both sides have edited a field, the later edit stands, and when the others edited it, the server reports with
//! the record: its story. Stories are given for records that wait when the server is asked. A person may edit another
//! record before the answer is applied. So the local transaction that applies it checks first, and if a story is
//! missing nothing is applied and the server is asked once more. The same goes for whatever asks in another way than by
//! a pull.

use std::sync::Arc;

use super::at_rest::AtRest;
use super::known::{Known, Untold, is_story_missing};
use super::turns::{Turns, in_step_with, try_again};
use crate::apply::{Policy, apply, written};
use crate::error::Result;
use crate::failpoint::passed;
use crate::fate;
use crate::local::{LocalFile, LocalTransaction};
use crate::reconcile::breach;
use crate::remote::{PullRequest, RemoteCatalogue};

impl<L: LocalFile, R: RemoteCatalogue> Turns<'_, L, R> {
    /// Fetches what is new and applies it. For a record that was edited here after the server was asked, the server has
    /// given no story, and which edit is later would be a guess: then it is asked once more, but not for ever while
    /// somebody types without a pause.
    pub(super) async fn pull(&mut self) -> Result<()> {
        for untold in Untold::BY_TRY {
            if self.pull_once(untold).await? {
                break;
            }
        }
        Ok(())
    }

    /// Whether what is new was applied, and need not be asked for again.
    async fn pull_once(&mut self, untold: Untold) -> Result<bool> {
        let tables = self.tables;
        let (request, pulled) = loop {
            let request = self.pull_request().await?;
            let pulled = self.remote.pull(&request).await?;
            passed("pull: arrived");
            // What a batch under way has brought there must not be taken for somebody else's. A batch that is unknown
            // after the pull was not in it.
            let unsettled = self.unsettled.len();
            let still = fate::settle_known(self.local, self.remote, &self.device, &self.unsettled, tables).await?;
            self.unsettled = still;
            if self.unsettled.len() == unsettled {
                break (request, pulled);
            }
        };
        if let Some(cause) = breach(request.after, request.newest, &pulled) {
            self.reconcile(cause).await?;
            return Ok(true);
        }
        let policy = self.policy();
        let seen = pulled.head.seen();
        self.told = Some(pulled.head);
        let shared = self.remote.shared(tables);
        let (after, pulled, request) = (request.after, Arc::new(pulled), Arc::new(request));
        let write = move |tx: &dyn LocalTransaction, care| {
            if untold == Untold::AsksAgain && is_story_missing(tx, tables, &request.waiting.records, &pulled)? {
                return Ok(None);
            }
            let applied = apply(tx, Policy { care, ..policy }, &pulled)?;
            if after == 0 {
                // It has just been told everything that both know.
                in_step_with(tx, shared)?;
            }
            if !(pulled.rows.is_empty() && pulled.deletions.is_empty()) {
                try_again(tx, policy.tables)?;
            }
            let found = AtRest::read(tx, tables)?;
            passed("apply: before the commit");
            Ok(Some((applied, found)))
        };
        let Some((applied, found)) = written(self.local, write).await? else {
            return Ok(false);
        };
        passed("apply: committed");
        self.count(applied, seen);
        self.at_rest = Some(found);
        Ok(true)
    }

    async fn pull_request(&mut self) -> Result<PullRequest> {
        let tables = self.tables;
        let (shared, after) = (self.remote.shared(tables), self.device.acknowledged_revision);
        let Known { waiting, own } = match self.known.take() {
            Some(known) => known,
            None => self.local.read(move |s| Known::read(s, tables, shared, after)).await?,
        };
        Ok(PullRequest {
            after,
            own,
            newest: self.device.newest,
            tables,
            waiting,
        })
    }
}
