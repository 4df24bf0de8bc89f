//! Fields that are one of a few words.

use colophon_store::Kind;
use colophon_store::schema::Value;

use super::in_words;
use crate::folding::fold;

/// One of a few words.
#[derive(Debug)]
pub struct Choice {
    /// The words, as they are stored.
    words: &'static [&'static str],
    /// What other programs and people write for one, folded: a text that contains the first means the second. The most
    /// certain first.
    spellings: &'static [(&'static str, &'static str)],
}

/// A book's physical form. "Other" is what somebody has looked at and found to be none of these.
pub(super) const FORMATS: Choice = Choice {
    words: &["hardback", "paperback", "ebook", "audio", "other"],
    spellings: &[
        ("audio", "audio"),
        ("audible", "audio"),
        ("horbuch", "audio"),
        ("ebook", "ebook"),
        ("e-book", "ebook"),
        ("kindle", "ebook"),
        ("nook", "ebook"),
        ("epub", "ebook"),
        ("pdf", "ebook"),
        ("digital", "ebook"),
        ("paperback", "paperback"),
        ("softcover", "paperback"),
        ("softback", "paperback"),
        ("taschenbuch", "paperback"),
        ("broschiert", "paperback"),
        ("broche", "paperback"),
        ("poche", "paperback"),
        ("rustica", "paperback"),
        ("brossura", "paperback"),
        ("hardcover", "hardback"),
        ("hardback", "hardback"),
        ("hardbound", "hardback"),
        ("library binding", "hardback"),
        ("board book", "hardback"),
        ("gebunden", "hardback"),
        ("relie", "hardback"),
        ("tapa dura", "hardback"),
        ("rilegato", "hardback"),
        ("other", "other"),
    ],
};

impl Kind for Choice {
    fn word(&self) -> &'static str {
        "choice"
    }

    fn choices(&self) -> &'static [&'static str] {
        self.words
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        in_words(value, |written| {
            if self.words.contains(&written) {
                return Ok(None);
            }
            let folded = fold(written);
            let spelled = self.spellings.iter().find(|(spelling, _)| folded.contains(spelling));
            spelled
                .map(|(_, word)| Some((*word).to_owned()))
                .ok_or_else(|| format!("“{written}” is none of {}", self.words.join(", ")))
        })
    }

    fn read_cell(&self, cell: &str) -> Result<Value, String> {
        if fold(cell).contains("unknown") {
            return Ok(Value::Null);
        }
        self.parse(cell).and_then(|value| self.check(value))
    }
}
