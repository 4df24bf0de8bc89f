//! Everything that people and foreign programs have said, for the checkers: nothing of it may vanish.

use colophon_store::schema::Value;
use uuid::Uuid;

use crate::heard::Topic;
use crate::server::SIGN;
use crate::tables::{BOOKS, CONFLICTS, CONTRIBUTIONS, RecordKey, SHELVES, TABLES, columns};
use crate::versions::{NEWEST, new_fields};

/// Who said something: the number of a device, or this.
pub(crate) const FOREIGN: usize = usize::MAX;

/// One thing that was said.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) who: usize,
    pub(crate) record: RecordKey,
    pub(crate) said: Said,
    /// The true time.
    pub(crate) at: i64,
    /// It is gone with a file or a server that was restored from an old copy, and nobody else has ever heard of it.
    pub(crate) is_void: bool,
}

impl Entry {
    /// What it is about.
    pub(crate) fn topic(&self) -> Topic {
        match &self.said {
            Said::Set { column, .. } => (self.record, Some(*column)),
            Said::Deleted { .. } => (self.record, None),
        }
    }
}

/// What was said.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// A field got a value in place of another.
    Set { column: usize, before: Value, value: Value },
    /// A record was deleted that had this content, at this time by its deleter's clock.
    Deleted { content: Vec<Value>, at: i64 },
}

/// All of it, in order.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry>,
    /// The true time.
    pub(crate) now: i64,
}

impl Log {
    pub(crate) fn set(&mut self, who: usize, record: RecordKey, column: usize, before: Value, value: Value) {
        let said = Said::Set { column, before, value };
        self.say(who, record, said);
    }

    fn say(&mut self, who: usize, record: RecordKey, said: Said) {
        let is_void = false;
        self.entries.push(Entry {
            who,
            record,
            said,
            at: self.now,
            is_void,
        });
    }

    /// What counts of it.
    pub(crate) fn valid(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().enumerate().filter(|(_, entry)| !entry.is_void)
    }

    /// A whole row was made, or brought back.
    pub(crate) fn made(&mut self, who: usize, record: RecordKey, values: &[Value]) {
        for column in said_columns(record.0) {
            self.set(who, record, *column, Value::Null, values[*column].clone());
        }
        for (table, column) in new_fields(NEWEST) {
            if table == record.0 && values[column] != TABLES[table].columns[column].unsaid() {
                self.set(who, record, column, Value::Null, values[column].clone());
            }
        }
    }

    /// All of it in words.
    pub(crate) fn told(&self) -> String {
        let told = self.entries.iter().map(|entry| match &entry.said {
            Said::Set { column, before, value } => {
                format!("{} column {column}: {before:?} to {value:?}", named(entry.record))
            }
            Said::Deleted { .. } => format!("{} away", named(entry.record)),
        });
        told.collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn deleted(&mut self, who: usize, record: RecordKey, content: Vec<Value>, at: i64) {
        let said = Said::Deleted { content, at };
        self.say(who, record, said);
    }
}

/// The columns that people write, and are asked to account for; those of newer versions are added.
pub(crate) fn said_columns(table: usize) -> &'static [usize] {
    match table {
        CONFLICTS | SHELVES => &[],
        BOOKS => &[columns::BOOK_AUTHOR, columns::BOOK_TITLE, columns::BOOK_ISBN],
        CONTRIBUTIONS => &[1, 2, columns::CONTRIBUTION_ROLE],
        _ => &[columns::AUTHOR_NAME, columns::AUTHOR_NOTES],
    }
}

/// The parts of a value that are said and lost separately: the lines of a text of several lines, otherwise the whole
/// value.
pub(crate) fn parts((table, column): (usize, usize), value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Text(text) if text.is_empty() => Vec::new(),
        Value::Text(text)
            if TABLES[table]
                .merged_by_line
                .contains(&TABLES[table].columns[column].name) =>
        {
            text.lines().map(str::to_owned).collect()
        }
        // A trigger may have added its sign.
        Value::Text(text) => vec![text.trim_end_matches(SIGN).to_owned()],
        Value::Uuid(id) => vec![id.to_string()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Real(number) => vec![number.to_string()],
    }
}

/// Who made a text: it begins with their name.
pub(crate) fn maker(text: &str) -> &str {
    text.split('.').next().unwrap_or_default()
}

/// A short name for a record, for people who read a trace.
pub(crate) fn named((table, id): RecordKey) -> String {
    let letters: fn(Uuid) -> String =
        |id| format!("{:x}.{}", id.as_u64_pair().1 >> 32, id.as_u64_pair().1 & 0xFFFF_FFFF);
    format!("{} {}", TABLES[table].name, letters(id))
}
