//! The result of a round.

use serde::Serialize;

use crate::not_kept::NotKept;
use crate::quarantined_row::QuarantinedRow;
use crate::reconcile::Reconciled;

/// The result of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RoundReport {
    /// How many records changed here, because somebody else has written them.
    pub pulled: u64,
    /// How many rows the server has taken.
    pub pushed: u64,
    /// How many values were parked, because two people said different things.
    pub parked: u64,
    /// The revision of the central catalogue, as far as this device has seen it.
    pub revision: i64,
    /// How many rows still wait, including those that are quarantined.
    pub pending: u64,
    /// The quarantined rows of this file.
    pub quarantined: Vec<QuarantinedRow>,
    /// The rows of the server that this file could not keep.
    pub not_kept: Vec<NotKept>,
    /// What was done if the file could not simply go on from where it was.
    pub reconciled: Option<Reconciled>,
}
