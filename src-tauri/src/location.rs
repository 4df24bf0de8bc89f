//! Where this window's catalogue and settings are: the account's own, or those that somebody names.
//!
//! `COLOPHON_FILE` names another catalogue, in every place where the command line would look for it; then several
//! windows may be open at once, one for each.

use std::path::{Path, PathBuf};

use colophon_catalogue::called::Called;
use colophon_catalogue::catalogue_list::CatalogueList;
use colophon_catalogue::location::{FILE_VARIABLE, Location};
use colophon_store::private;
use colophon_store::settings::Sources;
use colophon_sync::central::CentralSettings;

use crate::error::{Code, CommandError};
use crate::secrets;

/// Whether the catalogue is the account's own, rather than one that was named. Settings that cannot be read name none.
pub(crate) fn is_own_catalogue() -> bool {
    !settings().is_ok_and(|settings| settings.path(FILE_VARIABLE).is_some())
}

/// The catalogue file. The folder of the account's own is created if it does not exist.
pub(crate) fn catalogue_file() -> Result<PathBuf, CommandError> {
    if let Some(file) = settings()?.path(FILE_VARIABLE) {
        return Ok(file);
    }
    let file = of_account()?.catalogue_file();
    if let Some(folder) = file.parent() {
        private::new_folder(folder).map_err(|error| cannot_make(folder, &error))?;
    }
    Ok(file)
}

/// The account's settings file.
pub(crate) fn settings_file() -> Result<PathBuf, CommandError> {
    Ok(of_account()?.settings_file())
}

/// The file of what the window remembers for the account, beside its settings.
pub(crate) fn view_state_file() -> Result<PathBuf, CommandError> {
    Ok(settings_file()?.with_file_name("view.json"))
}

/// The catalogues that the account knows.
pub(crate) fn catalogue_list() -> Result<CatalogueList, CommandError> {
    Ok(CatalogueList::in_file(settings_file()?))
}

/// The settings for a catalogue: the environment, the file that `COLOPHON_ENV_FILE` names, then what the account's
/// settings file has for it. What the first two say about a server was meant for the catalogue with which the program
/// was started, and says nothing about another one to which the window has moved: its records would end up on a server
/// that is not theirs.
pub(crate) fn sources(catalogue: &Path) -> Result<Sources, CommandError> {
    let sources = catalogue_list()?.sources(catalogue, settings()?, CentralSettings::PREFIX)?;
    Ok(if catalogue == catalogue_file()? {
        sources
    } else {
        sources.leaving_out(CentralSettings::PREFIX)
    })
}

/// The file for a new catalogue with this name, beside the account's own. Letters that some system does not accept in a
/// file name are left out.
pub(crate) fn file_named(name: &str) -> Result<PathBuf, CommandError> {
    let kept = |letter: &char| letter.is_alphanumeric() || " -_.".contains(*letter);
    let plain: String = name.trim().chars().filter(kept).collect();
    let plain = plain.trim_matches(['.', ' ']);
    if plain.is_empty() {
        let mut coded = CommandError::new(Code::Invalid, "Write a name with letters or digits in it.");
        coded.field = Some("name".to_owned());
        return Err(coded);
    }
    let own = of_account()?.catalogue_file();
    let folder = own.parent().unwrap_or(Path::new("."));
    private::new_folder(folder).map_err(|error| cannot_make(folder, &error))?;
    Ok(folder.join(format!("{plain}.sqlite")))
}

/// The settings that apply to any catalogue.
pub(crate) fn settings() -> Result<Sources, CommandError> {
    let sources = Sources::load(Sources::env_file_of_environment().as_deref(), Some(&settings_file()?))?;
    Ok(sources.and_environment(secrets::taken()))
}

/// What the person and this computer are called. Settings that cannot be read name nobody.
pub(crate) fn called() -> Called {
    let called = settings().and_then(|sources| Ok(Called::from_sources(&sources)?));
    called.unwrap_or_default()
}

fn of_account() -> Result<Location, CommandError> {
    Location::of_account().ok_or_else(|| {
        CommandError::new(
            Code::Setting,
            "This account has no home folder, so there is no location for the catalogue: name a file in COLOPHON_FILE.",
        )
    })
}

fn cannot_make(folder: &Path, error: &std::io::Error) -> CommandError {
    let folder = folder.display();
    CommandError::new(
        Code::ReadOnly,
        format!("The folder {folder} for the catalogue cannot be made: {error}."),
    )
}
