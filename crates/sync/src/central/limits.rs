//! How long anything may take that is asked of a server.

use std::time::Duration;

/// How long a connection may take from the first packet to a login.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server works on one statement.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a statement waits for somebody else's transaction.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take. A little more than a statement, so that the server's own word comes first.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(75);

/// How long a server may say nothing to a question, or to somebody who wants to sign in, before it is asked over another connection
/// what is the matter. Together with everything else that is waited for, less than the ten seconds after which all is to be well.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(4);

/// What each session is given of a server's time where many share it: what a pull takes, with much room for edits.
pub const TURN: Duration = Duration::from_millis(1);

/// The limits of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`CONNECT_TIMEOUT`].
    pub connect: Duration,
    /// See [`STATEMENT_TIMEOUT`].
    pub statement: Duration,
    /// See [`LOCK_TIMEOUT`].
    pub lock: Duration,
    /// See [`ANSWER_TIMEOUT`].
    pub answer: Duration,
    /// See [`SILENCE_TIMEOUT`].
    pub silence: Duration,
    /// See [`TURN`].
    pub turn: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: CONNECT_TIMEOUT,
            statement: STATEMENT_TIMEOUT,
            lock: LOCK_TIMEOUT,
            answer: ANSWER_TIMEOUT,
            silence: SILENCE_TIMEOUT,
            turn: TURN,
        }
    }
}
