//! Undo and redo: one named act at a time.

use colophon_acts::undo::{self, Undone};
use colophon_catalogue::{Author, Book, BookId, Contribution};
use colophon_store::journal::{self, Edit, EditKind};
use colophon_store::{Entity, EntityId, Error, ReadSession, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::RecordKind;
use super::subject::Subject;
use crate::answer::answer;
use crate::desk::{Desk, count};
use crate::error::Coded;

/// The act that was undone or done again, and where.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ActTold {
    /// What kind of act it was.
    pub(crate) act: Act,
    /// The kind of record it was about.
    pub(crate) kind: RecordKind,
    /// The record, when it was about one that is there now.
    pub(crate) id: Option<Uuid>,
    /// The record's title or name.
    pub(crate) name: String,
    /// How many records it was about.
    pub(crate) records: u32,
    /// How much was left as it is, because it was changed since or another record has the value by now.
    pub(crate) left_alone: u32,
    /// The rule that the record breaks by what it was given back, in words.
    pub(crate) breaks: Option<String>,
}

/// Kinds of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    /// A record was made.
    Created,
    /// A record was changed.
    Edited,
    /// A record was deleted.
    Deleted,
    /// A conflict was settled.
    Settled,
}

/// What a key for undo or redo came to.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Step {
    /// There is no act to take back.
    Nothing,
    /// It was done.
    Done {
        /// The act.
        act: ActTold,
    },
    /// Nothing was done: the act is large or long past, so a person is told what it is and asked first.
    Asks {
        /// The act.
        act: ActTold,
        /// Its number; whoever has been asked says it, so that no other act is taken for it.
        number: String,
        /// How many authors and books it is about in all.
        touches: u32,
        /// Whether it was done before the catalogue was opened here.
        before_opening: bool,
    },
}

/// An act that touches more records than this is asked about before it is taken back.
const UNASKED_RECORDS_MAX: u64 = 20;

/// Undoes the last act, or asks about it; `asked` is the number of the act that a person was asked about and agreed to.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_act(desk: State<'_, Desk>, asked: Option<String>) -> Result<Step, Coded> {
    answer(async move {
        let opened = desk.opened()?;
        let told = opened.database.write(move |session| {
            let Some(act) = undo::next_undo(session)? else {
                return Ok(Step::Nothing);
            };
            // What was made has a name only until it is undone.
            let told = ActTold::of(session, &act)?;
            if let Some(question) = question(&act, &act, opened.last_act, asked.as_deref()) {
                return Ok(question.about(told));
            }
            let undone = undo::take_back(session, &act)?;
            told.after(session, &undone).map(|act| Step::Done { act })
        });
        Ok(told.await?)
    })
    .await
}

/// Undoes the act that a person was just told of, whatever was done since: the latest of this kind, about this record where there is one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_told(desk: State<'_, Desk>, act: Act, id: Option<Uuid>) -> Result<Step, Coded> {
    answer(async move {
        desk.write(move |session| {
            let Some(done) = undo::next_undo_where(session, |done| is_told_as(done, act, id))? else {
                return Ok(Step::Nothing);
            };
            let told = ActTold::of(session, &done)?;
            let undone = undo::take_back(session, &done)?;
            told.after(session, &undone).map(|act| Step::Done { act })
        })
        .await
    })
    .await
}

/// Does again what was undone last, or asks about it, as [`undo_act`] does.
#[tauri::command]
#[specta::specta]
pub(crate) async fn redo_act(desk: State<'_, Desk>, asked: Option<String>) -> Result<Step, Coded> {
    answer(async move {
        let opened = desk.opened()?;
        let told = opened.database.write(move |session| {
            let Some(undo) = undo::next_redo(session)? else {
                return Ok(Step::Nothing);
            };
            let act = session.act(undo.undoes.unwrap_or(undo.number))?;
            if let Some(question) = question(&undo, &act, opened.last_act, asked.as_deref()) {
                return Ok(question.about(ActTold::of(session, &act)?));
            }
            let again = undo::take_back(session, &undo)?;
            ActTold::of(session, &act)?
                .after(session, &again)
                .map(|act| Step::Done { act })
        });
        Ok(told.await?)
    })
    .await
}

/// What a person has to be asked before an act is taken back.
struct Question {
    number: String,
    touches: u64,
    before_opening: bool,
}

/// The question about taking back `act`, by which `shown` is undone or done again; `last_act` is the last act that was there when the
/// catalogue was opened. None when a person was asked about just this act, or need not be.
fn question(act: &journal::Act, shown: &journal::Act, last_act: i64, asked: Option<&str>) -> Option<Question> {
    let number = act.number.to_string();
    // Contributions go with their books, and what follows from an act (a hidden column, a conflict) is no record of its own.
    let records = shown
        .edits
        .iter()
        .filter(|edit| matches!(edit.entity.as_str(), "author" | "book"));
    let touches = records.map(|edit| edit.count).sum();
    let before_opening = act.number <= last_act;
    let asks = (touches > UNASKED_RECORDS_MAX || before_opening) && asked != Some(number.as_str());
    asks.then_some(Question {
        number,
        touches,
        before_opening,
    })
}

impl Question {
    fn about(self, act: ActTold) -> Step {
        Step::Asks {
            act,
            number: self.number,
            touches: count(self.touches),
            before_opening: self.before_opening,
        }
    }
}

impl ActTold {
    /// An act, told by the edit that a person would name it after.
    fn of(session: &ReadSession<'_>, act: &journal::Act) -> Result<Self> {
        if let Some(edit) = settlement(act) {
            return Self::settled(session, act, edit);
        }
        let edit = namesake(act).ok_or(Error::NotFound {
            entity: "act",
            id: Uuid::nil(),
        })?;
        let (kind, id, kept) = match edit.entity.as_str() {
            "author" => (RecordKind::Author, edit.id, edit.before("name")),
            "contribution" => (RecordKind::Book, book_of(session, edit)?.uuid(), None),
            _ => (RecordKind::Book, edit.id, edit.before("title")),
        };
        let name = match name(session, kind, id)? {
            Some(name) => name,
            None => kept.and_then(|name| name.as_str()).unwrap_or_default().to_owned(),
        };
        Ok(Self {
            act: Act::of(edit),
            kind,
            id: Some(id),
            name,
            records: count(records(act, edit)),
            left_alone: 0,
            breaks: None,
        })
    }

    /// Conflicts were settled, with whatever edits that took. It is named after the first.
    fn settled(session: &ReadSession<'_>, act: &journal::Act, edit: &Edit) -> Result<Self> {
        let subject = Subject::of(session, "conflict", edit.id)?;
        let open = subject.open;
        Ok(Self {
            act: Act::Settled,
            kind: open.as_ref().map_or(RecordKind::Book, |open| open.kind),
            id: open.map(|open| open.id),
            name: subject.name.unwrap_or_default(),
            records: count(records(act, edit)),
            left_alone: 0,
            breaks: None,
        })
    }

    /// The same, with what came of taking it back: the record to go to, if it is there now.
    fn after(mut self, session: &ReadSession<'_>, undone: &Undone) -> Result<Self> {
        self.left_alone = count(undone.left_alone);
        self.breaks.clone_from(&undone.breaks);
        if let Some(id) = self.id
            && name(session, self.kind, id)?.is_none()
        {
            self.id = None;
        }
        Ok(self)
    }
}

impl Act {
    /// What kind of act it is that is named after this edit.
    fn of(edit: &Edit) -> Self {
        match (edit.entity.as_str(), edit.kind) {
            ("conflict", _) => Self::Settled,
            ("contribution", _) | (_, EditKind::Update) => Self::Edited,
            (_, EditKind::Create) => Self::Created,
            (_, EditKind::Delete) => Self::Deleted,
        }
    }
}

/// Whether a person was told of an act as one of this kind, about this record.
fn is_told_as(done: &journal::Act, act: Act, id: Option<Uuid>) -> bool {
    let named = settlement(done).or_else(|| namesake(done));
    let is_about = |id| done.edits.iter().any(|edit| edit.id == id);
    named.is_some_and(|edit| Act::of(edit) == act) && id.is_none_or(is_about)
}

/// The first conflict that the act settled.
fn settlement(act: &journal::Act) -> Option<&Edit> {
    act.edits.iter().find(|edit| edit.entity == "conflict")
}

/// The edit that a person would name the act after: a deleted author before the books that went along, a book before its
/// contributions and before an author that was made for it.
fn namesake(act: &journal::Act) -> Option<&Edit> {
    let weight = |edit: &&Edit| match (edit.entity.as_str(), edit.kind) {
        ("author", EditKind::Delete) => 3,
        ("book", _) => 2,
        ("author", _) => 1,
        _ => 0,
    };
    // Of several with the same weight the first is the one that the person began with.
    act.edits.iter().rev().max_by_key(weight)
}

/// How many records an act is told to be about: a change of many lies in the journal in several parts.
fn records(act: &journal::Act, edit: &Edit) -> u64 {
    if edit.kind != EditKind::Update {
        return edit.count;
    }
    let alike = |other: &&Edit| other.kind == edit.kind && other.entity == edit.entity;
    act.edits.iter().filter(alike).map(|edit| edit.count).sum()
}

/// The book of a contribution that was edited; the journal keeps the reference of one that is gone.
fn book_of(session: &ReadSession<'_>, edit: &Edit) -> Result<BookId> {
    let kept = edit
        .before("book_id")
        .and_then(|id| id.as_str())
        .and_then(|id| id.parse().ok());
    if let Some(id) = kept {
        return Ok(id);
    }
    let found = session.repo::<Contribution>().find(EntityId::from_uuid(edit.id))?;
    Ok(found.map_or(BookId::from_uuid(Uuid::nil()), |one| one.book_id))
}

fn name(session: &ReadSession<'_>, kind: RecordKind, id: Uuid) -> Result<Option<String>> {
    Ok(match kind {
        RecordKind::Book => found::<Book>(session, id)?.map(|book| book.title),
        RecordKind::Author => found::<Author>(session, id)?.map(|author| author.name),
    })
}

fn found<E: Entity>(session: &ReadSession<'_>, id: Uuid) -> Result<Option<E>> {
    session.repo::<E>().find(E::Id::from_uuid(id))
}
