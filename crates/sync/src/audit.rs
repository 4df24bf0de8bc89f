//! The audit: every edit ever acknowledged here, added up by what became of it.
//!
//! The journal says what was acknowledged. For each value, only the last word of this device counts: its author
//! superseded the earlier ones. That last word is in the row; or waits; or was parked as a conflict; or went with a
//! deletion that stood; or was on the server and replaced by somebody who saw it, which only the server's history can
//! tell (and cannot if the server has since been restored from a backup). Anything else is unaccounted for, and named.
//! There should never be any.

mod evidence;

use std::collections::{BTreeMap, HashSet};

use colophon_catalogue::schema::TABLES;
use colophon_store::journal::{Edit, EditKind};
use colophon_store::schema::{Table, Value};
use colophon_store::{ReadSession, Result, Sql};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use self::evidence::{Evidence, Fate, lines_of};
pub use self::evidence::{Facts, Noted};
use crate::central::HistoryEntry;

/// What became of all edits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Values, records made and records deleted, one by one.
    pub edits: u64,
    /// In the row as made, and on the server.
    pub applied: u64,
    /// Here, and on their way to the server.
    pub pending: u64,
    /// Here, and refused by the server as they are.
    pub quarantined: u64,
    /// Replaced by a later edit of the same field on this device.
    pub superseded: u64,
    /// Part of a text that was merged line by line.
    pub merged: u64,
    /// Parked as a conflict, settled or not.
    pub parked: u64,
    /// In a record that was deleted afterwards.
    pub deleted: u64,
    /// Were on the server, and replaced there by somebody or by one of its own rules; or were said about a conflict
    /// that another word has settled.
    pub replaced: u64,
    /// Were on the server before it was restored from a backup. Its history, which would tell who replaced them, is
    /// gone.
    pub forgotten: u64,
    /// None of these.
    pub unaccounted: Vec<Unaccounted>,
    /// Said before the others, and no longer in the journal. They were in step when they left it, and are not counted
    /// above.
    pub pruned: u64,
    /// When it last turned out that the server had been restored from a backup; no edit before it was made later.
    #[serde(skip)]
    last_restore: Option<Timestamp>,
}

/// An edit that is unaccounted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unaccounted {
    /// The table of the record.
    pub entity: String,
    /// The record; if several were made together, the first.
    pub id: Uuid,
    /// The field; absent if the whole record is meant.
    pub field: Option<String>,
    /// The value that was set.
    pub value: Json,
    #[serde(skip)]
    table: &'static Table,
    /// For a text that is merged line by line, the lines that are nowhere in the file.
    #[serde(skip)]
    lines: Option<Vec<String>>,
    /// When.
    #[serde(skip)]
    at: Timestamp,
}

/// What one edit said about one field or (if the field is empty) about a whole record.
#[derive(Debug, Clone)]
pub struct Word {
    /// The table of the record.
    pub table: &'static Table,
    /// The record.
    pub id: Uuid,
    /// What was done.
    pub kind: EditKind,
    /// The field, or empty.
    pub field: String,
    /// Its value before.
    pub before: Json,
    /// The value that was set.
    pub after: Json,
    /// When, by this device's clock.
    pub at: Timestamp,
}

/// The last words of this device, by record and field.
type LastWords = BTreeMap<(Uuid, String), Word>;

/// Adds up everything that the file alone can account for. The rest is in [`Audit::unaccounted`], and is next checked
/// against the server's [history](Audit::account_by_history).
pub fn audit(session: &ReadSession<'_>) -> Result<Audit> {
    audit_of(session, TABLES)
}

/// The same for a program that knows these tables. What was said about a field that it does not know went with the
/// field.
pub fn audit_of(session: &ReadSession<'_>, tables: &[&'static Table]) -> Result<Audit> {
    let mut audit = Audit {
        last_restore: session.last_restore()?,
        pruned: session.pruned()?.edits,
        ..Audit::default()
    };
    let mut words = LastWords::new();
    session.visit_edits(|_| true, |_, edit| audit.hear(session, tables, &edit, &mut words))?;
    audit.account_words(session, words)?;
    Ok(audit)
}

/// The same for words and facts from elsewhere. `last_restore`: when it last turned out that the server had been
/// restored.
pub fn audit_words(
    words: impl IntoIterator<Item = Word>,
    facts: &dyn Facts,
    last_restore: Option<Timestamp>,
) -> Result<Audit> {
    let mut audit = Audit {
        last_restore,
        ..Audit::default()
    };
    let mut last = LastWords::new();
    for word in words {
        audit.hear_word(&mut last, word);
    }
    audit.account_words(facts, last)?;
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
            let word = |field: String, before: Json, after: Json| Word {
                table,
                id: record.id,
                kind: edit.kind,
                field,
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
                    self.hear_word(words, word(field, before, after));
                }
            } else {
                self.hear_word(words, word(String::new(), Json::Null, Json::Null));
            }
        }
        Ok(())
    }

    fn hear_word(&mut self, words: &mut LastWords, word: Word) {
        self.edits += 1;
        if words.insert((word.id, word.field.clone()), word).is_some() {
            self.superseded += 1;
        }
    }

    /// Rows that were made together are named only by the first and the last, so they are counted.
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
        // Others may have been made with ids in between, by another program on the same file.
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
                table,
                lines: None,
                at: edit.at,
            });
        }
        Ok(())
    }

    fn account_words(&mut self, facts: &dyn Facts, words: LastWords) -> Result<()> {
        let evidence = Evidence::gather(facts)?;
        for (_, word) in words {
            self.account(facts, &evidence, word)?;
        }
        self.unaccounted
            .sort_by(|one, other| (one.id, &one.field).cmp(&(other.id, &other.field)));
        Ok(())
    }

    fn account(&mut self, facts: &dyn Facts, evidence: &Evidence, word: Word) -> Result<()> {
        let record = facts.record(word.table, word.id)?;
        let fate = match evidence.fate(&record, &word) {
            None if facts.rewritten(word.table, word.id, &word.field)?.contains(&word.after) => Some(Fate::Replaced),
            fate => fate,
        };
        let Some(fate) = fate else {
            self.unaccounted.push(Unaccounted {
                entity: word.table.name.to_owned(),
                id: word.id,
                lines: evidence.missing_lines(&record, &word),
                field: Some(word.field).filter(|field| !field.is_empty()),
                value: word.after,
                table: word.table,
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
            Fate::Replaced => &mut self.replaced,
        } += 1;
        Ok(())
    }

    /// The records about which the server's history may know more.
    pub fn in_question(&self) -> Vec<Uuid> {
        self.unaccounted.iter().map(|one| one.id).collect()
    }

    /// Accounts for values that were on the server: for every change there, its history keeps the values before.
    pub fn account_by_history(&mut self, history: &[HistoryEntry]) {
        let before = self.unaccounted.len();
        self.unaccounted.retain(|one| !one.was_there(history));
        self.replaced += (before - self.unaccounted.len()) as u64;
        let before = self.unaccounted.len();
        self.unaccounted
            .retain(|one| self.last_restore.is_none_or(|restored| one.at > restored));
        self.forgotten += (before - self.unaccounted.len()) as u64;
    }
}

impl Unaccounted {
    fn was_there(&self, history: &[HistoryEntry]) -> bool {
        let mut of_record = history
            .iter()
            .filter(|entry| entry.id == self.id && entry.entity == self.entity);
        let Some(field) = &self.field else {
            // A record that is back had been gone, and one that is gone had been there.
            return of_record.any(|entry| entry.kind == "delete");
        };
        let Some(position) = self.table.position(field) else {
            return false;
        };
        let values = of_record.filter_map(|entry| entry.value_before(self.table, position));
        if let Some(lines) = &self.lines {
            // A text that was merged line by line was never there as it was written, and its lines may have gone one by
            // one.
            let known: HashSet<String> = values.flat_map(|value| lines_of(&value.to_json())).collect();
            return lines.iter().all(|line| known.contains(line));
        }
        // Compared as values: the server writes a time differently from the journal.
        let said = Value::from_json(self.table.columns[position].kind, &self.value);
        values.map(Some).any(|value| value == said)
    }
}

fn id_bytes(first: Uuid, last: Uuid) -> [Vec<u8>; 2] {
    [first, last].map(|id| id.as_bytes().to_vec())
}
