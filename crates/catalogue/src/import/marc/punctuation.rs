//! The punctuation of ISBD, which stands in the fields of most libraries and belongs to a printed card.
//!
//! ` /`, ` :`, ` ;`, ` =` and a comma at the end of a text lead over to the next one; a full stop ends the area. Neither
//! is part of a title or a name. A record can say that it has none (position 18 of its leader); then everything is
//! meant literally.

/// Whether the texts of a record end with punctuation that is not theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Punctuation {
    /// Whether it does.
    pub(super) is_added: bool,
}

/// What ends in a full stop without ending a sentence, in lower case.
const ABBREVIATIONS: [&str; 22] = [
    "jr", "sr", "inc", "ltd", "co", "corp", "etc", "al", "ed", "eds", "vol", "no", "st", "dr", "mr", "mrs", "ms",
    "prof", "dept", "bros", "esq", "cie",
];
/// What libraries write where nothing is known, without brackets and in lower case.
const UNKNOWN: [&str; 9] = [
    "s.l",
    "s. l",
    "s.n",
    "s. n",
    "n.p",
    "place of publication not identified",
    "publisher not identified",
    "s.l.",
    "s.n.",
];

impl Punctuation {
    /// By the leader of a record.
    pub(super) fn of(form: char) -> Self {
        Self {
            is_added: !matches!(form, 'c' | 'n'),
        }
    }

    /// A title, a name, a heading.
    pub(super) fn bare(self, text: &str) -> String {
        let text = clean(text);
        if !self.is_added {
            return text;
        }
        without_stop(leading_over(&text)).to_owned()
    }

    /// What may end in an abbreviation: an edition, an extent.
    pub(super) fn bare_with_stop(self, text: &str) -> String {
        let text = clean(text);
        if self.is_added {
            leading_over(&text).to_owned()
        } else {
            text
        }
    }

    /// A place or a publisher, which are in brackets where the book does not name them; empty if nobody knows.
    pub(super) fn imprint(self, text: &str) -> String {
        let text = self.bare(text);
        if !self.is_added {
            return text;
        }
        let open: String = text
            .chars()
            .filter(|character| !matches!(character, '[' | ']'))
            .collect();
        let open = without_stop(leading_over(&open));
        if UNKNOWN.contains(&open.to_lowercase().as_str()) {
            String::new()
        } else {
            open.to_owned()
        }
    }
}

/// A text on one line, without the marks around an article that is not sorted by.
pub(super) fn clean(text: &str) -> String {
    let is_mark = |character: &char| matches!(character, '\u{88}' | '\u{89}' | '\u{98}' | '\u{9c}');
    let visible: String = text.chars().filter(|character| !is_mark(character)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn leading_over(text: &str) -> &str {
    text.trim_end_matches(|character: char| {
        character.is_whitespace() || matches!(character, '/' | ':' | ';' | '=' | ',' | '+')
    })
}

fn without_stop(text: &str) -> &str {
    let Some(before) = text.strip_suffix('.') else {
        return text;
    };
    let last = before.rsplit([' ', '-', '(']).next().unwrap_or(before);
    let is_initial = last.chars().count() == 1 && last.chars().all(char::is_alphabetic);
    let is_abbreviation = last.contains('.') || ABBREVIATIONS.contains(&last.to_lowercase().as_str());
    if is_initial || is_abbreviation || before.ends_with('.') {
        text
    } else {
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDED: Punctuation = Punctuation { is_added: true };

    #[test]
    fn what_leads_over_to_the_next_text_is_taken_off() {
        for (text, bare) in [
            ("The pragmatic programmer :", "The pragmatic programmer"),
            ("Programming Python /", "Programming Python"),
            ("Lutz, Mark.", "Lutz, Mark"),
            ("Hunt, Andrew,", "Hunt, Andrew"),
            ("Christopher, Thomas W.", "Christopher, Thomas W."),
            ("King, Martin Luther, Jr.,", "King, Martin Luther, Jr."),
            ("Active server pages.", "Active server pages"),
            ("Wait...", "Wait..."),
            ("History of the U.S.", "History of the U.S."),
            ("\u{98}L'\u{9c}altra  faccia =", "L'altra faccia"),
        ] {
            assert_eq!(ADDED.bare(text), bare);
        }
        assert_eq!(ADDED.bare_with_stop("2nd ed. /"), "2nd ed.");
        assert_eq!(Punctuation::of('c').bare("What is 1 /"), "What is 1 /");
    }

    #[test]
    fn brackets_of_an_imprint_are_the_librarians() {
        for (text, bare) in [
            ("[Washington, D.C.:", "Washington, D.C."),
            ("Association of Teacher Educators]", "Association of Teacher Educators"),
            ("[S.l.] :", ""),
            ("[s.n.],", ""),
            ("Wiley & Sons,", "Wiley & Sons"),
        ] {
            assert_eq!(ADDED.imprint(text), bare);
        }
    }
}
