//! `colophon duplicates`: finds records that look as if they were there twice, merges them, or notes that they are not
//! the same.

use clap::{Args, Subcommand};
use colophon_acts::RecordKind;
use colophon_acts::apart::keep_apart;
use colophon_acts::combining::{self, Agreed, Proposal};
use colophon_acts::side_by_side::{Choices, SideBySide};
use colophon_catalogue::location::device_name;
use colophon_catalogue::look_alikes::look_alikes;
use colophon_store::{Database, EntityId as _, ReadSession};
use indicatif::HumanCount;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::lookup;
use crate::output::Output;
use crate::table;
use crate::worded::one_of;

/// What to do with records that look the same. What is decided can be undone, and reaches every device.
#[derive(Debug, Subcommand)]
pub(crate) enum Duplicates {
    /// List groups of books or people that look the same, with the one that would stay.
    List {
        /// What to look for.
        #[arg(value_parser = one_of::<RecordKind>())]
        kind: RecordKind,
    },
    /// Merge records into one, which gets what it lacks.
    Merge(Merge),
    /// Note that records are not the same, so that nobody is asked again.
    Apart {
        /// What they are.
        #[arg(value_parser = one_of::<RecordKind>())]
        kind: RecordKind,
        /// The records (an id; for books also an ISBN, for people a name).
        #[arg(required = true, num_args = 2..)]
        records: Vec<String>,
    },
}

/// Which records become one.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// What they are.
    #[arg(value_parser = one_of::<RecordKind>())]
    kind: RecordKind,
    /// The records (an id; for books also an ISBN, for people a name).
    #[arg(required_unless_present = "all", conflicts_with = "all", num_args = 2..)]
    records: Vec<String>,
    /// The one that stays [default: the one that says most].
    #[arg(long, value_name = "RECORD", conflicts_with = "all")]
    into: Option<String>,
    /// Every group that `duplicates list` shows, as one act; not those in which a value would give way to another.
    #[arg(long)]
    all: bool,
    /// Those in which a value would give way, too.
    #[arg(long, requires = "all")]
    giving_way: bool,
}

impl Duplicates {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let database = file.open(WhenMissing::Refuse, output)?;
        match self {
            Self::List { kind } => list(&database, *kind, output),
            Self::Merge(merge) if merge.all => merge.all(&database, output),
            Self::Merge(merge) => merge.these(&database, output),
            Self::Apart { kind, records } => apart(&database, *kind, records.clone(), output),
        }
    }
}

fn proposed(session: &ReadSession<'_>, kind: RecordKind) -> colophon_store::Result<Vec<Proposal>> {
    combining::proposals(session, kind, &look_alikes(session, kind.table())?)
}

fn list(database: &Database, kind: RecordKind, output: &Output) -> anyhow::Result<Exit> {
    let proposals = database.read_blocking(move |session| proposed(session, kind))?;
    if output.is_json() {
        let groups: Vec<_> = proposals.iter().map(document).collect();
        output.document(&json!({ "groups": groups }))?;
        return Ok(Exit::Done);
    }
    let mut rows = Vec::new();
    for (number, proposal) in (1..).zip(&proposals) {
        let SideBySide { records, stays, .. } = &proposal.side_by_side;
        for (at, record) in records.iter().enumerate() {
            let stays = if at == *stays { "stays" } else { "" };
            let beside = record.beside.clone().unwrap_or_default();
            let row = [
                number.to_string(),
                record.name.clone(),
                beside,
                stays.to_owned(),
                record.id.to_string(),
            ];
            rows.push(row);
        }
    }
    table::write(output, &["GROUP", "NAME", "AUTHOR", "", "ID"], &rows)?;
    output.aside(format_args!("{} groups", HumanCount(proposals.len() as u64)));
    Ok(Exit::Done)
}

fn document(proposal: &Proposal) -> Json {
    let SideBySide { records, stays, .. } = &proposal.side_by_side;
    let records: Vec<_> = records
        .iter()
        .enumerate()
        .map(|(at, record)| json!({ "id": record.id, "name": record.name, "author": record.beside, "stays": at == *stays }))
        .collect();
    json!({ "records": records, "giving_way": proposal.giving_way })
}

impl Merge {
    fn these(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let (kind, records, into) = (self.kind, self.records.clone(), self.into.clone());
        let merged = database.transaction_blocking(move |session| -> anyhow::Result<_> {
            let records = meant(session, kind, &records)?;
            let stays = into.map(|into| one_meant(session, kind, &into)).transpose()?;
            let choices = Choices {
                stays,
                fields: Vec::new(),
            };
            Ok(combining::merge(
                session,
                kind,
                &records,
                &choices,
                None,
                &device_name(),
            )?)
        })?;
        if output.is_json() {
            output.document(&json!({ "into": merged.into, "name": merged.name, "records": merged.count }))?;
        }
        output.note(format_args!("Merged {} records into “{}”", merged.count, merged.name));
        Ok(Exit::Done)
    }

    fn all(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let (kind, giving_way) = (self.kind, self.giving_way);
        let (merged, kept) = database.write_blocking(move |session| {
            let proposals = proposed(session, kind)?;
            let found = proposals.len() as u64;
            let agreed: Vec<_> = proposals
                .into_iter()
                .filter(|proposal| giving_way || proposal.giving_way.is_empty())
                .map(|proposal| Agreed {
                    records: proposal.side_by_side.records.iter().map(|record| record.id).collect(),
                    seen: proposal.side_by_side.seen,
                })
                .collect();
            let merged = combining::merge_all(session, kind, &agreed, &device_name(), |_| {})?;
            Ok((merged, found))
        })?;
        let left = kept - merged.merged;
        if output.is_json() {
            output.document(&json!({ "groups": merged.merged, "records": merged.records, "left": left }))?;
        }
        output.note(format_args!(
            "Merged {} records into {}; {} groups are left",
            HumanCount(merged.records),
            HumanCount(merged.merged),
            HumanCount(left)
        ));
        Ok(Exit::Done)
    }
}

fn apart(database: &Database, kind: RecordKind, records: Vec<String>, output: &Output) -> anyhow::Result<Exit> {
    let records = database.transaction_blocking(move |session| -> anyhow::Result<_> {
        let records = meant(session, kind, &records)?;
        keep_apart(session, kind, &records, &device_name())?;
        Ok(records)
    })?;
    if output.is_json() {
        output.document(&json!({ "apart": records }))?;
    }
    output.note("Noted: they are not the same");
    Ok(Exit::Done)
}

fn meant(session: &ReadSession<'_>, kind: RecordKind, named: &[String]) -> anyhow::Result<Vec<Uuid>> {
    let mut records: Vec<Uuid> = Vec::new();
    for one in named {
        let id = one_meant(session, kind, one)?;
        if records.contains(&id) {
            return Err(refusal(Exit::Usage, format!("“{one}” is named twice")));
        }
        records.push(id);
    }
    Ok(records)
}

fn one_meant(session: &ReadSession<'_>, kind: RecordKind, named: &str) -> anyhow::Result<Uuid> {
    Ok(match kind {
        RecordKind::Book => lookup::book(session, named)?.id.uuid(),
        RecordKind::Author => lookup::author(session, named)?.id.uuid(),
    })
}
