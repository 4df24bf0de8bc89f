//! What is typed into a search box: words, and among them tokens that ask about one thing.
//!
//! | typed | asks |
//! |---|---|
//! | `author:garcia`, `publisher:"Faber & Faber"` | has this in it, without case and accents |
//! | `year:1990`, `isbn:0-14-026886-3`, `language:German`, `format:ebook` | is this |
//! | `year:1990..1999`, `year:1990-1999`, `year>1990`, `year:<=1999` | lies between, is more, is at most |
//! | `publisher="Faber & Faber"` | is exactly this |
//! | `no:isbn`, `has:isbn`, `bad:language` | says nothing, says something, says what it would not be given today |
//! | `changed:7d`, `added:2026-11-20` | changed in the last days, came on this day |
//!
//! A token becomes a filter, so that it is shown, stored and handed on as any other. Filters in their own form are
//! tokens as well (`title^the`, `tag!:poetry`). Whatever is not understood is a word to search, never an error; only
//! the one that is still being typed is left alone.

use colophon_store::{Error, FieldOf, Kind, Result};

use super::asked::{Asked, Meant, meant, read};
use super::written::{Written, is_number, key_of};
use super::{FieldFilter, Test};

/// What was typed, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed<F> {
    /// The words to search, with a space between them.
    pub words: String,
    /// The tokens, in order.
    pub tokens: Vec<Token<F>>,
    /// What looks like a token and was not understood; it is among the words.
    pub odd: Vec<String>,
    /// The token that is still being typed, if its name is known.
    pub unfinished: Option<Unfinished>,
}

impl<F> Default for Typed<F> {
    fn default() -> Self {
        Self {
            words: String::new(),
            tokens: Vec::new(),
            odd: Vec::new(),
            unfinished: None,
        }
    }
}

/// A token that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Token<F> {
    /// As it was typed.
    pub typed: String,
    /// What it asks.
    pub filter: F,
}

/// A token at the end of what was typed, where somebody is still at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// As it was typed.
    pub typed: String,
    /// What stands before its sign.
    pub name: String,
    /// What stands behind, without quotation marks.
    pub value: String,
}

/// The signs of a token, of which longer ones come first.
const SIGNS: [&str; 9] = ["!:", ">=", "<=", ":", "~", "^", "=", ">", "<"];
const MARKS: [char; 4] = ['"', '“', '”', '„'];

/// Words that ask whether something is there or good, with the value that asks the same.
const WHETHER: [(&str, &str); 9] = [
    ("no", "none"),
    ("without", "none"),
    ("ohne", "none"),
    ("has", "any"),
    ("with", "any"),
    ("mit", "any"),
    ("bad", "bad"),
    ("falsch", "bad"),
    ("ungultig", "bad"),
];

impl<F> Typed<F> {
    /// Takes apart what was typed to find records of `E`.
    pub fn read<E: Asked<Filter = F>>(text: &str) -> Self {
        let mut typed = Self::default();
        // A mark that nobody closes is a mark.
        let marks = text.matches(MARKS).count();
        for piece in pieces(text, marks - marks % 2) {
            typed.take::<E>(piece, false);
        }
        typed
    }

    /// The same while somebody types on: a token at the very end is not finished yet, and no word if it says nothing.
    pub fn read_so_far<E: Asked<Filter = F>>(text: &str) -> Self {
        let mut typed = Self::default();
        let pieces = pieces(text, usize::MAX);
        for (at, piece) in pieces.iter().enumerate() {
            typed.take::<E>(piece, at + 1 == pieces.len() && text.ends_with(piece));
        }
        typed
    }

    fn take<E: Asked<Filter = F>>(&mut self, piece: &str, is_last: bool) {
        let parts = Parts::of(piece);
        let known = parts.as_ref().is_some_and(Parts::is_known::<E>);
        if is_last
            && known
            && let Some(parts) = &parts
        {
            self.unfinished = Some(Unfinished {
                typed: piece.to_owned(),
                name: parts.name.to_owned(),
                value: parts.value.clone(),
            });
        }
        match parts.as_ref().map(Parts::read::<E>) {
            Some(Ok(filter)) => self.tokens.push(Token {
                typed: piece.to_owned(),
                filter,
            }),
            Some(Err(_)) if is_last && known => {}
            _ => {
                if parts.is_some_and(|parts| known || parts.is_meant_so()) {
                    self.odd.push(piece.to_owned());
                }
                if !self.words.is_empty() {
                    self.words.push(' ');
                }
                self.words.push_str(&piece.replace(MARKS, " "));
            }
        }
    }
}

/// What stands between spaces that are not in quotation marks, of which the first `marks` count.
fn pieces(text: &str, marks: usize) -> Vec<&str> {
    let mut passed = 0;
    text.split(|letter: char| {
        passed += usize::from(passed < marks && MARKS.contains(&letter));
        letter.is_whitespace() && passed % 2 == 0
    })
    .filter(|piece| !piece.is_empty())
    .collect()
}

/// A piece with a sign in it.
struct Parts<'t> {
    name: &'t str,
    sign: &'static str,
    value: String,
    is_quoted: bool,
}

impl<'t> Parts<'t> {
    fn of(piece: &'t str) -> Option<Self> {
        let is_of_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let end = piece.find(|letter: char| !is_of_name(letter))?;
        let (name, rest) = piece.split_at(end);
        let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
        let written = &rest[sign.len()..];
        let value = written.trim_matches(MARKS);
        name.contains(char::is_alphabetic).then(|| Self {
            name,
            sign,
            is_quoted: value.len() < written.len(),
            value: value.trim().to_owned(),
        })
    }

    /// Whether the name means something.
    fn is_known<E: Asked>(&self) -> bool {
        self.whether().is_some() || meant::<E>(self.name).is_ok()
    }

    /// Whether it looks as if somebody meant a token, and no address or subtitle.
    fn is_meant_so(&self) -> bool {
        self.sign == ":" && !self.value.is_empty() && !self.value.starts_with('/')
    }

    /// What is asked with a word such as `no`.
    fn whether(&self) -> Option<&'static str> {
        let key = key_of(self.name);
        let asked = WHETHER.iter().find(|(word, _)| *word == key)?;
        (self.sign == ":").then_some(asked.1)
    }

    fn read<E: Asked>(&self) -> Result<E::Filter> {
        if self.value.is_empty() {
            return Err(Error::invalid("filter", "it says nothing"));
        }
        if let Some(asked) = self.whether() {
            return read::<E>(&written(&self.value, ":", asked, false));
        }
        let compared = ([">=", "<=", ">", "<"].into_iter()).find_map(|sign| match self.sign {
            own if own == sign => Some((sign, self.value.as_str())),
            ":" => Some((sign, self.value.strip_prefix(sign)?)),
            _ => None,
        });
        if let Some((sign, end)) = compared {
            return self.beyond::<E>(sign, end.trim()).map(Into::into);
        }
        match self.sign {
            "=" => read::<E>(&written(self.name, ":", &self.value, true)),
            ":" => self.like::<E>(),
            sign => read::<E>(&written(self.name, sign, &self.value, self.is_quoted)),
        }
    }

    /// More or less than a number.
    fn beyond<E: Asked>(&self, sign: &str, end: &str) -> Result<FieldFilter<E>> {
        let number = || Error::invalid("filter", "it is no number");
        let Meant::Field(field) = meant::<E>(self.name)? else {
            return Err(number());
        };
        let Ok(end) = end.replace('\u{2212}', "-").parse::<i64>() else {
            return Err(number());
        };
        let test = match sign {
            ">" => Test::Between(end.checked_add(1), None),
            ">=" => Test::Between(Some(end), None),
            "<" => Test::Between(None, end.checked_sub(1)),
            _ => Test::Between(None, Some(end)),
        };
        FieldFilter::new(field, test)
    }

    /// What a person means who writes a value behind a colon: the same, where a field holds one of a few, and else
    /// something with this in it.
    fn like<E: Asked>(&self) -> Result<E::Filter> {
        let as_is = || read::<E>(&written(self.name, ":", &self.value, self.is_quoted));
        let has_it = || read::<E>(&written(self.name, "~", &self.value, self.is_quoted));
        let is_word = !self.is_quoted && matches!(self.value.as_str(), "none" | "any" | "bad");
        match meant::<E>(self.name)? {
            _ if is_word => as_is(),
            Meant::List(_, None) => has_it(),
            Meant::Besides(besides) if besides.has_parts => as_is().or_else(|_| has_it()),
            Meant::Field(field) if is_number(field) => match between(&self.value) {
                Some(range) => read::<E>(&written(self.name, ":", &range, false)),
                None => as_is(),
            },
            Meant::Field(field) if is_free(field) => has_it(),
            Meant::Field(field) if field.declared().options.kind.is_some_and(|kind| kind.has_figures()) => {
                as_is().or_else(|_| has_it())
            }
            _ => as_is(),
        }
    }
}

/// Whether anything can stand in a field, up to a length.
fn is_free<E: Asked>(field: FieldOf<E>) -> bool {
    field.declared().options.kind.and_then(Kind::chars_max).is_some()
}

/// `1990-1999`, as people write it, in the form of a filter.
fn between(value: &str) -> Option<String> {
    let (first, last) = value.split_once(['-', '–'])?;
    let is_number = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(first) && is_number(last)).then(|| format!("{first}..{last}"))
}

fn written<'t>(name: &'t str, how: &'static str, value: &str, is_quoted: bool) -> Written<'t> {
    Written {
        name,
        how,
        value: value.to_owned(),
        is_quoted,
    }
}
