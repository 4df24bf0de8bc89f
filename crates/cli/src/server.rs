//! The server that the settings name.

use colophon_sync::central::{Central, CentralSettings};

use crate::catalogue_file::CatalogueFile;
use crate::exit::{Exit, refusal};

/// The server, which has not been contacted yet; an error if the settings name none. A password that they do not
/// contain may be in the keychain, which is asked when a connection wants it.
pub(crate) fn of_settings(file: &CatalogueFile) -> anyhow::Result<Central> {
    Ok(Central::new(settings(file)?).asking_keychain())
}

/// The settings of the server; an error if they name none.
pub(crate) fn settings(file: &CatalogueFile) -> anyhow::Result<CentralSettings> {
    CentralSettings::from_sources(file.sources())?.ok_or_else(|| {
        let message =
            "no server is configured: set POSTGRES_SERVER, in the environment, in a file that --env-file names, or in the settings file";
        refusal(Exit::Usage, message)
    })
}

/// What is reported of work with a server that was cut off.
const CUT_OFF: &str = "told to stop; what was done by then, here or on the server, stays";

/// Runs something that has to wait for a server to its end. A program that is told to end does not wait for that.
pub(crate) fn ask<T>(file: &CatalogueFile, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    file.ending().may_be_left(CUT_OFF, || block_on(work))
}

/// Runs something that waits for nobody else to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
