//! Reading a library of Calibre: the database `metadata.db` in its folder.
//!
//! The database is copied, opened for reading, and asked for its tables only; what else somebody may have put into it
//! (views, triggers) is not run. Books are read some at a time.

use std::io::{self, Read as _, Seek as _, SeekFrom};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Row, params};
use tempfile::NamedTempFile;

use super::foreign::{Record, RecordReader, Whom};
use super::lines::{SoFar, Source};
use super::opf::without_fraction;
use super::options::Options;
use super::record::Person;
use super::xml_records::{say_year, without_html};
use super::{ImportError, turned_away};
use crate::book::Book;
use crate::contribution::Role;

/// How every database of SQLite begins.
const BEGINNING: &[u8] = b"SQLite format 3\0";
/// Where the number of the application stands in it; Calibre has none.
const APPLICATION_ID: std::ops::Range<usize> = 68..72;
/// How large a library's database may be.
const FILE_MAX_BYTES: u64 = 4 << 30;
/// How many books are read at a time.
const TOGETHER: u32 = 500;
/// Tables that a library of Calibre has.
const TABLES: [&str; 5] = ["books", "authors", "books_authors_link", "identifiers", "comments"];

const BOOKS: &str = "SELECT id, title, pubdate, series_index, isbn FROM books WHERE id > ? ORDER BY id LIMIT ?";
const AUTHORS: &str =
    "SELECT a.name, a.sort FROM books_authors_link l JOIN authors a ON a.id = l.author WHERE l.book = ? ORDER BY l.id";
const SERIES: &str = "SELECT s.name, '' FROM books_series_link l JOIN series s ON s.id = l.series WHERE l.book = ?";
const PUBLISHERS: &str =
    "SELECT p.name, '' FROM books_publishers_link l JOIN publishers p ON p.id = l.publisher WHERE l.book = ?";
const LANGUAGES: &str = "SELECT n.lang_code, '' FROM books_languages_link l JOIN languages n ON n.id = l.lang_code \
                         WHERE l.book = ? ORDER BY l.item_order";
const TAGS: &str =
    "SELECT t.name, '' FROM books_tags_link l JOIN tags t ON t.id = l.tag WHERE l.book = ? ORDER BY t.name";
const IDENTIFIERS: &str = "SELECT type, val FROM identifiers WHERE book = ? ORDER BY id";
const COMMENTS: &str = "SELECT text, '' FROM comments WHERE book = ?";

/// Whether a file begins so, and may be a library of Calibre.
pub(crate) fn recognise(beginning: &[u8]) -> bool {
    beginning.starts_with(BEGINNING) && beginning.get(APPLICATION_ID) == Some(&[0; 4])
}

/// Opens a library and stops before its first book.
pub(crate) fn open(mut file: Source, _: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    file.seek(SeekFrom::Start(0))?;
    let mut copy = NamedTempFile::new()?;
    let bytes = io::copy(&mut file.take(FILE_MAX_BYTES + 1), copy.as_file_mut())?;
    if bytes > FILE_MAX_BYTES {
        return Err(ImportError::Document {
            reason: "the library is larger than any of Calibre's".to_owned(),
        });
    }
    let library = opened(&copy).map_err(|error| unreadable(&error))?;
    for table in TABLES {
        let is_there = library
            .query_row(
                "SELECT count(*) FROM sqlite_master WHERE type='table' AND name=?",
                [table],
                |row| row.get::<_, i64>(0),
            )
            .map_err(|error| unreadable(&error))?;
        if is_there == 0 {
            let (is, help) = turned_away::DATABASE;
            return Err(ImportError::TurnedAway { is, help });
        }
    }
    Ok(Box::new(Library {
        connection: library,
        _copy: copy,
        ready: Vec::new(),
        last: i64::MIN,
        read: 0,
        bytes,
    }))
}

/// Opens it so that nothing in it is run.
fn opened(copy: &NamedTempFile) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let library = Connection::open_with_flags(copy.path(), flags)?;
    library.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    library.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    library.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    library.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    library.pragma_update(None, "cell_size_check", true)?;
    library.pragma_update(None, "query_only", true)?;
    Ok(library)
}

struct Library {
    connection: Connection,
    _copy: NamedTempFile,
    /// Records that were read already, the next one last.
    ready: Vec<Record>,
    /// The number of the last book.
    last: i64,
    read: u64,
    bytes: u64,
}

impl RecordReader for Library {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        if self.ready.is_empty() {
            self.ready = self.some().map_err(|error| unreadable(&error))?;
            self.ready.reverse();
        }
        let next = self.ready.pop();
        self.read += u64::from(next.is_some());
        Ok(next)
    }

    fn reading(&self) -> Vec<String> {
        vec!["ratings, covers, and columns that somebody has added to Calibre were left out".to_owned()]
    }

    fn so_far(&self) -> SoFar {
        SoFar {
            encoding: ("a database", false),
            is_damaged: false,
            // How far it is, it does not tell; that something moves, everybody sees.
            bytes_read: self.bytes.min(self.read * 1_000),
        }
    }
}

impl Library {
    /// The next books.
    fn some(&mut self) -> rusqlite::Result<Vec<Record>> {
        let mut statement = self.connection.prepare_cached(BOOKS)?;
        let rows = statement.query_map(params![self.last, TOGETHER], |row| {
            let id: i64 = row.get(0)?;
            Ok((id, [1, 2, 3, 4].map(|column| text(row, column))))
        })?;
        let rows: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
        let mut records = Vec::with_capacity(rows.len());
        for (id, texts) in rows {
            self.last = id;
            records.push(self.record(id, texts)?);
        }
        Ok(records)
    }

    fn record(&self, id: i64, [title, published, position, isbn]: [String; 4]) -> rusqlite::Result<Record> {
        let book = Book::FIELDS;
        let mut record = Record::on(u64::try_from(id).unwrap_or_default());
        record.text.clone_from(&title);
        record.say(book.title.any(), title);
        let day = published.split([' ', 'T']).next().unwrap_or_default();
        // The day that Calibre has where it knows none.
        if !day.starts_with("0101-01") {
            say_year(&mut record, book.published_year.any(), "Date", day);
        }
        for [name, sort] in self.texts(AUTHORS, id)? {
            record.people.push((whom(&name, &sort), Role::Author));
        }
        for [name, _] in self.texts(SERIES, id)? {
            record.say(book.series.any(), name);
            record.say(book.series_position.any(), without_fraction(&position));
        }
        for (statement, field) in [(PUBLISHERS, book.publisher.any()), (LANGUAGES, book.language.any())] {
            for [said, _] in self.texts(statement, id)? {
                record.say(field, said);
            }
        }
        for [name, _] in self.texts(TAGS, id)? {
            record.list("tags", name);
        }
        for [kind, value] in self.texts(IDENTIFIERS, id)? {
            identifier(&kind.to_lowercase(), value, &mut record);
        }
        if record.said_of(book.isbn.any()).is_none() {
            record.say(book.isbn.any(), isbn);
        }
        for [comment, _] in self.texts(COMMENTS, id)? {
            record.say(book.notes.any(), without_html(&comment));
        }
        Ok(record)
    }

    /// What a statement says about a book, two texts at a time. A table that an older Calibre does not have says nothing.
    fn texts(&self, statement: &'static str, book: i64) -> rusqlite::Result<Vec<[String; 2]>> {
        let Ok(mut statement) = self.connection.prepare_cached(statement) else {
            return Ok(Vec::new());
        };
        let rows = statement.query_map([book], |row| Ok([text(row, 0), text(row, 1)]))?;
        rows.collect()
    }
}

fn identifier(kind: &str, value: String, record: &mut Record) {
    match kind {
        "isbn" => record.say(Book::FIELDS.isbn.any(), value),
        // A comma is a mark between identifiers to Calibre, which writes it in another way.
        "uri" | "url" => record.identifier("identifiers", "Address", &value.replace('|', ",")),
        "mobi-asin" | "amazon" => record.identifier("identifiers", "ASIN", &format!("asin:{value}")),
        kind => record.identifier("identifiers", "Identifier", &format!("{kind}:{value}")),
    }
}

/// The text of a column, or the number in it; what is neither says nothing.
fn text(row: &Row<'_>, column: usize) -> String {
    use rusqlite::types::ValueRef;
    match row.get_ref(column) {
        Ok(ValueRef::Text(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Ok(ValueRef::Integer(number)) => number.to_string(),
        Ok(ValueRef::Real(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Somebody by their name, in which Calibre writes a comma as `|`, and by what they are sorted by.
fn whom(name: &str, sort: &str) -> Whom {
    let (name, sort) = (name.replace('|', ","), sort.replace('|', ","));
    if sort.is_empty() || sort == name {
        return Whom::InWords(name);
    }
    Whom::Known(Person {
        sort_name: Some(sort),
        ..Person::named(name)
    })
}

fn unreadable(error: &rusqlite::Error) -> ImportError {
    ImportError::Document {
        reason: format!("the database is damaged, or in use by Calibre ({error})"),
    }
}
