//! `colophon conflicts`: what two people said differently, and how it is settled.

use clap::{Args, Subcommand};
use colophon_acts::merging::differing;
use colophon_acts::settlement::{Decision, settle_all, settle_these};
use colophon_acts::subject::Subject;
use colophon_catalogue::called::Called;
use colophon_catalogue::conflict::{Conflict, ConflictFilter, ConflictId, ConflictKind};
use colophon_store::{Database, Query, ReadSession};
use serde::Serialize;

use super::paging::{self, Paging};
use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::{Exit, refusal};
use crate::output::Output;
use crate::table;
use crate::worded::one_of;

/// What to do with conflicts.
#[derive(Debug, Subcommand)]
pub(crate) enum Conflicts {
    /// List the conflicts that nobody has settled yet, oldest first.
    List(List),
    /// Show one conflict.
    Show {
        /// Its id.
        conflict: ConflictId,
    },
    /// Settle conflicts. Settling is an edit like any other: it needs no server and can be undone.
    Settle(Settle),
}

/// Which conflicts.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    paging: Paging,
    /// Settled ones as well.
    #[arg(long)]
    all: bool,
    /// Only those of this kind.
    #[arg(long, value_parser = one_of::<ConflictKind>())]
    kind: Option<ConflictKind>,
}

/// Which conflicts, and how.
#[derive(Debug, Args)]
pub(crate) struct Settle {
    /// Their ids.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    conflicts: Vec<ConflictId>,
    /// All open conflicts of one kind. Two records are merged only where neither contradicts the other.
    #[arg(long, requires = "kind")]
    all: bool,
    /// The kind.
    #[arg(long, value_parser = one_of::<ConflictKind>(), requires = "all")]
    kind: Option<ConflictKind>,
    /// What shall stand.
    #[arg(long = "as", value_parser = one_of::<Decision>(), value_name = "DECISION")]
    decision: Decision,
}

/// A conflict, with what its record is called.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    conflict: Conflict,
    /// Absent if the record is gone.
    record: Option<String>,
    decisions: Vec<&'static str>,
}

impl Conflicts {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let database = file.open(WhenMissing::Refuse, output)?;
        match self {
            Self::List(list) => list.run(&database, output),
            Self::Show { conflict } => show(&database, *conflict, output),
            Self::Settle(settle) => {
                let by = Called::from_sources(file.sources())?.to_string();
                settle.run(&database, by, output)
            }
        }
    }
}

impl List {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let mut query = if self.all {
            Query::all()
        } else {
            Query::filtered(ConflictFilter::Open)
        };
        if let Some(kind) = self.kind {
            query = query.and(ConflictFilter::Kind(kind));
        }
        let request = self.paging.request()?;
        let page = database.read_blocking(move |s| {
            let page = s.repo::<Conflict>().page(&query, request)?;
            let items = page.items.into_iter().map(|conflict| answer(s, conflict));
            Ok(colophon_store::Page {
                items: items.collect::<colophon_store::Result<Vec<_>>>()?,
                meta: page.meta,
            })
        })?;
        if output.is_json() {
            output.document(&page)?;
            return Ok(Exit::Done);
        }
        let rows: Vec<_> = page
            .items
            .iter()
            .map(|answer| [name(answer), sentence(answer), answer.conflict.id.to_string()])
            .collect();
        table::write(output, &["record", "what happened", "id"], &rows)?;
        paging::note(&page, output);
        Ok(Exit::Done)
    }
}

fn show(database: &Database, id: ConflictId, output: &Output) -> anyhow::Result<Exit> {
    let found = database.read_blocking(move |s| {
        let conflict = s.repo::<Conflict>().find(id)?;
        let found = conflict.map(|conflict| answer(s, conflict)).transpose()?;
        let Some(answer) = found else { return Ok(None) };
        let conflict = &answer.conflict;
        let differing = match conflict.holder {
            Some(holder) => differing(s, &conflict.entity, conflict.record_id, holder)?,
            None => Vec::new(),
        };
        Ok(Some((answer, differing)))
    })?;
    let (answer, differing) =
        found.ok_or_else(|| refusal(Exit::NotFound, format!("there is no conflict with the id “{id}”")))?;
    if output.is_json() {
        output.document(&answer)?;
        return Ok(Exit::Done);
    }
    let conflict = &answer.conflict;
    output.field("record", format_args!("{} {}", name(&answer), conflict.record_id))?;
    output.field("what happened", sentence(&answer))?;
    let optional = [
        ("before", &conflict.base),
        ("mine", &conflict.mine),
        ("theirs", &conflict.theirs),
        ("theirs by", &conflict.theirs_by),
        ("settled by", &conflict.settled_by),
        ("settled as", &conflict.settlement),
    ];
    for (label, value) in optional {
        if let Some(value) = value {
            output.field(label, value)?;
        }
    }
    if !differing.is_empty() {
        output.field(
            "both say",
            format_args!("different things in: {}", differing.join(", ")),
        )?;
    }
    output.field("noticed by", &conflict.parked_by)?;
    output.field("noticed at", conflict.created_at)?;
    if conflict.settled_at.is_none() {
        output.field("can be settled as", answer.decisions.join(", "))?;
    }
    Ok(Exit::Done)
}

impl Settle {
    /// All in one transaction: if one conflict cannot be settled in that way, the others stay as they are.
    fn run(&self, database: &Database, by: String, output: &Output) -> anyhow::Result<Exit> {
        let decision = self.decision;
        if let Some(kind) = self.kind {
            return settle_kind(database, kind, decision, by, output);
        }
        let ids = self.conflicts.clone();
        let settled = database.write_blocking(move |tx| settle_these(tx, &ids, decision, &by))?;
        if output.is_json() {
            output.document(&settled)?;
        } else {
            let number = settled.len();
            output.line(format_args!("{number} settled as “{}”", decision.word()))?;
        }
        Ok(Exit::Done)
    }
}

fn settle_kind(
    database: &Database,
    kind: ConflictKind,
    decision: Decision,
    by: String,
    output: &Output,
) -> anyhow::Result<Exit> {
    let all = database.write_blocking(move |tx| settle_all(tx, kind, decision, &by))?;
    if output.is_json() {
        output.document(&all)?;
        return Ok(Exit::Done);
    }
    output.line(format_args!("{} settled as “{}”", all.settled, decision.word()))?;
    let why = match decision {
        Decision::Merge => "their records contradict each other, and one would have to give way",
        _ => "a record would break a rule, such as a death before the birth",
    };
    if all.left > 0 {
        output.note(format_args!(
            "{} are left: {why}. `colophon conflicts list` shows which; name those that you want to settle all the same",
            all.left
        ));
    }
    Ok(Exit::Done)
}

fn answer(session: &ReadSession<'_>, conflict: Conflict) -> colophon_store::Result<Answer> {
    let kind = ConflictKind::of_word(&conflict.kind);
    Ok(Answer {
        record: record(session, &conflict)?,
        decisions: Decision::for_kind(kind).iter().map(|one| one.word()).collect(),
        conflict,
    })
}

/// What the record is called; `None` if it is gone.
fn record(session: &ReadSession<'_>, conflict: &Conflict) -> colophon_store::Result<Option<String>> {
    let subject = Subject::of(session, &conflict.entity, conflict.record_id)?;
    Ok(subject.open.and(subject.name))
}

fn name(answer: &Answer) -> String {
    let Answer { record, conflict, .. } = answer;
    record.clone().unwrap_or_else(|| format!("({}, gone)", conflict.entity))
}

/// What happened, in one line.
fn sentence(answer: &Answer) -> String {
    let conflict = &answer.conflict;
    let field = conflict.field.as_deref().unwrap_or("a field").replace('_', " ");
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
    match ConflictKind::of_word(&conflict.kind) {
        Some(ConflictKind::Field) => {
            let (mine, theirs) = (value(&conflict.mine), value(&conflict.theirs));
            let stands = conflict.stands.as_deref().unwrap_or("theirs");
            format!("{field}: {mine} (mine) or {theirs} (theirs)? At present {stands} stands")
        }
        Some(ConflictKind::DeletedThere) => "deleted by a colleague, edited here: kept".to_owned(),
        Some(ConflictKind::DeletionUndone) => "deleted here, edited or needed by a colleague: restored".to_owned(),
        Some(ConflictKind::ParentCameBack) => "deleted by a colleague, needed here: restored".to_owned(),
        Some(ConflictKind::SameValue) => {
            let holder = conflict.holder.map(|id| id.to_string()).unwrap_or_default();
            format!(
                "{field} {} is also that of {holder}: the same book?",
                value(&conflict.mine)
            )
        }
        Some(ConflictKind::SameRecord) => {
            let holder = conflict.holder.map(|id| id.to_string()).unwrap_or_default();
            format!("added twice, here and as {holder}: the same?")
        }
        None => format!("something that only a newer version knows ({})", conflict.kind),
    }
}
