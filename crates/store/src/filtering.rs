//! Conditions on any field of an entity, without a filter of the entity's own.

use rusqlite::types::Value as Bound;

use crate::entity::{Condition, Entity};
use crate::error::{Error, Result};
use crate::field::Field;
use crate::query::Query;
use crate::repository_mut::bound;
use crate::schema::Value;
use crate::sql::{Sql, Where};

/// How a field is compared with a value. What is absent is neither less nor more than anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Is,
    /// Another one, or none.
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

/// One comparison of a field with a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compared {
    field: &'static str,
    comparison: Comparison,
    value: Bound,
}

impl Compared {
    /// Adds itself to the conditions; [`Error::Invalid`] when the entity has no such field.
    pub(crate) fn add_to<E: Entity>(&self, conditions: &mut Where) -> Result<()> {
        if E::TABLE.position(self.field).is_none() {
            let reason = format!("there is no such field of a {}", E::TABLE.name);
            return Err(Error::invalid(self.field, reason));
        }
        let mut condition = Sql::new(self.field);
        match (self.comparison, &self.value) {
            // An index of what is present serves `=`, and not `IS`.
            (Comparison::Is, Bound::Null) => conditions.and_sql(condition.push(" IS NULL"), []),
            (comparison, value) => conditions.and_sql(condition.push(comparison.operator()), [value.clone()]),
        };
        Ok(())
    }
}

impl<E: Entity> Query<E> {
    /// With the condition that a field has this value: `Query::all().is("year", &1843)`. `&None` for those that have none.
    #[must_use]
    pub fn is(self, field: &'static str, value: &impl Field) -> Self {
        self.compare(field, Comparison::Is, value)
    }

    /// With one more comparison of a field with a value. A field that the entity does not have is an error of the call that asks for the
    /// rows.
    #[must_use]
    pub fn compare(mut self, field: &'static str, comparison: Comparison, value: &impl Field) -> Self {
        let value: Value = value.value();
        self.compared.push(Compared {
            field,
            comparison,
            value: bound(&value),
        });
        self
    }
}

/// The filter of an entity that has none of its own, for it is asked by its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFilter {}

impl Condition for NoFilter {
    fn add_to(&self, _: &mut Where) {
        match *self {}
    }
}
