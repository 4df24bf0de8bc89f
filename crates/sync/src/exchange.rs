//! Rounds between one real file and one real server: who may hold one, and over which connection.

mod downloading;
mod pruning;
mod verifying;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use colophon_store::{Database, LocalDevice, private};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use uuid::Uuid;

use crate::central::{self, Central, Connection, Head};
use crate::crowd::Crowd;
use crate::cut::BATCH_ROWS_MAX;
use crate::download::Parts;
use crate::error::{Error, Result};
use crate::file::CatalogueFile;
use crate::local::{LocalFile as _, LocalView};
use crate::not_kept::NotKept;
use crate::quarantine::give_another_chance;
use crate::quarantined_row::{QuarantinedRow, leave_out};
use crate::remote::{News, Sighting};
use crate::round::{Identity, Parties, RoundReport, round};
use crate::server_clock::{better, measured};
use crate::shared::Shared;
use crate::status::Progress;

/// How long what was seen of the server is good enough to send edits, or to follow a hint. A little longer than the
/// loop takes until it looks again.
const A_MOMENT: SignedDuration = SignedDuration::from_secs(3);
/// How long until the server's clock is measured anew, if only pulls tell where it stands.
const CLOCK_MEASURED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// What was last seen of the server over the present connection.
#[derive(Debug, Clone, Copy)]
struct LastSeen {
    at: Timestamp,
    /// When the server's clock was measured.
    measured: Timestamp,
    sighting: Sighting,
}

impl LastSeen {
    /// Whether all of it was seen only a moment ago.
    fn is_good(&self, now: Timestamp) -> bool {
        let is_within = |since, most| (SignedDuration::ZERO..=most).contains(&now.duration_since(since));
        is_within(self.at, A_MOMENT) && is_within(self.measured, CLOCK_MEASURED_EVERY)
    }
}

/// Exchanges rows between one local file and one central catalogue. Keeps its connection from round to round.
pub struct Exchange {
    file: CatalogueFile,
    central: Central,
    parties: Parties,
    connection: Option<Connection>,
    seen: Option<LastSeen>,
    /// Whether somebody waits for hints from the server.
    listens: bool,
    /// The file that marks an exchange, once its name has been needed.
    lock_file: Option<PathBuf>,
    parts: Parts,
    /// Whether a first download is known to have left no index to build.
    has_all_indexes: bool,
    /// Whether the file is known to have reached a revision of the server, so that no first download is due.
    has_met: bool,
    /// When it was last found that there was nothing to forget.
    needs_all: Option<Timestamp>,
}

impl Exchange {
    /// Does not touch the network yet.
    pub fn new(database: Database, central: Central, identity: Identity) -> Self {
        let file = CatalogueFile::of_edition(database, &identity, central.edition().clone());
        Self {
            parties: Parties {
                tables: file.tables(),
                identity,
                batch_rows: BATCH_ROWS_MAX,
            },
            file,
            central,
            connection: None,
            seen: None,
            listens: false,
            lock_file: None,
            parts: Parts::default(),
            has_all_indexes: false,
            has_met: false,
            needs_all: None,
        }
    }

    /// From now on, connections ask for hints. Returns where they are heard: as the revision that is new on the server.
    pub(crate) fn listen(&mut self) -> watch::Receiver<i64> {
        self.listens = true;
        self.central.hints()
    }

    /// Says up to which revision everything is known: hints at those are dropped.
    pub(crate) fn knows(&self, revision: i64) {
        self.central.knows(revision);
    }

    /// Whether a password that is wrong too often may lock the login.
    pub(crate) fn counts_wrong_passwords(&self) -> bool {
        self.central.counts_wrong_passwords()
    }

    /// Makes the next connection ask the keychain again.
    pub(crate) async fn ask_keychain_again(&self) {
        self.central.ask_keychain_again().await;
    }

    /// One [round], after the first [download](mod@crate::download) if that is due.
    pub async fn round(&mut self, progress: &mut (dyn FnMut(Progress) + Send)) -> Result<RoundReport> {
        self.round_upon(News::ByHead, progress).await
    }

    /// The same. The head is not asked for again if it was read a moment ago and something else says whether there is
    /// news.
    pub(crate) async fn round_upon(
        &mut self,
        news: News,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<RoundReport> {
        let _alone = self.exchange_alone().await?;
        self.finish_indexes().await?;
        let (mut connection, mut sighting) = match self.connected_a_moment_ago(news) {
            Some(connected) => connected,
            None => self.connected().await?,
        };
        self.share(&connection);
        let tell = &mut |downloading| progress(Progress::Downloading(downloading));
        let downloaded = self.download(&connection, &sighting.head, tell).await?;
        if downloaded.is_some() {
            sighting = self.sight(&connection).await?;
        }
        let tell = &mut |rows| progress(Progress::Sent(rows));
        let before = sighting.head;
        let mut report = round(&self.file, &mut connection, &self.parties, &mut sighting, tell).await?;
        if let Some(seen) = self.seen.as_mut().filter(|_| sighting.head != before) {
            // A pull would tell what the head tells.
            seen.at = self.file.now();
            seen.sighting.head = sighting.head;
        }
        let downloaded = downloaded.unwrap_or_default();
        report.pulled += downloaded.rows;
        report.parked += downloaded.parked;
        self.has_met = report.revision > 0;
        self.prune(sighting.head.purge_floor).await;
        // Only a connection that reached the end of a round is used again.
        self.connection = Some(connection);
        Ok(report)
    }

    /// How many rows wait, and whether the next round would send any of them, or ask for what could not be kept.
    pub(crate) async fn waiting(&self) -> Result<(u64, bool)> {
        let (tables, now) = (self.parties.tables, self.file.now());
        let read = move |s: &dyn LocalView| {
            let count = s.waiting_count(tables)?;
            let quarantined = s.quarantined()?;
            // Only quarantine can keep everything that waits from being sent; if nothing is quarantined, one row is
            // enough.
            let sends = if quarantined.is_empty() {
                s.is_any_waiting(tables)?
            } else {
                !leave_out(s.waiting(tables)?, &quarantined, now).is_empty()
            };
            let asks = s.not_kept()?.iter().any(|row| row.retry.is_due(now));
            Ok((count, sends || asks))
        };
        Ok(self.file.read(read).await?)
    }

    /// How many rows wait.
    pub async fn pending(&self) -> Result<u64> {
        let tables = self.parties.tables;
        Ok(self.file.read(move |s| s.waiting_count(tables)).await?)
    }

    /// Gives the rows that are quarantined, on either side, another chance in the next round. Returns how many there
    /// are.
    pub async fn retry_quarantined(&self) -> Result<u64> {
        self.retry(|_| true).await
    }

    /// The same for some of them, by their ids.
    pub async fn retry_some(&self, ids: &[Uuid]) -> Result<u64> {
        let ids = ids.to_vec();
        self.retry(move |id| ids.contains(&id)).await
    }

    async fn retry(&self, is_meant: impl Fn(Uuid) -> bool + Send + 'static) -> Result<u64> {
        let tables = self.parties.tables;
        let retry = move |tx: &dyn crate::local::LocalTransaction| give_another_chance(tx, tables, &is_meant);
        Ok(self.file.write(retry).await?)
    }

    /// The quarantined rows of this file.
    pub async fn quarantined(&self) -> Result<Vec<QuarantinedRow>> {
        Ok(self.file.read(|s| s.quarantined()).await?)
    }

    /// The rows of the server that this file could not keep.
    pub async fn not_kept(&self) -> Result<Vec<NotKept>> {
        Ok(self.file.read(|s| s.not_kept()).await?)
    }

    /// The revision that the server is at, asked over the connection of the last round; `None` if that does not answer.
    pub(crate) async fn glance(&self) -> Option<i64> {
        self.connection.as_ref()?.revision().await.ok()
    }

    /// Who is on the server, asked over the connection of the last round; `None` if that does not answer. If there are
    /// many, few hints are given from now on.
    pub(crate) async fn crowd(&self) -> Option<Crowd> {
        let connection = self.connection.as_ref()?;
        let crowd = connection.crowd().await.ok()?;
        connection.hint_seldom(crowd.is_large());
        Some(crowd)
    }

    /// Whether a hint was heard over the connection of the last round.
    pub(crate) fn hears_hints(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::hears_hints)
    }

    /// Gives up the connection of the last round: the next round makes a new one.
    pub(crate) fn disconnect(&mut self) {
        self.connection = None;
    }

    /// Whether the server has something new; makes a new connection when the old one is gone.
    pub async fn look(&mut self) -> Result<(Head, bool)> {
        let (connection, Sighting { head, .. }) = self.connected().await?;
        let shared = self.share(&connection);
        self.connection = Some(connection);
        let (device, in_step) = self.file.read(|s| Ok((s.device()?, s.in_step()?))).await?;
        let is_behind = |device: LocalDevice| {
            device.cursor != head.revision || device.newest.is_some_and(|newest| newest != head.seen())
        };
        Ok((head, device.is_none_or(is_behind) || !shared.is(&in_step)))
    }

    /// From now on, the file is exchanged in terms of what this program and the server both know.
    fn share(&mut self, connection: &Connection) -> Shared {
        let shared = connection.shared();
        self.parties.tables = shared.tables;
        self.file.share(shared);
        shared
    }

    /// The connection of the last round if it still answers, or a new one.
    async fn connected(&mut self) -> Result<(Connection, Sighting)> {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.is_closed())
            && let Ok(sighting) = self.sight(&connection).await
        {
            connection.get_acquainted(&sighting.head).await?;
            return Ok((connection, sighting));
        }
        // On the heap: the future that makes a connection is large and seldom needed.
        let (mut connection, _) = Box::pin(self.central.open()).await?;
        let file = self.file.database().read(|s| Ok(s.file())).await?;
        connection.is_for_file_in(file.and_then(|file| file.parent().map(Path::to_owned)));
        if self.listens {
            match connection.listen().await {
                // A standby sends no hints; it is looked at now and then all the same.
                Err(central::Error::ReadOnly { .. }) => (),
                listens => listens?,
            }
        }
        let sighting = self.sight(&connection).await?;
        if self.listens {
            connection.keep_ready(self.parties.tables, &sighting.head).await?;
        }
        Ok((connection, sighting))
    }

    /// The connection of the last round with what was seen over it, if that is not long ago. Measured by the wall
    /// clock: the other clock stands still while a device sleeps.
    fn connected_a_moment_ago(&mut self, news: News) -> Option<(Connection, Sighting)> {
        let now = self.file.now();
        let seen = self.seen.filter(|seen| news != News::ByHead && seen.is_good(now))?;
        let connection = self.connection.take().filter(|connection| !connection.is_closed())?;
        Some((connection, Sighting { news, ..seen.sighting }))
    }

    async fn sight(&mut self, connection: &Connection) -> Result<Sighting> {
        let asked = self.file.moment().uptime;
        let head = connection.head().await?;
        let answered = self.file.moment();
        let kept = self.file.read(move |s| s.server_clock(asked.boot)).await?;
        let sighting = Sighting {
            head,
            clock: better(measured(head.server_time, asked, answered.uptime), kept),
            news: News::ByHead,
        };
        self.seen = Some(LastSeen {
            at: answered.wall,
            measured: answered.wall,
            sighting,
        });
        Ok(sighting)
    }

    /// Two programs may have the file open, but only one at a time exchanges it: otherwise each would take the other's
    /// batches for lost. A file system without locks has to do without.
    async fn exchange_alone(&mut self) -> Result<Option<Alone>> {
        if self.lock_file.is_none() {
            let file = self.file.database().read(|s| Ok(s.file())).await?;
            self.lock_file = file.map(|file| {
                let mut name = file.into_os_string();
                name.push("-exchange");
                name.into()
            });
        }
        let Some(name) = &self.lock_file else {
            return Ok(None);
        };
        let opened = match private::new_file(name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => OpenOptions::new().write(true).open(name),
            made => made,
        };
        let lock = opened.map_err(|error| colophon_store::Error::io("the file that marks an exchange", &error))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(Error::ExchangedElsewhere),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Alone(lock))),
        }
    }
}

/// The mark that a file is being exchanged.
struct Alone(File);

impl Drop for Alone {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being started, by any part of the program, has a copy of the
        // open file for a moment, and with it the lock.
        let _ = self.0.unlock();
    }
}
