//! The parts of a name, as formats of references want them.

use crate::author::Author;

/// The name of an author.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    /// A person's, whose sort name says where the family name begins.
    Parts {
        family: &'a str,
        given: &'a str,
        /// `van den`, at the end of the given names.
        particle: &'a str,
        /// `Jr.`
        suffix: &'a str,
    },
    /// One that is not taken apart: that of a body, a single word, or one whose sort name says something else.
    Whole(&'a str),
}

impl<'a> Name<'a> {
    /// The parts, if together they are the name again.
    pub(super) fn of(author: &'a Author) -> Self {
        let whole = Self::Whole(&author.name);
        let parts: Vec<&str> = author.sort_name.split(", ").collect();
        let (family, given, suffix) = match parts.as_slice() {
            [family, given] => (*family, *given, ""),
            [family, given, suffix] => (*family, *given, *suffix),
            _ => return whole,
        };
        let together = [given, family, suffix].into_iter().filter(|part| !part.is_empty());
        if family.is_empty() || given.is_empty() || together.collect::<Vec<_>>().join(" ") != author.name {
            return whole;
        }
        let (given, particle) = without_particle(given);
        Self::Parts {
            family,
            given,
            particle,
            suffix,
        }
    }
}

/// The given names, and the words in small letters at their end.
fn without_particle(given: &str) -> (&str, &str) {
    let is_small = |word: &str| word.chars().next().is_some_and(char::is_lowercase);
    let mut at = given.len();
    for (position, _) in given.rmatch_indices(' ') {
        if !is_small(&given[position + 1..]) {
            break;
        }
        at = position;
    }
    if is_small(given) {
        return (given, "");
    }
    (&given[..at], given[at..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_words_at_the_end_of_given_names_are_a_particle() {
        assert_eq!(without_particle("Ludwig van"), ("Ludwig", "van"));
        assert_eq!(without_particle("Jan van den"), ("Jan", "van den"));
        assert_eq!(without_particle("Ben"), ("Ben", ""));
        assert_eq!(without_particle("bell"), ("bell", ""));
        assert_eq!(without_particle("Ana María de la O"), ("Ana María de la O", ""));
    }
}
