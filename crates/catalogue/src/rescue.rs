//! What a backup holds, and what can still be recovered from a damaged file.
//!
//! What is read from a damaged file goes into a catalogue of its own, from which it is exported like any other. A book
//! without its author gets one who stands for whoever it was; two books that claim the same ISBN, only one of which is
//! listed under it, are both kept. What could not be read, or only in part, is listed. What the file holds
//! [besides](Besides) its records is in no catalogue but its own: that is written down as it was, for a person to read.

use std::collections::HashSet;
use std::path::Path;

use colophon_store::salvage::{Line, Salvage, SalvagedRow};
use colophon_store::schema::{Table, Value};
use colophon_store::settings::Access;
use colophon_store::{Columns as _, Database, EntityId as _, Query, Registered, Result, Settings, Sql, WriteSession};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;
use serde::Serialize;
use uuid::Uuid;

use crate::author::Author;
use crate::book::Book;
use crate::conflict::Conflict;
use crate::health::renew_keys;
use crate::schema::{TABLES, file_schema, records};

/// What replaces the text of a field that must have one and could not be read.
const UNREADABLE: &str = "(unreadable)";

/// How much a file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// Its authors.
    pub authors: u64,
    /// Its books.
    pub books: u64,
}

/// What was recovered from a damaged file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Rescued {
    /// What could be read, completely or in part.
    pub read: Contents,
    /// What is missing, or not as it was.
    pub lost: Vec<Lost>,
    /// Whether more may be missing than is named.
    pub has_gaps: bool,
    /// What the file holds besides.
    pub besides: Besides,
}

impl Rescued {
    /// Whether everything was read as it was.
    pub fn is_complete(&self) -> bool {
        self.lost.is_empty() && !self.has_gaps && self.besides.unread.is_empty()
    }
}

/// What a file holds besides its records.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Besides {
    /// The conflicts, open and settled.
    pub conflicts: Vec<Conflict>,
    /// What had not been sent to the server: for each record its table, its id, what was done to it, and what the
    /// server had of it. What the record says now is among the records.
    pub waiting: Vec<Line>,
    /// The journal, newest first.
    pub history: Vec<Line>,
    /// Which of these were read only in part, by the names they have here.
    pub unread: Vec<&'static str>,
}

impl Besides {
    /// Deletions that the server has not heard of: what would come back from there.
    pub fn deletions_waiting(&self) -> usize {
        self.waiting
            .iter()
            .filter(|line| line.get("kind").is_some_and(|kind| kind == "delete"))
            .count()
    }
}

/// Something that is missing, or not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// What kind of record.
    pub entity: &'static str,
    /// Its id.
    pub id: Uuid,
    /// What is missing, in words.
    pub reason: String,
}

/// How much there is in a file that nobody changes, such as a backup. Nothing is written, and nothing is made beside
/// it.
pub fn contents(file: &Path) -> Result<Contents> {
    let settings = Settings {
        access: Access::Fixed,
        ..Settings::for_file(file)
    };
    Database::open_blocking(&settings)?.read_blocking(|session| {
        Ok(Contents {
            authors: session.repo::<Author>().count(&Query::all())?,
            books: session.repo::<Book>().count(&Query::all())?,
        })
    })
}

/// Reads what can be read of a damaged file, which is not changed, into an empty catalogue.
pub fn rescue(file: &Path, into: &Database) -> Result<Rescued> {
    let salvage = Salvage::open(file, &file_schema()?)?;
    into.write_blocking(move |tx| {
        let mut rescued = Rescued::default();
        for entity in records() {
            take(tx, entity, &salvage, &mut rescued)?;
        }
        renew_keys(tx)?;
        rescued.read = Contents {
            authors: tx.repo::<Author>().count(&Query::all())?,
            books: tx.repo::<Book>().count(&Query::all())?,
        };
        rescued.lost.dedup();
        rescued.besides = besides(&salvage)?;
        Ok(rescued)
    })
}

fn besides(salvage: &Salvage) -> Result<Besides> {
    let (questions, waiting, journal) = (
        salvage.read(Conflict::TABLE)?,
        salvage.waiting(TABLES),
        salvage.journal(),
    );
    let has_gaps = [
        ("conflicts", questions.has_gaps || !questions.missing.is_empty()),
        ("waiting", waiting.has_gaps),
        ("history", journal.has_gaps),
    ];
    let read = questions.rows.into_iter().filter(|row| !row.is_loose);
    Ok(Besides {
        conflicts: read.filter_map(|row| Conflict::from_values(row.values)).collect(),
        waiting: waiting.lines,
        history: journal.lines,
        unread: has_gaps.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect(),
    })
}

fn take(tx: &WriteSession<'_>, entity: &'static Registered, salvage: &Salvage, rescued: &mut Rescued) -> Result<()> {
    let table = entity.table;
    let found = salvage.read(table)?;
    let lost = |id, reason: &str| Lost {
        entity: table.name,
        id,
        reason: reason.to_owned(),
    };
    rescued.has_gaps |= found.has_gaps;
    rescued
        .lost
        .extend(found.missing.into_iter().map(|id| lost(id, "it cannot be read")));
    let mut stood_in_for = HashSet::new();
    for mut row in found.rows {
        let Some(id) = row.id() else { continue };
        if !row.unread.is_empty() {
            let fields = row.unread.join(", ");
            rescued
                .lost
                .push(lost(id, &format!("of it, this cannot be read: {fields}")));
        }
        if row.is_loose {
            rescued.lost.push(lost(
                id,
                "nothing in the file leads to it any more: it may have been deleted",
            ));
        }
        fill_in(table, &mut row);
        if let Some(author) = stand_in(tx, table, &row)?
            && stood_in_for.insert(author)
        {
            rescued.lost.push(Lost {
                entity: Author::TABLE.name,
                id: author,
                reason: "it cannot be read; one stands in for it".to_owned(),
            });
        }
        if let Some(reason) = keep(tx, entity, id, &row) {
            rescued.lost.push(lost(id, &reason));
        }
    }
    Ok(())
}

/// Keeps a row as it is, or else as far as it can stand. Returns what is missing of it, in words.
fn keep(tx: &WriteSession<'_>, entity: &'static Registered, id: Uuid, row: &SalvagedRow) -> Option<String> {
    let table = entity.table;
    let try_to = |row: &SalvagedRow| {
        tx.attempt(|| {
            insert(tx, table, row)?;
            // What cannot be read back as a record is not one.
            entity.find(tx, id).map(drop)
        })
    };
    let error = try_to(row).err()?;
    let mut without = row.clone();
    let mut left_out = Vec::new();
    for (column, value) in table.columns.iter().zip(&mut without.values) {
        let is_odd = matches!(value, Value::Integer(number) if i32::try_from(*number).is_err());
        if column.nullable && (is_odd || table.unique.contains(&column.name)) && *value != Value::Null {
            *value = Value::Null;
            left_out.push(column.name);
        }
    }
    Some(match try_to(&without) {
        Ok(()) => format!("of it, this cannot stand: {}", left_out.join(", ")),
        Err(_) => format!("it cannot be kept: {error}"),
    })
}

fn insert(tx: &WriteSession<'_>, table: &'static Table, row: &SalvagedRow) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO ");
    sql.push(table.name).push("(");
    sql.join(table.columns.iter().map(|column| column.name), ",");
    sql.push(") VALUES(").placeholders(table.columns.len()).push(")");
    tx.execute(table.name, &sql, params_from_iter(row.values.iter().map(bound)))?;
    Ok(())
}

/// Fills in texts that must be there, and times that are plausible.
fn fill_in(table: &'static Table, row: &mut SalvagedRow) {
    for (column, value) in table.columns.iter().zip(&mut row.values) {
        match value {
            Value::Text(text) if text.is_empty() && !column.nullable => UNREADABLE.clone_into(text),
            _ => {}
        }
    }
}

/// Makes an author for a book whose own could not be read.
fn stand_in(tx: &WriteSession<'_>, table: &'static Table, row: &SalvagedRow) -> Result<Option<Uuid>> {
    let index = table.columns.iter().position(|column| column.name == "author_id");
    let Some(Value::Uuid(author)) = index
        .filter(|_| table == Book::TABLE)
        .and_then(|index| row.values.get(index))
    else {
        return Ok(None);
    };
    if tx.repo::<Author>().find(crate::AuthorId::from_uuid(*author))?.is_some() {
        return Ok(None);
    }
    let now = tx.now().as_microsecond();
    let mut values: Vec<_> = Author::TABLE.columns.iter().map(|column| column.unsaid()).collect();
    for (column, value) in Author::TABLE.columns.iter().zip(&mut values) {
        match column.name {
            "id" => *value = Value::Uuid(*author),
            "name" | "sort_name" => *value = Value::Text(UNREADABLE.to_owned()),
            "created_at" | "updated_at" => *value = Value::Integer(now),
            _ => {}
        }
    }
    let stand_in = SalvagedRow {
        values,
        unread: Vec::new(),
        is_loose: false,
    };
    insert(tx, Author::TABLE, &stand_in)?;
    Ok(Some(*author))
}

fn bound(value: &Value) -> Bound {
    match value {
        Value::Null => Bound::Null,
        Value::Integer(number) => Bound::Integer(*number),
        Value::Real(number) => Bound::Real(number.number()),
        Value::Uuid(id) => Bound::Blob(id.as_bytes().to_vec()),
        Value::Text(text) => Bound::Text(text.clone()),
    }
}
