//! The parts of one entry: its kind, its key, its fields, with macros put in.

use std::collections::HashMap;

/// The most bytes of a macro: each may be made of others, and a few lines would otherwise say more than fits anywhere.
const MACRO_MAX_BYTES: usize = 4 * 1024;
/// The most bytes that macros put into one value.
const PUT_IN_MAX_BYTES: usize = 64 * 1024;
/// The most fields that an entry has.
const FIELDS_MAX: usize = 1_000;

/// An entry as it stands in the file; values are TeX.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The kind, in lower case.
    pub(super) kind: String,
    /// The key by which it is cited.
    pub(super) key: String,
    /// The fields, with names in lower case, in the order of the file.
    pub(super) fields: Vec<(String, String)>,
    /// Macros that no `@string` before it defines.
    pub(super) undefined: Vec<String>,
}

impl Entry {
    /// What a field says.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What an entry of a file turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// An entry.
    Entry(Entry),
    /// A definition, which has been taken up, or a comment.
    NoEntry,
}

/// The abbreviations of a file.
#[derive(Debug, Clone)]
pub(super) struct Macros(HashMap<String, String>);

impl Default for Macros {
    fn default() -> Self {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let months = MONTHS.map(|month| (month[..3].to_lowercase(), month.to_owned()));
        Self(months.into_iter().collect())
    }
}

impl Macros {
    /// Takes an entry apart, and takes up what it defines. An error says what is wrong.
    pub(super) fn parse(&mut self, text: &str) -> Result<Parsed, String> {
        let mut scan = Scan::new(text, self);
        let (kind, closes) = scan.head().ok_or("it has no opening brace")?;
        match kind.as_str() {
            "comment" | "preamble" => Ok(Parsed::NoEntry),
            "string" => {
                let fields = scan.fields(closes)?;
                for (name, mut value) in fields {
                    if value.len() > MACRO_MAX_BYTES {
                        return Err(format!(
                            "the macro “{name}” says more than {} KiB",
                            MACRO_MAX_BYTES / 1024
                        ));
                    }
                    value.shrink_to_fit();
                    self.0.insert(name, value);
                }
                Ok(Parsed::NoEntry)
            }
            _ => {
                let key = scan.key();
                let fields = scan.fields(closes)?;
                let undefined = scan.undefined;
                Ok(Parsed::Entry(Entry {
                    kind,
                    key,
                    fields,
                    undefined,
                }))
            }
        }
    }
}

/// Reads through the text of one entry.
struct Scan<'t, 'm> {
    text: &'t str,
    at: usize,
    macros: &'m Macros,
    undefined: Vec<String>,
}

impl<'t, 'm> Scan<'t, 'm> {
    fn new(text: &'t str, macros: &'m Macros) -> Self {
        Self {
            text,
            at: 0,
            macros,
            undefined: Vec::new(),
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += if is_there { wanted.len_utf8() } else { 0 };
        is_there
    }

    /// Passes over white space and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            if !rest.starts_with('%') {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn until(&mut self, is_end: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(is_end).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// `@book{`: the kind, and what closes the entry.
    fn head(&mut self) -> Option<(String, char)> {
        self.eat('@');
        let kind = self.until(|character| matches!(character, '{' | '('));
        let closes = if self.eat('{') {
            '}'
        } else if self.eat('(') {
            ')'
        } else {
            return None;
        };
        Some((kind.trim().to_lowercase(), closes))
    }

    /// The key, which may be missing.
    fn key(&mut self) -> String {
        let before = self.at;
        let key = self.until(|character| matches!(character, ',' | '=' | '}' | ')' | '\n' | '"'));
        let key = key.trim().to_owned();
        self.space();
        if self.peek() == Some('=') {
            // It was the name of the first field.
            self.at = before;
            return String::new();
        }
        key
    }

    fn fields(&mut self, closes: char) -> Result<Vec<(String, String)>, String> {
        let mut fields: Vec<(String, String)> = Vec::new();
        loop {
            self.space();
            while self.eat(',') {
                self.space();
            }
            if self.peek().is_none() || self.peek() == Some(closes) && self.rest().len() == 1 {
                return Ok(fields);
            }
            let name = self.until(|character| character.is_whitespace() || "={}\"#,%'()".contains(character));
            self.space();
            if name.is_empty() || !self.eat('=') {
                let shown: String = name.chars().take(40).collect();
                return Err(format!("behind “{shown}” there is no equals sign and no value"));
            }
            let name = name.to_lowercase();
            let value = self.value(&name)?;
            let is_full = fields.len() == FIELDS_MAX;
            // What a field says twice is not lost.
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, before)) if *before == value => {}
                Some((_, before)) if matches!(name.as_str(), "keywords" | "keyword") => {
                    before.push_str(", ");
                    before.push_str(&value);
                }
                Some((_, before)) if matches!(name.as_str(), "note" | "annote" | "annotation" | "abstract") => {
                    before.push_str("\n\n");
                    before.push_str(&value);
                }
                _ if is_full => return Err(format!("it has more than {FIELDS_MAX} fields")),
                _ => fields.push((name, value)),
            }
        }
    }

    /// Parts with `#` between them.
    fn value(&mut self, name: &str) -> Result<String, String> {
        let mut value = String::new();
        let mut put_in = 0;
        loop {
            self.space();
            put_in += self.part(name, &mut value)?;
            if put_in > PUT_IN_MAX_BYTES {
                return Err(format!(
                    "macros make “{name}” longer than {} KiB",
                    PUT_IN_MAX_BYTES / 1024
                ));
            }
            self.space();
            if !self.eat('#') {
                return Ok(value);
            }
        }
    }

    /// Adds a part to a value, and says how many bytes of it are a macro's.
    fn part(&mut self, name: &str, value: &mut String) -> Result<usize, String> {
        if self.eat('{') {
            value.push_str(
                self.delimited('}')
                    .ok_or_else(|| format!("a brace of “{name}” is not closed"))?,
            );
        } else if self.eat('"') {
            value.push_str(
                self.delimited('"')
                    .ok_or_else(|| format!("the quotation mark of “{name}” is not closed"))?,
            );
        } else {
            let word = self.until(|character| character.is_whitespace() || "={}\"#,%'()".contains(character));
            if word.is_empty() {
                return Err(format!("“{name}” has no value"));
            }
            let known = self.macros.0.get(&word.to_lowercase());
            if known.is_none()
                && !word
                    .chars()
                    .all(|character| character.is_ascii_digit() || "-./".contains(character))
            {
                self.undefined.push(word.to_owned());
            }
            value.push_str(known.map_or(word, String::as_str));
            return Ok(known.map_or(0, String::len));
        }
        Ok(0)
    }

    /// What stands before a closing mark that is in no braces of its own.
    fn delimited(&mut self, closes: char) -> Option<&'t str> {
        let rest = self.rest();
        let mut braces = 0_u32;
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'{' => braces += 1,
                _ if braces == 0 && char::from(byte) == closes => {
                    self.at += at + 1;
                    return Some(&rest[..at]);
                }
                b'}' => braces = braces.checked_sub(1)?,
                _ => {}
            }
        }
        None
    }
}
