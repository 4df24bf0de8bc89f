//! A round: everything that one exchange with the server consists of, in order.
//!
//! fate ─▶ pull ─▶ plan ─▶ apply ─▶ push ─▶ acknowledge, again until nothing waits and the head equals the cursor.
//!
//! The order is the protocol. First the fate of what was under way, because rows that did arrive must not be taken for rows
//! that wait. Then what others did, so that what is sent is sent over it. This file knows neither SQLite nor PostgreSQL.
//!
//! A login that may not write still reads. A fate that cannot be settled, because settling it would write, leaves its
//! batch under way; what others did is taken all the same, and what waits is quarantined with the reason until its next
//! try.

mod asking;
mod at_rest;
mod beginning;
mod identity;
mod known;
mod pulling;
mod report;
mod taking_up;
mod turns;

use std::collections::HashSet;
use std::sync::Arc;

use colophon_store::schema::Table;
use colophon_store::{LocalDevice, Seen};

use self::at_rest::AtRest;
use self::beginning::begin;
pub use self::identity::Identity;
use self::known::{Untold, is_story_missing, waiting_here};
pub use self::report::RoundReport;
use self::turns::{Turns, try_again};
use crate::apply::{Applied, Care, Policy, apply, written};
use crate::central::{self, Head};
use crate::cut::Most;
use crate::error::Result;
use crate::failpoint::passed;
use crate::fate::{self, Settled};
use crate::incarnation::check_incarnation;
use crate::local::{LocalFile, LocalTransaction, LocalView};
use crate::push::{self, Push, Pushed};
use crate::reconcile::{Cause, Reconciled, restate};
use crate::remote::{News, ReconcileRequest, RemoteCatalogue, Sighting};
use crate::server_clock::ahead_of_the_wall;

/// How many times one round pulls and pushes while others keep writing. Then it ends, says what still waits, and the
/// next one goes on.
const TURNS_MAX: u32 = 16;

/// What a round works with.
#[derive(Debug, Clone)]
pub struct Parties {
    /// All synchronised tables, parents first.
    pub tables: &'static [&'static Table],
    /// This installation.
    pub identity: Identity,
    /// The most rows in one batch: [`BATCH_ROWS_MAX`](crate::BATCH_ROWS_MAX), or fewer if many small batches are
    /// wanted.
    pub batch_rows: usize,
}

/// One round, run until it comes to rest, between a file and a catalogue that was just seen: when it returns without an
/// error, whatever still waits is quarantined, or was edited at the last moment. What was seen is updated to what the
/// round has seen. `progress` is called with the number of rows that the server has taken so far.
pub async fn round<L: LocalFile, R: RemoteCatalogue>(
    local: &L,
    remote: &mut R,
    parties: &Parties,
    sighting: &mut Sighting,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<RoundReport> {
    let Sighting { mut head, clock, news } = *sighting;
    passed("round: the head is known");
    let tables = parties.tables;
    let (device, in_flight, in_step, known) = begin(local, clock, tables, remote.shared(tables), news).await?;
    let clock_offset = ahead_of_the_wall(&clock, local.moment());
    let has_met_a_server = device.incarnation.is_some();
    check_incarnation(local, remote, device.incarnation, head.incarnation).await?;
    let identify = |device: &LocalDevice| parties.identity.of(device, clock_offset);
    let Settled { device, unsettled } =
        fate::settle(local, remote, device, in_flight, parties.tables, identify).await?;
    passed("round: every fate is settled");
    let mut turns = Turns {
        purge_floor: head.purge_floor,
        unsettled: unsettled.batches,
        device: identify(&device),
        report: RoundReport::default(),
        in_step,
        told: None,
        known,
        at_rest: None,
        local,
        remote,
        tables,
        batch_rows: parties.batch_rows,
    };
    turns.note_what_is_new(has_met_a_server).await?;
    let mut has_asked = false;
    let mut has_news = turns.expects(news, &head);
    for _ in 0..TURNS_MAX {
        if has_news {
            turns.pull().await?;
            sighting.head = turns.told.unwrap_or(sighting.head);
        }
        turns.take_up().await?;
        if unsettled.error.is_none() && turns.has_nothing_to_do() {
            break;
        }
        turns.at_rest = None;
        if let Some(error) = &unsettled.error {
            push::withhold_all(local, parties.tables, error).await?;
            turns.ask_again().await?;
            break;
        }
        let pushed = turns.push(progress).await?;
        if pushed.rows == 0 && pushed.waiting_for_news == 0 {
            if has_asked || !turns.ask_again().await? {
                break;
            }
            has_asked = true;
        }
        has_news = !turns.has_followed(&pushed) && {
            head = turns.remote.head().await?;
            turns.purge_floor = head.purge_floor;
            turns.has_not_seen(&head)
        };
        passed("round: another turn");
    }
    turns.rest().await
}

impl<L: LocalFile, R: RemoteCatalogue> Turns<'_, L, R> {
    fn expects(&self, news: News, head: &Head) -> bool {
        match news {
            News::ByHead => self.has_not_seen(head),
            News::Hinted => true,
            News::NotHinted => false,
        }
    }

    /// Whether a pull has left nothing to send and nothing to ask for.
    fn has_nothing_to_do(&self) -> bool {
        self.at_rest.as_ref().is_some_and(AtRest::has_nothing_to_do)
    }

    fn has_not_seen(&self, head: &Head) -> bool {
        let device = &self.device;
        head.revision != device.acknowledged_revision || device.newest.is_some_and(|newest| newest != head.seen())
    }

    /// Whether a push came directly after everything that the file knows, so that there is nothing to look for.
    fn has_followed(&self, pushed: &Pushed) -> bool {
        pushed.revision == Some(self.device.acknowledged_revision) && pushed.waiting_for_news == 0
    }

    /// Reconciles the two if the file cannot go on from where it was.
    async fn reconcile(&mut self, cause: Cause) -> Result<()> {
        for untold in Untold::BY_TRY {
            if self.reconcile_once(cause, untold).await? {
                break;
            }
        }
        Ok(())
    }

    /// Whether it is done, and need not be asked for again.
    async fn reconcile_once(&mut self, cause: Cause, untold: Untold) -> Result<bool> {
        let tables = self.tables;
        let (common, cause) = self.parted(cause).await?;
        let fork = common.map_or(0, |common| common.revision);
        let (shared, after) = (self.remote.shared(tables), fork.min(self.device.acknowledged_revision));
        tracing::warn!(?cause, fork, "bringing the file and the server together");
        let read = move |s: &dyn LocalView| {
            let mut asked = s.known_between(tables, fork, i64::MAX)?;
            asked.extend(s.gone_everywhere(tables)?);
            let mut waiting = waiting_here(s, tables, shared, after)?;
            waiting.records.extend(&asked);
            Ok((asked, waiting))
        };
        let (asked, waiting) = self.local.read(read).await?;
        let request = ReconcileRequest {
            after,
            fork: common,
            waiting,
            asked: asked.into_iter().collect(),
            tables,
            lists_all: true,
        };
        let there = self.remote.reconcile(&request).await?;
        passed("reconcile: arrived");
        if there.pulled.is_forked {
            // It was restored once more, at this very moment.
            return Err(central::Error::Forked.into());
        }
        let policy = self.policy();
        let seen = there.pulled.head.seen();
        let (there, waited) = (Arc::new(there), Arc::new(request.waiting.records));
        let write = move |tx: &dyn LocalTransaction, care| {
            if untold == Untold::AsksAgain && is_story_missing(tx, tables, &waited, &there.pulled)? {
                return Ok(None);
            }
            let policy = Policy { care, ..policy };
            let mut reconciled = Reconciled::new(cause, fork);
            if cause == Cause::ServerRestored {
                tx.note_restore()?;
            }
            tx.forget_seen_after(fork)?;
            let pulled = restate(tx, policy, &mut reconciled, &there)?;
            let applied = apply(tx, policy, &pulled)?;
            try_again(tx, tables)?;
            passed("reconcile: before the commit");
            Ok(Some((applied, reconciled)))
        };
        let Some((applied, reconciled)) = written(self.local, write).await? else {
            return Ok(false);
        };
        passed("reconcile: committed");
        tracing::warn!(?reconciled, "the file and the server are together again");
        self.report.reconciled = Some(reconciled);
        self.count(applied, seen);
        Ok(true)
    }

    /// Where the file and the server parted, and why: the server may have been restored at this very moment, whatever
    /// the pull found before.
    async fn parted(&mut self, cause: Cause) -> Result<(Option<Seen>, Cause)> {
        let seen = self.local.read(|s| s.seen()).await?;
        let common = self.remote.last_common(&seen).await?;
        passed("reconcile: where they parted is known");
        let is_known_yet = self.device.newest.is_none_or(|newest| common == Some(newest));
        Ok((common, if is_known_yet { cause } else { Cause::ServerRestored }))
    }

    fn policy(&self) -> Policy {
        Policy {
            tables: self.tables,
            clock_offset: self.device.clock_offset,
            care: Care::AllAtOnce,
            now: self.local.now(),
        }
    }

    fn count(&mut self, applied: Applied, seen: Seen) {
        self.device.acknowledged_revision = seen.revision;
        // Before the first revision, nothing could carry a mark.
        self.device.newest = Some(seen).filter(|_| seen.revision > 0);
        self.report.pulled += applied.taken;
        self.report.parked += applied.parked;
    }

    async fn push(&mut self, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Pushed> {
        let before = self.report.pushed;
        let seed = self.device.id.as_u64_pair().1;
        let push = Push {
            local: self.local,
            remote: self.remote,
            device: &mut self.device,
            tables: self.tables,
            batch_rows: self.batch_rows,
            most: Most::usual(self.batch_rows),
            was_divided: false,
            seed,
            progress: &mut |rows| progress(before + rows),
            pushed: Pushed::default(),
            bare: HashSet::new(),
            quarantined: 0,
            purge_floor: self.purge_floor,
        };
        let pushed = push.run().await?;
        self.report.pushed += pushed.rows;
        Ok(pushed)
    }

    async fn rest(self) -> Result<RoundReport> {
        passed("round: at rest");
        let tables = self.tables;
        let at_rest = match self.at_rest {
            Some(found) => found,
            None => self.local.read(move |s| AtRest::read(s, tables)).await?,
        };
        Ok(RoundReport {
            revision: self.device.acknowledged_revision,
            pending: at_rest.pending,
            quarantined: at_rest.quarantined,
            not_kept: at_rest.not_kept,
            ..self.report
        })
    }
}
