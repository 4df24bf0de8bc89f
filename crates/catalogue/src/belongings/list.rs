//! One list of texts that records have: how it is declared, and how it is read.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use colophon_store::schema::Table;
use colophon_store::{KEYS_MAX, ReadSession, Result, Sql, WriteSession, read_field};
use rusqlite::{Row, params_from_iter};
use serde::Serialize;
use uuid::Uuid;

/// A list that the records of an entity have.
#[derive(Clone, Copy)]
pub struct Belongings {
    /// Its name, in files and in answers.
    pub name: &'static str,
    /// The name of a single item, as for an option of the command line.
    pub one: &'static str,
    /// Other words for it in the languages of the window, folded, separated by spaces.
    pub called: &'static str,
    /// A description of an item.
    pub help: &'static str,
    /// Whose list it is.
    pub of: &'static Table,
    /// Where its rows are stored.
    pub rows: &'static Table,
    /// The columns of files that fill it. The first is the one that an export writes.
    pub columns: &'static [ListColumn],
    /// Whether, in other programs' files, a comma separates items if nothing more reliable does.
    pub commas_part: bool,
    /// The tables that hold the texts by which a record is found.
    pub(crate) searched_in: &'static [&'static str],
    pub(crate) check: fn(&str) -> Result<String>,
    /// What two texts have in common if they count as one.
    pub(crate) same: fn(&str) -> String,
    pub(crate) reading: Reading,
    pub(crate) add: fn(&WriteSession<'_>, Uuid, &str) -> Result<()>,
    pub(crate) texts: Texts,
    /// What a text names, if that is a record of its own.
    pub(crate) named: Option<Named>,
    /// The records whose texts may change because a row of one of these tables does.
    pub(crate) records_of: fn(&ReadSession<'_>, &str, Uuid) -> Result<Vec<Uuid>>,
}

/// How the rows of a list are read.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    /// The tables to select from.
    pub(crate) from: &'static str,
    /// The column that names the record.
    pub(crate) key: &'static str,
    /// The row, followed by what the text is made from.
    pub(crate) row: &'static str,
    /// The order of a list.
    pub(crate) order: &'static str,
    /// The text of a row, which begins at the third column.
    pub(crate) text: fn(&Row<'_>) -> rusqlite::Result<String>,
    /// A condition: a row says what some values say.
    pub(crate) is: &'static str,
    /// These values, for a text as it is stored.
    pub(crate) values: fn(&str) -> Vec<String>,
    /// The text of a row in the form in which parts of it are searched for.
    pub(crate) folded: &'static str,
    /// Brings a part into that form.
    pub(crate) fold: fn(&str) -> String,
}

impl Reading {
    /// The text is a column.
    pub(crate) const PLAIN: fn(&Row<'_>) -> rusqlite::Result<String> = |row| row.get(2);

    /// The rows of some records, by record: one query for a thousand of them.
    fn rows(&self, session: &ReadSession<'_>, records: &[Uuid]) -> Result<HashMap<Uuid, Vec<Belonging>>> {
        let mut rows: HashMap<Uuid, Vec<Belonging>> = HashMap::new();
        for some in records.chunks(KEYS_MAX) {
            let mut sql = Sql::new("SELECT ");
            sql.push(self.key)
                .push(",")
                .push(self.row)
                .push(" FROM ")
                .push(self.from);
            sql.push(" WHERE ").push(self.key).push(" IN (");
            // Only a few different lengths, so that a statement is found already prepared.
            let count = some.len().next_power_of_two();
            sql.placeholders(count).push(") ORDER BY ").push(self.order);
            let keys = (0..count).filter_map(|at| some.get(at).or(some.last()));
            let keys = keys.map(|key| key.as_bytes().to_vec());
            session.visit(&sql, params_from_iter(keys), |row| {
                let text = (self.text)(row)?;
                let id = read_field(row, 1)?;
                rows.entry(read_field(row, 0)?)
                    .or_default()
                    .push(Belonging { id, text });
                Ok(true)
            })?;
        }
        Ok(rows)
    }
}

/// Visits all records, or one of them, with the texts by which each is found, folded.
type Texts = fn(&ReadSession<'_>, Option<Uuid>, &mut dyn FnMut(Uuid, &str)) -> Result<()>;

/// Visits the result of a query: records and texts; a row that names no record belongs to another list. If one record
/// is asked for, `key` is the column that names it.
pub(crate) fn visit_texts(
    session: &ReadSession<'_>,
    all: &Sql,
    key: &'static str,
    record: Option<Uuid>,
    each: &mut dyn FnMut(Uuid, &str),
) -> Result<()> {
    let mut sql = all.clone();
    let visit = |row: &Row<'_>| -> Result<bool> {
        let Some(record) = read_field::<Option<Uuid>>(row, 0)? else {
            return Ok(true);
        };
        each(record, row.get_ref(1)?.as_str().unwrap_or_default());
        Ok(true)
    };
    match record {
        Some(record) => {
            sql.push(" WHERE ").push(key).push("=?");
            session.visit(&sql, [record.as_bytes().to_vec()], visit)
        }
        None => session.visit(&sql, [], visit),
    }
}

/// Receives a name, and says whether more are wanted.
pub(crate) type EachName<'f> = dyn FnMut(String) -> Result<bool> + 'f;

/// Records that exist by their name alone, whether or not they are in a list.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    /// Visits the names of all.
    pub(crate) all: fn(&ReadSession<'_>, &mut EachName<'_>) -> Result<()>,
    /// Makes the one with a name, if there is none.
    pub(crate) make: fn(&WriteSession<'_>, &str) -> Result<()>,
}

/// A column of a file that fills a list.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct ListColumn {
    /// Its name.
    pub name: &'static str,
    /// The headers by which it is known: folded, without spaces within, separated by spaces, the most certain first.
    pub headers: &'static str,
    /// The header that must be present beside it for it to mean this; empty if none must.
    pub beside: &'static str,
    /// What is put before each of its texts, to say whose it is.
    pub scheme: &'static str,
}

impl ListColumn {
    /// A column of texts that themselves say what they are.
    pub(crate) const fn plain(name: &'static str, headers: &'static str) -> Self {
        Self {
            name,
            headers,
            beside: "",
            scheme: "",
        }
    }

    /// A text from a cell, completed with what the column says about it.
    pub(crate) fn in_full<'cell>(&self, text: &'cell str) -> Cow<'cell, str> {
        if self.scheme.is_empty() {
            return Cow::Borrowed(text);
        }
        // An address itself says whose it is, and so may a cell.
        let is_named = text.contains("://") || text.starts_with(self.scheme);
        if is_named {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(format!("{}:{text}", self.scheme))
        }
    }

    /// A column of the identifiers of one service.
    pub(crate) const fn of_scheme(
        name: &'static str,
        scheme: &'static str,
        headers: &'static str,
        beside: &'static str,
    ) -> Self {
        Self {
            name,
            headers,
            beside,
            scheme,
        }
    }
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Belonging {
    /// The row.
    pub id: Uuid,
    /// What it says.
    pub text: String,
}

impl fmt::Debug for Belongings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.name, self.of.name)
    }
}

impl PartialEq for Belongings {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.of == other.of
    }
}

impl Eq for Belongings {}

impl Belongings {
    /// The stored form of a text, or why it cannot be in this list.
    pub fn checked(&self, typed: &str) -> Result<String> {
        (self.check)(typed)
    }

    /// Whether two texts count as one.
    pub fn are_same(&self, one: &str, other: &str) -> bool {
        (self.same)(one) == (self.same)(other)
    }

    /// Whether its texts gather records, as a tag gathers books, rather than tell one record from all others.
    pub fn gathers(&self) -> bool {
        self.named.is_some()
    }

    /// The list of a record, each text once.
    pub fn list(&self, session: &ReadSession<'_>, record: Uuid) -> Result<Vec<Belonging>> {
        Ok(self.lists(session, &[record])?.remove(&record).unwrap_or_default())
    }

    /// The same for several records at once; only those that have something in the list.
    pub fn lists(&self, session: &ReadSession<'_>, records: &[Uuid]) -> Result<HashMap<Uuid, Vec<Belonging>>> {
        let mut lists = self.reading.rows(session, records)?;
        for rows in lists.values_mut() {
            let mut seen = HashSet::new();
            rows.retain(|row| seen.insert((self.same)(&row.text)));
        }
        Ok(lists)
    }

    /// All rows of a record, including those that say the same.
    pub(super) fn rows_of(&self, session: &ReadSession<'_>, record: Uuid) -> Result<Vec<Belonging>> {
        Ok(self
            .reading
            .rows(session, &[record])?
            .remove(&record)
            .unwrap_or_default())
    }

    /// The texts in the list.
    pub fn texts(&self, session: &ReadSession<'_>, record: Uuid) -> Result<Vec<String>> {
        Ok(self.list(session, record)?.into_iter().map(|row| row.text).collect())
    }

    /// Whether any record has something in this list.
    pub fn is_used(&self, session: &ReadSession<'_>) -> Result<bool> {
        let mut sql = Sql::new("SELECT EXISTS(SELECT 1 FROM ");
        sql.push(self.rows.name).push(")");
        Ok(session.query_first(&sql, [], |row| row.get(0))?.unwrap_or(false))
    }
}
