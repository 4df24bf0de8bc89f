//! Who is named in a cell, and which comma parts people and which a family name from its given names.
//!
//! `J.K. Rowling, Mary GrandPré` names two people, `Le Guin, Ursula K.` one, and no single cell can tell for certain. A
//! column can: one program wrote all its cells by one habit. So the cells of the beginning of the file are asked, and the
//! column's habit decides for every cell of it:
//!
//! - A cell of several words without a comma ("Suzanne Collins") speaks for names in their direct order, so for commas
//!   between people. Where names are inverted, nearly every cell has its comma.
//! - One comma behind a single word ("Tolkien, J. R. R.") or before a single word ("García Márquez, Gabriel"), or an
//!   initial at the very end ("Le Guin, Ursula K."), speaks for one inverted name: family names are not initials.
//! - Three parts or more that are no suffix ("Homer, Robert Fagles, E.V. Rieu") speak for a list.
//! - Two parts of two words or more each speak for a list only where the header does ("authors"); under "author" they say
//!   nothing, because "Machado de Assis, Joaquim Maria" is one man.
//!
//! The more voices win. At a tie the header decides: `authors` is a list, `author` is one person. Semicolons, bars and line
//! breaks always part people, whatever the commas mean.
//!
//! In a column without its own habit of roles everybody is an author, the first one the book's: the file calls them
//! authors, and to make a translator of the second would be invention. A role in brackets behind a name is believed.

use std::borrow::Cow;

use super::columns::is_plural;
use crate::contribution::Role;

/// What commas mean in a column of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commas {
    /// They stand between people.
    PartPeople,
    /// They stand between the family name and the given names.
    PartNames,
    /// Nothing: the file is an export of ours, whose names are written as they are.
    BelongToNames,
}

/// One person as a cell names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'cell> {
    /// The name in its direct order.
    pub(super) name: Cow<'cell, str>,
    /// The sort name, where the cell gave the name inverted.
    pub(super) sort_name: Option<&'cell str>,
    /// The role, where one stood in brackets.
    pub(super) role: Option<Role>,
}

/// Finds out what commas mean in a column, from its header and its cells.
pub(super) fn commas_in<'cell>(header: &str, cells: impl Iterator<Item = &'cell str>) -> Commas {
    let plural = is_plural(header);
    let (mut people, mut names) = (0, 0);
    for person in cells.flat_map(|cell| cell.split(is_surely_between)) {
        match voice(person, plural) {
            Some(Commas::PartPeople) => people += 1,
            Some(Commas::PartNames) => names += 1,
            Some(Commas::BelongToNames) | None => {}
        }
    }
    if people > names || (people == names && plural) {
        Commas::PartPeople
    } else {
        Commas::PartNames
    }
}

/// The people of a cell, in its order.
pub(super) fn people_in(cell: &str, commas: Commas) -> Vec<Named<'_>> {
    let between_people = cell.split(is_surely_between);
    match commas {
        Commas::PartPeople => between_people
            .flat_map(split_people)
            .filter_map(|part| named(part, true))
            .collect(),
        Commas::PartNames => between_people.filter_map(|part| named(part, true)).collect(),
        // A name may have a semicolon; then the export has put every person on a line.
        Commas::BelongToNames if cell.contains('\n') => cell.lines().filter_map(|part| named(part, false)).collect(),
        Commas::BelongToNames => cell.split("; ").filter_map(|part| named(part, false)).collect(),
    }
}

/// The texts of a cell that lists some, in its order: parted as people are, and by commas where these part and nothing surer does.
pub(super) fn listed_in(cell: &str, commas_part: bool, is_ours: bool) -> Vec<&str> {
    let parts: Vec<&str> = if is_ours && !cell.contains('\n') {
        cell.split("; ").collect()
    } else if is_ours {
        cell.lines().collect()
    } else if commas_part && !cell.contains(is_surely_between) {
        cell.split(',').collect()
    } else {
        cell.split(is_surely_between).collect()
    };
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// The one person whose name is the whole cell, as the author's in an export of ours.
pub(super) fn person_in(cell: &str) -> Option<Named<'_>> {
    let name = cell.trim();
    (!name.is_empty()).then_some(Named {
        name: Cow::Borrowed(name),
        sort_name: None,
        role: None,
    })
}

fn is_surely_between(character: char) -> bool {
    matches!(character, ';' | '|' | '\n' | '\r' | '；' | '、')
}

fn voice(cell: &str, plural: bool) -> Option<Commas> {
    let parts: Vec<&str> = cell
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && !is_suffix(part))
        .collect();
    let words = |part: &str| part.split_whitespace().count();
    match parts.as_slice() {
        [only] if words(only) >= 2 => Some(Commas::PartPeople),
        [family, given] if words(family) == 1 || words(given) == 1 || ends_in_initial(given) => Some(Commas::PartNames),
        [_, _] => plural.then_some(Commas::PartPeople),
        [_, _, _, ..] => Some(Commas::PartPeople),
        _ => None,
    }
}

fn ends_in_initial(part: &str) -> bool {
    let last = part.split_whitespace().next_back().unwrap_or_default();
    let mut letters = last.trim_end_matches('.').chars().rev();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none_or(|before| before == '.')
}

fn is_suffix(part: &str) -> bool {
    matches!(
        part.trim_end_matches('.'),
        "Jr" | "Sr" | "jr" | "sr" | "Inc" | "Ltd" | "LLC" | "II" | "III" | "IV" | "PhD" | "Ph.D" | "MD" | "M.D" | "Esq"
    )
}

/// Parts a list at its commas, except before a suffix: "Kurt Vonnegut, Jr." is one person.
fn split_people(list: &str) -> Vec<&str> {
    let mut people = Vec::new();
    let mut start = 0;
    for (comma, _) in list.match_indices(',') {
        let after = list[comma + 1..].split(',').next().unwrap_or_default();
        if !is_suffix(after.trim()) {
            people.push(&list[start..comma]);
            start = comma + 1;
        }
    }
    people.push(&list[start..]);
    people
}

/// The person that a part of a cell names, if it names one.
fn named(text: &str, may_be_inverted: bool) -> Option<Named<'_>> {
    let (name, role) = without_role(text.trim());
    if name.is_empty() {
        return None;
    }
    let (name, sort_name) = match uninverted(name).filter(|_| may_be_inverted) {
        Some(direct) => (Cow::Owned(direct), Some(name)),
        None => (Cow::Borrowed(name), None),
    };
    Some(Named { name, sort_name, role })
}

/// Takes off a role in brackets; brackets with anything else belong to the name.
fn without_role(text: &str) -> (&str, Option<Role>) {
    let bracket = text.strip_suffix(')').and_then(|open| open.rsplit_once('('));
    match bracket.and_then(|(name, word)| Some((name.trim_end(), role_named(word)?))) {
        Some((name, role)) => (name, Some(role)),
        None => (text, None),
    }
}

/// The role of a word such as `translator`, `Transl.`, `ed.`.
fn role_named(word: &str) -> Option<Role> {
    Some(match word.trim().trim_end_matches('.').to_lowercase().as_str() {
        "author" | "authors" | "co-author" => Role::Author,
        "translator" | "translators" | "transl" | "trans" | "tr" => Role::Translator,
        "editor" | "editors" | "ed" | "eds" => Role::Editor,
        "illustrator" | "illustrators" | "illus" | "ill" => Role::Illustrator,
        _ => return None,
    })
}

/// "Ursula K. Le Guin" from "Le Guin, Ursula K."; `None` when the name is not inverted.
fn uninverted(name: &str) -> Option<String> {
    let (family, rest) = name.split_once(',')?;
    let (given, suffix) = match rest.split_once(',') {
        Some((given, suffix)) => (given.trim(), Some(suffix.trim())),
        None => (rest.trim(), None),
    };
    if family.trim().is_empty() || given.is_empty() || is_suffix(given) {
        return None;
    }
    let mut direct = format!("{given} {}", family.trim());
    if let Some(suffix) = suffix.filter(|suffix| !suffix.is_empty()) {
        direct.push(' ');
        direct.push_str(suffix);
    }
    Some(direct)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commas(header: &str, cells: &[&str]) -> Commas {
        commas_in(header, cells.iter().copied())
    }

    fn names(cell: &str, commas: Commas) -> Vec<String> {
        people_in(cell, commas)
            .into_iter()
            .map(|person| person.name.into_owned())
            .collect()
    }

    #[test]
    fn one_inverted_name_alone_in_a_column_is_one_person() {
        for cell in [
            "Le Guin, Ursula K.",
            "Tolkien, J. R. R.",
            "García Márquez, Gabriel",
            "Machado de Assis, Joaquim Maria",
        ] {
            assert_eq!(commas("author", &[cell]), Commas::PartNames, "{cell}");
        }
        let people = people_in("Le Guin, Ursula K.", Commas::PartNames);
        assert_eq!(people[0].name, "Ursula K. Le Guin");
        assert_eq!(people[0].sort_name, Some("Le Guin, Ursula K."));
    }

    #[test]
    fn a_column_with_names_in_direct_order_lists_people() {
        let cells = [
            "Suzanne Collins",
            "J.K. Rowling, Mary GrandPré",
            "Homer, Robert Fagles",
            "Harper Lee",
        ];
        assert_eq!(commas("author", &cells), Commas::PartPeople);
        assert_eq!(commas("authors", &["J.K. Rowling, Mary GrandPré"]), Commas::PartPeople);
        assert_eq!(
            commas("author", &["Homer, Robert Fagles, E.V. Rieu"]),
            Commas::PartPeople
        );
    }

    #[test]
    fn a_few_cells_do_not_outvote_the_habit_of_a_column() {
        let cells = [
            "Tolkien, J. R. R.",
            "Lee, Harper",
            "Oxford University Press",
            "Orwell, George",
            "Homer",
        ];
        assert_eq!(commas("authors", &cells), Commas::PartNames);
    }

    #[test]
    fn semicolons_part_people_whatever_commas_mean() {
        assert_eq!(
            names("Lee, Harper; Orwell, George", Commas::PartNames),
            ["Harper Lee", "George Orwell"]
        );
        assert_eq!(
            names("Harper Lee; George Orwell, Homer", Commas::PartPeople),
            ["Harper Lee", "George Orwell", "Homer"]
        );
        assert_eq!(commas("authors", &["Lee, Harper; Orwell, George"]), Commas::PartNames);
    }

    #[test]
    fn a_suffix_stays_with_its_person() {
        assert_eq!(
            names("Kurt Vonnegut, Jr., Homer", Commas::PartPeople),
            ["Kurt Vonnegut, Jr.", "Homer"]
        );
        assert_eq!(
            names("King, Martin Luther, Jr.", Commas::PartNames),
            ["Martin Luther King Jr."]
        );
    }

    #[test]
    fn a_role_in_brackets_is_believed_and_other_brackets_belong_to_the_name() {
        let people = people_in(
            "Robert Fagles (translator); Jon Scieszka (Ill.); Prince (musician)",
            Commas::PartPeople,
        );
        assert_eq!(people[0].role, Some(Role::Translator));
        assert_eq!(people[1].role, Some(Role::Illustrator));
        assert_eq!(
            (people[2].name.as_ref(), people[2].role.as_ref()),
            ("Prince (musician)", None)
        );
    }

    #[test]
    fn empty_parts_name_nobody() {
        assert_eq!(names(" , Homer,, ", Commas::PartPeople), ["Homer"]);
        assert!(names(" ; ", Commas::PartNames).is_empty());
    }
}
