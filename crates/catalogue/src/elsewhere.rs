//! What the server tells of changes that were made on other devices, or by other programs.

use colophon_store::journal::EditKind;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Who changed something elsewhere, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Who {
    /// The login.
    pub login: Option<String>,
    /// What the device is called, with the name of its person if that was given.
    pub device: Option<String>,
}

/// One change of one record, elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Elsewhere {
    /// The table of the record.
    pub entity: String,
    /// The record.
    pub id: Uuid,
    /// The revision of the server that made it: what was done together has the same.
    pub revision: i64,
    /// What was done.
    pub kind: EditKind,
    /// What the changed fields said before; of a deletion all fields.
    pub before: Map<String, Json>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Who,
}
