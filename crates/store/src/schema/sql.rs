//! SQL text that cannot contain a value.
//!
//! [`Sql`] is built from `&'static str` pieces only, so text that came from a person or a file cannot get into a
//! statement by mistake: the compiler rejects it. Values are bound.

use std::borrow::Cow;

use rusqlite::types::Value as Bound;

/// A statement, or a part of one, made of constants.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Sql(Cow<'static, str>);

impl Sql {
    /// A statement that is one constant.
    pub const fn new(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Appends a constant.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.0.to_mut().push_str(text);
        self
    }

    /// Appends another statement part.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.0.to_mut().push_str(&other.0);
        self
    }

    /// Appends constants with a separator between them.
    pub fn join(&mut self, parts: impl IntoIterator<Item = &'static str>, separator: &'static str) -> &mut Self {
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            self.push(part);
        }
        self
    }

    /// Appends `count` placeholders: `?,?,?`.
    pub fn placeholders(&mut self, count: usize) -> &mut Self {
        self.join(std::iter::repeat_n("?", count), ",")
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

/// Conditions joined by AND, with the values they bind.
#[derive(Debug, Clone, Default)]
pub struct Where {
    conditions: Sql,
    values: Vec<Bound>,
}

impl Where {
    /// Adds a condition with one `?` for each value.
    pub fn and(&mut self, condition: &'static str, values: impl IntoIterator<Item = Bound>) -> &mut Self {
        self.and_sql(&Sql::new(condition), values)
    }

    /// The same with a condition of several parts.
    pub fn and_sql(&mut self, condition: &Sql, values: impl IntoIterator<Item = Bound>) -> &mut Self {
        if !self.is_empty() {
            self.conditions.push(" AND ");
        }
        self.conditions.push("(").append(condition).push(")");
        self.values.extend(values);
        self
    }

    /// Whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.conditions.as_str().is_empty()
    }

    /// ` WHERE …`, or nothing.
    pub fn clause(&self) -> Sql {
        let mut clause = Sql::default();
        if !self.is_empty() {
            clause.push(" WHERE ").append(&self.conditions);
        }
        clause
    }

    /// The values to bind, in the order of their placeholders.
    pub fn values(&self) -> &[Bound] {
        &self.values
    }

    /// The conditions and the values that they bind.
    pub(crate) fn into_parts(self) -> (Sql, Vec<Bound>) {
        (self.conditions, self.values)
    }
}
