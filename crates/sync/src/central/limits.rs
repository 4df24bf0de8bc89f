//! How long anything asked of a server may take.

use std::time::Duration;

/// How long a connection may take from the first packet to a login.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server works on one statement.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a statement waits for somebody else's transaction.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take. A little more than a statement, so that the server's own error comes first.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(75);

/// How long a server may leave a question, or somebody who wants to sign in, without an answer before it is asked over
/// another connection what is the matter. Together with everything else that is waited for, this is less than the ten
/// seconds after which all should be well.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(4);

/// How much of a server's time each session is given where many share it: what a pull takes, with much room for edits.
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
