//! What a damaged file holds besides its records, as far as SQLite can read it: what had not been sent to the server,
//! and the journal.
//!
//! These tables are read from both ends until something cannot be read. What lies between is left out, and the omission
//! is reported: such rows say little by themselves, and are not looked for page by page as records are.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::Salvage;
use super::tree::Tree;
use crate::schema::Table;

/// The most lines that are read from one of these tables; the newest are taken.
const LINES_MAX: usize = 100_000;

/// A line, by the names of its columns.
pub type Line = Map<String, Json>;

/// Lines of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// The newest first.
    pub lines: Vec<Line>,
    /// Whether there were more.
    pub has_gaps: bool,
}

impl Salvage {
    /// What had not been sent to the server: for each record its table, its id, what was done to it, and what the
    /// server had of it. Empty if the file says that it was never in step with a server.
    pub fn waiting(&self, tables: &[&'static Table]) -> Lines {
        let Some(tree) = &self.tree else { return all_gaps() };
        let device = tree.lines("SELECT incarnation IS NULL AS alone FROM device", "only");
        let was_alone = device
            .lines
            .first()
            .is_none_or(|line| line.get("alone") == Some(&1.into()));
        if was_alone && !device.has_gaps {
            return Lines::default();
        }
        let mut found = tree.lines("SELECT entity,id,kind,base FROM pending WHERE change>0", "entity,id");
        for table in tables {
            let name = table.name;
            let made =
                format!("SELECT '{name}' AS entity,id,'create' AS kind FROM {name} NOT INDEXED WHERE revision=0");
            let made = tree.lines(&made, "rowid");
            found.lines.extend(made.lines);
            found.has_gaps |= made.has_gaps;
        }
        let mut known = HashSet::new();
        let name = |line: &Line| ["entity", "id"].map(|name| line.get(name).map(ToString::to_string));
        found.lines.retain(|line| known.insert(name(line)));
        found
    }

    /// The journal.
    pub fn journal(&self) -> Lines {
        let Some(tree) = &self.tree else { return all_gaps() };
        tree.lines(
            "SELECT id,act,at,entity,kind,entity_id,last_id,count,others,before,after,label,undoes FROM edit",
            "id",
        )
    }
}

fn all_gaps() -> Lines {
    Lines {
        lines: Vec::new(),
        has_gaps: true,
    }
}

impl Tree {
    /// What a query finds, read from its end, and if something cannot be read, from its beginning as well.
    fn lines(&self, sql: &str, order: &str) -> Lines {
        let mut found = Lines::default();
        let backwards: Vec<_> = order.split(',').map(|column| format!("{column} DESC")).collect();
        if self.lines_in_order(sql, &backwards.join(","), &mut found.lines) {
            return found;
        }
        found.has_gaps = true;
        let mut others = Vec::new();
        self.lines_in_order(sql, order, &mut others);
        others.retain(|line| !found.lines.contains(line));
        found.lines.extend(others.into_iter().rev());
        found
    }

    /// Returns whether it came to the end.
    fn lines_in_order(&self, sql: &str, order: &str, lines: &mut Vec<Line>) -> bool {
        let Ok(mut statement) = self.connection.prepare(&format!("{sql} ORDER BY {order}")) else {
            return false;
        };
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let Ok(mut rows) = statement.query([]) else {
            return false;
        };
        loop {
            match rows.next() {
                Ok(None) => return true,
                Ok(Some(row)) if lines.len() < LINES_MAX => lines.push(line(&names, row)),
                Ok(Some(_)) | Err(_) => return false,
            }
        }
    }
}

fn line(names: &[String], row: &Row<'_>) -> Line {
    let columns = names.iter().enumerate();
    columns
        .filter_map(|(index, name)| Some((name.clone(), shown(name, row.get_ref(index).ok()?)?)))
        .collect()
}

/// A value as somebody would read it; `None` where there is none.
fn shown(name: &str, value: ValueRef<'_>) -> Option<Json> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(at) if name == "at" => Timestamp::from_microsecond(at).ok()?.to_string().into(),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            match name {
                "base" | "before" | "after" => serde_json::from_str(&text).unwrap_or_else(|_| text.into()),
                _ => text.into(),
            }
        }
        ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
            Ok(id) => id.to_string().into(),
            Err(_) => ids(bytes),
        },
    })
}

/// The ids that are stored one after another.
fn ids(bytes: &[u8]) -> Json {
    let ids = bytes.chunks(16).filter_map(|bytes| Uuid::from_slice(bytes).ok());
    ids.map(|id| Json::from(id.to_string())).collect()
}
