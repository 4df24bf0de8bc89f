//! The `colophon` command: the whole catalogue without a window.
//!
//! Arguments come in, data goes to stdout and words to stderr; everything in between is the catalogue's. What each
//! command takes and answers, and what the exit codes mean, is described in `docs/command-line.md`.

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
mod typed_lists;
mod worded;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::ending::{Ending, TOLD_TO_END};
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::of_usage(&error),
    };
    arguments.settle_colours();
    let output = Output::new(arguments.json, arguments.quiet);
    let ending = match Ending::listen(arguments.json) {
        Ok(ending) => ending,
        Err(error) => return exit::of_error(&error.into(), &output).code(),
    };
    let outcome = commands::run(&arguments, &output, &ending);
    ending.close();
    let outcome = outcome.and_then(|exit| output.finish().map(|()| exit));
    match (outcome, ending.answered()) {
        (Ok(exit), _) => exit.code(),
        (Err(error), Some((status, words))) if !exit::is_of_whoever_reads(&error) => {
            output.failure(TOLD_TO_END, words);
            exit::of_signal(status)
        }
        (Err(error), _) => exit::of_error(&error, &output).code(),
    }
}
