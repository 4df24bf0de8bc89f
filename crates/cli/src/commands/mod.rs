//! One file per command: arguments in, calls to the catalogue, text or JSON out.

mod audit;
pub(crate) mod authors;
pub(crate) mod backup;
pub(crate) mod books;
pub(crate) mod completions;
pub(crate) mod conflicts;
pub(crate) mod devices;
pub(crate) mod doctor;
pub(crate) mod duplicates;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod listing;
pub(crate) mod migrate;
mod paging;
pub(crate) mod restore;
mod salvage;
pub(crate) mod sample;
pub(crate) mod server;
pub(crate) mod sign_in;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod tags;
pub(crate) mod trash;
pub(crate) mod undo;
mod verify;

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Command};
use crate::catalogue_file::CatalogueFile;
use crate::ending::Ending;
use crate::exit::Exit;
use crate::output::Output;

/// Runs the command that was asked for.
pub(crate) fn run(arguments: &Arguments, output: &Output, ending: &Ending) -> anyhow::Result<Exit> {
    if let Command::Completions(completions) = &arguments.command {
        return completions.run(Arguments::command(), output);
    }
    let file = CatalogueFile::of(arguments.file.as_deref(), arguments.env_file.as_deref(), ending.clone())?;
    match &arguments.command {
        Command::Init(init) => init.run(&file, output),
        Command::Import(import) => import.run(&file, output),
        Command::Export(export) => export.run(&file, output),
        Command::Backup(backup) => backup.run(&file, output),
        Command::Restore(restore) => restore.run(&file, output),
        Command::Authors(authors) => authors.run(&file, output),
        Command::Books(books) => books.run(&file, output),
        Command::Tags(tags) => tags.run(&file, output),
        Command::Sample(sample) => sample.run(&file, output),
        Command::Migrate(migrate) => migrate.run(&file, output),
        Command::Sync(sync) => sync.run(&file, output),
        Command::Conflicts(conflicts) => conflicts.run(&file, output),
        Command::Duplicates(duplicates) => duplicates.run(&file, output),
        Command::Devices(devices) => devices.run(&file, output),
        Command::Server(server) => server.run(&file, output),
        Command::History(history) => history.run(&file, output),
        Command::Trash(trash) => trash.run(&file, output),
        Command::Undo(undo) => undo.run(&file, output),
        Command::Redo(redo) => redo.run(&file, output),
        Command::SignIn(sign_in) => sign_in.run(&file, output),
        Command::SignOut(sign_out) => sign_out.run(&file, output),
        Command::Status(status) => status.run(&file, output),
        Command::Doctor(doctor) => doctor.run(&file, output),
        Command::Completions(completions) => completions.run(Arguments::command(), output),
    }
}
