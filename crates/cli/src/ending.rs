//! How a run ends: the catalogue file is closed, so that everything is in the one file, even if the system ends the
//! program.
//!
//! A command that is told to end in the middle of something must not guess how far it has come, and neither must
//! whoever reads the exit code. So the file decides: it is closed first, and what was not committed by then never will
//! be. Then the command itself answers, because it knows: if it has done everything it was asked for, it ends as if
//! nobody had said anything; if something was cut off, it ends with the signal's status, and what was cut off is
//! undone. Only if a command is waiting for somebody else, and has nothing to say of its own
//! ([`may_be_left`](Ending::may_be_left)), is the process ended without it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use colophon_catalogue::file_schema;
use colophon_store::backup::Stop;
use colophon_store::{Backups, Database, Error, Result, ToldToEnd};
use tokio::sync::Notify;

use crate::output;

/// What is reported of a command that was cut off, if it has written nothing.
pub(crate) const UNDONE: &str = "told to stop; whatever was not finished has been undone";
/// The same if it has written something.
const PARTLY: &str = "told to stop; what had been written by then is in the catalogue, the rest has been undone";
/// What is reported of a command that does not come back to answer.
const UNANSWERED: &str = "told to stop before it could report; what it wrote is in the catalogue";
/// What is reported if somebody does not want to wait until the file is closed.
const UNKNOWN: &str = "stopped before it could say what was done; nothing is half done, so look whether it is there";

/// How long a command may take to answer once the file is closed: whoever reads its output may be away.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// What has to be done before the process may end.
#[derive(Clone, Default)]
pub(crate) struct Ending {
    state: Arc<Mutex<State>>,
    /// Signals that the command may be left now.
    left: Arc<Notify>,
    stop: Stop,
}

#[derive(Default)]
struct State {
    open: Option<Database>,
    backups: Option<Backups>,
    /// The status to end with, once the system has told the program to end.
    told: Option<i32>,
    is_closed: bool,
    /// What is reported if the command is left just now; `None` while it has to be waited for.
    may_be_left: Option<&'static str>,
    /// The command has answered, and ends the process itself.
    is_over: bool,
}

impl Ending {
    /// From now on, when the system tells the program to end, what is open is closed first, and then the command
    /// answers.
    pub(crate) fn listen(is_json: bool) -> io::Result<Self> {
        let ending = Self::default();
        let listener = ending.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Before anything is opened, and before the thread gets its turn.
        let mut told = runtime.block_on(async { ToldToEnd::listen() })?;
        std::thread::Builder::new().spawn(move || {
            runtime.block_on(async {
                let status = told.told().await;
                listener.lock().told = Some(status);
                listener.stop.leave_off();
                let closed = listener.clone();
                let closing = tokio::task::spawn_blocking(move || closed.close());
                tokio::select! {
                    () = listener.wait_for_the_command(closing) => (),
                    // Whoever says it twice does not want to wait.
                    _ = told.told() => (),
                }
                listener.leave(status, is_json);
            });
        })?;
        Ok(ending)
    }

    /// Opens what has to be closed at the end. If the program is told to end in the meantime, it waits until the file
    /// is open: half open, it could not be closed.
    pub(crate) fn open(&self, open: impl FnOnce() -> Result<Database>) -> Result<Database> {
        let mut state = self.lock();
        if state.told.is_some() {
            drop(state);
            self.stand(Some(UNDONE));
            return Err(Error::Closed);
        }
        let database = open()?;
        state.open = Some(database.clone());
        Ok(database)
    }

    /// Makes a backup of what was changed before the file is closed.
    pub(crate) fn back_up_with(&self, backups: Backups) {
        self.lock().backups = Some(backups);
    }

    /// Stops what closing the file does not stop.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Does something in the middle of which the process may be left: it waits for somebody else (a person, a pipe, the
    /// server), or only reads, and what is written meanwhile belongs to no answer. `so` is reported in that case,
    /// unless it is empty. Does not return once the program is told to end.
    pub(crate) fn may_be_left<T>(&self, so: &'static str, work: impl FnOnce() -> T) -> T {
        self.stand(Some(so));
        let done = work();
        self.stand(None);
        done
    }

    /// Closes the file: nothing is written any more.
    pub(crate) fn close(&self) {
        let (open, backups) = {
            let mut state = self.lock();
            (state.open.clone(), state.backups.take())
        };
        let mut is_closed = true;
        if let Some(database) = open {
            if let Some(backups) = backups {
                // A backup that fails has left nothing behind, and whoever ends the program is not there to hear of it:
                // `doctor` tells how old the last one is.
                let _ = file_schema().and_then(|schema| backups.make_at_the_end(&database, &schema));
            }
            // If it cannot be closed, nothing is lost: the log stays beside the file and is read when the file is
            // opened again.
            is_closed = !matches!(database.close_blocking(), Err(Error::Busy));
        }
        self.lock().is_closed |= is_closed;
    }

    /// The command has answered: from now on it ends the process itself. Returns the status of whatever told it to end,
    /// and what can be reported of what was cut off.
    pub(crate) fn answered(&self) -> Option<(i32, &'static str)> {
        let mut state = self.lock();
        state.is_over = true;
        let words = if state.has_written() { PARTLY } else { UNDONE };
        state.told.map(|status| (status, words))
    }

    /// Notes whether the command may be left, and, if it is too late for anything else, waits to be left.
    fn stand(&self, so: Option<&'static str>) {
        {
            let mut state = self.lock();
            if state.told.is_none() {
                state.may_be_left = so;
                return;
            }
            state.may_be_left = so.or(state.may_be_left);
        }
        self.left.notify_one();
        loop {
            std::thread::park();
        }
    }

    /// Waits until the file is closed and the command either may be left or does not answer.
    async fn wait_for_the_command(&self, closing: tokio::task::JoinHandle<()>) {
        // A panic there reports itself, and leaves nothing to wait for.
        let _ = closing.await;
        let may_be_left = async {
            while self.lock().may_be_left.is_none() {
                self.left.notified().await;
            }
        };
        let _ = tokio::time::timeout(ANSWER_TIMEOUT, may_be_left).await;
    }

    /// Ends the process, unless the command does.
    fn leave(&self, status: i32, is_json: bool) {
        let state = self.lock();
        if state.is_over {
            return;
        }
        let words = match state.may_be_left {
            Some(words) => words,
            None if !state.is_closed => UNKNOWN,
            None if state.has_written() => UNANSWERED,
            None => UNDONE,
        };
        if !words.is_empty() {
            output::failure(is_json, TOLD_TO_END, words);
        }
        // While holding the lock, so that the command does not answer now.
        std::process::exit(status);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The code by which such an end is recognised.
pub(crate) const TOLD_TO_END: &str = "told_to_end";

impl State {
    fn has_written(&self) -> bool {
        self.open.as_ref().is_some_and(Database::has_written)
    }
}
