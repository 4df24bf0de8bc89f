//! What a program of one version knows: its entities, and the migrations of the server.
//!
//! A team is not upgraded in a minute, so programs of different versions work on one catalogue. What one of them knows
//! is a value here and nothing global, so that tests can have several in one process, and another application has its
//! own.

use std::sync::{Arc, OnceLock};

use colophon_catalogue::alike::{Alike, Came, MadeHere, alike};
use colophon_catalogue::conflict::Conflict;
use colophon_catalogue::schema::{ENTITIES, TABLES};
use colophon_store::schema::Table;
use colophon_store::{ReadSession, Registered, Result as StoreResult};

use crate::central::{CentralSchema, MigrationError};

/// What a program of one version knows.
#[derive(Debug, Clone)]
pub struct Edition {
    /// The entities, parents first.
    pub entities: &'static [Registered],
    /// Their tables, in the same order.
    pub tables: &'static [&'static Table],
    /// The server's migrations; `None` for those of this program.
    pub central: Option<Arc<CentralSchema>>,
    /// Finds the records that arrived and look the same as one that was made here.
    pub alike: FindAlike,
}

/// Finds records that look the same: among those that arrived, each with the one that was made here.
pub type FindAlike = fn(&ReadSession<'_>, Came<'_>, MadeHere<'_>) -> StoreResult<Vec<Alike>>;

/// The table of conflicts in the file of an application: what makes it, and what takes it back. Part of one of the
/// application's migrations.
pub const CONFLICTS: (&str, &str) = (include_str!("../migrations/conflicts.sql"), "DROP TABLE conflict;");

impl Default for Edition {
    fn default() -> Self {
        Self {
            entities: ENTITIES,
            tables: TABLES,
            central: None,
            alike,
        }
    }
}

impl Edition {
    /// What an application knows: its own entities, parents first, and its server's
    /// [migrations](CentralSchema::for_application). Conflicts are added to the entities. No question is asked about
    /// two records that look the same, unless [`alike`](Self::alike) is set. Made once in the life of a program, and
    /// kept to its end.
    pub fn for_application(entities: &[Registered], central: CentralSchema) -> Self {
        let conflict = Registered::of::<Conflict>();
        let entities: &'static [Registered] = [entities, &[conflict]].concat().leak();
        let tables: Vec<_> = entities.iter().map(|entity| entity.table).collect();
        Self {
            entities,
            tables: tables.leak(),
            central: Some(Arc::new(central)),
            alike: |_, _, _| Ok(Vec::new()),
        }
    }

    /// The server's migrations.
    pub fn central(&self) -> Result<Arc<CentralSchema>, MigrationError> {
        match &self.central {
            Some(schema) => Ok(Arc::clone(schema)),
            None => embedded(),
        }
    }
}

/// Those of this program, which are read only once, because every pull looks at them.
fn embedded() -> Result<Arc<CentralSchema>, MigrationError> {
    static EMBEDDED: OnceLock<Arc<CentralSchema>> = OnceLock::new();
    if let Some(schema) = EMBEDDED.get() {
        return Ok(Arc::clone(schema));
    }
    let schema = Arc::new(CentralSchema::embedded()?);
    Ok(Arc::clone(EMBEDDED.get_or_init(|| schema)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_of_this_program_are_read_once() {
        let read = || Edition::default().central().expect("this program knows its migrations");
        assert!(Arc::ptr_eq(&read(), &read()));
    }
}
