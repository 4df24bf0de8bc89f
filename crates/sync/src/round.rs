//! A round: everything that one exchange with the server consists of, in order.
//!
//! fate ─▶ pull ─▶ plan ─▶ apply ─▶ push ─▶ acknowledge, again until nothing waits and the head equals the cursor.
//!
//! The order is the protocol. First the fate of what was under way, because rows that did arrive must not be taken for rows
//! that wait. Then what others did, so that what is sent is sent over it. This file knows neither SQLite nor PostgreSQL.

use std::collections::HashSet;

use colophon_store::schema::Table;
use serde::Serialize;

use crate::apply::{Applied, Policy, apply};
use crate::central::{Device, Head};
use crate::error::{Error, Result};
use crate::failpoint::passed;
use crate::fate;
use crate::local::{LocalFile, LocalTransaction, LocalView};
use crate::push::{Push, Pushed, drop_set_aside};
use crate::remote::{PullRequest, RemoteCatalogue, Sighting};
use crate::set_aside::SetAsideRow;

/// How often one round pulls and pushes while others keep writing. Then it ends, says what still waits, and the next one goes on.
const TURNS_MAX: u32 = 16;

/// What this installation is called on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What people call this device.
    pub name: String,
    /// The version of this program.
    pub app_version: String,
}

/// What a round came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RoundReport {
    /// How many records here became others, because somebody else has written them.
    pub pulled: u64,
    /// How many rows the server has taken.
    pub pushed: u64,
    /// How many values were parked, because two people said different things.
    pub parked: u64,
    /// The revision of the central catalogue, as far as this device has seen it.
    pub revision: i64,
    /// How many rows still wait, those that were set aside included.
    pub pending: u64,
    /// The rows that the server did not take.
    pub set_aside: Vec<SetAsideRow>,
}

/// What a round is about.
#[derive(Debug, Clone)]
pub struct Parties {
    /// All synchronised tables, parents first.
    pub tables: &'static [&'static Table],
    /// This installation.
    pub identity: Identity,
    /// Rows in one batch at most: [`BATCH_ROWS_MAX`](crate::BATCH_ROWS_MAX), or fewer where many batches are wanted of few rows.
    pub batch_rows: usize,
}

/// One round between a file and a catalogue whose head was just asked, to rest: when it returns without an error, whatever
/// still waits is set aside, or was edited in the last moment. `progress` hears how many rows the server has taken so far.
pub async fn round<L: LocalFile, R: RemoteCatalogue>(
    local: &L,
    remote: &mut R,
    parties: &Parties,
    sighting: Sighting,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<RoundReport> {
    let Sighting { mut head, clock_offset } = sighting;
    passed("round: the head is known");
    let device = local.write(|tx| tx.device_or_new()).await?;
    check_incarnation(local, device.incarnation, &head).await?;
    check_memory(device.cursor, &head)?;
    let device = fate::settle(local, remote, device, parties.tables).await?;
    passed("round: every fate is settled");
    let mut turns = Turns {
        device: Device {
            id: device.id,
            name: parties.identity.name.clone(),
            app_version: parties.identity.app_version.clone(),
            clock_offset,
            acknowledged_revision: device.cursor,
        },
        cursor: device.cursor,
        report: RoundReport::default(),
        local,
        remote,
        tables: parties.tables,
        batch_rows: parties.batch_rows,
    };
    for _ in 0..TURNS_MAX {
        if head.revision != turns.cursor {
            turns.pull().await?;
        }
        let pushed = turns.push(progress).await?;
        if pushed.rows == 0 && pushed.declined == 0 {
            break;
        }
        head = turns.remote.head().await?;
        passed("round: another turn");
    }
    turns.rest().await
}

/// A round under way.
struct Turns<'r, L, R> {
    local: &'r L,
    remote: &'r mut R,
    tables: &'static [&'static Table],
    batch_rows: usize,
    device: Device,
    /// Everything up to this revision is in the file.
    cursor: i64,
    report: RoundReport,
}

impl<L: LocalFile, R: RemoteCatalogue> Turns<'_, L, R> {
    /// Fetches what is new and applies it.
    async fn pull(&mut self) -> Result<()> {
        let tables = self.tables;
        let read = move |s: &dyn LocalView| Ok((s.marked(tables)?, s.device()?.map_or(0, |device| device.batch)));
        let (waiting, batch) = self.local.read(read).await?;
        let request = PullRequest {
            device: self.device.id,
            batch,
            after: self.cursor,
            tables,
            waiting: waiting.into_iter().collect(),
        };
        let pulled = self.remote.pull(&request).await?;
        passed("pull: arrived");
        let policy = Policy {
            tables,
            clock_offset: self.device.clock_offset,
        };
        self.cursor = pulled.head.revision;
        let write = move |tx: &dyn LocalTransaction| {
            let applied = apply(tx, policy, &pulled)?;
            if !(pulled.rows.is_empty() && pulled.deletions.is_empty()) {
                // What the server knew better may be known here now.
                let aside = tx.set_aside()?;
                let news: Vec<_> = aside.into_iter().filter(SetAsideRow::waits_for_news).collect();
                drop_set_aside(tx, tables, &news)?;
            }
            passed("apply: before the commit");
            Ok(applied)
        };
        let Applied { taken, parked, .. } = self.local.write(write).await?;
        passed("apply: committed");
        self.device.acknowledged_revision = self.cursor;
        self.report.pulled += taken;
        self.report.parked += parked;
        Ok(())
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
            seed,
            progress: &mut |rows| progress(before + rows),
            pushed: Pushed::default(),
            bare: HashSet::new(),
        };
        let pushed = push.run().await?;
        self.report.pushed += pushed.rows;
        Ok(pushed)
    }

    async fn rest(self) -> Result<RoundReport> {
        passed("round: at rest");
        let tables = self.tables;
        let read = move |s: &dyn LocalView| Ok((s.waiting_count(tables)?, s.set_aside()?));
        let (pending, set_aside) = self.local.read(read).await?;
        Ok(RoundReport {
            revision: self.cursor,
            pending,
            set_aside,
            ..self.report
        })
    }
}

/// What the file has seen of the server must still be part of what the server knows. Otherwise rows would be taken for deleted that were
/// forgotten, or the other way round.
fn check_memory(seen: i64, head: &Head) -> Result<()> {
    let (found, floor) = (head.revision, head.purge_floor);
    if found < seen {
        Err(Error::WentBack { found, seen })
    } else if seen > 0 && seen < floor {
        Err(Error::TooLongAway { seen, floor })
    } else {
        Ok(())
    }
}

/// The file belongs to the first central database it meets.
async fn check_incarnation<L: LocalFile>(local: &L, known: Option<uuid::Uuid>, head: &Head) -> Result<()> {
    let incarnation = head.incarnation;
    match known {
        Some(known) if known == incarnation => Ok(()),
        Some(_) => Err(Error::AnotherCatalogue),
        None => Ok(local.write(move |tx| tx.set_incarnation(incarnation)).await?),
    }
}
