//! Many devices at once: how few questions and transactions it takes to hear of an edit.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use colophon_store::Result;
use colophon_sync::central::{Central, Connection, Limits};
use colophon_sync::file::CatalogueFile;
use colophon_sync::local::{LocalFile, LocalTransaction, LocalView};
use colophon_sync::remote::{News, Sighting};
use colophon_sync::round::{Parties, round};
use colophon_sync::server_clock::{Moment, measured};
use colophon_sync::{BATCH_ROWS_MAX, Identity, SyncState, SyncTask};
use colophon_tests::device::{Device, pause, until};
use colophon_tests::ending::Deadline;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use futures_util::future::BoxFuture;

/// A number of sessions that counts as many if each is given [this much](TURN) of the server's time.
const SESSIONS: usize = 10;
const TURN: Duration = Duration::from_secs(1);
/// One in this many revisions is hinted at in a crowd.
const REVISIONS_PER_HINT: i64 = 16;
/// Edits of another program, and the time between two of them.
const EDITS: i64 = 6;
const BETWEEN_EDITS: Duration = Duration::from_millis(500);

fn identity(name: &str) -> Identity {
    Identity {
        name: name.to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}

/// A loop that takes a few sessions for many.
fn in_a_crowd(device: &Device, catalogue: &CentralCatalogue<'_>) -> SyncTask {
    let limits = Limits {
        turn: TURN,
        ..Limits::default()
    };
    let central = Central::with_limits(catalogue.settings(), limits);
    SyncTask::start(device.database().clone(), Some(central), identity(&device.name))
}

/// Sessions that ask for nothing.
async fn idle(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Vec<Connection>> {
    let mut idle = Vec::new();
    for _ in 0..SESSIONS {
        idle.push(catalogue.open().await?);
    }
    Ok(idle)
}

/// Waits until this many devices know how many there are.
async fn have_counted(catalogue: &CentralCatalogue<'_>, devices: usize) -> anyhow::Result<()> {
    let counted = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = '{}' AND state = 'idle' AND query LIKE '%numbackends%'",
        catalogue.settings().user
    );
    let mut psql = catalogue.psql()?;
    let deadline = Deadline::until("the devices are counted");
    while psql.value(&counted)? != devices.to_string() {
        deadline.check()?;
        pause().await;
    }
    Ok(())
}

fn log(cluster: &Cluster) -> anyhow::Result<String> {
    fs::read_to_string(cluster.socket().join("log")).context("the server writes no log")
}

/// How many times something has been asked so far.
fn asked(cluster: &Cluster, what: &str) -> anyhow::Result<usize> {
    Ok(log(cluster)?.matches(what).count())
}

/// How a catalogue's statement for pulling a little is called, once a session keeps it.
fn question(cluster: &Cluster, catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Option<String>> {
    let log = log(cluster)?;
    let kept = log.split_once(&format!("FROM \"{}\".lineage WHERE revision = $3", catalogue.name()));
    let name = kept.and_then(|(before, _)| before.rsplit_once("PREPARE ")?.1.split_once(" ("));
    Ok(name.map(|(name, _)| format!("EXECUTE {name}")))
}

/// A file, and how many times it was read and written.
struct Counted {
    file: CatalogueFile,
    transactions: AtomicU32,
}

impl LocalFile for Counted {
    fn read<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalView) -> Result<T> + Send + 'static,
    {
        self.transactions.fetch_add(1, Ordering::Relaxed);
        self.file.read(body)
    }

    fn write<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalTransaction) -> Result<T> + Send + 'static,
    {
        self.transactions.fetch_add(1, Ordering::Relaxed);
        self.file.write(body)
    }

    fn moment(&self) -> Moment {
        self.file.moment()
    }
}

on_each_release! {
    async fn in_a_crowd_one_edit_in_sixteen_is_hinted_at_and_all_arrive(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let idle = idle(&catalogue).await?;
        let listening = Central::new(catalogue.settings());
        let (connection, _) = listening.open().await?;
        let mut hints = listening.hints();
        connection.listen().await?;
        let (ann, bob) = (Device::named("Ann"), Device::named("Bob"));
        let tasks = [&ann, &bob].map(|device| in_a_crowd(device, &catalogue));
        for task in &tasks {
            until(task, |status| status.state == SyncState::InStep).await?;
        }
        have_counted(&catalogue, tasks.len()).await?;
        let edits = REVISIONS_PER_HINT * 2 + 1;
        for edit in 1..=edits {
            ann.author(&format!("{edit}")).await?;
            until(&tasks[0], |status| status.revision >= Some(edit) && status.pending == 0).await?;
            let hinted = *hints.borrow_and_update();
            ensure!(hinted % REVISIONS_PER_HINT == 0, "revision {hinted} was hinted at");
        }
        let last = edits - edits % REVISIONS_PER_HINT;
        Deadline::until("the last hint is heard").of(hints.wait_for(|hinted| *hinted == last)).await??;
        until(&tasks[1], |status| status.revision == Some(edits)).await?;
        drop((tasks, idle));
        in_step(&catalogue, [&ann, &bob])?;
    }

    async fn in_a_crowd_a_look_is_one_question(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let idle = idle(&catalogue).await?;
        let ann = Device::named("Ann");
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('first', 'f')")?;
        // What the server is asked is in its log, unless a name in it is not this catalogue's.
        let user = catalogue.settings().user;
        cluster.psql()?.run(&format!("ALTER ROLE {user} SET log_statement = 'all'"))?;
        let task = in_a_crowd(&ann, &catalogue);
        until(&task, |status| status.state == SyncState::InStep).await?;
        // Until the device knows that hints get through, and its statement is kept.
        let mut revision = 1;
        let deadline = Deadline::until("the statement for a little is kept");
        let question = loop {
            revision += 1;
            psql.run(&format!("INSERT INTO author (name, sort_name) VALUES ('a', 'a'); NOTIFY {}, '{revision}'", catalogue.name()))?;
            until(&task, |status| status.revision == Some(revision)).await?;
            if let Some(question) = question(cluster, &catalogue)? {
                break question;
            }
            deadline.check()?;
        };
        // As asked for by itself and in a whole pull, and as in the other kind.
        let head = format!(" schema_version, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, lineage.mark FROM \"{}\"", catalogue.name());
        let (heads, pulls) = (asked(cluster, &head)?, asked(cluster, &question)?);
        for _ in 0..EDITS {
            psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
            // One at a time, as other programs write.
            tokio::time::sleep(BETWEEN_EDITS).await;
        }
        until(&task, |status| status.revision == Some(revision + EDITS)).await?;
        let (heads, pulls) = (asked(cluster, &head)? - heads, asked(cluster, &question)? - pulls);
        ensure!(pulls >= 2 && heads * 2 < pulls, "{heads} heads and {pulls} pulls for {EDITS} edits");
        drop((task, idle));
        in_step(&catalogue, [&ann])?;
    }

    async fn a_round_that_takes_an_edit_and_has_nothing_to_send_takes_two_transactions(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let ann = Device::named("Ann");
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('first', 'f')")?;
        ann.round(catalogue.settings()).await?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('second', 's')")?;
        let mut connection = catalogue.open().await?;
        let parties = Parties {
            tables: ann.program.edition.tables,
            identity: identity(&ann.name),
            batch_rows: BATCH_ROWS_MAX,
        };
        let counted = Counted {
            file: CatalogueFile::new(ann.database().clone(), &parties.identity),
            transactions: AtomicU32::new(0),
        };
        let asked = counted.moment().uptime;
        let head = connection.head().await?;
        let mut sighting = Sighting {
            head,
            clock: measured(head.server_time, asked, counted.moment().uptime),
            news: News::Hinted,
        };
        let report = round(&counted, &mut connection, &parties, &mut sighting, &mut |_| ()).await?;
        ensure!(report.pulled == 1 && report.pending == 0, "{report:?}");
        let transactions = counted.transactions.into_inner();
        ensure!(transactions == 2, "{transactions} transactions");
        in_step(&catalogue, [&ann])?;
    }
}
