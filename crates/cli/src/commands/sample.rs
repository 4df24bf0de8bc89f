//! `colophon sample`: well-known books to try things with.

use clap::Subcommand;
use colophon_acts::sample;
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;

/// What to do with the sample.
#[derive(Debug, Subcommand)]
pub(crate) enum Sample {
    /// Add it. What is there already is not added twice.
    Add,
    /// Take it away: its books, and its authors as far as nothing else needs them.
    Remove,
}

impl Sample {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let (done, count) = match self {
            Self::Add => (
                "added",
                file.open(WhenMissing::Make, output)?.write_blocking(sample::add)?,
            ),
            Self::Remove => (
                "removed",
                file.open(WhenMissing::Refuse, output)?.write_blocking(sample::remove)?,
            ),
        };
        if output.is_json() {
            output.document(&json!({ done: count }))?;
        } else {
            output.line(format_args!("{count} books {done}"))?;
        }
        Ok(Exit::Done)
    }
}
