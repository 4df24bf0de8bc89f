//! Which entity refers to which.

use crate::entity::Entity;

/// A row that refers to one of another entity.
pub trait BelongsTo<P: Entity>: Entity {
    /// The row that it refers to, if it refers to one.
    fn parent_id(&self) -> Option<P::Id>;
}

/// A parent with children of another entity.
pub trait HasMany<C: BelongsTo<Self>>: Entity {
    /// The column of the child that refers to the parent.
    const FOREIGN_KEY: &'static str;
    /// The order of the children within a parent: column names, separated by commas.
    const CHILD_ORDER: &'static str;
}
