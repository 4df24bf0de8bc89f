//! What a person typed into some fields of a record, leaving the others alone.

use std::fmt;

use colophon_store::{Columns, Entity, Error, FieldOf, Result, WriteSession};

/// Texts for some fields of an `E`, as typed. For a field that was typed into, an empty text clears it.
pub struct Form<E>(Vec<(FieldOf<E>, String)>);

impl<E: Entity> Form<E> {
    /// Says what was typed into one more field.
    #[must_use]
    pub fn with(mut self, field: impl Into<FieldOf<E>>, text: impl Into<String>) -> Self {
        self.0.push((field.into(), text.into()));
        self
    }

    /// The same for a field given by its name. [`Error::Invalid`] if there is none, or none that can be typed into.
    pub fn with_named(self, field: &str, text: impl Into<String>) -> Result<Self> {
        let unknown = || {
            let reason = format!("no {} has a field “{field}” that can be typed", E::TABLE.name);
            Error::invalid("field", reason)
        };
        Ok(self.with(FieldOf::named(field).ok_or_else(unknown)?, text))
    }

    /// Sets in a row what was typed; the rules are checked when it is stored.
    pub fn fill(&self, row: &mut E) -> Result<()> {
        self.0.iter().try_for_each(|(field, text)| row.set_text(*field, text))
    }

    /// Makes a row from it, on top of what a draft says.
    pub(crate) fn make(&self, session: &WriteSession<'_>, draft: &E::Draft) -> Result<E> {
        let rows = session.repo_mut::<E>();
        let mut row = E::from_draft(draft, rows.stamp());
        self.fill(&mut row)?;
        let row = row.checked_in_full()?;
        rows.create_checked(&row)?;
        Ok(row)
    }
}

impl<E> FromIterator<(FieldOf<E>, String)> for Form<E> {
    fn from_iter<I: IntoIterator<Item = (FieldOf<E>, String)>>(typed: I) -> Self {
        Self(typed.into_iter().collect())
    }
}

// Derived impls would require the same of the entity.
impl<E> Clone for Form<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E> Default for Form<E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<E: Columns> fmt::Debug for Form<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = self.0.iter().map(|(field, text)| (field.name(), text));
        formatter.debug_map().entries(typed).finish()
    }
}
