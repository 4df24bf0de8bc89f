//! What must hold once a history has come to rest.

mod versions;

use std::collections::HashSet;

use colophon_store::schema::Value;
use colophon_sync::WhyQuarantined;

use crate::heard::undoing;
use crate::history::{History, Verdict};
use crate::link::locked;
use crate::log::{Entry, Said, maker, named, parts};
use crate::server::{REFUSED, flaw};
use crate::tables::{CONFLICTS, CONTRIBUTIONS, RecordKey, TABLE_COUNT, TABLES, position_of};
use crate::versions::has_table;

pub(crate) use versions::agree_as_far_as_known;

/// Whether nobody has anything left to do.
pub(crate) fn is_at_rest(history: &History<'_>) -> bool {
    let (revision, version) = {
        let server = locked(&history.server);
        (server.revision(), server.version())
    };
    history.devices.iter().all(|device| {
        let state = device.file.state();
        let is_aside =
            |record: RecordKey, version: i64| state.quarantined.get(&record).is_some_and(|row| row.version == version);
        // Rows of a table that the server does not have wait for its migration.
        let waiting = state.waiting().into_iter();
        let mut waiting = waiting.filter(|row| has_table(version, position_of(row.table)));
        state.device.is_some_and(|device| device.cursor == revision)
            && waiting.all(|row| is_aside((position_of(row.table), row.id), row.version))
    })
}

/// Who has something left to do, in words.
pub(crate) fn unrest(history: &History<'_>) -> String {
    let revision = locked(&history.server).revision();
    let states = history.devices.iter().map(|device| {
        let state = device.file.state();
        let waiting: Vec<_> = state
            .waiting()
            .iter()
            .map(|row| named((position_of(row.table), row.id)))
            .collect();
        let cursor = state.device.map_or(0, |device| device.cursor);
        format!("{} at {cursor} of {revision}, waiting: {waiting:?}", device.file.name)
    });
    format!("no rest: {}", states.collect::<Vec<_>>().join("; "))
}

/// With rows that the server refuses: everything else is equal, and those are quarantined.
pub(crate) fn rest(history: &History<'_>) -> Verdict {
    let server = locked(&history.server);
    if let Some(flaw) = server.flaw() {
        return Err(format!("on the server {flaw}"));
    }
    for device in &history.devices {
        let name = &device.file.name;
        let state = device.file.state();
        if let Some(flaw) = flaw(&state.rows) {
            return Err(format!("on {name} {flaw}"));
        }
        let waiting: HashSet<RecordKey> = state
            .waiting()
            .iter()
            .map(|row| (position_of(row.table), row.id))
            .collect();
        for table in 0..TABLE_COUNT {
            let (here, there) = (&state.rows[table], &server.rows()[table]);
            for id in here.keys().chain(there.keys()) {
                let (mine, theirs) = (here.get(id), there.get(id));
                let is_equal = mine == theirs || server.is_unheard((table, *id));
                if !is_equal && !waiting.contains(&(table, *id)) {
                    let record = named((table, *id));
                    return Err(format!(
                        "{name} differs in {record}: {mine:?} here, {theirs:?} on the server"
                    ));
                }
            }
            if let Some((id, pending)) = state.pending[table]
                .iter()
                .find(|(id, kept)| !(waiting.contains(&(table, **id)) || kept.is_deletion && kept.pending.is_at_rest()))
            {
                return Err(format!(
                    "{name} has something pending left on {}: {pending:?}",
                    named((table, *id))
                ));
            }
        }
    }
    Ok(())
}

/// Everything.
pub(crate) fn all(history: &History<'_>) -> Verdict {
    rest(history)?;
    if locked(&history.server).has_unheard() {
        // A device that has not heard of a deletion goes on with a record that the server lacks, and so do the records
        // that refer to it: they are quarantined, and `verify` finds them.
        return Ok(());
    }
    for device in &history.devices {
        let state = device.file.state();
        if let Some((record, quarantined)) = state.quarantined.iter().next() {
            let why = match &quarantined.why {
                WhyQuarantined::WaitsForNews(reason) => format!("quarantined: {reason:?}"),
                WhyQuarantined::Refused { reason, .. } => format!("refused: {reason}"),
                other => format!("{other:?}"),
            };
            return Err(format!(
                "{} still has {} quarantined, {why}",
                device.file.name,
                named(*record)
            ));
        }
    }
    noted_once(history)?;
    let ledger = Ledger::of(history);
    history
        .log
        .valid()
        .try_for_each(|(number, entry)| ledger.account(number, entry))?;
    // A device restored from a copy meets what it said itself after the copy was made, and a device that was copied
    // meets what it was about to say.
    let met = history.devices.iter().filter(|device| device.has_met_itself);
    let met: Vec<_> = met.map(|device| device.file.name.as_str()).collect();
    // So does everybody whose word a server had forgotten.
    if history.has_server_restores() {
        return Ok(());
    }
    let mut conflicts = ledger
        .conflicts
        .iter()
        .filter(|conflict| !met.contains(&conflict.parked_by.as_str()))
        // If a trigger has rewritten what was said, the other side is the trigger's word.
        .filter(|conflict| conflict.record.0 != CONTRIBUTIONS || !history.has_triggers());
    conflicts.try_for_each(with_oneself)
}

/// Several devices that notice the same disagreement make one conflict of it.
fn noted_once(history: &History<'_>) -> Verdict {
    let server = locked(&history.server);
    let mut facts = HashSet::new();
    for row in server.rows()[CONFLICTS].values() {
        // The record, what happened, the field, and the values; for whole records there may be a new story each time.
        let said = [2, 3, 4, 5, 6, 7, 9].map(|column| row.values[column].clone());
        if said[2] != Value::Null && !facts.insert(said.clone()) {
            return Err(format!("two conflicts say the same: {said:?}"));
        }
    }
    Ok(())
}

/// A conflict, as every device has it.
pub(crate) struct Conflict {
    pub(crate) record: RecordKey,
    kind: String,
    pub(crate) field: Option<usize>,
    pub(crate) mine: Vec<String>,
    pub(crate) theirs: Vec<String>,
    parked_by: String,
    /// What is known about it, if it says that a deletion was undone.
    undoing: usize,
    /// When, by the clock of the device that parked it.
    at: i64,
}

/// Everything that was said, and where it may be.
struct Ledger<'h> {
    history: &'h History<'h>,
    conflicts: Vec<Conflict>,
}

impl<'h> Ledger<'h> {
    fn of(history: &'h History<'h>) -> Self {
        let server = locked(&history.server);
        let conflicts = server.rows()[CONFLICTS]
            .values()
            .filter_map(|row| read_conflict(&row.values));
        Self {
            history,
            conflicts: conflicts.collect(),
        }
    }

    /// Nothing that was said may vanish.
    fn account(&self, number: usize, entry: &Entry) -> Verdict {
        let Said::Set { column, value, .. } = &entry.said else {
            return Ok(());
        };
        let field = (entry.record.0, *column);
        let live = {
            let server = locked(&self.history.server);
            let row = server.rows()[entry.record.0].get(&entry.record.1);
            row.map(|row| parts(field, &row.values[*column]))
        };
        for part in parts(field, value) {
            let is_live = live.as_ref().is_some_and(|live| live.contains(&part));
            if is_live
                || self.is_parked(entry.record, *column, &part)
                || self.is_superseded(entry.record, *column, &part)
            {
                continue;
            }
            let is_gone = if live.is_some() {
                // With a forgotten deletion, the last content is gone: whoever brings the record back has an older one.
                let forgets = self.history.has_server_restores();
                self.history.has_restores() && self.was_deleted_by_its_maker(number, entry, *column, &part)
                    || part.contains(REFUSED) && self.was_deleted(entry.record, *column, &part)
                    || forgets && self.was_deleted(entry.record, *column, &part)
            } else {
                self.was_deleted(entry.record, *column, &part) || self.is_kept_unknown(entry.record, *column, &part)
            };
            if !is_gone {
                return Err(format!(
                    "lost edit: {part:?} in {} of {}, set by {}; there is {live:?}",
                    TABLES[entry.record.0].columns[*column].name,
                    named(entry.record),
                    entry.who
                ));
            }
        }
        Ok(())
    }

    fn is_parked(&self, record: RecordKey, column: usize, part: &String) -> bool {
        let mut about = self.conflicts.iter().filter(|conflict| conflict.record == record);
        about.any(|conflict| {
            conflict.field == Some(column) && (conflict.mine.contains(part) || conflict.theirs.contains(part))
        })
    }

    fn said_of(&self, record: RecordKey) -> impl Iterator<Item = &Entry> {
        let valid = self.history.log.valid().map(|(_, entry)| entry);
        valid.filter(move |entry| entry.record == record)
    }

    /// Somebody saw it and said something else.
    fn is_superseded(&self, record: RecordKey, of: usize, part: &String) -> bool {
        let field = (record.0, of);
        self.said_of(record).any(|entry| match &entry.said {
            Said::Set { column, before, value } if *column == of => {
                parts(field, before).contains(part) && !parts(field, value).contains(part)
            }
            _ => false,
        })
    }

    /// Somebody saw it and deleted it with the record.
    fn was_deleted(&self, record: RecordKey, column: usize, part: &String) -> bool {
        let field = (record.0, column);
        self.said_of(record).any(
            |entry| matches!(&entry.said, Said::Deleted { content, .. } if parts(field, &content[column]).contains(part)),
        )
    }

    /// Whoever said it deleted the record later, and that deletion was never undone. Then it is not an edit that
    /// anybody waits for, even if the record is back as others had it.
    fn was_deleted_by_its_maker(&self, number: usize, said: &Entry, column: usize, part: &String) -> bool {
        let field = (said.record.0, column);
        let mut later = self.history.log.valid().skip_while(|(other, _)| *other < number);
        later.any(|(_, entry)| {
            let is_theirs = entry.record == said.record && entry.who == said.who;
            match &entry.said {
                Said::Deleted { content, at } => {
                    is_theirs && parts(field, &content[column]).contains(part) && !self.was_undone(entry, *at)
                }
                Said::Set { .. } => false,
            }
        })
    }

    /// Whether a deletion was undone by the device that made it, because others needed the record. Anything after its
    /// next deletion there was about that one. If its file was replaced before anybody had heard that the record is
    /// back, it was not undone.
    fn was_undone(&self, deletion: &Entry, at: i64) -> bool {
        let name = format!("d{}", deletion.who);
        let by_them = self.said_of(deletion.record).filter(|entry| entry.who == deletion.who);
        let later = by_them.filter_map(|entry| match &entry.said {
            Said::Deleted { at: other, .. } => Some(*other).filter(|other| *other > at),
            Said::Set { .. } => None,
        });
        let next = later.min().unwrap_or(i64::MAX);
        self.conflicts.iter().any(|conflict| {
            let is_about_it = conflict.record == deletion.record && conflict.parked_by == name;
            let known = self.history.known.as_ref();
            let is_known = known.is_none_or(|known| known.contains(&conflict.undoing));
            is_about_it && is_known && conflict.kind == "deletion_undone" && (at..next).contains(&conflict.at)
        })
    }
}

/// Nobody is shown a conflict with their own earlier edit.
fn with_oneself(conflict: &Conflict) -> Verdict {
    let all_by = |texts: &[String]| !texts.is_empty() && texts.iter().all(|text| maker(text) == conflict.parked_by);
    if conflict.kind == "field" && all_by(&conflict.mine) && all_by(&conflict.theirs) {
        return Err(format!(
            "{} has a conflict with oneself about {}: {:?} and {:?}",
            conflict.parked_by,
            named(conflict.record),
            conflict.mine,
            conflict.theirs
        ));
    }
    Ok(())
}

pub(crate) fn read_conflict(values: &[Value]) -> Option<Conflict> {
    let text = |position: usize| match &values[position] {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let entity = text(1)?;
    let table = TABLES.iter().position(|table| table.name == entity)?;
    let Value::Uuid(id) = values[2] else { return None };
    let field = text(4).and_then(|name| TABLES[table].position(&name));
    let said = |position: usize| -> Vec<String> {
        let json = text(position).and_then(|text| serde_json::from_str(&text).ok());
        let column = field.unwrap_or_default();
        let value = json.and_then(|json| Value::from_json(TABLES[table].columns[column].kind, &json));
        value.map(|value| parts((table, column), &value)).unwrap_or_default()
    };
    Some(Conflict {
        record: (table, id),
        kind: text(3)?,
        field,
        mine: said(6),
        theirs: said(7),
        parked_by: text(12)?,
        undoing: match values[0] {
            Value::Uuid(id) => undoing(id),
            _ => 0,
        },
        at: match values[16] {
            Value::Integer(at) => at,
            _ => 0,
        },
    })
}
