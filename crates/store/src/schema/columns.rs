//! The columns of an entity, for code that knows its type: how they are read, bound and compared.
//!
//! This is the half of an entity that [`entity!`](crate::entity!) writes. The rules, which a person writes, are a layer
//! above the sessions ([`Entity`](crate::Entity)): they may look at other rows. Nothing here may.

use std::sync::OnceLock;

use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Row, Statement};
use serde::Serialize;

use crate::error::Result;
use crate::schema::declaration::Declared;
use crate::schema::field::EntityId;
use crate::schema::sql::Sql;
use crate::schema::statements::Statements;
use crate::schema::{ColumnSet, Table, Value};

/// The fields and columns of an entity; written by [`entity!`](crate::entity!).
pub trait Columns: Sized + Clone + PartialEq + Serialize + Send + Sync + 'static {
    /// The id type.
    type Id: EntityId;
    /// The fields as declared, in the order of their columns.
    const DECLARED: &'static [Declared];
    /// The table, with its synchronised columns.
    const TABLE: &'static Table;

    /// The row's id.
    fn id(&self) -> Self::Id;
    /// When the row was last changed.
    fn updated_at(&self) -> Timestamp;
    /// Sets when the row was last changed.
    fn set_updated_at(&mut self, at: Timestamp);
    /// Reads a row whose columns from `first` on are those of the table.
    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self>;
    /// Binds all columns, in the order of the table, from parameter 1 on.
    fn bind(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()>;
    /// All values, in the order of the table.
    fn values(&self) -> Vec<Value>;
    /// The reverse of [`values`](Self::values); `None` if a value is not of its column's kind.
    fn from_values(values: Vec<Value>) -> Option<Self>;
    /// The value of one column as it is bound, without copying texts; NULL for a position that the table does not have.
    fn bind_column(&self, position: usize) -> ToSqlOutput<'_>;
    /// Sets the value of one declared field; `None` if there is no such field, or it cannot have the value.
    fn put(&mut self, position: usize, value: Value) -> Option<()>;
    /// Applies the rules of the touched fields' kinds.
    fn fields_checked(self, touched: ColumnSet) -> Result<Self>;
    /// The fields that people can type.
    fn typed_fields() -> impl Iterator<Item = &'static Declared> {
        Self::DECLARED.iter().filter(|declared| declared.options.kind.is_some())
    }
    /// The columns that differ between two states of a row; its id and its times do not count.
    fn changed(&self, after: &Self) -> ColumnSet;
    /// The statements of the table, made once per program.
    fn statements() -> &'static Statements;
}

/// The cell in which [`entity!`](crate::entity!) keeps the statements of an entity.
pub type StatementsCell = OnceLock<Statements>;

/// Binds one value.
pub fn bind_one(statement: &mut Statement<'_>, index: usize, value: ToSqlOutput<'_>) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(index, value)
}

/// `column, column, …` of a table, each qualified by an alias if one is given.
pub(crate) fn column_list(table: &Table, alias: Option<&'static str>) -> Sql {
    let mut list = Sql::default();
    for (index, column) in table.columns.iter().enumerate() {
        if index > 0 {
            list.push(",");
        }
        if let Some(alias) = alias {
            list.push(alias).push(".");
        }
        list.push(column.name);
    }
    list
}
