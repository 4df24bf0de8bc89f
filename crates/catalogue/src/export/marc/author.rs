//! A person as an authority record, a tag as another, and how people are named in any record.

use std::collections::BTreeMap;

use colophon_marc::{Field, Record};

use crate::author::Author;
use crate::identifier::scheme::OTHER;

/// What field 003 of our records says.
pub(crate) const OURS: &str = "Colophon";

/// The leader of an authority record.
const LEADER: &str = "00000nz  a2200000n  4500";
/// Two indicators without a meaning.
pub(super) const BLANKS: [char; 2] = [' ', ' '];

/// The texts in the lists of a record, by the names of the lists.
pub(super) type Texts = BTreeMap<&'static str, Vec<String>>;

/// A person with everything that is known.
pub(super) fn record(author: &Author, texts: &Texts) -> Record {
    let mut record = Record::with_leader(LEADER);
    record.fields.push(Field::control("001", author.id.to_string()));
    record.fields.push(Field::control("003", OURS));
    for identifier in texts.get("identifiers").into_iter().flatten() {
        record.fields.push(identified(identifier));
    }
    let years = [('f', author.birth_year), ('g', author.death_year)];
    let years: Vec<_> = years
        .into_iter()
        .filter_map(|(code, year)| Some((code, iso_8601(year?))))
        .collect();
    if !years.is_empty() {
        record.fields.push(Field::data("046", BLANKS, years));
    }
    record.fields.push(heading("100", author, []));
    let addresses = [('m', &author.email), ('u', &author.website)];
    let addresses: Vec<_> = addresses
        .into_iter()
        .filter_map(|(code, text)| Some((code, text.clone()?)))
        .collect();
    if !addresses.is_empty() {
        record.fields.push(Field::data("371", BLANKS, addresses));
    }
    for name in texts.get("other_names").into_iter().flatten() {
        record
            .fields
            .push(Field::data("400", [order_of(name), ' '], [('a', name.clone())]));
    }
    if let Some(notes) = &author.notes {
        record.fields.push(Field::data("680", BLANKS, [('i', notes.clone())]));
    }
    record
        .fields
        .push(Field::data("990", BLANKS, [('n', author.name.clone())]));
    record
}

/// A tag, whether or not a book has it.
pub(super) fn tag(name: &str) -> Record {
    let mut record = Record::with_leader(LEADER);
    record.fields.push(Field::control("003", OURS));
    record.fields.push(Field::data("150", BLANKS, [('a', name.to_owned())]));
    record
}

/// A person in a heading; a name with a comma that is not for sorting is that of a body.
pub(super) fn heading(tag: &str, author: &Author, more: impl IntoIterator<Item = (char, String)>) -> Field {
    let life = life(author.birth_year, author.death_year);
    let named = std::iter::once(('a', author.sort_name.clone())).chain(life.map(|life| ('d', life)));
    let named = named.chain(more);
    if author.sort_name == author.name && author.name.contains(", ") {
        return Field::data(&tag.replace("00", "10"), ['2', ' '], named);
    }
    Field::data(tag, [order_of(&author.sort_name), ' '], named)
}

/// What something is called elsewhere.
pub(super) fn identified(text: &str) -> Field {
    match text
        .split_once(':')
        .filter(|(scheme, _)| crate::identifier::scheme::Scheme::of_word(scheme).is_some())
    {
        Some(("oclc", number)) => Field::data("035", BLANKS, [('a', format!("(OCoLC){number}"))]),
        Some((scheme, number)) => Field::data("024", ['7', ' '], [('a', number.to_owned()), ('2', scheme.to_owned())]),
        None => {
            let bare = text.strip_prefix(OTHER).and_then(|rest| rest.strip_prefix(':'));
            Field::data("024", ['8', ' '], [('a', bare.unwrap_or(text).to_owned())])
        }
    }
}

/// Whether the family name comes first.
fn order_of(name: &str) -> char {
    if name.contains(", ") { '1' } else { '0' }
}

/// `1835-1910`, `1950-`, `-1910`: what is known of the years of a life.
fn life(birth: Option<i32>, death: Option<i32>) -> Option<String> {
    let year = |year: i32| {
        if year < 0 {
            format!("{} B.C.", -year)
        } else {
            year.to_string()
        }
    };
    match (birth, death) {
        (None, None) => None,
        (Some(birth), None) => Some(format!("{}-", year(birth))),
        (None, Some(death)) => Some(format!("-{}", year(death))),
        (Some(birth), Some(death)) => Some(format!("{}-{}", year(birth), year(death))),
    }
}

/// A year as ISO 8601 has it, in which there is a year 0.
fn iso_8601(year: i32) -> String {
    if year < 0 {
        format!("-{:04}", -(year + 1))
    } else {
        format!("{year:04}")
    }
}
