//! The end of a run: the catalogue file is closed, so that everything is in the one file, also when the system ends the program.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use colophon_catalogue::file_schema;
use colophon_store::{Backups, Database, Result, ToldToEnd};

/// What has to be done before the process may end.
#[derive(Clone, Default)]
pub(crate) struct Ending {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    open: Option<Database>,
    backups: Option<Backups>,
    is_told: bool,
}

impl Ending {
    /// From now on, when the system tells the program to end, what is open is closed first. What is under way is undone.
    pub(crate) fn listen() -> io::Result<Self> {
        let ending = Self::default();
        let listener = ending.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        // Before anything is opened, and before the thread has its turn.
        let told = runtime.block_on(async { ToldToEnd::listen() })?;
        std::thread::Builder::new().spawn(move || {
            let status = runtime.block_on(told.told());
            listener.close(|state| state.is_told = true);
            std::process::exit(status);
        })?;
        Ok(ending)
    }

    /// Opens what has to be closed at the end. Whoever is told to end in between waits until it is open: half open, it could not be closed.
    pub(crate) fn open(&self, open: impl FnOnce() -> Result<Database>) -> Result<Database> {
        let mut state = self.lock();
        let database = open()?;
        state.open = Some(database.clone());
        Ok(database)
    }

    /// Before it is closed, a backup is made of what was changed.
    pub(crate) fn back_up_with(&self, backups: Backups) {
        self.lock().backups = Some(backups);
    }

    /// The run is over. It does not return when the system has told the program to end: that is not the failure of what was cut off.
    pub(crate) fn finish(&self) {
        self.close(|_| ());
        while self.lock().is_told {
            std::thread::park();
        }
    }

    fn close(&self, note: impl FnOnce(&mut State)) {
        let (open, backups) = {
            let mut state = self.lock();
            note(&mut state);
            (state.open.clone(), state.backups.take())
        };
        if let Some(database) = open {
            if let Some(backups) = backups {
                // One that fails has left nothing, and whoever ends the program is not there to hear of it: `doctor` tells how old the last is.
                let _ = file_schema().and_then(|schema| backups.make_at_the_end(&database, &schema));
            }
            // Where it cannot be, nothing is lost: the log stays beside the file and is read when that is opened again.
            let _ = database.close_blocking();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
