//! Names as BibTeX writes them: `Last, First and First von Last and {A Body, with Commas}`.
//!
//! What `and` separates, how many commas there are and what is in lower case says which part of a name is which; braces
//! keep together what must not be taken apart. BibLaTeX also names the parts: `family=Orr, given=Ben`.

use super::tex::plain;
use crate::import::record::Person;

/// The people of a value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct People {
    /// Those who are named.
    pub(super) named: Vec<Person>,
    /// Whether others are mentioned without a name.
    pub(super) has_others: bool,
}

/// The parts of a name.
#[derive(Debug, Default)]
struct Parts {
    given: String,
    particle: String,
    family: String,
    suffix: String,
}

/// The people of a value, which is TeX.
pub(super) fn people(tex: &str) -> People {
    let mut people = People::default();
    for name in between_ands(tex) {
        let name = name.trim().trim_end_matches(',').trim_end();
        if name.is_empty() {
            continue;
        }
        if name.eq_ignore_ascii_case("others") || name.eq_ignore_ascii_case("et al.") {
            people.has_others = true;
        } else if let Some(person) = person(name) {
            people.named.push(person);
        }
    }
    people
}

fn person(name: &str) -> Option<Person> {
    if is_one_group(name) {
        let name = plain(name);
        return (!name.is_empty()).then(|| Person {
            // A body is looked up as it is called.
            sort_name: name.contains(' ').then(|| name.clone()),
            ..Person::named(name)
        });
    }
    let pieces = at_top_level(name, |byte| byte == b',');
    let is_keyed = pieces.iter().all(|piece| keyed(piece).is_some());
    let parts = if is_keyed {
        Parts::keyed(&pieces)
    } else {
        Parts::positioned(&pieces)
    };
    parts.person(pieces.len() > 1 || is_keyed)
}

impl Parts {
    fn keyed(pieces: &[&str]) -> Self {
        let mut parts = Self::default();
        for (key, value) in pieces.iter().filter_map(|piece| keyed(piece)) {
            let value = plain(value);
            match key {
                "family" => parts.family = value,
                "given" => parts.given = value,
                "prefix" => parts.particle = value,
                "suffix" => parts.suffix = value,
                _ => {}
            }
        }
        parts
    }

    fn positioned(pieces: &[&str]) -> Self {
        match pieces {
            [whole] => Self::direct(whole),
            [family, given] => Self::inverted(family, "", given),
            [family, suffix, given, rest @ ..] => {
                let given = std::iter::once(given)
                    .chain(rest)
                    .copied()
                    .collect::<Vec<_>>()
                    .join(" ");
                Self::inverted(family, suffix, &given)
            }
            [] => Self::default(),
        }
    }

    /// `First von Last`
    fn direct(whole: &str) -> Self {
        let words = words(whole);
        let small = words.iter().position(|word| is_small(word));
        let last = words.len().saturating_sub(1);
        let (from, to) = match small.filter(|at| *at < last) {
            Some(from) => {
                let rest = words[from..last].iter().rposition(|word| is_small(word));
                (from, from + rest.unwrap_or(0) + 1)
            }
            None => (last, last),
        };
        Self {
            given: texts(&words[..from]),
            particle: texts(&words[from..to]),
            family: texts(&words[to..]),
            suffix: String::new(),
        }
    }

    /// `von Last, Jr, First`
    fn inverted(family: &str, suffix: &str, given: &str) -> Self {
        let words = words(family);
        let last = words.len().saturating_sub(1);
        let small = words[..last].iter().rposition(|word| is_small(word));
        // Only what stands in front: “Le Guin” has no particle, “van den Berg” has two.
        let to = small.filter(|_| is_small(words[0])).map_or(0, |at| at + 1);
        Self {
            given: plain(given),
            particle: texts(&words[..to]),
            family: texts(&words[to..]),
            suffix: plain(suffix),
        }
    }

    /// In direct order; the sort name only if the file says where the family name begins.
    fn person(self, is_told: bool) -> Option<Person> {
        let joined = |parts: &[&String], between: &str| {
            let filled = parts.iter().filter(|part| !part.is_empty());
            filled.map(|part| part.as_str()).collect::<Vec<_>>().join(between)
        };
        let name = joined(&[&self.given, &self.particle, &self.family, &self.suffix], " ");
        if name.is_empty() {
            return None;
        }
        let is_told = is_told || self.family.contains(' ');
        let given = joined(&[&self.given, &self.particle], " ");
        let sort_name = if given.is_empty() {
            name.clone()
        } else {
            joined(&[&self.family, &given, &self.suffix], ", ")
        };
        Some(Person {
            sort_name: is_told.then_some(sort_name),
            ..Person::named(name)
        })
    }
}

/// `family=Orr`
fn keyed(piece: &str) -> Option<(&str, &str)> {
    let (key, value) = piece.split_once('=')?;
    let key = key.trim();
    let is_known = matches!(
        key,
        "family"
            | "given"
            | "prefix"
            | "suffix"
            | "useprefix"
            | "family-i"
            | "given-i"
            | "prefix-i"
            | "suffix-i"
            | "id"
    );
    is_known.then_some((key, value.trim()))
}

/// Whether one pair of braces holds all of it: `{World Health Organization}`, but not `{\"O}zge` or `{A} and {B}`.
fn is_one_group(name: &str) -> bool {
    if !name.starts_with('{') || !name.ends_with('}') || name.starts_with("{\\") {
        return false;
    }
    let mut depth = 0_u32;
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && at + 1 < name.len() {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

/// The names of a value: an `and` within braces separates nothing.
fn between_ands(tex: &str) -> Vec<&str> {
    let bytes = tex.as_bytes();
    let mut names = Vec::new();
    let (mut from, mut depth) = (0, 0_u32);
    let is_space = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'a' | b'A' if depth == 0 && at >= from => {
                let is_and = bytes
                    .get(at..at + 3)
                    .is_some_and(|word| word.eq_ignore_ascii_case(b"and"));
                let is_alone = (at == 0 || is_space(at - 1)) && (is_space(at + 3) || at + 3 == bytes.len());
                if is_and && is_alone {
                    names.push(&tex[from..at]);
                    from = at + 3;
                }
            }
            _ => {}
        }
    }
    names.push(&tex[from..]);
    names
}

/// The parts of a text between separators that are in no braces.
fn at_top_level(tex: &str, is_separator: impl Fn(u8) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut depth) = (0, 0_u32);
    for (at, byte) in tex.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            byte if depth == 0 && is_separator(byte) => {
                parts.push(tex[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(tex[from..].trim());
    parts
}

fn words(tex: &str) -> Vec<&str> {
    let words = at_top_level(tex, |byte| byte.is_ascii_whitespace() || byte == b'~');
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

fn texts(words: &[&str]) -> String {
    plain(&words.join(" "))
}

/// Whether a word begins with a small letter; one in braces has no case.
fn is_small(word: &str) -> bool {
    if word.starts_with('{') && !word.starts_with("{\\") {
        return false;
    }
    let text = plain(word);
    let mut letters = text.chars().filter(|character| character.is_alphabetic());
    letters.next().is_some_and(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tex: &str) -> Vec<(String, Option<String>)> {
        let people = people(tex).named.into_iter();
        people.map(|person| (person.name, person.sort_name)).collect()
    }

    fn one(tex: &str, name: &str, sort_name: Option<&str>) {
        assert_eq!(names(tex), [(name.to_owned(), sort_name.map(str::to_owned))], "{tex}");
    }

    #[test]
    fn each_order_of_the_parts_gives_the_same_person() {
        one("Ben Orr", "Ben Orr", None);
        one("Orr, Ben", "Ben Orr", Some("Orr, Ben"));
        one("family=Orr, given=Ben", "Ben Orr", Some("Orr, Ben"));
        one("Orr, Jr., Ben", "Ben Orr Jr.", Some("Orr, Ben, Jr."));
        one("Ludwig van Beethoven", "Ludwig van Beethoven", None);
        one(
            "van Beethoven, Ludwig",
            "Ludwig van Beethoven",
            Some("Beethoven, Ludwig van"),
        );
        one(
            "de La Fontaine, Jean",
            "Jean de La Fontaine",
            Some("La Fontaine, Jean de"),
        );
        one("Le Guin, Ursula K.", "Ursula K. Le Guin", Some("Le Guin, Ursula K."));
        one("Simon {de la Rue}", "Simon de la Rue", Some("de la Rue, Simon"));
        one("Homer", "Homer", None);
        one("Aks{\\i}n, {\\\"O}zge", "Özge Aksın", Some("Aksın, Özge"));
    }

    #[test]
    fn a_body_is_one_with_its_commas_and_conjunctions() {
        one(
            "{World Health Organization}",
            "World Health Organization",
            Some("World Health Organization"),
        );
        one(
            "{Barnes and Noble, Inc.}",
            "Barnes and Noble, Inc.",
            Some("Barnes and Noble, Inc."),
        );
        let two = names("{Simon and Schuster} and Orr, Ben");
        assert_eq!(two.len(), 2, "{two:?}");
    }

    #[test]
    fn people_are_separated_by_and_alone() {
        let all = names("Orr, Ben and\n   Poe, Cat AND Anders Andersen and others");
        let all: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(all, ["Ben Orr", "Cat Poe", "Anders Andersen"]);
        assert!(people("Orr, Ben and others").has_others);
        assert_eq!(people(""), People::default());
        assert_eq!(people(" and ").named, []);
        assert_eq!(people("{}").named, []);
        assert_eq!(people(", and ,").named, []);
    }
}
