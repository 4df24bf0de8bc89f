//! What the audit asks of a file.

use std::collections::HashSet;

use colophon_catalogue::conflict::ConflictKind;
use colophon_store::journal::EditKind;
use colophon_store::schema::{Table, Value};
use colophon_store::{Record, Result};
use colophon_sync::WhyQuarantined;
use colophon_sync::audit::{Audit, Facts, Noted, Word, audit_words};
use jiff::Timestamp;
use serde_json::Value as Json;
use uuid::Uuid;

use super::State;
use super::transaction::Transaction;
use crate::tables::{CONFLICTS, RecordKey, TABLES, position_of};

impl State {
    /// The audit of this file, without the server's history.
    pub(crate) fn audit(&self) -> Result<Audit> {
        audit_words(self.journal.iter().cloned(), self, self.last_restore)
    }
}

impl State {
    /// What was said about a record, for somebody who reads about it.
    pub(crate) fn journal_of(&self, id: Uuid) -> Vec<String> {
        let words = self.journal.iter().filter(|word| word.id == id);
        let words = words.map(|word| format!("{:?} {} at {}", word.kind, word.field, word.at));
        words.chain([format!("last restore {:?}", self.last_restore)]).collect()
    }
}

impl Facts for State {
    fn record(&self, table: &'static Table, id: Uuid) -> Result<Record> {
        Ok(self.record_at((position_of(table), id)))
    }

    fn conflicts(&self) -> Result<Vec<Noted>> {
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let noted = self.rows[CONFLICTS].values().filter_map(|row| {
            let Value::Uuid(record) = row.values[2] else {
                return None;
            };
            Some(Noted {
                record,
                kind: text(&row.values[3]).and_then(|kind| ConflictKind::of_word(&kind)),
                field: text(&row.values[4]),
                values: [6, 7].iter().filter_map(|column| text(&row.values[*column])).collect(),
            })
        });
        Ok(noted.collect())
    }

    fn refused(&self) -> Result<HashSet<Uuid>> {
        let refused = self
            .quarantined
            .iter()
            .filter(|(_, row)| matches!(row.why, WhyQuarantined::Refused { .. }));
        Ok(refused.map(|((_, id), _)| *id).collect())
    }

    fn rewritten(&self, table: &'static Table, id: Uuid, field: &str) -> Result<Vec<Json>> {
        let of = |kept: &&(RecordKey, String, String)| kept.0 == (position_of(table), id) && kept.1 == field;
        let values = self.rewritten.iter().filter(of);
        Ok(values
            .filter_map(|(_, _, value)| serde_json::from_str(value).ok())
            .collect())
    }
}

impl Transaction<'_> {
    /// Notes a word in the journal.
    pub(super) fn note(&self, record: RecordKey, kind: EditKind, said: Option<(usize, &Value, &Value)>, now: i64) {
        let (table, id) = (TABLES[record.0], record.1);
        let word = Word {
            table,
            id,
            kind,
            field: said.map_or(String::new(), |(column, ..)| table.columns[column].name.to_owned()),
            before: said.map_or(Json::Null, |(_, before, _)| before.to_json()),
            after: said.map_or(Json::Null, |(.., after)| after.to_json()),
            at: Timestamp::from_microsecond(now).unwrap_or(Timestamp::UNIX_EPOCH),
        };
        std::sync::Arc::make_mut(&mut self.state_mut().journal).push(word);
    }
}
