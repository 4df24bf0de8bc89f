//! What an operation makes of the text of a field.
//!
//! It works on what a person would see and type: a value is printed, rewritten, and read again as if it had been typed.
//! So what it makes has to pass every rule of the field, and no kind of field needs to know that there are operations.

use std::borrow::Cow;

use colophon_store::{Declared, Error, Result};
use regex::{Regex, RegexBuilder};

use super::letter_case::LetterCase;
use super::operation::{Operation, Replacement};

/// The most bytes that a replacement may make of a text. No field takes as much; this only ends what would grow without
/// end.
const REWRITTEN_BYTES_MAX: usize = 8_000_000;

/// An operation on the text of a field, ready to be done to many.
pub(super) enum Rewriting<'o> {
    To(&'o str),
    Replacing {
        regex: Regex,
        with: &'o str,
        is_pattern: bool,
    },
    Case(LetterCase),
    TrimLine,
    TrimLines,
}

impl<'o> Rewriting<'o> {
    /// Prepares an operation; [`Error::Invalid`] if it could be done to no record.
    pub(super) fn of(operation: &'o Operation, declared: &Declared) -> Result<Self> {
        let name = declared.name();
        Ok(match operation {
            Operation::Set(text) => {
                if text.trim().is_empty() {
                    return Err(Error::invalid(
                        name,
                        "there is nothing to set; to empty the field, clear it",
                    ));
                }
                declared.check(declared.parse(text)?)?;
                Self::To(text)
            }
            Operation::Replace(replacement) => Self::Replacing {
                regex: regex_of(replacement)?,
                with: &replacement.with,
                is_pattern: replacement.is_pattern,
            },
            Operation::Case(case) => Self::Case(*case),
            Operation::Trim if declared.options.kind.is_some_and(|kind| kind.has_lines()) => Self::TrimLines,
            Operation::Trim => Self::TrimLine,
            Operation::Clear | Operation::Add(_) | Operation::Remove(_) => Self::To(""),
        })
    }

    /// The text afterwards; `None` if it stays as it is.
    pub(super) fn apply<'t>(&'t self, text: &'t str, name: &'static str) -> Result<Option<Cow<'t, str>>> {
        let made = match self {
            Self::To(to) => Cow::Borrowed(*to),
            // An empty field has no text of which anything could be made.
            _ if text.is_empty() => return Ok(None),
            Self::Replacing {
                regex,
                with,
                is_pattern,
            } => replaced(regex, text, with, *is_pattern)
                .ok_or_else(|| Error::invalid(name, "it would become too long"))?,
            Self::Case(case) => Cow::Owned(case.of(text)),
            Self::TrimLine => Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            Self::TrimLines => {
                let lines: Vec<_> = text.trim().lines().map(str::trim_end).collect();
                Cow::Owned(lines.join("\n"))
            }
        };
        Ok((made != text).then_some(made))
    }
}

fn regex_of(replacement: &Replacement) -> Result<Regex> {
    if replacement.find.is_empty() {
        return Err(Error::invalid("find", "there is nothing to look for"));
    }
    let pattern = if replacement.is_pattern {
        Cow::Borrowed(replacement.find.as_str())
    } else {
        Cow::Owned(regex::escape(&replacement.find))
    };
    let built = RegexBuilder::new(&pattern)
        .case_insensitive(replacement.ignores_case)
        .multi_line(true)
        .build();
    built.map_err(|error| Error::invalid("find", format!("the pattern cannot be read: {}", in_short(&error))))
}

/// The library draws where the mistake is, over several lines; what it is comes last.
fn in_short(error: &regex::Error) -> String {
    let words = error.to_string();
    let last = words.lines().last().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

/// A text with everything that was found replaced; `None` if it becomes too long.
fn replaced<'t>(regex: &Regex, text: &'t str, with: &str, is_pattern: bool) -> Option<Cow<'t, str>> {
    if !regex.is_match(text) {
        return Some(Cow::Borrowed(text));
    }
    let mut made = String::new();
    let mut end = 0;
    for found in regex.captures_iter(text) {
        let whole = found.get(0)?;
        made.push_str(&text[end..whole.start()]);
        if is_pattern {
            found.expand(with, &mut made);
        } else {
            made.push_str(with);
        }
        end = whole.end();
        if made.len() > REWRITTEN_BYTES_MAX {
            return None;
        }
    }
    made.push_str(&text[end..]);
    Some(Cow::Owned(made))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(find: &str, with: &str, is_pattern: bool, ignores_case: bool, text: &str) -> String {
        let replacement = Replacement {
            find: find.to_owned(),
            with: with.to_owned(),
            is_pattern,
            ignores_case,
        };
        replaced(&regex_of(&replacement).unwrap(), text, with, is_pattern)
            .unwrap()
            .into_owned()
    }

    #[test]
    fn a_text_is_looked_for_as_it_is_written() {
        assert_eq!(made("(", "[", false, false, "a (b) ("), "a [b) [");
        assert_eq!(made("a", "$1", false, false, "banana"), "b$1n$1n$1");
        assert_eq!(
            made("PENGIUN", "Penguin", false, true, "Pengiun Books"),
            "Penguin Books"
        );
        assert_eq!(
            made("PENGIUN", "Penguin", false, false, "Pengiun Books"),
            "Pengiun Books"
        );
    }

    #[test]
    fn a_pattern_gives_back_what_its_brackets_have_found() {
        assert_eq!(made(r"^(\w+), (\w+)$", "$2 $1", true, false, "Le, Guin"), "Guin Le");
        assert_eq!(made("^", "Verlag ", true, false, "Insel"), "Verlag Insel");
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_told_in_a_line() {
        let replacement = Replacement {
            find: "(a".to_owned(),
            with: String::new(),
            is_pattern: true,
            ignores_case: false,
        };
        let told = regex_of(&replacement).unwrap_err().to_string();
        assert!(told.contains("unclosed group") && !told.contains('\n'), "{told}");
    }

    #[test]
    fn what_would_grow_without_end_is_refused() {
        let regex = Regex::new("").unwrap();
        assert_eq!(replaced(&regex, &"a".repeat(100_000), &"b".repeat(1_000), true), None);
    }
}
