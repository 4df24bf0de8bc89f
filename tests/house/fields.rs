//! What a field costs: its declaration, its migrations and its words, and nothing else.

use anyhow::{Result, ensure};

use crate::tree::{self, Source};
use crate::unbroken;

/// Fields that no rule joins with others: whatever refers to one of these by name could have asked the declaration.
const FIELDS: [&str; 3] = ["shelf_mark", "original_title", "original_year"];

/// Where the program's sources are.
pub(crate) const ROOMS: [&str; 7] = [
    "crates",
    "src-tauri",
    "ui/src",
    "ui/messages",
    "migrations",
    "benches",
    "scripts",
];

/// The formats of other programs, by how the paths of their files begin, and what they are given of a record. What a format calls a field only
/// that format knows, so its files name fields and lists. A new one waits for nobody there: it travels in our own formats, and in another as soon
/// as that has a place for it. A printed list is one, too: a shelf list is one because of what it shows.
pub(crate) const FORMATS: [&str; 13] = [
    "crates/catalogue/src/export/bibtex",
    "crates/catalogue/src/export/csl",
    "crates/catalogue/src/export/marc",
    "crates/catalogue/src/export/ris",
    "crates/catalogue/src/export/whole",
    "crates/catalogue/src/import/bibtex",
    "crates/catalogue/src/import/csl",
    "crates/catalogue/src/import/endnote",
    "crates/catalogue/src/import/foreign",
    "crates/catalogue/src/import/marc",
    "crates/catalogue/src/import/ris",
    "crates/marc/",
    "ui/src/out/layouts",
];

/// The files that may name a field.
const DECLARATION: &str = "crates/catalogue/src/book.rs";
const WORDS: &str = "ui/messages/";
const MIGRATIONS: &str = "migrations/";

#[test]
fn a_field_stands_in_its_declaration_its_migrations_and_its_words_and_nowhere_else() -> Result<()> {
    let mut sources = Vec::new();
    for room in ROOMS {
        sources.extend(tree::sources_below(room)?);
    }
    for field in FIELDS {
        let declared = sources.iter().find(|source| source.path == DECLARATION);
        ensure!(
            declared.is_some_and(|source| names(source, field)),
            "{DECLARATION} does not declare {field}: the rule looks in the wrong place"
        );
        unbroken(elsewhere(&sources, field));
    }
    Ok(())
}

#[test]
fn the_rule_sees_a_field_that_stands_elsewhere() {
    let source = |path: &str, text: &str| Source::imagined(path, text);
    let seen = elsewhere(
        &[
            source(DECLARATION, "shelf_mark: Option<String> = LINE,"),
            source("ui/messages/en.json", "\"shelf_mark\": \"Shelf mark\""),
            source("crates/catalogue/src/import/marc/marc21.rs", "Book::FIELDS.shelf_mark"),
            source("crates/cli/src/main.rs", "book.shelf_mark"),
            source("crates/cli/src/other.rs", "book.shelf_marks"),
        ],
        "shelf_mark",
    );
    assert_eq!(
        seen,
        ["crates/cli/src/main.rs names shelf_mark, which its declaration could tell it"]
    );
}

fn elsewhere(sources: &[Source], field: &str) -> Vec<String> {
    let may = |path: &str| {
        path == DECLARATION
            || path.starts_with(WORDS)
            || path.starts_with(MIGRATIONS)
            || path.ends_with("/tests.rs")
            || FORMATS.iter().any(|format| path.starts_with(format))
    };
    sources
        .iter()
        .filter(|source| !may(&source.path) && names(source, field))
        .map(|source| format!("{} names {field}, which its declaration could tell it", source.path))
        .collect()
}

/// Whether a file contains the word, outside of tests in it.
pub(crate) fn names(source: &Source, field: &str) -> bool {
    let code: Vec<&str> = match source.extension() {
        "rs" => source.code_lines().collect(),
        _ => source.text.lines().collect(),
    };
    let code = code.join("\n");
    let program = code.split("#[cfg(test)]").next().unwrap_or_default();
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    program
        .match_indices(field)
        .any(|(at, _)| !program[..at].ends_with(is_part) && !program[at + field.len()..].starts_with(is_part))
}
