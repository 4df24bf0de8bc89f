//! Sending what waits to a PostgreSQL of our own. The floor is psql's `\copy` of the same rows into the same tables, whose
//! triggers stamp them; ours reads them from the local file, keeps every batch there before it is sent, and acknowledges it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use colophon_catalogue::{Author, Book};
use colophon_store::settings::Durability;
use colophon_store::{Columns, Database, Entity, Settings, schema::Value};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Exchange, Identity, SyncState, SyncTask};
use colophon_tests::postgres::{CentralCatalogue, Cluster, PsqlProgram, Release};
use tokio::runtime::Runtime;

use crate::floor::{self, File};
use crate::measure::{Table, in_turns, milliseconds, percentile, timed};

const ROWS: u32 = 100_000;
const ROUNDS: usize = 5;
const EDITS: u32 = 200;

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    for (release, name) in [(Release::Distribution, "the distribution's"), (Release::Eighteen, "18")] {
        let sample = Sample::new(ROWS)?;
        let cluster = Cluster::start(release)?;
        let runtime = Runtime::new()?;
        let times = in_turns(
            ROUNDS,
            || copy(&runtime, &cluster, &sample),
            || push(&runtime, &cluster, &sample),
        )?;
        let work = format!("push {ROWS} authors and books to PostgreSQL ({name}), against `\\copy`");
        table.rates(work, ROWS, times, "≥ 0.95");
    }
    one_edit(table)?;
    if rows > ROWS {
        let sample = Sample::new(rows)?;
        let cluster = Cluster::start(Release::Distribution)?;
        let runtime = Runtime::new()?;
        let times = in_turns(
            1,
            || copy(&runtime, &cluster, &sample),
            || push(&runtime, &cluster, &sample),
        )?;
        table.rates(format!("push {rows}"), rows, times, "≥ 0.95");
    }
    Ok(())
}

/// One edit after another: from the call that makes it to the moment the server has confirmed it.
fn one_edit(table: &mut Table) -> Result<()> {
    let cluster = Cluster::start(Release::Distribution)?;
    let runtime = Runtime::new()?;
    let file = File::new(Durability::Normal)?;
    let catalogue = runtime.block_on(CentralCatalogue::new(&cluster))?;
    let identity = Identity {
        name: "a bench".to_owned(),
        app_version: String::new(),
    };
    let mut times = runtime.block_on(async {
        let task = SyncTask::start(
            file.database.clone(),
            Some(Central::new(catalogue.settings())),
            identity,
        );
        let mut status = task.status();
        status.wait_for(|status| status.state == SyncState::InStep).await?;
        let mut times = Vec::new();
        for number in 1..=EDITS {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let begun = Instant::now();
            let draft = crate::made_up::author(number);
            file.database
                .write(move |tx| tx.repo_mut::<Author>().create(&draft))
                .await?;
            status
                .wait_for(|status| status.revision == Some(i64::from(number)))
                .await?;
            times.push(begun.elapsed());
        }
        anyhow::Ok(times)
    })?;
    let (median, slow) = (percentile(&mut times, 50), percentile(&mut times, 99));
    let figure = format!("{} median, {} p99", milliseconds(median), milliseconds(slow));
    table.figure(
        "one edit, from the call to the server's confirmation, loopback",
        figure,
        "",
    );
    Ok(())
}

/// Rows that were never sent: in a local file, and as text for `\copy`.
struct Sample {
    file: PathBuf,
    rows: u32,
    copies: [String; 2],
    _local: File,
}

impl Sample {
    fn new(rows: u32) -> Result<Self> {
        let local = File::new(Durability::Normal)?;
        floor::fill(&local.database, rows - rows / 11)?;
        let folder = local.folder.path();
        let copies = [
            as_text::<Author>(&local.database, &folder.join("author.txt"))?,
            as_text::<Book>(&local.database, &folder.join("book.txt"))?,
        ];
        let file = folder.join("sample.sqlite");
        let bare = floor::open(&folder.join("catalogue.sqlite"), Durability::Normal)?;
        bare.execute("VACUUM INTO ?", [file.display().to_string()])?;
        Ok(Self {
            file,
            rows,
            copies,
            _local: local,
        })
    }
}

fn copy(runtime: &Runtime, cluster: &Cluster, sample: &Sample) -> Result<Duration> {
    let catalogue = runtime.block_on(CentralCatalogue::new(cluster))?;
    let [authors, books] = &sample.copies;
    cluster.psql()?.run("CHECKPOINT")?;
    let time = timed(|| PsqlProgram::start(&catalogue, "ann", &["BEGIN", authors, books, "COMMIT"])?.finish())?;
    arrived(&catalogue)?;
    Ok(time)
}

fn push(runtime: &Runtime, cluster: &Cluster, sample: &Sample) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("catalogue.sqlite");
    std::fs::copy(&sample.file, &file)?;
    let settings = Settings {
        durability: Durability::Normal,
        ..Settings::for_file(file)
    };
    let (database, _) = colophon_catalogue::open_blocking(&settings)?;
    let catalogue = runtime.block_on(CentralCatalogue::new(cluster))?;
    let mut exchange = exchange(database, catalogue.settings());
    cluster.psql()?.run("CHECKPOINT")?;
    let mut pushed = 0;
    let time = timed(|| {
        pushed = runtime.block_on(exchange.round(&mut |_| ()))?.pushed;
        Ok(())
    })?;
    ensure!(pushed >= u64::from(sample.rows) - 20, "only {pushed} rows were pushed");
    arrived(&catalogue)?;
    Ok(time)
}

fn exchange(database: Database, settings: CentralSettings) -> Exchange {
    let identity = Identity {
        name: "a bench".to_owned(),
        app_version: String::new(),
    };
    Exchange::new(database, Central::new(settings), identity)
}

/// Also drops the catalogue, so that the next one does not find a larger server.
fn arrived(catalogue: &CentralCatalogue<'_>) -> Result<()> {
    let mut psql = catalogue.psql()?;
    let unstamped = psql.value("SELECT count(*) FROM book WHERE revision = 0")?;
    ensure!(unstamped == "0", "{unstamped} rows have no revision");
    psql.run("SET client_min_messages = error")?;
    psql.run(&format!("DROP SCHEMA {} CASCADE", catalogue.name()))?;
    Ok(())
}

/// Writes all rows of a table in the format of `\copy`, and returns the command that reads them.
fn as_text<E: Entity>(database: &Database, file: &Path) -> Result<String> {
    let rows = database.read_blocking(|s| s.repo::<E>().all())?;
    let mut text = String::new();
    for row in rows {
        for (index, (column, value)) in E::TABLE.columns.iter().zip(Columns::values(&row)).enumerate() {
            text.push_str(if index > 0 { "\t" } else { "" });
            match value {
                Value::Null => text.push_str("\\N"),
                Value::Integer(at) if column.name.ends_with("_at") => {
                    let at = jiff::Timestamp::from_microsecond(at).context("a row's time")?;
                    write!(text, "{at}")?;
                }
                Value::Integer(number) => write!(text, "{number}")?,
                Value::Real(number) => write!(text, "{number}")?,
                Value::Uuid(id) => write!(text, "{id}")?,
                Value::Text(words) => text.push_str(&words),
            }
        }
        text.push('\n');
    }
    std::fs::write(file, text)?;
    let columns: Vec<&str> = E::TABLE.columns.iter().map(|column| column.name).collect();
    Ok(format!(
        "\\copy {} ({}) from {}",
        E::TABLE.name,
        columns.join(","),
        file.display()
    ))
}
