//! `colophon tags`: lists, renames, merges and deletes what books are filed under.

use clap::Subcommand;
use colophon_acts::headings;
use colophon_catalogue::Tag;
use colophon_catalogue::tag::{TagLine, find_tag, tags};
use colophon_store::{Database, ReadSession, WriteSession};
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::table;

/// What to do with tags. Books get and lose them with `books edit --tag` and `--no-tag`.
#[derive(Debug, Subcommand)]
pub(crate) enum Tags {
    /// List all tags by name, with the number of their books.
    List,
    /// Rename a tag.
    Rename {
        /// The tag's id or name.
        tag: String,
        /// The new name.
        name: String,
    },
    /// Merge a tag into another, which its books get instead.
    Merge {
        /// The tag that goes (id or name).
        tag: String,
        /// The tag that stays (id or name).
        into: String,
    },
    /// Delete tags; the books stay.
    Delete {
        /// The tags' ids or names.
        #[arg(required = true)]
        tags: Vec<String>,
    },
}

impl Tags {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let database = file.open(WhenMissing::Refuse, output)?;
        match self {
            Self::List => list(&database, output),
            Self::Rename { tag, name } => {
                let (tag, name) = (tag.clone(), name.clone());
                let renamed = write(&database, move |tx| {
                    Ok(headings::rename::<Tag>(tx, wanted(tx, &tag)?.id, &name)?)
                })?;
                tell(&renamed, format_args!("Renamed to “{}”", renamed.name), output)
            }
            Self::Merge { tag, into } => {
                let (tag, into) = (tag.clone(), into.clone());
                let merged = write(&database, move |tx| {
                    Ok(headings::merge::<Tag>(tx, wanted(tx, &tag)?.id, wanted(tx, &into)?.id)?)
                })?;
                tell(&merged, format_args!("Merged into “{}”", merged.name), output)
            }
            Self::Delete { tags } => delete(&database, tags.clone(), output),
        }
    }
}

fn write<T: Send + 'static>(
    database: &Database,
    act: impl FnOnce(&WriteSession<'_>) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    database.transaction_blocking(act)
}

/// The tag with an id or a name; a refusal if there is none.
fn wanted(session: &ReadSession<'_>, wanted: &str) -> anyhow::Result<Tag> {
    find_tag(session, wanted)?.ok_or_else(|| {
        refusal(
            Exit::NotFound,
            format!("there is no tag with the id or name “{wanted}”"),
        )
    })
}

fn list(database: &Database, output: &Output) -> anyhow::Result<Exit> {
    let found = database.read_blocking(tags)?;
    if output.is_json() {
        output.document(&json!({ "tags": found }))?;
        return Ok(Exit::Done);
    }
    let line = |line: &TagLine| [line.tag.name.clone(), line.books.to_string(), line.tag.id.to_string()];
    let rows: Vec<_> = found.iter().map(line).collect();
    table::write(output, &["NAME", "BOOKS", "ID"], &rows)?;
    Ok(Exit::Done)
}

fn tell(tag: &Tag, words: std::fmt::Arguments<'_>, output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(tag)?;
    }
    output.note(words);
    Ok(Exit::Done)
}

/// Deletes all of them or, if one does not exist, none.
fn delete(database: &Database, names: Vec<String>, output: &Output) -> anyhow::Result<Exit> {
    let deleted = write(database, move |tx| {
        let found = names.iter().map(|name| Ok(wanted(tx, name)?.id));
        let ids: Vec<_> = found.collect::<anyhow::Result<_>>()?;
        Ok(headings::delete::<Tag>(tx, &ids)?)
    })?;
    if output.is_json() {
        output.document(&json!({ "deleted": deleted }))?;
    }
    for tag in &deleted {
        output.note(format_args!("Deleted “{}”", tag.name));
    }
    Ok(Exit::Done)
}
