//! What an entity is to the store: a struct whose fields are its columns.
//!
//! The [`entity!`](crate::entity!) macro takes the list of fields once and derives from it the struct, the [`Table`]
//! description, the reading, the binding and the conversion to and from [`Value`]s. Rules (validation, derived keys) stay
//! in the entity's own file, as the methods of [`Entity`] that the macro does not write.

use std::hash::Hash;
use std::sync::OnceLock;

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, Value as Bound};
use rusqlite::{Row, Statement};
use serde::Serialize;
use uuid::Uuid;

use crate::error::Result;
use crate::field::EntityId;
use crate::schema::{ColumnSet, Table, Value};
use crate::session::WriteSession;
use crate::sql::{Sql, Where};
use crate::statements::Statements;

/// The fields and columns of an entity; written by [`entity!`](crate::entity!).
pub trait Columns: Sized + Clone + PartialEq + Serialize + Send + Sync + 'static {
    /// The id type.
    type Id: EntityId;
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
    /// The reverse of [`values`](Self::values); `None` when a value is of another kind than its column.
    fn from_values(values: Vec<Value>) -> Option<Self>;
    /// The value of one column as it is bound, without copying texts; NULL for a position that the table does not have.
    fn bind_column(&self, position: usize) -> ToSqlOutput<'_>;
    /// The columns that differ between two states of a row; its id and its times do not count.
    fn changed(&self, after: &Self) -> ColumnSet;
    /// The statements of the table, made once per program.
    fn statements() -> &'static Statements;
}

/// The rules of an entity; written in the entity's own file.
pub trait Entity: Columns {
    /// What a new row is made from.
    type Draft;
    /// One condition on rows.
    type Filter: Condition;
    /// The orders a list can have.
    type Sort: SortOrder;

    /// Local-only columns that hold stored keys, derived from the row; not synchronised.
    const DERIVED: &'static [Derived];
    /// The column that holds the name people use, and the derived column that holds its folded form.
    const NAME: NameColumns;

    /// Makes the row of a draft, unchecked.
    fn from_draft(draft: &Self::Draft, stamp: Stamp) -> Self;
    /// Applies the rules of the columns that are touched: trims, normalises, refuses. What it returns may be stored. A value that is not
    /// touched stays as it is: another program may have written it, and that is no reason to refuse a change of something else. A rule
    /// that joins columns is applied when one of them is touched.
    fn checked(self, touched: ColumnSet) -> Result<Self>;
    /// Applies every rule: what a new row goes through.
    fn checked_in_full(self) -> Result<Self> {
        self.checked(ColumnSet::all(Self::TABLE))
    }
    /// The value of the derived column at a position of [`DERIVED`](Self::DERIVED).
    fn derive(&self, position: usize) -> Bound;
    /// Folds a text the way the derived name column is folded.
    fn fold(text: &str) -> String;
    /// Says no when a row may not be deleted, for instance because others refer to it.
    fn before_delete(session: &WriteSession<'_>, id: Self::Id) -> Result<()> {
        let _ = (session, id);
        Ok(())
    }
}

/// A stored key: a local-only column whose value follows from others.
#[derive(Debug, Clone, Copy)]
pub struct Derived {
    /// The column.
    pub name: &'static str,
    /// The columns it follows from; it is written again only when one of them changes.
    pub from: &'static [&'static str],
}

/// The identity and the birth of a new row.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// Its id.
    pub id: Uuid,
    /// The time of its transaction.
    pub now: Timestamp,
}

/// Where the name of an entity is kept.
#[derive(Debug, Clone, Copy)]
pub struct NameColumns {
    /// As people wrote it.
    pub plain: &'static str,
    /// Folded for comparison.
    pub folded: &'static str,
}

/// One condition on the rows of a table.
pub trait Condition: Clone + Send + 'static {
    /// Adds itself.
    fn add_to(&self, conditions: &mut Where);
}

/// One order of the rows of a table. Ties are broken by the row's own place, so every order is total.
pub trait SortOrder: Copy + Eq + Hash + Default + Send + Sync + 'static {
    /// The expression to order by: a column or an expression, never NULL.
    fn expression(self) -> &'static str;

    /// Whether an index serves the order. Without one, a page costs a sort of the whole table.
    fn is_indexed(self) -> bool {
        true
    }
}

/// A parent with children of another entity.
pub trait HasMany<C: Entity>: Entity {
    /// The column of the child that refers to the parent.
    const FOREIGN_KEY: &'static str;
    /// The order of the children within a parent: column names, separated by commas.
    const CHILD_ORDER: &'static str;
    /// The parent of a child.
    fn parent_of(child: &C) -> Self::Id;
}

/// The cell in which [`entity!`](crate::entity!) keeps the statements of an entity.
pub type StatementsCell = OnceLock<Statements>;

/// Binds one value.
pub fn bind_one(statement: &mut Statement<'_>, index: usize, value: ToSqlOutput<'_>) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(index, value)
}

/// `column, column, …` of a table, each behind an alias where one is given.
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

/// Declares an entity: the struct and everything that follows from its list of columns.
///
/// `id`, `created_at` and `updated_at` are added around the listed fields. `unique` and `lines` are
/// [`Table::unique`](crate::schema::Table::unique) and [`Table::merged_by_line`](crate::schema::Table::merged_by_line).
#[macro_export]
macro_rules! entity {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:literal with $id:ident, unique [$($unique:literal),*], lines [$($lines:literal),*] {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, $crate::exports::serde::Serialize)]
        #[serde(crate = "colophon_store::exports::serde")]
        pub struct $name {
            /// The id, made on the device that made the row.
            pub id: $id,
            $( $(#[$field_doc])* pub $field: $type, )*
            /// When the row was made, UTC.
            pub created_at: $crate::exports::Timestamp,
            /// When the row was last changed, UTC.
            pub updated_at: $crate::exports::Timestamp,
        }

        impl $crate::Columns for $name {
            type Id = $id;

            const TABLE: &'static $crate::schema::Table = &$crate::schema::Table {
                name: $table,
                columns: &[
                    $crate::schema::Column { name: "id", kind: $crate::schema::ColumnKind::Id, nullable: false },
                    $( $crate::schema::Column {
                        name: stringify!($field),
                        kind: <$type as $crate::Field>::KIND,
                        nullable: <$type as $crate::Field>::NULLABLE,
                    }, )*
                    $crate::schema::Column {
                        name: "created_at", kind: $crate::schema::ColumnKind::Timestamp, nullable: false,
                    },
                    $crate::schema::Column {
                        name: "updated_at", kind: $crate::schema::ColumnKind::Timestamp, nullable: false,
                    },
                ],
                unique: &[$($unique),*],
                merged_by_line: &[$($lines),*],
            };

            fn id(&self) -> $id {
                self.id
            }

            fn updated_at(&self) -> $crate::exports::Timestamp {
                self.updated_at
            }

            fn set_updated_at(&mut self, at: $crate::exports::Timestamp) {
                self.updated_at = at;
            }

            fn read(row: &$crate::exports::Row<'_>, first: usize) -> $crate::exports::SqliteResult<Self> {
                let mut index = first;
                let mut place = || {
                    index += 1;
                    index - 1
                };
                Ok(Self {
                    id: $crate::read_field(row, place())?,
                    $( $field: $crate::read_field(row, place())?, )*
                    created_at: $crate::read_field(row, place())?,
                    updated_at: $crate::read_field(row, place())?,
                })
            }

            fn bind(&self, statement: &mut $crate::exports::Statement<'_>) -> $crate::exports::SqliteResult<()> {
                use $crate::Field as _;
                let mut index = 0;
                let mut place = || {
                    index += 1;
                    index
                };
                $crate::bind_one(statement, place(), self.id.bind())?;
                $( $crate::bind_one(statement, place(), self.$field.bind())?; )*
                $crate::bind_one(statement, place(), self.created_at.bind())?;
                $crate::bind_one(statement, place(), self.updated_at.bind())
            }

            fn values(&self) -> Vec<$crate::schema::Value> {
                use $crate::Field as _;
                vec![
                    self.id.value(),
                    $( self.$field.value(), )*
                    self.created_at.value(),
                    self.updated_at.value(),
                ]
            }

            fn from_values(values: Vec<$crate::schema::Value>) -> Option<Self> {
                let mut values = values.into_iter();
                let row = Self {
                    id: $crate::Field::from_value(values.next()?)?,
                    $( $field: $crate::Field::from_value(values.next()?)?, )*
                    created_at: $crate::Field::from_value(values.next()?)?,
                    updated_at: $crate::Field::from_value(values.next()?)?,
                };
                values.next().is_none().then_some(row)
            }

            fn bind_column(&self, position: usize) -> $crate::exports::ToSqlOutput<'_> {
                use $crate::Field as _;
                let mut place = 0;
                if position == place {
                    return self.id.bind();
                }
                $(
                    place += 1;
                    if position == place {
                        return self.$field.bind();
                    }
                )*
                match position - place {
                    1 => self.created_at.bind(),
                    2 => self.updated_at.bind(),
                    _ => $crate::exports::ToSqlOutput::Borrowed($crate::exports::ValueRef::Null),
                }
            }

            fn changed(&self, after: &Self) -> $crate::schema::ColumnSet {
                let mut changed = $crate::schema::ColumnSet::default();
                let mut place = 0;
                $(
                    place += 1;
                    if self.$field != after.$field {
                        changed.insert(place);
                    }
                )*
                let _ = place;
                changed
            }

            fn statements() -> &'static $crate::Statements {
                static STATEMENTS: $crate::StatementsCell = $crate::StatementsCell::new();
                STATEMENTS.get_or_init($crate::Statements::of::<$name>)
            }
        }

        const _: () = assert!(
            <$name as $crate::Columns>::TABLE.columns.len() <= $crate::schema::ColumnSet::COLUMNS_MAX,
            "a table has too many columns"
        );
    };
}
