//! The macro that declares an entity.
//!
//! It writes the struct, the draft and everything that reads, binds and compares a row, and puts whatever else a
//! declaration says into constants for the rest of the program to use.

/// Declares an entity: the struct and everything that follows from its list of fields.
///
/// `id`, `created_at` and `updated_at` are added around the listed fields. A field is its doc comment, its name, its
/// type, and, if a person types it or a rule applies to it, its [`FieldOptions`](crate::FieldOptions) after `=`.
/// `fields` names a struct that has every field by its name, so that code can refer to them
/// ([`FieldOf`](crate::FieldOf)); `draft` names the struct that a new row is made from.
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
            $( $(#[doc = $doc])* pub $field: $crate::FieldOf<$name, $type>, )*
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
                    sql: $crate::FieldSql {
                        folded: concat!("folded_", $table, "(", stringify!($field), ")"),
                        unfit: concat!("unfit_", $table, "('", stringify!($field), "',", stringify!($field), ")"),
                        text_order: concat!("ifnull(folded_", $table, "(", stringify!($field), "),char(1114111))"),
                        number_order: concat!("ifnull(", stringify!($field), ",9223372036854775807)"),
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
                let mut index = || {
                    index += 1;
                    index - 1
                };
                Ok(Self {
                    id: $crate::read_field(row, index())?,
                    $( $field: $crate::read_field(row, index())?, )*
                    created_at: $crate::read_field(row, index())?,
                    updated_at: $crate::read_field(row, index())?,
                })
            }

            fn bind(&self, statement: &mut $crate::exports::Statement<'_>) -> $crate::exports::SqliteResult<()> {
                use $crate::Field as _;
                let mut index = 0;
                let mut index = || {
                    index += 1;
                    index
                };
                $crate::bind_one(statement, index(), self.id.bind())?;
                $( $crate::bind_one(statement, index(), self.$field.bind())?; )*
                $crate::bind_one(statement, index(), self.created_at.bind())?;
                $crate::bind_one(statement, index(), self.updated_at.bind())
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
                let mut index = 0;
                if position == index {
                    return self.id.bind();
                }
                $(
                    index += 1;
                    if position == index {
                        return self.$field.bind();
                    }
                )*
                match position - index {
                    1 => self.created_at.bind(),
                    2 => self.updated_at.bind(),
                    _ => $crate::exports::ToSqlOutput::Borrowed($crate::exports::ValueRef::Null),
                }
            }

            fn put(&mut self, position: usize, value: $crate::schema::Value) -> Option<()> {
                let mut index = 0;
                $(
                    index += 1;
                    if position == index {
                        self.$field = $crate::Field::from_value(value)?;
                        return Some(());
                    }
                )*
                let _ = (index, value);
                None
            }

            fn fields_checked(mut self, touched: $crate::schema::ColumnSet) -> $crate::Result<Self> {
                let mut index = 0;
                $(
                    index += 1;
                    if touched.contains(index) {
                        self.$field = $crate::check_field(&Self::DECLARED[index - 1], self.$field)?;
                    }
                )*
                let _ = index;
                Ok(self)
            }

            #[allow(clippy::float_cmp, reason = "what differs at all has changed")]
            fn changed(&self, after: &Self) -> $crate::schema::ColumnSet {
                let mut changed = $crate::schema::ColumnSet::default();
                let mut index = 0;
                $(
                    index += 1;
                    if self.$field != after.$field {
                        changed.insert(index);
                    }
                )*
                let _ = index;
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
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            /// The id, made on the device that made the row.
            pub id: $id,
            $( $(#[$doc])* pub $field: $type, )*
            /// When the row was made, UTC.
            pub created_at: $crate::exports::Timestamp,
            /// When the row was last changed, UTC.
            pub updated_at: $crate::exports::Timestamp,
        }

        $crate::serialize_row!($name { id, $($field,)* created_at, updated_at });
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
        #[derive(Debug, Clone, PartialEq)]
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
