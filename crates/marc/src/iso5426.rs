//! ISO 5426: the encoding of UNIMARC before Unicode. As in MARC-8, a mark stands before the letter that it belongs to.

use crate::fit::Fit;

/// The marks from 0xc0 on. The second half of a mark over two letters is nothing, since the first is the whole.
const MARKS: [Option<char>; 32] = [
    Some('\u{309}'),
    Some('\u{300}'),
    Some('\u{301}'),
    Some('\u{302}'),
    Some('\u{303}'),
    Some('\u{304}'),
    Some('\u{306}'),
    Some('\u{307}'),
    Some('\u{308}'),
    Some('\u{308}'),
    Some('\u{30a}'),
    Some('\u{315}'),
    Some('\u{313}'),
    Some('\u{30b}'),
    Some('\u{31b}'),
    Some('\u{30c}'),
    Some('\u{327}'),
    Some('\u{31c}'),
    Some('\u{326}'),
    Some('\u{328}'),
    Some('\u{325}'),
    Some('\u{32e}'),
    Some('\u{323}'),
    Some('\u{324}'),
    Some('\u{332}'),
    Some('\u{333}'),
    Some('\u{329}'),
    Some('\u{32d}'),
    None,
    Some('\u{361}'),
    None,
    None,
];

/// The first of the marks.
const FIRST_MARK: u8 = 0xc0;
/// What follows the last of them.
const AFTER_MARKS: u8 = 0xe0;

fn letter(byte: u8) -> Option<char> {
    Some(match byte {
        0x88 => '\u{98}',
        0x89 => '\u{9c}',
        0xa0 => '\u{a0}',
        0xa1 => '¡',
        0xa2 => '„',
        0xa3 => '£',
        0xa4 => '$',
        0xa5 => '¥',
        0xa6 => '†',
        0xa7 => '§',
        0xa8 => '′',
        0xa9 => '‘',
        0xaa => '“',
        0xab => '«',
        0xac => '♭',
        0xad => '©',
        0xae => '℗',
        0xaf => '®',
        0xb0 => 'ʿ',
        0xb1 => 'ʾ',
        0xb2 => '‚',
        0xb6 => '‡',
        0xb7 => '·',
        0xb8 => '″',
        0xb9 => '’',
        0xba => '”',
        0xbb => '»',
        0xbc => '♯',
        0xbd => 'ʹ',
        0xbe => 'ʺ',
        0xbf => '¿',
        0xe1 => 'Æ',
        0xe2 => 'Đ',
        0xe6 => 'Ĳ',
        0xe8 => 'Ł',
        0xe9 => 'Ø',
        0xea => 'Œ',
        0xec => 'Þ',
        0xf1 => 'æ',
        0xf2 => 'đ',
        0xf3 => 'ð',
        0xf5 => 'ı',
        0xf6 => 'ĳ',
        0xf8 => 'ł',
        0xf9 => 'ø',
        0xfa => 'œ',
        0xfb => 'ß',
        0xfc => 'þ',
        0x20..0x7f => char::from(byte),
        _ => return None,
    })
}

/// The text of some bytes, marks behind their letters; `bad` counts what means nothing.
pub(crate) fn decode(bytes: &[u8], bad: &mut usize) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut marks = Vec::new();
    for byte in bytes {
        if (FIRST_MARK..AFTER_MARKS).contains(byte) {
            marks.extend(MARKS[usize::from(byte - FIRST_MARK)]);
            continue;
        }
        let letter = letter(*byte).unwrap_or('\u{fffd}');
        *bad += usize::from(letter == '\u{fffd}');
        text.push(letter);
        text.extend(marks.drain(..));
    }
    *bad += marks.len();
    text
}

/// How well some bytes fit.
pub(crate) fn fit(bytes: &[u8]) -> Fit {
    let mut fit = Fit::default();
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte >= 0x80) {
        let is_good = if (FIRST_MARK..AFTER_MARKS).contains(byte) {
            let mut behind = bytes[at + 1..]
                .iter()
                .skip_while(|byte| (FIRST_MARK..AFTER_MARKS).contains(*byte));
            behind.next().is_some_and(u8::is_ascii_alphabetic)
        } else {
            letter(*byte).is_some()
        };
        fit.good += usize::from(is_good);
        fit.bad += usize::from(!is_good);
    }
    fit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_behind_their_letters() {
        let mut bad = 0;
        assert_eq!(
            decode(b"Po\xc2esie fran\xd0caise, \xeauvre", &mut bad),
            "Poe\u{301}sie franc\u{327}aise, Œuvre"
        );
        assert_eq!(decode(b"\x88Le \x89Grand", &mut bad), "\u{98}Le \u{9c}Grand");
        assert_eq!(bad, 0);
        assert_eq!(decode(b"x\xff\xc2", &mut bad), "x\u{fffd}");
        assert_eq!(bad, 2);
    }

    #[test]
    fn text_of_windows_does_not_fit() {
        assert!(fit(b"Po\xc2esie").bad == 0);
        assert!(fit(b"\xe9t\xe9 \xe0 Orl\xe9ans \xe0 no\xebl").bad > 0);
    }
}
