//! What the sync is doing, for the window and the command line.

use colophon_catalogue::schema::TABLES;
use colophon_store::ReadSession;
use colophon_store::schema::Table;
use jiff::Timestamp;
use serde::Serialize;

use crate::download::DownloadProgress;
use crate::error::Error;
use crate::not_kept::NotKept;
use crate::quarantined_row::QuarantinedRow;
use crate::reconcile::Reconciled;
use crate::round::RoundReport;

/// Where the sync stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncStatus {
    /// In one word.
    pub state: SyncState,
    /// Since when, by this device's clock.
    pub since: Timestamp,
    /// How many rows wait here for the server.
    pub pending: u64,
    /// Those among them that are quarantined.
    pub quarantined: Vec<QuarantinedRow>,
    /// The rows of the server that this file could not keep.
    pub not_kept: Vec<NotKept>,
    /// The revision of the central catalogue, as last seen.
    pub revision: Option<i64>,
    /// When the server was last heard from.
    pub last_contact: Option<Timestamp>,
    /// What last went wrong, until things go well again.
    pub error: Option<SyncError>,
    /// When the next try is made automatically.
    pub next_try: Option<Timestamp>,
    /// What was last done, since the program began, when the file and the server had to be reconciled.
    pub reconciled: Option<Reconciled>,
    /// How far the first download has come, while it is under way.
    pub download: Option<DownloadProgress>,
}

/// How far a round has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The first download is under way.
    Downloading(DownloadProgress),
    /// The server has taken this many rows.
    Sent(u64),
}

/// Where the sync stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// No server is named in the settings: there is nothing to be in step with.
    NotConfigured,
    /// The server has not been reached yet, or is away. Edits are safe here.
    Offline,
    /// Rows wait, and are on their way.
    Pending,
    /// The server has everything that was made here.
    InStep,
    /// Rows are quarantined, on either side; everything else is in step.
    NeedsCare,
    /// Something that does not pass by itself; `error` says what.
    Error,
}

impl SyncState {
    /// The state in English, for a line of text.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotConfigured => "no server configured",
            Self::Offline => "offline",
            Self::Pending => "on the way",
            Self::InStep => "in step",
            Self::NeedsCare => "needs care",
            Self::Error => "stopped",
        }
    }
}

/// How much is not in step, according to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Rows that wait for the server.
    pub waiting: u64,
    /// Those among them that are quarantined.
    pub quarantined: u64,
    /// Rows of the server that this file could not keep.
    pub not_kept: u64,
}

impl Standing {
    /// For a catalogue's file.
    pub fn of(session: &ReadSession<'_>) -> colophon_store::Result<Self> {
        Self::of_tables(session, TABLES)
    }

    /// For the file of an application with these tables.
    pub fn of_tables(session: &ReadSession<'_>, tables: &[&'static Table]) -> colophon_store::Result<Self> {
        Ok(Self {
            waiting: session.waiting_count(tables)?,
            quarantined: session.quarantined()?.len() as u64,
            not_kept: session.not_kept_count()?,
        })
    }

    /// After a round.
    pub fn after(report: &RoundReport) -> Self {
        Self {
            waiting: report.pending,
            quarantined: report.quarantined.len() as u64,
            not_kept: report.not_kept.len() as u64,
        }
    }

    /// The one rule by which everybody who asks describes the state of a file that has a server, as long as nothing is
    /// wrong with the server: what is on its way comes first, and then what needs care.
    pub fn state(self) -> SyncState {
        if self.waiting > self.quarantined {
            SyncState::Pending
        } else if self.quarantined > 0 || self.not_kept > 0 {
            SyncState::NeedsCare
        } else {
            SyncState::InStep
        }
    }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncError {
    /// For programs.
    pub code: &'static str,
    /// For people: what happened, what is safe, what to do next.
    pub message: String,
}

impl From<&Error> for SyncError {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

impl SyncStatus {
    /// Before anything was tried.
    pub fn new(state: SyncState, since: Timestamp) -> Self {
        Self {
            state,
            since,
            pending: 0,
            quarantined: Vec::new(),
            not_kept: Vec::new(),
            revision: None,
            last_contact: None,
            error: None,
            next_try: None,
            reconciled: None,
            download: None,
        }
    }

    /// Enters a state, or stays in it; returns whether it is a different one.
    pub(crate) fn enter(&mut self, state: SyncState, now: Timestamp) -> bool {
        let is_new = self.state != state;
        if is_new {
            (self.state, self.since) = (state, now);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_is_told_before_what_needs_care() {
        let state = |waiting, quarantined, not_kept| {
            Standing {
                waiting,
                quarantined,
                not_kept,
            }
            .state()
        };
        assert_eq!(state(0, 0, 0), SyncState::InStep);
        assert_eq!(state(3, 1, 0), SyncState::Pending);
        assert_eq!(state(1, 1, 0), SyncState::NeedsCare);
        assert_eq!(state(0, 0, 1), SyncState::NeedsCare);
    }
}
