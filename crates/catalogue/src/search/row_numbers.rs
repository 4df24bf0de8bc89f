//! Records by their row numbers in the file, which are usually close together.

use std::collections::{HashMap, HashSet};

/// The place of what is no longer in the file; SQLite numbers rows from 1 on unless told otherwise.
pub(super) const NOWHERE: i64 = -1;

/// Finds things by row number. These are close together, so a plain array is smaller than a map, and much faster.
pub(super) struct ByRowNumber {
    near: Vec<u32>,
    /// Row numbers too far apart for the array.
    far: HashMap<i64, usize>,
}

impl ByRowNumber {
    /// Array entries per thing; with more, the array would be mostly empty.
    const SPREAD: usize = 4;
    const NONE: u32 = u32::MAX;

    pub(super) fn of(row_numbers: impl ExactSizeIterator<Item = i64>) -> Self {
        let reach = row_numbers.len().saturating_mul(Self::SPREAD);
        let mut by_row_number = Self {
            near: Vec::new(),
            far: HashMap::new(),
        };
        for (at, row_number) in row_numbers.enumerate() {
            match (usize::try_from(row_number), u32::try_from(at)) {
                (Ok(near), Ok(at)) if near < reach && at != Self::NONE => {
                    if near >= by_row_number.near.len() {
                        by_row_number.near.resize((near + 1).next_power_of_two(), Self::NONE);
                    }
                    by_row_number.near[near] = at;
                }
                _ => {
                    by_row_number.far.insert(row_number, at);
                }
            }
        }
        by_row_number
    }

    /// Adds one more thing.
    pub(super) fn insert(&mut self, row_number: i64, at: usize) {
        self.far.insert(row_number, at);
    }

    pub(super) fn get(&self, row_number: i64) -> Option<usize> {
        let near = usize::try_from(row_number)
            .ok()
            .and_then(|row_number| self.near.get(row_number))
            .filter(|at| **at != Self::NONE);
        near.map(|at| *at as usize)
            .or_else(|| self.far.get(&row_number).copied())
    }
}

/// Some row numbers; a bit for each that is near.
pub(super) struct RowNumbers {
    near: Vec<u64>,
    far: HashSet<i64>,
}

impl RowNumbers {
    /// Words of bits per row number; with more, a set of numbers is smaller.
    const SPREAD: usize = 4;

    pub(super) fn of(row_numbers: &[i64]) -> Self {
        let words = row_numbers.len().saturating_mul(Self::SPREAD);
        let mut these = Self {
            near: Vec::new(),
            far: HashSet::new(),
        };
        for row_number in row_numbers {
            match usize::try_from(*row_number) {
                Ok(near) if near / 64 < words => {
                    if near / 64 >= these.near.len() {
                        these.near.resize((near / 64 + 1).next_power_of_two(), 0);
                    }
                    these.near[near / 64] |= 1 << (near % 64);
                }
                _ => {
                    these.far.insert(*row_number);
                }
            }
        }
        these
    }

    /// Some of the numbers below `end`.
    pub(super) fn within(end: usize, numbers: impl Iterator<Item = usize>) -> Self {
        let mut near = vec![0_u64; end.div_ceil(64)];
        for number in numbers {
            near[number / 64] |= 1 << (number % 64);
        }
        Self {
            near,
            far: HashSet::new(),
        }
    }

    /// Calls with each that is near, ascending.
    pub(super) fn each(&self, mut call: impl FnMut(u32)) {
        for (word, first) in self.near.iter().zip((0_u32..).step_by(64)) {
            let mut left = *word;
            while left != 0 {
                call(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    pub(super) fn has(&self, row_number: i64) -> bool {
        let word = usize::try_from(row_number)
            .ok()
            .and_then(|near| Some((near, self.near.get(near / 64)?)));
        word.is_some_and(|(near, word)| word & (1 << (near % 64)) != 0) || self.far.contains(&row_number)
    }
}
