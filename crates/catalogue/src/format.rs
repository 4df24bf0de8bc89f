//! The formats in which catalogues travel: one table that import, export, the command line and the window go by.
//!
//! A format is a line in [`FORMATS`]: its name, what its files' names end in, how its content is recognised, and what
//! reads and writes it. To add one, write a reader that gives [`Record`](crate::import) after record, a writer, or
//! both, and add the line; recognition, `--format`, the window's dialog and the page of formats follow.
//!
//! Content decides what a file is. What its name ends in counts only where the content does not tell, because a name is
//! changed more easily than what is in a file.

use std::io::Write;

use colophon_store::ReadSession;

use crate::export::{self, ExportError, Loss, Wanted};
use crate::import::foreign::RecordReader;
use crate::import::lines::Source;
use crate::import::workbook::Kind;
use crate::import::{
    ImportError, Options, bibtex, calibre, csl, dublin_core, endnote, isbn_list, marc, mods, onix, opf, ris,
};

/// One format.
#[derive(Debug)]
pub struct Format {
    /// Its name, as `--format` takes it.
    pub name: &'static str,
    /// Its name, as people call it.
    pub title: &'static str,
    /// What the names of its files end in, the usual one first.
    pub extensions: &'static [&'static str],
    /// Whether a file that begins so is of this format.
    pub(crate) recognise: fn(&Beginning<'_>) -> bool,
    /// How it is read.
    pub(crate) reads: Reads,
    /// How it is written; `None` if it is only read.
    pub(crate) write: Option<WriteAll>,
    /// What of a catalogue has no place in it.
    pub loses: &'static [Loss],
}

/// How a file begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beginning<'a> {
    /// Its first bytes.
    pub(crate) bytes: &'a [u8],
    /// The same as text, in which letters outside ASCII may be wrong.
    pub(crate) text: &'a str,
}

/// How a format is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reads {
    /// As a table.
    Table,
    /// As a workbook, of which a sheet is a table.
    Workbook(Kind),
    /// As an export of ours, with ids in it.
    Document,
    /// As records, one by one.
    Records(OpenRecords),
}

/// Opens a file and stops before its first record.
pub(crate) type OpenRecords = fn(Source, &Options) -> Result<Box<dyn RecordReader + Send>, ImportError>;

/// Writes what is wanted of the catalogue, and returns how many books.
pub(crate) type WriteAll = fn(&ReadSession<'_>, &mut dyn Write, &Wanted<'_>) -> Result<u64, ExportError>;

/// What a file is that has no better explanation.
const TABLE: Format = Format {
    name: "csv",
    title: "CSV and TSV",
    extensions: &["csv", "tsv", "tab", "txt"],
    recognise: |_| false,
    reads: Reads::Table,
    write: Some(export::csv_wanted),
    loses: &[Loss::SortNames, Loss::People, Loss::Unused],
};

/// All of them; the first that recognises a file reads it, and what none recognises is taken for a table.
pub const FORMATS: &[Format] = &[
    Format {
        name: "json",
        title: "JSON of Colophon",
        extensions: &["json"],
        // A document is read as a stream and examined while it is read; a brace is enough to know it by.
        recognise: |head| head.text.trim_start().starts_with('{') && !head.bytes.starts_with(b"{\\rtf"),
        reads: Reads::Document,
        write: Some(export::json_wanted),
        loses: &[],
    },
    Format {
        name: "csl-json",
        title: "CSL-JSON",
        extensions: &["json", "csljson"],
        recognise: |head| csl::recognise(head.text),
        reads: Reads::Records(csl::open),
        write: Some(export::csl_json),
        loses: &[
            Loss::Subtitles,
            Loss::Formats,
            Loss::Identifiers,
            Loss::Roles,
            Loss::Order,
            Loss::People,
            Loss::Unused,
        ],
    },
    Format {
        name: "bibtex",
        title: "BibTeX and BibLaTeX",
        extensions: &["bib", "bibtex", "biblatex"],
        recognise: |head| bibtex::recognise(head.text),
        reads: Reads::Records(bibtex::open),
        write: Some(export::bibtex),
        loses: &[Loss::Order, Loss::People, Loss::Unused],
    },
    Format {
        name: "ris",
        title: "RIS",
        extensions: &["ris"],
        recognise: |head| ris::recognise(head.text),
        reads: Reads::Records(ris::open),
        write: Some(export::ris),
        loses: &[
            Loss::Subtitles,
            Loss::Originals,
            Loss::Formats,
            Loss::Identifiers,
            Loss::Roles,
            Loss::People,
            Loss::Unused,
        ],
    },
    Format {
        name: "endnote",
        title: "EndNote tagged",
        extensions: &["enw"],
        recognise: |head| endnote::recognise(head.text),
        reads: Reads::Records(endnote::open),
        write: None,
        loses: &[],
    },
    Format {
        name: "marc",
        title: "MARC 21 and UNIMARC",
        extensions: &["mrc", "marc", "iso2709", "iso"],
        recognise: |head| marc::recognise_binary(head.bytes),
        reads: Reads::Records(marc::open_binary),
        write: Some(export::marc),
        loses: &[Loss::People, Loss::Unused],
    },
    Format {
        name: "marcxml",
        title: "MARCXML",
        extensions: &["xml", "marcxml"],
        recognise: |head| marc::recognise_xml(head.text),
        reads: Reads::Records(marc::open_xml),
        write: Some(export::marcxml),
        loses: &[],
    },
    Format {
        name: "mods",
        title: "MODS",
        extensions: &["mods", "xml"],
        recognise: |head| mods::recognise(head.text),
        reads: Reads::Records(mods::open),
        write: Some(export::mods),
        loses: &[Loss::People, Loss::Unused],
    },
    Format {
        name: "onix",
        title: "ONIX for Books",
        extensions: &["onix", "xml"],
        recognise: |head| onix::recognise(head.text),
        reads: Reads::Records(onix::open),
        write: Some(export::onix),
        loses: &[Loss::ShelfMarks, Loss::People, Loss::Unused],
    },
    Format {
        name: "opf",
        title: "OPF of an e-book",
        extensions: &["opf"],
        recognise: |head| opf::recognise(head.text),
        reads: Reads::Records(opf::open),
        write: None,
        loses: &[],
    },
    Format {
        name: "dublin-core",
        title: "Dublin Core",
        extensions: &["dc", "xml", "rdf"],
        recognise: |head| dublin_core::recognise(head.text),
        reads: Reads::Records(dublin_core::open),
        write: None,
        loses: &[],
    },
    Format {
        name: "calibre",
        title: "Calibre library",
        extensions: &["db"],
        recognise: |head| calibre::recognise(head.bytes),
        reads: Reads::Records(calibre::open),
        write: None,
        loses: &[],
    },
    Format {
        name: "isbn-list",
        title: "List of ISBNs",
        extensions: &["isbn"],
        recognise: |head| isbn_list::recognise(head.text),
        reads: Reads::Records(isbn_list::open),
        write: None,
        loses: &[],
    },
    Format {
        name: "xlsx",
        title: "Excel workbook",
        extensions: &["xlsx", "xlsm", "xltx"],
        recognise: |head| Kind::Excel.begins(head.bytes),
        reads: Reads::Workbook(Kind::Excel),
        write: Some(export::workbook),
        loses: TABLE.loses,
    },
    Format {
        name: "ods",
        title: "OpenDocument workbook",
        extensions: &["ods", "ots"],
        recognise: |head| Kind::OpenDocument.begins(head.bytes),
        reads: Reads::Workbook(Kind::OpenDocument),
        write: None,
        loses: &[],
    },
    Format {
        name: "xls",
        title: "Excel workbook before 2007",
        extensions: &["xls", "xlt"],
        recognise: |head| Kind::OldExcel.begins(head.bytes),
        reads: Reads::Workbook(Kind::OldExcel),
        write: None,
        loses: &[],
    },
    TABLE,
];

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name.eq_ignore_ascii_case(name))
    }

    /// The formats that an export can have.
    pub fn written() -> impl Iterator<Item = &'static Self> {
        FORMATS.iter().filter(|format| format.write.is_some())
    }

    /// The format in which a file with such a name is written: one whose files are usually called so.
    pub fn written_as(extension: &str) -> Option<&'static Self> {
        let is_usual = |format: &&Self| {
            format
                .extensions
                .first()
                .is_some_and(|usual| usual.eq_ignore_ascii_case(extension))
        };
        Self::written().find(is_usual)
    }

    /// Whether an export can have this format.
    pub fn is_written(&self) -> bool {
        self.write.is_some()
    }

    /// Whether it is a table that can also be written for a spreadsheet, which would change some of its cells.
    pub fn has_spreadsheets(&self) -> bool {
        self.name == TABLE.name
    }

    /// Whether names of its files end so.
    pub fn has_extension(&self, extension: &str) -> bool {
        self.extensions
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    }

    /// What a file is taken for that has no better explanation.
    pub(crate) fn table() -> &'static Self {
        &TABLE
    }

    /// What a file that begins so is.
    pub(crate) fn of(head: &Beginning<'_>) -> Option<&'static Self> {
        FORMATS.iter().find(|format| (format.recognise)(head))
    }

    /// What a file with such a name is read as, if its content does not tell.
    pub(crate) fn of_extension(extension: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.has_extension(extension))
    }

    /// Writes the catalogue in this format and returns how many books. [`ExportError::NotWritten`] if it is only read.
    pub fn export(
        &self,
        session: &ReadSession<'_>,
        writer: &mut dyn Write,
        wanted: &Wanted<'_>,
    ) -> Result<u64, ExportError> {
        let write = self.write.ok_or(ExportError::NotWritten(self.title))?;
        write(session, writer, wanted)
    }
}
