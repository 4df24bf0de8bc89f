//! The loop that keeps a file in step automatically, beside the app and never in its way.
//!
//! It wakes up when something is committed here, the server hints at something new or the machine moves to another
//! network. Otherwise it checks now and then whether there is anything on either side; more often, but asking for less,
//! [while somebody is here](crate::glance). When something goes wrong it tries again: soon and patiently if that may
//! pass by itself, rarely if a person has to do something first.

mod waiting;

use std::sync::Arc;
use std::time::Duration;

use colophon_store::{Database, Subscription};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use self::waiting::Woken;
use crate::backoff::Backoff;
use crate::calm;
use crate::central::{self, Central};
use crate::crowd::{COUNTED_EVERY, COUNTED_EVERY_IN_USE, Crowd, LOOK};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::glance::{self, Presence};
use crate::network::{Change, Network};
use crate::remote::News;
use crate::round::{Identity, RoundReport};
use crate::status::{Progress, Standing, SyncError, SyncState, SyncStatus};

/// Edits that follow each other this quickly go up together.
const EDITS_SETTLE: Duration = Duration::from_millis(5);
/// How long to wait after a failure that may pass by itself, at first and at most. The latter is also how long it may
/// take until the server's return is noticed.
const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// The same for a failure that somebody has to do something about. If edits wait, or all was well before, whoever mends
/// it should not have to wait any longer than for a server that comes back: then the maximum is the same.
const RETRY_FOR_PERSON: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));
/// How often to check whether another program, perhaps the command line, has written to the file. What it wrote should
/// be on its way within a tenth of a second.
const FILE_LOOK: Duration = Duration::from_millis(50);
/// A running loop. It ends when dropped; a batch that is under way then is settled by the next one.
#[derive(Debug)]
pub struct SyncTask {
    status: watch::Receiver<SyncStatus>,
    wish: Arc<Notify>,
    presence: Arc<Presence>,
    tasks: Vec<JoinHandle<()>>,
}

impl SyncTask {
    /// Starts the loop on the current runtime. Without a server there is none, and the status says so. What is kept in
    /// step depends on how the server was made: `Central::new(settings)` is for a Colophon catalogue,
    /// [`Central::of_application`] for the entities of another application.
    pub fn start(database: Database, central: Option<Central>, identity: Identity) -> Self {
        let now = database.origin().clock.now();
        let Some(central) = central else {
            let (_, status) = watch::channel(SyncStatus::new(SyncState::NotConfigured, now));
            return Self {
                status,
                wish: Arc::default(),
                presence: Arc::default(),
                tasks: Vec::new(),
            };
        };
        let (publish, status) = watch::channel(SyncStatus::new(SyncState::Offline, now));
        let (wish, presence) = (Arc::new(Notify::new()), Arc::new(Presence::default()));
        let others = database.clone();
        let mut exchange = Exchange::new(database.clone(), central, identity);
        let run = Loop {
            backoff: Backoff::new(RETRY.0, RETRY.1, seed(&database)),
            backoff_for_person: Backoff::new(RETRY_FOR_PERSON.0, RETRY_FOR_PERSON.1, seed(&database)),
            hints: exchange.listen(),
            network: Network::watch(),
            edits: Some(database.changes()),
            database,
            exchange,
            publish,
            calm: Duration::ZERO,
            is_misled: false,
            wish: Arc::clone(&wish),
            presence: Arc::clone(&presence),
            crowd: Crowd::default(),
            counted: None,
            count_every: COUNTED_EVERY,
            glance_pause: glance::pause_after(Duration::ZERO, Crowd::default()),
            is_lively: false,
        };
        Self {
            status,
            wish,
            presence,
            // Side by side and not in one, so that the loop is not polled with every look at the file.
            tasks: vec![
                tokio::spawn(run.run()),
                tokio::spawn(async move { others.look_after_the_file(FILE_LOOK).await }),
            ],
        }
    }

    /// Where the sync stands, now and whenever that changes.
    pub fn status(&self) -> watch::Receiver<SyncStatus> {
        self.status.clone()
    }

    /// Tries at once, quarantined rows included, without waiting for the next look or the end of a wait.
    pub fn sync_now(&self) {
        self.presence.is_noticed();
        self.wish.notify_one();
    }

    /// Somebody is here and sees what arrives: for some minutes, the loop looks several times a second for what others
    /// write.
    pub fn somebody_is_here(&self) {
        self.presence.is_noticed();
    }

    /// The same for as long as the loop runs.
    pub fn somebody_stays_here(&self) {
        self.presence.stays();
    }
}

impl Drop for SyncTask {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Two devices should not wait for the same times; the random part of ids differs even when they are made at the same
/// moment.
fn seed(database: &Database) -> u64 {
    let origin = database.origin();
    origin.ids.next(origin.clock.now()).as_u64_pair().1
}

struct Loop {
    database: Database,
    exchange: Exchange,
    publish: watch::Sender<SyncStatus>,
    wish: Arc<Notify>,
    edits: Option<Subscription>,
    hints: watch::Receiver<i64>,
    network: Network,
    backoff: Backoff,
    backoff_for_person: Backoff,
    /// How long hints are ignored.
    calm: Duration,
    /// Whether the last hint was not true: there was nothing as new as it said. Anybody may send hints.
    is_misled: bool,
    presence: Arc<Presence>,
    /// Who else is on the server, and when that was asked.
    crowd: Crowd,
    counted: Option<tokio::time::Instant>,
    /// How long that count is good enough: less long after an edit.
    count_every: Duration,
    /// How long until the next glance.
    glance_pause: Duration,
    /// Whether the last round has brought something new.
    is_lively: bool,
}

impl Loop {
    async fn run(mut self) {
        let mut woken = Woken::Time;
        loop {
            let begun = tokio::time::Instant::now();
            let known = self.publish.borrow().revision;
            let came_to = match woken {
                Woken::Edits => self.push(News::NotHinted).await.map(drop),
                Woken::Hint(_) if self.is_misled => self.round().await,
                Woken::Hint(_) => self.whole_round(News::Hinted).await,
                Woken::Glance(at) if self.knows_less_than(at) => self.whole_round(News::Hinted).await,
                // Where there are many, something usually is new, and asking what costs as little as asking whether.
                Woken::Time if self.is_in_step_among_many() => self.whole_round(News::Hinted).await,
                Woken::Glance(_) | Woken::Somebody | Woken::Network(_) | Woken::Time => self.round().await,
            };
            let took = begun.elapsed();
            self.is_lively = self.publish.borrow().revision != known;
            if let Woken::Hint(named) = woken {
                self.is_misled = self.publish.borrow().revision.is_none_or(|found| found < named);
            }
            let wait = match came_to {
                Ok(()) => {
                    self.backoff.succeeded();
                    self.backoff_for_person.succeeded();
                    self.count_every = if matches!(woken, Woken::Edits) {
                        COUNTED_EVERY_IN_USE
                    } else {
                        COUNTED_EVERY
                    };
                    self.backoff.by_chance(self.crowd.look(took))
                }
                Err(error) => self.failed(&error),
            };
            self.calm = calm::after(took, self.is_misled, self.crowd).min(LOOK);
            let begun = tokio::time::Instant::now();
            woken = self.wait(wait).await;
            match woken {
                Woken::Somebody => {
                    self.exchange.ask_keychain_again().await;
                    drop(self.exchange.retry_quarantined().await);
                }
                // The first edit goes up at once; those that follow closely go together.
                Woken::Edits if begun.elapsed() < EDITS_SETTLE => tokio::time::sleep(EDITS_SETTLE).await,
                Woken::Network(change) => self.moved(change),
                // If the glances were too infrequent to come before the look, it would not be noticed that the server
                // is answering quickly again.
                Woken::Time => self.glance_pause = glance::sooner(self.glance_pause, self.crowd),
                Woken::Edits | Woken::Hint(_) | Woken::Glance(_) => (),
            }
            let _ = self.edits.as_mut().map(Subscription::drain);
        }
    }

    /// The machine is in another network, or in none. What failed before need not fail any more, though perhaps not at
    /// this very moment: an address comes before the route to the server.
    fn moved(&mut self, change: Change) {
        self.backoff.succeeded();
        if change == Change::Left {
            self.exchange.disconnect();
        }
    }

    fn is_in_step_among_many(&self) -> bool {
        self.crowd.is_large() && self.exchange.hears_hints() && self.publish.borrow().error.is_none()
    }

    /// Whether a glance could tell anything. Where many are online and editing, the next look finds something anyway,
    /// and soon.
    fn is_worth_a_glance(&self) -> bool {
        !(self.is_lively && self.is_in_step_among_many())
    }

    /// Sends what waits, or looks whether the server has something new.
    async fn round(&mut self) -> Result<(), Error> {
        if self.push(News::ByHead).await? {
            return Ok(());
        }
        let (head, has_news) = self.exchange.look().await?;
        if has_news {
            return self.whole_round(News::ByHead).await;
        }
        self.succeeded(RoundReport {
            revision: head.revision,
            pending: self.exchange.pending().await?,
            quarantined: self.exchange.quarantined().await?,
            not_kept: self.exchange.not_kept().await?,
            ..RoundReport::default()
        });
        Ok(())
    }

    /// Takes what is new, and sends what waits.
    async fn whole_round(&mut self, news: News) -> Result<(), Error> {
        let pending = self.publish.borrow().pending;
        self.exchange_rows(pending, news).await
    }

    /// One round, publishing its progress.
    async fn exchange_rows(&mut self, pending: u64, news: News) -> Result<(), Error> {
        let (publish, now) = (&self.publish, self.now());
        let mut progress = |progress: Progress| {
            publish.send_if_modified(|status| match progress {
                Progress::Downloading(download) => {
                    let before = status.download.replace(download);
                    set(status, SyncState::Pending, pending, now) || before != Some(download)
                }
                Progress::Sent(taken) => set(status, SyncState::Pending, pending.saturating_sub(taken), now),
            });
        };
        let report = self.exchange.round_upon(news, &mut progress).await?;
        self.succeeded(report);
        Ok(())
    }

    /// Sends what waits; returns whether there was anything.
    async fn push(&mut self, news: News) -> Result<bool, Error> {
        let (pending, sends) = self.exchange.waiting().await?;
        if !sends {
            return Ok(false);
        }
        self.presence.is_noticed();
        let now = self.now();
        self.publish.send_if_modified(|status| {
            // A state of trouble stays until the trouble is over.
            let state = if status.error.is_some() {
                status.state
            } else {
                SyncState::Pending
            };
            set(status, state, pending, now)
        });
        self.exchange_rows(pending, news).await?;
        Ok(true)
    }

    fn succeeded(&self, report: RoundReport) {
        let now = self.now();
        self.exchange.knows(report.revision);
        let state = Standing::after(&report).state();
        self.publish.send_modify(|status| {
            status.enter(state, now);
            status.pending = report.pending;
            status.quarantined = report.quarantined;
            status.not_kept = report.not_kept;
            status.revision = Some(report.revision);
            status.last_contact = Some(now);
            status.error = None;
            status.next_try = None;
            status.reconciled = report.reconciled.or(status.reconciled);
            status.download = None;
        });
    }

    /// Publishes what went wrong and returns how long to wait.
    fn failed(&mut self, error: &Error) -> Duration {
        if *error == Error::ExchangedElsewhere {
            // As a rule this is the command line. The rows are on their way nevertheless.
            return self.backoff.failed();
        }
        let (state, wait) = if error.passes_by_itself() {
            (SyncState::Offline, self.backoff.failed())
        } else {
            let wait = self.backoff_for_person.failed();
            let wait = if self.is_awaited(error) {
                wait.min(RETRY.1)
            } else {
                wait
            };
            (SyncState::Error, wait)
        };
        tracing::debug!(%error, ?wait, "a round failed");
        let now = self.now();
        let next_try = SignedDuration::try_from(wait)
            .ok()
            .and_then(|wait| now.checked_add(wait).ok());
        self.publish.send_modify(|status| {
            status.enter(state, now);
            status.error = Some(SyncError::from(error));
            status.next_try = next_try;
            status.download = None;
        });
        wait
    }

    /// Whether somebody waits for this to be mended, and trying does no harm. A wrong password may lock a login if a
    /// directory manages it.
    fn is_awaited(&self, error: &Error) -> bool {
        let status = self.publish.borrow();
        let is_wrong_password = matches!(error, Error::Central(central::Error::WrongPassword { .. }));
        (status.last_contact.is_some() || status.pending > 0)
            && !(is_wrong_password && self.exchange.counts_wrong_passwords())
    }

    fn knows_less_than(&self, revision: i64) -> bool {
        self.publish.borrow().revision.is_none_or(|known| revision > known)
    }

    fn now(&self) -> Timestamp {
        self.database.origin().clock.now()
    }
}

/// Sets what changes often; returns whether it has changed.
fn set(status: &mut SyncStatus, state: SyncState, pending: u64, now: Timestamp) -> bool {
    let before = std::mem::replace(&mut status.pending, pending);
    status.enter(state, now) || before != pending
}
