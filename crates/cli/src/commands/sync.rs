//! `colophon sync`: fetches what others have written, and sends what waits here.

use std::time::Duration;

use clap::{Args, Subcommand};
use colophon_catalogue::called::Called;
use colophon_catalogue::file_schema;
use colophon_store::backup::Pace;
use colophon_store::{Backups, Database};
use colophon_sync::central::{Central, QuarantineReason};
use colophon_sync::{
    DownloadProgress, Exchange, Identity, NotKept, Progress, QuarantinedRow, RoundReport, Standing, SyncState,
    SyncStatus, SyncTask, WhyNotKept, WhyQuarantined,
};
use indicatif::{HumanCount, HumanDuration};
use serde::Serialize;
use uuid::Uuid;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::progress;
use crate::server;

/// How often to check whether another program is done with the file.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Sync this file with the server until neither has anything new.
///
/// With --watch it keeps going: whatever is written here or there travels at once, and a server that is away is tried again
/// until it is back. Ctrl-C ends it; the next sync settles a batch that was under way.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sync {
    /// Something other than a sync.
    #[command(subcommand)]
    action: Option<Action>,
    /// Keep going until Ctrl-C and report every change; with --json, one document per line.
    #[arg(long)]
    watch: bool,
}

/// What can be asked besides a round.
#[derive(Debug, Subcommand)]
enum Action {
    /// Account for every edit ever made in this file, and name those that nothing accounts for.
    Audit,
    /// Try again what is quarantined: edits that the server did not take, and records from the server that could not be kept here.
    /// All of them, or those that you name.
    Retry {
        /// The records' ids.
        ids: Vec<Uuid>,
    },
    /// Sync, then compare this file with the server record by record and repair any difference.
    Verify,
}

/// The JSON document of a round.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a RoundReport,
    state: SyncState,
}

impl Sync {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let mut tried_again: Option<&[Uuid]> = None;
        match &self.action {
            Some(Action::Audit) => return super::audit::run(file, output),
            Some(Action::Verify) => return super::verify::run(file, output),
            Some(Action::Retry { ids }) => tried_again = Some(ids),
            None => {}
        }
        let central = server::of_settings(file)?;
        let database = file.open(WhenMissing::Refuse, output)?;
        if self.watch {
            let backups = file.backups()?;
            let task = (database, central, identity(file)?);
            file.back_up_at_the_end(backups.clone());
            // It has no end of its own.
            file.ending()
                .may_be_left("", || server::block_on(watch(task, backups, output)))
        } else {
            let exchange = Exchange::new(database, central, identity(file)?);
            server::ask(file, round(exchange, tried_again, output))
        }
    }
}

async fn round(mut exchange: Exchange, tried_again: Option<&[Uuid]>, output: &Output) -> anyhow::Result<Exit> {
    if let Some(ids) = tried_again {
        try_again(&exchange, ids, output).await?;
    }
    let bar = progress::bar(output, exchange.pending().await?);
    let tell = &mut |progress| match progress {
        Progress::Sent(rows) => bar.set_position(rows),
        Progress::Downloading(download) => {
            bar.set_length(download.total);
            bar.set_position(download.rows);
            bar.set_message(received(&download));
        }
    };
    let report = in_turn(output, async || exchange.round(tell).await).await;
    bar.finish_and_clear();
    let report = report?;
    let state = Standing::after(&report).state();
    if output.is_json() {
        output.document(&Answer { report: &report, state })?;
    } else {
        let (sent, waiting) = (HumanCount(report.pushed), HumanCount(report.pending));
        output.line(format_args!(
            "{} received, {sent} sent, {waiting} waiting, {}, revision {}",
            HumanCount(report.pulled),
            words(state),
            report.revision
        ))?;
        if let Some(reconciled) = report.reconciled {
            output.note(reconciled);
        }
        if report.parked > 0 {
            let parked = HumanCount(report.parked);
            output.note(format_args!("new conflicts: {parked}; see colophon conflicts list"));
        }
        tell_quarantined(&report.quarantined, &report.not_kept, output);
    }
    Ok(if report.quarantined.is_empty() && report.not_kept.is_empty() {
        Exit::Done
    } else {
        Exit::NeedsCare
    })
}

async fn try_again(exchange: &Exchange, ids: &[Uuid], output: &Output) -> anyhow::Result<()> {
    let count = if ids.is_empty() {
        exchange.retry_quarantined().await?
    } else {
        exchange.retry_some(ids).await?
    };
    if count == 0 && !ids.is_empty() {
        let message = "none of these records is quarantined; `colophon sync` lists those that are";
        return Err(refusal(Exit::NotFound, message));
    }
    output.note(format_args!("tried again: {}", HumanCount(count)));
    Ok(())
}

/// Waits while another program syncs this very file, and says so; then it is this program's turn.
pub(super) async fn in_turn<T>(
    output: &Output,
    mut exchange: impl AsyncFnMut() -> colophon_sync::Result<T>,
) -> colophon_sync::Result<T> {
    let mut is_told = false;
    loop {
        match exchange().await {
            Err(colophon_sync::Error::ExchangedElsewhere) => {
                if !is_told {
                    output.note("another program is syncing this catalogue file; waiting for it");
                    is_told = true;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            exchanged => return exchanged,
        }
    }
}

/// Reports every change of the status, until somebody ends the program or nobody reads any more.
async fn watch(
    (database, central, identity): (Database, Central, Identity),
    backups: Backups,
    output: &Output,
) -> anyhow::Result<Exit> {
    let keeping = backups.keep(database.clone(), file_schema()?, Pace::default(), |made| match made {
        Ok(made) => output.aside(format_args!("A backup was made: {}", made.backup.file.display())),
        Err(error) => output.note(error),
    });
    let task = SyncTask::start(database, Some(central), identity);
    tokio::select! {
        () = keeping => Ok(Exit::Failed),
        ended = tell_every_change(task, output) => ended,
    }
}

async fn tell_every_change(task: SyncTask, output: &Output) -> anyhow::Result<Exit> {
    task.somebody_stays_here();
    let mut status = task.status();
    loop {
        let now = status.borrow_and_update().clone();
        tell(&now, output)?;
        output.finish()?;
        if status.changed().await.is_err() {
            return Ok(Exit::Failed);
        }
    }
}

fn tell(status: &SyncStatus, output: &Output) -> anyhow::Result<()> {
    if output.is_json() {
        return output.document_line(status);
    }
    let revision = status
        .revision
        .map(|revision| format!(", revision {revision}"))
        .unwrap_or_default();
    let download = status.download.as_ref();
    let download = download.map(|download| format!(", {}", received(download)));
    output.line(format_args!(
        "{}, {} waiting{revision}{}",
        words(status.state),
        HumanCount(status.pending),
        download.unwrap_or_default()
    ))?;
    if let Some(reconciled) = status.reconciled {
        output.note(reconciled);
    }
    if let Some(error) = &status.error {
        let tried_again = status
            .next_try
            .map(|at| format!(" (trying again at {})", at.strftime("%H:%M:%S UTC")));
        output.note(format_args!("{}{}", error.message, tried_again.unwrap_or_default()));
    }
    tell_quarantined(&status.quarantined, &status.not_kept, output);
    Ok(())
}

fn tell_quarantined(rows: &[QuarantinedRow], from_the_server: &[NotKept], output: &Output) {
    for row in rows {
        output.note(quarantined(row));
    }
    for row in from_the_server {
        output.note(not_kept(row));
    }
}

/// A quarantined row of this file, in words.
pub(super) fn quarantined(row: &QuarantinedRow) -> String {
    let why = match &row.why {
        WhyQuarantined::Refused { reason, .. } => format!("the server refuses it ({reason})"),
        WhyQuarantined::WaitsForNews(reason) => news(reason),
        WhyQuarantined::NoRoom => {
            "the server is an older version and has no room for its new fields; `colophon migrate --central` makes room"
                .to_owned()
        }
        WhyQuarantined::Hidden => "the server has it, and hides it from your login".to_owned(),
        WhyQuarantined::Withheld { reason, .. } => reason.clone(),
    };
    format!("{} {}: {why}; it is safe here", row.entity, row.id)
}

/// A row from the server that this file could not keep, in words.
pub(super) fn not_kept(row: &NotKept) -> String {
    let why = match &row.why {
        WhyNotKept::Unreadable { reason } => format!("it cannot be read ({reason})"),
        WhyNotKept::BreaksRule { reason } => format!("it breaks a rule of the catalogue ({reason})"),
        WhyNotKept::ParentMissing => {
            "it refers to a record that is hidden from your login, or that could not be kept either".to_owned()
        }
    };
    let (entity, id) = (row.entity, row.id);
    format!(
        "{entity} {id} from the server cannot be kept here: {why}; what is here stays as it is, and it will be asked for again"
    )
}

fn news(reason: &QuarantineReason) -> String {
    match reason {
        QuarantineReason::Changed => "it has since been changed on the server".to_owned(),
        QuarantineReason::Deleted | QuarantineReason::Purged => "it has since been deleted on the server".to_owned(),
        QuarantineReason::ValueHeld { column } => format!("another record on the server has its {column}"),
        QuarantineReason::MissingParent { column } => format!("the server does not have the record in its {column}"),
        QuarantineReason::StillNeeded => "other records on the server need it".to_owned(),
    }
}

/// How far the first download has come, in words.
fn received(download: &DownloadProgress) -> String {
    let DownloadProgress {
        rows,
        total,
        seconds_left,
    } = *download;
    let left = seconds_left.map(|seconds| format!(", about {} left", HumanDuration(Duration::from_secs(seconds))));
    format!(
        "{} of about {} records received{}",
        HumanCount(rows),
        HumanCount(total),
        left.unwrap_or_default()
    )
}

/// A state in words.
pub(crate) fn words(state: SyncState) -> &'static str {
    match state {
        SyncState::NotConfigured => "no server configured",
        SyncState::Offline => "offline",
        SyncState::Pending => "on the way",
        SyncState::InStep => "in step",
        SyncState::NeedsCare => "needs care",
        SyncState::Error => "stopped",
    }
}

pub(super) fn identity(file: &CatalogueFile) -> anyhow::Result<Identity> {
    Ok(Identity {
        name: Called::from_sources(file.sources())?.to_string(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
