//! What the documents point at: every link leads somewhere, and every place they name exists.
//!
//! A link to a page elsewhere is not followed, because a test must not depend on what others maintain. The records of
//! decisions name files as they were then; only their links are checked.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Result, ensure};

use crate::tree::{self, Source};
use crate::unbroken;

/// How a path begins that a document names in backticks.
const ROOMS: [&str; 10] = [
    "benches/",
    "crates/",
    "docs/",
    "examples/",
    "migrations/",
    "scripts/",
    "src-tauri/",
    "tests/",
    "ui/src/",
    "ui/messages/",
];

/// Where files are named as they were on the day of writing.
const AS_THEY_WERE: [&str; 2] = ["docs/decisions/", "CHANGELOG.md"];

#[test]
fn every_link_of_the_documents_leads_somewhere() -> Result<()> {
    let documents = tree::sources_ending("", &["md"])?;
    ensure!(documents.len() > 50, "the documents are looked for in the wrong place");
    let links: usize = documents
        .iter()
        .map(|document| links(&prose(&document.text)).len())
        .sum();
    ensure!(links > 50, "only {links} links were found: the rule reads them wrongly");
    let there = Clone::read()?;
    unbroken(documents.iter().flat_map(|document| leading_nowhere(document, &there)));
    Ok(())
}

#[test]
fn every_place_that_the_documents_name_is_there() -> Result<()> {
    let there = Clone::read()?;
    let documents = tree::sources_ending("", &["md"])?;
    let of_today = documents
        .iter()
        .filter(|document| !AS_THEY_WERE.iter().any(|past| document.path.starts_with(past)));
    unbroken(of_today.flat_map(|document| naming_nothing(document, &there)));
    Ok(())
}

#[test]
fn every_document_that_the_program_or_its_sources_name_is_there() -> Result<()> {
    let there = Clone::read()?;
    let sources = tree::sources_ending(
        "",
        &["rs", "ts", "svelte", "sql", "sh", "toml", "yml", "json", "py", "mjs"],
    )?;
    let ours = sources.iter().filter(|source| !source.path.starts_with("tests/house/"));
    unbroken(ours.flat_map(|source| naming_no_document(source, &there)));
    Ok(())
}

#[test]
fn the_rules_see_a_document_that_breaks_them() {
    let there = Clone::imagined(&[
        (
            "docs/sync.md",
            "# Sync\n\n## How it's tested, daily\n\n## Twice\n\n## Twice\n",
        ),
        ("docs/pictures/window.png", ""),
        ("README.md", "# Colophon\n"),
    ]);
    let nowhere = |path: &str, text: &str| leading_nowhere(&Source::imagined(path, text), &there);

    let fine = "[a](sync.md) ![b](pictures/window.png) [c](sync.md#how-its-tested-daily) [d](../README.md#colophon) [e](#here) \
                [f](https://example.org/none) [g](sync.md#twice-1)\n## Here\n`[x](none.md)`\n\n    [y](none.md)\n\n```\n[z](none.md)\n```\n";
    assert_eq!(nowhere("docs/scaling.md", fine), Vec::<String>::new());
    for broken in [
        "[a](none.md)",
        "[a](sync.md#nowhere)",
        "[a](sync.md#twice-2)",
        "[a](#nowhere)",
        "![a](pictures/none.png)",
        "[a](docs/sync.md)",
        "[a](../../README.md)",
    ] {
        assert_eq!(nowhere("docs/scaling.md", broken).len(), 1, "{broken}");
    }

    let named = |text: &str| naming_nothing(&Source::imagined("docs/scaling.md", text), &there);
    assert_eq!(
        named("`docs/sync.md`, `docs/pictures`, `docs/NNNN-*.md`, `docs/`"),
        Vec::<String>::new()
    );
    assert_eq!(named("`docs/none.md` and `crates/none/src`").len(), 2);

    let source = Source::imagined("crates/a.rs", "// docs/sync.md says why, docs/none.md does not.");
    assert_eq!(naming_no_document(&source, &there).len(), 1);
}

/// What there is to point at: every path of the clone, and the headings of each document.
struct Clone {
    anchors: BTreeMap<String, Vec<String>>,
}

impl Clone {
    fn read() -> Result<Self> {
        let documents = tree::sources_below("")?;
        let mut anchors: BTreeMap<String, Vec<String>> =
            tree::paths()?.into_iter().map(|path| (path, Vec::new())).collect();
        for document in documents.iter().filter(|source| source.extension() == "md") {
            anchors.insert(document.path.clone(), headings(&document.text));
        }
        Ok(Self { anchors })
    }

    fn imagined(files: &[(&str, &str)]) -> Self {
        let anchors = files.iter().map(|(path, text)| ((*path).to_owned(), headings(text)));
        Self {
            anchors: anchors.collect(),
        }
    }

    /// Whether there is a file of this path, or a folder with one in it.
    fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        self.anchors.contains_key(path) || self.anchors.keys().any(|known| known.starts_with(&below))
    }
}

fn leading_nowhere(document: &Source, there: &Clone) -> Vec<String> {
    let mut broken = Vec::new();
    let prose = prose(&document.text);
    for link in links(&prose) {
        if link.contains("://") || link.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = link
            .split_once('#')
            .map_or((link, None), |(path, anchor)| (path, Some(anchor)));
        let own = headings(&document.text);
        let target = if path.is_empty() {
            Some(document.path.clone())
        } else {
            beside(&document.path, path)
        };
        let known = target.filter(|target| path.is_empty() || there.has(target));
        let leads = known.is_some_and(|target| {
            let headings = if path.is_empty() {
                Some(&own)
            } else {
                there.anchors.get(&target)
            };
            anchor
                .is_none_or(|anchor| headings.is_some_and(|headings| headings.iter().any(|heading| heading == anchor)))
        });
        if !leads {
            broken.push(format!("{}: ({link}) leads nowhere", document.path));
        }
    }
    broken
}

fn naming_nothing(document: &Source, there: &Clone) -> Vec<String> {
    let mut broken = Vec::new();
    for line in document.text.lines().filter(|line| !line.starts_with("    ")) {
        for name in line.split('`').skip(1).step_by(2) {
            let is_path = ROOMS.iter().any(|room| name.starts_with(room))
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
            if is_path && !there.has(name) {
                broken.push(format!("{} names `{name}`, which is not there", document.path));
            }
        }
    }
    broken
}

fn naming_no_document(source: &Source, there: &Clone) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "/_-".contains(letter);
    let mut broken = Vec::new();
    for (at, _) in source.text.match_indices("docs/") {
        let name: String = source.text[at..]
            .chars()
            .take_while(|letter| is_part(*letter))
            .collect();
        let document = format!("{name}.md");
        let is_whole = source.text[at + name.len()..].starts_with(".md") && !source.text[..at].ends_with(is_part);
        if is_whole && !there.has(&document) {
            broken.push(format!("{} names {document}, which is not there", source.path));
        }
    }
    broken
}

/// A path written in a file, from the root of the clone; `None` if it leads out of it.
fn beside(document: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => (),
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A document without what is shown literally: blocks of code, and code within a line.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !line.starts_with("    ") {
            // Every second part is between backticks.
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

/// Where the links of a text lead, and where its pictures are.
fn links(prose: &str) -> Vec<&str> {
    let after = prose.split("](").skip(1);
    after
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link)
        .collect()
}

/// The anchors that GitHub gives to the headings of a document.
fn headings(text: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut fenced = false;
    let mut anchors = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        let title = line.trim_start_matches('#');
        if fenced || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = title
            .trim()
            .chars()
            .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        let anchor = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let times = seen.entry(anchor.clone()).or_default();
        anchors.push(if *times == 0 {
            anchor.clone()
        } else {
            format!("{anchor}-{times}")
        });
        *times += 1;
    }
    anchors
}
