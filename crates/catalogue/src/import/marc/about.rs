//! What a heading says about somebody besides their name: numbers of authority files, and the name in its own script.

use colophon_marc::Field;

use super::punctuation::clean;
use crate::author_name::OTHER_NAMES;
use crate::belongings::{Belongings, belongings_named};
use crate::export::OURS;
use crate::identifier::IDENTIFIERS_OF_AUTHOR;
use crate::import::described::About;
use crate::import::record::Person;

/// What is said about a person, if anything is.
pub(super) fn person(person: &Person, field: &Field, in_own_script: Option<Person>) -> Option<About> {
    let names: Vec<String> = in_own_script
        .into_iter()
        .map(|other| other.name)
        .filter(|name| *name != person.name)
        .collect();
    let numbers = field
        .all('0')
        .chain(field.all('1'))
        .filter_map(number)
        .collect::<Vec<_>>();
    let of = |list: &Belongings| belongings_named(list.of, list.name);
    let lists = [(of(&OTHER_NAMES)?, names), (of(&IDENTIFIERS_OF_AUTHOR)?, numbers)];
    let lists: Vec<_> = lists.into_iter().filter(|(_, texts)| !texts.is_empty()).collect();
    (!lists.is_empty()).then(|| About {
        person: person.clone(),
        lists,
    })
}

/// A number of an authority file that is known here: `(DE-588)118540238`, `(orcid)0000-0002-1825-0097`, the address of
/// a page. The numbers of a library's own files mean nothing elsewhere.
fn number(text: &str) -> Option<String> {
    let text = clean(text);
    let in_brackets = text.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let spelled = match in_brackets {
        Some((source, _)) if source == OURS => return None,
        Some(("DLC", number)) => format!("lccn:{}", number.replace(' ', "")),
        Some((source, number)) => format!("{source}:{}", number.trim()),
        None => text.clone(),
    };
    [text, spelled].into_iter().find_map(|text| known(&text))
}

fn known(text: &str) -> Option<String> {
    let recognised = crate::identifier::scheme::recognise(text).ok()?;
    let is_known = recognised.scheme != crate::identifier::scheme::OTHER;
    let is_one = IDENTIFIERS_OF_AUTHOR.checked(text).is_ok();
    (is_known && is_one).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_known_files_are_taken_and_others_are_not() {
        for (text, taken) in [
            ("(DE-588)118540238", Some("(DE-588)118540238")),
            ("(orcid)0000-0002-1825-0097", Some("orcid:0000-0002-1825-0097")),
            ("https://viaf.org/viaf/50566653", Some("https://viaf.org/viaf/50566653")),
            ("(DLC)n  79021164", Some("lccn:n79021164")),
            ("(Colophon)1", None),
            ("(IT-Ro)CFIV007327", None),
            ("12345", None),
        ] {
            assert_eq!(number(text).as_deref(), taken, "{text}");
        }
    }
}
