//! A file to import, of whichever kind it is.

use std::io::{BufReader, Read, Seek, SeekFrom};

use colophon_store::WriteSession;

use super::ImportError;
use super::document::import_document;
use super::options::Options;
use super::rejected::RejectedRows;
use super::source::CsvFile;
use super::write::{Existing, Progress, Report, import_csv};

/// How much white space there may be at the beginning before the kind of the file is recognised.
const LOOKED_AT_BYTES: u64 = 1024;

/// A file that is ready to be imported.
pub enum ImportFile<R> {
    /// A table.
    Csv(Box<CsvFile<R>>),
    /// An export of ours in JSON.
    Document {
        /// The document, from its beginning.
        file: R,
        /// Its size.
        bytes: u64,
    },
}

impl<R: Read + Seek> ImportFile<R> {
    /// Looks at the file and finds out what it is. A file that begins with a brace is taken for a JSON document.
    pub fn open(mut file: R, options: &Options) -> Result<Self, ImportError> {
        let mut beginning = Vec::new();
        file.by_ref().take(LOOKED_AT_BYTES).read_to_end(&mut beginning)?;
        let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&beginning);
        if text.trim_ascii_start().first() == Some(&b'{') {
            let bytes = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start((beginning.len() - text.len()) as u64))?;
            return Ok(Self::Document { file, bytes });
        }
        CsvFile::open(file, options).map(|csv| Self::Csv(Box::new(csv)))
    }

    /// Its size in bytes.
    pub fn bytes_total(&self) -> u64 {
        match self {
            Self::Csv(csv) => csv.bytes_total(),
            Self::Document { bytes, .. } => *bytes,
        }
    }

    /// Imports it in the caller's transaction. Rejected rows of a table go to `rejected`; those of a document are only
    /// reported.
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
            Self::Document { file, bytes } => {
                import_document(session, BufReader::new(file), *bytes, existing, progress)
            }
        }
    }
}
