//! `colophon restore`: puts a backup in the place of the catalogue.

use std::io::{BufRead as _, stdin};
use std::path::{Path, PathBuf};

use clap::Args;
use colophon_catalogue::file_schema;
use colophon_catalogue::rescue::{Contents, contents};
use colophon_store::clock::Origin;
use colophon_store::{Backup, Backups, Error};
use indicatif::HumanCount;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::catalogue_file::CatalogueFile;
use crate::ending::UNDONE;
use crate::exit::{Exit, refusal};
use crate::output::Output;

/// List the backups, or go back to one.
///
/// Without an argument it lists them, newest first. Given the number of a backup, or a file, it puts that in the place of the catalogue once
/// you have said yes. What it replaces is kept beside it under a name that it tells you: nothing is deleted. What you have sent to the server
/// since comes back from there with the next sync.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// A backup's number in the list, or a file.
    backup: Option<PathBuf>,
    /// Go ahead without asking.
    #[arg(long)]
    yes: bool,
}

impl Restore {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let backups = file.backups()?;
        let all = backups.all()?;
        let Some(named) = &self.backup else {
            return list(&backups, &all, output);
        };
        let backup = chosen(named, &all)?;
        let within = contents(&backup).map_err(|error| unusable(&backup, &error))?;
        let asks = || is_agreed(file.path(), &backup, within, output);
        if !self.yes && !file.ending().may_be_left(UNDONE, asks)? {
            return Err(refusal(Exit::Failed, "nothing was changed"));
        }
        let replaced = backups.restore(
            &backup,
            &file_schema()?,
            Origin::default().clock.now(),
            file.ending().stop(),
        )?;
        if output.is_json() {
            let kept = replaced.kept.map(|kept| kept.display().to_string());
            let file = file.path().display().to_string();
            output.document(
                &json!({ "restored": backup.display().to_string(), "file": file, "kept": kept,
                "books": within.books, "authors": within.authors }),
            )?;
            return Ok(Exit::Done);
        }
        output.note(format_args!("{} now has {}", file.path().display(), words(within)));
        if let Some(kept) = replaced.kept {
            output.note(format_args!("What was there before is in {}", kept.display()));
        }
        Ok(Exit::Done)
    }
}

/// A backup by its number, or any file.
fn chosen(named: &Path, all: &[Backup]) -> anyhow::Result<PathBuf> {
    if named.exists() {
        return Ok(named.to_owned());
    }
    let number = named.to_str().and_then(|text| text.parse::<usize>().ok());
    let backup = number.and_then(|number| all.get(number.checked_sub(1)?));
    backup.map(|backup| backup.file.clone()).ok_or_else(|| {
        let message = format!(
            "there is no backup {}; nothing was changed: `colophon restore` lists them all",
            named.display()
        );
        refusal(Exit::NotFound, message)
    })
}

/// Says what would happen, and asks.
fn is_agreed(file: &Path, backup: &Path, within: Contents, output: &Output) -> anyhow::Result<bool> {
    let now = match contents(file) {
        Ok(now) => format!("has {}", words(now)),
        Err(_) if !file.exists() => "is not there".to_owned(),
        Err(_) => "cannot be read completely".to_owned(),
    };
    output.question(format_args!(
        "{} has {}.\n{} {now}; it is kept under another name. What was changed since the backup and has not been sent to a server is only in there.\n\
         Go back to the backup? [y/N]",
        backup.display(),
        words(within),
        file.display(),
    ));
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn list(backups: &Backups, all: &[Backup], output: &Output) -> anyhow::Result<Exit> {
    let told: Vec<_> = all.iter().map(|backup| (backup, contents(&backup.file))).collect();
    if output.is_json() {
        let told: Vec<Json> = told.iter().map(|(backup, within)| in_json(backup, within)).collect();
        output.document(&json!({ "folder": backups.folder().display().to_string(), "backups": told }))?;
        return Ok(Exit::Done);
    }
    for (index, (backup, within)) in told.iter().enumerate() {
        let within = match within {
            Ok(within) => words(*within),
            Err(_) => "cannot be read".to_owned(),
        };
        let (number, at, file) = (index + 1, shown(backup.at), backup.file.display());
        output.line(format_args!("{number}\t{at}\t{within}\t{file}"))?;
    }
    output.note(if all.is_empty() {
        format!(
            "There are no backups in {}. To go back to another file: `colophon restore FILE`",
            backups.folder().display()
        )
    } else {
        "Go back to one with `colophon restore NUMBER`; what is there now is kept".to_owned()
    });
    Ok(Exit::Done)
}

fn in_json(backup: &Backup, within: &colophon_store::Result<Contents>) -> Json {
    let within = within.as_ref().ok();
    json!({
        "file": backup.file.display().to_string(),
        "at": backup.at.to_string(),
        "bytes": backup.size,
        "books": within.map(|within| within.books),
        "authors": within.map(|within| within.authors),
    })
}

fn unusable(backup: &Path, error: &Error) -> anyhow::Error {
    let reason = match error {
        Error::Corrupt { .. } => "it is damaged too".to_owned(),
        error => error.to_string(),
    };
    let backup = backup.to_owned();
    Error::UnusableBackup { backup, reason }.into()
}

fn words(within: Contents) -> String {
    format!(
        "{} books and {} authors",
        HumanCount(within.books),
        HumanCount(within.authors)
    )
}

pub(super) fn shown(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
