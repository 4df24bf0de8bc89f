//! Records by their places in the file, which are numbers close together as a rule.

use std::collections::{HashMap, HashSet};

/// The place of what is not in the file any more; SQLite numbers rows from 1 on unless told otherwise.
pub(super) const NOWHERE: i64 = -1;

/// Finds things by place. Places are row numbers and lie close together, so a plain array is smaller than a map, and much faster.
pub(super) struct ByPlace {
    near: Vec<u32>,
    /// Places too far apart for the array.
    far: HashMap<i64, usize>,
}

impl ByPlace {
    /// Array entries per thing; beyond them the array would be mostly empty.
    const SPREAD: usize = 4;
    const NONE: u32 = u32::MAX;

    pub(super) fn of(places: impl ExactSizeIterator<Item = i64>) -> Self {
        let reach = places.len().saturating_mul(Self::SPREAD);
        let mut by_place = Self {
            near: Vec::new(),
            far: HashMap::new(),
        };
        for (at, place) in places.enumerate() {
            match (usize::try_from(place), u32::try_from(at)) {
                (Ok(near), Ok(at)) if near < reach && at != Self::NONE => {
                    if near >= by_place.near.len() {
                        by_place.near.resize((near + 1).next_power_of_two(), Self::NONE);
                    }
                    by_place.near[near] = at;
                }
                _ => {
                    by_place.far.insert(place, at);
                }
            }
        }
        by_place
    }

    pub(super) fn get(&self, place: i64) -> Option<usize> {
        let near = usize::try_from(place)
            .ok()
            .and_then(|place| self.near.get(place))
            .filter(|at| **at != Self::NONE);
        near.map(|at| *at as usize).or_else(|| self.far.get(&place).copied())
    }
}

/// Some places; a bit for each that is near.
pub(super) struct Places {
    near: Vec<u64>,
    far: HashSet<i64>,
}

impl Places {
    /// Words of bits per place; beyond them a set of numbers is smaller.
    const SPREAD: usize = 4;

    pub(super) fn of(places: &[i64]) -> Self {
        let words = places.len().saturating_mul(Self::SPREAD);
        let mut these = Self {
            near: Vec::new(),
            far: HashSet::new(),
        };
        for place in places {
            match usize::try_from(*place) {
                Ok(near) if near / 64 < words => {
                    if near / 64 >= these.near.len() {
                        these.near.resize((near / 64 + 1).next_power_of_two(), 0);
                    }
                    these.near[near / 64] |= 1 << (near % 64);
                }
                _ => {
                    these.far.insert(*place);
                }
            }
        }
        these
    }

    pub(super) fn has(&self, place: i64) -> bool {
        let word = usize::try_from(place)
            .ok()
            .and_then(|near| Some((near, self.near.get(near / 64)?)));
        word.is_some_and(|(near, word)| word & (1 << (near % 64)) != 0) || self.far.contains(&place)
    }
}
