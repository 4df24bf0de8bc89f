//! Reading what can still be read of a damaged file, without changing it.
//!
//! First through SQLite, row by row in the order of their numbers (`tree`): where a page cannot be read, the rows on it
//! are skipped, and the next readable one is looked for. If that left gaps, or the tree of a table cannot be entered at
//! all, every page of the file is examined by itself (`pages`): the rows on it are recognised by their shape, whatever
//! led to them. This also finds rows that were deleted and whose page has not been reused; whoever takes the rows knows
//! which of them may be such ([`SalvagedRow::is_loose`]).

mod besides;
mod found;
mod pages;
mod tree;

pub use self::besides::{Line, Lines};

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use uuid::Uuid;

use self::found::{ColumnLayout, Layout};
pub use self::found::{SalvagedRow, SalvagedTable};
use self::tree::Tree;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::expected::FileSchema;
use crate::file::connection::has_log;
use crate::schema::Table;

/// A damaged file.
pub struct Salvage {
    file: PathBuf,
    /// As far as SQLite can open it.
    tree: Option<Tree>,
    /// What the tables look like in a sound file.
    layouts: HashMap<&'static str, Layout>,
}

impl Salvage {
    /// Opens a file as far as it can be opened. Only a file that does not exist, or cannot be read at all, is an error.
    pub fn open(file: &Path, schema: &FileSchema) -> Result<Self> {
        std::fs::File::open(file).map_err(|error| Error::io("the file cannot be opened", &error))?;
        let sound = Database::in_memory_blocking()?;
        sound.migrate_blocking(schema)?;
        let layouts = sound.read_blocking(|session| {
            let layout = |table: &'static Table| Ok((table.name, layout(session.connection(), table.name)?));
            schema.tables().into_iter().map(layout).collect()
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

    /// Adds the rows to which nothing leads. What the file says was deleted stays deleted.
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

fn layout(connection: &Connection, table: &str) -> Result<Layout> {
    let mut statement = connection
        .prepare("SELECT name,type,\"notnull\",dflt_value IS NOT NULL FROM pragma_table_info(?) ORDER BY cid")?;
    let columns = statement.query_map([table], |row| {
        Ok(ColumnLayout {
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
