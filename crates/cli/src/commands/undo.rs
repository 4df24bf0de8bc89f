//! `colophon undo` and `colophon redo`: takes one act back, or does it again.

use clap::Args;
use colophon_acts::done::{InTheWay, One, redo_one, undo_one};
use colophon_acts::undo::{self, Asked, Step, Told};
use colophon_acts::{Deed, Did};
use colophon_store::{Error, Result as StoreResult, WriteSession};
use indicatif::HumanCount;
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;

/// Undo the last thing that was done, be it an edit, a deletion or a whole import.
///
/// Undoing is an edit like any other: it is sent to the server, and `colophon redo` takes it back. What somebody has changed
/// since is left alone.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// Go ahead even if many records are affected.
    #[arg(long)]
    yes: bool,
    /// Undo this act instead of the last one, by its number in `colophon history`; nothing of it if something that was done
    /// since is in the way.
    #[arg(long, value_name = "NUMBER", conflicts_with = "yes")]
    act: Option<i64>,
}

/// Redo what was undone last, unless something else has been done since.
#[derive(Debug, Args)]
pub(crate) struct Redo {
    /// Go ahead even if many records are affected.
    #[arg(long)]
    yes: bool,
    /// Redo this act, by its number in `colophon history`, whatever has been done since; nothing of it if that is in the way.
    #[arg(long, value_name = "NUMBER", conflicts_with = "yes")]
    act: Option<i64>,
}

impl Undo {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        if let Some(number) = self.act {
            return one(file, output, number, "Undone", undo_one);
        }
        step(
            file,
            output,
            self.yes,
            ("undo", "Undone", "There is nothing to undo."),
            undo::undo,
        )
    }
}

impl Redo {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        if let Some(number) = self.act {
            return one(file, output, number, "Redone", redo_one);
        }
        step(
            file,
            output,
            self.yes,
            ("redo", "Redone", "There is nothing to redo."),
            undo::redo,
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
    let asked = if agreed { Asked::agreeing() } else { Asked::default() };
    let step = database.write_blocking(move |tx| take(tx, asked))?;
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
                "{}: this affects {} authors and books; nothing was changed: run `colophon {command} --yes` if you mean it",
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

/// Takes one act back, or does it again, as a whole or not at all.
fn one(
    file: &CatalogueFile,
    output: &Output,
    number: i64,
    done: &str,
    take: fn(&WriteSession<'_>, i64) -> StoreResult<One>,
) -> anyhow::Result<Exit> {
    let database = file.open(WhenMissing::Refuse, output)?;
    let taken = database.write_blocking(move |tx| take(tx, number));
    let taken = taken.map_err(|error| match error {
        Error::NotFound { .. } => {
            let message = format!("there is no act {number}: `colophon history` lists them");
            refusal(Exit::NotFound, message)
        }
        Error::Invalid { field: "act", reason } => refusal(Exit::Refused, format!("the act {number}: {reason}")),
        error => error.into(),
    })?;
    match taken {
        One::Done(told) => {
            tell(&told, done, output)?;
            Ok(Exit::Done)
        }
        One::InTheWay(obstacles) => {
            let told: Vec<_> = obstacles.iter().map(in_the_way).collect();
            let message = format!(
                "nothing was changed, because this is in the way:\n  {}",
                told.join("\n  ")
            );
            Err(refusal(Exit::Refused, message))
        }
    }
}

/// What is in the way: `“Emma”, title: act 12, Changed “Emma”`.
fn in_the_way(one: &InTheWay) -> String {
    let name = one.subject.name.as_deref().unwrap_or("a record");
    let field = one.field.as_ref().map(|field| format!(", {field}")).unwrap_or_default();
    let by = match &one.act {
        Some(act) => format!("act {}, {}", act.number, in_words(&act.told.deed)),
        None => "changed elsewhere, or by another program".to_owned(),
    };
    format!("“{name}”{field}: {by}")
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
        output.note("What was changed since, or can no longer be restored, was left alone.");
    }
    if let Some(rule) = &told.breaks {
        output.note(format_args!("The record now breaks a rule: {rule}"));
    }
    Ok(())
}

/// What an act was: `Deleted “Emma”`.
pub(super) fn in_words(deed: &Deed) -> String {
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
        Did::SampleRemoved => "Removed the sample".to_owned(),
        Did::PutBack => format!("Restored earlier values of “{name}”"),
        Did::BroughtBack => format!("Brought back {}", records()),
        Did::TrashEmptied if *count == 1 => "Emptied the trash of one record".to_owned(),
        Did::TrashEmptied => format!("Emptied the trash of {} records", HumanCount(*count)),
        Did::Merged if name.is_empty() => format!("Merged {} records", HumanCount(*count)),
        Did::Merged => format!("Merged {} records into “{name}”", HumanCount(*count)),
        Did::KeptApart => format!("Kept “{name}” apart from what looks the same"),
    }
}
