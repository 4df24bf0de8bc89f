//! Which record is meant: its table and its id.

use std::hash::{Hash, Hasher};

use colophon_store::schema::Table;
use uuid::Uuid;

/// Which record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its table.
    pub table: &'static Table,
    /// Its id.
    pub id: Uuid,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.table.name.hash(state);
        self.id.hash(state);
    }
}
