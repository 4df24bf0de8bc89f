//! `colophon export`: writes the catalogue to a file for other programs.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use colophon_acts::export as acts;
use colophon_catalogue::export::ExportError;
use colophon_catalogue::format::Format;
use colophon_catalogue::lists::{List, Lists, Selection};
use colophon_catalogue::rescue::Besides;
use colophon_catalogue::{Book, BookSort};
use colophon_store::{Database, is_without_room};
use indicatif::HumanCount;
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::commands::listing::Narrowing;
use crate::commands::salvage;
use crate::ending::UNDONE;
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::worded::one_format;

/// The format that carries everything.
const EVERYTHING: &str = "json";

/// Export the whole catalogue as JSON or MARCXML, or all books as CSV, BibTeX, RIS, CSL-JSON or MARC 21; or only some of the books.
///
/// With `--search` or `--where`, only the books that these find are exported, with their people, as `books list` shows them. The file appears only once it is complete; an interrupted export leaves nothing behind. Each format can be imported again; only JSON
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
    /// Only books that this finds: words and tokens, as in `books search`.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    narrowing: Narrowing<Book>,
    /// Replace a file that already exists.
    #[arg(long)]
    force: bool,
    /// Export what can still be read of a damaged catalogue, and list what is missing; the exit code is 9 if anything is. JSON also has the
    /// conflicts, the history and what had not been sent to the server yet.
    #[arg(long, conflicts_with_all = ["search", "filters"])]
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

    /// Writes it out; returns how many books were written.
    fn write_out(
        &self,
        database: &Database,
        format: &'static Format,
        besides: &Besides,
        output: &Output,
    ) -> anyhow::Result<u64> {
        let export = acts::Export {
            format,
            books: self.books(output),
            for_spreadsheet: self.excel,
            besides,
        };
        let lists = Lists::new(database.clone());
        if self.target.as_os_str() == "-" {
            return output.stream(|stdout| interrupted(export.write(&lists, stdout, &|_| {})));
        }
        match export.write_file(&lists, &self.target, &|_| {}) {
            Err(ExportError::Io(error)) => {
                let target = self.target.display();
                Err(refused_by(
                    &error,
                    &format!("{target} cannot be written; the catalogue is as it was"),
                ))
            }
            written => interrupted(written),
        }
    }

    /// Which books are meant, in the order in which they were added.
    fn books(&self, output: &Output) -> acts::Books {
        let text = self.search.as_deref().unwrap_or_default();
        if text.trim().is_empty() && !self.narrowing.is_any() {
            return acts::Books::All;
        }
        acts::Books::Chosen(Selection::all_of(List {
            sort: BookSort::Added,
            ..self.narrowing.list(text, output)
        }))
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
        if self.excel && !format.has_spreadsheets() {
            let message = format!(
                "--excel is for a table: {} is none; write a file that ends in .csv",
                format.title
            );
            return Err(refusal(Exit::Usage, message));
        }
        Ok(format)
    }
}

fn interrupted(written: Result<u64, ExportError>) -> anyhow::Result<u64> {
    written.context("the export was interrupted")
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
