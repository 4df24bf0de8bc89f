//! `colophon history`: what was ever done to one record, here and elsewhere.

use std::collections::HashSet;

use clap::Args;
use colophon_catalogue::schema::ENTITIES;
use colophon_store::ReadSession;
use colophon_store::journal::EditKind;
use colophon_sync::central::{CentralSettings, HistoryEntry};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::server;

/// Tell what was done to a record: by whom, when, and which values it had before.
///
/// What was done in this file comes from its journal; what was done elsewhere from the server, if one is configured and can be
/// reached. An edit that was made here and has arrived there is told once.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The record's id.
    record: Uuid,
}

/// One thing that was done.
#[derive(Debug, Serialize)]
struct Event {
    at: Timestamp,
    /// A login and device on the server, or `here`.
    by: String,
    kind: String,
    /// The revision on the server; absent for what is told by the journal alone.
    revision: Option<i64>,
    /// The values before, by field.
    before: Map<String, Json>,
    /// The values after, where the journal knows them.
    after: Map<String, Json>,
}

impl History {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let record = self.record;
        let database = file.open(WhenMissing::Refuse, output)?;
        let (mut events, device) =
            database.read_blocking(move |s| Ok((events_here(s, record)?, s.device()?.map(|device| device.id))))?;
        if CentralSettings::from_sources(file.sources())?.is_some() {
            match server::block_on(events_there(server::of_settings(file)?, record)) {
                // Its own edits are in the journal, with more about them.
                Ok(entries) => events.extend(
                    entries
                        .into_iter()
                        .filter(|entry| entry.device_id != device || device.is_none())
                        .map(event),
                ),
                Err(error) => output.note(format_args!("only what was done here is told: {error}")),
            }
        }
        if events.is_empty() {
            return Err(refusal(
                Exit::NotFound,
                format!("nothing is known of a record with the id “{record}”"),
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

/// From the journal; and that the record was made, which an import notes for many at once.
fn events_here(session: &ReadSession<'_>, record: Uuid) -> colophon_store::Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut is_made_here = false;
    session.visit_edits(
        |id| id == record,
        |_, edit| {
            for edited in edit.records().filter(|edited| edited.id == record) {
                is_made_here |= edit.kind == EditKind::Create;
                events.push(Event {
                    at: edit.at,
                    by: "here".to_owned(),
                    kind: edit.kind.word().to_owned(),
                    revision: None,
                    before: edited.before,
                    after: edited.after,
                });
            }
            Ok(())
        },
    )?;
    if !is_made_here && let Some(at) = made_at(session, record)? {
        events.push(Event {
            at,
            by: "somebody".to_owned(),
            kind: EditKind::Create.word().to_owned(),
            revision: None,
            before: Map::new(),
            after: Map::new(),
        });
    }
    Ok(events)
}

fn made_at(session: &ReadSession<'_>, record: Uuid) -> colophon_store::Result<Option<Timestamp>> {
    for entity in ENTITIES {
        let Some(values) = entity.find(session, record)? else {
            continue;
        };
        let position = entity.table.position("created_at");
        if let Some(colophon_store::schema::Value::Integer(at)) = position.and_then(|position| values.get(position)) {
            return Ok(Timestamp::from_microsecond(*at).ok());
        }
    }
    Ok(None)
}

async fn events_there(central: colophon_sync::central::Central, record: Uuid) -> anyhow::Result<Vec<HistoryEntry>> {
    let (connection, _) = central.open().await?;
    Ok(connection.history(&[record]).await?)
}

fn event(entry: HistoryEntry) -> Event {
    Event {
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
    output.line(format_args!(
        "{}  {}  {}  {}",
        event.at,
        event.by,
        event.kind,
        changes.join(", ")
    ))
}
