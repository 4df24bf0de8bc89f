//! Randomness that can be repeated.

use std::hash::{BuildHasher as _, RandomState};

/// A stream of numbers that follows from its seed.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed. Neighbouring seeds give streams that have nothing in common.
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A stream that nobody has had before.
    pub fn by_chance() -> Self {
        Self::of(RandomState::new().hash_one(()))
    }

    /// Less than `below`.
    pub fn number(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % below.max(1)
    }

    /// Once in this many times.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.number(count) == 0
    }

    /// One of several; none if there are none.
    pub fn of_all<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.number(all.len()))
    }
}
