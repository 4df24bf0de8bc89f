//! The audit: every edit that was ever acknowledged here, added up by what became of it.
//!
//! The journal says what was acknowledged. For each value the last word of this device counts: earlier ones were superseded by
//! their own author. That last word is in the row; or waits; or was parked as a conflict; or went with a deletion that stood;
//! or was on the server and somebody who saw it replaced it, which only the server's history can tell (and cannot where the server was
//! brought back from a backup since). What is none of
//! these is unaccounted, and named. There should never be any.

use std::collections::{HashMap, HashSet};

use colophon_catalogue::conflict::{Conflict, ConflictKind};
use colophon_catalogue::schema::TABLES;
use colophon_store::journal::{Edit, EditKind};
use colophon_store::schema::Table;
use colophon_store::{Query, ReadSession, Record, Result, Sql};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

/// What became of all edits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Values, records made and records deleted, one by one.
    pub edits: u64,
    /// In the row as they were made, and on the server.
    pub applied: u64,
    /// Here, and on their way to the server.
    pub pending: u64,
    /// Here, and refused by the server as they are.
    pub quarantined: u64,
    /// Replaced by a later edit of the same field on this device.
    pub superseded: u64,
    /// Part of a text that was merged by line.
    pub merged: u64,
    /// Parked as a conflict, settled or not.
    pub parked: u64,
    /// In a record that was deleted afterwards.
    pub deleted: u64,
    /// Were on the server, and somebody replaced them there.
    pub replaced: u64,
    /// Were on the server before it was brought back from a backup. Its history, which would tell who replaced them, is gone.
    pub forgotten: u64,
    /// None of these.
    pub unaccounted: Vec<Unaccounted>,
    /// When the server last turned out to have been brought back from a backup.
    #[serde(skip)]
    last_restore: Option<Timestamp>,
}

/// An edit that nothing accounts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unaccounted {
    /// The table of the record.
    pub entity: String,
    /// The record; the first, of several that were made together.
    pub id: Uuid,
    /// The field; absent where the whole record is meant.
    pub field: Option<String>,
    /// The value that was set.
    pub value: Json,
    /// When.
    #[serde(skip)]
    at: Timestamp,
}

/// The last word of this device on one field, or (with the empty field) on a whole record.
type LastWords = HashMap<(Uuid, String), LastWord>;

struct LastWord {
    entity: &'static Table,
    kind: EditKind,
    before: Json,
    after: Json,
    at: Timestamp,
}

/// Adds up everything that the file alone can account for. The rest is in [`Audit::unaccounted`], and goes before the server's
/// [history](Audit::account_by_history).
pub fn audit(session: &ReadSession<'_>) -> Result<Audit> {
    audit_of(session, TABLES)
}

/// The same of a program that knows these tables. What was said of a field that it does not know went with the field.
pub fn audit_of(session: &ReadSession<'_>, tables: &[&'static Table]) -> Result<Audit> {
    let mut audit = Audit {
        last_restore: session.last_restore()?,
        ..Audit::default()
    };
    let mut words = LastWords::new();
    session.visit_edits(|_| true, |_, edit| audit.hear(session, tables, &edit, &mut words))?;
    let evidence = Evidence::gather(session)?;
    for ((id, field), word) in words {
        audit.account(session, &evidence, id, field, word)?;
    }
    audit
        .unaccounted
        .sort_by(|one, other| (one.id, &one.field).cmp(&(other.id, &other.field)));
    Ok(audit)
}

impl Audit {
    /// Takes in one row of the journal.
    fn hear(
        &mut self,
        session: &ReadSession<'_>,
        tables: &[&'static Table],
        edit: &Edit,
        words: &mut LastWords,
    ) -> Result<()> {
        let Some(table) = tables.iter().find(|table| table.name == edit.entity) else {
            return Ok(());
        };
        if edit.kind == EditKind::Create && edit.id != edit.last_id {
            return self.hear_many_made(session, table, edit);
        }
        for record in edit.records() {
            let word = |before: Json, after: Json| LastWord {
                entity: table,
                kind: edit.kind,
                before,
                after,
                at: edit.at,
            };
            if edit.kind == EditKind::Update {
                let known = record
                    .after
                    .into_iter()
                    .filter(|(field, _)| table.position(field).is_some());
                for (field, after) in known {
                    let before = record.before.get(&field).cloned().unwrap_or_default();
                    self.hear_word(words, (record.id, field), word(before, after));
                }
            } else {
                self.hear_word(words, (record.id, String::new()), word(Json::Null, Json::Null));
            }
        }
        Ok(())
    }

    fn hear_word(&mut self, words: &mut LastWords, of: (Uuid, String), word: LastWord) {
        self.edits += 1;
        if words.insert(of, word).is_some() {
            self.superseded += 1;
        }
    }

    /// Rows that were made together are named by the first and the last only, so they are counted.
    fn hear_many_made(&mut self, session: &ReadSession<'_>, table: &'static Table, edit: &Edit) -> Result<()> {
        self.edits += edit.count;
        let between = id_bytes(edit.id, edit.last_id);
        let mut here = Sql::new("SELECT count(*),coalesce(sum(revision=0),0) FROM ");
        here.push(table.name).push(" WHERE id BETWEEN ? AND ?");
        let counts = session.query_first(&here, between.clone(), |row| {
            Ok((
                row.get::<_, i64>(0)?.unsigned_abs(),
                row.get::<_, i64>(1)?.unsigned_abs(),
            ))
        })?;
        let (here, waiting) = counts.unwrap_or_default();
        let mut gone = Sql::new("SELECT count(*) FROM deleted WHERE id BETWEEN ? AND ? AND entity='");
        gone.push(table.name).push("'");
        let gone = session.query_first(&gone, between, |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()))?;
        let gone = gone.unwrap_or_default().min(edit.count);
        // Others may have been made with ids between, by another program on the same file.
        let here = here.min(edit.count - gone);
        let waiting = waiting.min(here);
        self.pending += waiting;
        self.applied += here - waiting;
        self.deleted += gone;
        if here + gone < edit.count {
            self.unaccounted.push(Unaccounted {
                entity: table.name.to_owned(),
                id: edit.id,
                field: None,
                value: Json::from(edit.count - here - gone),
                at: edit.at,
            });
        }
        Ok(())
    }

    fn account(
        &mut self,
        session: &ReadSession<'_>,
        evidence: &Evidence,
        id: Uuid,
        field: String,
        word: LastWord,
    ) -> Result<()> {
        let record = session.record(word.entity, id)?;
        let fate = evidence.fate(&record, id, &field, &word);
        let Some(fate) = fate else {
            self.unaccounted.push(Unaccounted {
                entity: word.entity.name.to_owned(),
                id,
                field: Some(field).filter(|field| !field.is_empty()),
                value: word.after,
                at: word.at,
            });
            return Ok(());
        };
        *match fate {
            Fate::Applied => &mut self.applied,
            Fate::Pending => &mut self.pending,
            Fate::Quarantined => &mut self.quarantined,
            Fate::Merged => &mut self.merged,
            Fate::Parked => &mut self.parked,
            Fate::Deleted => &mut self.deleted,
        } += 1;
        Ok(())
    }

    /// The records about which the server's history may know more.
    pub fn in_question(&self) -> Vec<Uuid> {
        self.unaccounted.iter().map(|one| one.id).collect()
    }

    /// Accounts for values that were on the server: its history keeps, of every change there, the values before.
    pub fn account_by_history(&mut self, history: &[crate::central::HistoryEntry]) {
        let was_there = |one: &Unaccounted| {
            let of_record = history
                .iter()
                .filter(|entry| entry.id == one.id && entry.entity == one.entity);
            let Some(field) = &one.field else {
                return of_record.count() > 0;
            };
            of_record
                .into_iter()
                .any(|entry| entry.old.get(field) == Some(&one.value))
        };
        let before = self.unaccounted.len();
        self.unaccounted.retain(|one| !was_there(one));
        self.replaced += (before - self.unaccounted.len()) as u64;
        let before = self.unaccounted.len();
        self.unaccounted
            .retain(|one| self.last_restore.is_none_or(|restored| one.at > restored));
        self.forgotten += (before - self.unaccounted.len()) as u64;
    }
}

enum Fate {
    Applied,
    Pending,
    Quarantined,
    Merged,
    Parked,
    Deleted,
}

/// What else the file knows of values.
struct Evidence {
    /// Values that were parked, by record and field.
    parked: HashSet<(Uuid, String, String)>,
    /// Records whose deletion was undone.
    undeleted: HashSet<Uuid>,
    refused: HashSet<Uuid>,
}

impl Evidence {
    fn gather(session: &ReadSession<'_>) -> Result<Self> {
        let mut evidence = Self {
            parked: HashSet::new(),
            undeleted: HashSet::new(),
            refused: HashSet::new(),
        };
        for conflict in session.repo::<Conflict>().filter(&Query::default())? {
            let kind = ConflictKind::of_word(&conflict.kind);
            if kind == Some(ConflictKind::DeletionUndone) {
                evidence.undeleted.insert(conflict.record_id);
            }
            let field = conflict.field.unwrap_or_default();
            for value in [conflict.mine, conflict.theirs].into_iter().flatten() {
                evidence.parked.insert((conflict.record_id, field.clone(), value));
            }
        }
        let refused = session.set_aside()?.into_iter().filter(|entry| entry.is_refused);
        evidence.refused.extend(refused.map(|entry| entry.id));
        Ok(evidence)
    }

    fn fate(&self, record: &Record, id: Uuid, field: &str, word: &LastWord) -> Option<Fate> {
        let Some(row) = &record.row else {
            return record.deleted.as_ref().map(|_| match word.kind {
                EditKind::Delete if record.mark.is_some() => Fate::Pending,
                EditKind::Delete => Fate::Applied,
                _ => Fate::Deleted,
            });
        };
        let waits = row.revision == 0 || record.mark.is_some();
        let here = if self.refused.contains(&id) {
            Fate::Quarantined
        } else if waits {
            Fate::Pending
        } else {
            Fate::Applied
        };
        match word.kind {
            EditKind::Create => Some(here),
            EditKind::Delete => self.undeleted.contains(&id).then_some(Fate::Parked),
            EditKind::Update => {
                let position = word.entity.position(field)?;
                let present = row.values.get(position)?.to_json();
                if present == word.after {
                    return Some(here);
                }
                let parked = (id, field.to_owned(), word.after.to_string());
                if self.parked.contains(&parked) {
                    return Some(Fate::Parked);
                }
                let by_line = word.entity.merged_by_line.contains(&field);
                (by_line && has_the_lines(&present, &word.before, &word.after)).then_some(Fate::Merged)
            }
        }
    }
}

/// Whether every line that an edit has added to a text is in another one.
fn has_the_lines(present: &Json, before: &Json, after: &Json) -> bool {
    let lines = |text: &Json| -> HashSet<String> { text.as_str().unwrap_or("").lines().map(str::to_owned).collect() };
    let (present, before) = (lines(present), lines(before));
    lines(after)
        .iter()
        .all(|line| before.contains(line) || present.contains(line))
}

fn id_bytes(first: Uuid, last: Uuid) -> [Vec<u8>; 2] {
    [first, last].map(|id| id.as_bytes().to_vec())
}
