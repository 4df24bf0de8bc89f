//! A catalogue on a server and a connection to it: what they are made of.
//!
//! What a connection does is in the files beside this one, one for each thing that it does (`asking`, `ahead`, `doubt`,
//! `announcing`, and one for each question that a round has). What it keeps between them is declared here, so those
//! files know this one, and it knows none of them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use colophon_store::InFlight;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use super::error::{Error, Peer, Result};
use super::hints::Hints;
use super::limits::Limits;
use super::session::{Heard, Session};
use super::settings::{CentralSettings, SchemaName};
use crate::edition::Edition;
use crate::keychain;
use crate::shared::Shared;

/// A catalogue on a server, as something to connect to.
#[derive(Debug, Clone)]
pub struct Central {
    pub(super) settings: Arc<CentralSettings>,
    pub(super) limits: Limits,
    pub(super) edition: Edition,
    pub(super) hints: Hints,
    /// What the keychain says, if it is to be asked.
    pub(super) keychain: Option<Arc<keychain::Answer>>,
    /// Whether the server has asked for the password in clear text, so that somebody other than PostgreSQL may be
    /// checking it.
    pub(super) is_in_clear: Arc<AtomicBool>,
    /// How patient to be with connections that fall silent.
    pub(super) patience: Arc<Patience>,
    /// Whether connections are made only to ask about another one.
    pub(super) is_witness: bool,
}

impl Central {
    /// Does not touch the network yet.
    pub fn new(settings: CentralSettings) -> Self {
        Self::with_limits(settings, Limits::default())
    }

    /// With limits other than the usual ones.
    pub fn with_limits(settings: CentralSettings, limits: Limits) -> Self {
        Self {
            settings: Arc::new(settings),
            limits,
            edition: Edition::default(),
            hints: Hints::default(),
            keychain: None,
            is_in_clear: Arc::default(),
            patience: Arc::default(),
            is_witness: false,
        }
    }

    /// Makes connections look for a password in the system's keychain if the settings have none.
    pub fn asking_keychain(self) -> Self {
        let has_password = self.settings.password.is_some();
        Self {
            keychain: (!has_password).then(Arc::default),
            ..self
        }
    }

    /// Makes the next connection ask the keychain again, even if a person did not unlock it the last time.
    pub(crate) async fn ask_keychain_again(&self) {
        if let Some(keychain) = &self.keychain {
            keychain.ask_again().await;
        }
    }

    /// The revision that another device last hinted at, over any connection that [listens](Connection::listen).
    pub fn hints(&self) -> watch::Receiver<i64> {
        self.hints.subscribe()
    }

    /// The same, for asking about one of its connections.
    pub(super) fn witness(&self) -> Self {
        Self {
            is_witness: true,
            ..self.beside()
        }
    }

    /// The same, for a connection beside one that hears the hints.
    pub(super) fn beside(&self) -> Self {
        Self {
            hints: Hints::default(),
            ..self.clone()
        }
    }

    /// Says up to which revision everything is known, so that hints at those are ignored.
    pub(crate) fn knows(&self, revision: i64) {
        self.hints.knows(revision);
    }

    /// Whether a wrong password may count against the login: if it is asked for in clear text, somebody other than the
    /// server may be checking it, and many directories lock out a login that is wrong too often.
    pub(crate) fn counts_wrong_passwords(&self) -> bool {
        self.is_in_clear.load(Ordering::Relaxed)
    }

    /// What it was made from.
    pub fn settings(&self) -> &CentralSettings {
        &self.settings
    }

    /// Connects, whatever may be there. For migrating; everything else uses [`open`](Self::open).
    pub async fn connect(&self) -> Result<Connection> {
        let Some(keychain) = &self.keychain else {
            return self.connect_as_told().await;
        };
        let asked = keychain.password(&self.settings).await;
        let password = asked.as_ref().ok().cloned().flatten();
        let settings = CentralSettings {
            password,
            ..CentralSettings::clone(&self.settings)
        };
        let told = Self {
            settings: Arc::new(settings),
            ..self.clone()
        };
        let connected = told.connect_as_told().await;
        if let Err(Error::NoPassword { .. } | Error::WrongPassword { .. }) = &connected {
            keychain.was_of_no_use().await;
        }
        connected.map_err(|error| match error {
            Error::NoPassword { server, user, .. } => {
                let keychain = asked.err();
                Error::NoPassword { server, user, keychain }
            }
            error => error,
        })
    }
}

/// One of several statements that are sent together, with the values that it binds.
pub(super) type Question<'q> = (String, Vec<(&'q (dyn ToSql + Sync), Type)>);

/// A signed-in connection. Dropped in the middle of a transaction, it takes the transaction with it.
#[derive(Debug)]
pub struct Connection {
    pub(super) client: Client,
    pub(super) driver: JoinHandle<()>,
    pub(super) peer: Peer,
    pub(super) limits: Limits,
    pub(super) schema: SchemaName,
    pub(super) edition: Edition,
    /// What this program and the server both know, and the server's version from which that was derived.
    pub(super) shared: Mutex<(i32, Shared)>,
    /// Stays set if the work on it was abandoned half way.
    pub(super) in_transaction: AtomicBool,
    /// What it remembers of itself.
    pub(super) session: Session,
    /// How to ask about it when it says nothing.
    pub(super) doubt: Doubt,
    /// Rows that were sent ahead of their turn.
    pub(super) ahead: Box<Ahead>,
    /// The folder of the file that is synced over it: what arrives is kept there until it is applied.
    pub(super) folder: Option<PathBuf>,
}

/// How many times in a row a transaction was given up for lost.
#[derive(Debug, Default)]
pub(super) struct Patience(pub(super) AtomicU32);

/// What is asked about one connection, and whom to ask.
#[derive(Debug)]
pub(super) struct Doubt {
    /// The settings with which the connection was made.
    pub(super) central: Central,
    /// What was heard over the connection.
    pub(super) heard: Arc<Heard>,
    /// How its transactions are named in the server's list.
    pub(super) name: String,
}

/// The second connection, and what is staged.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// As long as it is usable.
    pub(super) second: Option<Box<Connection>>,
    /// No second connection could be had.
    pub(super) is_alone: bool,
    pub(super) sent: Option<Sent>,
}

/// A batch whose rows were sent ahead.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) over: Over,
    pub(super) batch: InFlight,
    /// The last of them, which may still be on their way.
    pub(super) arriving: Arriving,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    First,
    Second,
}

/// The last rows of a batch, still on their way; when they have arrived, all have. It goes on whether or not anybody
/// waits for it.
pub(super) type Arriving = JoinHandle<Result<u64, tokio_postgres::Error>>;

impl Connection {
    /// A connection over which nothing has been asked yet.
    pub(super) fn new(
        central: &Central,
        peer: Peer,
        client: Client,
        driver: JoinHandle<()>,
        heard: Arc<Heard>,
    ) -> Self {
        Self {
            client,
            driver,
            peer,
            limits: central.limits,
            schema: central.settings.schema.clone(),
            edition: central.edition.clone(),
            shared: Mutex::new((0, Shared::all(central.edition.tables))),
            in_transaction: AtomicBool::new(false),
            session: Session::default(),
            doubt: Doubt::new(central, heard),
            ahead: Box::default(),
            folder: None,
        }
    }

    /// For a file in this folder.
    pub fn is_for_file_in(&mut self, folder: Option<PathBuf>) {
        self.folder = folder;
    }

    /// Whether the connection is known to be gone.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Without this the driver would wait for the answers that are still outstanding, and their locks would stay
        // held.
        self.driver.abort();
    }
}
