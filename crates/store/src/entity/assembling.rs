//! How the statements of a table are assembled from what its entity declares.

use std::sync::{Arc, Mutex, PoisonError};

use crate::entity::Entity;
use crate::schema::ColumnSet;
use crate::schema::columns::column_list;
use crate::schema::sql::Sql;
use crate::schema::statements::{Statements, Update};

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
