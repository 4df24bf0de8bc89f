//! The first download: a new file takes a whole catalogue from a PostgreSQL of our own.
//!
//! The floor is what nobody can do without: the server's binary COPY of the same rows, written nowhere, while another
//! thread inserts them, already taken apart and with their keys computed beforehand, into bare tables without indexes;
//! then the same indexes.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use colophon_catalogue::lists::Lists;
use colophon_catalogue::{Author, Book};
use colophon_store::settings::Durability;
use colophon_store::{Announcement, Columns, Database, Settings};
use colophon_sync::central::{Central, CentralSettings, Password, TlsMode};
use colophon_sync::{Exchange, Identity};
use colophon_tests::ending::{self, PATIENCE_WITH_MUCH};
use colophon_tests::postgres::{CentralCatalogue, Cluster, PsqlProgram, Release};
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::floor::{self, File, Rows};
use crate::measure::{Table, Times, milliseconds, percentile};

const FEW: u32 = 100_000;
const ROUNDS: usize = 3;

/// The argument with which a child is started to make one round of a file of its own, so that its memory is nobody
/// else's.
pub(crate) const CHILD: &str = "--one-round";

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    for rows in [FEW].into_iter().chain((rows > FEW).then_some(rows)) {
        let authors = rows.div_ceil(10);
        let sample = floor::rows(authors, 10)?;
        let cluster = Cluster::start(Release::Distribution)?;
        let runtime = Runtime::new()?;
        let catalogue = runtime.block_on(CentralCatalogue::new(&cluster))?;
        fill(&runtime, &catalogue, rows)?;
        cluster.psql()?.run("VACUUM ANALYZE; CHECKPOINT")?;
        let (mut floors, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floors.push(bare(&catalogue, &sample)?);
            ours.push(download(&runtime, &catalogue)?);
        }
        let times = |floor: fn(&Floor) -> Duration, our: fn(&Ours) -> Duration| Times {
            floor: percentile(&mut floors.iter().map(floor).collect::<Vec<_>>(), 50),
            ours: percentile(&mut ours.iter().map(our).collect::<Vec<_>>(), 50),
        };
        let what = format!("first download of {rows} books and {authors} authors");
        let browsable = times(|floor| floor.browsable, |ours| ours.browsable);
        table.durations(format!("{what}: until the list can be read"), browsable, "≤ 1.3");
        let indexed = times(|floor| floor.indexed, |ours| ours.indexed);
        table.durations(format!("{what}: with all indexes"), indexed, "≤ 1.3");
        let searchable = percentile(&mut ours.iter().map(|ours| ours.searchable).collect::<Vec<_>>(), 50);
        table.figure(
            format!("{what}: until it can be searched"),
            milliseconds(searchable),
            "≤ 5 s",
        );
        let folder = tempfile::tempdir()?;
        let memory = round_of_child(&catalogue, &folder.path().join("catalogue.sqlite"))?;
        table.figure(
            format!("{what}: memory of a process that does nothing else, at most"),
            format!("{} MB", memory / 1024),
            "≤ 200 MB",
        );
    }
    Ok(())
}

/// Puts this many books on the server.
pub(crate) fn fill(runtime: &Runtime, catalogue: &CentralCatalogue<'_>, rows: u32) -> Result<()> {
    let full = File::new(Durability::Normal)?;
    floor::fill(&full.database, rows)?;
    let pushed = runtime.block_on(exchange(&full.database, catalogue.settings()).round(&mut |_| ()))?;
    ensure!(pushed.pending == 0, "{} rows did not reach the server", pushed.pending);
    Ok(())
}

struct Floor {
    browsable: Duration,
    indexed: Duration,
}

fn bare(catalogue: &CentralCatalogue<'_>, (authors, books): &Rows) -> Result<Floor> {
    let (connection, _folder) = floor::bare(Durability::Normal)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let (first, others) = take_indexes_off(&connection)?;
    let begun = Instant::now();
    let psql = PsqlProgram::start(catalogue, "ann", &[&copy::<Author>(), &copy::<Book>()])?;
    let transaction = connection.unchecked_transaction()?;
    let mut insert = connection.prepare(&floor::insert_sql::<Author>())?;
    for row in authors {
        floor::insert(&mut insert, row)?;
    }
    let mut insert = connection.prepare(&floor::insert_sql::<Book>())?;
    for row in books {
        floor::insert(&mut insert, row)?;
    }
    psql.finish()?;
    for index in first {
        connection.execute_batch(&index)?;
    }
    transaction.commit()?;
    let browsable = begun.elapsed();
    for index in others {
        connection.execute_batch(&index)?;
    }
    Ok(Floor {
        browsable,
        indexed: begun.elapsed(),
    })
}

fn copy<E: Columns>() -> String {
    let columns: Vec<&str> = E::TABLE.columns.iter().map(|column| column.name).collect();
    format!(
        "\\copy (select revision, {} from {} order by id) to program 'cat > /dev/null' with (format binary)",
        columns.join(", "),
        E::TABLE.name
    )
}

/// The indexes without which no list can be read in its order, and all others.
fn take_indexes_off(connection: &Connection) -> Result<(Vec<String>, Vec<String>)> {
    let indexes: Vec<(String, String)> = connection
        .prepare("SELECT name,sql FROM sqlite_schema WHERE type='index' AND sql IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    let sql = indexes.into_iter().map(|(_, sql)| sql);
    Ok(sql.partition(|sql| sql.contains("(sort_key)") || sql.contains("UNIQUE")))
}

struct Ours {
    browsable: Duration,
    indexed: Duration,
    searchable: Duration,
}

fn download(runtime: &Runtime, catalogue: &CentralCatalogue<'_>) -> Result<Ours> {
    let file = File::new(Durability::Normal)?;
    let lists = Lists::new(file.database.clone());
    let (published, when) = mpsc::channel();
    let mut changes = file.database.changes();
    // The window does the same: when the rows are there, lists are read again and the search is prepared.
    let watching = runtime.spawn(async move {
        while let Some(announced) = changes.next().await {
            if matches!(&announced, Announcement::Committed(changes) if changes.touches("book")) {
                let browsable = Instant::now();
                let prepared = tokio::task::spawn_blocking(move || lists.books.prepare().map(|()| Instant::now()));
                return published.send((browsable, prepared.await)).map_err(|_| ());
            }
        }
        Err(())
    });
    let begun = Instant::now();
    runtime.block_on(exchange(&file.database, catalogue.settings()).round(&mut |_| ()))?;
    let indexed = begun.elapsed();
    ensure!(runtime.block_on(watching)?.is_ok(), "nothing was published");
    let (browsable, searchable) = when.recv()?;
    Ok(Ours {
        browsable: browsable - begun,
        indexed,
        searchable: searchable?? - begun,
    })
}

/// The most memory, in KiB, that a process took which only makes one round of a file.
pub(crate) fn round_of_child(catalogue: &CentralCatalogue<'_>, file: &Path) -> Result<u64> {
    let settings = catalogue.settings();
    let output = ending::output_within(
        PATIENCE_WITH_MUCH,
        Command::new(std::env::current_exe()?).arg(CHILD).arg(file).args([
            &settings.port.to_string(),
            &settings.user,
            &settings.schema.to_string(),
        ]),
    )?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// What the child does.
pub(crate) fn one_round(arguments: &[String]) -> Result<()> {
    let [file, port, user, schema] = arguments else {
        anyhow::bail!("{CHILD} takes a file, a port, a login and a catalogue");
    };
    let (database, _) = colophon_catalogue::open_blocking(&Settings::for_file(Path::new(file)))?;
    let settings = CentralSettings {
        server: "127.0.0.1".to_owned(),
        port: port.parse()?,
        user: user.clone(),
        password: Some(Password::new("secret")),
        database: "postgres".to_owned(),
        schema: schema.parse().map_err(anyhow::Error::msg)?,
        tls: TlsMode::Disable,
        root_certificates: None,
        require_auth: None,
    };
    Runtime::new()?.block_on(exchange(&database, settings).round(&mut |_| ()))?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
    println!("{}", peak.context("the system does not tell")?);
    Ok(())
}

fn exchange(database: &Database, settings: CentralSettings) -> Exchange {
    let identity = Identity {
        name: "a bench".to_owned(),
        app_version: String::new(),
    };
    Exchange::new(database.clone(), Central::new(settings), identity)
}
