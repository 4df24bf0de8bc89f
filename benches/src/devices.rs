//! Many devices on one catalogue, each editing once a minute: what they cost the server, and how long an edit takes to
//! reach all of them.
//!
//! Everything is real: each device is a SQLite file and the loop that the app runs, all in this process; the server is
//! a PostgreSQL of its own. Devices and server share this machine's processors, so the server's share is reported
//! separately: it is what its processes used, as counted by the system. It is done twice: with each device on a
//! connection of its own, where it hears hints, and with all of them behind PgBouncer in transaction mode, where they
//! look every two seconds.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use colophon_catalogue::Author;
use colophon_store::Database;
use colophon_store::settings::{Durability, Settings};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Identity, SyncState, SyncTask};
use colophon_tests::chance::Chance;
use colophon_tests::postgres::{Bouncer, CentralCatalogue, Cluster, Psql, Release};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::measure::{Table, milliseconds, percentile};

/// How many devices.
const DEVICES: [u32; 2] = [100, 1000];
/// Each makes one edit in this time.
const MINUTE: Duration = Duration::from_mins(1);
/// How many sessions the pooler keeps on the server.
const SESSIONS: u32 = 20;
/// Clock ticks of Linux in a second, the unit in which it counts what processes used.
const TICKS: f64 = 100.0;

/// How devices reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Each over a connection of its own.
    Connected,
    /// All through PgBouncer.
    Pooled,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Pooled => "pooled",
        }
    }
}

pub(crate) fn measure(table: &mut Table, _rows: u32) -> Result<()> {
    let asked = std::env::var("COLOPHON_DEVICES").unwrap_or_default();
    let (counts, ways) = wanted(&asked)?;
    let runtime = Runtime::new()?;
    for count in counts {
        for way in &ways {
            let cluster = Cluster::start_for(Release::Distribution, count + 50)?;
            let told = runtime.block_on(minute(&cluster, count, *way))?;
            let way = match way {
                Way::Connected => "each connected, hearing hints",
                Way::Pooled => "behind PgBouncer, looking",
            };
            table.figure(format!("{count} devices, {way}; each edits once a minute"), told, "");
        }
    }
    Ok(())
}

/// What is to be measured: everything, unless `COLOPHON_DEVICES` names numbers of devices (`1000`), ways (`connected`, `pooled`) or both.
fn wanted(asked: &str) -> Result<(Vec<u32>, Vec<Way>)> {
    let (mut counts, mut ways) = (Vec::new(), Vec::new());
    for word in asked.split_whitespace() {
        match [Way::Connected, Way::Pooled].into_iter().find(|way| way.name() == word) {
            Some(way) => ways.push(way),
            None => counts.push(
                word.parse()
                    .with_context(|| format!("{word:?} is no number of devices"))?,
            ),
        }
    }
    if counts.is_empty() {
        counts.extend(DEVICES);
    }
    if ways.is_empty() {
        ways.extend([Way::Connected, Way::Pooled]);
    }
    Ok((counts, ways))
}

/// A device: its file, its loop, and when it had which revision.
struct Device {
    database: Database,
    task: SyncTask,
    had: Arc<Mutex<Vec<(Instant, i64)>>>,
    _folder: TempDir,
}

impl Device {
    async fn new(number: u32, settings: CentralSettings) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut local = Settings::for_file(folder.path().join("catalogue.sqlite"));
        local.durability = Durability::Normal;
        local.pool_size = 1;
        let (database, _) = colophon_catalogue::open(&local).await?;
        let identity = Identity {
            name: format!("{number}"),
            app_version: String::new(),
        };
        let task = SyncTask::start(database.clone(), Some(Central::new(settings)), identity);
        let had = Arc::new(Mutex::new(Vec::new()));
        let (noted, mut status) = (Arc::clone(&had), task.status());
        tokio::spawn(async move {
            while status.changed().await.is_ok() {
                if let Some(revision) = status.borrow_and_update().revision {
                    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    noted.push((Instant::now(), revision));
                }
            }
        });
        task.status()
            .wait_for(|status| status.state == SyncState::InStep)
            .await?;
        Ok(Self {
            database,
            task,
            had,
            _folder: folder,
        })
    }

    /// When it had a revision, counted from a given moment.
    fn had_after(&self, revision: i64, since: Instant) -> Option<Duration> {
        let had = self.had.lock().unwrap_or_else(PoisonError::into_inner);
        let first = had.iter().find(|(_, known)| *known >= revision)?;
        Some(first.0.saturating_duration_since(since))
    }
}

async fn minute(cluster: &Cluster, count: u32, way: Way) -> Result<String> {
    let catalogue = CentralCatalogue::new(cluster).await?;
    let bouncer = (way == Way::Pooled)
        .then(|| Bouncer::start(&catalogue, &["ann"], SESSIONS))
        .transpose()?;
    let port = bouncer.as_ref().map_or(cluster.port(), Bouncer::port);
    let settings = CentralSettings {
        port,
        ..catalogue.settings()
    };
    // A catalogue that so many have is not empty; whoever comes to an empty one has a first download to make later.
    let mut psql = catalogue.psql()?;
    psql.run("INSERT INTO author (name, sort_name) VALUES ('Homer', 'Homer')")?;
    let mut devices = Vec::new();
    for number in 0..count {
        devices.push(Device::new(number, settings.clone()).await?);
    }
    let (commits, server, ours) = (commits(&mut psql)?, server_seconds(cluster)?, seconds_of("self")?);
    let begun = Instant::now();
    let edits = edits(&devices, begun).await?;
    let took = begun.elapsed().as_secs_f64();
    let cores = (server_seconds(cluster)? - server) / took;
    let here = (seconds_of("self")? - ours) / took;
    let commits = (self::commits(&mut psql)? - commits) / took;
    let connections = psql.value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")?;
    // What was edited at the end of the minute may still be on its way.
    while psql.value("SELECT count(DISTINCT device) FROM batch WHERE revision > 0")? != devices.len().to_string() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // All have everything: the head is the last revision.
    let head: i64 = psql.value("SELECT revision FROM catalogue_head")?.parse()?;
    for device in &devices {
        device
            .task
            .status()
            .wait_for(|status| status.revision >= Some(head))
            .await?;
    }
    // A separate task notes it, and there are many of them.
    while devices.iter().any(|device| device.had_after(head, begun).is_none()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (mut one, mut all) = arrivals(&mut psql, &devices, &edits)?;
    Ok(format!(
        "server: {cores:.2} cores, {commits:.0} commits/s, {connections} connections; devices: {here:.2} cores; an edit is on another device after {} (median), {} (worst); on all after {} (median)",
        milliseconds(percentile(&mut one, 50)),
        milliseconds(percentile(&mut one, 100)),
        milliseconds(percentile(&mut all, 50)),
    ))
}

/// One edit on each device, spread over a minute. Returns when each was committed.
async fn edits(devices: &[Device], begun: Instant) -> Result<Vec<Instant>> {
    let mut chance = Chance::of(7);
    let mut edits = Vec::new();
    for (number, device) in (0..).zip(devices) {
        let at = begun + Duration::from_millis(chance.number(60_000) as u64);
        let (database, draft) = (device.database.clone(), crate::made_up::author(number));
        edits.push(tokio::spawn(async move {
            tokio::time::sleep_until(at.into()).await;
            database.write(move |tx| tx.repo_mut::<Author>().create(&draft)).await?;
            anyhow::Ok(Instant::now())
        }));
    }
    let mut committed = Vec::new();
    for edit in edits {
        committed.push(edit.await??);
    }
    tokio::time::sleep_until((begun + MINUTE).into()).await;
    Ok(committed)
}

/// How long each edit took to reach each other device, and the last of them.
fn arrivals(psql: &mut Psql, devices: &[Device], edits: &[Instant]) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let batches =
        psql.run("SELECT name, revision FROM batch JOIN device ON device.id = batch.device WHERE revision > 0")?;
    ensure!(
        batches.len() == devices.len(),
        "{} batches of {} devices",
        batches.len(),
        devices.len()
    );
    let (mut one, mut all) = (Vec::new(), Vec::new());
    for batch in batches {
        let (name, revision) = batch.split_once('|').context("a batch has a device and a revision")?;
        let (writer, revision): (usize, i64) = (name.parse()?, revision.parse()?);
        let others = devices.iter().enumerate().filter(|(number, _)| *number != writer);
        let times: Vec<Duration> = others
            .map(|(_, device)| {
                device
                    .had_after(revision, edits[writer])
                    .context("an edit did not arrive")
            })
            .collect::<Result<_>>()?;
        all.extend(times.iter().max());
        one.extend(times);
    }
    Ok((one, all))
}

fn commits(psql: &mut Psql) -> Result<f64> {
    // Sessions report what they did once they have been idle for a while; a second of it is lost at either end.
    Ok(psql
        .value("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")?
        .parse()?)
}

/// The processor seconds that the server's processes have used, including those that have ended.
fn server_seconds(cluster: &Cluster) -> Result<f64> {
    let first = std::fs::read_to_string(cluster.socket().join("data/postmaster.pid"))?;
    let first = first.lines().next().context("the server has a process")?;
    let mut seconds = seconds_of(first)?;
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Ok(stat) = std::fs::read_to_string(Path::new("/proc").join(&name).join("stat")) else {
            continue;
        };
        if field(&stat, 1) == Some(first) {
            seconds += ticks(&stat) / TICKS;
        }
    }
    Ok(seconds)
}

fn seconds_of(process: &str) -> Result<f64> {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process).join("stat"))?;
    let ended: f64 = [13, 14]
        .iter()
        .filter_map(|index| field(&stat, *index)?.parse::<f64>().ok())
        .sum();
    Ok((ticks(&stat) + ended) / TICKS)
}

/// What a process itself has used.
fn ticks(stat: &str) -> f64 {
    [11, 12]
        .iter()
        .filter_map(|index| field(stat, *index)?.parse::<f64>().ok())
        .sum()
}

/// A field of a process's statistics, counted from the one after its name.
fn field(stat: &str, index: usize) -> Option<&str> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(index)
}
