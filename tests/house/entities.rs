//! What an entity costs: its declaration, its registration, and the few files in which it is more than an entity.

use anyhow::{Result, ensure};

use crate::fields::{FORMATS, ROOMS, names};
use crate::tree::{self, Source};
use crate::unbroken;

/// The entities that were added when this was made cheap, each with the words by which code speaks of it: its type, and its table and its
/// modules where these are no other words. A tag is nothing without its taggings: the two are one.
const ENTITIES: [(&str, &[&str]); 3] = [
    ("tag", &["Tag", "TAGS", "TagId", "Tagging", "tagging", "tags"]),
    ("author_name", &["AuthorName", "author_name", "OTHER_NAMES"]),
    (
        "identifier",
        &[
            "Identifier",
            "IDENTIFIERS_OF_BOOK",
            "IDENTIFIERS_OF_AUTHOR",
            "IDENTIFIER",
        ],
    ),
];

/// The most source files outside of tests that one may touch. Its migrations, its words in the window's messages and the formats of other programs do
/// not count.
const FILES_MAX: usize = 8;

/// What is no source, and the made-up catalogue of the window's tests.
const NO_SOURCES: [&str; 3] = ["ui/messages/", "migrations/", "ui/src/ipc/made-up"];

#[test]
fn an_entity_touches_at_most_eight_source_files() -> Result<()> {
    let mut sources = Vec::new();
    for room in ROOMS {
        sources.extend(tree::sources_below(room)?);
    }
    let mut broken = Vec::new();
    for (entity, words) in ENTITIES {
        let touched = touched(&sources, words);
        ensure!(
            touched.len() > 2,
            "{entity} is nowhere: the rule looks for the wrong words"
        );
        broken.extend(too_many(entity, &touched));
    }
    unbroken(broken);
    Ok(())
}

#[test]
fn the_rule_sees_an_entity_that_stands_everywhere() {
    let source = |path: &str, text: &str| Source::imagined(path, text);
    let mut sources: Vec<_> = (0..9)
        .map(|number| source(&format!("crates/cli/src/file{number}.rs"), "let tag: Tag = made();"))
        .collect();
    sources.push(source("ui/messages/en.json", "\"Tag\": \"Tag\""));
    sources.push(source("crates/cli/src/other.rs", "struct Tagged;"));
    let touched = touched(&sources, &["Tag"]);
    assert_eq!(touched.len(), 9, "{touched:?}");
    assert!(too_many("tag", &touched).is_some());
    assert!(too_many("tag", &touched[1..]).is_none());
}

fn touched<'s>(sources: &'s [Source], words: &[&str]) -> Vec<&'s str> {
    let is_source = |source: &&Source| {
        !NO_SOURCES
            .iter()
            .chain(&FORMATS)
            .any(|room| source.path.starts_with(room))
    };
    sources
        .iter()
        .filter(is_source)
        .filter(|source| words.iter().any(|word| names(source, word)))
        .map(|source| source.path.as_str())
        .collect()
}

fn too_many(entity: &str, touched: &[&str]) -> Option<String> {
    (touched.len() > FILES_MAX).then(|| {
        format!(
            "{entity} touches {} source files, and may {FILES_MAX}: {}",
            touched.len(),
            touched.join(", ")
        )
    })
}
