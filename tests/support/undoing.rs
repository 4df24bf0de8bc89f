//! Undo and redo as the window and the command line have them, by somebody who agrees to whatever it is.

use colophon_acts::undo::{self, Asked, Step, Told};
use colophon_store::{Result, WriteSession};

/// Takes back the last act; what is told of it, where there is one.
pub fn undo(session: &WriteSession<'_>) -> Result<Option<Told>> {
    undo::undo(session, Asked::agreeing()).map(told)
}

/// Does again what was undone last; what is told of it, where there is something.
pub fn redo(session: &WriteSession<'_>) -> Result<Option<Told>> {
    undo::redo(session, Asked::agreeing()).map(told)
}

fn told(step: Step) -> Option<Told> {
    match step {
        Step::Done(told) => Some(told),
        Step::Nothing => None,
        Step::Asks(question) => panic!("nobody is to be asked: {question:?}"),
    }
}
