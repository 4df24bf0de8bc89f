//! `colophon export`: writes the catalogue to a file for other programs.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use colophon_catalogue::export::{ExportError, Wanted};
use colophon_catalogue::format::Format;
use colophon_catalogue::rescue::Besides;
use colophon_store::{Database, ReadSession, is_without_room, private};
use indicatif::HumanCount;
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::commands::salvage;
use crate::ending::UNDONE;
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::worded::one_format;

/// The format that carries everything.
const EVERYTHING: &str = "json";
/// The format that a spreadsheet opens.
const TABLE: &str = "csv";

/// Export the whole catalogue as JSON or MARCXML, or all books as CSV, a workbook, BibTeX, RIS, CSL-JSON, MARC 21, MODS or ONIX.
///
/// The file appears only once it is complete; an interrupted export leaves nothing behind. Each format can be imported again; only JSON
/// and MARCXML carry everything.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file; `-` for standard output.
    target: PathBuf,
    /// The format, where the file's extension does not say it.
    #[arg(long, value_name = "FORMAT", value_parser = one_format(Format::written()))]
    format: Option<&'static Format>,
    /// Write CSV for Excel or another spreadsheet: with a byte order mark, ISBNs and leading zeros as text, and no cell that would be
    /// taken for a formula.
    #[arg(long)]
    excel: bool,
    /// Replace a file that already exists.
    #[arg(long)]
    force: bool,
    /// Export what can still be read of a damaged catalogue, and list what is missing; the exit code is 9 if anything is. JSON also has the
    /// conflicts, the history and what had not been sent to the server yet.
    #[arg(long)]
    salvage: bool,
}

impl Export {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let format = self.format()?;
        let to_stdout = self.target.as_os_str() == "-";
        if !to_stdout {
            self.refuse_what_is_no_file(file)?;
        }
        if !to_stdout && !self.force && self.target.exists() {
            let message = format!(
                "{} already exists: name another file, or replace it with --force",
                self.target.display()
            );
            return Err(refusal(Exit::OtherFile, message));
        }
        if self.salvage {
            let (database, rescued) = file.ending().may_be_left(UNDONE, || salvage::read(file))?;
            self.write_out(&database, format, &rescued.besides, output)?;
            return salvage::tell(&rescued, &self.target, format.name == EVERYTHING, output);
        }
        let database = file.open(WhenMissing::Refuse, output)?;
        let books = self.write_out(&database, format, &Besides::default(), output)?;
        if !to_stdout {
            if output.is_json() {
                output.document(&json!({ "exported": books, "file": self.target.display().to_string() }))?;
            }
            output.note(format_args!(
                "{} books exported to {}",
                HumanCount(books),
                self.target.display()
            ));
        }
        Ok(Exit::Done)
    }

    /// Writes it all out; returns how many books were written.
    fn write_out(
        &self,
        database: &Database,
        format: &Format,
        besides: &Besides,
        output: &Output,
    ) -> anyhow::Result<u64> {
        let wanted = Wanted {
            besides,
            for_spreadsheet: self.excel,
        };
        let write = |session: &ReadSession<'_>, writer: &mut dyn Write| {
            format
                .export(session, writer, &wanted)
                .context("the export was interrupted")
        };
        let mut outcome = Ok(0);
        database.read_blocking(|session| {
            outcome = if self.target.as_os_str() == "-" {
                output.stream(|stdout| write(session, stdout))
            } else {
                self.write_file(|file| write(session, file))
            };
            Ok(())
        })?;
        outcome
    }

    /// Refuses to overwrite the catalogue, anything that belongs to it, or anything that is not a file.
    fn refuse_what_is_no_file(&self, file: &CatalogueFile) -> anyhow::Result<()> {
        file.spare(&self.target)?;
        match std::fs::metadata(&self.target) {
            Ok(found) if !found.is_file() => {
                let message = format!(
                    "{} is a folder, a pipe or a device: name a file, or `-` for standard output; nothing was changed",
                    self.target.display()
                );
                Err(refusal(Exit::OtherFile, message))
            }
            _ => Ok(()),
        }
    }

    fn format(&self) -> anyhow::Result<&'static Format> {
        let by_name = || Format::written_as(&self.target.extension()?.to_string_lossy());
        let Some(format) = self.format.or_else(by_name) else {
            let names: Vec<_> = Format::written()
                .map(|format| format!("--format {}", format.name))
                .collect();
            let message = format!("say which format you want: {}", names.join(", "));
            return Err(refusal(Exit::Usage, message));
        };
        if self.excel && format.name != TABLE {
            let message = format!(
                "--excel is for a table: {} is none; write a file that ends in .csv",
                format.title
            );
            return Err(refusal(Exit::Usage, message));
        }
        Ok(format)
    }

    /// Writes beside the target, and takes its place once everything is on the disk.
    fn write_file(&self, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<u64>) -> anyhow::Result<u64> {
        let unusable = || {
            format!(
                "{} cannot be written; the catalogue is as it was",
                self.target.display()
            )
        };
        let refused = |error: std::io::Error| refused_by(&error, &unusable());
        // If the target is a link, what it leads to is written, and the link stays.
        let target = private::led_to(&self.target).map_err(refused)?;
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut beside = new_file_in(folder.unwrap_or(Path::new("."))).map_err(refused)?;
        if let Some(rights) = private::rights_of(&target).map_err(refused)? {
            beside.as_file().set_permissions(rights).map_err(refused)?;
        }
        let books = match write(&mut BufWriter::new(beside.as_file_mut())) {
            Err(error) => {
                return Err(match error.downcast_ref() {
                    Some(ExportError::Io(error)) => refused_by(error, &unusable()),
                    _ => error,
                });
            }
            Ok(books) => books,
        };
        beside.as_file().sync_all().map_err(refused)?;
        beside.persist(&target).map_err(|error| refused(error.error))?;
        Ok(books)
    }
}

/// A file without its final name, removed again if it does not get one.
fn new_file_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".colophon-export");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // With the usual permissions of a new file, not for its owner alone; the account's mask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Why nothing was written: if it is for lack of space, it may succeed later.
fn refused_by(error: &std::io::Error, unusable: &str) -> anyhow::Error {
    if is_without_room(error) {
        return refusal(
            Exit::NotNow,
            format!("{unusable}: the disk is full; free some space, then try again"),
        );
    }
    refusal(Exit::OtherFile, format!("{unusable}: {error}"))
}
