//! A file to import, of whichever kind it is.

use std::io::{BufReader, Read, Seek, SeekFrom};

use colophon_store::WriteSession;

use super::document::import_document;
use super::encoding::roughly;
use super::foreign::{RecordReader, import_records};
use super::options::Options;
use super::rejected::RejectedRows;
use super::source::CsvFile;
use super::workbook::Workbook;
use super::write::{Existing, Progress, Report, import_csv};
use super::{ImportError, turned_away};
use crate::format::{Beginning, Format, Reads};

/// How much of the beginning is looked at.
const LOOKED_AT_BYTES: u64 = 64 * 1024;
/// The byte order mark of UTF-8.
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file that is ready to be imported.
pub enum ImportFile<R> {
    /// A table.
    Csv(Box<CsvFile<R>>),
    /// A sheet of a workbook.
    Workbook(Box<Workbook>),
    /// An export of ours in JSON.
    Document {
        /// The document, from its beginning.
        file: R,
        /// Its size.
        bytes: u64,
    },
    /// Records of another format.
    Records(Box<RecordsFile>),
}

/// A file of records.
pub struct RecordsFile {
    format: &'static Format,
    reader: Box<dyn RecordReader + Send>,
    bytes: u64,
    options: Options,
}

impl RecordsFile {
    /// The format that it was recognised as.
    pub fn format(&self) -> &'static Format {
        self.format
    }

    /// The name of its encoding, and whether it is merely likely.
    pub fn encoding(&self) -> (&'static str, bool) {
        self.reader.so_far().encoding
    }
}

impl<R: Read + Seek + Send + 'static> ImportFile<R> {
    /// Looks at the file and finds out what it is, unless the options say so.
    pub fn open(mut file: R, options: &Options) -> Result<Self, ImportError> {
        let bytes = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let told = options.format.and_then(Format::named);
        let format = match told {
            Some(format) => format,
            None => recognised(&mut file, options)?,
        };
        if let Some(sheet) = options
            .sheet
            .clone()
            .filter(|_| !matches!(format.reads, Reads::Workbook(_)))
        {
            return Err(ImportError::NoSheets { sheet });
        }
        match format.reads {
            Reads::Workbook(kind) => Workbook::open(Box::new(file), format.title, kind, options)
                .map(|workbook| Self::Workbook(Box::new(workbook))),
            Reads::Table => CsvFile::open(file, options).map(|csv| Self::Csv(Box::new(csv))),
            Reads::Document => {
                let from = mark_bytes(&mut file)?;
                file.seek(SeekFrom::Start(from))?;
                Ok(Self::Document { file, bytes })
            }
            Reads::Records(open) => {
                file.seek(SeekFrom::Start(0))?;
                Ok(Self::Records(Box::new(RecordsFile {
                    format,
                    reader: open(Box::new(file), options)?,
                    bytes,
                    options: options.clone(),
                })))
            }
        }
    }
}

impl<R: Read + Seek> ImportFile<R> {
    /// Its size in bytes.
    pub fn bytes_total(&self) -> u64 {
        match self {
            Self::Csv(csv) => csv.bytes_total(),
            Self::Workbook(workbook) => workbook.table.bytes_total(),
            Self::Document { bytes, .. } => *bytes,
            Self::Records(records) => records.bytes,
        }
    }

    /// Imports it in the caller's transaction. Rejected rows of a table and rejected records go to `rejected`; those of a
    /// document are only reported.
    ///
    /// On an error the caller must roll back; nothing of half a file may be kept.
    pub fn import(
        &mut self,
        session: &WriteSession<'_>,
        existing: Existing,
        rejected: &mut RejectedRows,
        progress: impl FnMut(Progress),
    ) -> Result<Report, ImportError> {
        match self {
            Self::Csv(csv) => import_csv(session, csv, existing, rejected, progress),
            Self::Workbook(workbook) => {
                let mut report = import_csv(session, &mut workbook.table, existing, rejected, progress)?;
                report.reading.splice(0..0, workbook.reading());
                Ok(report)
            }
            Self::Document { file, bytes } => {
                import_document(session, BufReader::new(file), *bytes, existing, progress)
            }
            Self::Records(records) => {
                let how = (existing, &records.options);
                import_records(session, records.reader.as_mut(), records.bytes, how, rejected, progress)
            }
        }
    }
}

/// What a file is, by its content; where that does not tell, by its name.
fn recognised<R: Read + Seek>(file: &mut R, options: &Options) -> Result<&'static Format, ImportError> {
    let bytes = beginning(file)?;
    let text = roughly(&bytes);
    let beginning = Beginning {
        bytes: &bytes,
        text: &text,
    };
    if let Some(format) = Format::of(&beginning) {
        return Ok(format);
    }
    if let Some((is, help)) = turned_away::binary(&bytes).or_else(|| turned_away::text(&text)) {
        return Err(ImportError::TurnedAway { is, help });
    }
    let by_name = options.extension.as_deref().and_then(Format::of_extension);
    Ok(by_name.unwrap_or(Format::table()))
}

/// The length of the byte order mark of UTF-8, where there is one.
fn mark_bytes<R: Read + Seek>(file: &mut R) -> Result<u64, ImportError> {
    let has_mark = beginning(file)?.starts_with(UTF_8_MARK);
    Ok(if has_mark { UTF_8_MARK.len() as u64 } else { 0 })
}

fn beginning<R: Read + Seek>(file: &mut R) -> Result<Vec<u8>, ImportError> {
    let mut beginning = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(LOOKED_AT_BYTES).read_to_end(&mut beginning)?;
    Ok(beginning)
}
