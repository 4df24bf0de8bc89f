//! Quarantined rows: those that the server did not take, and that need not be sent again as they are.
//!
//! They hold up nothing else, and are kept in the file, so that a person still finds them after a restart. A row is
//! tried again when it is edited, which makes it a different one, when somebody asks for another try, and now and then
//! automatically; those that only waited for others leave as soon as others got through.

use std::collections::HashMap;

use colophon_store::Waiting;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::central::{self, QuarantineReason};
use crate::retrying::{Retry, Trouble};

/// A quarantined row: one that the server did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuarantinedRow {
    /// Its table.
    pub entity: &'static str,
    /// Its id.
    pub id: Uuid,
    /// [Which content](Waiting::version) of it is quarantined.
    #[serde(skip)]
    pub version: i64,
    /// Why.
    pub why: WhyQuarantined,
    /// When it is tried again, unless it waits for news.
    #[serde(skip)]
    pub retry: Retry,
}

/// Why a row of this file is quarantined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WhyQuarantined {
    /// The server knows something that this device does not know yet. The row waits until it does.
    #[serde(rename = "declined")]
    WaitsForNews(QuarantineReason),
    /// The server is at an older version and has no room for what was edited. It is sent once the server is migrated.
    NoRoom,
    /// The server, or a rule of whoever runs it, refuses the row as it is. It waits for a person.
    Refused {
        /// The server's words.
        reason: String,
        /// The constraint that it breaks, if it is one.
        constraint: Option<String>,
    },
    /// The server has the record, but hides it from this login (row-level security). The edit waits until the record is
    /// visible again.
    Hidden,
    /// The login may not write such rows, or nobody may write just now. Nothing is wrong with the row.
    Withheld {
        /// A [word for programs](crate::central::Error::code): what is in the way.
        code: String,
        /// The same for people, in the words of the error.
        reason: String,
    },
}

impl WhyQuarantined {
    /// From the form in which the file stores it. A reason that only another version of the program knows is reported
    /// as it stands there.
    pub fn read(kept: Json) -> Self {
        let reason = kept.to_string();
        let constraint = None;
        serde_json::from_value(kept).unwrap_or(Self::Refused { reason, constraint })
    }

    /// The server refuses a row. If its id is taken, although the row is neither seen there nor deleted, the server
    /// hides it.
    pub(crate) fn refused(row: &Waiting, reason: String, constraint: Option<String>) -> Self {
        let id_is_taken = constraint.as_deref() == Some(format!("{}_pkey", row.table.name).as_str());
        if id_is_taken {
            Self::Hidden
        } else {
            Self::Refused { reason, constraint }
        }
    }

    /// Why no row of this login is accepted.
    pub(crate) fn withheld(error: &central::Error) -> Self {
        Self::Withheld {
            code: error.code().to_owned(),
            reason: error.to_string(),
        }
    }

    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            Self::Withheld { .. } => Trouble::OfTheLogin,
            Self::WaitsForNews(_) | Self::NoRoom | Self::Refused { .. } | Self::Hidden => Trouble::OfARow,
        }
    }
}

impl QuarantinedRow {
    pub(crate) fn new(row: &Waiting, why: WhyQuarantined) -> Self {
        Self {
            entity: row.table.name,
            id: row.id,
            version: row.version,
            why,
            retry: Retry::default(),
        }
    }

    /// Whether it is tried again now, without anybody asking. Time alone makes no room for it.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        !self.waits_for_news() && self.why != WhyQuarantined::NoRoom && self.retry.is_due(now)
    }

    pub(crate) fn key(&self) -> (&'static str, Uuid) {
        (self.entity, self.id)
    }

    /// Whether other rows of this device may be all that it waits for: a parent, the last child, or a row that gives up
    /// a value.
    pub(crate) fn waits_for_others(&self) -> bool {
        matches!(
            self.why,
            WhyQuarantined::WaitsForNews(
                QuarantineReason::MissingParent { .. }
                    | QuarantineReason::StillNeeded
                    | QuarantineReason::ValueHeld { .. }
            )
        )
    }

    /// Whether it is quarantined because the server has something newer.
    pub(crate) fn was_overtaken(&self) -> bool {
        matches!(
            self.why,
            WhyQuarantined::WaitsForNews(QuarantineReason::Changed | QuarantineReason::Deleted)
        )
    }

    /// Whether it waits for what the next pull brings, and needs nobody's care.
    pub fn waits_for_news(&self) -> bool {
        matches!(self.why, WhyQuarantined::WaitsForNews(_))
    }
}

/// Which of all rows that wait should be tried: those that are not quarantined, those that were edited since, and those
/// whose next try is due. If there are any, those that wait for others go with them: two books that swap a value, one
/// of which was refused for some other reason until now, can only be written together.
pub(crate) fn leave_out(mut waiting: Vec<Waiting>, quarantined: &[QuarantinedRow], now: Timestamp) -> Vec<Waiting> {
    if quarantined.is_empty() {
        return waiting;
    }
    let quarantined: HashMap<_, _> = quarantined.iter().map(|row| (row.key(), row)).collect();
    let as_it_was = |row: &Waiting| {
        let quarantined = quarantined.get(&(row.table.name, row.id));
        quarantined.filter(|quarantined| quarantined.version == row.version && !quarantined.is_due(now))
    };
    let is_any_new = waiting.iter().any(|row| as_it_was(row).is_none());
    waiting.retain(|row| as_it_was(row).is_none_or(|quarantined| is_any_new && quarantined.waits_for_others()));
    waiting
}

/// Those that no longer wait, or wait with different content: there is nothing to say about them any more.
pub(crate) fn outdated<'a>(waiting: &[Waiting], quarantined: &'a [QuarantinedRow]) -> Vec<&'a QuarantinedRow> {
    let waiting: HashMap<_, _> = waiting
        .iter()
        .map(|row| ((row.table.name, row.id), row.version))
        .collect();
    quarantined
        .iter()
        .filter(|row| waiting.get(&(row.entity, row.id)) != Some(&row.version))
        .collect()
}

#[cfg(test)]
mod tests {
    use colophon_store::schema::Table;

    use super::*;

    static TABLE: Table = Table {
        name: "t",
        columns: &[],
        unique: &[],
        merged_by_line: &[],
    };

    fn row(id: u128, version: i64) -> Waiting {
        Waiting {
            table: &TABLE,
            id: Uuid::from_u128(id),
            since: 0,
            version,
        }
    }

    fn quarantined(id: u128, version: i64, reason: QuarantineReason) -> QuarantinedRow {
        QuarantinedRow::new(&row(id, version), WhyQuarantined::WaitsForNews(reason))
    }

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_row_is_left_out_until_it_is_edited() {
        let kept = [quarantined(1, 5, QuarantineReason::Changed)];
        assert_eq!(leave_out(vec![row(1, 5), row(2, 5)], &kept, NOW), [row(2, 5)]);
        assert_eq!(
            leave_out(vec![row(1, 6), row(2, 5)], &kept, NOW),
            [row(1, 6), row(2, 5)]
        );
    }

    #[test]
    fn a_refused_row_is_left_out_until_its_next_try_is_due() {
        let why = WhyQuarantined::Refused {
            reason: "no".to_owned(),
            constraint: None,
        };
        let mut refused = QuarantinedRow::new(&row(1, 5), why);
        refused.retry = Retry::after(None, Trouble::OfARow, NOW);
        let due = refused.retry.due;
        assert_eq!(leave_out(vec![row(1, 5)], std::slice::from_ref(&refused), NOW), []);
        assert_eq!(leave_out(vec![row(1, 5)], &[refused], due), [row(1, 5)]);
    }

    #[test]
    fn a_reason_of_another_version_is_told_as_it_stands() {
        let read = WhyQuarantined::read(serde_json::json!({ "kind": "of tomorrow" }));
        assert!(matches!(read, WhyQuarantined::Refused { reason, .. } if reason.contains("of tomorrow")));
    }

    #[test]
    fn rows_that_wait_for_others_go_with_whatever_is_new() {
        let column = "isbn".to_owned();
        let kept = [
            quarantined(1, 5, QuarantineReason::ValueHeld { column }),
            quarantined(2, 5, QuarantineReason::Changed),
        ];
        assert_eq!(leave_out(vec![row(1, 5), row(2, 5)], &kept, NOW), []);
        assert_eq!(
            leave_out(vec![row(1, 5), row(2, 5), row(3, 5)], &kept, NOW),
            [row(1, 5), row(3, 5)]
        );
    }

    #[test]
    fn a_row_that_waits_no_more_or_was_edited_is_outdated() {
        let kept = [
            quarantined(1, 5, QuarantineReason::Changed),
            quarantined(2, 5, QuarantineReason::Changed),
            quarantined(3, 5, QuarantineReason::Changed),
        ];
        let waiting = [row(1, 5), row(2, 6)];
        assert_eq!(outdated(&waiting, &kept), [&kept[1], &kept[2]]);
    }

    #[test]
    fn only_those_that_wait_for_others_are_released_by_them() {
        assert!(!quarantined(1, 5, QuarantineReason::Changed).waits_for_others());
        assert!(quarantined(1, 5, QuarantineReason::StillNeeded).waits_for_others());
    }
}
