//! Whether the letters of an old encoding make words.
//!
//! A guess from the frequencies of letters is one of the encodings of the web. Old Macs and DOS wrote others, in which
//! the same bytes are other letters: read wrongly, capitals and signs end up in the middle of lower-case words. So
//! every candidate is tried, and one of these is chosen only if it makes words and the guess does not. In that case the
//! report says that the encoding is a guess.

use encoding_rs::{Encoding, MACINTOSH};

use super::code_page::CodePage;

/// How many letters outside ASCII are examined, together with their neighbours.
const LETTERS_ASKED: usize = 2_000;
/// The code pages that are tried.
const PAGES: [&str; 3] = ["850", "437", "852"];

/// What is likely.
#[derive(Debug, Default)]
pub(super) struct Likely {
    pub(super) encoding: Option<&'static Encoding>,
    pub(super) code_page: Option<CodePage>,
    pub(super) is_doubtful: bool,
}

impl Likely {
    /// What a person said.
    pub(super) fn told(page: CodePage) -> Self {
        Self {
            code_page: Some(page),
            ..Self::default()
        }
    }
}

/// Bytes outside ASCII, each with the bytes before and after it.
#[derive(Debug, Default)]
pub(super) struct Sample(Vec<[u8; 3]>);

impl Sample {
    pub(super) fn add(&mut self, chunk: &[u8]) {
        let wanted = LETTERS_ASKED.saturating_sub(self.0.len());
        let three = chunk.windows(3).filter(|three| three[1] >= 0x80).take(wanted);
        self.0.extend(three.filter_map(|three| <[u8; 3]>::try_from(three).ok()));
    }

    /// A more likely encoding than the one guessed, if there is one.
    pub(super) fn likely(&self, guessed: &'static Encoding) -> Likely {
        if !guessed.is_single_byte() || self.0.is_empty() {
            return Likely::default();
        }
        let faults = |letter: &dyn Fn(u8) -> char| self.0.iter().filter(|three| is_fault(**three, letter)).count();
        let in_encoding = |encoding: &'static Encoding| faults(&|byte| letter_of(encoding, byte));
        let of_guess = in_encoding(guessed);
        if of_guess * 10 <= self.0.len() {
            return Likely::default();
        }
        let mut best = (in_encoding(MACINTOSH), Some(MACINTOSH), None);
        for page in PAGES.into_iter().filter_map(CodePage::named) {
            let of_page = faults(&page.letter());
            if of_page < best.0 {
                best = (of_page, None, Some(page));
            }
        }
        let is_better = best.0 * 3 < of_guess;
        Likely {
            encoding: best.1.filter(|_| is_better),
            code_page: best.2.filter(|_| is_better),
            is_doubtful: true,
        }
    }
}

fn letter_of(encoding: &'static Encoding, byte: u8) -> char {
    let text = [byte];
    encoding
        .decode_without_bom_handling(&text)
        .0
        .chars()
        .next()
        .unwrap_or('\u{fffd}')
}

/// Whether a letter cannot be where it is: a sign or a capital within a lower-case word, or a sign that occurs in no
/// text.
fn is_fault(three: [u8; 3], letter: &dyn Fn(u8) -> char) -> bool {
    let [before, here, behind] = three.map(letter);
    if matches!(here, '\u{2500}'..='\u{25ff}' | '\u{80}'..='\u{9f}' | '\u{fffd}') {
        return true;
    }
    let is_inside = before.is_alphabetic() && behind.is_alphabetic();
    if here.is_alphabetic() {
        return before.is_lowercase() && here.is_uppercase() || is_inside && is_rare(here);
    }
    let may_be_inside = matches!(here, '’' | '\'' | '·' | '–' | '-' | '\u{ad}');
    is_inside && !may_be_inside
        || before.is_alphabetic() && !before.is_ascii_digit() && is_odd_behind(here)
        || is_odd_before(here) && behind.is_alphabetic()
}

/// Letters that hardly ever occur within a word.
fn is_rare(letter: char) -> bool {
    matches!(letter, 'ƒ' | 'ª' | 'º' | 'µ' | 'ˆ' | '˜')
}

/// Signs that do not occur right after a letter.
fn is_odd_behind(sign: char) -> bool {
    matches!(
        sign,
        '„' | '‚' | '¡' | '¿' | '¬' | '¤' | '‡' | '†' | '‰' | '¨' | '¸' | '¯' | '¦' | '±' | '÷' | '×'
    )
}

/// Signs that do not occur right before one.
fn is_odd_before(sign: char) -> bool {
    matches!(sign, '™' | '®' | '‰' | '¨' | '¸' | '¯' | '¦' | '¬' | '÷' | '×' | '”')
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1252;

    fn likely(bytes: &[u8]) -> Likely {
        let mut sample = Sample::default();
        sample.add(bytes);
        sample.likely(WINDOWS_1252)
    }

    #[test]
    fn letters_of_dos_and_of_an_old_mac_are_told_from_those_of_windows() {
        let dos = likely(b"B\x84r und L\x94we, M\x84rz, gr\x81n, Stra\xe1e, f\x81r \x8epfel\n");
        assert_eq!(
            (dos.code_page.map(CodePage::name), dos.is_doubtful),
            (Some("cp850"), true)
        );
        let mac = likely(b"No\x91l \x88 Gen\x8fve, d\x8ej\x88 l'\x8et\x8e, B\x8atzli\n");
        assert_eq!((mac.encoding, mac.is_doubtful), (Some(MACINTOSH), true));
        let windows = likely(b"B\xe4r und L\xf6we, M\xe4rz, gr\xfcn, Stra\xdfe \x96 f\xfcr \xc4pfel\n");
        assert!(windows.encoding.is_none() && windows.code_page.is_none() && !windows.is_doubtful);
    }
}
