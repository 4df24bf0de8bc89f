//! The people of a product.

use colophon_xml::Element;

use super::codes::roles_of;
use crate::contribution::Role;
use crate::import::foreign::{Record, Whom};
use crate::import::record::Person;
use crate::import::xml_records::without_html;
use crate::import::years;

/// The roles of dates in ONIX 3 (list 177) and in ONIX 2 (list 75): birth and death.
const BORN: [&str; 2] = ["50", "007"];
const DIED: [&str; 2] = ["51", "008"];

/// Names everybody in the order that the publisher gives them.
pub(super) fn name_everybody(product: &Element, record: &mut Record) {
    let detail = product.first("DescriptiveDetail").into_iter();
    let mut all: Vec<&Element> = detail
        .chain(std::iter::once(product))
        .flat_map(|within| within.all("Contributor"))
        .collect();
    let number = |one: &Element| one.text_of("SequenceNumber").parse::<u32>().unwrap_or(u32::MAX);
    all.sort_by_key(|one| number(one));
    for one in all {
        let Some(whom) = whom(one) else { continue };
        let mut found: Vec<Role> = one
            .all("ContributorRole")
            .flat_map(|code| roles_of(&code.line()))
            .collect();
        if one.all("ContributorRole").next().is_none() {
            found.push(Role::Author);
        }
        found.dedup();
        record.people.extend(found.into_iter().map(|role| (whom.clone(), role)));
        let about = one.text_of("BiographicalNote");
        record.remark("About the people", &without_html(&about));
    }
}

fn whom(one: &Element) -> Option<Whom> {
    let line = |name: &str| one.first(name).map(Element::line).unwrap_or_default();
    let joined = |parts: &[&str], between: &str| {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.join(between)
    };
    let year = |roles: &[&str]| {
        let dates = one.all("ContributorDate").chain(one.all("PersonDate"));
        let date = dates.into_iter().find(|date| {
            let role = [date.text_of("ContributorDateRole"), date.text_of("PersonDateRole")].concat();
            roles.contains(&role.as_str())
        })?;
        let text = date.text_of("Date");
        let is_day = matches!(text.len(), 6 | 8) && text.bytes().all(|byte| byte.is_ascii_digit());
        years::year(if is_day { &text[..4] } else { &text }).ok().flatten()
    };
    let known = |name: String, sort_name: String| {
        Whom::Known(Person {
            sort_name: Some(sort_name).filter(|sort_name| !sort_name.is_empty()),
            birth_year: year(&BORN),
            death_year: year(&DIED),
            ..Person::named(name)
        })
    };
    let (direct, inverted, body) = (line("PersonName"), line("PersonNameInverted"), line("CorporateName"));
    if !body.is_empty() {
        return Some(known(body.clone(), body));
    }
    let family = joined(&[&line("KeyNames"), &line("NamesAfterKey")], " ");
    let given = joined(&[&line("NamesBeforeKey"), &line("PrefixToKey")], " ");
    let suffix = line("SuffixToKey");
    if !family.is_empty() {
        let name = joined(&[&given, &family, &suffix], " ");
        return Some(known(name, joined(&[&family, &given, &suffix], ", ")));
    }
    match (direct.is_empty(), inverted.is_empty()) {
        (true, true) => None,
        // Neither of them says more than the other.
        (false, false) if direct == inverted => Some(Whom::InWords(direct)),
        (false, false) => Some(known(direct, inverted)),
        (false, true) => Some(known(direct, String::new())),
        (true, false) => Some(Whom::InWords(inverted)),
    }
}
