//! Everything that is known to have been done to one record, here and elsewhere, with what each field said before and
//! after.
//!
//! The journal knows both for what was done here. The server keeps only what a field said before: what it said after
//! follows from the next change of the field, or from the record as it is now.

use colophon_catalogue::elsewhere::{Elsewhere, Who};
use colophon_catalogue::schema::{self, ENTITIES};
use colophon_store::journal::EditKind;
use colophon_store::schema::Value;
use colophon_store::{Error, ReadSession, Result, WriteSession};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::history::{OldValues, PutBack, history, put_back};
use crate::said::shown;

/// One thing that was done to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Who did it; absent if it was done here.
    pub by: Option<Who>,
    /// What.
    pub kind: EditKind,
    /// The fields that were changed.
    pub fields: Vec<FieldThen>,
}

/// A field that was changed.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldThen {
    /// Its name.
    pub field: String,
    /// What it said before, as it is kept: what puts it back.
    pub kept: Json,
    /// The same as a person reads it; absent if it said nothing.
    pub before: Option<String>,
    /// What it said after.
    pub after: Option<String>,
}

/// What was done to a record, latest first. `elsewhere` is what the server tells of it, without what was done here.
pub fn timeline(
    session: &ReadSession<'_>,
    table: &str,
    record: Uuid,
    elsewhere: Vec<Elsewhere>,
) -> Result<Vec<Moment>> {
    let Some(entity) = schema::entity(table) else {
        return Ok(Vec::new());
    };
    let here = history(session, record)?.into_iter();
    let here = here.map(|edit| {
        let by = edit.number.is_none().then(Who::default);
        (edit.at, by, edit.kind, edit.before)
    });
    let there = elsewhere
        .into_iter()
        .map(|one| (one.at, Some(one.by), one.kind, one.before));
    let mut all: Vec<_> = here.chain(there).collect();
    all.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let names = entity.table.columns.iter().map(|column| column.name.to_owned());
    let now = entity.find(session, record)?.unwrap_or_default();
    let mut now: Map<String, Json> = names.zip(now.iter().map(Value::to_json)).collect();
    let mut moments = Vec::new();
    for (at, by, kind, before) in all {
        let mut fields = Vec::new();
        for column in entity.table.columns.iter().filter(|column| column.is_content()) {
            let Some(kept) = before.get(column.name) else {
                continue;
            };
            let after = now.insert(column.name.to_owned(), kept.clone());
            if kind == EditKind::Update {
                let words = |json: &Json| shown(session, Some(column), Some(&json.to_string()));
                fields.push(FieldThen {
                    field: column.name.to_owned(),
                    kept: kept.clone(),
                    before: words(kept)?,
                    after: after.as_ref().map(words).transpose()?.flatten(),
                });
            }
        }
        if kind != EditKind::Update || !fields.is_empty() {
            moments.push(Moment { at, by, kind, fields });
        }
    }
    Ok(moments)
}

/// Gives a record back values that it had before: one field, or all that have changed since. This is an edit like any
/// other.
pub fn put_back_values(
    session: &WriteSession<'_>,
    table: &str,
    id: Uuid,
    values: &Map<String, Json>,
) -> Result<PutBack> {
    let entity = ENTITIES.iter().find(|entity| entity.table.name == table);
    let Some(entity) = entity else {
        return Err(Error::invalid("table", "no kind of record is called so"));
    };
    let columns = entity.table.columns.iter().enumerate();
    let known = columns.filter_map(|(position, column)| {
        let value = Value::from_json(column.kind, values.get(column.name)?)?;
        Some((position, value))
    });
    let old = OldValues {
        entity,
        id,
        is_deletion: false,
        values: known.collect(),
        dependants: Vec::new(),
    };
    put_back(session, &old, &[])
}
