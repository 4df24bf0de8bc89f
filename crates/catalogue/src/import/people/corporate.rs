//! Bodies: publishers, museums, ministries, firms. Their names have commas, brackets and “&” that separate nobody.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that only the names of bodies have, folded.
static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_ascii_whitespace().collect());

const WORDS: &str = "university universities universitat universiteit universite universidad universidade universita universitet uniwersytet \
    univerzita egyetem museum museo musee muzeum museu museet press presses institute institut instituto istituto instituut society societe sociedad \
    sociedade societa gesellschaft association associazione asociacion associacao verein vereniging foundation stiftung fondation \
    fundacion fundacao fondazione stichting academy akademie academie academia accademia ministry ministere ministerium ministerio ministero \
    department departement departamento abteilung committee commission komitee kommission council conseil consejo consiglio agency \
    agence agencia library bibliothek bibliotheque biblioteca bibliotheek archives archiv college school schule ecole escuela scuola \
    publishing publishers publications verlag verlags editions ediciones edizioni editores uitgeverij forlag wydawnictwo company \
    corporation corp incorporated limited gmbh magazine zeitung newspaper bureau office bundesamt kirche church congress \
    congregation gallery galerie galleria orchestra orchester organization organisation organizacion united nations bundesrepublik \
    redaktion redaction redaccion staff government parliament laboratory ensemble federation confederation syndicat partei party \
    издательство университет институт академия музей общество министерство 出版社 大学 研究所 委員会 委员会";

/// What follows the name of a firm after a comma.
const FORMS: [&str; 17] = [
    "inc", "ltd", "llc", "llp", "plc", "gmbh", "co", "corp", "sa", "sl", "srl", "spa", "bv", "ag", "kg", "oy",
    "limited",
];

/// Whether a text is the name of a body.
pub(super) fn is_body(text: &str) -> bool {
    let mut words = text.split(|character: char| character.is_whitespace() || ",()&/".contains(character));
    if text.is_ascii() && text.len() < 3 {
        return false;
    }
    words.any(|word| {
        let word = word.trim_matches(['.', '"', '“', '”']);
        word.len() > 3 && is_word(word)
    }) || has_form(text)
}

fn is_word(word: &str) -> bool {
    let key = if word.is_ascii() {
        word.to_ascii_lowercase()
    } else {
        crate::folding::fold(word)
    };
    KNOWN.contains(key.as_str())
}

/// Whether a text is a form of a firm, as it follows the name: `Inc.`, `S. A.`
pub(super) fn is_form(text: &str) -> bool {
    let key: String = text
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    text.len() <= 12 && FORMS.contains(&key.as_str())
}

fn has_form(text: &str) -> bool {
    let last = text.rsplit([' ', ',']).next().unwrap_or_default();
    last.len() >= 2 && last.len() < text.len() && is_form(last) && last.chars().any(|letter| letter.is_uppercase())
        || text.ends_with("& Sons")
        || text.ends_with("& Co.")
        || text.ends_with("& Cie")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_told_from_people() {
        for body in [
            "Gallery of Modern Craft (Lyon, France)",
            "Universität Graz",
            "Northern Press",
            "Hill & Dale, Ltd.",
            "Dale & Sons",
            "Ministère de la Culture",
            "Издательство Север",
        ] {
            assert!(is_body(body), "{body}");
        }
        for person in ["Ida Fell", "Co Westerik", "Ag Holm", "Fell, Ida", "Ian Press-Fell"] {
            assert!(!is_body(person), "{person}");
        }
    }
}
