//! The list of what was done in this file, and one act of it taken back.
//!
//! Undo and redo go one step at a time and take back what they can. Whoever picks an act from a list means that act as a
//! whole: if something that was done since would be undone along with it, nothing is changed, and it is said what is in
//! the way.

use std::collections::HashSet;

use colophon_store::journal::Act;
use colophon_store::journal::obstacles::{Obstacle, Whole};
use colophon_store::{Error, ReadSession, Result, WriteSession};
use jiff::Timestamp;
use uuid::Uuid;

use crate::subject::Subject;
use crate::undo::{Told, UNDO};

/// An act in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its number.
    pub number: i64,
    /// When it was done.
    pub at: Timestamp,
    /// What it was.
    pub told: Told,
    /// Whether it is undone.
    pub is_undone: bool,
}

/// The result of taking back one act, or of doing it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum One {
    /// It was done.
    Done(Told),
    /// Nothing was changed: this is in the way.
    InTheWay(Vec<InTheWay>),
}

/// Something that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay {
    /// The later act that did it; absent if it was not done here.
    pub act: Option<Done>,
    /// The record.
    pub subject: Subject,
    /// The field; absent if it is about the record as a whole.
    pub field: Option<String>,
}

/// The acts before a number, latest first; `i64::MAX` begins with the latest of all. What was undone is in the list; the
/// undo itself is not.
pub fn acts(session: &ReadSession<'_>, before: i64, limit: usize) -> Result<Vec<Done>> {
    let taken_back = session.taken_back()?;
    let mut before = before;
    let mut list = Vec::new();
    while list.len() < limit
        && let Some(act) = session.acts(before, 1)?.pop()
    {
        before = act.number;
        if act.undoes.is_none() {
            list.push(Done::of(session, &act, &taken_back)?);
        }
    }
    Ok(list)
}

/// Takes back one act, or nothing of it if something is in the way. [`Error::Invalid`] if it is undone already, or an
/// undo itself.
pub fn undo_one(session: &WriteSession<'_>, number: i64) -> Result<One> {
    let act = known(session, number)?;
    if act.undoes.is_some() || session.taken_back()?.contains(&number) {
        return Err(Error::invalid("act", "it is undone already"));
    }
    take_back(session, &act, &act)
}

/// Does one act again that was undone, or nothing of it if something is in the way. [`Error::Invalid`] if it is not
/// undone.
pub fn redo_one(session: &WriteSession<'_>, number: i64) -> Result<One> {
    let act = known(session, number)?;
    let Some(undo) = session.undone_by(number)? else {
        return Err(Error::invalid("act", "it is not undone"));
    };
    take_back(session, &session.act(undo)?, &act)
}

/// Takes an act back, and tells of `meant`: of the act itself, or of the one that it had undone.
fn take_back(session: &WriteSession<'_>, act: &Act, meant: &Act) -> Result<One> {
    // What was made has a name only until it is undone.
    let told = Told::of(session, meant)?;
    match UNDO.take_back_whole(session, act)? {
        Whole::Done(undone) => told.told_after(session, &undone).map(One::Done),
        Whole::InTheWay(obstacles) => {
            let taken_back = session.taken_back()?;
            let told = obstacles.iter().map(|one| InTheWay::of(session, one, &taken_back));
            told.collect::<Result<_>>().map(One::InTheWay)
        }
    }
}

fn known(session: &ReadSession<'_>, number: i64) -> Result<Act> {
    let act = session.act(number)?;
    if act.edits.is_empty() {
        return Err(Error::NotFound {
            entity: "act",
            id: Uuid::nil(),
        });
    }
    Ok(act)
}

impl Done {
    fn of(session: &ReadSession<'_>, act: &Act, taken_back: &HashSet<i64>) -> Result<Self> {
        Ok(Self {
            number: act.number,
            at: act.edits.first().map_or(Timestamp::UNIX_EPOCH, |edit| edit.at),
            told: Told::of(session, act)?,
            is_undone: taken_back.contains(&act.number),
        })
    }
}

impl InTheWay {
    fn of(session: &ReadSession<'_>, obstacle: &Obstacle, taken_back: &HashSet<i64>) -> Result<Self> {
        let act = obstacle
            .act
            .map(|number| Done::of(session, &session.act(number)?, taken_back));
        Ok(Self {
            act: act.transpose()?,
            subject: Subject::of(session, &obstacle.entity, obstacle.id)?,
            field: obstacle.field.clone(),
        })
    }
}
