//! `colophon history`: everything that was done to one record, here and elsewhere, and restoring what it was.

mod acts;
mod restoring;

use std::collections::HashSet;

use clap::Args;
use colophon_acts::history::{PastEdit, history};
use colophon_sync::central::{CentralSettings, HistoryEntry};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use self::restoring::EntryName;
use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::server;

/// Show what was done: to a record, by whom, when, and what it said before; or, without a record, the acts of this file.
///
/// The number of an act is what `colophon undo --act` and `colophon redo --act` take.
///
/// What was done in this file comes from its journal; what was done elsewhere comes from the server, if one is configured and
/// can be reached. An edit that was made here and has arrived there is listed once.
///
/// With --restore the record gets back the values it had before an entry; a deleted record comes back whole, together with
/// what was deleted along with it. That is an edit like any other: it is sent to the server and can be undone.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The record's id; without it, the acts of this file are listed, latest first.
    record: Option<Uuid>,
    /// List at most so many acts.
    #[arg(long, value_name = "NUMBER", default_value_t = acts::LISTED, conflicts_with = "record")]
    limit: usize,
    /// Restore the values from before this entry: its number, as the history shows it.
    #[arg(long, value_name = "ENTRY", requires = "record")]
    restore: Option<EntryName>,
    /// Only this field of the entry (may be repeated).
    #[arg(long = "field", value_name = "FIELD", requires = "restore")]
    fields: Vec<String>,
}

/// One thing that was done.
#[derive(Debug, Serialize)]
struct Event {
    /// The name by which it can be restored; absent if nothing is known that could be.
    entry: Option<EntryName>,
    at: Timestamp,
    /// A login and device on the server, or `here`.
    by: String,
    kind: String,
    /// The revision on the server; absent for what only the journal knows.
    revision: Option<i64>,
    /// The values before, by field.
    before: Map<String, Json>,
    /// The values after, if the journal knows them.
    after: Map<String, Json>,
}

impl History {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let database = file.open(WhenMissing::Refuse, output)?;
        let Some(record) = self.record else {
            return acts::list(&database, self.limit, output);
        };
        if let Some(entry) = self.restore {
            return restoring::restore(&database, file, record, entry, &self.fields, output);
        }
        let (past, device) =
            database.read_blocking(move |s| Ok((history(s, record)?, s.device()?.map(|device| device.id))))?;
        let mut events: Vec<_> = past.into_iter().map(event_here).collect();
        if CentralSettings::from_sources(file.sources())?.is_some() {
            match server::ask(file, events_there(server::of_settings(file)?, record)) {
                // This file's own edits are in the journal, with more about them.
                Ok(entries) => events.extend(
                    entries
                        .into_iter()
                        .filter(|entry| entry.device_id != device || device.is_none())
                        .map(event_there),
                ),
                Err(error) => output.note(format_args!("showing only what was done here: {error}")),
            }
        }
        if events.is_empty() {
            return Err(refusal(
                Exit::NotFound,
                format!("nothing is known about a record with the id “{record}”"),
            ));
        }
        events.sort_by_key(|event| event.at);
        if output.is_json() {
            output.document(&events)?;
        } else {
            events.iter().try_for_each(|event| tell(event, output))?;
        }
        Ok(Exit::Done)
    }
}

fn event_here(edit: PastEdit) -> Event {
    Event {
        entry: edit
            .number
            .filter(|_| !edit.before.is_empty())
            .map(EntryName::OfJournal),
        at: edit.at,
        by: if edit.number.is_some() { "here" } else { "somebody" }.to_owned(),
        kind: edit.kind.word().to_owned(),
        revision: None,
        before: edit.before,
        after: edit.after,
    }
}

async fn events_there(central: colophon_sync::central::Central, record: Uuid) -> anyhow::Result<Vec<HistoryEntry>> {
    let (connection, _) = central.open().await?;
    Ok(connection.history(&[record]).await?)
}

fn event_there(entry: HistoryEntry) -> Event {
    Event {
        entry: Some(EntryName::OfServer(entry.number)),
        at: entry.at,
        by: match &entry.device {
            Some(device) => format!("{} on {device}", entry.by),
            None => entry.by,
        },
        kind: entry.kind,
        revision: Some(entry.revision),
        before: entry.old,
        after: Map::new(),
    }
}

fn tell(event: &Event, output: &Output) -> anyhow::Result<()> {
    let fields: HashSet<&String> = event.before.keys().chain(event.after.keys()).collect();
    let mut fields: Vec<_> = fields.into_iter().collect();
    fields.sort_unstable();
    let changes: Vec<String> = fields
        .into_iter()
        .map(|field| {
            let before = event.before.get(field).unwrap_or(&Json::Null);
            match event.after.get(field) {
                Some(after) => format!("{field} {before} → {after}"),
                None => format!("{field} was {before}"),
            }
        })
        .collect();
    let entry = event.entry.map_or_else(|| "-".to_owned(), |entry| entry.to_string());
    output.line(format_args!(
        "{entry:>4}  {}  {}  {}  {}",
        event.at,
        event.by,
        event.kind,
        changes.join(", ")
    ))
}
