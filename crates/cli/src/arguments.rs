//! What can be asked of the command.

use std::path::PathBuf;

use clap::{ColorChoice, Parser, Subcommand};

use crate::commands::{
    authors, backup, books, completions, conflicts, devices, doctor, duplicates, export, history, import, init,
    migrate, restore, sample, server, sign_in, status, sync, tags, trash, undo,
};

/// A catalogue of authors and books that works offline and syncs with your team's PostgreSQL server.
#[derive(Debug, Parser)]
#[command(name = "colophon", version, propagate_version = true, arg_required_else_help = true)]
#[command(
    after_help = "Data goes to standard output, messages to standard error. Exit codes and JSON documents: docs/command-line.md"
)]
pub(crate) struct Arguments {
    /// The catalogue file [default: `COLOPHON_FILE`, or else the window's own].
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
    /// A file of settings, one `NAME=value` per line [default: `COLOPHON_ENV_FILE`, or else none].
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no messages except errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do. A command that takes its arguments from a struct is described there.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Init),
    Import(import::Import),
    Export(export::Export),
    Backup(backup::Backup),
    Restore(restore::Restore),
    /// List, search, show, add, edit and delete authors.
    #[command(subcommand, visible_alias = "author")]
    Authors(authors::Authors),
    /// List, search, show, add, edit and delete books.
    #[command(subcommand, visible_alias = "book")]
    Books(books::Books),
    /// List, rename, merge and delete tags.
    #[command(subcommand, visible_alias = "tag")]
    Tags(tags::Tags),
    /// Add some well-known books to try things out with, or remove them again.
    #[command(subcommand)]
    Sample(sample::Sample),
    Migrate(migrate::Migrate),
    Sync(sync::Sync),
    /// List, show and settle conflicts: what two people said differently.
    #[command(subcommand, visible_alias = "conflict")]
    Conflicts(conflicts::Conflicts),
    /// Find records that look the same; merge them, or note that they are not.
    #[command(subcommand, visible_alias = "duplicate")]
    Duplicates(duplicates::Duplicates),
    /// List the devices that share the catalogue, and retire those no longer in use.
    #[command(subcommand)]
    Devices(devices::Devices),
    /// For whoever runs the server: set the catalogue up, let people in, see how it does.
    #[command(subcommand)]
    Server(server::Server),
    History(history::History),
    /// List, restore and empty the trash: the books and authors that were deleted.
    #[command(subcommand)]
    Trash(trash::Trash),
    Undo(undo::Undo),
    Redo(undo::Redo),
    SignIn(sign_in::SignIn),
    SignOut(sign_in::SignOut),
    Status(status::Status),
    Doctor(doctor::Doctor),
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
