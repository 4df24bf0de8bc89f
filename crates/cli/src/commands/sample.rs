//! `colophon sample`: well-known books to try things out with.

use clap::Subcommand;
use colophon_acts::sample;
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;

/// What to do with the sample.
#[derive(Debug, Subcommand)]
pub(crate) enum Sample {
    /// Add the sample. What is already there is not added twice.
    Add,
    /// Remove its books, and those of its authors that nothing else needs.
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
