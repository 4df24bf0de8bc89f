//! The server that the settings name.

use colophon_sync::central::{Central, CentralSettings};

use crate::catalogue_file::CatalogueFile;
use crate::exit::{Exit, refusal};

/// The server, which nobody has spoken to yet; an error when the settings name none. A password that they do not have may be in
/// the keychain, which is asked when a connection wants it.
pub(crate) fn of_settings(file: &CatalogueFile) -> anyhow::Result<Central> {
    Ok(Central::new(settings(file)?).asking_keychain())
}

/// The settings of the server; an error when they name none.
pub(crate) fn settings(file: &CatalogueFile) -> anyhow::Result<CentralSettings> {
    CentralSettings::from_sources(file.sources())?.ok_or_else(|| {
        let message =
            "no server is configured: set POSTGRES_SERVER, in the environment, in a file that --env-file names, or in the settings file";
        refusal(Exit::Usage, message)
    })
}

/// Runs what has to wait for a server, or for a transaction that lasts across waits, to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
