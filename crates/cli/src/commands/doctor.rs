//! `colophon doctor`: whether the catalogue file is sound.

use std::time::Duration;

use clap::Args;
use colophon_catalogue::file_schema;
use colophon_catalogue::health::{self, Finding};
use colophon_catalogue::support_report::{Fact, SupportReport};
use colophon_store::clock::Origin;
use colophon_store::settings::{Access, Layer, Sources};
use colophon_store::{
    BackupSettings, Database, Error, MigrationError, NotKeptEntry, QuarantinedEntry, ReadSession, Settings,
};
use colophon_sync::central::{Blocker, Central, CentralSettings, Connection, Head};
use indicatif::{HumanBytes, HumanCount};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::catalogue_file::CatalogueFile;
use crate::commands::restore::shown;
use crate::ending::{Ending, UNDONE};
use crate::exit::Exit;
use crate::output::Output;
use crate::server;
use crate::shown::visible;

/// What is reported of a repair that was cut off while the file was being examined.
const REPAIRED: &str = "told to stop; the stored keys that had been rebuilt by then stay";
/// How many records are named.
const EXAMPLES_MAX: usize = 10;
/// An older backup is too old, if something has changed since.
const OLD_BACKUP: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A transaction that is still the only writer after this time is reported. Those of the app take a few tenths of it.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Check the catalogue file and the connection to the server, and say what needs attention.
///
/// It looks for damage, broken references, stale keys and bad values, checks the version and the backups, and asks the server
/// whether it can be used and who is keeping others from writing there.
///
/// Nothing is changed without --repair, which only rebuilds what follows from other data.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Rebuild stored keys that are stale.
    #[arg(long)]
    repair: bool,
    /// Print a report for whoever helps you, instead: numbers and words of the program, no title, name, server or path.
    #[arg(long)]
    report: bool,
}

impl Doctor {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let (mut findings, mut cursor) = (Vec::new(), None);
        let mut report = SupportReport::new("colophon", env!("CARGO_PKG_VERSION"), Origin::default().clock.now());
        match file.open_as_it_is(if self.repair { Access::Existing } else { Access::Examine }) {
            Ok(database) => {
                self.examine(&database, file.ending(), &mut findings);
                let device = database.read_blocking(|session| session.device());
                cursor = device.ok().flatten().map(|device| device.cursor);
                // A file that cannot be read is told by the checks.
                let _ = database.read_blocking(|session| report.add_file(session));
            }
            Err(error) if error.downcast_ref::<Error>().is_some() => {
                findings.push(Finding::needs_care("file", format!("{:#}", error.root_cause())));
            }
            Err(error) => return Err(error),
        }
        findings.push(backups(file)?);
        findings.extend(settings_finding(file.sources()));
        findings.extend(server_findings(file, cursor)?);
        let healthy = findings.iter().all(|finding| finding.healthy);
        if self.report {
            report.add_findings(&findings);
            report.add("settings", settings_given(file.sources()));
            if output.is_json() {
                output.document(&report)?;
            } else {
                report.to_string().lines().try_for_each(|line| output.line(line))?;
            }
        } else if output.is_json() {
            let path = file.path().display().to_string();
            output.document(&json!({ "file": path, "healthy": healthy, "findings": findings }))?;
        } else {
            output.field("catalogue", file.path().display())?;
            for finding in &findings {
                let word = if finding.healthy { "ok" } else { "CARE" };
                output.field(finding.check, format_args!("{word:<5}{}", finding.detail))?;
            }
        }
        Ok(if healthy { Exit::Done } else { Exit::NeedsCare })
    }

    /// Adds what is found; an examination that fails is a finding, too.
    fn examine(&self, database: &Database, ending: &Ending, findings: &mut Vec<Finding>) {
        let version = version(database).unwrap_or_else(|error| failed("version", &error));
        let is_current = version.healthy;
        findings.push(version);
        if !is_current {
            return;
        }
        if self.repair {
            findings.push(match database.write_blocking(health::renew_keys) {
                Ok(count) => Finding::healthy("repair", format!("rebuilt the stored keys of {count} records")),
                Err(error) => failed("repair", &error),
            });
        }
        // If somebody has closed the file meanwhile, that is not a finding about it.
        let so = if self.repair { REPAIRED } else { UNDONE };
        ending.may_be_left(so, || look_into(database, findings));
    }
}

/// Adds what is found in a file of this version.
fn look_into(database: &Database, findings: &mut Vec<Finding>) {
    match database.read_blocking(|session| Ok(health::examine(session))) {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(failed("file", &error)),
    }
    match database.read_blocking(remembered) {
        Ok(found) => findings.push(found),
        Err(error) => findings.push(failed("memory", &error)),
    }
    match database.read_blocking(|s| Ok((s.quarantined()?, s.not_kept()?))) {
        Ok((quarantined, not_kept)) => findings.push(in_step(&quarantined, &not_kept)),
        Err(error) => findings.push(failed("sync", &error)),
    }
}

/// When the last backup was made.
fn backups(file: &CatalogueFile) -> anyhow::Result<Finding> {
    const CHECK: &str = "backups";
    let backups = file.backups()?;
    let all = match backups.all() {
        Ok(all) => all,
        Err(error) => return Ok(failed(CHECK, &error)),
    };
    let Some(newest) = all.first() else {
        let detail = "there are none: the window makes them by itself, `colophon backup` makes one now";
        return Ok(Finding::healthy(CHECK, detail));
    };
    let (count, at, folder) = (all.len(), shown(newest.at), backups.folder().display());
    let detail = format!("{count} in {folder}, the last from {at}");
    let now = Origin::default().clock.now();
    let is_old = now.duration_since(newest.at) > OLD_BACKUP && backups.has_changed(Some(newest), now);
    Ok(if is_old {
        Finding::needs_care(
            CHECK,
            format!("{detail}, and there have been changes since: run `colophon backup`"),
        )
    } else {
        Finding::healthy(CHECK, detail)
    })
}

/// What the file stores besides the catalogue, and what it has forgotten of it.
fn remembered(session: &ReadSession<'_>) -> colophon_store::Result<Finding> {
    let size = |table| session.size_of_table(table).map(HumanBytes);
    let (journal, deletions, waiting) = (size("edit")?, size("deleted")?, size("pending")?);
    let forgotten = match session.pruned()?.edits {
        0 => String::new(),
        edits => format!("; {} older edits are no longer in the journal", HumanCount(edits)),
    };
    Ok(Finding::healthy(
        "memory",
        format!("the journal takes {journal}, deletions {deletions}, what waits {waiting}{forgotten}"),
    ))
}

/// Whether something is quarantined, on either side, that waits for a person.
fn in_step(quarantined: &[QuarantinedEntry], not_kept: &[NotKeptEntry]) -> Finding {
    let edits = quarantined.iter().filter(|row| row.waits_for_a_person);
    let edits: Vec<String> = edits.map(|row| format!("{} {}", row.entity, row.id)).collect();
    let not_kept: Vec<String> = not_kept
        .iter()
        .map(|row| format!("{} {}", row.entity, row.id))
        .collect();
    let mut found = Vec::new();
    for (rows, what) in [
        (edits, "quarantined edits that the server will not take"),
        (not_kept, "quarantined records from the server that cannot be kept here"),
    ] {
        if !rows.is_empty() {
            let examples = rows
                .iter()
                .take(EXAMPLES_MAX)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let more = if rows.len() > EXAMPLES_MAX { ", …" } else { "" };
            found.push(format!("{} {what} ({examples}{more})", rows.len()));
        }
    }
    if found.is_empty() {
        return Finding::healthy("sync", "nothing is quarantined");
    }
    let found = found.join("; ");
    Finding::needs_care(
        "sync",
        format!("{found}: `colophon sync` says why, `colophon sync retry` tries again"),
    )
}

/// Whether the file and this program fit together.
fn version(database: &Database) -> colophon_store::Result<Finding> {
    let schema = file_schema()?;
    // As every other command does before it works with the file.
    match database.check_version_blocking(&schema) {
        Err(Error::Migration(error @ MigrationError::Edited { .. })) => {
            return Ok(Finding::needs_care(
                "version",
                format!("{error}; no command works with it: `colophon restore` goes back to a backup"),
            ));
        }
        Err(error @ Error::Corrupt { .. }) => return Err(error),
        _ => {}
    }
    let steps = database.migration_status_blocking(&schema)?;
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    let waiting = steps.iter().filter(|step| step.applied_on.is_none()).count();
    if waiting < steps.len() {
        let found = database.read_blocking(health::version)?;
        if found > known {
            let detail =
                format!("the file is at V{found} and this program knows up to V{known}: install the newer version");
            return Ok(Finding::needs_care("version", detail));
        }
    }
    Ok(match waiting {
        0 => Finding::healthy("version", format!("the file is at V{known}, as this program expects")),
        _ => Finding::needs_care(
            "version",
            format!("{waiting} migrations to V{known} are missing: run `colophon migrate`"),
        ),
    })
}

/// Which settings somebody has given, not what they are.
fn settings_given(sources: &Sources) -> Vec<(&'static str, Fact)> {
    let given = all_settings().filter(|name| sources.decides(name).is_some());
    given.map(|name| (name, Fact::Word("given"))).collect()
}

fn all_settings() -> impl Iterator<Item = &'static str> {
    let store = Settings::NAMES.into_iter().chain(BackupSettings::NAMES);
    store.chain(CentralSettings::NAMES)
}

/// Where the settings in effect were found; nothing if all are the usual ones.
fn settings_finding(sources: &Sources) -> Option<Finding> {
    let decided = all_settings().filter_map(|name| Some((name, sources.decides(name)?)));
    let told: Vec<_> = decided
        .map(|(name, layer)| match why_unused(sources, name, &layer) {
            Some(why) => format!("{name} from {layer} is not used, because {why}"),
            None => format!("{name} from {layer}"),
        })
        .collect();
    (!told.is_empty()).then(|| Finding::healthy("settings", told.join(", ")))
}

/// Why a server setting that is present does not count; `None` if it does.
fn why_unused(sources: &Sources, name: &str, layer: &Layer) -> Option<String> {
    let of_server = sources.decides(CentralSettings::SERVER)?;
    let counted = CentralSettings::counted(sources);
    let is_password = name == CentralSettings::PASSWORD;
    if counted.decides(name).as_ref() != Some(layer) || is_password && *layer != of_server {
        return Some(format!("{of_server} names the server"));
    }
    let unmeant = CentralSettings::unmeant(&counted).filter(|_| is_password);
    unmeant.map(|other| format!("{other} is from another place"))
}

/// Whether the server that the settings name can be worked with, and written to; nothing if they name none.
fn server_findings(file: &CatalogueFile, cursor: Option<i64>) -> anyhow::Result<Vec<Finding>> {
    let Some(settings) = CentralSettings::from_sources(file.sources())? else {
        return Ok(Vec::new());
    };
    let address = format!("{} ({})", settings.address(), settings.schema);
    server::ask(file, async {
        Ok(match Central::new(settings).asking_keychain().open().await {
            Ok((connection, head)) => {
                let answers = format!("{address} answers, at revision {}", head.revision);
                let mut findings = vec![Finding::healthy("server", answers)];
                findings.extend(ahead_of(head, cursor));
                findings.extend(undead(&connection).await);
                findings.extend(who_writes(&connection, head).await);
                findings
            }
            Err(error) => vec![Finding::needs_care("server", error.to_string())],
        })
    })
}

/// A finding if the file has seen something that the server does not have; nothing otherwise.
fn ahead_of(head: Head, cursor: Option<i64>) -> Option<Finding> {
    let cursor = cursor.filter(|cursor| *cursor > head.revision || *cursor < 0)?;
    let detail = format!(
        "this file says that it has come to revision {cursor}, and the server is only at {}: the server was brought back from a backup, or \
         another program has written to the file; `colophon sync` finds out what is missing on either side",
        head.revision
    );
    Some(Finding::needs_care("revision", detail))
}

/// A finding if there are records that exist and are deleted at the same time; nothing otherwise.
async fn undead(connection: &Connection) -> Option<Finding> {
    match connection.count_undead().await {
        Ok(0) => None,
        Ok(count) => Some(Finding::needs_care(
            "server",
            format!(
                "{count} records are there and remembered as deleted at once, as a restore without triggers leaves them: \
                 `colophon sync verify` heals them, and what is there stays"
            ),
        )),
        Err(error) => Some(Finding::needs_care("server", error.to_string())),
    }
}

/// Who is keeping others from writing, now and a moment later.
async fn who_writes(connection: &Connection, head: Head) -> Vec<Finding> {
    match lasting_blockers(connection).await {
        Ok(blockers) if blockers.is_empty() => {
            vec![Finding::healthy("writing", "nobody is keeping others from writing")]
        }
        Ok(blockers) => {
            let tell = |blocker: &Blocker| Finding::needs_care("writing", in_words(blocker, head.server_time));
            blockers.iter().map(tell).collect()
        }
        Err(error) => vec![Finding::needs_care("writing", error.to_string())],
    }
}

async fn lasting_blockers(connection: &Connection) -> Result<Vec<Blocker>, colophon_sync::central::Error> {
    let before = connection.blockers().await?;
    if before.is_empty() {
        return Ok(before);
    }
    tokio::time::sleep(LOOK_AGAIN).await;
    let mut still = connection.blockers().await?;
    still.retain(|blocker| before.iter().any(|earlier| earlier.transaction == blocker.transaction));
    Ok(still)
}

fn in_words(blocker: &Blocker, now: Timestamp) -> String {
    let program = match visible(&blocker.application) {
        name if name.is_empty() => "a program without a name".to_owned(),
        name => format!("`{name}`"),
    };
    let since = match blocker.since {
        Some(since) => {
            let age = SignedDuration::from_secs(now.duration_since(since).as_secs().max(0));
            format!("since {} (for {age:#})", since.strftime("%Y-%m-%d %H:%M:%S UTC"))
        }
        None => "since a time that your login may not see".to_owned(),
    };
    let idle = match blocker.is_idle {
        Some(true) => ", idle with its transaction open",
        Some(false) => ", at work",
        None => "",
    };
    let waiting = match blocker.waiting {
        0 => String::new(),
        1 => "; 1 other is waiting for it".to_owned(),
        count => format!("; {count} others are waiting for it"),
    };
    format!(
        "{program} (process {} on the server, signed in as {}) is the only one who can write, {since}{idle}{waiting}. \
         Everybody can read, and edits are safe here until it commits or rolls back; \
         whoever runs the server can end it with SELECT pg_terminate_backend({})",
        blocker.pid,
        visible(&blocker.login),
        blocker.pid
    )
}

fn failed(check: &'static str, error: &Error) -> Finding {
    Finding::needs_care(check, error.to_string())
}
