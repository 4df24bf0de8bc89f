//! Made-up records, the same in every run.

use colophon_catalogue::{AuthorDraft, AuthorId, BookDraft};

const WORDS: [&str; 64] = [
    "the", "of", "and", "shadow", "night", "river", "house", "winter", "song", "garden", "stone", "letters", "history",
    "war", "peace", "sea", "light", "girl", "king", "last", "first", "city", "dream", "fire", "glass", "empire",
    "road", "island", "mountain", "silence", "memory", "blood", "summer", "star", "wolf", "queen", "secret", "library",
    "ghost", "machine", "forest", "bridge", "mirror", "daughter", "brother", "kingdom", "storm", "bone", "paper",
    "clock", "ash", "honey", "thorn", "ocean", "desert", "crown", "orchard", "lantern", "harbour", "señor", "straße",
    "łódź", "østen", "œuvre",
];

/// A generator of numbers that needs no seed from outside (xorshift).
pub(crate) struct Numbers(u64);

impl Numbers {
    /// The same numbers for the same start.
    pub(crate) fn from(start: u64) -> Self {
        Self(start.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn word(&mut self) -> &'static str {
        WORDS[usize::try_from(self.below(WORDS.len() as u64)).unwrap_or(0)]
    }
}

/// An author by number.
pub(crate) fn author(number: u32) -> AuthorDraft {
    let mut numbers = Numbers::from(u64::from(number));
    AuthorDraft::named(format!(
        "{} {}son {number}",
        capital(numbers.word()),
        capital(numbers.word())
    ))
}

/// A book by number: a title of two to six words, a year, a language, for half of them a publisher.
pub(crate) fn book(number: u32, author: AuthorId) -> BookDraft {
    let mut numbers = Numbers::from(u64::from(number) + 7_000_000);
    let mut title = capital(numbers.word());
    for _ in 0..=numbers.below(4) {
        title.push(' ');
        title.push_str(numbers.word());
    }
    title.push(' ');
    title.push_str(&number.to_string());
    BookDraft {
        published_year: Some(1850 + i32::try_from(numbers.below(170)).unwrap_or(0)),
        language: Some("eng".to_owned()),
        page_count: Some(100 + i32::try_from(numbers.below(900)).unwrap_or(0)),
        publisher: number
            .is_multiple_of(2)
            .then(|| format!("{} Press", capital(numbers.word()))),
        ..BookDraft::new(title, author)
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
