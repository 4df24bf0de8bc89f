//! The people of a record in MODS.

use colophon_xml::Element;

use crate::contribution::Role;
use crate::import::foreign::{Record, Whom};
use crate::import::left_out::LeftOut;
use crate::import::people::{Dates, dates, roles};
use crate::import::record::Person;
use crate::relator;

/// What of a name is known here.
const KNOWN: [&str; 4] = ["namePart", "role", "etal", "displayForm"];

/// Somebody who is named, in each of their roles.
pub(super) fn person(name: &Element, record: &mut Record, left_out: &mut LeftOut) {
    for other in name.elements().filter(|other| !KNOWN.contains(&other.name.as_str())) {
        left_out.field(&format!("name/{}", other.name));
    }
    let is_body = matches!(name.attribute("type"), "corporate" | "conference" | "family");
    let Some(whom) = whom(name, is_body) else { return };
    let mut found: Vec<Role> = Vec::new();
    for role in name.all("role").flat_map(said) {
        if !found.contains(&role) {
            found.push(role);
        }
    }
    if found.is_empty() {
        let is_first = name.attribute("usage") == "primary";
        found.push(if is_body && !is_first {
            Role::AnotherPart
        } else {
            Role::Author
        });
    }
    record.people.extend(found.into_iter().map(|role| (whom.clone(), role)));
}

/// What a role says, by its code or in words.
fn said(role: &Element) -> Vec<Role> {
    let terms = || role.all("roleTerm").map(|term| (term.attribute("type"), term.line()));
    let codes: Vec<Role> = terms()
        .filter(|(kind, _)| *kind != "text")
        .filter_map(|(_, term)| relator::role_of(&term))
        .collect();
    if !codes.is_empty() {
        return codes;
    }
    let words = terms()
        .map(|(_, term)| term)
        .chain(role.elements().next().is_none().then(|| role.line()));
    words
        .filter(|word| !word.is_empty())
        .flat_map(|word| in_words(&word))
        .collect()
}

fn in_words(word: &str) -> Vec<Role> {
    match roles(word) {
        Some(found) => found.roles,
        None => vec![Role::AnotherPart],
    }
}

fn whom(name: &Element, is_body: bool) -> Option<Whom> {
    let parts = |kind: &str| {
        let parts = name.all("namePart").filter(|part| part.attribute("type") == kind);
        let parts: Vec<String> = parts.map(Element::line).filter(|part| !part.is_empty()).collect();
        parts
    };
    let bare = |text: String| text.trim_end_matches([',', ' ']).to_owned();
    let (family, given) = (bare(parts("family").join(" ")), bare(parts("given").join(" ")));
    let (years, terms) = (parts("date").join(" "), bare(parts("termsOfAddress").join(", ")));
    let life = match dates(&years) {
        Some(Dates::Life(life)) => (life.birth, life.death),
        _ => (None, None),
    };
    let with_years = |person: Person| {
        Whom::Known(Person {
            birth_year: life.0,
            death_year: life.1,
            ..person
        })
    };
    let joined = |parts: &[&str], between: &str| {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.join(between)
    };
    if !family.is_empty() {
        return Some(with_years(Person {
            sort_name: Some(joined(&[&family, &given, &terms], ", ")),
            ..Person::named(joined(&[&given, &family, &terms], " "))
        }));
    }
    let mut whole = parts("");
    if whole.is_empty() && !given.is_empty() {
        whole.push(given);
    }
    if whole.is_empty() {
        whole.extend(
            name.first("displayForm")
                .map(Element::line)
                .filter(|form| !form.is_empty()),
        );
    }
    if whole.is_empty() {
        return None;
    }
    if is_body {
        let name = bare(whole.join(". "));
        return Some(with_years(Person {
            sort_name: Some(name.clone()),
            ..Person::named(name)
        }));
    }
    Some(Whom::InWords(joined(&[&bare(whole.join(" ")), &terms, &years], ", ")))
}
