//! Which encoding the letters of a record have, whatever it says.
//!
//! The leader can say that it is UTF-8 and nothing else, and programs leave that out or say it of MARC-8. UTF-8 shows by
//! itself: text in another encoding is hardly ever valid in it. MARC-8 shows by its accents, which stand before the
//! letter that they belong to. What is neither has the encoding that the frequencies of its letters suggest, helped by
//! the language that the record gives.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::fit::Fit;
use crate::record::Doubt;
use crate::{iso5426, marc8};

/// How the bytes of a record are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// UTF-8, and ASCII.
    Utf8,
    /// The encoding of MARC 21 before Unicode.
    Marc8,
    /// The encoding of UNIMARC before Unicode.
    Iso5426,
    /// Another one.
    Other(&'static Encoding),
}

type Fields<'bytes> = [(&'bytes str, &'bytes [u8])];

impl Letters {
    /// The encoding of a record; with a doubt where it is another than the record says.
    pub(crate) fn of_record(
        leader: &str,
        fields: &Fields<'_>,
        told: Option<&'static Encoding>,
    ) -> (Self, Option<Doubt>) {
        if let Some(encoding) = told {
            return (Self::Other(encoding), None);
        }
        let is_plain = |bytes: &[u8]| bytes.is_ascii() && !bytes.contains(&marc8::ESCAPE);
        if fields.iter().all(|(_, bytes)| is_plain(bytes)) {
            return (Self::Utf8, None);
        }
        let is_unimarc = is_unimarc(fields);
        let says_utf8 = leader.as_bytes().get(9) == Some(&b'a') || is_unimarc && unimarc_says_unicode(fields);
        let has_letters = fields.iter().any(|(_, bytes)| !bytes.is_ascii());
        if fields.iter().all(|(_, bytes)| std::str::from_utf8(bytes).is_ok()) {
            let is_utf8 = has_letters || says_utf8;
            return (if is_utf8 { Self::Utf8 } else { Self::Marc8 }, None);
        }
        let found = if says_utf8 && is_mostly_utf8(fields) {
            Self::Utf8
        } else {
            Self::before_unicode(fields, is_unimarc)
        };
        let doubt = says_utf8 && found != Self::Utf8;
        let doubt = doubt.then(|| Doubt::Encoding {
            declared: "UTF-8",
            found: found.name(),
        });
        (found, doubt)
    }

    fn before_unicode(fields: &Fields<'_>, is_unimarc: bool) -> Self {
        let fit = |of: fn(&[u8]) -> Fit| {
            fields
                .iter()
                .map(|(_, bytes)| of(bytes))
                .fold(Fit::default(), |all, one| Fit {
                    good: all.good + one.good,
                    bad: all.bad + one.bad,
                })
        };
        if is_unimarc && fit(iso5426::fit).is_likely() {
            return Self::Iso5426;
        }
        // Escape sequences occur in nothing else.
        let has_escapes = fields.iter().any(|(_, bytes)| marc8::has_escape(bytes));
        if has_escapes || fit(marc8::fit).is_likely() {
            return Self::Marc8;
        }
        Self::Other(guessed(fields))
    }

    /// The text of some bytes, composed; `bad` counts what is no letter.
    pub(crate) fn decode(self, bytes: &[u8], bad: &mut usize) -> String {
        if bytes.is_ascii() && !bytes.contains(&marc8::ESCAPE) && self != Self::Marc8 {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        let text: Cow<'_, str> = match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Marc8 => Cow::Owned(marc8::decode(bytes, bad)),
            Self::Iso5426 => Cow::Owned(iso5426::decode(bytes, bad)),
            Self::Other(encoding) => encoding.decode_without_bom_handling(bytes).0,
        };
        if matches!(self, Self::Utf8 | Self::Other(_)) {
            *bad += text.matches('\u{fffd}').count();
        }
        composed(text)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Marc8 => "MARC-8",
            Self::Iso5426 => "ISO 5426",
            Self::Other(encoding) => encoding.name(),
        }
    }
}

/// A text in which letters and their accents are one.
pub(crate) fn composed(text: Cow<'_, str>) -> String {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text.into_owned();
    }
    text.nfc().collect()
}

fn is_unimarc(fields: &Fields<'_>) -> bool {
    let has = |wanted: &str| fields.iter().any(|(tag, _)| *tag == wanted);
    has("200") && !has("245")
}

/// Whether the coded data of UNIMARC (field 100, positions 26 to 29) name ISO 10646.
fn unimarc_says_unicode(fields: &Fields<'_>) -> bool {
    let coded = fields.iter().find(|(tag, _)| *tag == "100");
    coded.is_some_and(|(_, bytes)| {
        // Two indicators, the delimiter and the code come before position 0.
        bytes
            .get(4 + 26..4 + 30)
            .is_some_and(|sets| sets.starts_with(b"50") || sets.ends_with(b"50"))
    })
}

/// Whether more letters are valid UTF-8 than are not.
fn is_mostly_utf8(fields: &Fields<'_>) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in fields.iter().flat_map(|(_, bytes)| bytes.utf8_chunks()) {
        good += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad
}

/// The encoding that the letters suggest, and the language in which the record says that the book is.
fn guessed(fields: &Fields<'_>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for (_, bytes) in fields {
        detector.feed(bytes, false);
        detector.feed(b"\n", false);
    }
    detector.feed(b"", true);
    let coded = fields.iter().find(|(tag, _)| *tag == "008");
    let language = coded.and_then(|(_, bytes)| bytes.get(35..38));
    detector.guess(language.and_then(top_level_domain), Utf8Detection::Deny)
}

/// Where a language is spoken, as the detector wants it.
fn top_level_domain(language: &[u8]) -> Option<&'static [u8]> {
    let domain: &'static [u8] = match language {
        b"rus" => b"ru",
        b"ukr" => b"ua",
        b"bel" => b"by",
        b"bul" => b"bg",
        b"srp" | b"scc" => b"rs",
        b"gre" | b"ell" => b"gr",
        b"heb" => b"il",
        b"ara" => b"sa",
        b"tur" => b"tr",
        b"pol" => b"pl",
        b"cze" | b"ces" => b"cz",
        b"hun" => b"hu",
        b"jpn" => b"jp",
        b"chi" | b"zho" => b"cn",
        b"kor" => b"kr",
        b"tha" => b"th",
        b"vie" => b"vn",
        _ => return None,
    };
    Some(domain)
}
