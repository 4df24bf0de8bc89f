//! Undo and redo of what was done in a catalogue. How that works is the [store's](colophon_store::undo) business; this
//! says for which entities, and what each act was to a person.

mod step;

use colophon_catalogue::schema::{ENTITIES, entity, is_opened};
use colophon_catalogue::wholes::{is_part, whole_of};
use colophon_store::journal::Act;
use colophon_store::undo::Undo;
use colophon_store::{Registered, Result, WriteSession};
use uuid::Uuid;

use crate::deed::Deed;

pub use self::step::{Asked, Question, Step, Told, back, back_told, forth};
pub use colophon_store::undo::{next_redo, next_undo, next_undo_where};

/// A record that people open is shown before what belongs to it.
const UNDO: Undo = Undo::of(ENTITIES).showing(&["book", "author"]);

/// What undoing or redoing did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Undone {
    /// The act that was taken back.
    pub act: i64,
    /// What that act was.
    pub deed: Deed,
    /// The table of the record to show.
    pub entity: String,
    /// The record to show.
    pub id: Uuid,
    /// Whether that record exists now.
    pub exists: bool,
    /// Fields and records that were changed since, or can no longer be given back, and stay as they are.
    pub left_alone: u64,
    /// The rule that a record breaks because of what it was given back, in words; the first one if there are several.
    pub breaks: Option<String>,
}

/// Takes back the latest act; `None` if there is none.
pub fn undo(session: &WriteSession<'_>) -> Result<Option<Undone>> {
    next_undo(session)?.map(|act| take_back(session, &act)).transpose()
}

/// Redoes what was undone last; `None` if something else has been done since.
pub fn redo(session: &WriteSession<'_>) -> Result<Option<Undone>> {
    let Some(act) = next_redo(session)? else {
        return Ok(None);
    };
    let mut undone = take_back(session, &act)?;
    if let Some(original) = act.undoes {
        undone.deed = Deed::of(&session.act(original)?);
    }
    Ok(Some(undone))
}

/// Takes back one act.
pub fn take_back(session: &WriteSession<'_>, act: &Act) -> Result<Undone> {
    // The record that a part belongs to must be looked up before the part is taken back.
    let whole = shown_whole(session, act)?;
    let mut undone = UNDO.take_back(session, act)?;
    if let Some((entity, id)) = whole {
        undone.exists = entity.find(session, id)?.is_some();
        undone.id = id;
        entity.table.name.clone_into(&mut undone.entity);
    }
    Ok(Undone {
        act: undone.act,
        deed: Deed::of(act),
        entity: undone.entity,
        id: undone.id,
        exists: undone.exists,
        left_alone: undone.left_alone,
        breaks: undone.breaks,
    })
}

/// The record that the first edited part belongs to, if an act is about no record that people open.
fn shown_whole(session: &WriteSession<'_>, act: &Act) -> Result<Option<(&'static Registered, Uuid)>> {
    if act.edits.iter().any(|edit| is_opened(&edit.entity)) {
        return Ok(None);
    }
    let Some(part) = act.edits.iter().find(|edit| is_part(&edit.entity)) else {
        return Ok(None);
    };
    let whole = whole_of(session, &part.entity, part.id)?;
    Ok(whole.and_then(|(table, id)| Some((entity(table)?, id))))
}
