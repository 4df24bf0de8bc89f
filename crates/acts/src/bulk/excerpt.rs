//! The part of a long text in which it differs from another: notes may have a million letters, and a row shows few.

/// The most letters of a text that are shown.
const SHOWN_CHARS_MAX: usize = 400;

/// How many letters before the first difference are shown, so that it can be told where it is.
const CHARS_BEFORE: usize = 40;

/// Both texts, or the same stretch of both if one is long.
pub(super) fn excerpts(before: &str, after: &str) -> (String, String) {
    let is_short = |text: &str| text.chars().take(SHOWN_CHARS_MAX + 1).count() <= SHOWN_CHARS_MAX;
    if is_short(before) && is_short(after) {
        return (before.to_owned(), after.to_owned());
    }
    let alike = before
        .chars()
        .zip(after.chars())
        .take_while(|(one, other)| one == other);
    let from = alike.count().saturating_sub(CHARS_BEFORE);
    (excerpt(before, from), excerpt(after, from))
}

fn excerpt(text: &str, from: usize) -> String {
    let mut letters = text.chars().skip(from);
    let mut shown = String::new();
    if from > 0 {
        shown.push('…');
    }
    shown.extend(letters.by_ref().take(SHOWN_CHARS_MAX));
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_shown_whole_and_of_a_long_one_where_it_differs() {
        assert_eq!(excerpts("Emma", "Emmas"), ("Emma".to_owned(), "Emmas".to_owned()));
        let long = "a".repeat(10_000);
        let (before, after) = excerpts(&format!("{long}one{long}"), &format!("{long}two{long}"));
        let around = "a".repeat(CHARS_BEFORE);
        assert!(
            before.starts_with(&format!("…{around}one")) && before.ends_with('…'),
            "{before}"
        );
        assert!(after.starts_with(&format!("…{around}two")), "{after}");
    }
}
