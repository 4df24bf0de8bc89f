//! Rows that the server did not take, and that need not be sent again as they are.
//!
//! They hold up nothing else. A row leaves when it is edited, which makes it another one to try, or when somebody asks for
//! another try of all; those that only waited for others leave as soon as others got through.

use std::collections::HashMap;

use colophon_store::Waiting;
use serde::Serialize;
use uuid::Uuid;

use crate::central::DeclineReason;

/// A row that the server did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAsideRow {
    /// Its table.
    pub entity: &'static str,
    /// Its id.
    pub id: Uuid,
    /// Why.
    pub why: WhySetAside,
}

/// Why the server did not take a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WhySetAside {
    /// The server knows something that this device does not know yet. The row waits until it does.
    Declined(DeclineReason),
    /// The server, or a rule of whoever runs it, refuses the row as it is. It waits for a person.
    Refused {
        /// The server's words.
        reason: String,
        /// The constraint that it breaks, if it is one.
        constraint: Option<String>,
    },
}

#[derive(Debug, Default)]
pub(crate) struct SetAside {
    rows: HashMap<(&'static str, Uuid), (i64, WhySetAside)>,
}

impl SetAside {
    pub(crate) fn add(&mut self, row: &Waiting, why: WhySetAside) {
        self.rows.insert((row.table.name, row.id), (row.version, why));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is to be tried among all rows that wait. Rows that were edited since they were set aside are, and those that wait no
    /// more are forgotten.
    pub(crate) fn leave_out(&mut self, mut waiting: Vec<Waiting>) -> Vec<Waiting> {
        if self.rows.is_empty() {
            return waiting;
        }
        let mut still = HashMap::new();
        waiting.retain(|row| {
            let key = (row.table.name, row.id);
            let aside = self.rows.remove(&key).filter(|(version, _)| *version == row.version);
            let is_aside = aside.is_some();
            still.extend(aside.map(|aside| (key, aside)));
            !is_aside
        });
        self.rows = still;
        waiting
    }

    /// Others got through, so those that waited for others may now.
    pub(crate) fn release_dependants(&mut self) {
        self.rows.retain(|_, (_, why)| {
            !matches!(
                why,
                WhySetAside::Declined(DeclineReason::MissingParent { .. } | DeclineReason::StillNeeded)
            )
        });
    }

    /// Everything is to be tried again.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
    }

    pub(crate) fn list(&self) -> Vec<SetAsideRow> {
        let mut list: Vec<_> = self
            .rows
            .iter()
            .map(|((entity, id), (_, why))| SetAsideRow {
                entity,
                id: *id,
                why: why.clone(),
            })
            .collect();
        list.sort_by_key(|row| (row.entity, row.id));
        list
    }
}

#[cfg(test)]
mod tests {
    use colophon_store::schema::Table;

    use super::*;

    static TABLE: Table = Table {
        name: "t",
        columns: &[],
        unique: &[],
    };

    fn row(id: u128, version: i64) -> Waiting {
        Waiting {
            table: &TABLE,
            id: Uuid::from_u128(id),
            since: 0,
            version,
        }
    }

    #[test]
    fn a_row_is_left_out_until_it_is_edited() {
        let mut aside = SetAside::default();
        aside.add(&row(1, 5), WhySetAside::Declined(DeclineReason::Changed));
        assert_eq!(aside.leave_out(vec![row(1, 5), row(2, 5)]), [row(2, 5)]);
        assert_eq!(aside.leave_out(vec![row(1, 6), row(2, 5)]), [row(1, 6), row(2, 5)]);
        assert_eq!(
            aside.leave_out(vec![row(1, 5)]),
            [row(1, 5)],
            "it was forgotten with its edit"
        );
    }

    #[test]
    fn a_row_that_waits_no_more_is_forgotten() {
        let mut aside = SetAside::default();
        aside.add(&row(1, 5), WhySetAside::Declined(DeclineReason::Changed));
        aside.leave_out(vec![row(2, 5)]);
        assert_eq!(aside.list(), []);
    }

    #[test]
    fn only_those_that_wait_for_others_are_released_by_them() {
        let mut aside = SetAside::default();
        aside.add(&row(1, 5), WhySetAside::Declined(DeclineReason::Changed));
        aside.release_dependants();
        aside.add(&row(2, 5), WhySetAside::Declined(DeclineReason::StillNeeded));
        aside.release_dependants();
        assert_eq!(aside.leave_out(vec![row(1, 5), row(2, 5)]), [row(2, 5)]);
    }
}
