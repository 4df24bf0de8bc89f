//! A script of SQL, and where one statement of it ends and the next begins.
//!
//! PostgreSQL accepts a whole script as one message. A cluster does not: it passes parts of what it was sent on to
//! other servers, and for that the text must be a single statement. So a migration is sent one statement at a time,
//! within its transaction.
//!
//! A statement ends at a semicolon, unless that is in a string, a name, the body of a function or a comment, or between
//! parentheses (the actions of a rule). That is how psql does it, with one exception: a function whose body is not
//! quoted (`BEGIN ATOMIC`), which PostgreSQL 13 does not know either.

/// The statements of a script in order, without the semicolons and without those that are nothing but comments.
pub(super) fn statements(script: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut begin, mut at, mut depth, mut says) = (0, 0, 0_usize, false);
    while let Some(Piece { kind, length }) = Piece::at(script, at) {
        match kind {
            Kind::Ends if depth == 0 => {
                found.extend(script.get(begin..at).filter(|_| says));
                (begin, says) = (at + length, false);
            }
            Kind::Silent => (),
            Kind::Opens => (depth, says) = (depth + 1, true),
            Kind::Closes => (depth, says) = (depth.saturating_sub(1), true),
            Kind::Ends | Kind::Says => says = true,
        }
        at += length;
    }
    found.extend(script.get(begin..).filter(|_| says));
    found.into_iter().map(str::trim).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// White space and comments.
    Silent,
    Opens,
    Closes,
    /// A semicolon.
    Ends,
    /// Anything else: a word, a string, a quoted name, a body.
    Says,
}

/// Bytes that belong together.
struct Piece {
    kind: Kind,
    length: usize,
}

impl Piece {
    /// What begins at an offset of the script; nothing at its end. What is not closed continues to the end.
    fn at(script: &str, at: usize) -> Option<Self> {
        let rest = script.get(at..)?;
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '(' => (Kind::Opens, Some(1)),
            ')' => (Kind::Closes, Some(1)),
            ';' => (Kind::Ends, Some(1)),
            '\'' => (Kind::Says, quoted(rest, '\'', false)),
            '"' => (Kind::Says, quoted(rest, '"', false)),
            '-' if rest.starts_with("--") => (Kind::Silent, rest.find('\n')),
            '/' if rest.starts_with("/*") => (Kind::Silent, remark(rest)),
            '$' => (Kind::Says, body(rest)),
            first if first.is_ascii_whitespace() => (Kind::Silent, Some(1)),
            first if is_of_word(first) => (Kind::Says, word(rest)),
            first => (Kind::Says, Some(first.len_utf8())),
        };
        let length = length.unwrap_or(rest.len());
        Some(Self { kind, length })
    }
}

/// What names and numbers are made of. Everything beyond ASCII is a letter to PostgreSQL.
fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || !letter.is_ascii()
}

/// A word, including dollars within it, which begin no body; and including the string after it if it is the `E` of one
/// with escapes.
fn word(rest: &str) -> Option<usize> {
    let length = rest.find(|letter| !is_of_word(letter) && letter != '$')?;
    let after = rest.get(length..)?;
    if matches!(rest.get(..length), Some("e" | "E")) && after.starts_with('\'') {
        return quoted(after, '\'', true).map(|text| length + text);
    }
    Some(length)
}

/// A quoted text, with its quotes. A doubled quote is the end of one text and the beginning of the next, which amounts
/// to the same.
fn quoted(rest: &str, quote: char, has_escapes: bool) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if has_escapes && letter == '\\' {
            letters.next();
        } else if letter == quote {
            return Some(at + letter.len_utf8());
        }
    }
    None
}

/// A comment between `/*` and `*/`, which may contain others.
fn remark(rest: &str) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        let ahead = rest.get(at..)?;
        let (opens, closes) = (ahead.find("/*"), ahead.find("*/"));
        match (opens, closes) {
            (Some(opens), closes) if closes.is_none_or(|closes| opens < closes) => {
                depth += 1;
                at += opens + 2;
            }
            (_, Some(closes)) => {
                depth -= 1;
                at += closes + 2;
            }
            (_, None) => return None,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// A body between two tags, `$$` or `$name$`; a dollar that begins none stands for itself.
fn body(rest: &str) -> Option<usize> {
    let Some(tag) = tag(rest) else {
        return Some(1);
    };
    let inside = rest.get(tag.len()..)?;
    inside.find(tag).map(|length| length + 2 * tag.len())
}

fn tag(rest: &str) -> Option<&str> {
    let name = rest.get(1..)?;
    let length = name.find(|letter| !is_of_word(letter))?;
    let ends = name.get(length..)?.starts_with('$');
    let is_parameter = name.starts_with(|letter: char| letter.is_ascii_digit());
    rest.get(..length + 2).filter(|_| ends && !is_parameter)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::central::CentralSchema;

    #[test]
    fn what_belongs_together_is_not_cut() {
        for one in [
            "SELECT ';', \"a;b\", 'it''s;', E'\\';', e'\\\\', U&'\\0441;'",
            "SELECT 'a backslash is no escape\\'",
            "DO $$ BEGIN PERFORM 1; END $$",
            "DO $body$ SELECT '$$;'; -- ' \" /*\n $body$",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT (2); SELECT 3)",
            "SELECT 1 -- and; more\n+ 1 /* ; /* inner; */ ; */",
            "SELECT 'ü;', $1, a$b$c, é$$;$$",
        ] {
            let cut = one.replace("é$$;$$", "é$$");
            assert_eq!(statements(&cut), [cut.as_str()]);
            assert_eq!(
                statements(&format!("{cut};\n{cut};-- the end;\n")),
                [cut.as_str(), cut.as_str()]
            );
        }
    }

    #[test]
    fn what_is_not_closed_goes_on_to_the_end() {
        for one in [
            "SELECT ';",
            "SELECT \";",
            "DO $$ ;",
            "SELECT (;",
            "SELECT E'\\';",
            "SELECT 1 /* ; /* */ ;",
        ] {
            assert_eq!(statements(one), [one]);
        }
    }

    #[test]
    fn remarks_alone_are_no_statement() {
        assert_eq!(statements(" ;; -- ;\n /* ; */ ; "), Vec::<&str>::new());
    }

    #[test]
    fn every_statement_of_our_migrations_begins_with_what_it_does() {
        let schema = CentralSchema::embedded().unwrap();
        for migration in schema.up.iter().chain(&schema.down) {
            for statement in statements(migration.sql().unwrap_or_default()) {
                let said = statement
                    .lines()
                    .find(|line| !line.starts_with("--") && !line.is_empty())
                    .unwrap();
                let verb = said.split_whitespace().next().unwrap();
                let known = [
                    "ALTER", "CREATE", "DELETE", "DO", "DROP", "INSERT", "REVOKE", "SELECT", "UPDATE",
                ];
                assert!(known.contains(&verb), "V{}: {statement}", migration.version());
            }
        }
    }

    /// A piece of a statement, complete in itself.
    fn piece() -> impl Strategy<Value = String> {
        let inside = "[a-z;$'\"() /*-]{0,8}";
        let letters = "[a-z;() $]{0,8}";
        prop_oneof![
            "[a-zé_][a-z0-9$]{0,5}",
            "[-+*=<>,.:]",
            letters.prop_map(|text| format!("'{text}''{text}'")),
            letters.prop_map(|text| format!("E'{text}\\'{text}'")),
            letters.prop_map(|text| format!("\"{text}\"")),
            inside
                .prop_filter("no tag in the body", |text| !text.contains("$$")
                    && !text.ends_with('$'))
                .prop_map(|text| format!("$${text}$$")),
            "[a-z;'\"() $]{0,8}".prop_map(|text| format!("$b_1${text} $b$ $$ $b_1$")),
            "[a-z;'\"() $]{0,8}".prop_map(|text| format!("/*{text}/* ; */*/")),
            "[a-z;'\"() $*]{0,8}".prop_map(|text| format!("--{text}\n")),
            "[a-z; ]{0,8}".prop_map(|text| format!("({text})")),
        ]
    }

    /// Something more than comments.
    fn statement() -> impl Strategy<Value = String> {
        vec(piece(), 0..8).prop_map(|pieces| format!("SELECT {} 1", pieces.join(" ")))
    }

    proptest! {
        #[test]
        fn statements_that_were_joined_are_those_that_are_found(given in vec(statement(), 0..6)) {
            let script = given.join(";\n");
            prop_assert_eq!(statements(&script), given);
        }

        #[test]
        fn nothing_is_lost_and_nothing_comes_twice_whatever_the_text(script in "[a-zE$'\";()/* \n\\\\é-]{0,60}") {
            let mut rest = script.as_str();
            for statement in statements(&script) {
                let at = rest.find(statement);
                prop_assert!(at.is_some());
                rest = rest.split_at(at.unwrap_or_default() + statement.len()).1;
            }
        }
    }
}
