//! `colophon sync audit`: what became of every edit.

use colophon_sync::audit::{Audit, audit};
use colophon_sync::central::CentralSettings;
use indicatif::HumanCount;
use serde::Serialize;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;
use crate::server;

/// The JSON document.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    audit: &'a Audit,
    /// Whether the server was asked for its history, because the file alone could not account for everything.
    asked_server: bool,
}

pub(crate) fn run(file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
    let database = file.open(WhenMissing::Refuse, output)?;
    let mut audit = database.read_blocking(audit)?;
    let is_in_question = !audit.unaccounted.is_empty();
    let has_server = CentralSettings::from_sources(file.sources())?.is_some();
    if is_in_question && has_server {
        let central = server::of_settings(file)?;
        let records = audit.in_question();
        let history = server::ask(file, async move {
            let (connection, _) = central.open().await?;
            Ok(connection.history(&records).await?)
        })?;
        audit.account_by_history(&history);
    }
    let asked_server = is_in_question && has_server;
    if output.is_json() {
        let audit = &audit;
        output.document(&Answer { audit, asked_server })?;
    } else {
        tell(&audit, output)?;
        if is_in_question && !has_server {
            output.note("no server is configured whose history might account for these");
        }
    }
    Ok(if audit.unaccounted.is_empty() {
        Exit::Done
    } else {
        Exit::NeedsCare
    })
}

fn tell(audit: &Audit, output: &Output) -> anyhow::Result<()> {
    let counts = [
        ("edits", audit.edits),
        ("applied", audit.applied),
        ("pending", audit.pending),
        ("quarantined", audit.quarantined),
        ("superseded", audit.superseded),
        ("merged", audit.merged),
        ("parked", audit.parked),
        ("deleted", audit.deleted),
        ("replaced", audit.replaced),
        ("forgotten", audit.forgotten),
        ("unaccounted", audit.unaccounted.len() as u64),
    ];
    for (label, count) in counts {
        output.field(label, HumanCount(count))?;
    }
    if audit.pruned > 0 {
        let pruned = HumanCount(audit.pruned);
        output.note(format_args!(
            "{pruned} older edits are no longer in the journal; they were in step when they left it"
        ));
    }
    for one in &audit.unaccounted {
        let field = one.field.as_deref().unwrap_or("the whole record");
        output.note(format_args!(
            "unaccounted: {} {}, {field}: {}",
            one.entity, one.id, one.value
        ));
    }
    Ok(())
}
