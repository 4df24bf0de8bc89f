//! `colophon import`: imports a file into the catalogue, all or nothing.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use colophon_acts::import::{self as acts, Imported};
use colophon_catalogue::format::{FORMATS, Format};
use colophon_catalogue::import::{
    CodePage, Column, CsvFile, Existing, ImportError, ImportFile, NameOrder, Options, Progress, RejectedRows, Report,
};
use colophon_store::Database;
use encoding_rs::Encoding;
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::ending::UNDONE;
use crate::exit::Exit;
use crate::output::Output;
use crate::progress;
use crate::server;
use crate::worded::{one_format, one_of};

/// How many problems are printed one by one; `--json` has all of them.
const PROBLEMS_SHOWN: usize = 50;

/// What the database of a library of Calibre is called, in the folder of the library.
const LIBRARY: &str = "metadata.db";

/// How many bytes are read from a source that can be read only once: one that never ends would fill the disk.
const PIPED_BYTES_MAX: u64 = 4 << 30;

/// Import books from a file of another program or an export, all or nothing.
///
/// The format (CSV, workbooks, BibTeX, RIS, EndNote, CSL-JSON, MARC, MODS, ONIX, OPF, Dublin Core, Calibre, JSON of our own) is recognised, and so are the encoding, delimiter and columns of a CSV file.
/// Books are matched by ISBN, people by name. Rows that cannot be imported are written to a new file beside it, so that you can correct them and import that.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, or the folder of a Calibre library; `-` for standard input.
    source: PathBuf,
    /// Take a field from this column, for example `--map title=name` (may be repeated).
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping)]
    map: Vec<(Column, String)>,
    /// What to do with books whose ISBN is already in the catalogue.
    #[arg(long, value_name = "WHAT", default_value = Existing::default().word(), value_parser = one_of::<Existing>())]
    existing: Existing,
    /// Read everything and say what would happen, but keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where rejected rows go [default: a new file beside the imported one].
    #[arg(long, value_name = "PATH")]
    rejected: Option<PathBuf>,
    /// The encoding if it is not recognised, for example windows-1252, macintosh or cp850.
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<Letters>,
    /// The character between cells if it is not recognised; `tab` for a tab.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The sheet of a workbook, by its name or its number from 1 on [default: the first with anything in it].
    #[arg(long, value_name = "SHEET")]
    sheet: Option<String>,
    /// Names for the columns of a file whose first line has none, separated by commas; a column without a name is not imported.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// The order of the parts of people's names if it is not recognised.
    #[arg(long, value_name = "ORDER", value_parser = names)]
    names: Option<NameOrder>,
    /// What separates people in a cell; then nothing else does.
    #[arg(long, value_name = "TEXT")]
    people_separator: Option<String>,
    /// The format if it is not recognised.
    #[arg(long, value_name = "FORMAT", value_parser = one_format(FORMATS.iter()))]
    format: Option<&'static Format>,
    /// Also take articles and whatever else is not a book from a list of references.
    #[arg(long)]
    any_kind: bool,
    /// Take the series out of titles such as “The Gate (The Wall, #1)”.
    #[arg(long)]
    split_series: bool,
}

/// How the bytes of a file are decoded.
#[derive(Debug, Clone, Copy)]
enum Letters {
    Encoding(&'static Encoding),
    CodePage(CodePage),
}

/// The JSON document of an import.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    dry_run: bool,
    rejected_rows: Option<String>,
}

impl Import {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        if let Some(rejected) = &self.rejected {
            file.spare(rejected)?;
        }
        let source = file.ending().may_be_left(UNDONE, || self.open())?;
        self.describe(&source, output);
        let database = file.open(WhenMissing::Make, output)?;
        let Imported { report, rejected } = server::block_on(self.write(&database, source, output))?;
        self.answer(&report, rejected.as_deref(), output)?;
        Ok(Exit::Done)
    }

    fn open(&self) -> anyhow::Result<ImportFile<BufReader<File>>> {
        let options = Options {
            mapped: self.map.clone(),
            encoding: match self.encoding {
                Some(Letters::Encoding(encoding)) => Some(encoding),
                _ => None,
            },
            code_page: match self.encoding {
                Some(Letters::CodePage(page)) => Some(page),
                _ => None,
            },
            delimiter: self.delimiter,
            columns: self.columns.clone(),
            names: self.names,
            people_separator: self.people_separator.clone(),
            splits_series: self.split_series,
            format: self.format.map(|format| format.name),
            extension: self
                .file()
                .extension()
                .map(|extension| extension.to_string_lossy().into_owned()),
            sheet: self.sheet.clone(),
            any_kind: self.any_kind,
        };
        let opened = to_be_read_twice(&self.file(), PIPED_BYTES_MAX)
            .map_err(ImportError::Io)
            .and_then(|source| ImportFile::open(BufReader::new(source), &options));
        opened.with_context(|| self.source.display().to_string())
    }

    /// The file that is read: of a folder, the library of Calibre in it.
    fn file(&self) -> PathBuf {
        let library = self.source.join(LIBRARY);
        if library.is_file() {
            library
        } else {
            self.source.clone()
        }
    }

    async fn write(
        &self,
        database: &Database,
        source: ImportFile<BufReader<File>>,
        output: &Output,
    ) -> anyhow::Result<Imported> {
        let bar = progress::bar(output, source.bytes_total());
        let import = acts::Import {
            source,
            name: self
                .source
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            existing: self.existing,
            rejected: self.rejected_rows(),
            is_trial: self.dry_run,
        };
        let shown = bar.clone();
        let imported = import.run(database, move |progress: Progress| {
            shown.set_position(progress.bytes_read);
            shown.set_message(format!("{} rows", HumanCount(progress.rows)));
        });
        let imported = imported.await;
        bar.finish_and_clear();
        imported.map_err(|error| match error {
            ImportError::Store(error) => error.into(),
            // The file's name is given only with errors that are about the file to import.
            other => anyhow::Error::new(other).context(self.source.display().to_string()),
        })
    }

    fn rejected_rows(&self) -> RejectedRows {
        match &self.rejected {
            _ if self.dry_run => RejectedRows::counted_only(),
            Some(path) => RejectedRows::into_file(path.clone()),
            // What came through a pipe has no location of its own.
            None if !self.file().is_file() => RejectedRows::beside(Path::new("stdin.csv")),
            None => RejectedRows::beside(&self.source),
        }
    }

    /// Says how the file was understood, before anything is written.
    fn describe(&self, source: &ImportFile<BufReader<File>>, output: &Output) {
        match source {
            ImportFile::Csv(csv) => {
                let delimiter = match csv.delimiter() {
                    '\t' => "tabs".to_owned(),
                    character => format!("“{character}”"),
                };
                let encoding = csv.encoding();
                output.aside(format_args!(
                    "{}: {encoding}, cells separated by {delimiter}",
                    self.source.display()
                ));
                if csv.is_encoding_doubtful() {
                    doubt(encoding, output);
                }
                columns(csv, output);
            }
            ImportFile::Workbook(workbook) => {
                let (format, sheet) = (workbook.format(), workbook.sheet());
                output.aside(format_args!("{}: {format}, sheet “{sheet}”", self.source.display()));
                columns(workbook.table(), output);
            }
            ImportFile::Records(records) => {
                let (encoding, is_doubtful) = records.encoding();
                output.aside(format_args!(
                    "{}: {}, {encoding}",
                    self.source.display(),
                    records.format().title
                ));
                if is_doubtful {
                    doubt(encoding, output);
                }
            }
            ImportFile::Document { .. } => {
                output.aside(format_args!("{}: a JSON document", self.source.display()));
            }
        }
    }

    fn answer(&self, report: &Report, rejected: Option<&Path>, output: &Output) -> anyhow::Result<()> {
        if output.is_json() {
            let rejected_rows = rejected.map(|path| path.display().to_string());
            output.document(&Answer {
                report,
                dry_run: self.dry_run,
                rejected_rows,
            })?;
        } else {
            for line in &report.reading {
                output.aside(line);
            }
            for problem in report.problems.iter().take(PROBLEMS_SHOWN) {
                output.note(format_args!(
                    "line {}: {}: {}",
                    problem.line, problem.field, problem.reason
                ));
            }
            let total = report.problems.len() as u64 + report.problems_not_listed;
            if let Some(more) = total.checked_sub(PROBLEMS_SHOWN as u64).filter(|more| *more > 0) {
                output.note(format_args!("… and {} more; --json lists them", HumanCount(more)));
            }
            let count = |count| HumanCount(count).to_string();
            let (imported, updated, skipped) = (count(report.imported), count(report.updated), count(report.skipped));
            let problems = count(total);
            output.line(format_args!(
                "{imported} imported, {updated} updated, {skipped} skipped, {problems} problems"
            ))?;
        }
        if let Some(path) = rejected {
            output.note(format_args!(
                "Rejected rows, to be corrected and imported again: {}",
                path.display()
            ));
        }
        if self.dry_run {
            output.note("This was a dry run: nothing was kept.");
        }
        Ok(())
    }
}

/// Says which columns of a table are which fields.
fn columns<R: Read + Seek>(table: &CsvFile<R>, output: &Output) {
    if table.header_line() > 1 {
        output.aside(format_args!("The columns are named on line {}", table.header_line()));
    }
    let used = table.columns().used();
    let used: Vec<_> = used
        .iter()
        .map(|(column, header)| format!("{} ← {header}", column.name()))
        .collect();
    output.aside(format_args!("Columns: {}", used.join(", ")));
    let unused = table.columns().unused();
    if !unused.is_empty() {
        output.aside(format_args!("Not imported: {}", unused.join(", ")));
    }
}

fn doubt(encoding: &str, output: &Output) {
    output.note(format_args!(
        "The encoding {encoding} is a guess: where letters look wrong, name another with --encoding"
    ));
}

/// A file that can be read twice, as recognising it needs. What comes through a pipe, as from `-`, `<(…)` or `/dev/stdin`, can only be
/// read once, and is copied.
fn to_be_read_twice(source: &Path, piped_bytes_max: u64) -> io::Result<File> {
    if source.as_os_str() == "-" {
        return read_once(io::stdin().lock(), piped_bytes_max);
    }
    let file = File::open(source)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        read_once(file, piped_bytes_max)
    }
}

/// A copy of a source that can be read only once, unless there is so much that it may never end.
fn read_once(source: impl Read, bytes_max: u64) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    let read = io::copy(&mut source.take(bytes_max.saturating_add(1)), &mut copy)?;
    if read > bytes_max {
        let words = format!(
            "more than {} came through the pipe and there was no end to it; nothing was imported: save it in a file and import that",
            HumanBytes(bytes_max)
        );
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
    }
    copy.rewind()?;
    Ok(copy)
}

fn mapping(text: &str) -> Result<(Column, String), String> {
    let (field, column) = text
        .split_once('=')
        .ok_or("write it as FIELD=COLUMN, for example title=name")?;
    let known = || Column::all().map(Column::name).collect::<Vec<_>>().join(", ");
    let field =
        Column::named(field).ok_or_else(|| format!("there is no field “{field}”; the fields are {}", known()))?;
    Ok((field, column.to_owned()))
}

fn encoding(name: &str) -> Result<Letters, String> {
    let encoding = Encoding::for_label(name.as_bytes()).map(Letters::Encoding);
    encoding
        .or_else(|| CodePage::named(name).map(Letters::CodePage))
        .ok_or_else(|| {
            "there is no encoding of this name; try utf-8, utf-16le, windows-1252, macintosh or cp850".to_owned()
        })
}

fn names(order: &str) -> Result<NameOrder, String> {
    match order {
        "direct" => Ok(NameOrder::Direct),
        "inverted" => Ok(NameOrder::Inverted),
        "family-first" => Ok(NameOrder::FamilyFirst),
        _ => Err("it is direct (Mark Twain), inverted (Twain, Mark) or family-first (Twain Mark)".to_owned()),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            &[byte] if byte.is_ascii() => Ok(byte),
            _ => Err("it is a single character such as ; or the word tab".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_that_never_ends_is_left_with_words() {
        let words = |error: io::Error| {
            let words = error.to_string();
            assert!(
                words.contains("pipe") && words.contains("nothing was imported"),
                "{words}"
            );
        };
        words(read_once(io::repeat(b'y'), 1_000_000).unwrap_err());
        assert!(read_once(io::repeat(b'y').take(1_000_000), 1_000_000).is_ok());
        // It is no file, and never ends.
        #[cfg(unix)]
        words(to_be_read_twice(Path::new("/dev/zero"), 1_000_000).unwrap_err());
    }
}
