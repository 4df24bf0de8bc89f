//! `make bench`: the figures of `docs/performance.md`, each beside the floor that the bare library reaches in the same
//! run.
//!
//! A floor is bare rusqlite with cached prepared statements on the same tables and indexes, without our triggers, with
//! keys computed beforehand. Ours goes through the public API, with validation, stored keys, journal and capture on.
//! Both are run in turns and compared by their medians, because the machine is noisy; a ratio says more than either
//! figure.
//!
//! `bench [TOPIC…]` measures only the topics named; `--rows N` sets the size of the large catalogue (1,000,000),
//! `--only TEXT` makes only those comparisons of rates whose names contain it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its results"
)]
#![expect(clippy::disallowed_methods, reason = "measuring time is what it is for")]

mod bulk;
mod create;
mod devices;
mod download;
mod far;
mod floor;
mod get;
mod growth;
mod lists;
mod long_wire;
mod made_up;
mod measure;
mod pages;
mod pull;
mod push;
mod search;
mod travel;
mod update;
mod window;

use anyhow::{Context, Result, bail};

use measure::Table;

/// A topic: its name and what measures it.
type Topic = (&'static str, fn(&mut Table, u32) -> Result<()>);

const TOPICS: &[Topic] = &[
    ("create", create::measure),
    ("get", get::measure),
    ("update", update::measure),
    ("bulk", bulk::measure),
    ("pages", pages::measure),
    ("search", search::measure),
    ("lists", lists::measure),
    ("push", push::measure),
    ("travel", travel::measure),
    ("download", download::measure),
    ("pull", pull::measure),
    ("far", far::measure),
    ("growth", growth::measure),
    ("devices", devices::measure),
    ("window", window::measure),
];

fn main() -> Result<()> {
    let mut rows = 1_000_000;
    let (mut wanted, mut only) = (Vec::new(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rows" => {
                let number = arguments.next().context("--rows takes a number")?;
                rows = number.replace(['_', ','], "").parse()?;
            }
            "--only" => only = Some(arguments.next().context("--only takes a text")?),
            download::CHILD => return download::one_round(&arguments.collect::<Vec<_>>()),
            name if TOPICS.iter().any(|(topic, _)| *topic == name) => wanted.push(argument),
            other => bail!("{other} is no topic; there are {:?}", TOPICS.map_names()),
        }
    }
    let mut table = Table::of(only);
    for (name, topic) in TOPICS {
        if wanted.is_empty() || wanted.iter().any(|topic| topic == name) {
            eprintln!("measuring: {name}");
            topic(&mut table, rows)?;
        }
    }
    println!("{table}");
    Ok(())
}

/// The names of a list of topics.
trait Names {
    fn map_names(&self) -> Vec<&'static str>;
}

impl Names for [Topic] {
    fn map_names(&self) -> Vec<&'static str> {
        self.iter().map(|(name, _)| *name).collect()
    }
}
