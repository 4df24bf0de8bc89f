//! Reading what can still be read of a damaged file, which is not changed.
//!
//! First through SQLite, row by row in the order of their numbers (`tree`): where a page cannot be read, the rows on it are passed over and
//! the next one that can be read is looked for. Where that left gaps, or the tree of a table cannot be entered at all, every page of the file is looked
//! at by itself (`pages`): the rows on it are known by their shape, whatever led to them. There, rows turn up that were deleted and whose
//! page was not used again; whoever takes them knows which were ([`SalvagedRow::is_loose`]).

mod besides;
mod pages;
mod tree;

pub use self::besides::{Line, Lines};

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use uuid::Uuid;

use self::tree::Tree;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::file::connection::has_log;
use crate::migrations::FileSchema;
use crate::schema::{ColumnKind, Real, Table, Value};

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalvagedRow {
    /// Its values, in the order of the table's columns. One that could not be read is what nobody has said.
    pub values: Vec<Value>,
    /// The columns of those that could not be read.
    pub unread: Vec<&'static str>,
    /// Whether nothing led to it any more: it may have been deleted.
    pub is_loose: bool,
}

/// What could be read of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalvagedTable {
    /// The rows, each id once.
    pub rows: Vec<SalvagedRow>,
    /// Those of which only the id could be read.
    pub missing: Vec<Uuid>,
    /// Whether more may be missing than is named.
    pub has_gaps: bool,
}

/// A damaged file.
pub struct Salvage {
    file: PathBuf,
    /// As far as SQLite can open it.
    tree: Option<Tree>,
    /// What the tables look like in a sound file.
    layouts: HashMap<&'static str, Layout>,
}

/// What a row of a table looks like in the file.
#[derive(Debug, Clone)]
struct Layout {
    columns: Vec<Place>,
}

/// A column as it lies in the file.
#[derive(Debug, Clone)]
struct Place {
    name: String,
    /// The type that the table insists on.
    kind: String,
    may_be_absent: bool,
    has_default: bool,
}

impl Salvage {
    /// Opens a file as far as it can be opened. Only one that is not there, or cannot be read, is an error.
    pub fn open(file: &Path, schema: &FileSchema) -> Result<Self> {
        std::fs::File::open(file).map_err(|error| Error::io("the file cannot be opened", &error))?;
        let sound = Database::in_memory_blocking()?;
        sound.migrate_blocking(schema)?;
        let layouts = sound.read_blocking(|session| {
            let layout = |table: &&'static Table| Ok((table.name, layout(session.connection(), table.name)?));
            schema.tables.iter().map(layout).collect()
        })?;
        Ok(Self {
            tree: Tree::open(file, has_log(file)).ok(),
            file: file.to_owned(),
            layouts,
        })
    }

    /// What can be read of a table.
    pub fn read(&self, table: &'static Table) -> Result<SalvagedTable> {
        let mut found = SalvagedTable::default();
        match &self.tree {
            Some(tree) => tree.read(table, &mut found),
            None => found.has_gaps = true,
        }
        let mut known: HashSet<Uuid> = found.rows.iter().filter_map(SalvagedRow::id).collect();
        let ids = self.tree.as_ref().map(|tree| tree.ids(table)).unwrap_or_default();
        if found.has_gaps || ids.iter().any(|id| !known.contains(id)) {
            found.has_gaps = true;
            self.look_at_every_page(table, &ids, &mut known, &mut found)?;
        }
        found.missing = ids.into_iter().filter(|id| !known.contains(id)).collect();
        Ok(found)
    }

    /// Adds the rows to which nothing leads. What the file says was deleted stays so.
    fn look_at_every_page(
        &self,
        table: &'static Table,
        ids: &HashSet<Uuid>,
        known: &mut HashSet<Uuid>,
        found: &mut SalvagedTable,
    ) -> Result<()> {
        let Some(layout) = self.layouts.get(table.name) else {
            return Ok(());
        };
        let deleted = self.tree.as_ref().map(|tree| tree.deleted(table)).unwrap_or_default();
        let mut newest: HashMap<Uuid, SalvagedRow> = HashMap::new();
        pages::visit(&self.file, layout, table, &mut |mut row| {
            let Some(id) = row.id().filter(|id| !known.contains(id) && !deleted.contains(id)) else {
                return;
            };
            // An index that names it is as good as the tree.
            row.is_loose = !ids.contains(&id);
            match newest.get(&id) {
                Some(other) if other.changed_at(table) >= row.changed_at(table) => {}
                _ => drop(newest.insert(id, row)),
            }
        })?;
        known.extend(newest.keys());
        found.rows.extend(newest.into_values());
        Ok(())
    }
}

impl SalvagedRow {
    /// The id, which every row has that was taken.
    pub fn id(&self) -> Option<Uuid> {
        match self.values.first() {
            Some(Value::Uuid(id)) => Some(*id),
            _ => None,
        }
    }

    fn changed_at(&self, table: &Table) -> i64 {
        let place = table.columns.iter().position(|column| column.name == "updated_at");
        match place.and_then(|place| self.values.get(place)) {
            Some(Value::Integer(at)) => *at,
            _ => i64::MIN,
        }
    }

    /// A row from what was found in its columns, by the table's order; `None` without an id.
    fn of(table: &'static Table, mut found: impl FnMut(&'static str) -> Option<Found>) -> Option<Self> {
        let mut row = Self {
            values: Vec::with_capacity(table.columns.len()),
            unread: Vec::new(),
            is_loose: false,
        };
        for column in table.columns {
            let value = found(column.name).and_then(|found| found.fitting(column.kind, column.nullable));
            match value {
                Some(value) => row.values.push(value),
                None if column.kind == ColumnKind::Id => return None,
                None => {
                    row.unread.push(column.name);
                    row.values.push(column.unsaid());
                }
            }
        }
        Some(row)
    }
}

/// A value as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
    Other,
}

impl Found {
    fn fitting(self, kind: ColumnKind, nullable: bool) -> Option<Value> {
        match (kind, self) {
            (_, Self::Null) if nullable => Some(Value::Null),
            (ColumnKind::Text, Self::Text(bytes)) => {
                // A letter that cannot be read does not cost the rest.
                let text = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}");
                Some(Value::Text(text))
            }
            (ColumnKind::Integer | ColumnKind::BigInteger | ColumnKind::Timestamp, Self::Integer(number)) => {
                Some(Value::Integer(number))
            }
            (ColumnKind::Real, Self::Real(number)) => Real::new(number).map(Value::Real),
            (ColumnKind::Real, Self::Integer(number)) => Real::whole(number).map(Value::Real),
            (ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid, Self::Blob(bytes)) => {
                Uuid::from_slice(&bytes).ok().map(Value::Uuid)
            }
            _ => None,
        }
    }

    /// Whether a table that insists on this type could hold it.
    fn is_possible(&self, place: &Place) -> bool {
        match self {
            Self::Null => place.may_be_absent,
            // A whole number lies as one in a column for fractions, too.
            Self::Integer(_) => ["INTEGER", "REAL"].contains(&place.kind.as_str()),
            Self::Real(_) => place.kind == "REAL",
            Self::Text(_) => place.kind == "TEXT",
            Self::Blob(_) => place.kind == "BLOB",
            Self::Other => false,
        }
    }
}

fn layout(connection: &Connection, table: &str) -> Result<Layout> {
    let mut statement = connection
        .prepare("SELECT name,type,\"notnull\",dflt_value IS NOT NULL FROM pragma_table_info(?) ORDER BY cid")?;
    let columns = statement.query_map([table], |row| {
        Ok(Place {
            name: row.get(0)?,
            kind: row.get(1)?,
            may_be_absent: !row.get::<_, bool>(2)?,
            has_default: row.get(3)?,
        })
    })?;
    Ok(Layout {
        columns: columns.collect::<rusqlite::Result<_>>()?,
    })
}
