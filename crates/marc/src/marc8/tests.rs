use unicode_normalization::UnicodeNormalization;

use super::*;

fn decoded(bytes: &[u8]) -> (String, usize) {
    let mut bad = 0;
    let text = decode(bytes, &mut bad);
    (text.nfc().collect(), bad)
}

#[test]
fn marks_come_behind_their_letters_and_become_one_with_them() {
    for (bytes, text) in [
        (&b"communaut\xe2e"[..], "communauté"),
        (b"\xe8Uber", "Über"),
        (b"S\xf2\xe5o", "Sọ̄"),
        (b"\xebi\xeca", "i͡a"),
        (b"\xa1\xb1\xa2\xb2\xc7", "ŁłØøß"),
    ] {
        assert_eq!(decoded(bytes), (text.nfc().collect(), 0), "{bytes:?}");
    }
}

#[test]
fn every_set_is_put_in_place_by_its_escape_sequence() {
    for (bytes, text) in [
        (&b"H\x1bb2\x1bsO"[..], "H₂O"),
        (b"x\x1bp2\x1bs", "x²"),
        (b"\x1bga\x1bs-", "α-"),
        (b"\x1b(Sa\x1b(B", "α"),
        (b"\x1b(NmOSKWA\x1b(B.", "Москва."),
        (b"\x1b(2yl\x1b(B", "של"),
        (b"\x1b(3Gd\x1b(B", "ال"),
        (b"\x1b$1!0!\x1b(B", "一"),
        (b"\x1b)N\xc1", "а"),
        (b"&#x4E8C;", "二"),
    ] {
        let (found, bad) = decoded(bytes);
        assert_eq!((found.as_str(), bad), (text, 0), "{bytes:?}");
    }
}

#[test]
fn what_means_nothing_is_marked_and_counted() {
    for (bytes, text, bad) in [
        (&b"Soci\x1bt"[..], "Soci\u{fffd}t", 1),
        (b"La Soci\xe2et\x1b,", "La Sociét\u{fffd},", 1),
        (b"\x1b$1!0!!0", "一\u{fffd}\u{fffd}", 2),
        (b"end\xe2", "end", 1),
        (b"\xff", "\u{fffd}", 1),
    ] {
        assert_eq!(decoded(bytes), (text.to_owned(), bad), "{bytes:?}");
    }
}

#[test]
fn text_in_another_encoding_does_not_fit() {
    let is_likely = |bytes: &[u8]| {
        let fit = fit(bytes);
        fit.bad * 4 <= fit.good
    };
    for marc8 in [&b"Soci\xe2et\xe2e linn\xe2eenne"[..], b"\xc3 1998", b"Mikha\xe6il"] {
        assert!(is_likely(marc8), "{marc8:?}");
    }
    for latin1 in [
        &b"Soci\xe9t\xe9 linn\xe9enne"[..],
        b"M\xfcller",
        b"Stra\xdfe und Sch\xe4fer",
    ] {
        assert!(!is_likely(latin1), "{latin1:?}");
    }
}

#[test]
fn the_tables_are_whole() {
    assert_eq!(sets::single(b'E', 0x62), Some(Glyph::Mark('\u{301}')));
    assert_eq!(sets::single(b'Q', 0x40), Some(Glyph::Letter('ґ')));
    assert_eq!(sets::single(b'4', 0x7e), Some(Glyph::Mark('\u{30c}')));
    assert_eq!(sets::eacc(*b"!# "), Some('\u{3000}'));
    assert_eq!(sets::eacc(*b"!!!"), None);
}
