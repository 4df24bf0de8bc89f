//! What the store needs to know of an entity: a struct whose fields are its columns.
//!
//! The [`entity!`](crate::entity!) macro takes the list of fields once and derives from it the struct, the
//! [`Table`](crate::schema::Table) description, reading, binding, and the conversion to and from
//! [`Value`](crate::schema::Value)s. Rules (validation, derived keys) stay in the entity's own file, as the methods of
//! [`Entity`] that the macro does not write.

pub(crate) mod assembling;
pub(crate) mod belonging;
pub(crate) mod entity_macro;
pub(crate) mod filtering;
pub(crate) mod functions;
pub(crate) mod query;

use std::hash::Hash;

use rusqlite::types::Value as Bound;

use crate::clock::Stamp;
use crate::error::Result;
use crate::folding;
use crate::schema::ColumnSet;
use crate::schema::columns::Columns;
use crate::schema::field_of::FieldOf;
use crate::schema::patch::Patch;
use crate::schema::sql::Where;
use crate::session::WriteSession;

/// The rules of an entity; written in the entity's own file.
pub trait Entity: Columns {
    /// What a new row is made from.
    type Draft;
    /// One condition on rows.
    type Filter: Condition;
    /// The orders a list can have.
    type Sort: SortOrder;

    /// Local-only columns that hold stored keys, derived from the row; not synchronised.
    const DERIVED: &'static [Derived] = &[];
    /// The column that holds the name people use, and the derived column that holds its folded form. Asking an entity
    /// without a name for it does not compile.
    const NAME: NameColumns = NameColumns::NONE;

    /// Makes the row for a draft, unchecked.
    fn from_draft(draft: &Self::Draft, stamp: Stamp) -> Self;
    /// Applies the rules of the touched columns: trims, normalises, refuses. What it returns may be stored. A value
    /// that is not touched stays as it is: another program may have written it, and that is no reason to refuse a
    /// change of something else.
    fn checked(self, touched: ColumnSet) -> Result<Self> {
        self.fields_checked(touched)?.joined(touched)
    }
    /// Applies the rules that join fields, if one of these is touched; the rules for each field alone have already been
    /// applied.
    fn joined(self, touched: ColumnSet) -> Result<Self> {
        let _ = touched;
        Ok(self)
    }
    /// Does what follows when a person is about to type into a field.
    fn before_typing(&mut self, field: FieldOf<Self>) {
        let _ = field;
    }
    /// Sets a field from what a person typed; an empty text clears it. Rules are applied when the row is stored.
    fn set_text(&mut self, field: impl Into<FieldOf<Self>>, typed: &str) -> Result<()> {
        let field = field.into();
        self.before_typing(field);
        let mut patch = Patch::default();
        patch.say(field, field.declared().parse(typed)?);
        patch.apply(self)
    }
    /// Applies every rule, as for a new row.
    fn checked_in_full(self) -> Result<Self> {
        self.checked(ColumnSet::all(Self::TABLE))
    }
    /// The value of the derived column at a position of [`DERIVED`](Self::DERIVED).
    fn derive(&self, position: usize) -> Bound {
        let _ = position;
        Bound::Null
    }
    /// Folds a text for comparison, as the derived name column is folded: without case, accents and punctuation, unless
    /// the entity says otherwise.
    fn fold(text: &str) -> String {
        folding::fold(text)
    }
    /// Refuses when a row may not be deleted, for instance because others refer to it.
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

/// Where the name of an entity is kept.
#[derive(Debug, Clone, Copy)]
pub struct NameColumns {
    /// As people wrote it.
    pub plain: &'static str,
    /// Folded for comparison.
    pub folded: &'static str,
}

impl NameColumns {
    /// There is no name.
    pub const NONE: Self = Self { plain: "", folded: "" };

    /// Whether there is none.
    pub const fn is_none(self) -> bool {
        self.plain.is_empty()
    }
}

/// One condition on the rows of a table.
pub trait Condition: Clone + Send + 'static {
    /// Adds itself.
    fn add_to(&self, conditions: &mut Where);
}

/// One order of the rows of a table. Ties are broken by the row's number, so every order is total.
pub trait SortOrder: Copy + Eq + Hash + Default + Send + Sync + 'static {
    /// The expression to order by: a column or an expression, never NULL.
    fn expression(self) -> &'static str;

    /// Whether an index serves the order. Without one, a page costs a sort of the whole table.
    fn is_indexed(self) -> bool {
        true
    }
}
