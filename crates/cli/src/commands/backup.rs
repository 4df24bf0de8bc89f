//! `colophon backup`: a copy of the catalogue that has been checked.

use std::path::{Path, PathBuf};

use clap::Args;
use colophon_catalogue::file_schema;
use colophon_store::backup::{Stop, back_up_into};
use colophon_store::settings::Access;
use colophon_store::{Backups, Database};
use indicatif::{HumanBytes, HumanCount};
use serde_json::json;

use crate::catalogue_file::CatalogueFile;
use crate::exit::{Exit, refusal};
use crate::output::Output;

/// Make a backup of the catalogue and check it.
///
/// If you name no place, it joins the automatic backups that are made while the window is open, and older ones make room for it as for
/// those. One that you make in another folder, or under another name, stays until you delete it. A backup is a catalogue like any other.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// An existing folder, or a file that does not exist yet.
    target: Option<PathBuf>,
}

impl Backup {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        if let Some(target) = &self.target {
            file.spare(target)?;
        }
        let backups = file.backups()?;
        let database = file.open_as_it_is(Access::Existing)?;
        let (made, gone) = match &self.target {
            None => {
                let made = backups.make(&database, &file_schema()?, file.ending().stop())?;
                (made.backup.file, made.gone)
            }
            Some(target) => (into(&database, &backups, target, file.ending().stop())?, Vec::new()),
        };
        let size = std::fs::metadata(&made)?.len();
        if output.is_json() {
            let gone: Vec<_> = gone.iter().map(|file| file.display().to_string()).collect();
            output.document(&json!({ "backup": made.display().to_string(), "bytes": size, "gone": gone }))?;
            return Ok(Exit::Done);
        }
        output.line(made.display())?;
        output.note(format_args!("Made a backup of {} and checked it", HumanBytes(size)));
        if !gone.is_empty() {
            output.aside(format_args!("older ones removed: {}", HumanCount(gone.len() as u64)));
        }
        Ok(Exit::Done)
    }
}

fn into(database: &Database, backups: &Backups, target: &Path, stop: &Stop) -> anyhow::Result<PathBuf> {
    let file = if target.is_dir() {
        target.join(backups.name_for(database.origin().clock.now()))
    } else {
        target.to_owned()
    };
    if file.symlink_metadata().is_ok() {
        let message = format!(
            "{} already exists; nothing was changed: name another file",
            file.display()
        );
        return Err(refusal(Exit::OtherFile, message));
    }
    back_up_into(database, &file, &file_schema()?, stop)?;
    Ok(file)
}
