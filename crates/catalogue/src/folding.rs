//! Folded text: what search compares and what lists are sorted by.
//!
//! Searching is done by the [store's](colophon_store::folding).
//!
//! # Sorting
//!
//! [`sort_key`] and [`name_sort_key`] give keys for plain byte order, which is what an index serves. They are folded
//! texts, so Ångström sorts beside Angstrom: a list in many languages has no single alphabet, and a reader scanning a
//! list looks for the plain letter. Runs of digits are preceded by their length, so that 2 comes before 10; Latin comes
//! before the other scripts anyway, because of where Unicode has it.

mod article;
mod numbers;

pub use colophon_store::folding::fold;

/// What may be written for "and", folded. A person who looks for one of them means any.
const AND: [&str; 4] = ["&", "and", "und", "et"];

/// Whether a folded word is one that says no more than "and".
pub fn is_and(word: &str) -> bool {
    AND.contains(&word)
}

/// A text as it may be written, where it has an "and" between two words: with each of the words for that. Otherwise the text itself.
pub fn spellings(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').collect();
    let is_between = |at: usize| at > 0 && at + 1 < words.len() && is_and(words[at]);
    if !(0..words.len()).any(is_between) {
        return vec![text.to_owned()];
    }
    let with = |and: &&str| {
        let words = (0..words.len()).map(|at| if is_between(at) { *and } else { words[at] });
        words.collect::<Vec<_>>().join(" ")
    };
    AND.iter().map(with).collect()
}

/// The key by which titles are sorted: folded, without a leading article, numbers by size.
///
/// `language` is the three-letter code of the record. If it is known, only the articles of that language count as
/// articles ("Die" in an English title is a verb); if not, the English ones do. A title that consists of its article
/// keeps it.
pub fn sort_key(title: &str, language: Option<&str>) -> String {
    numbers::by_size(fold(article::without(title, language)))
}

/// The key by which people are sorted, made from a sort name such as `Le Guin, Ursula K.`.
///
/// What stands before the comma is compared first and as a whole ("Le, Van" before "Le Guin, Ursula K."), and an Arabic
/// article before the family name is ignored ("al-Khwarizmi" sorts under K).
pub fn name_sort_key(sort_name: &str) -> String {
    let name = article::without_arabic(sort_name);
    let folded = match name.split_once(',') {
        // Two spaces sort before a space and a letter, which puts the shorter family name first.
        Some((family, given)) => format!("{}  {}", fold(family), fold(given)),
        None => fold(name),
    };
    numbers::by_size(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_sort_as_a_reader_expects() {
        let mut titles = vec![
            "Война и мир",
            "The Zoo",
            "Zebra",
            "10 Rules",
            "2 Rules",
            "an Apple",
            "Ängel",
            "Anger",
            "“A” Is for Alibi",
            "《红楼梦》",
            "1,001 Nights",
            "A",
            "007",
            "Volume 12",
            "Volume 2",
        ];
        titles.sort_by_key(|title| sort_key(title, None));
        assert_eq!(
            titles,
            [
                "2 Rules",
                "007",
                "10 Rules",
                "1,001 Nights",
                "A",
                "“A” Is for Alibi",
                "Ängel",
                "Anger",
                "an Apple",
                "Volume 2",
                "Volume 12",
                "Zebra",
                "The Zoo",
                "Война и мир",
                "《红楼梦》",
            ]
        );
    }

    #[test]
    fn the_articles_of_the_records_language_are_passed_over() {
        for (title, language, key) in [
            ("Die Verwandlung", Some("deu"), "verwandlung"),
            ("Die Trying", Some("eng"), "die trying"),
            ("Die Trying", None, "die trying"),
            ("L’Étranger", Some("fra"), "etranger"),
            ("L'Étranger", None, "letranger"),
            ("Un'estate", Some("ita"), "estate"),
            ("'t Hooge Nest", Some("nld"), "hooge nest"),
            ("Ο Ζορμπάς", Some("ell"), "ζορμπασ"),
            ("الأيام", Some("ara"), "ايام"),
            ("al-Ayyām", Some("ara"), "ayyam"),
            ("A Tale", Some("jpn"), "a tale"),
            ("The", Some("eng"), "the"),
            ("The The", Some("eng"), "the"),
            ("A. J. Raffles", Some("eng"), "aj raffles"),
            ("“The Raven”", Some("eng"), "raven"),
            ("Theory", Some("eng"), "theory"),
        ] {
            assert_eq!(sort_key(title, language), key, "{title}");
        }
    }

    #[test]
    fn people_sort_by_their_whole_family_name_first() {
        let mut names = vec![
            "Lee, Harper",
            "Le Guin, Ursula K.",
            "Le, Van",
            "al-Khwarizmi, Muhammad",
            "Kafka, Franz",
            "Lem, Stanisław",
        ];
        names.sort_by_key(|name| name_sort_key(name));
        assert_eq!(
            names,
            [
                "Kafka, Franz",
                "al-Khwarizmi, Muhammad",
                "Le, Van",
                "Le Guin, Ursula K.",
                "Lee, Harper",
                "Lem, Stanisław"
            ]
        );
    }

    proptest! {
        #[test]
        fn numbers_sort_by_size(left in 0_u64.., right in 0_u64..) {
            let (left_key, right_key) = (sort_key(&left.to_string(), None), sort_key(&right.to_string(), None));
            prop_assert_eq!(left.cmp(&right), left_key.cmp(&right_key));
        }
    }
}
