//! The anchors of lists, kept beside the file for as long as it is open; the [repository](crate::repository::anchors)
//! that makes them says what they are for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rusqlite::types::Value as Bound;

/// Anchors by table and sort expression, with the state of the file for which they are right.
#[derive(Default)]
pub(crate) struct AnchorCache(pub(crate) Mutex<HashMap<(&'static str, &'static str), Arc<Anchors>>>);

/// The anchors of one order of one table.
pub(crate) struct Anchors {
    pub(crate) number: u64,
    pub(crate) total: u64,
    /// The sort key and the rowid of every row whose position is a multiple of `SPACING`.
    pub(crate) points: Vec<(Bound, i64)>,
}
