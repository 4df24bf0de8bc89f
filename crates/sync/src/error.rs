//! Why a round failed.

use crate::central;

/// The result of everything that moves rows.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong in a round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// With the server.
    #[error(transparent)]
    Central(#[from] central::Error),
    /// With the local file.
    #[error(transparent)]
    Local(#[from] colophon_store::Error),
    /// The file has met a different central database before. Its rows are based on that one's revisions.
    #[error(
        "this catalogue file belongs to another central catalogue; nothing was sent: check POSTGRES_SERVER, POSTGRES_DB and \
         POSTGRES_SCHEMA, or use another file for this one"
    )]
    AnotherCatalogue,
    /// Another program is syncing the same file with its server.
    #[error("another program is already syncing this catalogue file; your edits go up with it")]
    ExchangedElsewhere,
}

impl Error {
    /// A word for programs: stable, the same for all errors that mean the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Central(error) => error.code(),
            Self::Local(_) => "local_file",
            Self::AnotherCatalogue => "another_catalogue",
            Self::ExchangedElsewhere => "exchanged_elsewhere",
        }
    }

    /// Whether it may pass without anybody doing anything.
    pub fn passes_by_itself(&self) -> bool {
        match self {
            Self::Central(error) => error.passes_by_itself(),
            Self::Local(error) => matches!(error, colophon_store::Error::Busy | colophon_store::Error::Exhausted),
            Self::AnotherCatalogue => false,
            Self::ExchangedElsewhere => true,
        }
    }
}
