//! Authors that several people make without seeing each other's.
//!
//! What everybody says in a history is unique, so that a loss is noticed. Twins are recognised by the end of their
//! names; in the model of a file, two authors are alike if that is the same. The rule itself, by folded names and
//! years, is the catalogue's and is tested there; what is exercised here is who asks: what is a newcomer, what was made
//! here since the last pull, and that nobody forgets it, whatever breaks in between.

use std::collections::{BTreeMap, HashSet};

use colophon_catalogue::alike::MadeHere;
use colophon_store::schema::Value;
use colophon_sync::local::Key;
use fastrand::Rng;
use uuid::Uuid;

use crate::file::State;
use crate::history::{History, Verdict};
use crate::link::locked;
use crate::log::{Entry, Said, named};
use crate::tables::{AUTHORS, CONFLICTS, columns, position_of};

/// Precedes the part by which twins are recognised.
const SIGN: char = '~';

/// How many different people there are for several to make.
const PEOPLE: u8 = 12;

/// The part of a name by which a twin is recognised.
fn twin_of(name: &Value) -> Option<&str> {
    match name {
        Value::Text(name) => name.split_once(SIGN).map(|(_, twin)| twin),
        _ => None,
    }
}

/// A name for a new author: one that others may also make, unless there is one here already. Whoever makes a namesake
/// beside an existing one means to.
pub(crate) fn name(word: String, state: &State, chance: &mut Rng) -> String {
    let twin = chance.u8(..PEOPLE).to_string();
    let mut names = state.rows[AUTHORS]
        .values()
        .map(|row| &row.values[columns::AUTHOR_NAME]);
    if names.any(|name| twin_of(name) == Some(&twin)) {
        return word;
    }
    format!("{word}{SIGN}{twin}")
}

/// As the real file answers: each newcomer with the first of those that were made here and are not paired yet.
pub(crate) fn alike(state: &State, came: &[Key], made: MadeHere<'_>) -> Vec<(Key, Uuid)> {
    let mut newcomers: Vec<&Key> = came.iter().filter(|key| position_of(key.table) == AUTHORS).collect();
    newcomers.sort_by_key(|key| key.id);
    let mut taken = HashSet::new();
    let mut alike = Vec::new();
    for key in newcomers {
        let row = state.rows[AUTHORS].get(&key.id);
        let Some(twin) = row.and_then(|row| twin_of(&row.values[columns::AUTHOR_NAME])) else {
            continue;
        };
        let mut own = state.rows[AUTHORS].iter().filter(|(id, row)| {
            let is_made_here = made.contains(**id, row.revision);
            let is_stranger = came.iter().any(|key| key.id == **id);
            is_made_here && !is_stranger && twin_of(&row.values[columns::AUTHOR_NAME]) == Some(twin)
        });
        if let Some((other, _)) = own.find(|(id, _)| !taken.contains(*id)) {
            taken.insert(*other);
            let (first, id) = (key.id.min(*other), key.id.max(*other));
            alike.push((Key { id, ..*key }, first));
        }
    }
    alike
}

/// For two authors whom two people have made without seeing each other's, and whom nobody has renamed or deleted since,
/// somebody asks whether they are the same.
pub(crate) fn are_asked_about(history: &History<'_>) -> Verdict {
    let asked = pairs_asked_about(history);
    let mut by_twin: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for (_, entry) in history.log.valid() {
        let name = name_said(entry);
        if let Some(twin) = name.and_then(twin_of) {
            by_twin.entry(twin).or_default().push(entry);
        }
    }
    for (twin, made) in by_twin {
        // Each is asked about at most once, so of three not every pair is.
        let [one, other] = made[..] else { continue };
        let pair = (one.record.1.min(other.record.1), one.record.1.max(other.record.1));
        let stand = [one, other].iter().all(|entry| is_as_it_was_made(history, entry));
        if one.who != other.who && stand && !asked.contains(&pair) {
            let (one, other) = (named(one.record), named(other.record));
            return Err(format!("nobody asks whether {one} and {other} are the same: {twin}"));
        }
    }
    Ok(())
}

fn pairs_asked_about(history: &History<'_>) -> HashSet<(Uuid, Uuid)> {
    let server = locked(&history.server);
    let conflicts = server.rows()[CONFLICTS].values();
    let pairs = conflicts.filter_map(|row| match (&row.values[2], &row.values[3], &row.values[9]) {
        (Value::Uuid(second), Value::Text(kind), Value::Uuid(first)) if kind == "same_record" => {
            Some((*first, *second))
        }
        _ => None,
    });
    pairs.collect()
}

/// The name that an entry gives to an author.
fn name_said(entry: &Entry) -> Option<&Value> {
    match &entry.said {
        Said::Set { column, value, .. } if entry.record.0 == AUTHORS && *column == columns::AUTHOR_NAME => Some(value),
        _ => None,
    }
}

/// Whether nobody has given an author another name, or deleted them.
fn is_as_it_was_made(history: &History<'_>, made: &Entry) -> bool {
    let of_record = || history.log.entries.iter().filter(|entry| entry.record == made.record);
    let names = of_record().filter(|entry| name_said(entry).is_some());
    names.count() == 1 && !of_record().any(|entry| matches!(entry.said, Said::Deleted { .. }))
}
