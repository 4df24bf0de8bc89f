//! Other capitals for a text.

use colophon_catalogue::words;

words! {
    /// How a text has its capitals.
    pub enum LetterCase {
        /// The first letter of the text only.
        Sentence = "sentence",
        /// The first letter of each word, except for short words within.
        Title = "title",
        /// Every letter.
        Upper = "upper",
        /// None.
        Lower = "lower",
    }
}

/// Words that have no capital within an English title.
const SMALL_WORDS: [&str; 22] = [
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "nor", "of", "on", "or", "over", "the",
    "to", "up", "via", "with", "yet",
];

impl LetterCase {
    /// A text with these capitals.
    pub(super) fn of(self, text: &str) -> String {
        match self {
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
            Self::Sentence => sentence(text),
            Self::Title => title(text),
        }
    }
}

fn sentence(text: &str) -> String {
    let is_shouted = is_shouted(text);
    let mut made = String::with_capacity(text.len());
    let mut is_first = true;
    for part in parts(text) {
        if !has_letters(part) {
            made.push_str(part);
        } else if is_first {
            made.push_str(&capitalised(part, is_shouted));
        } else {
            made.push_str(&lowered(part, is_shouted));
        }
        is_first = is_first && !has_letters(part);
        // A new sentence has a capital of its own; so has what follows a colon or a question.
        is_first |= part.ends_with(['.', '!', '?', ':']);
    }
    made
}

fn title(text: &str) -> String {
    let is_shouted = is_shouted(text);
    let all: Vec<&str> = parts(text).collect();
    let last = all.iter().rposition(|part| has_letters(part));
    let mut made = String::with_capacity(text.len());
    let mut is_first = true;
    for (at, part) in all.into_iter().enumerate() {
        let is_small = || SMALL_WORDS.contains(&part.to_lowercase().as_str());
        if !is_first && Some(at) != last && is_small() {
            made.push_str(&part.to_lowercase());
        } else {
            made.push_str(&capitalised(part, is_shouted));
        }
        is_first = (is_first && !has_letters(part)) || part.ends_with(['.', '!', '?', ':']);
    }
    made
}

/// The words of a text and what is between them: white space, hyphens and dashes.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '–' | '—' | '/'))
        .flat_map(|part| {
            let end = part
                .char_indices()
                .next_back()
                .filter(|(_, letter)| letter.is_whitespace() || matches!(letter, '-' | '–' | '—' | '/'))
                .map_or(part.len(), |(end, _)| end);
            let (word, between) = part.split_at(end);
            [word, between]
        })
        .filter(|part| !part.is_empty())
}

fn has_letters(part: &str) -> bool {
    part.chars().any(char::is_alphabetic)
}

/// Whether nothing can be learned from the capitals of a text, because it has nothing else.
fn is_shouted(text: &str) -> bool {
    !text.chars().any(char::is_lowercase)
}

/// Whether a word has capitals of its own, such as a name with two or an abbreviation.
fn has_own_capitals(word: &str) -> bool {
    word.chars()
        .filter(|letter| letter.is_alphabetic())
        .skip(1)
        .any(char::is_uppercase)
}

fn lowered(word: &str, is_shouted: bool) -> String {
    if !is_shouted && has_own_capitals(word) {
        return word.to_owned();
    }
    word.to_lowercase()
}

fn capitalised(word: &str, is_shouted: bool) -> String {
    if !is_shouted && has_own_capitals(word) {
        return word.to_owned();
    }
    let mut made = String::with_capacity(word.len());
    let mut is_first = true;
    for letter in word.chars() {
        if is_first && letter.is_alphabetic() {
            made.extend(letter.to_uppercase());
            is_first = false;
        } else {
            made.extend(letter.to_lowercase());
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_in_one_case_gets_its_capitals() {
        assert_eq!(
            LetterCase::Title.of("the left hand of darkness"),
            "The Left Hand of Darkness"
        );
        assert_eq!(LetterCase::Title.of("THE LORD OF THE RINGS"), "The Lord of the Rings");
        assert_eq!(LetterCase::Title.of("what it is for"), "What It Is For");
        assert_eq!(LetterCase::Title.of("mary-lou: a life"), "Mary-Lou: A Life");
        assert_eq!(LetterCase::Title.of("l'été à paris"), "L'été À Paris");
    }

    #[test]
    fn words_that_have_capitals_of_their_own_keep_them() {
        assert_eq!(
            LetterCase::Title.of("old McDonald in the USA"),
            "Old McDonald in the USA"
        );
        assert_eq!(LetterCase::Sentence.of("The History Of NASA"), "The history of NASA");
        assert_eq!(LetterCase::Sentence.of("THE HISTORY OF NASA"), "The history of nasa");
    }

    #[test]
    fn a_sentence_has_one_capital_and_so_has_the_next() {
        assert_eq!(
            LetterCase::Sentence.of("  one Thing. two Things"),
            "  One thing. Two things"
        );
        assert_eq!(LetterCase::Sentence.of("«wer da?» fragte Er"), "«Wer da?» fragte er");
    }

    #[test]
    fn letters_of_every_script_are_folded_as_unicode_says() {
        assert_eq!(LetterCase::Upper.of("straße"), "STRASSE");
        assert_eq!(LetterCase::Lower.of("ΑΘΗΝΑΣ"), "αθηνας");
        assert_eq!(LetterCase::Title.of("百年の孤独"), "百年の孤独");
    }
}
