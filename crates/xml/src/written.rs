//! Text for an XML file that is being written.

use std::borrow::Cow;

/// A text as the content of an element. Characters that XML has no place for become U+FFFD.
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, false)
}

/// A text as the value of an attribute.
pub fn attribute(text: &str) -> Cow<'_, str> {
    escaped(text, true)
}

fn escaped(text: &str, is_attribute: bool) -> Cow<'_, str> {
    let replacement = |character: char| {
        Some(match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' if is_attribute => "&quot;",
            '\n' if is_attribute => "&#10;",
            '\t' if is_attribute => "&#9;",
            // A reader turns one that stands there by itself into a line feed.
            '\r' => "&#13;",
            '\t' | '\n' => return None,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            _ => return None,
        })
    };
    if !text.chars().any(|character| replacement(character).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match replacement(character) {
            Some(text) => written.push_str(text),
            None => written.push(character),
        }
    }
    Cow::Owned(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_markup() {
        assert_eq!(text("a < b & \"c\" ]]>\n"), "a &lt; b &amp; \"c\" ]]&gt;\n");
        assert_eq!(attribute("a \"b\"\n"), "a &quot;b&quot;&#10;");
        assert_eq!(text("a\u{1}b\r"), "a\u{fffd}b&#13;");
        assert!(matches!(text("plain"), Cow::Borrowed("plain")));
    }
}
