//! Undo and redo of what was done in a catalogue. How is the [store's](colophon_store::undo); here it is said of which entities.

use colophon_catalogue::schema::ENTITIES;
use colophon_store::journal::Act;
use colophon_store::undo::Undo;
use colophon_store::{Result, WriteSession};

pub use colophon_store::undo::{Undone, label, next_redo, next_undo, next_undo_where};

/// A record that people open is shown before what belongs to it.
const UNDO: Undo = Undo::of(ENTITIES).showing(&["book", "author"]);

/// Takes back the latest act; `None` when there is none.
pub fn undo(session: &WriteSession<'_>) -> Result<Option<Undone>> {
    UNDO.undo(session)
}

/// Does again what was undone last; `None` when something else was done since.
pub fn redo(session: &WriteSession<'_>) -> Result<Option<Undone>> {
    UNDO.redo(session)
}

/// Takes back one act.
pub fn take_back(session: &WriteSession<'_>, act: &Act) -> Result<Undone> {
    UNDO.take_back(session, act)
}
