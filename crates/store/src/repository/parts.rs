//! What a deletion needs of the entities of the file: that a record takes its parts with it.
//!
//! Entities are defined by what can be done with them in a session, so they are above it, and sessions hold them without
//! knowing what they are: an entity that a session knew would know itself. Whoever deletes a record finds them here.

use std::sync::Arc;

use uuid::Uuid;

use crate::error::Result;
use crate::schema::Table;
use crate::session::WriteSession;
use crate::session::context::Context;

/// The entities of a file, as far as a deletion needs them.
pub(crate) trait Parts: Send + Sync {
    /// Deletes what is part of a record.
    fn delete_parts(&self, session: &WriteSession<'_>, table: &Table, id: Uuid) -> Result<()>;
}

/// Those that sessions hold.
struct Held(Box<dyn Parts>);

/// From now on, records are deleted with their parts.
pub(crate) fn hold(context: &Context, parts: impl Parts + 'static) {
    context.hold(Arc::new(Held(Box::new(parts))));
}

/// Deletes what is part of a record, once the file has been brought up to a schema that says what that is.
pub(crate) fn delete_parts(session: &WriteSession<'_>, table: &Table, id: Uuid) -> Result<()> {
    match session.context.held().as_ref().and_then(|held| held.downcast_ref()) {
        Some(Held(parts)) => parts.delete_parts(session, table, id),
        None => Ok(()),
    }
}
