//! `colophon sync verify`: whether this file and the server have the same.

use colophon_sync::Exchange;
use colophon_sync::verify::{Difference, Verified};
use indicatif::HumanCount;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;
use crate::server;

pub(crate) fn run(file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
    let central = server::of_settings(file)?;
    let database = file.open(WhenMissing::Refuse, output)?;
    let mut exchange = Exchange::new(database, central, super::sync::identity());
    let verified = server::block_on(async { Ok(exchange.verify().await?) })?;
    if output.is_json() {
        output.document(&verified)?;
    } else {
        tell(&verified, output)?;
    }
    Ok(Exit::Done)
}

fn tell(verified: &Verified, output: &Output) -> anyhow::Result<()> {
    for record in &verified.healed {
        let difference = match record.difference {
            Difference::Content => "had other values than on the server",
            Difference::MissingHere => "was missing here",
            Difference::MissingThere => "was not on the server",
        };
        output.note(format_args!("{} {} {difference}; healed", record.entity, record.id));
    }
    if verified.waiting > 0 {
        output.note(format_args!(
            "left out, because they wait: {}",
            HumanCount(verified.waiting)
        ));
    }
    if verified.hidden > 0 {
        output.note(format_args!(
            "left out, because they refer to records that are hidden from this login: {}",
            HumanCount(verified.hidden)
        ));
    }
    output.line(format_args!(
        "identical at revision {}, {} records",
        verified.revision,
        HumanCount(verified.same)
    ))
}
