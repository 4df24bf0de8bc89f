//! `colophon sync verify`: whether this file and the server have the same content.

use colophon_sync::Exchange;
use colophon_sync::verify::{Difference, Verified};
use indicatif::HumanCount;

use super::sync::{in_turn, not_kept};
use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;
use crate::server;

pub(crate) fn run(file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
    let central = server::of_settings(file)?;
    let database = file.open(WhenMissing::Refuse, output)?;
    let mut exchange = Exchange::new(database, central, super::sync::identity(file)?);
    let verified = server::ask(file, async {
        Ok(in_turn(output, async || exchange.verify().await).await?)
    })?;
    if output.is_json() {
        output.document(&verified)?;
    } else {
        tell(&verified, output)?;
    }
    Ok(if verified.is_identical() {
        Exit::Done
    } else {
        Exit::NeedsCare
    })
}

fn tell(verified: &Verified, output: &Output) -> anyhow::Result<()> {
    for record in &verified.healed {
        let difference = match record.difference {
            Difference::Content => "differed from the server",
            Difference::MissingHere => "was missing here",
            Difference::MissingThere => "was not on the server",
            Difference::ThereAndDeleted => "was on the server and marked as deleted there",
        };
        output.note(format_args!("{} {} {difference}; healed", record.entity, record.id));
    }
    if verified.waiting > 0 {
        output.note(format_args!(
            "left out because they are waiting: {}",
            HumanCount(verified.waiting)
        ));
    }
    if verified.hidden > 0 {
        output.note(format_args!(
            "left out because they refer to records hidden from this login: {}",
            HumanCount(verified.hidden)
        ));
    }
    for row in &verified.not_kept {
        output.note(not_kept(row));
    }
    let (revision, same) = (verified.revision, HumanCount(verified.same));
    if verified.is_identical() {
        output.line(format_args!("identical at revision {revision}, {same} records"))
    } else {
        output.line(format_args!(
            "not identical: {same} records agree at revision {revision}, {} are waiting here, {} cannot be kept here",
            HumanCount(verified.waiting),
            HumanCount(verified.not_kept.len() as u64)
        ))
    }
}
