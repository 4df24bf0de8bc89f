//! A file of names and values, one `NAME=value` per line, as programs that run in containers have them.
//!
//! A value is taken literally. Nothing is substituted: `${NAME}` is seven characters and not a variable, because
//! whoever writes the file is not always the one whose environment it would be taken from.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, Result};

/// The values by their names.
pub(crate) fn read(path: &Path) -> Result<HashMap<String, OsString>> {
    let malformed = |reason: String| Error::Setting {
        name: path.display().to_string(),
        reason,
    };
    let text = std::fs::read_to_string(path).map_err(|error| malformed(format!("cannot be read: {error}")))?;
    let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines().enumerate();
    let mut values = HashMap::new();
    for (number, line) in lines {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // Only the line number: the line itself may hold a password.
        let (name, value) = setting(line)
            .ok_or_else(|| malformed(format!("cannot be understood: line {} is not NAME=value", number + 1)))?;
        values.insert(name.to_owned(), value.into());
    }
    Ok(values)
}

fn setting(line: &str) -> Option<(&str, String)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    let value = value.trim();
    let value = match value.as_bytes().first() {
        Some(b'\'') => behind(value[1..].split_once('\'')?)?.to_owned(),
        Some(b'"') => in_double_quotes(&value[1..])?,
        _ => value.split(" #").next().unwrap_or_default().trim_end().to_owned(),
    };
    is_name.then_some((name, value))
}

/// The quoted text, if nothing but a comment follows it.
fn behind<'l>((quoted, rest): (&'l str, &str)) -> Option<&'l str> {
    let rest = rest.trim_start();
    (rest.is_empty() || rest.starts_with('#')).then_some(quoted)
}

/// Within double quotes, a backslash stands before a quote, a dollar sign or another backslash that is meant literally.
fn in_double_quotes(text: &str) -> Option<String> {
    let (mut value, mut letters) = (String::new(), text.char_indices());
    while let Some((_, letter)) = letters.next() {
        match letter {
            '"' => return behind((&value, letters.as_str())).map(str::to_owned),
            '\\' => match letters.next()?.1 {
                meant @ ('"' | '\\' | '$') => value.push(meant),
                other => value.extend(['\\', other]),
            },
            letter => value.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_stands_there() {
        for (line, expected) in [
            ("A=b", Some(("A", "b"))),
            ("export A = b # why", Some(("A", "b"))),
            ("A=b#c", Some(("A", "b#c"))),
            ("A=", Some(("A", ""))),
            ("A='b # c'", Some(("A", "b # c"))),
            ("A=\"b \\\"c\\\" \\n\" # why", Some(("A", "b \"c\" \\n"))),
            ("A=${HOME}$HOME", Some(("A", "${HOME}$HOME"))),
            ("A=\"${HOME}\"", Some(("A", "${HOME}"))),
            ("no setting", None),
            ("A='b", None),
            ("A=\"b\" c", None),
            ("a name=b", None),
        ] {
            let read = setting(line);
            assert_eq!(
                read.as_ref().map(|(name, value)| (*name, value.as_str())),
                expected,
                "{line}"
            );
        }
    }
}
