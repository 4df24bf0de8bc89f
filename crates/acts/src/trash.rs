//! The trash: the books and authors that were deleted, here or elsewhere, and that the file still knows.
//!
//! Nothing is moved anywhere when a record is deleted: the file keeps its last content for the sync, and the journal
//! tells when it went. The trash shows that. It reaches back as far as the journal does: 90 days and 10,000 acts at
//! least, and for ever in a file that never met a server.
//!
//! What went because something was undone, or because two records became one, was not thrown away by anybody, so it is
//! not here; the list of acts has it. Emptying the trash is an act that names what was in it, so it can be undone.

mod restoring;

use std::collections::HashMap;

use colophon_catalogue::word::Word as _;
use colophon_store::journal::naming::DeletionHere;
use colophon_store::{Page, PageRequest, ReadSession, Result, WriteSession};
use jiff::Timestamp;
use uuid::Uuid;

use crate::deed::{Deed, Did};
use crate::record::RecordKind;

pub use self::restoring::{Restored, restore};

/// A record in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trashed {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id.
    pub id: Uuid,
    /// What it was called.
    pub name: String,
    /// When it was deleted; of what was deleted elsewhere, when this file learnt of it. `None` if that is not known.
    pub at: Option<Timestamp>,
    /// The act that deleted it; `None` if that was elsewhere, or by another program.
    pub act: Option<i64>,
    /// Whether it was deleted elsewhere.
    pub is_elsewhere: bool,
}

/// Where a record is in the trash.
#[derive(Debug, Clone, Copy)]
struct Place {
    kind: RecordKind,
    id: Uuid,
    at: Option<Timestamp>,
    act: Option<i64>,
    revision: i64,
}

/// How many records are in the trash.
pub fn count(session: &ReadSession<'_>) -> Result<u64> {
    Ok(places(session)?.len() as u64)
}

/// A page of what is in the trash, what was deleted last first.
pub fn page(session: &ReadSession<'_>, request: PageRequest) -> Result<Page<Trashed>> {
    let places = places(session)?;
    let first = usize::try_from(request.offset()?).unwrap_or(usize::MAX);
    let shown = places.iter().skip(first).take(request.per_page as usize);
    let items = shown.map(|place| {
        Ok(Trashed {
            kind: place.kind,
            id: place.id,
            name: place.kind.last_name_of(session, place.id)?.unwrap_or_default(),
            at: place.at,
            act: place.act,
            is_elsewhere: place.act.is_none() && place.revision > 0,
        })
    });
    let items = items.collect::<Result<_>>()?;
    Ok(Page::new(items, request, places.len() as u64))
}

/// The records that are in the trash, what was deleted last first.
pub fn ids(session: &ReadSession<'_>) -> Result<Vec<Uuid>> {
    Ok(places(session)?.iter().map(|place| place.id).collect())
}

/// Empties the trash; how many records are no longer shown. They stay in the file for the sync, as all that was deleted
/// does, and are back in the trash when this is undone.
pub fn empty(session: &WriteSession<'_>) -> Result<u64> {
    let places = places(session)?;
    for kind in RecordKind::ALL {
        let of_kind = places.iter().filter(|place| place.kind == *kind);
        session.name_records(kind.table().name, &of_kind.map(|place| place.id).collect::<Vec<_>>());
    }
    if !places.is_empty() {
        Deed::of_many(Did::TrashEmptied, places.len() as u64).note(session);
    }
    Ok(places.len() as u64)
}

fn places(session: &ReadSession<'_>) -> Result<Vec<Place>> {
    let emptied = session.named()?;
    // What the journal has forgotten may be what said that the trash was emptied.
    let forgotten = session.pruned()?.before;
    let mut is_thrown = IsThrown::default();
    let mut places = Vec::new();
    for kind in RecordKind::ALL {
        let table = kind.table();
        let here = session.deletions_here(table.name)?;
        for gone in session.deleted_ids(table)? {
            if emptied.contains(&gone.id) {
                continue;
            }
            let (at, act) = match here.get(&gone.id) {
                Some(deletion) if is_thrown.by(session, *deletion)? => (Some(deletion.at), Some(deletion.act)),
                Some(_) => continue,
                None => (is_thrown.elsewhere(session, gone.revision)?, None),
            };
            if act.is_none() && at.is_some() && at <= forgotten {
                continue;
            }
            places.push(Place {
                kind: *kind,
                id: gone.id,
                at,
                act,
                revision: gone.revision,
            });
        }
    }
    // Ids ascend with the time at which a record was made: a steady order for what was deleted together.
    places.sort_by_key(|place| (std::cmp::Reverse(place.at), place.id));
    Ok(places)
}

/// Whether a deletion was one that a person meant; what is found out about an act or a revision is found out once.
#[derive(Default)]
struct IsThrown {
    acts: HashMap<i64, bool>,
    known_at: HashMap<i64, Option<Timestamp>>,
}

impl IsThrown {
    fn by(&mut self, session: &ReadSession<'_>, deletion: DeletionHere) -> Result<bool> {
        if let Some(known) = self.acts.get(&deletion.act) {
            return Ok(*known);
        }
        // An undo, and the undo of that, come from an act that says what it was.
        let (mut label, mut undoes) = session.said_of(deletion.act)?;
        let mut is_undo = false;
        while let Some(undone) = undoes {
            is_undo = !is_undo;
            (label, undoes) = session.said_of(undone)?;
        }
        let did = label.as_deref().and_then(Deed::said).map(|deed| deed.did);
        let is_thrown = if is_undo {
            // What was made and undone was never thrown away, and can be had back in the same way.
            did == Some(Did::BroughtBack)
        } else {
            did.is_none_or(|did| did == Did::Deleted)
        };
        self.acts.insert(deletion.act, is_thrown);
        Ok(is_thrown)
    }

    fn elsewhere(&mut self, session: &ReadSession<'_>, revision: i64) -> Result<Option<Timestamp>> {
        if revision == 0 {
            return Ok(None);
        }
        if let Some(known) = self.known_at.get(&revision) {
            return Ok(*known);
        }
        let at = session.known_at(revision)?;
        self.known_at.insert(revision, at);
        Ok(at)
    }
}
