//! The history, as the audit reads it.

use colophon_store::schema::{ColumnKind, Value};
use colophon_sync::central::HistoryEntry;
use jiff::Timestamp;

use super::{Server, Times, Writer};
use crate::planted::Bug;
use crate::tables::{RecordKey, TABLES, updated_at};

impl Server {
    /// Records which fields an update changed, and when each was edited: according to the device, or else to its row.
    pub(super) fn tell_changes(
        &mut self,
        record: RecordKey,
        before: &[Value],
        after: &[Value],
        times: &Times,
        revision: i64,
        writer: &Writer,
    ) {
        let table = record.0;
        let changed = (1..updated_at(table)).filter(|column| before[*column] != after[*column]);
        let changed: Vec<_> = changed.map(|column| (column, before[column].clone())).collect();
        if changed.is_empty() {
            return;
        }
        let of_row = self.said_at(&after[updated_at(table)], writer);
        self.tell(record, revision, changed, writer, of_row);
        let now = self.time;
        if let Some(story) = self.history.last_mut() {
            let told = times.iter().filter(|_| self.bug != Some(Bug::RowTimesOnly));
            for (field, at) in told {
                let column = TABLES[table].position(field).unwrap_or_default();
                story.times.insert(column, at.as_microsecond().min(now));
            }
        }
    }

    /// What a field of an existing record was when it first came, as far as the history tells.
    pub(crate) fn first_told(&self, record: RecordKey, column: usize) -> &Value {
        let of_record = self.history.iter().filter(|story| story.record == record);
        let mut told = of_record.flat_map(|story| &story.columns);
        let first = told.find(|(changed, _)| *changed == column).map(|(_, before)| before);
        first
            .or_else(|| self.row(record).map(|row| &row.values[column]))
            .unwrap_or(&Value::Null)
    }

    /// The whole history, as the audit reads it.
    pub(crate) fn history(&self) -> Vec<HistoryEntry> {
        let entries = self.history.iter().enumerate().map(|(number, story)| {
            let table = TABLES[story.record.0];
            let gone = story.gone.iter().flat_map(|gone| gone.iter().cloned().enumerate());
            let old = story.columns.iter().cloned().chain(gone);
            HistoryEntry {
                number: i64::try_from(number).unwrap_or_default(),
                entity: table.name.to_owned(),
                id: story.record.1,
                revision: story.revision,
                kind: if story.gone.is_some() { "delete" } else { "update" }.to_owned(),
                old: old
                    .map(|(column, value)| {
                        (
                            table.columns[column].name.to_owned(),
                            as_server(table.columns[column].kind, &value),
                        )
                    })
                    .collect(),
                at: Timestamp::from_microsecond(story.at).unwrap_or(Timestamp::UNIX_EPOCH),
                by: story.by.clone(),
                device_id: None,
                device: None,
            }
        });
        entries.collect()
    }
}

/// A value as the server writes it into its history: times in words.
fn as_server(kind: ColumnKind, value: &Value) -> serde_json::Value {
    match (kind, value) {
        (ColumnKind::Timestamp, Value::Integer(at)) => {
            let at = Timestamp::from_microsecond(*at).unwrap_or(Timestamp::UNIX_EPOCH);
            format!("{}", at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")).into()
        }
        _ => value.to_json(),
    }
}
