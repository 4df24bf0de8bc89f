//! `colophon history ID --restore ENTRY`: a record gets back what it had before an entry of its history.
//!
//! An entry has a name that stays the same whatever else is listed with it: its number in the journal, or, for what was
//! done elsewhere, its number on the server after an `s`. The number of a line in the list would change as soon as the
//! server is away.

use std::fmt;
use std::str::FromStr;

use colophon_acts::history::{OldValues, PutBack, old_values, put_back};
use colophon_acts::subject::Subject;
use colophon_catalogue::schema::{TABLES, entity};
use colophon_store::schema::{Table, Value};
use colophon_store::{Database, Error, Registered};
use colophon_sync::central::Central;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::catalogue_file::CatalogueFile;
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::server;

/// The name of an entry of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryName {
    /// Its number in the journal.
    OfJournal(i64),
    /// Its number in the server's history.
    OfServer(i64),
}

impl fmt::Display for EntryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfJournal(number) => formatter.pad(&number.to_string()),
            Self::OfServer(number) => formatter.pad(&format!("s{number}")),
        }
    }
}

impl FromStr for EntryName {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| digits.parse().ok().filter(|number: &i64| *number > 0);
        let named = match name.strip_prefix('s') {
            Some(digits) => number(digits).map(Self::OfServer),
            None => number(name).map(Self::OfJournal),
        };
        named.ok_or("name an entry by the number in front of it, like 12 or s12; `colophon history ID` shows them")
    }
}

impl Serialize for EntryName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Restores what an entry remembers: all of it, or these fields.
pub(super) fn restore(
    database: &Database,
    file: &CatalogueFile,
    record: Uuid,
    entry: EntryName,
    fields: &[String],
    output: &Output,
) -> anyhow::Result<Exit> {
    let old = match entry {
        EntryName::OfJournal(number) => database.read_blocking(move |s| old_values(s, record, number))?,
        EntryName::OfServer(number) => {
            let cursor = database.read_blocking(|s| Ok(s.device()?.map_or(0, |device| device.cursor)))?;
            let asked = server::of_settings(file)
                .and_then(|central| server::ask(file, of_server(central, record, number, cursor)));
            asked.map_err(|error| {
                error.context(format!("only the server knows the entry {entry}; nothing was changed"))
            })?
        }
    };
    let Some(old) = old else {
        let message = format!("the record {record} has no entry “{entry}”: `colophon history {record}` shows them");
        return Err(refusal(Exit::NotFound, message));
    };
    let wanted = fields.to_vec();
    let outcome = database.write_blocking(move |tx| {
        let done = put_back(tx, &old, &wanted)?;
        let name = Subject::of(tx, done.entity, done.id)?.name;
        Ok((done, name))
    });
    let (done, name) = outcome.map_err(|error| worded(error, record, entry))?;
    if output.is_json() {
        output.document(&done)?;
        return Ok(Exit::Done);
    }
    tell(&done, &name.unwrap_or_else(|| done.id.to_string()), output)?;
    Ok(Exit::Done)
}

/// What the server's entry with this number remembers about a record; `None` if it is not about that record.
async fn of_server(central: Central, record: Uuid, number: i64, cursor: i64) -> anyhow::Result<Option<OldValues>> {
    let (connection, _) = central.open().await?;
    let entries = connection.history(&[record]).await?;
    let Some(entry) = entries.into_iter().find(|entry| entry.number == number) else {
        return Ok(None);
    };
    if entry.revision > cursor {
        // Here the record is still as it was before: nothing would be restored, and the next round would bring the
        // change.
        let message = "this file has not seen it yet; run `colophon sync`, then try again";
        return Err(refusal(Exit::NotNow, message));
    }
    let entity = registered(&entry.entity)?;
    let is_deletion = entry.kind == "delete";
    let dependants = if is_deletion {
        let gone = connection.deleted_with(&entry, TABLES).await?;
        let known = gone.into_iter().map(|(table, values)| Ok((of_table(table)?, values)));
        known.collect::<anyhow::Result<Vec<(&'static Registered, Vec<Value>)>>>()?
    } else {
        Vec::new()
    };
    Ok(Some(OldValues {
        entity,
        id: record,
        is_deletion,
        values: connection.values_before(&entry, entity.table)?,
        dependants,
    }))
}

fn of_table(table: &Table) -> anyhow::Result<&'static Registered> {
    registered(table.name)
}

fn registered(name: &str) -> anyhow::Result<&'static Registered> {
    entity(name).ok_or_else(|| {
        let message = format!("it is about a kind of record ({name}) that only a newer version knows");
        refusal(Exit::Refused, message)
    })
}

/// What happened, that nothing was changed, and what to do next.
fn worded(error: Error, record: Uuid, entry: EntryName) -> anyhow::Error {
    let next = match &error {
        Error::NotFound { entity, .. } => {
            let message = format!(
                "the {entity} was deleted, and the entry {entry} is not its deletion; nothing was changed: bring it back first, \
                 by the entry of the kind “delete” that `colophon history {record}` shows"
            );
            return refusal(Exit::NotFound, message);
        }
        Error::Duplicate {
            entity,
            field,
            existing: Some(existing),
            ..
        } => format!("clear the {field} of the {entity} {existing} first, or name other fields with --field"),
        Error::ForeignKey { .. } => "restore that one first, from its own history".to_owned(),
        Error::Invalid {
            field: "field" | "entry",
            ..
        } => format!("choose from what `colophon history {record}` shows"),
        Error::Invalid { .. } => "restore the other fields with --field, and type this one again".to_owned(),
        _ => return error.into(),
    };
    let message = format!("the entry {entry} was not restored: {error}; nothing was changed: {next}");
    anyhow::Error::new(error).context(message)
}

fn tell(done: &PutBack, name: &str, output: &Output) -> anyhow::Result<()> {
    for field in &done.fields {
        output.line(format_args!("{} {} → {}", field.field, field.was, field.is))?;
    }
    if done.brought_back > 0 {
        let along = match done.brought_back - 1 {
            0 => String::new(),
            number => format!(", along with {number} of the records deleted with it"),
        };
        output.line(format_args!("Restored “{name}”{along}"))?;
    } else if done.fields.is_empty() {
        output.note(format_args!("“{name}” already has these values; nothing was changed"));
    } else {
        output.note(format_args!("Restored in “{name}”"));
    }
    if done.left_out > 0 {
        output.note(format_args!(
            "{} of the records deleted with it could not be restored: what else they belong to is gone",
            done.left_out
        ));
    }
    Ok(())
}
