//! The people of a record: names as libraries write them, the years in a subfield of their own, and what they did.
//!
//! What somebody did is said by a code or a word with the name. Where neither is there, the statement of responsibility
//! tells (`edited by Alex Martelli and David Ascher`); where it does not, somebody who is named is an author, and a body
//! that is merely named besides has some other part.

use colophon_marc::Field;

use super::punctuation::{Punctuation, clean};
use crate::contribution::Role;
use crate::import::people::{Dates, Habit, Reader, dates, roles, without_leading};
use crate::import::record::Person;
use crate::relator;

/// Words between what somebody did and their name.
const BEFORE_NAMES: [&str; 12] = [
    " by ", " by] ", " von ", " par ", " di ", " de ", " por ", " door ", " av ", " af ", " da ", " przez ",
];

/// What a heading names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    /// A person, family name first.
    Person,
    /// A person who has no family name, or a family.
    Forename,
    /// A body.
    Body,
    /// A meeting.
    Meeting,
}

/// Reads the people of one record.
#[derive(Debug)]
pub(super) struct People<'record> {
    pub(super) punctuation: Punctuation,
    /// How a name with the family name first is read.
    pub(super) habit: &'record Habit,
    /// The statements of responsibility.
    pub(super) statements: Vec<&'record str>,
}

impl People<'_> {
    /// Who a heading of MARC 21 names, if anybody.
    pub(super) fn marc21(&self, field: &Field, heading: Heading) -> Option<Person> {
        let part = |code| field.all(code).map(|text| self.punctuation.bare(text));
        let name = part('a').next()?;
        let person = match heading {
            Heading::Person => self.inverted(&name, &part('c').collect::<Vec<_>>())?,
            Heading::Forename => {
                let numeral = part('b').next().unwrap_or_default();
                as_written(format!("{name} {numeral}").trim_end())
            }
            Heading::Body => as_written(&part('a').chain(part('b')).collect::<Vec<_>>().join(". ")),
            Heading::Meeting => as_written(&whole(field, &['a', 'n', 'd', 'c'])),
        };
        let years = field
            .first('d')
            .filter(|_| matches!(heading, Heading::Person | Heading::Forename));
        Some(with_years(person, years.unwrap_or_default())).filter(|person| !person.name.is_empty())
    }

    /// Who a heading of UNIMARC names, in which given names are apart.
    pub(super) fn unimarc(&self, field: &Field, heading: Heading) -> Option<Person> {
        let part = |code| field.first(code).map(|text| self.punctuation.bare(text));
        let name = part('a')?;
        // Some write the comma, and the brackets around years.
        let given = part('b').unwrap_or_default();
        let given = given.trim_start_matches([',', ' ']);
        let person = match heading {
            Heading::Person if !given.is_empty() => {
                self.inverted(&format!("{name}, {given}"), &part('c').into_iter().collect::<Vec<_>>())?
            }
            Heading::Person => self.inverted(&name, &[])?,
            Heading::Forename => as_written(format!("{name} {}", part('d').unwrap_or_default()).trim_end()),
            Heading::Body if given.is_empty() => as_written(&name),
            Heading::Body => as_written(&format!("{name}. {given}")),
            Heading::Meeting => as_written(&whole(field, &['a', 'd', 'f', 'e'])),
        };
        let years = field
            .first('f')
            .filter(|_| matches!(heading, Heading::Person | Heading::Forename));
        Some(with_years(person, years.unwrap_or_default())).filter(|person| !person.name.is_empty())
    }

    /// A name with the family name first, and titles that belong to it.
    fn inverted(&self, name: &str, titles: &[String]) -> Option<Person> {
        let words = std::iter::once(name).chain(titles.iter().map(String::as_str).filter(|title| is_suffix(title)));
        let words = words.collect::<Vec<_>>().join(", ");
        let mut named = Reader::read(self.habit, &words).named;
        // A family name such as Church is not that of a body here.
        if named.len() == 1 && !named[0].name.contains(", ") {
            let named = named.pop()?;
            return Some(Person {
                sort_name: named.sort_name,
                birth_year: named.birth_year,
                death_year: named.death_year,
                ..Person::named(named.name)
            });
        }
        let (family, given) = words.split_once(", ").unwrap_or((&words, ""));
        Some(Person {
            sort_name: Some(words.clone()),
            ..Person::named(format!("{given} {family}").trim())
        })
    }

    /// What a heading says that they did, or the statement of responsibility, or else what is usual.
    pub(super) fn roles(&self, field: &Field, words: char, usual: &Role) -> Vec<Role> {
        let mut found: Vec<Role> = Vec::new();
        let said = field.all('4').filter_map(relator::role_of);
        said.for_each(|role| {
            if !found.contains(&role) {
                found.push(role);
            }
        });
        if found.is_empty() {
            found.extend(field.all(words).flat_map(role_in_words));
            found.dedup();
        }
        if found.is_empty() {
            let name = field.first('a').map(clean).unwrap_or_default();
            let family = name.split(',').next().unwrap_or_default().trim();
            found.push(self.stated(family).unwrap_or_else(|| usual.clone()));
        }
        found
    }

    /// What the statement of responsibility says about somebody.
    fn stated(&self, family: &str) -> Option<Role> {
        if family.is_empty() {
            return None;
        }
        let parts = self
            .statements
            .iter()
            .flat_map(|statement| statement.split([';', '.']).collect::<Vec<_>>());
        // “Illustrated by Bernard Case”: the part that names them, or the last words of what is before an initial.
        let mut before: Option<Role> = None;
        for part in parts {
            let part = part.trim().trim_matches(['[', ']']);
            let role = role_before(part);
            if part.contains(family) {
                return role.or(before);
            }
            // A full stop may have been that of an initial.
            before = if part.len() > 3 { role } else { before };
        }
        None
    }
}

/// The role that the words before `by` give.
fn role_before(part: &str) -> Option<Role> {
    if let (_, Some(role)) = without_leading(part) {
        return Some(role);
    }
    let at = BEFORE_NAMES.iter().filter_map(|word| part.find(word)).min()?;
    let words = &part[..at];
    let last = words.rsplit(' ').next().unwrap_or(words);
    [words, last]
        .into_iter()
        .find_map(|words| role_in_words(words.trim_matches(['[', ']'])).pop())
}

/// The roles that a word of a heading names; one that the catalogue does not tell apart is another part.
fn role_in_words(words: &str) -> Vec<Role> {
    match roles(words) {
        Some(found) => found.roles,
        None if words.to_lowercase().contains("author") => vec![Role::Author],
        None => Vec::new(),
    }
}

/// The years of a life, as they stand in a subfield of their own.
fn with_years(mut person: Person, years: &str) -> Person {
    if let Some(Dates::Life(life)) = dates(years) {
        person.birth_year = life.birth.or(person.birth_year);
        person.death_year = life.death.or(person.death_year);
    }
    person
}

fn as_written(name: &str) -> Person {
    Person {
        sort_name: Some(name.to_owned()),
        ..Person::named(name)
    }
}

/// The subfields of a heading in their order, with the brackets that they have.
fn whole(field: &Field, codes: &[char]) -> String {
    let parts = field
        .subfields()
        .iter()
        .filter(|subfield| codes.contains(&subfield.code));
    let parts: Vec<_> = parts.map(|subfield| clean(&subfield.text)).collect();
    parts.join(" ").trim_end_matches([',', '.', ' ']).to_owned()
}

/// Whether a title belongs to the name as it is printed: “Jr.”, and not “Earl of Sandwich”.
fn is_suffix(title: &str) -> bool {
    let title = title.trim_end_matches('.').to_lowercase();
    matches!(
        title.as_str(),
        "jr" | "sr" | "ii" | "iii" | "iv" | "phd" | "md" | "fils" | "père"
    )
}
