//! The clone as the rules read it: every file of ours, without what is fetched or generated.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What is fetched, generated, or one person's own.
const NOT_OURS: [&str; 10] = [
    ".git",
    "target",
    "node_modules",
    "dist",
    "gen",
    "permissions",
    "paraglide",
    "cache",
    "tmp",
    ".env",
];

/// One text file of the clone.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Its path from the root of the clone, with `/` between the parts.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

impl Source {
    /// A file that exists only in a rule's own test.
    pub(crate) fn imagined(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// What follows the last dot of the name; empty if there is none.
    pub(crate) fn extension(&self) -> &str {
        self.file_name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The last part of the path.
    pub(crate) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The lines of a Rust file that are code: no comments, no documentation.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
    }
}

/// The root of the clone.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file below one folder of the clone (`""` is the root). An absent folder is an error: a rule over nothing
/// would always hold.
pub(crate) fn sources_below(folder: &str) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    collect(&root().join(folder), folder, &mut found).with_context(|| format!("reading {folder}/"))?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The files below a folder that end in one of these.
pub(crate) fn sources_ending(folder: &str, extensions: &[&str]) -> Result<Vec<Source>> {
    let mut found = sources_below(folder)?;
    found.retain(|source| extensions.contains(&source.extension()));
    Ok(found)
}

/// The path of every file of the clone, including those that are not text.
pub(crate) fn paths() -> Result<Vec<String>> {
    let mut found = Vec::new();
    walk(&root(), "", &mut |_, path| {
        found.push(path);
        Ok(())
    })?;
    Ok(found)
}

fn collect(folder: &Path, path: &str, found: &mut Vec<Source>) -> Result<()> {
    walk(folder, path, &mut |file, path| {
        // What is not UTF-8 is a picture, not a source.
        if let Ok(text) = String::from_utf8(fs::read(file)?) {
            found.push(Source { path, text });
        }
        Ok(())
    })
}

/// Takes every file of ours below a folder.
fn walk(folder: &Path, path: &str, take: &mut impl FnMut(&Path, String) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        let below = if path.is_empty() {
            name
        } else {
            format!("{path}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &below, take)?;
        } else if kind.is_file() {
            take(&entry.path(), below)?;
        }
    }
    Ok(())
}
