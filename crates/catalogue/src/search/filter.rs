//! Which parts of the arena can hold a word at all.
//!
//! A rare or absent word would make every search read the whole arena. So for every few texts a small set of bits
//! records which pairs and triples of bytes occur in them; a word can only be where all of its triples are. The bits
//! are a fifth of the size of the texts, and a search touches few of them.

use std::ops::Range;

/// How many texts share a set of bits. With fewer, the sets would become too large; with more, most words would pass.
pub(super) const TEXTS: usize = 64;

/// The number of bits of a set, as a power of two. Sixty texts have some 1,500 different pairs and triples.
const BITS_LOG2: u32 = 13;
/// `u64`s of a set.
const LENGTH: usize = 1 << (BITS_LOG2 - 6);

/// Triples of a query beyond this number are ignored: by then hardly anything passes.
const TRIPLES_MAX: usize = 16;

/// The number of a bit.
type Bit = u32;

/// The sets of all whole blocks of texts.
#[derive(Default)]
pub(super) struct Filter {
    sets: Vec<u64>,
}

/// The bits that a block must have to be searched.
#[derive(Default)]
pub(super) struct Needed(Vec<Bit>);

impl Filter {
    /// The sets of some texts that lie end to end and begin at `starts`. Two threads make them.
    pub(super) fn of(text: &[u8], starts: &[usize]) -> Self {
        let blocks = starts.len() / TEXTS;
        let mut sets = vec![0; blocks * LENGTH];
        let end_of = |block: usize| starts.get((block + 1) * TEXTS).copied().unwrap_or(text.len());
        let fill = |sets: &mut [u64], first: usize| {
            for (block, set) in (first..).zip(sets.chunks_exact_mut(LENGTH)) {
                add(set, &text[starts[block * TEXTS]..end_of(block)]);
            }
        };
        let (one, other) = sets.split_at_mut(blocks / 2 * LENGTH);
        std::thread::scope(|scope| {
            scope.spawn(|| fill(other, blocks / 2));
            fill(one, 0);
        });
        Self { sets }
    }

    /// The blocks in a range that may hold what is needed, neighbours joined, as ranges of texts. Texts after the last
    /// complete block always may.
    pub(super) fn candidates(&self, texts: Range<usize>, needed: &Needed) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let whole = self.sets.len() / LENGTH * TEXTS;
        let mut from = texts.start;
        while from < texts.end {
            let to = if from < whole {
                (from / TEXTS + 1) * TEXTS
            } else {
                texts.end
            }
            .min(texts.end);
            if from >= whole || self.has(from / TEXTS, needed) {
                match found.last_mut() {
                    Some(last) if last.end == from => last.end = to,
                    _ => found.push(from..to),
                }
            }
            from = to;
        }
        found
    }

    fn has(&self, block: usize, needed: &Needed) -> bool {
        let set = &self.sets[block * LENGTH..(block + 1) * LENGTH];
        needed
            .0
            .iter()
            .all(|bit| set[(bit >> 6) as usize] >> (bit & 63) & 1 == 1)
    }
}

impl Needed {
    /// Adds what a word needs; a single byte needs nothing.
    pub(super) fn add(&mut self, word: &[u8]) {
        if let [one, two] = word {
            self.0.push(pair(u32::from(*one) << 8 | u32::from(*two)));
        }
        for three in word.windows(3) {
            if self.0.len() < TRIPLES_MAX {
                let bytes = u32::from_be_bytes([0, three[0], three[1], three[2]]);
                self.0.push(triple(bytes));
            }
        }
    }
}

/// Adds the pairs and triples of a text to a set.
fn add(set: &mut [u64], text: &[u8]) {
    let mut last = 0_u32;
    for byte in text {
        last = (last << 8 | u32::from(*byte)) & 0x00ff_ffff;
        for bit in [pair(last & 0xffff), triple(last)] {
            set[(bit >> 6) as usize] |= 1 << (bit & 63);
        }
    }
}

fn triple(bytes: u32) -> Bit {
    bytes.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS_LOG2)
}

fn pair(bytes: u32) -> Bit {
    (bytes | 0x0100_0000).wrapping_mul(0x85eb_ca6b) >> (u32::BITS - BITS_LOG2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(words: &[&str]) -> Needed {
        let mut needed = Needed::default();
        for word in words {
            needed.add(word.as_bytes());
        }
        needed
    }

    /// Texts of which only the one with this number is special.
    fn filter(count: usize, special: usize) -> Filter {
        let (mut text, mut starts) = (String::new(), Vec::new());
        for number in 0..count {
            starts.push(text.len());
            text.push_str(if number == special {
                "needle xq\n"
            } else {
                "hay and straw\n"
            });
        }
        Filter::of(text.as_bytes(), &starts)
    }

    /// Where the words are looked for, as pairs of the first text and the one after the last.
    fn stretches(filter: &Filter, texts: Range<usize>, words: &[&str]) -> Vec<(usize, usize)> {
        let found = filter.candidates(texts, &needed(words));
        found.into_iter().map(|texts| (texts.start, texts.end)).collect()
    }

    #[test]
    fn a_word_is_looked_for_where_it_is_and_hardly_elsewhere() {
        let whole = 10 * TEXTS;
        let all = whole + 5;
        let filter = filter(all, 3 * TEXTS + 7);
        for word in ["needle", "eedl", "xq", "edl"] {
            let found = stretches(&filter, 0..all, &[word]);
            assert_eq!(found, [(3 * TEXTS, 4 * TEXTS), (whole, all)], "{word}");
        }
        let everywhere = stretches(&filter, 0..all, &["hay", "q"]);
        assert_eq!(everywhere, [(0, all)], "a single letter says nothing");
        assert_eq!(stretches(&filter, 0..whole, &["zzz"]), []);
    }

    #[test]
    fn a_range_within_blocks_stays_as_it_is() {
        let filter = filter(4 * TEXTS, 0);
        assert_eq!(stretches(&filter, 5..TEXTS + 3, &["straw"]), [(5, TEXTS + 3)]);
        assert_eq!(stretches(&filter, 5..9, &["needle"]), [(5, 9)]);
    }
}
