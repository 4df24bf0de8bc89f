//! `colophon init`: a new catalogue file.

use clap::Args;
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;

/// Make a new, empty catalogue file. An existing one is left as it is.
#[derive(Debug, Args)]
pub(crate) struct Init {}

impl Init {
    #[expect(clippy::unused_self, reason = "every command is run in the same way")]
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let is_new = !file.exists();
        file.open(WhenMissing::Make, output)?;
        if output.is_json() {
            output.document(&json!({ "file": file.path().display().to_string(), "created": is_new }))?;
        } else if !is_new {
            output.note(format_args!("There already is a catalogue: {}", file.path().display()));
        }
        Ok(Exit::Done)
    }
}
