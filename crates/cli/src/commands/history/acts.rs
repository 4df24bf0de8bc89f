//! `colophon history` without a record: what was done in this file, act by act.

use colophon_acts::done::{Done, acts};
use colophon_store::Database;
use serde_json::json;

use crate::commands::undo::in_words;
use crate::exit::Exit;
use crate::output::Output;
use crate::table;

/// How many are listed unless somebody wants more.
pub(super) const LISTED: usize = 50;

/// Lists the latest acts.
pub(super) fn list(database: &Database, limit: usize, output: &Output) -> anyhow::Result<Exit> {
    let done = database.read_blocking(move |s| acts(s, i64::MAX, limit))?;
    if output.is_json() {
        let list: Vec<_> = done.iter().map(document).collect();
        output.document(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = done.iter().map(row).collect();
    table::write(output, &["act", "when (UTC)", "", "what"], &rows)?;
    Ok(Exit::Done)
}

fn document(act: &Done) -> serde_json::Value {
    json!({
        "number": act.number,
        "at": act.at,
        "act": act.told.deed,
        "record": act.told.open.map(|open| open.id),
        "undone": act.is_undone,
    })
}

fn row(act: &Done) -> [String; 4] {
    [
        act.number.to_string(),
        act.at.strftime("%Y-%m-%d %H:%M").to_string(),
        if act.is_undone { "undone" } else { "" }.to_owned(),
        in_words(&act.told.deed),
    ]
}
