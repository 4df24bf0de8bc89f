//! The later edit of a field stands, whatever the clocks of its authors show, and whatever else they have edited since.

use colophon_store::schema::Value;

use crate::history::{History, Verdict};
use crate::link::locked;
use crate::log::{Said, named};
use crate::tables::{CONFLICTS, CONTRIBUTIONS, RecordKey, TABLES};
use crate::versions::is_new;

/// What counts as one moment, in microseconds, in addition to the error of the clock measurements.
const EXACT: i64 = 50_000;

/// Of two values that could not both stand, the one that was said later stands, as far as a device can know that: no
/// more precisely than it has ever measured the server's clock. For records that were deleted and came back, there is
/// no story; nor for what a record said when it came to the server, if an upgraded program fetches a field for which it
/// had no room: there the row's own time has to do.
pub(crate) fn stands(history: &History<'_>) -> Verdict {
    let within = history.devices.iter().map(crate::device::Device::clock_within).max();
    let exact = 2 * within.unwrap_or_default() + EXACT;
    let server = locked(&history.server);
    for row in server.rows()[CONFLICTS].values() {
        let Some(clash) = Clash::of(&row.values, history.has_triggers()) else {
            continue;
        };
        let was_deleted = history
            .log
            .entries
            .iter()
            .any(|entry| entry.record == clash.record && matches!(entry.said, Said::Deleted { .. }));
        let times = [&clash.mine, &clash.theirs].map(|value| said_at(history, &clash, value));
        let [Some(mine), Some(theirs)] = times else { continue };
        let came_with_it = server.first_told(clash.record, clash.column);
        if is_new((clash.record.0, clash.column)) && [&clash.mine, &clash.theirs].contains(&came_with_it) {
            continue;
        }
        let (stands, falls) = if clash.mine_stands {
            (mine, theirs)
        } else {
            (theirs, mine)
        };
        if !was_deleted && stands + exact < falls {
            return Err(format!(
                "the earlier edit stands: {} of {}, {:?} at {mine} and {:?} at {theirs}, mine stands: {}; clocks within {exact}",
                TABLES[clash.record.0].columns[clash.column].name,
                named(clash.record),
                clash.mine,
                clash.theirs,
                clash.mine_stands,
            ));
        }
    }
    Ok(())
}

/// A field that got two values.
struct Clash {
    record: RecordKey,
    column: usize,
    mine: Value,
    theirs: Value,
    mine_stands: bool,
}

impl Clash {
    /// As a conflict reports it. Texts that are merged line by line have an author for each line, and a trigger may
    /// rewrite a contribution.
    fn of(values: &[Value], has_triggers: bool) -> Option<Self> {
        let text = |position: usize| match &values[position] {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let entity = text(1)?;
        let table = TABLES.iter().position(|table| table.name == entity)?;
        let field = text(4).filter(|_| text(3) == Some("field"))?;
        if TABLES[table].merged_by_line.contains(&field) || has_triggers && table == CONTRIBUTIONS {
            return None;
        }
        let column = TABLES[table].position(field)?;
        let Value::Uuid(id) = values[2] else { return None };
        let said = |position: usize| {
            let json = serde_json::from_str(text(position)?).ok()?;
            Value::from_json(TABLES[table].columns[column].kind, &json)
        };
        Some(Self {
            record: (table, id),
            column,
            mine: said(6)?,
            theirs: said(7)?,
            mine_stands: text(8) == Some("mine"),
        })
    }
}

/// When a value was said, if it was said once.
fn said_at(history: &History<'_>, clash: &Clash, wanted: &Value) -> Option<i64> {
    let entries = history.log.entries.iter().filter(|entry| {
        let is_it = |column: &usize, value: &Value| *column == clash.column && value == wanted;
        entry.record == clash.record && matches!(&entry.said, Said::Set { column, value, .. } if is_it(column, value))
    });
    let times: Vec<_> = entries.map(|entry| entry.at).collect();
    match times[..] {
        [at] => Some(at),
        _ => None,
    }
}
