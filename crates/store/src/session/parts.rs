//! What a session knows of the entities of its file: only that a record takes its parts with it.
//!
//! Entities are defined by what can be done with them in a session, so they stand above it; a session that deletes a record calls them by
//! this trait.

use uuid::Uuid;

use crate::error::Result;
use crate::schema::Table;
use crate::session::WriteSession;

/// The entities of a file, as far as a deletion needs them.
pub(crate) trait Parts: Send + Sync {
    /// Deletes what is part of a record.
    fn delete_parts(&self, session: &WriteSession<'_>, table: &Table, id: Uuid) -> Result<()>;
}
