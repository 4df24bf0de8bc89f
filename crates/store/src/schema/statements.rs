//! The statements of a table, assembled once from its list of columns.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::schema::ColumnSet;
use crate::schema::sql::Sql;

/// Every statement that repositories run again and again on one table.
#[derive(Debug)]
pub struct Statements {
    /// `SELECT columns FROM table`
    pub(crate) select: Sql,
    /// … by id
    pub(crate) get: Sql,
    /// … by id, and after the columns the revision and the row's number
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
    /// Assembled when first needed: one for each set of columns that change together.
    pub(crate) updates: Mutex<HashMap<ColumnSet, Arc<Update>>>,
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
