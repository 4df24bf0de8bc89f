//! Rules that join fields: what each side says stands, even if the two together break such a rule. Then somebody is
//! asked: whoever merges the two.

use colophon_store::schema::{ColumnSet, Value};

use super::Application;
use crate::merge::{Merged, Sides};

impl Application<'_> {
    /// A field of ours that breaks a rule together with what came, if neither side breaks it alone and nobody is asked
    /// about it anyway.
    pub(super) fn broken_by_both(&self, sides: Sides<'_>, merged: &Merged) -> Option<usize> {
        let Sides {
            table, mine, theirs, ..
        } = sides;
        let is_ours = |at: &usize| merged.values[*at] == mine[*at] && mine[*at] != theirs[*at];
        let ours: ColumnSet = (0..table.columns.len()).filter(is_ours).collect();
        let broken = |values: &[Value]| self.tx.broken_together(table, values, ours);
        let column = broken(&merged.values).filter(|_| broken(mine).is_none() && broken(theirs).is_none())?;
        merged
            .clashes
            .iter()
            .all(|clash| clash.column != column)
            .then_some(column)
    }
}
