//! Who is named in a cell, and which comma separates people and which a family name from its given names.
//!
//! `J.K. Rowling, Mary GrandPré` names two people, `Le Guin, Ursula K.` one, and no single cell can tell for certain. A
//! column can: one program wrote most of its cells by one habit ([`evidence`]). But a cell may speak for itself:
//! `Smith, John` among direct names is one person, years after a name end it, and where a semicolon separates people, a
//! comma does not ([`cell`]).
//!
//! One file each: what may separate people (`separators`), what a piece between commas is (`parts`, `dates`, `roles`),
//! the name of a body (`corporate`), a name with what belongs to it (`group`), one cell (`cell`), the habit of a column
//! (`evidence`).
//!
//! In a column without its own habit of roles everybody is an author: the file calls them authors, and making the
//! second a translator would be invention. A role given with a name is believed.

mod cell;
mod corporate;
mod dates;
mod evidence;
mod group;
mod named;
mod parts;
mod roles;
mod separators;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub(super) use self::cell::Reader;
pub(super) use self::dates::{Dates, dates};
pub(super) use self::named::Named;
pub(super) use self::roles::{roles, without_leading};
use self::separators::is_surely_between;
use super::columns::is_plural;
use crate::contribution::Role;

/// What commas mean in a column of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commas {
    /// They separate people.
    PartPeople,
    /// They separate the family name from the given names.
    PartNames,
    /// Nothing: the file is an export of ours, whose names are written literally.
    BelongToNames,
}

/// The order of names, as stated by a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOrder {
    /// `Mark Twain`
    Direct,
    /// `Twain, Mark`
    Inverted,
    /// `Twain Mark`
    FamilyFirst,
}

/// How the cells of a column are read.
#[derive(Debug, Clone)]
pub(super) struct Habit {
    /// What commas mean.
    pub(super) commas: Commas,
    /// Whether family names come first without a comma.
    pub(super) is_family_first: bool,
    /// What alone separates people, if a person said so.
    pub(super) separator: Option<String>,
    /// Whether many cells speak for the other meaning of commas.
    pub(super) is_mixed: bool,
    /// Whether a person said so, and no cell speaks for itself.
    pub(super) is_told: bool,
    /// Names that are alone in a cell near the beginning.
    known: HashSet<String>,
}

impl Habit {
    /// A habit of which only the meaning of commas is known.
    pub(super) fn of(commas: Commas) -> Self {
        Self {
            commas,
            is_family_first: false,
            separator: None,
            is_mixed: false,
            is_told: false,
            known: HashSet::new(),
        }
    }

    /// Finds out the habit of a column, from its header and its cells, and from what a person said.
    pub(super) fn found<'cell>(
        header: &str,
        cells: impl Iterator<Item = &'cell str>,
        order: Option<NameOrder>,
        separator: Option<&str>,
    ) -> Self {
        let mut habit = evidence::habit(is_plural(header), cells);
        if let Some(order) = order {
            habit.is_told = true;
            habit.is_mixed = false;
            habit.is_family_first = order == NameOrder::FamilyFirst;
            habit.commas = match order {
                NameOrder::Inverted => Commas::PartNames,
                NameOrder::Direct | NameOrder::FamilyFirst => Commas::PartPeople,
            };
        }
        habit.separator = separator.map(str::to_owned);
        habit
    }
}

/// The result of reading a cell.
#[derive(Debug, Default)]
pub(super) struct People {
    /// The people, in their order.
    pub(super) named: Vec<Named>,
    /// Whether it was read in an order other than the column's.
    pub(super) differs: bool,
    /// What cannot be decided, or is nobody, in words.
    pub(super) doubts: Vec<String>,
}

/// The people of a cell in an export of ours: `Robert Fagles (translator); Bernard Knox (editor)`, with names taken
/// literally.
pub(super) fn people_of_ours(cell: &str) -> Vec<Named> {
    // A name may contain a semicolon; in that case the export has put every person on a line.
    let parts: Vec<&str> = if cell.contains('\n') {
        cell.lines().collect()
    } else {
        cell.split("; ").collect()
    };
    parts.into_iter().filter_map(named_by_us).collect()
}

fn named_by_us(text: &str) -> Option<Named> {
    let text = text.trim();
    let bracket = text.strip_suffix(')').and_then(|open| open.rsplit_once('('));
    let (name, role) = match bracket.and_then(|(name, word)| Some((name.trim_end(), Role::of_word(word.trim())?))) {
        Some((name, role)) => (name, Some(role)),
        None => (text, None),
    };
    (!name.is_empty()).then(|| Named {
        roles: role.into_iter().collect(),
        ..Named::plain(name)
    })
}

/// The texts of a cell that lists several, in order: separated like people, and by commas if `commas_part` and nothing
/// more reliable separates them.
pub(super) fn listed_in(cell: &str, commas_part: bool, is_ours: bool) -> Vec<&str> {
    let parts: Vec<&str> = if is_ours && !cell.contains('\n') {
        cell.split("; ").collect()
    } else if is_ours {
        cell.lines().collect()
    } else if commas_part && !cell.contains(is_surely_between) {
        cell.split([',', '،', '，']).collect()
    } else {
        cell.split(is_surely_between).collect()
    };
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// The one person whose name is the whole cell, as with the author in an export of ours.
pub(super) fn person_in(cell: &str) -> Option<Named> {
    let name = cell.trim();
    (!name.is_empty()).then(|| Named::plain(name))
}
