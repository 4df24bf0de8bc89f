//! What each character is to a folded text: a letter, a break between words, or nothing.

/// What a character does to a folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Kept.
    Letter,
    /// Becomes the space between two words.
    Separator,
    /// Disappears without parting a word.
    Nothing,
}

/// Characters that must be judged before they are decomposed, because their decomposition would mislead: a
/// free-standing accent typed in place of an apostrophe becomes a space and an accent, and ½ becomes digits that run
/// into the number before it.
pub(super) fn class_before_decomposition(character: char) -> Option<Class> {
    match character {
        '\u{b4}'
        | '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{384}'
        | '\u{1fbd}'
        | '\u{1fbf}'
        | '\u{1ffd}'
        | '\u{1ffe}'
        | '\u{2120}'
        | '\u{2122}' => Some(Class::Nothing),
        '\u{bc}'..='\u{be}' | '\u{2150}'..='\u{215e}' | '\u{2026}' | '\u{a8}' | '\u{b8}' => Some(Class::Separator),
        _ => None,
    }
}

/// What a character is, once it is decomposed and in lower case.
pub(super) fn class(character: char) -> Class {
    match character {
        'a'..='z' | '0'..='9' | '+' | '#' | '&' | '@' | '%' | '$' | '=' => Class::Letter,
        '\'' | '`' | '*' => Class::Nothing,
        ascii if ascii.is_ascii() => Class::Separator,
        other if vanishes(other) => Class::Nothing,
        other if other.is_alphanumeric() => Class::Letter,
        other if other.is_whitespace() || is_punctuation(other) => Class::Separator,
        _ => Class::Letter,
    }
}

/// Letters that carry a stroke, a ligature or a script's own form in one character, spelled out in plain ones.
pub(super) fn spelled_out(lower: char) -> Option<&'static str> {
    Some(match lower {
        'ß' => "ss",
        'æ' | 'ǽ' | 'ǣ' => "ae",
        'œ' => "oe",
        'ø' | 'ǿ' | 'ɔ' | 'ɵ' => "o",
        'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'ł' | 'ƚ' | 'ɫ' => "l",
        'ħ' => "h",
        'ı' | 'ɨ' => "i",
        'ŧ' | 'ƭ' => "t",
        'þ' => "th",
        'ŋ' | 'ɲ' => "n",
        'ĸ' | 'ƙ' => "k",
        'ƀ' | 'ɓ' => "b",
        'ƈ' => "c",
        'ə' | 'ǝ' | 'ɛ' => "e",
        'ƒ' => "f",
        'ǥ' | 'ɠ' => "g",
        'ƥ' => "p",
        'ʉ' => "u",
        'ʋ' => "v",
        'ƴ' => "y",
        'ƶ' => "z",
        'ς' => "σ",
        'ٱ' => "ا",
        'ى' | 'ی' => "ي",
        'ة' | 'ہ' | 'ۀ' => "ه",
        'ک' => "ك",
        other => return western_digit(other),
    })
}

/// The digits of other scripts, ten in a row each, as 0–9.
fn western_digit(character: char) -> Option<&'static str> {
    /// Zero in Arabic, Persian, N'Ko, Devanagari, Bengali, Gurmukhi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam,
    /// Thai, Lao, Tibetan, Burmese, Khmer and Mongolian.
    const ZEROS: [u32; 18] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
        0x1040, 0x17e0, 0x1810,
    ];
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let code = u32::from(character);
    if code < ZEROS[0] {
        return None;
    }
    ZEROS
        .iter()
        .find_map(|&zero| DIGITS.get(usize::try_from(code.checked_sub(zero)?).ok()?).copied())
}

/// Accents, the written vowels of Hebrew and Arabic, joiners, direction marks, and the marks that stand for an
/// apostrophe.
fn vanishes(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{5f3}' | '\u{5f4}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}'
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        | '\u{b7}' | '\u{2027}' | '\u{2b9}'..='\u{2bf}' | '\u{2c8}' | '\u{2cb}' | '\u{2019}')
}

/// Punctuation outside ASCII, as it is after decomposition.
fn is_punctuation(character: char) -> bool {
    matches!(character,
        '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{bb}' | '\u{bf}' | '\u{37e}' | '\u{55a}'..='\u{55f}' | '\u{589}' | '\u{58a}'
        | '\u{5be}' | '\u{5c0}' | '\u{5c3}' | '\u{5c6}' | '\u{609}'..='\u{60d}' | '\u{61b}'..='\u{61f}' | '\u{66a}'..='\u{66d}'
        | '\u{6d4}' | '\u{964}' | '\u{965}' | '\u{970}' | '\u{e4f}' | '\u{e5a}' | '\u{e5b}' | '\u{2010}'..='\u{205e}'
        | '\u{2e00}'..='\u{2e7f}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}' | '\u{3030}' | '\u{303d}' | '\u{30a0}' | '\u{30fb}')
}
