//! Why a round came to nothing.

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
    /// The file has met another central database before. Its rows are based on revisions of that one.
    #[error(
        "this catalogue file belongs to another central catalogue; nothing was sent: check POSTGRES_SERVER, POSTGRES_DB and \
         POSTGRES_SCHEMA, or use another file for this one"
    )]
    AnotherCatalogue,
    /// The server does not know what this file has seen there before.
    #[error(
        "the server's catalogue is at revision {found}, but this file has seen revision {seen}: it was brought back from an older          backup. Nothing was sent or taken, and everything here is safe; export it, and open the catalogue in a new file"
    )]
    WentBack {
        /// Where the server's catalogue is.
        found: i64,
        /// What the file has seen.
        seen: i64,
    },
    /// The server has forgotten deletions that this file has not heard of.
    #[error(
        "this file was last in step at revision {seen}, and the server has forgotten what was deleted up to revision {floor}. Nothing was          sent or taken, and your edits are safe here; export them, and open the catalogue in a new file"
    )]
    TooLongAway {
        /// What the file has seen.
        seen: i64,
        /// Deletions up to here are forgotten.
        floor: i64,
    },
    /// Another program is exchanging the same file with its server.
    #[error("another program is just bringing this catalogue file in step; its edits and yours go up together")]
    ExchangedElsewhere,
}

impl Error {
    /// A word for programs: stable, the same for all errors that mean the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Central(error) => error.code(),
            Self::Local(_) => "local_file",
            Self::AnotherCatalogue => "another_catalogue",
            Self::WentBack { .. } => "server_went_back",
            Self::TooLongAway { .. } => "too_long_away",
            Self::ExchangedElsewhere => "exchanged_elsewhere",
        }
    }

    /// Whether it may pass without anybody doing something.
    pub fn passes_by_itself(&self) -> bool {
        match self {
            Self::Central(error) => error.passes_by_itself(),
            Self::Local(error) => matches!(error, colophon_store::Error::Busy | colophon_store::Error::Exhausted),
            Self::AnotherCatalogue | Self::WentBack { .. } | Self::TooLongAway { .. } => false,
            Self::ExchangedElsewhere => true,
        }
    }
}
