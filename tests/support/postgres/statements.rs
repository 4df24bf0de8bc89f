//! Where one statement ends and the next begins.
//!
//! As psql sees it: at a semicolon that is not within parentheses, a string, a name, a function body or a comment.

/// The statements of a script, without empty ones.
pub(super) fn statements(script: &str) -> Vec<&str> {
    let (mut found, mut begin, mut at, mut depth) = (Vec::new(), 0, 0, 0_usize);
    while let Some(rest) = script.get(at..).filter(|rest| !rest.is_empty()) {
        let length = unit(script, at, rest);
        match rest.as_bytes()[0] {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => {
                found.push(&script[begin..at]);
                begin = at + length;
            }
            _ => (),
        }
        at += length;
    }
    found.push(&script[begin..]);
    found.retain(|statement| !statement.trim().is_empty());
    found
}

/// How many bytes belong together here: a string, a name, a body, a comment, or one character.
fn unit(script: &str, at: usize, rest: &str) -> usize {
    let before = script[..at].chars().next_back();
    let is_in_word = before.is_some_and(|before| before.is_alphanumeric() || before == '_');
    let length = if rest.starts_with('\'') {
        let has_escapes = matches!(before, Some('E' | 'e'));
        quoted(rest, '\'', has_escapes)
    } else if rest.starts_with('"') {
        quoted(rest, '"', false)
    } else if rest.starts_with("--") {
        rest.find('\n')
    } else if let Some(after) = rest.strip_prefix("/*") {
        after.find("*/").map(|length| length + 4)
    } else if let Some(tag) = dollar_tag(rest).filter(|_| !is_in_word) {
        let body = &rest[tag.len()..];
        body.find(tag).map(|length| length + 2 * tag.len())
    } else {
        rest.chars().next().map(char::len_utf8)
    };
    length.unwrap_or(rest.len())
}

/// The length of what is in quotes, including them. A doubled quote is two of these, side by side.
fn quoted(rest: &str, quote: char, has_escapes: bool) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return Some(at + 1);
        }
        if has_escapes && letter == '\\' {
            letters.next();
        }
    }
    None
}

/// The tag with which a body begins and ends: `$$`, `$body$`.
fn dollar_tag(rest: &str) -> Option<&str> {
    let name = rest.strip_prefix('$')?;
    let length = name.find('$')?;
    let is_name = name[..length]
        .chars()
        .all(|letter| letter.is_alphanumeric() || letter == '_');
    let is_parameter = name.starts_with(|letter: char| letter.is_ascii_digit());
    (is_name && !is_parameter).then(|| &rest[..length + 2])
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn a_script_is_cut_where_psql_cuts_it() {
        assert_eq!(
            statements("BEGIN; SELECT 1;\n;COMMIT"),
            ["BEGIN", " SELECT 1", "COMMIT"]
        );
        for one in [
            "SELECT ';', \"a;b\", 'it''s;', E'\\';'",
            "DO $$ BEGIN PERFORM 1; END $$",
            "DO $body$ SELECT '$$;'; $body$",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
            "SELECT 1 -- and; more\n+ 1 /* ; */",
            "SELECT 'ü;', $1, a$b$c",
        ] {
            assert_eq!(statements(one), [one]);
            assert_eq!(statements(&format!("{one};{one};")), [one, one]);
        }
    }
}
