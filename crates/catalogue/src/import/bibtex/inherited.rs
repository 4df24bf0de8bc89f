//! What an entry takes over from another: from the volume that it is in (`crossref`), and from stores of fields (`xdata`).

use std::collections::{HashMap, HashSet};

use super::blocks::{Block, Blocks};
use super::entry::{Entry, Macros, Parsed};
use crate::import::ImportError;

/// How many generations are followed: an entry may take over from one that takes over from a third, and in a circle.
const GENERATIONS_MAX: usize = 8;
/// The most bytes of entries that are kept for others.
const KEPT_MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of one of them: each entry that takes over from it has a copy.
const PARENT_MAX_BYTES: usize = 64 * 1024;

/// The entries that others take something over from, by their keys in lower case.
#[derive(Debug, Default)]
pub(super) struct Parents(HashMap<String, Entry>);

impl Parents {
    /// Reads a file through for them. It is at its end then.
    pub(super) fn of(blocks: &mut Blocks) -> Result<Self, ImportError> {
        let mut wanted = HashSet::new();
        let mut macros = Macros::default();
        let mut all: Vec<(String, Entry)> = Vec::new();
        let mut kept_bytes = 0;
        // Entries of kinds that others take over from are kept from the first reading, if there is room for them.
        while let Some(block) = blocks.next()? {
            let Block::Entry { text, .. } = block else { continue };
            let Ok(Parsed::Entry(entry)) = macros.parse(&text) else {
                continue;
            };
            wanted.extend(references(&entry));
            let may_be_parent = !entry.key.is_empty() && is_parent(&entry.kind) && text.len() <= PARENT_MAX_BYTES;
            if may_be_parent && kept_bytes + text.len() <= KEPT_MAX_BYTES {
                kept_bytes += text.len();
                all.push((entry.key.to_lowercase(), entry));
            }
        }
        let mut parents = HashMap::new();
        for (key, entry) in all {
            if wanted.contains(&key) {
                parents.entry(key).or_insert(entry);
            }
        }
        Ok(Self(parents))
    }

    /// An entry with what it takes over, and the keys of entries that it names and nobody has.
    pub(super) fn complete(&self, entry: &Entry) -> (Entry, Vec<String>) {
        let mut whole = entry.clone();
        let mut missing = Vec::new();
        let mut seen = HashSet::new();
        let mut generation: Vec<String> = references(entry).collect();
        for _ in 0..GENERATIONS_MAX {
            let mut next = Vec::new();
            for key in generation {
                if !seen.insert(key.clone()) {
                    continue;
                }
                match self.0.get(&key) {
                    Some(parent) => {
                        take_over(&mut whole, parent);
                        next.extend(references(parent));
                    }
                    None => missing.push(key),
                }
            }
            generation = next;
        }
        (whole, missing)
    }
}

/// The keys of entries that an entry takes something over from, in lower case.
fn references(entry: &Entry) -> impl Iterator<Item = String> {
    let stores = entry.get("xdata").into_iter().flat_map(|keys| keys.split(','));
    let volume = entry.get("crossref").into_iter();
    let keys = stores.chain(volume).map(|key| key.trim().to_lowercase());
    keys.filter(|key| !key.is_empty())
}

/// Whether entries of this kind are taken over from.
fn is_parent(kind: &str) -> bool {
    !matches!(
        kind,
        "article" | "online" | "www" | "electronic" | "misc" | "unpublished" | "software" | "dataset"
    )
}

fn take_over(entry: &mut Entry, parent: &Entry) {
    for (name, value) in &parent.fields {
        let Some(name) = name_in(&entry.kind, &parent.kind, name) else {
            continue;
        };
        if entry.get(name).is_none() {
            entry.fields.push((name.to_owned(), value.clone()));
        }
    }
}

/// What a field of a parent is called in an entry of some kind; `None` if it is the parent's own.
fn name_in<'n>(kind: &str, parent: &str, name: &'n str) -> Option<&'n str> {
    let is_own = name.starts_with("sort")
        || name.starts_with("index")
        || name.starts_with("short")
        || matches!(
            name,
            "crossref"
                | "xref"
                | "xdata"
                | "ids"
                | "label"
                | "key"
                | "presort"
                | "options"
                | "related"
                | "relatedstring"
                | "relatedtype"
                | "entryset"
                | "keywords"
                | "groups"
                | "annotation"
                | "annote"
                | "abstract"
                | "note"
                | "file"
                | "doi"
                | "url"
                | "pagetotal"
        );
    if parent == "xdata" {
        return Some(name);
    }
    if is_own {
        return None;
    }
    let is_part = kind.starts_with("in") || kind.starts_with("supp") || matches!(kind, "bookinbook" | "conference");
    let is_of_several = parent.starts_with("mv") && !kind.starts_with("mv");
    match name {
        "title" | "subtitle" | "titleaddon" if is_of_several && (!is_part || parent.starts_with("mv")) => {
            Some(match name {
                "title" => "maintitle",
                "subtitle" => "mainsubtitle",
                _ => "maintitleaddon",
            })
        }
        "title" if is_part => Some("booktitle"),
        "subtitle" if is_part => Some("booksubtitle"),
        "titleaddon" if is_part => Some("booktitleaddon"),
        "author" if is_part && kind != "inbook" => Some("bookauthor"),
        "pages" if is_part => None,
        _ => Some(name),
    }
}
