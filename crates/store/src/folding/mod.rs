//! Folded text: what search compares.
//!
//! [`fold`] maps a text and what a person types to find it to the same letters. Compatibility forms are decomposed
//! (NFKD), accents dropped, letters lower-cased; letters whose stroke or ligature is part of the character have no
//! decomposition in Unicode, so a table spells them out (ø o, ł l, đ d, ß ss, þ th, œ oe, æ ae, ı i, ħ h …). "soren"
//! finds Søren, "strasse" Straße, "oeuvre" Œuvre. Vowel signs of Indic scripts and the voicing marks of Japanese are
//! not accents: they distinguish words and stay. Alef, yeh and teh marbuta are unified, as is usual in Arabic search,
//! and digits of other scripts become 0–9.
//!
//! Punctuation: a mark *within* a word disappears (O’Brien is found by "obrien", paral·lel by "parallel"), any other
//! becomes one space (Saint-Exupéry is found by "saint exupery"), so nobody has to remember how a title was punctuated.
//! Initials close up: "J. R. R. Tolkien", "J.R.R. Tolkien" and "JRR Tolkien" are one text. Signs that carry meaning in
//! titles stay: `C++`, `#1`, `100%`, `AT&T`, `$20`. Searching is meant to be word by word (each word of the query
//! occurs somewhere), and folded text is made for that: words are separated by exactly one space. A title that is
//! nothing but punctuation keeps it, because an empty folded text could never be found.

mod letters;

use unicode_normalization::char::decompose_compatible;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use self::letters::Class;

/// The text as search compares it: lower case, without accents, words separated by one space.
pub fn fold(text: &str) -> String {
    let mut folding = Folding::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            folding.push(character.to_ascii_lowercase());
        } else {
            folding.push_decomposed(character);
        }
    }
    folding.finish(text)
}

/// A folded text in the making.
struct Folding {
    text: String,
    /// Where the current word begins in `text`.
    word_start: usize,
    /// Whether the last word is closed, so that a space is due before the next letter.
    word_closed: bool,
    /// What the last closed word was, which decides whether the next one may join it.
    before: Before,
    /// Whether no white space has been read since the last word was closed.
    touching: bool,
}

/// What the closed word before the current one was.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// One letter and a full stop: "J. R." becomes "jr".
    Initial,
    /// Digits and a comma: "20,000" becomes "20000".
    DigitsAndComma,
    Other,
}

impl Folding {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            word_start: 0,
            word_closed: true,
            before: Before::Other,
            touching: false,
        }
    }

    fn push_decomposed(&mut self, character: char) {
        match letters::class_before_decomposition(character) {
            Some(Class::Nothing) => return,
            Some(_) => self.close_word(Some(character)),
            None => {}
        }
        decompose_compatible(character, |part| {
            for lower in part.to_lowercase() {
                match letters::spelled_out(lower) {
                    Some(plain) => plain.chars().for_each(|letter| self.push(letter)),
                    None => self.push(lower),
                }
            }
        });
    }

    fn push(&mut self, character: char) {
        match letters::class(character) {
            Class::Nothing => {}
            Class::Separator => self.close_word(Some(character)),
            Class::Letter => {
                if self.word_closed {
                    if !self.text.is_empty() {
                        self.text.push(' ');
                    }
                    self.word_start = self.text.len();
                    self.word_closed = false;
                }
                self.text.push(character);
            }
        }
    }

    /// Ends the current word at `separator`, and joins it to the previous one if a reader would take the two as one.
    fn close_word(&mut self, separator: Option<char>) {
        let blank = separator.is_none_or(char::is_whitespace);
        if self.word_closed {
            self.touching &= !blank;
            return;
        }
        let word = &self.text[self.word_start..];
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let three_digits = digits && word.len() == 3;
        let initial = is_one_cased_letter(word);
        let joins = match self.before {
            Before::Initial => initial && (separator == Some('.') || self.touching),
            Before::DigitsAndComma => three_digits && self.touching,
            Before::Other => false,
        };
        if joins {
            self.text.remove(self.word_start - 1);
        }
        self.before = match separator {
            Some('.') if initial => Before::Initial,
            Some(',') if digits => Before::DigitsAndComma,
            _ => Before::Other,
        };
        self.touching = !blank;
        self.word_closed = true;
    }

    fn finish(mut self, original: &str) -> String {
        self.close_word(None);
        if self.text.is_empty() {
            return original.trim().to_lowercase();
        }
        // Decomposition split Hangul syllables and voiced kana; they are letters and are put back together.
        if is_nfc_quick(self.text.chars()) == IsNormalized::Yes {
            self.text
        } else {
            self.text.nfc().collect()
        }
    }
}

fn is_one_cased_letter(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_lowercase) && letters.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether what a person types finds the text: every word of it occurs somewhere.
    fn finds(typed: &str, text: &str) -> bool {
        let folded = fold(text);
        fold(typed).split(' ').all(|word| folded.contains(word))
    }

    #[test]
    fn letters_with_strokes_and_ligatures_are_found_by_plain_ones() {
        for (typed, text) in [
            ("soren", "Søren Kierkegaard"),
            ("garcia marquez", "Gabriel García Márquez"),
            ("lukasz", "Łukasz"),
            ("strasse", "Die Straße"),
            ("STRASSE", "STRAẞE"),
            ("oeuvre", "Œuvre"),
            ("aesop", "Æsop"),
            ("thorarinn", "Þórarinn"),
            ("dordevic", "Đorđević"),
            ("istanbul", "İstanbul"),
            ("diyarbakir", "DİYARBAKIR"),
            ("hal", "Ħal"),
            ("nguyen", "Nguyễn Du"),
            ("οδυσσεια", "Ὀδύσσεια"),
            ("елка", "Ёлка"),
            ("file", "ﬁle"),
            ("abc 123", "ＡＢＣ １２３"),
            ("123", "١٢٣"),
        ] {
            assert!(finds(typed, text), "{typed:?} in {text:?}: {:?}", fold(text));
        }
    }

    #[test]
    fn pointing_does_not_decide_whether_a_text_is_found() {
        for (typed, text) in [
            ("obrien", "O’Brien"),
            ("o'brien", "O´Brien"),
            ("saint exupery", "Saint-Exupéry, Antoine de"),
            ("parallel", "Paral·lel"),
            ("jrr tolkien", "J. R. R. Tolkien"),
            ("j.r.r. tolkien", "J.R.R. Tolkien"),
            ("j. r. r. tolkien", "JRR Tolkien"),
            ("jrr", "J.R.R Tolkien"),
            ("jp sartre", "J.-P. Sartre"),
            ("20000 leagues", "20,000 Leagues"),
            ("mash", "M*A*S*H"),
            ("harry potter #1", "(Harry Potter, #1)"),
            ("c++", "C++ in Depth"),
        ] {
            assert!(finds(typed, text), "{typed:?} in {text:?}: {:?}", fold(text));
        }
        assert_eq!(fold("  “What’s … that?”  "), "whats that");
        assert_eq!(fold("1, 200 and 12,34"), "1 200 and 12 34");
    }

    #[test]
    fn vowel_signs_and_voicing_are_letters_and_not_accents() {
        assert_eq!(fold("हिन्दी"), "हिन्दी");
        assert_ne!(fold("が"), fold("か"));
        assert_eq!(fold("ｶﾞ"), fold("ガ"));
        assert_eq!(fold("한국"), "한국");
    }

    #[test]
    fn arabic_letters_are_unified_and_written_vowels_dropped() {
        assert_eq!(fold("أَلْف"), fold("الف"));
        assert_eq!(fold("مدرسة"), fold("مدرسه"));
        assert_eq!(fold("می\u{200c}خواهم"), fold("میخواهم"));
    }

    #[test]
    fn a_text_of_nothing_but_marks_can_still_be_found() {
        assert_eq!(fold(" …! "), "…!");
        assert_eq!(fold(""), "");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[\\PC]{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn words_are_separated_by_exactly_one_space(text in "[a-zA-Z0-9.,' éß-]{0,40}") {
            let folded = fold(&text);
            prop_assert!(folded.split(' ').all(|word| !word.is_empty()) || folded.is_empty(), "{folded:?}");
        }
    }
}
