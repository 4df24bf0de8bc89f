//! What can be asked of the command.

use std::path::PathBuf;

use clap::{ColorChoice, Parser, Subcommand};

use crate::commands::{authors, books, completions, doctor, export, import, init, migrate, sample, status};

/// Keep a catalogue of authors and books, offline, and in step with a team's PostgreSQL server.
#[derive(Debug, Parser)]
#[command(name = "colophon", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Data goes to stdout, words to stderr. Exit codes and JSON documents: docs/command-line.md")]
pub(crate) struct Arguments {
    /// The catalogue file; otherwise `COLOPHON_FILE`, otherwise the one the window uses.
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no words but errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new, empty catalogue file.
    Init(init::Init),
    /// Import books from a CSV file, all or nothing.
    Import(import::Import),
    /// Export all books as CSV, or the whole catalogue as JSON.
    Export(export::Export),
    /// List, search, show, add, edit and delete authors.
    #[command(subcommand, visible_alias = "author")]
    Authors(authors::Authors),
    /// List, search, show, add, edit and delete books.
    #[command(subcommand, visible_alias = "book")]
    Books(books::Books),
    /// Add well-known books to try things with, or take them away again.
    #[command(subcommand)]
    Sample(sample::Sample),
    /// Bring the catalogue file up to this version, or take the last step back.
    Migrate(migrate::Migrate),
    /// Tell what is in the catalogue and what waits for the server.
    Status(status::Status),
    /// Examine the catalogue file and say what needs care.
    Doctor(doctor::Doctor),
    /// Print completions for a shell.
    Completions(completions::Completions),
}

impl Arguments {
    /// Applies `--color` to everything that is printed.
    pub(crate) fn settle_colours(&self) {
        let choice = match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}
