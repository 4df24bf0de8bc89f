//! The keys by which references cite books: `orr1998north`.
//!
//! A document cites a key for years, so the same catalogue gives the same keys, and a key that came with a book is kept.
//! Otherwise a key is made of the family name, the year and the first word of the title, and a letter where two books
//! would have the same: the one that was added first has none.

use std::collections::HashSet;

use colophon_store::{EntityId as _, ReadSession};

use super::ExportError;
use super::names::Name;
use super::whole::{Whole, keys_in_use};
use crate::folding::fold;

/// Words at the beginning of a title that say nothing about it.
const ARTICLES: [&str; 20] = [
    "a", "an", "the", "der", "die", "das", "ein", "eine", "le", "la", "les", "l", "un", "une", "el", "los", "las",
    "il", "lo", "de",
];

/// Gives keys, each once.
pub(super) struct Keys {
    /// Keys that books came with.
    came: HashSet<String>,
    given: HashSet<String>,
}

impl Keys {
    pub(super) fn of(session: &ReadSession<'_>) -> Result<Self, ExportError> {
        Ok(Self {
            came: keys_in_use(session)?,
            given: HashSet::new(),
        })
    }

    /// The key of a book.
    pub(super) fn key(&mut self, whole: &Whole) -> String {
        if let Some(key) = whole.cited_as.as_ref().filter(|key| is_key(key))
            && self.given.insert(key.clone())
        {
            return key.clone();
        }
        let base = base(whole);
        let free = (0..).map(|number| format!("{base}{}", letters(number)));
        let mut free = free.filter(|key| !self.came.contains(key) && !self.given.contains(key));
        let key = free.next().unwrap_or(base);
        self.given.insert(key.clone());
        key
    }
}

/// Whether every program takes it for a key.
fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key.is_ascii()
        && !key
            .bytes()
            .any(|byte| byte <= b' ' || b"{}\",\\#%'()=~$&^`".contains(&byte))
}

fn base(whole: &Whole) -> String {
    let first = whole.people.first().map(|(author, _)| author);
    let name = first.map_or_else(String::new, |author| match Name::of(author) {
        Name::Parts { family, .. } => plain(family),
        Name::Whole(name) => name
            .split(' ')
            .map(plain)
            .find(|word| !word.is_empty())
            .unwrap_or_default(),
    });
    let year = whole
        .book
        .published_year
        .map_or_else(String::new, |year| year.unsigned_abs().to_string());
    let words = whole
        .book
        .title
        .split(|character: char| !character.is_alphanumeric())
        .map(plain);
    let mut words = words.filter(|word| !word.is_empty() && !ARTICLES.contains(&word.as_str()));
    let word = words.next().unwrap_or_default();
    let base = format!("{name}{year}{word}");
    if base.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return base;
    }
    // Of a name and a title in another script nothing is left.
    let id = whole.book.id.uuid().simple().to_string();
    format!("book{year}{}", &id[id.len().saturating_sub(8)..])
}

/// Small letters and digits, without accents.
fn plain(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Nothing, a, b, … z, aa, ab, …
fn letters(number: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = number;
    while rest > 0 {
        rest -= 1;
        letters.push(b'a' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_do_not_end() {
        assert_eq!(
            [0, 1, 26, 27, 52, 53, 703].map(letters),
            ["", "a", "z", "aa", "az", "ba", "aaa"]
        );
    }

    #[test]
    fn a_key_has_nothing_that_a_program_would_stumble_over() {
        for good in ["orr1998", "westfahl:space", "baez/article", "a+b-c_d.e"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "a b", "a,b", "a{b", "größe", "a%b", "a#b", "a\\b"] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
