//! `colophon doctor`: whether the catalogue file is sound.

use clap::Args;
use colophon_catalogue::file_schema;
use colophon_catalogue::health::{self, Finding};
use colophon_store::{Database, Error};
use colophon_sync::central::{Central, CentralSettings};
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;
use crate::server;

/// Examine the catalogue file and the way to the server, and say what needs care.
///
/// Damage, references, stored keys, values and the version are looked at, and whether the server can be worked with.
///
/// Nothing is changed without --repair, and with it only what follows from other data.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Write stored keys anew where they are stale.
    #[arg(long)]
    repair: bool,
}

impl Doctor {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let mut findings = Vec::new();
        match file.open_as_it_is(WhenMissing::Refuse) {
            Ok(database) => self.examine(&database, &mut findings),
            Err(error) if error.downcast_ref::<Error>().is_some() => {
                findings.push(Finding::needs_care("file", format!("{:#}", error.root_cause())));
            }
            Err(error) => return Err(error),
        }
        findings.extend(server_finding(file)?);
        let healthy = findings.iter().all(|finding| finding.healthy);
        if output.is_json() {
            let path = file.path().display().to_string();
            output.document(&json!({ "file": path, "healthy": healthy, "findings": findings }))?;
        } else {
            output.field("catalogue", file.path().display())?;
            for finding in &findings {
                let mark = if finding.healthy { "ok" } else { "CARE" };
                output.field(finding.check, format_args!("{mark:<5}{}", finding.detail))?;
            }
        }
        Ok(if healthy { Exit::Done } else { Exit::NeedsCare })
    }

    /// Adds what is found; an examination that fails is a finding, too.
    fn examine(&self, database: &Database, findings: &mut Vec<Finding>) {
        let version = version(database).unwrap_or_else(|error| failed("version", &error));
        let is_current = version.healthy;
        findings.push(version);
        if !is_current {
            return;
        }
        if self.repair {
            findings.push(match database.write_blocking(health::renew_keys) {
                Ok(count) => Finding::healthy(
                    "repair",
                    format!("the stored keys of {count} records were written anew"),
                ),
                Err(error) => failed("repair", &error),
            });
        }
        match database.read_blocking(health::examine) {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(failed("file", &error)),
        }
    }
}

/// Whether the file and this program fit together.
fn version(database: &Database) -> colophon_store::Result<Finding> {
    let steps = database.migration_status_blocking(&file_schema()?)?;
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
            format!("{waiting} steps to V{known} are missing: run `colophon migrate`"),
        ),
    })
}

/// Whether the server that the settings name can be worked with; `None` when they name none.
fn server_finding(file: &CatalogueFile) -> anyhow::Result<Option<Finding>> {
    let Some(settings) = CentralSettings::from_sources(file.sources())? else {
        return Ok(None);
    };
    let address = format!("{} ({})", settings.address(), settings.schema);
    let opened = server::block_on(async { Ok(Central::new(settings).open().await) })?;
    Ok(Some(match opened {
        Ok((_, head)) => Finding::healthy("server", format!("{address} answers, at revision {}", head.revision)),
        Err(error) => Finding::needs_care("server", error.to_string()),
    }))
}

fn failed(check: &'static str, error: &Error) -> Finding {
    Finding::needs_care(check, error.to_string())
}
