//! How well bytes fit an encoding in which accents stand before their letters.

/// What was found in some bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Fit {
    /// Letters with accents that occur.
    pub(crate) good: usize,
    /// Bytes that mean nothing, and accents that belong to no letter.
    pub(crate) bad: usize,
}

impl Fit {
    /// Whether it is likely.
    pub(crate) fn is_likely(self) -> bool {
        self.bad * 4 <= self.good
    }
}
