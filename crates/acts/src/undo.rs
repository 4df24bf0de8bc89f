//! Undo and redo: one step back, or forth again, and when a person is asked first. How an act is taken back is the
//! [store's](colophon_store::undo); here it is said of which entities, and what each act was to a person.

use colophon_catalogue::schema::ENTITIES;
use colophon_catalogue::wholes::{whole_of, wholes};
use colophon_store::journal::{Act, Edit};
use colophon_store::undo::{Undo, Undone, next_redo, next_undo, next_undo_where};
use colophon_store::{ReadSession, Result, WriteSession};
use uuid::Uuid;

use crate::deed::{Deed, Did, namesake, settlement};
use crate::record::RecordKind;
use crate::subject::{RecordRef, Subject};

/// A record that people open is shown before what belongs to it.
pub(crate) const UNDO: Undo = Undo::of(ENTITIES).showing(&["book", "author"]);

/// An act that touches more records than this is asked about before it is taken back, and so is a deletion of more.
pub(crate) const UNASKED_RECORDS_MAX: u64 = 20;

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There is no act to take back.
    Nothing,
    /// It was done.
    Done(Told),
    /// Nothing was done: the act is large or long past, so a person is told what it is and asked first.
    Asks(Question),
}

/// An act, as a person is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it was.
    pub deed: Deed,
    /// The record that it is named after, where there is one now.
    pub open: Option<RecordRef>,
    /// How much was left as it is, because it was changed since or another record has the value by now.
    pub left_alone: u64,
    /// The rule that the record breaks by what it was given back, in words.
    pub breaks: Option<String>,
}

/// What a person has to be asked before an act is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The act.
    pub told: Told,
    /// Its number. Whoever has been asked says it, so that no other act is taken for it.
    pub number: i64,
    /// How many authors and books it is about in all.
    pub touches: u64,
    /// Whether it was done before the catalogue was opened.
    pub before_opening: bool,
}

/// Who takes a step.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// What they agree to without being asked.
    pub agreed: Agreed,
    /// The last act that was there when the catalogue was opened; 0 for whoever opens it for this step alone.
    pub last_act: i64,
}

/// What somebody agrees to without being asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Agreed {
    /// To nothing that is large or long past.
    #[default]
    Not,
    /// To this act, about which they were asked.
    To(i64),
    /// To whatever it is.
    ToAny,
}

impl Asked {
    /// Whoever agrees to whatever it is: a program, or a person who has said so beforehand.
    pub fn agreeing() -> Self {
        Self {
            agreed: Agreed::ToAny,
            ..Self::default()
        }
    }

    /// The question about taking back `act`, by which the act of `told` is undone or done again. None when a person was asked about
    /// just this act, or need not be.
    fn question(self, act: &Act, shown: &Act, told: &Told) -> Option<Question> {
        // What goes along with a record, and what follows from an act (a conflict), is no record of its own.
        let records = shown
            .edits
            .iter()
            .filter(|edit| RecordKind::of_table(&edit.entity).is_some());
        let mut touches: u64 = records.map(|edit| edit.count).sum();
        // A tag on many books is a change of all of them, and none of their own rows.
        if told.deed.did == Did::Edited {
            touches = touches.max(told.deed.count);
        }
        let before_opening = act.number <= self.last_act;
        let is_agreed = match self.agreed {
            Agreed::Not => false,
            Agreed::To(number) => number == act.number,
            Agreed::ToAny => true,
        };
        let asks = (touches > UNASKED_RECORDS_MAX || before_opening) && !is_agreed;
        asks.then(|| Question {
            told: told.clone(),
            number: act.number,
            touches,
            before_opening,
        })
    }
}

/// Undoes the last act, or asks about it.
pub fn undo(session: &WriteSession<'_>, asked: Asked) -> Result<Step> {
    let Some(act) = next_undo(session)? else {
        return Ok(Step::Nothing);
    };
    // What was made has a name only until it is undone.
    let told = Told::of(session, &act)?;
    if let Some(question) = asked.question(&act, &act, &told) {
        return Ok(Step::Asks(question));
    }
    told.after(session, &UNDO.take_back(session, &act)?)
}

/// Undoes the act that a person was just told of, whatever was done since: the latest of this kind, about this record where there is one.
pub fn undo_told(session: &WriteSession<'_>, did: Did, id: Option<Uuid>) -> Result<Step> {
    let is_named = |act: &Act, id| act.edits.iter().any(|edit| edit.id == id);
    // What was done to a part of a record was done to the record.
    let is_of_part = |act: &Act, id| {
        let opened = namesake(act).map(|edit| opened_by(session, edit));
        matches!(opened, Some(Ok(Some(open))) if open.id == id)
    };
    let is_about = |act: &Act| id.is_none_or(|id| is_named(act, id) || is_of_part(act, id));
    let Some(act) = next_undo_where(session, |act| Deed::of(act).did == did && is_about(act))? else {
        return Ok(Step::Nothing);
    };
    let told = Told::of(session, &act)?;
    told.after(session, &UNDO.take_back(session, &act)?)
}

/// Does again what was undone last, or asks about it.
pub fn redo(session: &WriteSession<'_>, asked: Asked) -> Result<Step> {
    let Some(undo) = next_redo(session)? else {
        return Ok(Step::Nothing);
    };
    let act = session.act(undo.undoes.unwrap_or(undo.number))?;
    if let Some(question) = asked.question(&undo, &act, &Told::of(session, &act)?) {
        return Ok(Step::Asks(question));
    }
    let again = UNDO.take_back(session, &undo)?;
    Told::of(session, &act)?.after(session, &again)
}

impl Told {
    /// An act, by what it said of itself and the record that it is named after as that is called now.
    pub(crate) fn of(session: &ReadSession<'_>, act: &Act) -> Result<Self> {
        let mut deed = Deed::of(act);
        // What was asked about records that became one is settled along with that.
        let settled = settlement(act).filter(|_| deed.did != Did::Merged);
        let (open, name) = match (settled, namesake(act)) {
            (Some(conflict), _) => {
                let subject = Subject::of(session, "conflict", conflict.id)?;
                (subject.open, subject.name)
            }
            (None, Some(edit)) => {
                let open = opened_by(session, edit)?;
                let name = match open {
                    Some(open) => open.kind.name_of(session, open.id)?,
                    None => None,
                };
                (open, name)
            }
            (None, None) => (None, None),
        };
        // What a file was called does not follow from a record.
        if let Some(name) = name.filter(|_| deed.record.is_some() || deed.name.is_empty()) {
            deed.name = name;
        }
        Ok(Self {
            deed,
            open,
            left_alone: 0,
            breaks: None,
        })
    }

    /// The same, with what came of taking it back: the record to go to, if it is there now.
    fn after(self, session: &ReadSession<'_>, undone: &Undone) -> Result<Step> {
        self.told_after(session, undone).map(Step::Done)
    }

    pub(crate) fn told_after(mut self, session: &ReadSession<'_>, undone: &Undone) -> Result<Self> {
        self.left_alone = undone.left_alone;
        self.breaks.clone_from(&undone.breaks);
        if let Some(open) = self.open
            && open.kind.name_of(session, open.id)?.is_none()
        {
            self.open = None;
        }
        Ok(self)
    }
}

/// The record that shows what an edit did, there or not: of a part the one that it belongs to. The journal keeps the reference of a part
/// that is gone.
fn opened_by(session: &ReadSession<'_>, edit: &Edit) -> Result<Option<RecordRef>> {
    if let Some(kind) = RecordKind::of_table(&edit.entity) {
        return Ok(Some(RecordRef { kind, id: edit.id }));
    }
    let mut kept = wholes(&edit.entity).filter_map(|(column, table)| {
        let id = edit.before(column)?;
        Some((table, id.as_str()?.parse().ok()?))
    });
    let whole = match kept.next() {
        Some(kept) => Some(kept),
        None => whole_of(session, &edit.entity, edit.id)?,
    };
    Ok(whole.and_then(|(table, id)| {
        Some(RecordRef {
            kind: RecordKind::of_table(table)?,
            id,
        })
    }))
}
