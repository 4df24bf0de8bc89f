//! The keys by which references cite books: `orr1998north`.
//!
//! A document cites a key for years, so the same catalogue gives the same keys, and a key that came with a book is kept.
//! Otherwise a key is made of the family name, the year and the first word of the title, and a letter where two books
//! would have the same: the one that was added first has none. So that a book has the same key in every export, an export
//! of some books first looks through all of the same years.

use std::collections::{BTreeSet, HashMap, HashSet};

use colophon_store::{Bound, EntityId as _, Query, ReadSession, Where};

use super::names::Name;
use super::whole::{Whole, keys_in_use, visit_whole};
use super::{ExportError, Wanted, visit};
use crate::book::{Book, BookId, BookSort};
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
    /// The keys of some books in an export of all.
    known: HashMap<BookId, String>,
}

impl Keys {
    /// Those for an export.
    pub(super) fn of(session: &ReadSession<'_>, wanted: &Wanted<'_>) -> Result<Self, ExportError> {
        let mut keys = Self {
            came: keys_in_use(session)?,
            given: HashSet::new(),
            known: HashMap::new(),
        };
        if let Some(books) = wanted.books {
            keys.known = keys.in_an_export_of_all(session, books, wanted)?;
            keys.given.clear();
        }
        Ok(keys)
    }

    /// The keys that some books have where all are exported: only a book of the same year can have the same.
    fn in_an_export_of_all(
        &mut self,
        session: &ReadSession<'_>,
        books: &Query<Book>,
        wanted: &Wanted<'_>,
    ) -> Result<HashMap<BookId, String>, ExportError> {
        let (mut ids, mut years) = (HashSet::new(), BTreeSet::new());
        visit(session, books, |book: Book| {
            ids.insert(book.id);
            years.insert(book.published_year);
            Ok(())
        })?;
        let of_no_year = years.remove(&None);
        let listed = serde_json::to_string(&years).map_err(std::io::Error::from)?;
        let mut of_these_years = Where::default();
        of_these_years.and(
            "(published_year IN (SELECT value FROM json_each(?)) OR (? AND published_year IS NULL))",
            [Bound::Text(listed), Bound::Integer(i64::from(of_no_year))],
        );
        let all = Query::all()
            .sorted_by(BookSort::Added, false)
            .matching(of_these_years.into());
        let mut known = HashMap::new();
        visit_whole(session, &Wanted::only(&all, wanted.besides), |whole| {
            let key = self.key(&whole);
            if ids.contains(&whole.book.id) {
                known.insert(whole.book.id, key);
            }
            Ok(())
        })?;
        Ok(known)
    }

    /// The key of a book.
    pub(super) fn key(&mut self, whole: &Whole) -> String {
        if let Some(known) = self.known.get(&whole.book.id) {
            return known.clone();
        }
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
