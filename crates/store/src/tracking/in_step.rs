//! The columns in which the file and its server were last in step, and what waits here because the server has no room
//! for it.
//!
//! Programs of different versions work on one catalogue. While the server lacks a column that is here, its values stay
//! in the file: a row with such a value keeps a [pending change](crate::Pending) whose base does not mention the
//! column, so it waits. Once the server has got the column, or this program has, the columns in step are fewer than
//! those that both know, and what is missing is fetched and sent.

use std::collections::HashSet;

use rusqlite::params;
use uuid::Uuid;

use crate::capture::row_json;
use crate::error::Result;
use crate::schema::sql::Sql;
use crate::schema::{Column, ColumnSet, Table, Value};
use crate::session::{ReadSession, WriteSession};

const IN_STEP: Sql = Sql::new("SELECT entity,name FROM in_step");
const FORGET: Sql = Sql::new("DELETE FROM in_step");
const KEEP: Sql = Sql::new("INSERT INTO in_step(entity,name) VALUES(?,?)");
const BEGIN: Sql = Sql::new("INSERT OR IGNORE INTO in_step(entity,name) VALUES(?,?)");

/// Stands for a column that is being taken up. No column has such a name; a table that is being taken up is listed
/// without any.
pub fn being_taken_up(column: &str) -> String {
    format!("+{column}")
}

impl ReadSession<'_> {
    /// The columns in which the file was last in step, each with its table; those that are [being taken
    /// up](being_taken_up); and, with an empty name, tables that are.
    pub fn in_step(&self) -> Result<HashSet<(String, String)>> {
        let columns = self.query(&IN_STEP, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(columns.into_iter().collect())
    }
}

impl WriteSession<'_> {
    /// From now on the file is in step with all columns of these tables.
    pub fn set_in_step(&self, tables: &[&'static Table]) -> Result<()> {
        self.prepare(&FORGET)?.execute([])?;
        let mut keep = self.prepare(&KEEP)?;
        for table in tables {
            for column in table.columns {
                keep.execute(params![table.name, column.name])?;
            }
        }
        Ok(())
    }

    /// Makes a row wait of which the server has everything but what it has no room for, if the row has such a value. A
    /// row that waits already is left alone.
    pub fn note_without_room(&self, table: &'static Table, id: Uuid, without: ColumnSet) -> Result<()> {
        let mut sql = noting(table, without);
        sql.push(" AND here.id=?");
        self.prepare(&sql)?.execute([id.as_bytes().as_slice()])?;
        Ok(())
    }

    /// The same for all rows of a table; and for those that wait already, nothing is known any more of these columns.
    /// What a deletion took along is in no tombstone: it stays pending, waits for nothing, and is merged should
    /// somebody bring the record back.
    ///
    /// Once for each column, until the file [is in step](Self::set_in_step): what has come there meanwhile was not said
    /// here. Not while a batch is under way: what was left out of it waits again only after the batch has arrived.
    pub fn note_all_without_room(&self, table: &'static Table, without: ColumnSet) -> Result<()> {
        let before = self.in_step()?;
        let name = |position: &usize| (table.name.to_owned(), being_taken_up(table.columns[*position].name));
        let without: ColumnSet = without
            .positions()
            .filter(|position| !before.contains(&name(position)))
            .collect();
        if without.is_empty() {
            return Ok(());
        }
        if self.in_flight()?.is_empty() {
            let mut begin = self.prepare(&BEGIN)?;
            for (entity, column) in without.positions().map(|position| name(&position)) {
                begin.execute(params![entity, column])?;
            }
        }
        let mut forget = Sql::new("UPDATE pending SET base=");
        forget.append(&json_without("base", table, without));
        forget.push(" WHERE base IS NOT NULL AND entity=?");
        self.prepare(&forget)?.execute([table.name])?;
        self.prepare(&noting(table, without))?.execute([])?;
        self.prepare(&resting(table, without))?.execute([])?;
        Ok(())
    }

    /// Makes every row of a table one that the server never had, because it had no such table. Once, until the file [is
    /// in step](Self::set_in_step): the server has whatever has come meanwhile, and what is deleted of that must be
    /// deleted there.
    pub fn make_all_new(&self, table: &'static Table) -> Result<()> {
        if self.prepare(&BEGIN)?.execute(params![table.name, ""])? == 0 {
            return Ok(());
        }
        let mut rows = Sql::new("UPDATE ");
        rows.push(table.name).push(" SET revision=0 WHERE revision>0");
        self.prepare(&rows)?.execute([])?;
        for forget in [
            Sql::new("DELETE FROM pending WHERE entity=?"),
            // What is deleted here remains known as deleted: the audit asks for it.
            Sql::new("UPDATE deleted SET revision=0 WHERE revision>0 AND entity=?"),
        ] {
            self.prepare(&forget)?.execute([table.name])?;
        }
        Ok(())
    }
}

/// Notes rows of which the server has everything except these columns, and which have a value in one of them.
fn noting(table: &'static Table, without: ColumnSet) -> Sql {
    let known: ColumnSet = ColumnSet::all(table)
        .positions()
        .filter(|position| !without.contains(*position))
        .collect();
    let mut sql = Sql::new("INSERT INTO pending(entity,id,kind,base,base_revision,change) SELECT '");
    sql.push(table.name)
        .push("',here.id,'update',")
        .append(&row_json(table.narrowed(known), "here."));
    sql.push(",here.revision,1 FROM ").push(table.name);
    sql.push(" AS here WHERE here.revision>0 AND (");
    for (number, position) in without.positions().enumerate() {
        let column = &table.columns[position];
        sql.push(if number > 0 { " OR here." } else { "here." });
        sql.push(column.name).push(" IS NOT ").push(unsaid(column));
    }
    sql.push(") AND NOT EXISTS(SELECT 1 FROM pending WHERE entity='")
        .push(table.name)
        .push("' AND id=here.id)");
    sql
}

/// Notes deletions that the server knows of, if the last content has a value in one of these columns.
fn resting(table: &'static Table, without: ColumnSet) -> Sql {
    let mut sql = Sql::new(
        "INSERT INTO pending(entity,id,kind,base,base_revision,base_is_tombstone,change) SELECT entity,id,'delete',",
    );
    sql.append(&json_without("content", table, without));
    sql.push(",revision,1,0 FROM deleted AS gone WHERE revision>0 AND entity='")
        .push(table.name)
        .push("' AND (");
    for (number, position) in without.positions().enumerate() {
        let column = &table.columns[position];
        sql.push(if number > 0 { " OR " } else { "" })
            .push("ifnull(json_extract(content,'$.")
            .push(column.name)
            .push("'),")
            .push(unsaid_in_json(column))
            .push(") IS NOT ")
            .push(unsaid_in_json(column));
    }
    sql.push(") AND NOT EXISTS(SELECT 1 FROM pending WHERE entity=gone.entity AND id=gone.id)");
    sql
}

/// What is kept of a row, without these columns.
fn json_without(kept: &'static str, table: &'static Table, without: ColumnSet) -> Sql {
    let mut sql = Sql::new("json_remove(");
    sql.push(kept);
    for position in without.positions() {
        sql.push(",'$.").push(table.columns[position].name).push("'");
    }
    sql.push(")");
    sql
}

/// [`Column::unsaid`] in the form in which it is kept in JSON.
fn unsaid_in_json(column: &Column) -> &'static str {
    match column.unsaid() {
        Value::Uuid(_) => "'00000000000000000000000000000000'",
        _ => unsaid(column),
    }
}

/// [`Column::unsaid`] as SQL.
fn unsaid(column: &Column) -> &'static str {
    match column.unsaid() {
        Value::Null => "NULL",
        Value::Text(_) => "''",
        Value::Integer(_) => "0",
        Value::Real(_) => "0.0",
        Value::Uuid(_) => "zeroblob(16)",
    }
}
