//! The habit of a column, inferred from its first cells.
//!
//! - A cell of several words without a comma ("Suzanne Collins") speaks for names in direct order, and so for commas
//!   between people. Where names are inverted, nearly every cell has its comma.
//! - A single comma after one word ("Tolkien, J. R. R.") or before one word ("García Márquez, Gabriel"), an initial at
//!   the very end ("Le Guin, Ursula K."), or the years of a life speak for one inverted name.
//! - Three or more parts that are not suffixes ("Homer, Robert Fagles, E.V. Rieu") speak for a list.
//! - Two parts of two or more words each speak for a list only if the header does ("authors"); under "author" they say
//!   nothing, because "Machado de Assis, Joaquim Maria" is one man.
//! - In a cell with semicolons, commas cannot separate people, whatever they do elsewhere: such a cell counts only if
//!   no other does. Bodies and names in Chinese, Japanese and Korean say nothing.
//!
//! If many cells speak for each, the column is mixed: then each cell is judged by itself, and what it cannot decide is
//! reported as a doubt.

use std::collections::HashSet;

use super::corporate::is_body;
use super::group::Groups;
use super::parts::{ends_in_initial, is_east_asian};
use super::separators::{Mark, MarkKind, between, is_surely_between, marks};
use super::{Commas, Habit};

/// How many votes for direct names there must be for each vote for inverted ones, for the latter to count as an
/// exception.
const EXCEPTIONS: usize = 10;
/// How many votes for inverted names a column of them has for each of the others.
const MAJORITY: usize = 3;

#[derive(Default)]
struct Voices {
    people: usize,
    names: usize,
    /// From cells with semicolons.
    names_in_lists: usize,
    people_in_lists: usize,
    known: HashSet<String>,
}

/// Finds out the habit of a column, from its header and its cells.
pub(super) fn habit<'cell>(is_plural: bool, cells: impl Iterator<Item = &'cell str>) -> Habit {
    let mut voices = Voices::default();
    for cell in cells {
        voices.hear(cell, is_plural);
    }
    let (people, names) = match (voices.people, voices.names) {
        (0, 0) => (voices.people_in_lists, voices.names_in_lists),
        heard => heard,
    };
    let is_alone = voices.known.is_empty();
    let is_inverted = names > people * MAJORITY
        || is_alone && names > people
        || is_alone && names == people && !is_plural
        || names > 0 && people == 0;
    let commas = if is_inverted {
        Commas::PartNames
    } else {
        Commas::PartPeople
    };
    Habit {
        commas,
        is_mixed: names * EXCEPTIONS > people && people > 0,
        known: voices.known,
        ..Habit::of(commas)
    }
}

impl Voices {
    fn hear(&mut self, cell: &str, is_plural: bool) {
        let found = marks(cell);
        let is_list = cell.trim_end_matches(is_surely_between).contains(is_surely_between);
        for piece in between(cell, found.into_iter().filter(|mark| parts_people(*mark))) {
            self.hear_piece(piece.trim(), is_list, is_plural);
        }
    }

    fn hear_piece(&mut self, piece: &str, is_list: bool, is_plural: bool) {
        if piece.is_empty() || is_body(piece) {
            return;
        }
        let commas: Vec<Mark> = marks(piece)
            .into_iter()
            .filter(|mark| matches!(mark.kind, MarkKind::Comma | MarkKind::WideComma))
            .collect();
        let is_wide = commas.iter().any(|mark| mark.kind == MarkKind::WideComma);
        let groups = Groups::of(between(piece, commas.into_iter())).groups;
        let voice = match groups.as_slice() {
            [only] => {
                if is_east_asian(only.name) || only.words() < 2 {
                    None
                } else {
                    self.known.insert(only.name.to_owned());
                    Some(Commas::PartPeople)
                }
            }
            [first, _, ..] if is_wide && (is_east_asian(first.name) || first.words() > 1) => Some(Commas::PartPeople),
            [family, given] => {
                let is_name =
                    family.words() == 1 || given.words() == 1 || ends_in_initial(given.name) || given.life.is_some();
                if is_name {
                    Some(Commas::PartNames)
                } else {
                    is_plural.then_some(Commas::PartPeople)
                }
            }
            [_, _, ..]
                if groups.len().is_multiple_of(2)
                    && groups.iter().skip(1).step_by(2).all(|group| group.is_initials) =>
            {
                Some(Commas::PartNames)
            }
            [_, _, _, ..] => Some(Commas::PartPeople),
            [] => None,
        };
        let count = match (voice, is_list) {
            (Some(Commas::PartPeople), false) => &mut self.people,
            (Some(Commas::PartPeople), true) => &mut self.people_in_lists,
            (Some(Commas::PartNames), false) => &mut self.names,
            (Some(Commas::PartNames), true) => &mut self.names_in_lists,
            _ => return,
        };
        *count += 1;
    }
}

fn parts_people(mark: Mark) -> bool {
    !matches!(mark.kind, MarkKind::Comma | MarkKind::WideComma)
}
