//! The statements of a table, assembled once from its list of columns.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::entity::{Entity, column_list};
use crate::schema::ColumnSet;
use crate::schema::sql::Sql;

/// Every statement that repositories run again and again on one table.
#[derive(Debug)]
pub struct Statements {
    /// `SELECT columns FROM table`
    pub(crate) select: Sql,
    /// … by id
    pub(crate) get: Sql,
    /// … by id, and after the columns the revision and the row's place
    pub(crate) get_with_revision: Sql,
    /// … by the folded name, in id order
    pub(crate) by_name: Sql,
    /// … by a part of the folded name
    pub(crate) name_contains: Sql,
    pub(crate) insert: Sql,
    /// … or update, with the revision behind the derived columns
    pub(crate) put: Sql,
    pub(crate) delete: Sql,
    /// `SELECT count(*) FROM table`
    pub(crate) count: Sql,
    /// Assembled when they are first needed: one for each set of columns that changes together.
    updates: Mutex<HashMap<ColumnSet, Arc<Update>>>,
}

/// The statement that writes some changed columns of a row, its time, and the stored keys that follow from them.
#[derive(Debug)]
pub(crate) struct Update {
    /// The columns, which are bound first, in this order.
    pub(crate) changed: ColumnSet,
    /// The positions of the stored keys, which are bound after them, before the time and the place of the row.
    pub(crate) derived: Vec<usize>,
    pub(crate) sql: Sql,
}

impl Statements {
    /// Assembles them.
    pub fn of<E: Entity>() -> Self {
        let table = E::TABLE;
        let columns = column_list(table, None);
        let mut select = Sql::new("SELECT ");
        select.append(&columns).push(" FROM ").push(table.name);
        let with = |tail: &[&'static str]| {
            let mut sql = select.clone();
            for part in tail {
                sql.push(part);
            }
            sql
        };
        let mut count = Sql::new("SELECT count(*) FROM ");
        count.push(table.name);
        let mut delete = Sql::new("DELETE FROM ");
        delete.push(table.name).push(" WHERE id=?");
        Self {
            get_with_revision: with_revision(&columns, table.name),
            get: with(&[" WHERE id=?"]),
            by_name: with(&[" WHERE ", E::NAME.folded, "=? ORDER BY id"]),
            name_contains: with(&[
                " WHERE instr(",
                E::NAME.folded,
                ",?)>0 ORDER BY ",
                E::NAME.folded,
                ",rowid LIMIT ?",
            ]),
            put: put::<E>(&columns),
            insert: insert::<E>(&columns),
            delete,
            count,
            select,
            updates: Mutex::default(),
        }
    }

    /// The statement that writes these columns.
    pub(crate) fn update<E: Entity>(&self, changed: ColumnSet) -> Arc<Update> {
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        let update = updates
            .entry(changed)
            .or_insert_with(|| Arc::new(Update::of::<E>(changed)));
        Arc::clone(update)
    }
}

impl Update {
    fn of<E: Entity>(changed: ColumnSet) -> Self {
        let columns = E::TABLE.columns;
        let is_among = |name: &&str| changed.positions().any(|position| columns[position].name == *name);
        let derived: Vec<usize> = (0..E::DERIVED.len())
            .filter(|position| E::DERIVED[*position].from.iter().any(is_among))
            .collect();
        let names = changed
            .positions()
            .map(|position| columns[position].name)
            .chain(derived.iter().map(|position| E::DERIVED[*position].name));
        let mut sql = Sql::new("UPDATE ");
        sql.push(E::TABLE.name).push(" SET ");
        for name in names {
            sql.push(name).push("=?,");
        }
        sql.push("updated_at=? WHERE rowid=?");
        Self { changed, derived, sql }
    }
}

fn insert<E: Entity>(columns: &Sql) -> Sql {
    let mut sql = Sql::new("INSERT INTO ");
    sql.push(E::TABLE.name).push("(").append(columns);
    for derived in E::DERIVED {
        sql.push(",").push(derived.name);
    }
    sql.push(") VALUES(")
        .placeholders(E::TABLE.columns.len() + E::DERIVED.len())
        .push(")");
    sql
}

fn put<E: Entity>(columns: &Sql) -> Sql {
    let own = E::TABLE.columns.iter().map(|column| column.name);
    let names = || {
        own.clone()
            .chain(E::DERIVED.iter().map(|derived| derived.name))
            .chain(["revision"])
    };
    let mut sql = Sql::new("INSERT INTO ");
    sql.push(E::TABLE.name).push("(").append(columns);
    for name in names().skip(E::TABLE.columns.len()) {
        sql.push(",").push(name);
    }
    sql.push(") VALUES(")
        .placeholders(names().count())
        .push(") ON CONFLICT(id) DO UPDATE SET ");
    for (index, name) in names().skip(1).enumerate() {
        if index > 0 {
            sql.push(",");
        }
        sql.push(name).push("=excluded.").push(name);
    }
    sql
}

fn with_revision(columns: &Sql, table: &'static str) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.append(columns)
        .push(",revision,rowid FROM ")
        .push(table)
        .push(" WHERE id=?");
    sql
}
