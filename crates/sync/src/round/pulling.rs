//! Fetching what is new, and applying it.
//!
//! When both sides have edited a field the later edit stands, and when the others edited it the server tells with the record: its story. Stories are
//! told of records that wait when the server is asked. A person may edit one of the others before the answer is applied. So the local
//! transaction that applies it looks first, and where a story is missing nothing is applied and the server is asked once more. Whoever asks
//! otherwise than by a pull does the same.

use std::collections::HashSet;
use std::sync::Arc;

use colophon_store::schema::Table;

use super::taking_up::in_step_with;
use super::{AtRest, Turns, try_again};
use crate::apply::{Policy, apply, written};
use crate::error::Result;
use crate::failpoint::passed;
use crate::fate;
use crate::local::{Key, LocalFile, LocalTransaction, LocalView};
use crate::reconcile::breach;
use crate::remote::{PullRequest, Pulled, RemoteCatalogue, WaitingHere};
use crate::shared::Shared;

/// What becomes of an answer when something that it brought was edited here after it was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Untold {
    /// Nothing is applied.
    AsksAgain,
    /// The row's own time decides.
    GoesOn,
}

impl Untold {
    /// What becomes of each answer, as often as the server is asked at most while records are edited here of which it is just telling.
    pub(super) const BY_TRY: [Self; 3] = [Self::AsksAgain, Self::AsksAgain, Self::GoesOn];
}

/// What the server has to be told of the file when it is asked what is new.
pub(super) struct Known {
    /// The records that have a mark.
    waiting: WaitingHere,
    /// The revisions after the cursor that the file has made itself.
    own: Vec<i64>,
}

impl Known {
    pub(super) fn read(
        s: &dyn LocalView,
        tables: &'static [&'static Table],
        shared: Shared,
        after: i64,
    ) -> colophon_store::Result<Self> {
        Ok(Self {
            waiting: waiting_here(s, tables, shared, after)?,
            own: s.seen_after(after)?,
        })
    }
}

impl<L: LocalFile, R: RemoteCatalogue> Turns<'_, L, R> {
    /// Fetches what is new and applies it. Of a record that was edited here after the server was asked, the server has told no story, and
    /// which edit is later would be a guess: then it is asked once more, but not for ever beside somebody who types without a pause.
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
            // What a batch under way has brought there must not be taken for somebody else's. One that is unknown after the pull was
            // not in it.
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

/// The records that wait here. Of those the changes up to a revision are known, but while the file has yet to hear of a field, none are.
pub(super) fn waiting_here(
    view: &dyn LocalView,
    tables: &'static [&'static Table],
    shared: Shared,
    heard_up_to: i64,
) -> colophon_store::Result<WaitingHere> {
    let records: HashSet<Key> = view.marked(tables)?.into_iter().collect();
    let has_heard = records.is_empty() || shared.is(&view.in_step()?);
    Ok(WaitingHere {
        records,
        told_up_to: if has_heard { heard_up_to } else { 0 },
    })
}

/// Whether a record has come that waits here now and did not when the server was asked.
pub(super) fn is_story_missing(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    waited: &HashSet<Key>,
    pulled: &Pulled,
) -> colophon_store::Result<bool> {
    let since: HashSet<Key> = tx
        .marked(tables)?
        .into_iter()
        .filter(|key| !waited.contains(key))
        .collect();
    if since.is_empty() {
        return Ok(false);
    }
    let mut come = pulled.rows.keys().chain(pulled.deletions.keys());
    Ok(come.any(|key| since.contains(&key)))
}
