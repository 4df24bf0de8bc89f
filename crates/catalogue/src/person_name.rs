//! The sort name of a person, derived from the name on the title page.
//!
//! "Ursula K. Le Guin" is looked up under L, "Honoré de Balzac" under B, "Jean de la Fontaine" under La, "Martin Luther
//! King Jr." under King, "Homer" under Homer. Which part of a name is the family name cannot be read off a text with
//! certainty, so this is a good first guess for a field that people can edit, by the rules that library catalogues
//! share:
//!
//! - The last word is the family name. Articles and capitalised particles before it belong to it (Le Guin, Du Bois, De
//!   Quincey, Saint Phalle); prepositions in lower case stay with the given names (Goethe, Johann Wolfgang von).
//! - A name with a comma is taken to be inverted already.
//! - A single word, a name with an epithet (Pliny the Elder, Julian of Norwich), several people in one ("Jan and Stan
//!   Berenstain") and what looks like an organisation stay as they are.
//! - Names in Chinese, Japanese or Korean put the family name first; names in Arabic, Thai, Indic and other scripts are
//!   not inverted by their own custom either. Latin, Greek, Cyrillic, Armenian, Georgian and Hebrew ones are.

/// The sort name of `name`: "Last, First" if that is how the name is looked up, otherwise the name itself.
///
/// White space is collapsed; no letter is added or lost, and a sort name is returned unchanged.
pub fn sort_name(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    inverted(&words).unwrap_or_else(|| words.join(" "))
}

fn inverted(words: &[&str]) -> Option<String> {
    let (words, brackets) = without_brackets(words);
    let (words, suffixes) = without_suffixes(words);
    if words.len() < 2 || words.iter().any(|word| word.contains([',', ';', '/', '(', ')'])) || stays(&words) {
        return None;
    }
    let family = start_of_family_name(&words);
    // A name that begins with its particle ("van Gogh") is a family name alone, or one under which nobody is looked up.
    if family == 0 || is_suffix(words[0]) {
        return None;
    }
    let mut sort_name = words[family..].join(" ");
    sort_name.push_str(", ");
    sort_name.push_str(&words[..family].join(" "));
    for suffix in suffixes {
        sort_name.push_str(", ");
        sort_name.push_str(suffix);
    }
    for bracket in brackets {
        sort_name.push(' ');
        sort_name.push_str(bracket);
    }
    Some(sort_name)
}

/// Takes off what is in brackets at the end: "Robert Galbraith (J. K. Rowling)".
fn without_brackets<'words, 'name>(words: &'words [&'name str]) -> (&'words [&'name str], &'words [&'name str]) {
    let opening = words.iter().rposition(|word| word.starts_with('('));
    match opening {
        Some(at) if at > 0 && words.last().is_some_and(|word| word.ends_with(')')) => words.split_at(at),
        _ => (words, &[]),
    }
}

/// Takes off `Jr.`, `III`, `PhD` at the end, and the comma that may precede them.
fn without_suffixes<'name>(words: &[&'name str]) -> (Vec<&'name str>, Vec<&'name str>) {
    let kept = words
        .iter()
        .rposition(|word| !is_suffix(word))
        .map_or(0, |last| last + 1);
    let (names, suffixes) = words.split_at(kept);
    let mut names = names.to_vec();
    if let (Some(last), false) = (names.last_mut(), suffixes.is_empty()) {
        *last = last.strip_suffix(',').unwrap_or(last);
    }
    (
        names,
        suffixes.iter().map(|suffix| suffix.trim_end_matches(',')).collect(),
    )
}

fn is_suffix(word: &str) -> bool {
    matches!(
        word.trim_end_matches([',', '.']).to_ascii_lowercase().as_str(),
        "jr" | "sr" | "ii" | "iii" | "iv" | "phd" | "ph.d" | "md" | "m.d" | "esq" | "esquire"
    )
}

/// Names that are looked up as they stand.
fn stays(words: &[&str]) -> bool {
    let turned_script = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).all(is_of_a_turned_script);
    !words.iter().all(turned_script)
        || words[1..]
            .iter()
            .any(|word| matches!(*word, "the" | "of" | "and" | "&" | "et" | "und" | "y" | "+" | "with"))
        || words
            .iter()
            .any(|word| word.chars().any(|character| character.is_ascii_digit()))
        || words.iter().any(|word| is_of_an_organisation(word))
        || matches!(words[0], "The" | "the")
}

/// Latin, Greek, Cyrillic, Armenian, Hebrew, Georgian: the scripts in which the family name is put first for sorting.
fn is_of_a_turned_script(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{5ff}' | '\u{10a0}'..='\u{10ff}' | '\u{1c80}'..='\u{1cbf}' | '\u{1d00}'..='\u{1fff}' | '\u{2c60}'..='\u{2c7f}'
        | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}' | '\u{fb00}'..='\u{fb4f}')
}

fn is_of_an_organisation(word: &str) -> bool {
    const WORDS: [&str; 46] = [
        "academy",
        "agency",
        "archives",
        "army",
        "association",
        "bank",
        "board",
        "books",
        "brothers",
        "bureau",
        "church",
        "club",
        "college",
        "commission",
        "committee",
        "company",
        "corporation",
        "council",
        "department",
        "editors",
        "foundation",
        "government",
        "group",
        "inc",
        "institute",
        "library",
        "limited",
        "llc",
        "ltd",
        "magazine",
        "ministry",
        "museum",
        "national",
        "network",
        "office",
        "organization",
        "press",
        "publications",
        "publishing",
        "school",
        "services",
        "society",
        "staff",
        "studios",
        "team",
        "university",
    ];
    let lower = word.trim_end_matches(['.', ',']).to_lowercase();
    WORDS.binary_search(&lower.as_str()).is_ok()
}

/// Where the family name begins: at the last word, or at the words before it that belong to it. 0 if all do.
fn start_of_family_name(words: &[&str]) -> usize {
    let mut start = words.len() - 1;
    while start > 0 && belongs_to_family_name(words[start - 1], start == 1) {
        start -= 1;
    }
    start
}

/// Whether a word before a family name is part of it. A capitalised word is never part of it when it is the first word
/// of the whole name: "Van Morrison" and "Ben Jonson" begin with given names.
fn belongs_to_family_name(word: &str, is_first: bool) -> bool {
    match word {
        "la" | "le" | "les" | "l'" | "l’" | "du" | "des" | "el" | "al" | "ibn" | "bin" | "ben" | "bint" | "abu"
        | "mac" | "ap" | "ter" | "ten" | "’t" | "'t" => true,
        "van" | "von" | "vom" | "zu" | "zum" | "zur" | "de" | "den" | "der" | "da" | "das" | "do" | "dos" | "di"
        | "del" | "della" | "af" | "av" => is_first,
        "La" | "Le" | "Les" | "L'" | "L’" | "Du" | "Des" | "De" | "Del" | "Dela" | "Della" | "Delle" | "Di" | "Da"
        | "Das" | "Do" | "Dos" | "El" | "Al" | "Ibn" | "Bin" | "Ben" | "Abu" | "Abd" | "Mac" | "Mc" | "Van" | "Von"
        | "Vander" | "Der" | "Den" | "Ten" | "Ter" | "Zu" | "Zur" | "St." | "St" | "Saint" | "Sainte" | "San"
        | "Santa" | "Lo" | "Op" => !is_first,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_turn_as_library_catalogues_turn_them() {
        for (name, expected) in [
            ("Jane Austen", "Austen, Jane"),
            ("J. R. R. Tolkien", "Tolkien, J. R. R."),
            ("Ursula K. Le Guin", "Le Guin, Ursula K."),
            ("Johann Wolfgang von Goethe", "Goethe, Johann Wolfgang von"),
            ("Honoré de Balzac", "Balzac, Honoré de"),
            ("Jean de la Fontaine", "la Fontaine, Jean de"),
            ("Jean de La Fontaine", "La Fontaine, Jean de"),
            ("Daphne du Maurier", "du Maurier, Daphne"),
            ("W. E. B. Du Bois", "Du Bois, W. E. B."),
            ("Thomas De Quincey", "De Quincey, Thomas"),
            ("Antoine de Saint-Exupéry", "Saint-Exupéry, Antoine de"),
            ("Vincent van Gogh", "Gogh, Vincent van"),
            ("J. D. van der Waals", "Waals, J. D. van der"),
            ("Eça de Queirós", "Queirós, Eça de"),
            ("Joaquim Maria Machado de Assis", "Assis, Joaquim Maria Machado de"),
            ("Nawal El Saadawi", "El Saadawi, Nawal"),
            ("Muhammad ibn Musa al-Khwarizmi", "al-Khwarizmi, Muhammad ibn Musa"),
            ("Tahar Ben Jelloun", "Ben Jelloun, Tahar"),
            ("Ben Jonson", "Jonson, Ben"),
            ("Van Morrison", "Morrison, Van"),
            ("Emily St. John Mandel", "Mandel, Emily St. John"),
            ("Edna St. Vincent Millay", "Millay, Edna St. Vincent"),
            ("Niki de Saint Phalle", "Saint Phalle, Niki de"),
            ("Лев Толстой", "Толстой, Лев"),
            ("Νίκος Καζαντζάκης", "Καζαντζάκης, Νίκος"),
            ("Dr. Seuss", "Seuss, Dr."),
            ("  Jane \u{a0} Austen ", "Austen, Jane"),
        ] {
            assert_eq!(sort_name(name), expected);
        }
    }

    #[test]
    fn suffixes_and_brackets_stay_at_the_end() {
        for (name, expected) in [
            ("Martin Luther King Jr.", "King, Martin Luther, Jr."),
            ("Martin Luther King, Jr.", "King, Martin Luther, Jr."),
            ("William Strunk, Jr.", "Strunk, William, Jr."),
            ("Henry Louis Gates III", "Gates, Henry Louis, III"),
            ("Robert Galbraith (J. K. Rowling)", "Galbraith, Robert (J. K. Rowling)"),
        ] {
            assert_eq!(sort_name(name), expected);
        }
    }

    #[test]
    fn names_that_are_looked_for_as_they_stand_stay() {
        for name in [
            "Homer",
            "Le Guin, Ursula K.",
            "Pliny the Elder",
            "Julian of Norwich",
            "van Gogh",
            "Jan and Stan Berenstain",
            "望月淳",
            "村上 春樹",
            "신경숙",
            "محمود درويش",
            "The Onion",
            "Oxford University Press",
            "DK Publishing",
            "National Geographic Society",
            "50 Cent",
        ] {
            assert_eq!(sort_name(name), name);
        }
        assert_eq!(sort_name(""), "");
    }

    fn letters(text: &str) -> Vec<char> {
        let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
        letters.sort_unstable();
        letters
    }

    fn words() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof![
                "[A-Z][a-z]{1,6}",
                "[A-Z]\\.",
                "\\PC{1,5}",
                Just("van".to_owned()),
                Just("de".to_owned()),
                Just("la".to_owned()),
                Just("Le".to_owned()),
                Just("Jr.".to_owned()),
                Just("III,".to_owned()),
                Just("(Ed.)".to_owned()),
                Just(",".to_owned()),
            ],
            0..6,
        )
        .prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn no_letter_is_added_or_lost(name in words()) {
            prop_assert_eq!(letters(&sort_name(&name)), letters(&name));
        }

        #[test]
        fn a_sort_name_gives_itself(name in words()) {
            let once = sort_name(&name);
            prop_assert_eq!(sort_name(&once), once);
        }
    }
}
