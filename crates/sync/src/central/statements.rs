//! The statements of a push, assembled from a table's one list of columns and the catalogue's name.
//!
//! `s` is always the staged row, `t` the row of the table. Those staged rows that cannot be accepted are *found* and
//! then taken out; what is left is written as a whole, so the statements that write need no conditions of their own.
//!
//! Finding and taking out are two statements, and the staged rows are first read as a whole (`WITH`), so that all of it
//! works in a cluster too: there, temporary tables and those of the catalogue cannot be combined in every statement.

use std::fmt::Write as _;

use colophon_store::schema::{ColumnKind, Table};

use super::copy::{CHANGE_COLUMNS, type_of};
use super::said::Said;
use super::settings::SchemaName;

/// The statements for one table of one catalogue.
#[derive(Debug)]
pub(super) struct Statements<'s> {
    schema: &'s SchemaName,
    table: &'static Table,
}

impl<'s> Statements<'s> {
    pub(super) fn new(schema: &'s SchemaName, table: &'static Table) -> Self {
        Self { schema, table }
    }

    /// The staging table. `ON COMMIT DROP`, so nothing is left in the session, which may belong to a pooler.
    pub(super) fn create_staging(&self) -> String {
        let change = CHANGE_COLUMNS
            .iter()
            .map(|(name, definition)| format!("{name} {definition}"));
        let own = self.table.columns.iter();
        let own = own.map(|column| format!("{} {}", column.name, type_of(column.kind)));
        let columns = list(change.chain(own));
        format!(
            "CREATE TEMP TABLE IF NOT EXISTS push_{}({columns}) ON COMMIT DROP;",
            self.table.name
        )
    }

    /// Takes the columns that hold anything; the others hold their default.
    pub(super) fn copy(&self, said: &Said) -> String {
        format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary)",
            self.staged(),
            list(said.names(self.table).map(str::to_owned))
        )
    }

    /// Takes out staged rows by their ids, parameter 1.
    pub(super) fn take_out(&self) -> String {
        format!("DELETE FROM {} WHERE id = ANY ($1)", self.staged())
    }

    /// Finds rows that are at another revision than the change is based on.
    pub(super) fn find_changed(&self) -> String {
        format!(
            "{} SELECT s.id FROM s, {} AS t WHERE t.id = s.id AND t.revision <> s.base_revision",
            self.with_staged(None),
            self.target()
        )
    }

    /// Finds rows that have been deleted since, including deletions: the tombstone that is there may keep something
    /// that this device has not seen. For a row that exists its revision decides, even if it has a tombstone, too.
    pub(super) fn find_deleted(&self) -> String {
        format!(
            "{} SELECT s.id FROM s, \"{}\".tombstone AS grave WHERE grave.entity = '{}' \
             AND grave.id = s.id AND grave.revision > s.base_revision \
             AND NOT EXISTS (SELECT FROM {} AS t WHERE t.id = s.id)",
            self.with_staged(None),
            self.schema,
            self.table.name,
            self.target()
        )
    }

    /// Finds rows that the server once had and now has neither as a row nor as a tombstone, because it was purged.
    /// Deletions are found whatever was purged: no tombstone would keep what they took along, so they are not deletions
    /// that the server has.
    pub(super) fn find_purged(&self) -> String {
        format!(
            "{} SELECT s.id FROM s, \"{}\".catalogue_head AS head WHERE s.base_revision > 0 \
             AND (s.deletes OR s.base_revision <= head.purge_floor) AND NOT EXISTS (SELECT FROM {} AS t WHERE t.id = s.id) \
             AND NOT EXISTS (SELECT FROM \"{}\".tombstone AS grave WHERE grave.entity = '{}' AND grave.id = s.id)",
            self.with_staged(None),
            self.schema,
            self.target(),
            self.schema,
            self.table.name
        )
    }

    /// Writes staged deletions by their ids, parameter 2, as if they were new rows. If a key is taken, its row exists
    /// after all, and is hidden.
    pub(super) fn insert_unseen(&self) -> String {
        format!(
            "INSERT INTO {} ({}, revision) SELECT {}, $1 FROM {} AS s WHERE s.deletes AND s.id = ANY ($2)",
            self.target(),
            list(self.columns()),
            list(self.columns().map(|column| format!("s.{column}"))),
            self.staged(),
        )
    }

    /// Finds rows with a value that another row holds, unless the row itself has held it on the server before.
    pub(super) fn find_clashing(&self, column: &str) -> String {
        format!(
            "{with_staged} SELECT s.id FROM s WHERE NOT s.deletes AND s.{column} IS NOT NULL \
             AND NOT EXISTS (SELECT FROM {target} AS own WHERE own.id = s.id AND own.{column} = s.{column}) \
             AND (EXISTS (SELECT FROM {target} AS other WHERE other.{column} = s.{column} AND other.id <> s.id \
                          AND NOT EXISTS (SELECT FROM s AS moving WHERE moving.id = other.id)) \
               OR EXISTS (SELECT FROM s AS rival WHERE rival.{column} = s.{column} AND rival.id <> s.id AND NOT rival.deletes))",
            with_staged = self.with_staged(Some(column)),
            target = self.target(),
        )
    }

    /// Finds rows that refer to a row which will not be there.
    pub(super) fn find_orphans(&self, column: &str, parent: &str) -> String {
        format!(
            "{with_staged}, p AS MATERIALIZED (SELECT id, deletes FROM pg_temp.push_{parent}) \
             SELECT s.id FROM s WHERE NOT s.deletes AND s.{column} IS NOT NULL \
             AND NOT EXISTS (SELECT FROM p AS come WHERE come.id = s.{column} AND NOT come.deletes) \
             AND NOT EXISTS (SELECT FROM \"{schema}\".{parent} AS there WHERE there.id = s.{column} \
                             AND NOT EXISTS (SELECT FROM p AS go WHERE go.id = there.id AND go.deletes))",
            with_staged = self.with_staged(Some(column)),
            schema = self.schema,
        )
    }

    /// Finds deletions of rows that are referred to by others that stay.
    pub(super) fn find_needed(&self, child: &str, column: &str) -> String {
        format!(
            "{with_staged}, k AS MATERIALIZED (SELECT id FROM pg_temp.push_{child}) \
             SELECT s.id FROM s WHERE s.deletes AND EXISTS (SELECT FROM \"{schema}\".{child} AS c \
             WHERE c.{column} = s.id AND NOT EXISTS (SELECT FROM k WHERE k.id = c.id))",
            with_staged = self.with_staged(None),
            schema = self.schema,
        )
    }

    /// Writes rows that the server never had. Parameter 1 is the revision, here and below.
    pub(super) fn insert_new(&self) -> String {
        self.insert("", &format!("{} AS s", self.staged()), "s.base_revision = 0")
    }

    /// Writes rows that the server has.
    pub(super) fn update(&self) -> String {
        let mut sql = format!("UPDATE {} AS t SET ", self.target());
        for column in self.table.columns.iter().filter(|column| column.kind != ColumnKind::Id) {
            let _ = write!(sql, "{0} = s.{0}, ", column.name);
        }
        let _ = write!(
            sql,
            "revision = $1 FROM {} AS s WHERE NOT s.deletes AND s.base_revision > 0 AND t.id = s.id \
             AND t.revision = s.base_revision",
            self.staged()
        );
        sql
    }

    /// Writes rows that the server once had: back they go, over their tombstone.
    pub(super) fn insert_again(&self) -> String {
        let absent = format!(
            "s.base_revision > 0 AND NOT EXISTS (SELECT FROM {} AS t WHERE t.id = s.id)",
            self.target()
        );
        let with = format!("WITH s AS MATERIALIZED (SELECT * FROM {})", self.staged());
        self.insert(&with, "s", &absent)
    }

    /// Gives rows that are about to be deleted their last content, so that the tombstone keeps it. A reference to a row
    /// that never came here stays as it was.
    pub(super) fn update_last_content(&self) -> String {
        let values = |column: &colophon_store::schema::Column| match column.kind {
            ColumnKind::Reference { table } => format!(
                "CASE WHEN EXISTS (SELECT FROM \"{schema}\".{table} AS there WHERE there.id = s.{name}) \
                 OR EXISTS (SELECT FROM \"{schema}\".tombstone AS grave WHERE grave.entity = '{table}' AND grave.id = s.{name}) \
                 THEN s.{name} ELSE t.{name} END",
                schema = self.schema,
                name = column.name,
            ),
            _ => format!("s.{}", column.name),
        };
        let own = || self.table.columns.iter().filter(|column| column.kind != ColumnKind::Id);
        format!(
            "UPDATE {target} AS t SET {sets}, revision = $1 FROM {staged} AS s WHERE s.deletes AND t.id = s.id \
             AND ({old}) IS DISTINCT FROM ({new})",
            target = self.target(),
            staged = self.staged(),
            sets = list(own().map(|column| format!("{} = {}", column.name, values(column)))),
            old = list(own().map(|column| format!("t.{}", column.name))),
            new = list(own().map(values)),
        )
    }

    pub(super) fn delete(&self) -> String {
        format!(
            "DELETE FROM {} AS t USING {} AS s WHERE s.deletes AND t.id = s.id",
            self.target(),
            self.staged()
        )
    }

    /// Finds deletions whose row is still there. There should be none.
    pub(super) fn find_undeleted(&self) -> String {
        format!(
            "{} SELECT s.id FROM s, {} AS t WHERE s.deletes AND t.id = s.id",
            self.with_staged(None),
            self.target()
        )
    }

    fn insert(&self, with: &str, from: &str, condition: &str) -> String {
        format!(
            "INSERT INTO {} ({}, revision) {with} SELECT {}, $1 FROM {from} WHERE NOT s.deletes AND {condition}",
            self.target(),
            list(self.columns()),
            list(self.columns().map(|column| format!("s.{column}"))),
        )
    }

    /// The staged rows as `s`: what is needed of all of them, and one of their values.
    fn with_staged(&self, value: Option<&str>) -> String {
        let columns = ["id", "base_revision", "deletes"]
            .into_iter()
            .chain(value.filter(|value| *value != "id"));
        let columns: Vec<&str> = columns.collect();
        format!(
            "WITH s AS MATERIALIZED (SELECT {} FROM {})",
            columns.join(", "),
            self.staged()
        )
    }

    fn columns(&self) -> impl Iterator<Item = String> + use<> {
        self.table.columns.iter().map(|column| column.name.to_owned())
    }

    /// Named with its schema: whatever the session's search path is, this is ours.
    fn staged(&self) -> String {
        format!("pg_temp.push_{}", self.table.name)
    }

    fn target(&self) -> String {
        format!("\"{}\".{}", self.schema, self.table.name)
    }
}

pub(super) fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
