//! What was typed, taken apart.

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::filter::Needed;
use crate::folding;
use crate::isbn::Isbn;

/// What was typed, with each ISBN in it, as it is printed, in the form in which it is stored.
fn with_whole_isbns(typed: &str) -> Cow<'_, str> {
    let is_part = |piece: &&str| {
        piece
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'x' | b'X'))
    };
    let digits = typed.bytes().filter(u8::is_ascii_digit).count();
    if digits < 9 {
        return typed.into();
    }
    let pieces: Vec<&str> = typed.split_whitespace().collect();
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    for run in pieces.chunk_by(|one, next| is_part(one) && is_part(next)) {
        if let Ok(isbn) = Isbn::parse(&run.concat()) {
            let is_named = |word: &Cow<'_, str>| word.trim_end_matches(':').eq_ignore_ascii_case("isbn");
            words.pop_if(|word| is_named(word));
            words.push(isbn.as_str().to_owned().into());
            continue;
        }
        words.extend(run.iter().map(|piece| match Isbn::parse(piece) {
            Ok(isbn) => Cow::Owned(isbn.as_str().to_owned()),
            Err(_) => Cow::Borrowed(*piece),
        }));
    }
    words.join(" ").into()
}

/// The words of a query; a text matches if each of them occurs somewhere in it.
pub(super) struct Words {
    /// The longest word: it is usually the rarest, so it is looked for first.
    pub(super) longest: Finder<'static>,
    others: Vec<Finder<'static>>,
    /// What those parts of the arena that can match must have.
    pub(super) needed: Needed,
}

impl Words {
    /// The words of what was typed; `None` if there are none, which matches everything.
    pub(super) fn of(typed: &str) -> Option<Self> {
        let folded = folding::fold(&with_whole_isbns(typed));
        let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        // Whoever types "and" between two words means what is written "&" as well; alone, it is a word.
        if words.iter().any(|word| !folding::is_and(word)) {
            words.retain(|word| !folding::is_and(word));
        }
        words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        let (longest, others) = words.split_first()?;
        let finder = |word: &&str| Finder::new(*word).into_owned();
        let mut needed = Needed::default();
        for word in &words {
            needed.add(word.as_bytes());
        }
        Some(Self {
            longest: finder(longest),
            others: others.iter().map(finder).collect(),
            needed,
        })
    }

    /// Whether the words other than the longest occur in a text.
    pub(super) fn others_in(&self, text: &[u8]) -> bool {
        self.others.iter().all(|word| word.find(text).is_some())
    }

    /// Whether all words occur in a text.
    pub(super) fn all_in(&self, text: &[u8]) -> bool {
        self.longest.find(text).is_some() && self.others_in(text)
    }

    /// Whether every text that matches these words also matches those, because each of those is part of one of these.
    /// That is so while somebody types on.
    pub(super) fn narrow(&self, those: &Self) -> bool {
        those
            .all()
            .all(|that| self.all().any(|this| that.find(this.needle()).is_some()))
    }

    fn all(&self) -> impl Iterator<Item = &Finder<'static>> {
        std::iter::once(&self.longest).chain(&self.others)
    }
}
