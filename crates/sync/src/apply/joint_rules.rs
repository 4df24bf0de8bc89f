//! Rules that join fields: what each side says stands, also where it breaks such a rule only together. Then somebody is asked, and that is who
//! brings it together.

use colophon_store::schema::{ColumnSet, Value};

use super::Application;
use crate::merge::{Merged, Sides};

impl Application<'_> {
    /// A field of ours that breaks a rule with what came, where neither side breaks it alone and nobody is asked about it anyway.
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
