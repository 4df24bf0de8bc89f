//! What a program of one version knows: its entities, and the migrations of the server.
//!
//! A team is not upgraded in a minute, so programs of different versions work on one catalogue. What one of them knows is a value here
//! and nothing global, so that tests can have several in one process.

use std::sync::{Arc, OnceLock};

use colophon_catalogue::schema::{ENTITIES, TABLES};
use colophon_store::Registered;
use colophon_store::schema::Table;

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
}

impl Default for Edition {
    fn default() -> Self {
        Self {
            entities: ENTITIES,
            tables: TABLES,
            central: None,
        }
    }
}

impl Edition {
    /// The server's migrations.
    pub fn central(&self) -> Result<Arc<CentralSchema>, MigrationError> {
        match &self.central {
            Some(schema) => Ok(Arc::clone(schema)),
            None => embedded(),
        }
    }
}

/// Those of this program, which are read once: every pull looks at them.
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
