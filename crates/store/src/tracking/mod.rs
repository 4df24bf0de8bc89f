//! What the file knows of its server: what waits for it, what is on its way there, what has come from it and what is
//! quarantined.
//!
//! A sync reads and writes this through sessions like everything else; what it does with it is decided in a crate
//! above. Nothing in this module is an edit: everything is written as it is, so no rule is checked and nothing is
//! captured or journalled. It knows repositories and sessions, but neither the journal nor who waits for the writer.

pub(crate) mod arriving;
pub(crate) mod deletions;
pub(crate) mod edit_times;
pub(crate) mod fitting;
pub(crate) mod in_flight;
pub(crate) mod in_step;
pub(crate) mod lineage;
pub(crate) mod outbox;
pub(crate) mod parts;
pub(crate) mod quarantine;
pub(crate) mod record;
pub(crate) mod registered;
pub(crate) mod rewritten;
