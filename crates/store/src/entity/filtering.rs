//! Conditions on any field of an entity, without a filter of the entity's own.
//!
//! Code that knows the field says `Recipe::FIELDS.minutes.at_most(30)`: a field is compared with a value of its own
//! type, so a comparison that makes no sense does not compile. Code that gets the field from a person, a list's header
//! or a command-line option, has an untyped `FieldOf<E>` and [`compare`](FieldOf::compare)s it with a [`Value`]. Either
//! gives an [`Is`], which a [`Query`](crate::Query) takes as it is, joined with [`or`](Is::or), or negated with `!`.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Not;

use rusqlite::types::Value as Bound;

use crate::entity::{Condition, Entity};
use crate::schema::bound;
use crate::schema::columns::Columns;
use crate::schema::field::Field;
use crate::schema::field_of::FieldOf;
use crate::schema::sql::{Sql, Where};
use crate::schema::{ColumnKind, Value};

/// How a field is compared with a value. A missing value is neither less nor more than anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Is,
    /// Another value, or none.
    IsNot,
    /// Less, or earlier.
    Below,
    /// At most.
    AtMost,
    /// More, or later.
    Above,
    /// At least.
    AtLeast,
}

impl Comparison {
    fn operator(self) -> &'static str {
        match self {
            Self::Is => "=?",
            Self::IsNot => " IS NOT ?",
            Self::Below => "<?",
            Self::AtMost => "<=?",
            Self::Above => ">?",
            Self::AtLeast => ">=?",
        }
    }
}

/// A condition on the fields of the rows of `E`.
pub struct Is<E> {
    sql: Sql,
    values: Vec<Bound>,
    /// Whether it calls the function that folds texts the way `E` does.
    pub(crate) folds: bool,
    entity: PhantomData<fn() -> E>,
}

// Derived impls would require the same of the entity.
impl<E> Clone for Is<E> {
    fn clone(&self) -> Self {
        Self {
            sql: self.sql.clone(),
            values: self.values.clone(),
            folds: self.folds,
            entity: PhantomData,
        }
    }
}

impl<E> fmt::Debug for Is<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {:?}", self.sql.as_str(), self.values)
    }
}

impl<E> Is<E> {
    fn new(sql: Sql, values: Vec<Bound>) -> Self {
        Self {
            sql,
            values,
            folds: false,
            entity: PhantomData,
        }
    }

    /// This condition, or the other, or both.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        let mut sql = Sql::new("(");
        sql.append(&self.sql).push(") OR (").append(&other.sql).push(")");
        self.values.extend(other.values);
        Self {
            sql,
            folds: self.folds || other.folds,
            ..self
        }
    }

    /// Adds itself, for an application's own condition that is built from these.
    pub fn add_to<'c>(&self, conditions: &'c mut Where) -> &'c mut Where {
        conditions.and_sql(&self.sql, self.values.iter().cloned())
    }
}

/// What an application has put together itself, as one condition. It may call the functions of the entity; with nothing
/// in it, every row matches.
impl<E> From<Where> for Is<E> {
    fn from(conditions: Where) -> Self {
        let is_empty = conditions.is_empty();
        let (sql, values) = conditions.into_parts();
        Self {
            folds: !is_empty,
            ..Self::new(if is_empty { Sql::new("TRUE") } else { sql }, values)
        }
    }
}

/// Every row for which it does not hold, including those that have no value.
impl<E> Not for Is<E> {
    type Output = Self;

    fn not(self) -> Self {
        let mut sql = Sql::new("(");
        sql.append(&self.sql).push(") IS NOT TRUE");
        Self { sql, ..self }
    }
}

/// Comparisons with a value of the field's own type; for an optional field, of the type inside the `Option`.
impl<E: Columns, T: Field> FieldOf<E, T> {
    /// It has this value.
    pub fn is(self, value: impl Into<T::Present>) -> Is<E> {
        self.compare(Comparison::Is, &value.into().into_value())
    }

    /// It has another value, or none.
    pub fn is_not(self, value: impl Into<T::Present>) -> Is<E> {
        self.compare(Comparison::IsNot, &value.into().into_value())
    }

    /// It is less, or earlier.
    pub fn below(self, value: impl Into<T::Present>) -> Is<E> {
        self.compare(Comparison::Below, &value.into().into_value())
    }

    /// It is this, less, or earlier.
    pub fn at_most(self, value: impl Into<T::Present>) -> Is<E> {
        self.compare(Comparison::AtMost, &value.into().into_value())
    }

    /// It is more, or later.
    pub fn above(self, value: impl Into<T::Present>) -> Is<E> {
        self.compare(Comparison::Above, &value.into().into_value())
    }

    /// It is this, more, or later.
    pub fn at_least(self, value: impl Into<T::Present>) -> Is<E> {
        self.compare(Comparison::AtLeast, &value.into().into_value())
    }

    /// It is one of these; with none given, no row matches.
    pub fn one_of<V: Into<T::Present>>(self, values: impl IntoIterator<Item = V>) -> Is<E> {
        let values: Vec<Value> = values.into_iter().map(|value| value.into().into_value()).collect();
        self.is_among(&values)
    }
}

/// The same for a field of any type.
impl<E: Columns, T> FieldOf<E, T> {
    /// Its value compares in this way with another. With [`Value::Null`], only [`Comparison::Is`] and
    /// [`Comparison::IsNot`] find anything.
    pub fn compare(self, comparison: Comparison, value: &Value) -> Is<E> {
        let mut sql = Sql::new(self.name());
        if (comparison, value) == (Comparison::Is, &Value::Null) {
            // A partial index on present values serves `=`, but not `IS`.
            sql.push(" IS NULL");
            return Is::new(sql, Vec::new());
        }
        sql.push(comparison.operator());
        Is::new(sql, vec![bound(value)])
    }

    /// It is one of these; with none given, no row matches.
    pub fn is_among(self, values: &[Value]) -> Is<E> {
        let mut sql = Sql::new(self.name());
        sql.push(" IN (").placeholders(values.len()).push(")");
        Is::new(sql, values.iter().map(bound).collect())
    }

    /// It has no value.
    pub fn is_empty(self) -> Is<E> {
        let column = self.declared().column;
        let mut sql = Sql::new(column.name);
        if column.kind == ColumnKind::Text {
            sql = Sql::new("coalesce(");
            sql.push(column.name).push(",'')=''");
        } else {
            sql.push(" IS NULL");
        }
        Is::new(sql, Vec::new())
    }
}

impl<E: Entity, T> FieldOf<E, T> {
    /// It contains this text, both folded the way the entity [folds](Entity::fold) its names; a number is searched by
    /// its digits. Every text contains the empty one. No index serves this: it looks at each row that the other
    /// conditions leave.
    pub fn contains(self, text: &str) -> Is<E> {
        let mut sql = Sql::new("instr(");
        sql.push(self.folded()).push(",?)>0");
        Is {
            folds: self.name() != E::NAME.plain,
            ..Is::new(sql, vec![Bound::Text(E::fold(text))])
        }
    }

    /// Its folded text, in a statement: the stored key, if the entity has one.
    pub fn folded(self) -> &'static str {
        if self.name() == E::NAME.plain {
            E::NAME.folded
        } else {
            self.declared().sql.folded
        }
    }
}

/// The filter of an entity that has none of its own, because it is queried by its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFilter {}

impl Condition for NoFilter {
    fn add_to(&self, _: &mut Where) {
        match *self {}
    }
}
