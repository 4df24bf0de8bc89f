//! TeX in values, as the text that a reader would see: `G{\"o}del` is Gödel, `\textit{Moby-Dick}` is Moby-Dick.
//!
//! Braces only group, and are left out; so is a command that only changes how its text looks. An accent is put on the
//! letter that follows it, however the two are written. Formulas stay as they are, because nothing here could set them.
//! Nothing is read twice and nothing is read within itself, so the time is that of reading the text once.

mod letters;

use unicode_normalization::UnicodeNormalization as _;

use self::letters::{accent, letter};

/// How long a text for sorting is at most.
const SORTED_MAX_BYTES: usize = 200;

/// The text that a value says, on one line.
pub(super) fn plain(tex: &str) -> String {
    prose(tex).replace('\n', " ")
}

/// The text that a value says, with the line breaks that it asks for.
pub(super) fn prose(tex: &str) -> String {
    // Most values have nothing in them that needs a second look.
    if !tex.contains(['\\', '{', '}', '$', '~', '-', '`', '\'', '\n', '\t', '\r']) {
        return tex
            .split(' ')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
    }
    let mut text = Text::default();
    let mut rest = tex;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '\\' => rest = text.command(rest),
            '{' => text.opens(),
            '}' => text.closes(),
            '$' => rest = text.formula(rest),
            '~' | '\n' | '\t' | '\r' => text.push(' '),
            '-' | '`' | '\'' => rest = text.ligature(character, rest),
            other => text.push(other),
        }
    }
    text.finish()
}

/// An address or another value in which nearly everything means itself.
pub(super) fn verbatim(tex: &str) -> String {
    let tex = tex.trim();
    let tex = tex.strip_prefix("\\url").unwrap_or(tex);
    let mut text = String::with_capacity(tex.len());
    let mut characters = tex.replace("\\~{}", "~").replace("{\\textasciitilde}", "~");
    characters.retain(|character| !matches!(character, '{' | '}' | '\n' | '\r'));
    let mut rest = characters.chars().peekable();
    while let Some(character) = rest.next() {
        let is_escaped = rest.peek().is_some_and(|next| "_&%#~$\\".contains(*next));
        if character != '\\' || !is_escaped {
            text.push(character);
        } else if let Some(next) = rest.next() {
            text.push(next);
        }
    }
    text.trim().to_owned()
}

/// Text that is being put together.
#[derive(Default)]
struct Text {
    plain: String,
    /// Accents that wait for their letter, the innermost last.
    waiting: Vec<char>,
    /// Whether a brace was opened since.
    is_opened: bool,
    /// How many braces are open.
    depth: usize,
    /// At which of them a quotation ends.
    quotations: Vec<usize>,
}

impl Text {
    fn push(&mut self, character: char) {
        if self.waiting.is_empty() || character.is_whitespace() {
            // White space between an accent and its letter is none.
            if self.waiting.is_empty() {
                self.plain.push(character);
            }
            return;
        }
        let base = match character {
            'ı' => 'i',
            'ȷ' => 'j',
            other => other,
        };
        self.plain.push(base);
        self.plain.extend(self.waiting.drain(..).rev());
        self.is_opened = false;
    }

    fn opens(&mut self) {
        self.depth += 1;
        self.is_opened = !self.waiting.is_empty();
    }

    /// An accent on nothing is the sign itself.
    fn closes(&mut self) {
        if self.quotations.pop_if(|depth| *depth == self.depth).is_some() {
            self.push('”');
        }
        self.depth = self.depth.saturating_sub(1);
        if self.is_opened {
            let alone = |accent: char| match accent {
                '\u{303}' => Some('~'),
                '\u{302}' => Some('^'),
                '\u{300}' => Some('`'),
                _ => None,
            };
            self.plain.extend(self.waiting.drain(..).filter_map(alone));
            self.is_opened = false;
        }
    }

    /// What follows a backslash; returns what follows the command.
    fn command<'t>(&mut self, rest: &'t str) -> &'t str {
        let Some(first) = rest.chars().next() else {
            self.push('\\');
            return rest;
        };
        if !first.is_ascii_alphabetic() {
            let after = &rest[first.len_utf8()..];
            match (accent(rest.get(..first.len_utf8()).unwrap_or_default()), first) {
                (Some(mark), _) => self.waiting.push(mark),
                (_, '\\') => self.push('\n'),
                // A space, a thin space, and hints where a word may be broken.
                (_, ' ' | ',' | ';' | ':' | '\n') => self.push(' '),
                (_, '-' | '/' | '!' | '@') => {}
                (_, '(' | ')' | '[' | ']') => self.push('$'),
                (_, other) => self.push(other),
            }
            return after;
        }
        let end = rest
            .find(|character: char| !character.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if matches!(name, "enquote" | "mkbibquote") && after.starts_with('{') {
            self.push('“');
            self.quotations.push(self.depth + 1);
            return after;
        }
        if matches!(name, "par" | "newline") {
            self.push('\n');
            return after.strip_prefix("{}").unwrap_or(after);
        }
        if matches!(name, "noopsort" | "sortnoop") {
            // A text for sorting that nobody is to see.
            let group = after.trim_start();
            let end = group.bytes().take(SORTED_MAX_BYTES).position(|byte| byte == b'}');
            let end = end.filter(|_| group.starts_with('{'));
            return end.map_or(after, |end| &group[end + 1..]);
        }
        if let Some(mark) = accent(name).filter(|_| name.len() > 1 || !after.starts_with(['.', ','])) {
            self.waiting.push(mark);
            return after.trim_start();
        }
        match letter(name) {
            Some(found) => {
                let mut found = found.chars();
                found.next().into_iter().for_each(|first| self.push(first));
                self.plain.extend(found);
                // One space ends the name of a command, and an empty group keeps it from doing so.
                after.strip_prefix("{}").unwrap_or(after.trim_start_matches(' '))
            }
            // A command about the looks of its text; what we do not know is taken for one.
            None => after.strip_prefix("{}").unwrap_or(after.trim_start_matches(' ')),
        }
    }

    /// A formula stays as it is.
    fn formula<'t>(&mut self, rest: &'t str) -> &'t str {
        self.push('$');
        let Some(end) = rest.find('$') else { return rest };
        self.plain.push_str(&rest[..=end]);
        &rest[end + 1..]
    }

    /// Dashes and quotation marks that are written with several signs.
    fn ligature<'t>(&mut self, first: char, rest: &'t str) -> &'t str {
        let (sign, taken) = match first {
            '-' if rest.starts_with("--") => ('—', 2),
            '-' if rest.starts_with('-') => ('–', 1),
            '`' if rest.starts_with('`') => ('“', 1),
            '\'' if rest.starts_with('\'') => ('”', 1),
            '`' => ('‘', 0),
            '\'' => ('’', 0),
            other => (other, 0),
        };
        // An apostrophe is typed as such everywhere else in a catalogue.
        self.push(if sign == '’' { '\'' } else { sign });
        &rest[taken..]
    }

    fn finish(self) -> String {
        let text: String = self.plain.nfc().collect();
        let words = |line: &str| {
            line.split(' ')
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let lines: Vec<String> = text.split('\n').map(words).collect();
        lines.join("\n").trim().to_owned()
    }
}

#[cfg(test)]
mod tests;
