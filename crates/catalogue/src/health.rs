//! Whether a catalogue file is sound, and what in it needs care.
//!
//! Three things can be wrong with a file that opens. It may be *damaged* (according to SQLite's own check, or because
//! of references to records that do not exist): then it needs a backup and a person. Its *stored keys* may be stale,
//! because another program has written a title without the key that lists are sorted by: they follow from the rows, so
//! they can simply be written anew. And a *value* may be one that our rules would refuse, because another program or
//! the server has written it: it is shown as it is, and only a person can know what was meant.

use colophon_store::{ReadSession, Result, STAGED, Sql, WriteSession};
use serde::Serialize;

use crate::schema::records;

/// How many findings of one kind are named one by one.
const EXAMPLES_MAX: usize = 10;

/// What one examination found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was examined.
    pub check: &'static str,
    /// Whether all is well.
    pub healthy: bool,
    /// What was found, in words.
    pub detail: String,
}

impl Finding {
    /// What was examined is as it should be.
    pub fn healthy(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            check,
            healthy: true,
            detail: detail.into(),
        }
    }

    /// What was examined needs care.
    pub fn needs_care(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            check,
            healthy: false,
            detail: detail.into(),
        }
    }
}

/// The version that the file is at: that of its last applied migration, 0 for none.
pub fn version(session: &ReadSession<'_>) -> Result<i32> {
    const LAST: Sql = Sql::new("SELECT coalesce(max(version),0) FROM refinery_schema_history");
    Ok(session.query_first(&LAST, [], |row| row.get(0))?.unwrap_or(0))
}

/// How one thing is examined.
type Examination = fn(&ReadSession<'_>) -> Result<Finding>;

/// Examines the whole file. Reads every page and every row. An examination that fails is a finding of its own, and does
/// not prevent the others.
pub fn examine(session: &ReadSession<'_>) -> Vec<Finding> {
    let checks: [(&'static str, Examination); 5] = [
        ("file", integrity),
        ("references", references),
        ("stored keys", stored_keys),
        ("journal", journal),
        ("others", others),
    ];
    let mut findings: Vec<_> = checks
        .into_iter()
        .map(|(check, examine)| examine(session).unwrap_or_else(|error| Finding::needs_care(check, error.to_string())))
        .collect();
    let mut broken = Vec::new();
    for entity in records() {
        let name = entity.table.name;
        let looked_through = entity.broken(session, |id, error| broken.push(format!("{name} {id}: {error}")));
        if let Err(error) = looked_through {
            broken.push(format!("{name}: {error}"));
        }
    }
    findings.push(values(&broken));
    findings
}

fn stored_keys(session: &ReadSession<'_>) -> Result<Finding> {
    let stale = records()
        .map(|entity| entity.stale_keys(session))
        .sum::<Result<u64>>()?;
    Ok(match stale {
        0 => Finding::healthy("stored keys", "follow from their records"),
        _ => Finding::needs_care(
            "stored keys",
            format!(
                "{stale} records would be sorted or found wrongly; `colophon doctor --repair` writes their keys anew"
            ),
        ),
    })
}

/// The journal of edits must be JSON, even if another program has written it.
fn journal(session: &ReadSession<'_>) -> Result<Finding> {
    const UNREADABLE: Sql = Sql::new(
        "SELECT (SELECT count(*) FROM edit WHERE NOT (json_valid(coalesce(before,'null')) AND json_valid(coalesce(after,'null'))))
           + (SELECT count(*) FROM deleted WHERE NOT json_valid(content))
           + (SELECT count(*) FROM pending WHERE NOT json_valid(coalesce(base,'null')))",
    );
    let unreadable: i64 = session.query_first(&UNREADABLE, [], |row| row.get(0))?.unwrap_or(0);
    Ok(match unreadable {
        0 => Finding::healthy("journal", "every entry can be read"),
        _ => Finding::needs_care(
            "journal",
            format!(
                "{unreadable} entries of what is remembered of edits cannot be read: undo and history stop there; the records \
                 themselves are another matter"
            ),
        ),
    })
}

/// What other programs have put into the file. It is not run here; their own writing may trigger it.
fn others(session: &ReadSession<'_>) -> Result<Finding> {
    const THEIRS: Sql = Sql::new(
        "SELECT type||' '||name FROM sqlite_schema
         WHERE type IN ('trigger','view') AND name NOT LIKE 'capture\\_%' ESCAPE '\\' ORDER BY name",
    );
    let theirs: Vec<String> = session.query(&THEIRS, [], |row| row.get(0))?;
    if theirs.is_empty() {
        return Ok(Finding::healthy(
            "others",
            "no other program has put triggers or views into the file",
        ));
    }
    let named = theirs
        .iter()
        .take(EXAMPLES_MAX)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    Ok(Finding::healthy(
        "others",
        format!(
            "{} triggers and views of other programs, which are not run here: {named}",
            theirs.len()
        ),
    ))
}

/// Writes stale stored keys anew and returns how many records had some.
pub fn renew_keys(session: &WriteSession<'_>) -> Result<u64> {
    records().map(|entity| entity.renew_keys(session)).sum()
}

fn integrity(session: &ReadSession<'_>) -> Result<Finding> {
    const CHECK: Sql = Sql::new("PRAGMA integrity_check");
    let said: Vec<String> = session.query(&CHECK, [], |row| row.get(0))?;
    Ok(if said == ["ok"] {
        Finding::healthy("file", "undamaged")
    } else {
        Finding::needs_care(
            "file",
            format!(
                "damaged (a check of all its pages found {} faults): `colophon restore` goes back to a backup, \
                 `colophon export --salvage` saves what can still be read",
                said.len()
            ),
        )
    })
}

fn references(session: &ReadSession<'_>) -> Result<Finding> {
    const CHECK: Sql = Sql::new("SELECT \"table\", \"parent\" FROM pragma_foreign_key_check");
    let mut broken: Vec<(String, String)> = session.query(&CHECK, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // An unfinished first download has rows whose parents have not arrived yet.
    broken.retain(|(table, _)| !table.starts_with(STAGED));
    Ok(match broken.first() {
        None => Finding::healthy("references", "all lead to a record"),
        Some((table, parent)) => {
            let count = broken.len();
            Finding::needs_care(
                "references",
                format!("{count} lead nowhere, for instance from a {table} to its {parent}"),
            )
        }
    })
}

fn values(broken: &[String]) -> Finding {
    if broken.is_empty() {
        return Finding::healthy("values", "keep the rules");
    }
    let examples = broken.iter().take(EXAMPLES_MAX).cloned().collect::<Vec<_>>().join("; ");
    let more = broken.len().saturating_sub(EXAMPLES_MAX);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    Finding::needs_care(
        "values",
        format!("{} records break a rule: {examples}{more}", broken.len()),
    )
}
