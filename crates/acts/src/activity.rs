//! What was done in a catalogue since some time, by whom: here, from the journal, and elsewhere, from what the server
//! tells or, without it, from the rows that have come.

use std::collections::{BTreeMap, HashSet};

use colophon_catalogue::elsewhere::{Elsewhere, Who};
use colophon_catalogue::schema;
use colophon_catalogue::word::Word as _;
use colophon_store::journal::EditKind;
use colophon_store::{ReadSession, Result, Sql, read_field, read_uuid};
use jiff::Timestamp;
use uuid::Uuid;

use crate::deed::{Deed, Did};
use crate::done::acts;
use crate::record::RecordKind;
use crate::subject::{RecordRef, Subject};

/// As many things are listed: whoever wants to see more narrows the time.
pub const ACTIVITIES_MAX: usize = 1_000;

/// As many rows that have come are looked at: some of them were changed here.
const ROWS_MAX: i64 = 2_000;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// Who did it; absent if it was done here.
    pub by: Option<Who>,
    /// What was done.
    pub deed: Deed,
    /// The record that it is named after, if it is there.
    pub open: Option<RecordRef>,
    /// The fields that were changed, if it was one record and that is known.
    pub fields: Vec<String>,
    /// Whether it has been undone since.
    pub is_undone: bool,
}

/// What was done here since a time, latest first.
pub fn here(session: &ReadSession<'_>, since: Timestamp) -> Result<Vec<Activity>> {
    let done = acts(session, i64::MAX, ACTIVITIES_MAX)?;
    // A clock may have been set back in between, so an old act does not end the list.
    let recent = done.into_iter().filter(|act| act.at >= since);
    Ok(recent
        .map(|act| Activity {
            at: act.at,
            by: None,
            deed: act.told.deed,
            open: act.told.open,
            fields: Vec::new(),
            is_undone: act.is_undone,
        })
        .collect())
}

/// What was done elsewhere according to the server: what was done together, to the same kind of record, is one thing.
pub fn elsewhere(session: &ReadSession<'_>, changes: Vec<Elsewhere>) -> Result<Vec<Activity>> {
    let mut together: BTreeMap<(i64, u8), Vec<(Elsewhere, Subject)>> = BTreeMap::new();
    for change in changes {
        let subject = Subject::of(session, &change.entity, change.id)?;
        let did = did_of(&change);
        together
            .entry((change.revision, did as u8))
            .or_default()
            .push((change, subject));
    }
    let mut list = Vec::new();
    for group in together.into_values().rev().take(ACTIVITIES_MAX) {
        // What was done to a part, such as a tag of a book, was done to the record.
        let records: HashSet<Uuid> = group.iter().map(|(change, subject)| whole(change, subject)).collect();
        let named = group
            .iter()
            .find(|(change, _)| RecordKind::of_table(&change.entity).is_some());
        let Some((change, subject)) = named.or(group.first()) else {
            continue;
        };
        let kind = subject
            .open
            .map(|open| open.kind)
            .or(RecordKind::of_table(&change.entity));
        let fields = if records.len() == 1 && change.kind == EditKind::Update {
            change
                .before
                .keys()
                .filter(|name| *name != "updated_at")
                .cloned()
                .collect()
        } else {
            Vec::new()
        };
        list.push(Activity {
            at: change.at,
            by: Some(change.by.clone()),
            deed: Deed {
                did: did_of(change),
                record: kind,
                name: subject.name.clone().unwrap_or_default(),
                count: records.len() as u64,
            },
            open: subject.open,
            fields,
            is_undone: false,
        });
    }
    Ok(list)
}

/// What has come from elsewhere since a time, by its rows alone: who did it, and what was deleted, only the server
/// knows.
pub fn arrived(session: &ReadSession<'_>, since: Timestamp) -> Result<Vec<Activity>> {
    let mine = touched_here(session, since)?;
    let mut list = Vec::new();
    for kind in RecordKind::ALL {
        let mut sql = Sql::new("SELECT id,created_at,updated_at FROM ");
        sql.push(kind.table().name);
        sql.push(" WHERE updated_at>=? AND revision>0 ORDER BY updated_at DESC LIMIT ?");
        let bound = [since.as_microsecond(), ROWS_MAX];
        let rows = session.query(&sql, bound, |row| {
            Ok((
                read_uuid(row.get_ref(0)?)?,
                read_field::<Timestamp>(row, 1)?,
                read_field::<Timestamp>(row, 2)?,
            ))
        })?;
        for (id, made, changed) in rows.into_iter().filter(|(id, ..)| !mine.contains(id)) {
            let name = kind.name_of(session, id)?.unwrap_or_default();
            let deed = if made == changed {
                Deed::created(*kind, name)
            } else {
                Deed::edited(*kind, name)
            };
            list.push(Activity {
                at: changed,
                by: Some(Who::default()),
                deed,
                open: Some(RecordRef { kind: *kind, id }),
                fields: Vec::new(),
                is_undone: false,
            });
        }
    }
    list.sort_by_key(|activity| std::cmp::Reverse(activity.at));
    list.truncate(ACTIVITIES_MAX);
    Ok(list)
}

/// The records that were made or changed here since a time.
fn touched_here(session: &ReadSession<'_>, since: Timestamp) -> Result<HashSet<Uuid>> {
    let mut touched = HashSet::new();
    session.visit_edits(
        |_| true,
        |_, edit| {
            if edit.at < since {
                return Ok(());
            }
            if edit.kind == EditKind::Create
                && let Some(entity) = schema::entity(&edit.entity)
            {
                touched.extend(entity.made_between(session, edit.id, edit.last_id, edit.at)?);
            } else {
                touched.extend(edit.records().map(|record| record.id));
            }
            Ok(())
        },
    )?;
    Ok(touched)
}

fn did_of(change: &Elsewhere) -> Did {
    match (RecordKind::of_table(&change.entity), change.kind) {
        (Some(_), EditKind::Create) => Did::Created,
        (Some(_), EditKind::Delete) => Did::Deleted,
        _ => Did::Edited,
    }
}

fn whole(change: &Elsewhere, subject: &Subject) -> Uuid {
    match RecordKind::of_table(&change.entity) {
        Some(_) => change.id,
        None => subject.open.map_or(change.id, |open| open.id),
    }
}
