//! `colophon undo` and `colophon redo`: one act back, or forth again.

use clap::Args;
use colophon_acts::undo::{Asked, Question, Step, Told, back, forth};
use colophon_acts::{Deed, Did};
use colophon_store::{Result as StoreResult, WriteSession};
use indicatif::HumanCount;
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;

/// Take back the last act, whatever it was: an edit, a deletion, a whole import.
///
/// It is an edit like any other: it is sent to the server, and `colophon redo` takes it back. What somebody has changed since stays
/// as it is.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// Do so even if it is about many records.
    #[arg(long)]
    yes: bool,
}

/// Do again what was undone last, unless something else was done since.
#[derive(Debug, Args)]
pub(crate) struct Redo {
    /// Do so even if it is about many records.
    #[arg(long)]
    yes: bool,
}

impl Undo {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        step(
            file,
            output,
            self.yes,
            ("undo", "Undone", "There is nothing to undo."),
            back,
        )
    }
}

impl Redo {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        step(
            file,
            output,
            self.yes,
            ("redo", "Redone", "There is nothing to redo."),
            forth,
        )
    }
}

/// `(command, done, nothing)` are the words for it.
fn step(
    file: &CatalogueFile,
    output: &Output,
    agreed: bool,
    (command, done, nothing): (&str, &str, &str),
    take: fn(&WriteSession<'_>, Asked) -> StoreResult<Step>,
) -> anyhow::Result<Exit> {
    let database = file.open(WhenMissing::Refuse, output)?;
    let step = database.write_blocking(move |tx| {
        let asked = Asked::default();
        match take(tx, asked)? {
            Step::Asks(Question { number, .. }) if agreed => take(tx, asked.about(number)),
            step => Ok(step),
        }
    })?;
    match step {
        Step::Nothing => {
            if output.is_json() {
                output.document(&json!({ "act": null }))?;
            }
            output.note(nothing);
            Ok(Exit::Done)
        }
        Step::Asks(question) => {
            let message = format!(
                "{}: it is about {} authors and books; nothing was changed: run `colophon {command} --yes` if that is meant",
                in_words(&question.told.deed),
                HumanCount(question.touches)
            );
            Err(refusal(Exit::Refused, message))
        }
        Step::Done(told) => {
            tell(&told, done, output)?;
            Ok(Exit::Done)
        }
    }
}

fn tell(told: &Told, done: &str, output: &Output) -> anyhow::Result<()> {
    if output.is_json() {
        output.document(&json!({
            "act": told.deed,
            "record": told.open.map(|open| open.id),
            "left_alone": told.left_alone,
            "breaks": told.breaks,
        }))?;
        return Ok(());
    }
    output.line(format_args!("{done}: {}", in_words(&told.deed)))?;
    if told.left_alone > 0 {
        output.note("What was changed since, or cannot be given back any more, stays as it is.");
    }
    if let Some(rule) = &told.breaks {
        output.note(format_args!("The record breaks a rule now: {rule}"));
    }
    Ok(())
}

/// What an act was: `Deleted “Emma”`.
fn in_words(deed: &Deed) -> String {
    let Deed { did, name, count, .. } = deed;
    let records = || match count {
        1 => format!("“{name}”"),
        count => format!("{} records", HumanCount(*count)),
    };
    match did {
        Did::Created => format!("Added {}", records()),
        Did::Edited => format!("Changed {}", records()),
        Did::Deleted => format!("Deleted {}", records()),
        Did::Settled if *count == 1 => "Settled a conflict".to_owned(),
        Did::Settled => format!("Settled {} conflicts", HumanCount(*count)),
        Did::Imported => format!("Imported {} books from “{name}”", HumanCount(*count)),
        Did::SampleAdded => "Added the sample".to_owned(),
        Did::SampleRemoved => "Took the sample away".to_owned(),
        Did::PutBack => format!("Put back earlier values of “{name}”"),
        Did::BroughtBack => format!("Brought back “{name}”"),
    }
}
