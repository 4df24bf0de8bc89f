//! What somebody says about some fields of a row, leaving the others alone.

use std::fmt;

use crate::error::{Error, Result};
use crate::schema::Value;
use crate::schema::columns::Columns;
use crate::schema::field_of::FieldOf;

/// Values for some fields of a row of `E`: what a row of a file says, or what was typed into a form. They need not be
/// checked yet.
pub struct Patch<E> {
    said: Vec<(FieldOf<E>, Value)>,
}

// Derived impls would require the same of the entity.
impl<E> Clone for Patch<E> {
    fn clone(&self) -> Self {
        Self {
            said: self.said.clone(),
        }
    }
}

impl<E> PartialEq for Patch<E> {
    fn eq(&self, other: &Self) -> bool {
        self.said == other.said
    }
}

impl<E> Eq for Patch<E> {}

impl<E> fmt::Debug for Patch<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_map()
            .entries(self.said.iter().map(|(field, value)| (field, value)))
            .finish()
    }
}

impl<E> Default for Patch<E> {
    fn default() -> Self {
        Self { said: Vec::new() }
    }
}

impl<E: Columns> Patch<E> {
    /// Says a value for a field, replacing what was said about it before.
    pub fn say(&mut self, field: impl Into<FieldOf<E>>, value: Value) {
        let field = field.into();
        self.said.retain(|(other, _)| *other != field);
        self.said.push((field, value));
    }

    /// What is said about a field; `None` if nothing is.
    pub fn value(&self, field: impl Into<FieldOf<E>>) -> Option<&Value> {
        let field = field.into();
        let mut said = self.said.iter();
        said.find(|(other, _)| *other == field).map(|(_, value)| value)
    }

    /// The text that is said about a field.
    pub fn text(&self, field: impl Into<FieldOf<E>>) -> Option<&str> {
        match self.value(field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number that is said about a field.
    pub fn number(&self, field: impl Into<FieldOf<E>>) -> Option<i64> {
        match self.value(field) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// Sets everything that is said in a row.
    pub fn apply(self, row: &mut E) -> Result<()> {
        self.said
            .into_iter()
            .try_for_each(|(field, value)| set(row, field, value))
    }

    /// Sets what is said in a row, but only for fields of which the row says nothing.
    pub fn complete(self, row: &mut E) -> Result<()> {
        let values = row.values();
        for (field, value) in self.said {
            let declared = field.declared();
            if declared.column.is_unsaid(&values[declared.position]) {
                set(row, field, value)?;
            }
        }
        Ok(())
    }
}

fn set<E: Columns>(row: &mut E, field: FieldOf<E>, value: Value) -> Result<()> {
    row.put(field.declared().position, value)
        .ok_or_else(|| Error::invalid(field.name(), "it is of another kind"))
}
