//! What nobody typed in a cell: entities of a web page, invisible marks at the ends, a tab in place of a line break.
//!
//! The rejected rows keep their cells as they were; an export of ours is read literally.

use std::borrow::Cow;

use csv::StringRecord;

/// A row without what nobody typed; `None` if there is nothing of that in it.
pub(super) fn cleaned(row: &StringRecord) -> Option<StringRecord> {
    let has_any = row.iter().any(|cell| matches!(clean(cell), Cow::Owned(_)));
    has_any.then(|| row.iter().map(clean).collect::<Vec<_>>()).map(|cells| {
        let mut cleaned = StringRecord::with_capacity(row.as_slice().len(), row.len());
        for cell in cells {
            cleaned.push_field(&cell);
        }
        cleaned
    })
}

/// A cell without what nobody typed.
fn clean(cell: &str) -> Cow<'_, str> {
    let bytes = cell.as_bytes();
    let has_entity = memchr::memchr2(b'&', 0xb, bytes).is_some();
    let is_marked = !cell.is_ascii() && (cell.starts_with(is_unseen) || cell.ends_with(is_unseen));
    if !has_entity && !is_marked {
        return Cow::Borrowed(cell);
    }
    let visible = cell.trim_matches(is_unseen);
    let decoded = decoded(visible);
    if decoded == cell {
        Cow::Borrowed(cell)
    } else {
        Cow::Owned(decoded)
    }
}

/// A mark that is invisible and means nothing at the ends of a text.
pub(super) fn is_unseen(character: char) -> bool {
    matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\u{b}']) {
        decoded.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let is_entity = rest[at..].starts_with('&');
        if let Some((character, length)) = character(behind).filter(|_| is_entity) {
            decoded.push(character);
            rest = &behind[length..];
        } else {
            decoded.push(if is_entity { '&' } else { '\n' });
            rest = behind;
        }
    }
    decoded.push_str(rest);
    decoded
}

/// The character that an entity stands for, and how long the entity is after its ampersand.
fn character(behind: &str) -> Option<(char, usize)> {
    let end = behind.as_bytes().iter().take(12).position(|&byte| byte == b';')?;
    let name = &behind[..end];
    let found = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code).filter(|character| !character.is_control())?
    } else {
        named(name)?
    };
    Some((found, end + 1))
}

/// Entities by name: those of XML, of punctuation, and the letters of Latin-1, given as base letter and accent.
fn named(name: &str) -> Option<char> {
    const NAMED: [(&str, char); 35] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("ndash", '–'),
        ("mdash", '—'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("sbquo", '‚'),
        ("bdquo", '„'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("hellip", '…'),
        ("szlig", 'ß'),
        ("AElig", 'Æ'),
        ("aelig", 'æ'),
        ("OElig", 'Œ'),
        ("oelig", 'œ'),
        ("Oslash", 'Ø'),
        ("oslash", 'ø'),
        ("Aring", 'Å'),
        ("aring", 'å'),
        ("ETH", 'Ð'),
        ("eth", 'ð'),
        ("THORN", 'Þ'),
        ("thorn", 'þ'),
        ("iexcl", '¡'),
        ("iquest", '¿'),
        ("copy", '©'),
        ("deg", '°'),
        ("middot", '·'),
    ];
    const ACCENTS: [(&str, char); 7] = [
        ("grave", '\u{300}'),
        ("acute", '\u{301}'),
        ("circ", '\u{302}'),
        ("tilde", '\u{303}'),
        ("uml", '\u{308}'),
        ("cedil", '\u{327}'),
        ("caron", '\u{30c}'),
    ];
    if let Some((_, character)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(*character);
    }
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let (_, accent) = ACCENTS.iter().find(|(known, _)| *known == &name[1..])?;
    unicode_normalization::char::compose(letter, *accent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_become_the_letters_they_stand_for() {
        for (cell, expected) in [
            ("Salt &amp; Sand", "Salt & Sand"),
            ("Zo&euml; &Scaron;", "Zoë Š"),
            ("Zo&uml;", "Zo&uml;"),
            ("M&uuml;ller &#38; S&#xf6;hne", "Müller & Söhne"),
            ("AT&T; R&D", "AT&T; R&D"),
            ("one\u{b}two", "one\ntwo"),
            ("\u{200e}Ida Fell\u{200b}", "Ida Fell"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ] {
            assert_eq!(clean(cell), expected, "{cell}");
        }
    }
}
