//! A crate as its files: which module uses a name that another one defines.
//!
//! It reads words, not meaning: paths that begin with `crate`, `self`, `super`, a module or an import. A name that a
//! module passes on is followed to where it is defined. Tests inside a file, comments and strings are skipped, and so
//! is what a macro names by `$crate`: that is a name in the crate of whoever calls it.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::Source;

/// A module by its names from the root of the crate; the root itself is empty.
pub(crate) type Path = Vec<String>;

/// The names that one module takes from another.
pub(crate) type Arrows = BTreeMap<(Path, Path), BTreeSet<String>>;

/// How many times a name is followed from one module that passes it on to the next.
const FOLLOWED_MAX: usize = 8;

/// The modules of one crate.
pub(crate) struct House {
    modules: BTreeMap<Path, Module>,
}

#[derive(Default)]
struct Module {
    file: String,
    uses: Vec<Use>,
    /// Paths of two or more names that its code contains.
    said: Vec<Path>,
    defined: BTreeSet<String>,
}

/// One name that a `use` brings in.
struct Use {
    path: Path,
    name: String,
    is_handed_on: bool,
}

impl House {
    /// The crate whose sources lie below a folder.
    pub(crate) fn of(folder: &str, sources: &[Source]) -> Self {
        let modules = sources.iter().filter_map(|source| {
            let file = source.path.strip_prefix(folder)?.trim_start_matches('/');
            let path: Path = file.strip_suffix(".rs")?.split('/').map(str::to_owned).collect();
            let path = match path.last().map(String::as_str) {
                Some("tests") => return None,
                Some("mod") => path[..path.len() - 1].to_vec(),
                Some("lib" | "main") if path.len() == 1 => Vec::new(),
                _ => path,
            };
            Some((path, Module::read(file, &source.text)))
        });
        Self {
            modules: modules.collect(),
        }
    }

    /// The file of a module.
    pub(crate) fn file(&self, module: &Path) -> &str {
        self.modules.get(module).map_or("", |module| &module.file)
    }

    /// Who takes which names from whom.
    pub(crate) fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (from, module) in &self.modules {
            let imported = module
                .uses
                .iter()
                .filter(|one| !one.is_handed_on && !self.is_module(from, &one.path))
                .map(|one| &one.path);
            for path in imported.chain(&module.said) {
                let Some(to) = self.defined_at(from, path, FOLLOWED_MAX) else {
                    continue;
                };
                if to != *from {
                    let name = path.last().cloned().unwrap_or_default();
                    arrows.entry((from.clone(), to)).or_default().insert(name);
                }
            }
        }
        arrows
    }

    /// The module that defines what a path names; `None` if it is another crate's.
    fn defined_at(&self, from: &Path, path: &[String], follow: usize) -> Option<Path> {
        let follow = follow.checked_sub(1)?;
        let first = path.first()?;
        match first.as_str() {
            "crate" => self.below(Vec::new(), &path[1..], follow),
            "self" => self.below(from.clone(), &path[1..], follow),
            "super" => {
                let up = path.iter().take_while(|name| *name == "super").count();
                self.below(from[..from.len().saturating_sub(up)].to_vec(), &path[up..], follow)
            }
            _ if self.modules.contains_key(&child(from, first)) => self.below(from.clone(), path, follow),
            _ => {
                let import = self.modules.get(from)?.import(first)?;
                if import == path {
                    return None;
                }
                let whole = [import, &path[1..]].concat();
                self.defined_at(from, &whole, follow)
            }
        }
    }

    fn below(&self, mut at: Path, path: &[String], follow: usize) -> Option<Path> {
        for (index, name) in path.iter().enumerate() {
            let inner = child(&at, name);
            if self.modules.contains_key(&inner) {
                at = inner;
                continue;
            }
            let module = self.modules.get(&at)?;
            if module.defined.contains(name) {
                return Some(at);
            }
            if let Some(import) = module.import(name) {
                let whole = [import, &path[index + 1..]].concat();
                return self.defined_at(&at, &whole, follow);
            }
            return Some(at);
        }
        Some(at)
    }

    fn is_module(&self, from: &Path, path: &[String]) -> bool {
        let defined = self.defined_at(from, path, FOLLOWED_MAX);
        defined.is_some_and(|defined| defined.last() == path.last() && !self.names(&defined, path))
    }

    /// Whether a module defines what a path ends with, and is not itself what is meant.
    fn names(&self, module: &Path, path: &[String]) -> bool {
        let (Some(module), Some(name)) = (self.modules.get(module), path.last()) else {
            return false;
        };
        // `use crate::fitting::fitting` takes the function, `use crate::fitting` the module.
        module.defined.contains(name) && path.len() > 2 && path[path.len() - 2] == *name
    }
}

fn child(of: &Path, name: &str) -> Path {
    let mut path = of.clone();
    path.push(name.to_owned());
    path
}

impl Module {
    fn read(file: &str, text: &str) -> Self {
        let words = without_tests(&words(text));
        let mut module = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        let mut at = 0;
        while at < words.len() {
            let before = if at == 0 { "" } else { words[at - 1] };
            match words[at] {
                "use" if before != "::" => {
                    let end = words[at..]
                        .iter()
                        .position(|word| *word == ";")
                        .map_or(words.len(), |end| at + end);
                    let is_handed_on = before == "pub" || before == ")";
                    module.take_in(&words[at + 1..end], &[], is_handed_on);
                    at = end;
                }
                "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union" => {
                    module.defined.extend(words.get(at + 1).map(|word| (*word).to_owned()));
                }
                word if is_name(word) && before != "::" && before != "$" => {
                    let path = path_at(&words[at..]);
                    if path.len() > 1 {
                        module.said.push(path);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        module
    }

    /// What a name stands for here.
    fn import(&self, name: &str) -> Option<&[String]> {
        let import = self.uses.iter().find(|one| one.name == name);
        import.map(|one| one.path.as_slice())
    }

    /// Takes in a tree of imports: `a::{b, c::d as e}`.
    fn take_in(&mut self, words: &[&str], before: &[String], is_handed_on: bool) {
        let head = words.iter().position(|word| *word == "{").unwrap_or(words.len());
        let (head, group) = words.split_at(head);
        let (head, renamed) = match head.iter().position(|word| *word == "as") {
            Some(at) => (&head[..at], head.get(at + 1)),
            None => (head, None),
        };
        let names = head.iter().filter(|word| is_name(word)).map(|word| (*word).to_owned());
        let mut path: Path = before.iter().cloned().chain(names).collect();
        if !group.is_empty() {
            let inner = group.get(1..group.len() - 1).unwrap_or_default();
            for part in parts(inner) {
                self.take_in(part, &path, is_handed_on);
            }
            return;
        }
        if path.len() > 1 && path.last().is_some_and(|name| name == "self") {
            path.pop();
        }
        let own = path.last().cloned().unwrap_or_default();
        let name = renamed.map_or(own, |name| (*name).to_owned());
        self.uses.push(Use {
            path,
            name,
            is_handed_on,
        });
    }
}

/// The parts of a group, split at its own commas.
fn parts<'w, 't>(words: &'w [&'t str]) -> Vec<&'w [&'t str]> {
    let mut depth = 0;
    let parts = words.split(|word| {
        match *word {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        depth == 0 && *word == ","
    });
    parts.filter(|part| !part.is_empty()).collect()
}

fn path_at(words: &[&str]) -> Path {
    let mut path = vec![words[0].to_owned()];
    for pair in words[1..].chunks_exact(2) {
        match pair {
            ["::", name] if is_name(name) => path.push((*name).to_owned()),
            _ => break,
        }
    }
    path
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The words of the code, leaving out items that only tests are built with.
fn without_tests<'t>(words: &[&'t str]) -> Vec<&'t str> {
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        if words[at..].starts_with(&["#", "[", "cfg", "(", "test", ")", "]"]) {
            at += item_length(&words[at..]);
        } else {
            kept.push(words[at]);
            at += 1;
        }
    }
    kept
}

/// How many words an item has, up to its semicolon or the end of its block.
fn item_length(words: &[&str]) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        match *word {
            "{" => depth += 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    words.len()
}

/// Names, `::` and single signs; no comments, strings, character literals or lifetimes.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = raw_text(rest) {
            raw
        } else if first == '"' {
            plain_text(rest)
        } else if first == '\'' {
            letter_or_lifetime(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            words.push(&rest[..length]);
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                words.push(&rest[..length]);
            }
            length
        };
        rest = &rest[length..];
    }
    words
}

fn raw_text(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?;
    let open = hashes.find('"')?;
    let is_raw = hashes[..open].bytes().all(|sign| sign == b'#');
    let end = format!("\"{}", &hashes[..open]);
    let length = is_raw.then(|| hashes[open + 1..].find(&end))??;
    Some(1 + open + 1 + length + end.len())
}

fn plain_text(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    rest.len()
}

fn letter_or_lifetime(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((at, _))) => rest[at + 1..].find('\'').map_or(rest.len(), |end| at + end + 2),
        (Some(_), Some((at, '\''))) => at + 1,
        // The whole name: in `&'static Name` no static is defined.
        _ => {
            let name = rest[1..].find(|letter: char| !letter.is_alphanumeric() && letter != '_');
            name.map_or(rest.len(), |end| end + 1)
        }
    }
}
