//! `colophon status`: what is in the catalogue and what waits for the server.

use clap::Args;
use colophon_catalogue::status::Status as Counts;
use colophon_sync::central::CentralSettings;
use colophon_sync::{Standing, SyncState};
use indicatif::HumanCount;
use serde::Serialize;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;

/// Show what is in the catalogue and what is waiting for the server, without asking the server.
#[derive(Debug, Args)]
pub(crate) struct Status {}

/// The JSON document.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    counts: Counts,
    state: SyncState,
    file: String,
}

impl Status {
    #[expect(clippy::unused_self, reason = "every command is run in the same way")]
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let database = file.open(WhenMissing::Refuse, output)?;
        let (counts, standing) = database.read_blocking(|s| Ok((Counts::of(s)?, Standing::of(s)?)))?;
        let state = match CentralSettings::from_sources(file.sources())? {
            None => SyncState::NotConfigured,
            Some(_) => standing.state(),
        };
        let file = file.path().display().to_string();
        let answer = Answer { counts, state, file };
        if output.is_json() {
            output.document(&answer)?;
            return Ok(Exit::Done);
        }
        output.field("file", &answer.file)?;
        output.field("authors", HumanCount(counts.authors))?;
        output.field("books", HumanCount(counts.books))?;
        output.field("pending", HumanCount(counts.pending))?;
        output.field("conflicts", counts.conflicts)?;
        output.field("quarantined", counts.quarantined)?;
        output.field("not kept", counts.not_kept)?;
        output.field("revision", counts.revision)?;
        output.field("state", state.word())?;
        Ok(Exit::Done)
    }
}
