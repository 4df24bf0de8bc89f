//! The `colophon` command: the whole catalogue without a window.
//!
//! Arguments come in, data goes to stdout and words to stderr; everything between is the catalogue's. What each command takes
//! and answers, and what the exit codes mean, is written down in `docs/command-line.md`.

mod arguments;
mod catalogue_file;
mod commands;
mod ending;
mod exit;
mod lookup;
mod output;
mod progress;
mod server;
mod shown;
mod table;
mod typed_fields;
mod worded;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::ending::Ending;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::of_usage(&error),
    };
    arguments.settle_colours();
    let output = Output::new(arguments.json, arguments.quiet);
    let outcome = Ending::listen().map_err(anyhow::Error::from).and_then(|ending| {
        let outcome = commands::run(&arguments, &output, &ending);
        ending.finish();
        outcome
    });
    match outcome.and_then(|exit| output.finish().map(|()| exit)) {
        Ok(exit) => exit.code(),
        Err(error) => exit::of_error(&error, &output).code(),
    }
}
