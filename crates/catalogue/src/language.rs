//! Languages of books: ISO 639 codes, with one stored form.
//!
//! The same language comes as `de`, `ger`, `deu`, `de-AT` or "German", from spreadsheets, libraries and web shops. What
//! is stored is the three-letter code of ISO 639-3, which for the languages of ISO 639-2 is the terminological one
//! (`deu`, not the bibliographic `ger`). A BCP-47 tag is reduced to its language: a catalogue says what language a book
//! is in, not where it is sold.
//!
//! Every assigned three-letter code is accepted, including the nearly eight thousand without an entry in the table of
//! names: otherwise a mistyped code would pass for a rare language, and a rare language for a mistyped code.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use thiserror::Error;

/// A language as its three-letter code from ISO 639-3 (or for a group of languages, from ISO 639-2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language([u8; 3]);

/// A text that names no language.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidLanguage {
    /// Nothing to read.
    #[error("it is empty")]
    Empty,
    /// Neither an assigned code nor a name in the table.
    #[error("“{0}” is not a known language code or English name; use a code such as en, eng or en-US")]
    Unknown(String),
}

/// Three-letter codes that were read before: an import reads a million of a handful, and the tables are compact rather
/// than fast.
static SEEN: Mutex<BTreeMap<[u8; 3], Language>> = Mutex::new(BTreeMap::new());

impl Language {
    /// Reads a code of two or three letters, a BCP-47 tag, or the name of a language: in English, in the language
    /// itself, or in one of a few others.
    pub fn parse(raw: &str) -> Result<Self, InvalidLanguage> {
        let seen = || SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        let key: Option<[u8; 3]> = raw.as_bytes().try_into().ok();
        if let Some(known) = key.and_then(|key| seen().get(&key).copied()) {
            return Ok(known);
        }
        let language = Self::parse_anew(raw)?;
        if let Some(key) = key {
            seen().insert(key, language);
        }
        Ok(language)
    }

    fn parse_anew(raw: &str) -> Result<Self, InvalidLanguage> {
        let text = raw.trim();
        if text.is_empty() {
            return Err(InvalidLanguage::Empty);
        }
        let primary = text.split(['-', '_']).next().unwrap_or(text);
        Self::from_code(primary)
            .or_else(|| Self::from_name(text))
            .ok_or_else(|| {
                // A long text is truncated: it is shown in a message and comes from a file.
                InvalidLanguage::Unknown(text.chars().take(SHOWN_MAX_CHARS).collect())
            })
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        // The array holds only ASCII letters, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The English name, for the languages that have one in the table.
    pub fn name(self) -> Option<&'static str> {
        entries()
            .find(|entry| entry.code.as_bytes() == self.0)
            .map(|entry| entry.name)
    }

    /// The code that libraries use for it in MARC 21, for the languages in the table: `ger` for `deu`.
    pub fn bibliographic(self) -> Option<&'static str> {
        let entry = entries().find(|entry| entry.code.as_bytes() == self.0)?;
        let has_other = entry.bibliographic != "-";
        Some(if has_other { entry.bibliographic } else { entry.code })
    }

    fn from_code(code: &str) -> Option<Self> {
        let lower = lower_letters(code)?;
        match code.len() {
            2 => {
                let two = lower.get(..2)?;
                let replaced = withdrawn(two).unwrap_or(two);
                entries()
                    .find(|entry| entry.two.as_bytes() == replaced)
                    .and_then(|entry| Self::of(entry.code))
            }
            3 if is_assigned(lower) => Some(Self(lower)),
            3 => {
                if let Some(code) = withdrawn(&lower) {
                    return Some(Self(code.try_into().ok()?));
                }
                entries()
                    .find(|entry| entry.bibliographic.as_bytes() == lower)
                    .and_then(|entry| Self::of(entry.code))
            }
            _ => None,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        entries()
            .find(|entry| entry.name.eq_ignore_ascii_case(name))
            .and_then(|entry| Self::of(entry.code))
            .or_else(|| Self::from_own_name(name))
    }

    /// Looks up the name of a language in that language, or in one of the languages of the headers of imports.
    fn from_own_name(name: &str) -> Option<Self> {
        let key = crate::folding::fold(name);
        let mut lines = OWN_NAMES.lines().filter_map(|line| line.split_once(' '));
        let (code, _) = lines.find(|(_, names)| names.split(',').any(|known| crate::folding::fold(known) == key))?;
        Self::of(code)
    }

    fn of(code: &str) -> Option<Self> {
        Some(Self(code.as_bytes().try_into().ok()?))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Language({self})")
    }
}

/// How much of an unknown language is repeated in a message.
const SHOWN_MAX_CHARS: usize = 40;

/// One language per line: the stored code, the two-letter code, the bibliographic code (`-` if there is none), the
/// name.
const NAMES: &str = include_str!("language/names.txt");

/// Names of languages in themselves and in others, by the stored code, separated by commas.
const OWN_NAMES: &str = include_str!("language/own_names.txt");

/// Every assigned code of ISO 639-2 and 639-3 (2023): each word is two first letters and all the letters that follow them.
const ASSIGNED: &str = include_str!("language/three_letter_codes.txt");

struct Entry {
    code: &'static str,
    two: &'static str,
    bibliographic: &'static str,
    name: &'static str,
}

fn entries() -> impl Iterator<Item = Entry> {
    NAMES.lines().filter_map(|line| {
        let mut parts = line.splitn(4, ' ');
        Some(Entry {
            code: parts.next()?,
            two: parts.next()?,
            bibliographic: parts.next()?,
            name: parts.next()?,
        })
    })
}

fn is_assigned(code: [u8; 3]) -> bool {
    ASSIGNED.split_ascii_whitespace().any(|row| {
        let (first, thirds) = row.as_bytes().split_at(2);
        first == &code[..2] && thirds.contains(&code[2])
    })
}

/// Codes that older files still use.
fn withdrawn(code: &[u8]) -> Option<&'static [u8]> {
    Some(match code {
        b"iw" => b"he",
        b"in" => b"id",
        b"ji" => b"yi",
        b"jw" => b"jv",
        b"mo" => b"ro",
        b"scc" => b"srp",
        b"scr" => b"hrv",
        b"mol" => b"ron",
        _ => return None,
    })
}

/// Up to three ASCII letters in lower case; `None` if there is anything else.
fn lower_letters(code: &str) -> Option<[u8; 3]> {
    if code.len() > 3 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let mut lower = [0; 3];
    for (slot, byte) in lower.iter_mut().zip(code.bytes()) {
        *slot = byte.to_ascii_lowercase();
    }
    Some(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(raw: &str) -> String {
        Language::parse(raw).unwrap().to_string()
    }

    #[test]
    fn every_way_to_name_a_language_gives_one_code() {
        for german in ["de", "DE", "ger", "deu", "de-AT", "de_CH", " German "] {
            assert_eq!(code(german), "deu", "{german}");
        }
        for (raw, stored) in [
            ("eng", "eng"),
            ("en-US", "eng"),
            ("sr-Latn-RS", "srp"),
            ("fre", "fra"),
            ("nl", "nld"),
            ("per", "fas"),
            ("nor", "nor"),
            ("fil", "fil"),
            ("mul", "mul"),
            ("iw", "heb"),
            ("scr", "hrv"),
            ("zh-Hant", "zho"),
            ("cmn", "cmn"),
            ("aab", "aab"),
            ("Scottish Gaelic", "gla"),
            ("Svenska", "swe"),
            ("allemand", "deu"),
            ("日本語", "jpn"),
        ] {
            assert_eq!(code(raw), stored, "{raw}");
        }
    }

    #[test]
    fn what_names_no_language_is_refused() {
        assert_eq!(Language::parse("  "), Err(InvalidLanguage::Empty));
        for wrong in ["xx", "qqq", "Klingonese", "e", "12", "英文", "i-klingon"] {
            assert!(
                matches!(Language::parse(wrong), Err(InvalidLanguage::Unknown(_))),
                "{wrong}"
            );
        }
        let long = Language::parse(&"x".repeat(10_000)).unwrap_err().to_string();
        assert!(long.len() < 200, "{long}");
    }

    #[test]
    fn the_table_is_whole_and_every_code_in_it_is_assigned_once() {
        let mut seen = std::collections::HashSet::new();
        assert_eq!(NAMES.lines().count(), entries().count());
        for entry in entries() {
            assert_eq!(code(entry.code), entry.code);
            assert_eq!(code(entry.name), entry.code);
            for spelling in [entry.code, entry.two, entry.bibliographic]
                .into_iter()
                .filter(|spelling| *spelling != "-")
            {
                assert!(seen.insert(spelling), "{spelling} twice");
                assert_eq!(code(spelling), entry.code);
            }
        }
        assert_eq!(Language::parse("ell").unwrap().name(), Some("Greek"));
        assert_eq!(Language::parse("aab").unwrap().name(), None);
        let bibliographic = |code| Language::parse(code).unwrap().bibliographic();
        assert_eq!(bibliographic("deu"), Some("ger"));
        assert_eq!((bibliographic("eng"), bibliographic("aab")), (Some("eng"), None));
    }
}
