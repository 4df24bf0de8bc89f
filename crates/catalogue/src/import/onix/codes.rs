//! What codes of ONIX's lists mean: roles (list 17), forms of a product (lists 7 and 150), schemes of subjects (27).
//!
//! The export says the same with the same codes.

use crate::contribution::Role;
use crate::import::kind_of_record::KindOfRecord;

/// The codes of each role; the first is the one that is written.
const ROLES: [(Role, &str); 10] = [
    (Role::Author, "A01 A02 A03 A04 A05 A06 A09 A14 A31 A38 A42 A45 B07 B22"),
    (Role::Translator, "B06 B08 B10"),
    (
        Role::Editor,
        "B01 B02 B10 B11 B12 B13 B16 B18 B19 B20 B21 B24 B26 B29 B31",
    ),
    (Role::Illustrator, "A12 A07 A35 A40 A46 A47"),
    (Role::Narrator, "E07 E03"),
    (Role::Foreword, "A23 A15 A16 A24 A29"),
    (Role::Afterword, "A19 A22"),
    (Role::Photographer, "A13 A08"),
    (Role::Compiler, "C01 C02 C04"),
    (Role::AnotherPart, "Z99"),
];

/// To whom a book is dedicated has done nothing for it.
const DEDICATED: &str = "Z02";

/// What somebody did; nothing if they did nothing.
pub(super) fn roles_of(code: &str) -> Vec<Role> {
    if code == DEDICATED {
        return Vec::new();
    }
    let known = ROLES
        .iter()
        .filter(|(_, codes)| codes.split(' ').any(|known| known == code));
    let found: Vec<Role> = known.map(|(role, _)| role.clone()).collect();
    if found.is_empty() {
        vec![Role::AnotherPart]
    } else {
        found
    }
}

/// The code of a role.
pub(crate) fn code_of(role: &Role) -> &'static str {
    let codes = ROLES.iter().find(|(known, _)| known == role).map(|(_, codes)| *codes);
    codes.and_then(|codes| codes.split(' ').next()).unwrap_or("Z99")
}

/// The codes of each format of a book; the first is the one that is written.
const FORMS: [(&str, &str); 4] = [
    ("hardback", "BB BG BH"),
    ("paperback", "BC"),
    ("ebook", "EA EB EC ED DG"),
    ("audio", "AJ AA AB AC AD AE AF AG AH AI AK AL AM AN AO AZ"),
];

/// The format that a form of a product means.
pub(super) fn format_of(form: &str) -> Option<&'static str> {
    let known = FORMS
        .iter()
        .find(|(_, codes)| codes.split(' ').any(|known| known == form));
    known.map(|(format, _)| *format)
}

/// The form of a product with a format; `00` is none that is said.
pub(crate) fn form_of(format: &str) -> &'static str {
    match FORMS.iter().find(|(known, _)| *known == format) {
        Some((_, codes)) => codes.split(' ').next().unwrap_or("00"),
        None if format == "other" => "BZ",
        None => "00",
    }
}

/// What a product of a form is.
pub(super) fn kind_of(form: &str) -> KindOfRecord {
    match form.chars().next() {
        Some('C') => KindOfRecord::NoBook("a map"),
        Some('F' | 'V') => KindOfRecord::NoBook("a film"),
        Some('P') => KindOfRecord::NoBook("a calendar, a picture or stationery"),
        Some('X') => KindOfRecord::NoBook("something for the shop"),
        Some('Z') if form != "ZZ" => KindOfRecord::NoBook("something that is not read"),
        _ => KindOfRecord::Book(""),
    }
}

/// What stands before a code of a scheme of subjects that is a tag.
pub(super) fn scheme_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "10" | "22" => "BISAC",
        "12" | "13" | "14" | "15" | "16" | "17" => "BIC",
        "26" => "WGS",
        "29" => "CLIL",
        "93" | "94" | "95" | "96" | "97" | "98" | "99" => "Thema",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Word as _;

    #[test]
    fn every_role_and_every_format_has_a_code_that_means_it() {
        for role in Role::ALL {
            assert_eq!(roles_of(code_of(role)), std::slice::from_ref(role));
        }
        assert_eq!(roles_of("B10"), [Role::Translator, Role::Editor]);
        assert_eq!(roles_of("Z02"), []);
        for (format, _) in FORMS {
            assert_eq!(format_of(form_of(format)), Some(format));
        }
    }
}
