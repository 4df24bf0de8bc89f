//! What a file knows about the values that were said in it, besides having them.

use std::collections::{HashMap, HashSet};

use colophon_catalogue::conflict::{Conflict, ConflictKind};
use colophon_store::journal::EditKind;
use colophon_store::schema::{Table, Value};
use colophon_store::{LocalRow, Query, ReadSession, Record, Result};
use serde_json::Value as Json;
use uuid::Uuid;

use super::Word;
use crate::local::holds_conflicts;

/// A conflict, as far as it is evidence.
#[derive(Debug, Clone)]
pub struct Noted {
    /// The record.
    pub record: Uuid,
    /// What happened.
    pub kind: Option<ConflictKind>,
    /// The field, if it is about one.
    pub field: Option<String>,
    /// The values that it keeps, as JSON.
    pub values: Vec<String>,
}

/// What the audit asks of a file, besides its journal.
pub trait Facts {
    /// What is known of a record.
    fn record(&self, table: &'static Table, id: Uuid) -> Result<Record>;
    /// All conflicts.
    fn conflicts(&self) -> Result<Vec<Noted>>;
    /// The records that the server refuses.
    fn refused(&self) -> Result<HashSet<Uuid>>;
    /// The values of a field that the server received from here and turned into others by rules of its own.
    fn rewritten(&self, table: &'static Table, id: Uuid, field: &str) -> Result<Vec<Json>>;
}

impl Facts for ReadSession<'_> {
    fn record(&self, table: &'static Table, id: Uuid) -> Result<Record> {
        Self::record(self, table, id)
    }

    fn conflicts(&self) -> Result<Vec<Noted>> {
        let conflicts = self.repo::<Conflict>().filter(&Query::default())?;
        let noted = conflicts.into_iter().map(|conflict| Noted {
            record: conflict.record_id,
            kind: ConflictKind::of_word(&conflict.kind),
            field: conflict.field,
            values: [conflict.mine, conflict.theirs].into_iter().flatten().collect(),
        });
        Ok(noted.collect())
    }

    fn refused(&self) -> Result<HashSet<Uuid>> {
        let refused = self.quarantined()?.into_iter().filter(|entry| entry.waits_for_a_person);
        Ok(refused.map(|entry| entry.id).collect())
    }

    fn rewritten(&self, table: &'static Table, id: Uuid, field: &str) -> Result<Vec<Json>> {
        Self::rewritten(self, table, id, field)
    }
}

/// What became of a value.
pub(super) enum Fate {
    Applied,
    Pending,
    Quarantined,
    Merged,
    Parked,
    Deleted,
    Replaced,
}

/// What else the file knows about values.
pub(super) struct Evidence {
    /// Values that were parked, by record and field.
    parked: HashSet<(Uuid, String, String)>,
    /// Lines of texts that were parked.
    parked_lines: HashMap<(Uuid, String), HashSet<String>>,
    /// Records whose deletion was answered: here, or by whoever had edited or needed them.
    undeleted: HashSet<Uuid>,
    refused: HashSet<Uuid>,
}

impl Evidence {
    pub(super) fn gather(facts: &dyn Facts) -> Result<Self> {
        let mut evidence = Self {
            parked: HashSet::new(),
            parked_lines: HashMap::new(),
            undeleted: HashSet::new(),
            refused: facts.refused()?,
        };
        for noted in facts.conflicts()? {
            let is_about_a_deletion = matches!(
                noted.kind,
                Some(ConflictKind::DeletionUndone | ConflictKind::DeletedThere | ConflictKind::ParentCameBack)
            );
            if is_about_a_deletion {
                evidence.undeleted.insert(noted.record);
            }
            let field = noted.field.unwrap_or_default();
            for value in noted.values {
                let json = serde_json::from_str(&value).unwrap_or_default();
                let lines = evidence.parked_lines.entry((noted.record, field.clone())).or_default();
                lines.extend(lines_of(&json));
                evidence.parked.insert((noted.record, field.clone(), value));
            }
        }
        Ok(evidence)
    }

    pub(super) fn fate(&self, record: &Record, word: &Word) -> Option<Fate> {
        let Some(row) = &record.row else {
            return record.deleted.as_ref().map(|_| match word.kind {
                EditKind::Delete if record.pending.as_ref().is_some_and(|pending| !pending.is_at_rest()) => {
                    Fate::Pending
                }
                EditKind::Delete => Fate::Applied,
                _ => Fate::Deleted,
            });
        };
        let waits = row.revision == 0 || record.pending.is_some();
        let here = if self.refused.contains(&word.id) {
            Fate::Quarantined
        } else if waits {
            Fate::Pending
        } else {
            Fate::Applied
        };
        match word.kind {
            EditKind::Create => Some(here),
            EditKind::Delete => self.undeleted.contains(&word.id).then_some(Fate::Parked),
            EditKind::Update => {
                let position = word.table.position(&word.field)?;
                if row.values.get(position)?.to_json() == word.after {
                    return Some(here);
                }
                let parked = (word.id, word.field.clone(), word.after.to_string());
                if self.parked.contains(&parked) {
                    return Some(Fate::Parked);
                }
                if is_settled(word, row) {
                    return Some(Fate::Replaced);
                }
                let missing = self.missing_lines(record, word);
                missing.is_some_and(|lines| lines.is_empty()).then_some(Fate::Merged)
            }
        }
    }

    /// For a text that is merged line by line, the lines that an edit has added and that are neither in the row nor
    /// parked.
    pub(super) fn missing_lines(&self, record: &Record, word: &Word) -> Option<Vec<String>> {
        if word.kind != EditKind::Update || !word.table.merged_by_line.contains(&word.field.as_str()) {
            return None;
        }
        let position = word.table.position(&word.field)?;
        let present = record.row.as_ref().map(|row| row.values[position].to_json());
        let mut known: HashSet<String> = lines_of(&word.before)
            .into_iter()
            .chain(present.iter().flat_map(lines_of))
            .collect();
        let parked = self.parked_lines.get(&(word.id, word.field.clone()));
        known.extend(parked.into_iter().flatten().cloned());
        let mut lines = lines_of(&word.after);
        lines.retain(|line| !known.contains(line));
        Some(lines)
    }
}

/// When several people say something about one conflict, one word stands and the conflict is settled: that was all that
/// was wanted.
fn is_settled(word: &Word, row: &LocalRow) -> bool {
    let settles = ["settled_at", "settled_by", "settlement"].contains(&word.field.as_str());
    let settled_at = word.table.position("settled_at").map(|position| &row.values[position]);
    holds_conflicts(word.table) && settles && settled_at.is_some_and(|at| *at != Value::Null)
}

pub(super) fn lines_of(text: &Json) -> Vec<String> {
    text.as_str().unwrap_or_default().lines().map(str::to_owned).collect()
}
