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

use crate::declaration::{Declared, FieldOf};
use crate::error::Result;
use crate::field::EntityId;
use crate::patch::Patch;
use crate::schema::{ColumnSet, Table, Value};
use crate::session::WriteSession;
use crate::sql::{Sql, Where};
use crate::statements::Statements;

/// The fields and columns of an entity; written by [`entity!`](crate::entity!).
pub trait Columns: Sized + Clone + PartialEq + Serialize + Send + Sync + 'static {
    /// The id type.
    type Id: EntityId;
    /// The fields as they are declared, in the order of their columns.
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
    /// The reverse of [`values`](Self::values); `None` when a value is of another kind than its column.
    fn from_values(values: Vec<Value>) -> Option<Self>;
    /// The value of one column as it is bound, without copying texts; NULL for a position that the table does not have.
    fn bind_column(&self, position: usize) -> ToSqlOutput<'_>;
    /// Sets the value of one declared field; `None` when there is no such field, or the value is none that it can have.
    fn put(&mut self, position: usize, value: Value) -> Option<()>;
    /// Applies the rules of the kinds of the fields that are touched.
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
    /// touched stays as it is: another program may have written it, and that is no reason to refuse a change of something else.
    fn checked(self, touched: ColumnSet) -> Result<Self> {
        self.fields_checked(touched)?.joined(touched)
    }
    /// Applies the rules that join fields, where one of these is touched; the rules of each alone have been applied.
    fn joined(self, touched: ColumnSet) -> Result<Self> {
        let _ = touched;
        Ok(self)
    }
    /// Sets a field from what a person typed; an empty text clears it. Rules are applied when the row is stored.
    fn set_text(&mut self, field: FieldOf<Self>, typed: &str) -> Result<()> {
        let mut patch = Patch::default();
        patch.say(field, field.declared().parse(typed)?);
        patch.apply(self)
    }
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
    /// The parent of a child; `None` when it has none.
    fn parent_of(child: &C) -> Option<Self::Id>;
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

/// Declares an entity: the struct and everything that follows from its list of fields.
///
/// `id`, `created_at` and `updated_at` are added around the listed fields. A field is its doc comment, its name, its type, and, where a
/// person types it or a rule applies to it, its [`FieldOptions`](crate::FieldOptions) behind `=`. `fields` names a struct that has every
/// field by its name, for code to speak of ([`FieldOf`](crate::FieldOf)); `draft` names the struct that a new row is made from.
#[macro_export]
macro_rules! entity {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident in $table:literal with $id:ident, fields $fields:ident,
            draft $(#[$draft_attribute:meta])* $draft:ident
            $body:tt
    ) => {
        $crate::entity_draft! {
            $(#[$draft_attribute])*
            $draft of $name with $id $body
        }
        $crate::entity! {
            $(#[$attribute])*
            pub struct $name in $table with $id, fields $fields $body
        }
    };
    (
        $(#[$attribute:meta])*
        pub struct $name:ident in $table:literal with $id:ident, fields $fields:ident
        {
            $( $(#[doc = $doc:literal])* $field:ident: $type:ty $(= $options:expr)? ),* $(,)?
        }
    ) => {
        $crate::entity_struct! {
            $(#[$attribute])*
            $name with $id { $( $(#[doc = $doc])* $field: $type, )* }
        }

        /// Every field by its name.
        #[derive(Debug, Clone, Copy)]
        pub struct $fields {
            $( $(#[doc = $doc])* pub $field: $crate::FieldOf<$name>, )*
        }

        impl $name {
            /// Every field by its name.
            pub const FIELDS: $fields = {
                let mut position = 0;
                $(
                    position += 1;
                    let $field = $crate::FieldOf::at(position);
                )*
                let _ = position;
                $fields { $($field),* }
            };
        }

        impl $crate::Columns for $name {
            type Id = $id;

            const DECLARED: &'static [$crate::Declared] = &{
                let mut position = 0;
                [ $( $crate::Declared {
                    column: $crate::schema::Column {
                        name: stringify!($field),
                        kind: <$type as $crate::Field>::KIND,
                        nullable: <$type as $crate::Field>::NULLABLE,
                    },
                    position: {
                        position += 1;
                        position
                    },
                    doc: &[$($doc),*],
                    options: {
                        let options = $crate::FieldOptions::NONE;
                        $( let _ = options; let options = $options; )?
                        options
                    },
                }, )* ]
            };

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
                unique: &$crate::unique::<{ $crate::count_unique(<$name as $crate::Columns>::DECLARED) }>(
                    <$name as $crate::Columns>::DECLARED,
                ),
                merged_by_line: &$crate::merged_by_line::<
                    { $crate::count_merged_by_line(<$name as $crate::Columns>::DECLARED) },
                >(<$name as $crate::Columns>::DECLARED),
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

            fn put(&mut self, position: usize, value: $crate::schema::Value) -> Option<()> {
                let mut place = 0;
                $(
                    place += 1;
                    if position == place {
                        self.$field = $crate::Field::from_value(value)?;
                        return Some(());
                    }
                )*
                let _ = (place, value);
                None
            }

            fn fields_checked(mut self, touched: $crate::schema::ColumnSet) -> $crate::Result<Self> {
                let mut place = 0;
                $(
                    place += 1;
                    if touched.contains(place) {
                        self.$field = $crate::check_field(&Self::DECLARED[place - 1], self.$field)?;
                    }
                )*
                let _ = place;
                Ok(self)
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

/// The struct of an entity; for [`entity!`](crate::entity!).
#[doc(hidden)]
#[macro_export]
macro_rules! entity_struct {
    (
        $(#[$attribute:meta])*
        $name:ident with $id:ident { $( $(#[$doc:meta])* $field:ident: $type:ty, )* }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, $crate::exports::serde::Serialize)]
        #[serde(crate = "colophon_store::exports::serde")]
        pub struct $name {
            /// The id, made on the device that made the row.
            pub id: $id,
            $( $(#[$doc])* pub $field: $type, )*
            /// When the row was made, UTC.
            pub created_at: $crate::exports::Timestamp,
            /// When the row was last changed, UTC.
            pub updated_at: $crate::exports::Timestamp,
        }
    };
}

/// What a row of an entity is made from; for [`entity!`](crate::entity!).
#[doc(hidden)]
#[macro_export]
macro_rules! entity_draft {
    (
        $(#[$attribute:meta])*
        $draft:ident of $name:ident with $id:ident { $( $(#[$doc:meta])* $field:ident: $type:ty $(= $options:expr)? ),* $(,)? }
    ) => {
        #[doc = concat!("What a new [`", stringify!($name), "`] is made from.")]
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $draft {
            $( $(#[$doc])* pub $field: $type, )*
        }

        impl $name {
            /// The row that a draft describes, unchecked.
            fn drafted(draft: $draft, stamp: $crate::Stamp) -> Self {
                Self {
                    id: <$id as $crate::EntityId>::from_uuid(stamp.id),
                    $( $field: draft.$field, )*
                    created_at: stamp.now,
                    updated_at: stamp.now,
                }
            }
        }
    };
}
