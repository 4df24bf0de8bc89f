//! A catalogue on a server, and a connection to it: what they are made of.
//!
//! What a connection does stands beside it, a file for each thing that it does (`asking`, `ahead`, `doubt`, `announcing`, and one for each
//! question that a round has). What it keeps between two of them is declared here, so that those files know this one, and it knows none
//! of them.

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
    /// What the keychain says, where it is to be asked.
    pub(super) keychain: Option<Arc<keychain::Answer>>,
    /// Whether the server has asked for the password in clear, and so perhaps somebody else than PostgreSQL keeps it.
    pub(super) is_in_clear: Arc<AtomicBool>,
    /// How patient to be with connections that fall silent.
    pub(super) patience: Arc<Patience>,
    /// Whether connections are made only to ask about another one.
    pub(super) is_witness: bool,
}

impl Central {
    /// Nothing is asked of the network yet.
    pub fn new(settings: CentralSettings) -> Self {
        Self::with_limits(settings, Limits::default())
    }

    /// With other limits than the usual ones.
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

    /// Looks for a password that the settings do not have in the system's keychain, when a connection wants it.
    pub fn asking_keychain(self) -> Self {
        let has_password = self.settings.password.is_some();
        Self {
            keychain: (!has_password).then(Arc::default),
            ..self
        }
    }

    /// Lets the next connection ask the keychain anew, also when a person did not open it the last time.
    pub(crate) async fn ask_keychain_again(&self) {
        if let Some(keychain) = &self.keychain {
            keychain.ask_again().await;
        }
    }

    /// The revision that another device has hinted at last, over any connection that [listens](Connection::listen).
    pub fn hints(&self) -> watch::Receiver<i64> {
        self.hints.subscribe()
    }

    /// The same, to ask about a connection of this one.
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

    /// Tells up to which revision everything is known, so that hints of it are none.
    pub(crate) fn knows(&self, revision: i64) {
        self.hints.knows(revision);
    }

    /// Whether a wrong password may count against the login: asked for in clear, it may be somebody else's to keep than the server's,
    /// and many a directory locks who is wrong too often.
    pub(crate) fn counts_wrong_passwords(&self) -> bool {
        self.is_in_clear.load(Ordering::Relaxed)
    }

    /// What it was made from.
    pub fn settings(&self) -> &CentralSettings {
        &self.settings
    }

    /// Connects, whatever may be there. For migrating; everything else wants [`open`](Self::open).
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

/// One of several statements that are sent together, with what it binds.
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
    /// What this program and the server both know, and which version of the server that was found out of.
    pub(super) shared: Mutex<(i32, Shared)>,
    /// Also when the work on it was abandoned half-way.
    pub(super) in_transaction: AtomicBool,
    /// What it remembers of itself.
    pub(super) session: Session,
    /// What it is asked by when it says nothing.
    pub(super) doubt: Doubt,
    /// Rows that were sent ahead of their turn.
    pub(super) ahead: Box<Ahead>,
    /// The folder of the file that is exchanged over it: what comes has room there until it is applied.
    pub(super) folder: Option<PathBuf>,
}

/// How often in a row a transaction was taken for lost.
#[derive(Debug, Default)]
pub(super) struct Patience(pub(super) AtomicU32);

/// What is asked about one connection, and of whom.
#[derive(Debug)]
pub(super) struct Doubt {
    /// With what the connection was made.
    pub(super) central: Central,
    /// What was heard over the connection.
    pub(super) heard: Arc<Heard>,
    /// How its transactions are named in the server's list.
    pub(super) name: String,
}

/// The second connection, and what is staged.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// While it is of use.
    pub(super) second: Option<Box<Connection>>,
    /// There could be none.
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

/// The last rows of a batch on their way, and with them the end of all. It goes on whether or not anybody waits for it.
pub(super) type Arriving = JoinHandle<Result<u64, tokio_postgres::Error>>;

impl Connection {
    /// Over which nothing was asked yet.
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
        // Without this the driver would wait for the answers that are still under way, and their locks would be held.
        self.driver.abort();
    }
}
