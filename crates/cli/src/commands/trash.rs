//! `colophon trash`: the books and authors that were deleted, restoring them, and emptying the trash.

use clap::{Args, Subcommand};
use colophon_acts::trash::{self, Restored, Trashed};
use colophon_store::PageRequest;
use indicatif::HumanCount;
use serde_json::json;
use uuid::Uuid;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::table;

/// What to do with the trash.
#[derive(Debug, Subcommand)]
pub(crate) enum Trash {
    /// List what was deleted, the latest first.
    List(List),
    /// Restore records with whatever went along with them, as one act that can be undone.
    Restore(Restore),
    /// Empty the trash. Nothing is erased: what was deleted is no longer listed, and `colophon undo` brings it back into the trash.
    Empty(Empty),
}

/// Which part of the list.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The page, from 1 on.
    #[arg(long, default_value_t = 1)]
    page: u64,
    /// Records on a page.
    #[arg(long, default_value_t = 50)]
    per_page: u32,
}

/// What to restore.
#[derive(Debug, Args)]
#[group(required = true)]
pub(crate) struct Restore {
    /// The ids of the records, as the list shows them.
    #[arg(value_name = "ID", conflicts_with = "all")]
    records: Vec<Uuid>,
    /// Everything that is in the trash.
    #[arg(long)]
    all: bool,
}

/// How to empty it.
#[derive(Debug, Args)]
pub(crate) struct Empty {
    /// Go ahead.
    #[arg(long)]
    yes: bool,
}

impl Trash {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let database = file.open(WhenMissing::Refuse, output)?;
        match self {
            Self::List(list) => {
                let request = PageRequest::new(list.page, list.per_page)?;
                let page = database.read_blocking(move |s| trash::page(s, request))?;
                if output.is_json() {
                    let items: Vec<_> = page.items.iter().map(document).collect();
                    output.document(&json!({ "items": items, "meta": page.meta }))?;
                } else {
                    let rows: Vec<_> = page.items.iter().map(row).collect();
                    table::write(output, &["deleted (UTC)", "kind", "name", "where", "id"], &rows)?;
                }
            }
            Self::Restore(restore) => {
                let (ids, all) = (restore.records.clone(), restore.all);
                let restored = database.write_blocking(move |tx| {
                    let ids = if all { trash::ids(tx)? } else { ids };
                    trash::restore(tx, &ids)
                })?;
                tell_restored(&restored, all, output)?;
            }
            Self::Empty(empty) => {
                if !empty.yes {
                    let count = database.read_blocking(trash::count)?;
                    let message = format!(
                        "{} records would no longer be listed; nothing was changed: run `colophon trash empty --yes` if you mean it",
                        HumanCount(count)
                    );
                    return Err(refusal(Exit::Refused, message));
                }
                let emptied = database.write_blocking(trash::empty)?;
                if output.is_json() {
                    output.document(&json!({ "emptied": emptied }))?;
                } else {
                    output.line(format_args!(
                        "{} records are no longer in the trash",
                        HumanCount(emptied)
                    ))?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn document(gone: &Trashed) -> serde_json::Value {
    json!({
        "id": gone.id,
        "kind": gone.kind.word(),
        "name": gone.name,
        "deleted_at": gone.at,
        "act": gone.act,
        "elsewhere": gone.is_elsewhere,
    })
}

fn row(gone: &Trashed) -> [String; 5] {
    let at = gone.at.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string());
    [
        at.unwrap_or_default(),
        gone.kind.word().to_owned(),
        gone.name.clone(),
        if gone.is_elsewhere { "elsewhere" } else { "here" }.to_owned(),
        gone.id.to_string(),
    ]
}

fn tell_restored(restored: &Restored, all: bool, output: &Output) -> anyhow::Result<()> {
    let records = restored.records.len();
    if records == 0 && !all {
        return Err(refusal(
            Exit::NotFound,
            "none of these was deleted and can come back: `colophon trash list` shows what can".to_owned(),
        ));
    }
    if output.is_json() {
        let ids: Vec<_> = restored.records.iter().map(|(_, id)| id).collect();
        output.document(&json!({ "restored": ids, "left_out": restored.left_out }))?;
        return Ok(());
    }
    match records {
        1 => output.line(format_args!("Restored “{}”", restored.name))?,
        records => output.line(format_args!("Restored {} records", HumanCount(records as u64)))?,
    }
    if restored.left_out > 0 {
        output.note(format_args!(
            "{} of their values and parts could not come back: another record has the value by now, or what they belong to is gone",
            HumanCount(restored.left_out)
        ));
    }
    Ok(())
}
