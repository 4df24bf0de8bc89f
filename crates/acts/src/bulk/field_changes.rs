//! An operation on a field of many records.

use std::cell::Cell;
use std::collections::HashSet;

use colophon_store::schema::Value;
use colophon_store::{
    ChangedSome, Comparison, Entity, EntityId as _, Error, FieldOf, Query, ReadSession, Result, WriteSession,
};
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::excerpt::excerpts;
use super::planned::{Gathered, Planned, Refused, Shown, digest};
use super::rewriting::Rewriting;

/// Goes through records and finds out what would become of each.
pub(super) fn gather<E: Entity>(
    session: &ReadSession<'_>,
    query: &Query<E>,
    field: FieldOf<E>,
    rewriting: &Rewriting<'_>,
) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    let mut taken = HashSet::new();
    session.repo::<E>().for_each(query, |row| {
        let before = printed(&row, field);
        let after = rewritten(&row, field, &before, rewriting).and_then(|after| {
            if let Some(after) = &after {
                check_unique(session, after, field, &mut taken)?;
            }
            Ok(after)
        });
        match after {
            Ok(Some(_)) => gathered.plan(row.id().uuid(), &before),
            Ok(None) => gathered.unchanged += 1,
            Err(Error::Invalid { reason, .. }) => gathered.refuse(|| Refused {
                id: row.id().uuid(),
                name: name_of(&row),
                before: excerpts(&before, "").0,
                reason,
            }),
            Err(other) => return Err(other),
        }
        Ok(true)
    })?;
    Ok(gathered)
}

/// What some of the records that would differ say now, and would say. One that is gone is left out.
pub(super) fn shown<E: Entity>(
    session: &ReadSession<'_>,
    planned: &[Planned],
    field: FieldOf<E>,
    rewriting: &Rewriting<'_>,
) -> Result<Vec<Shown>> {
    let ids: Vec<E::Id> = planned.iter().map(|one| E::Id::from_uuid(one.id)).collect();
    let found = session.repo::<E>().find_all(&ids)?;
    let rows = ids.iter().filter_map(|id| found.get(id));
    let show = |row: &E| {
        let before = printed(row, field);
        // If it has been changed meanwhile, what would become of it may be nothing.
        let after = rewritten(row, field, &before, rewriting).ok().flatten();
        let after = after.map_or_else(|| before.clone(), |after| printed(&after, field));
        let (before, after) = excerpts(&before, &after);
        Shown {
            id: row.id().uuid(),
            name: name_of(row),
            before,
            after,
        }
    };
    Ok(rows.map(show).collect())
}

/// Does it, to those that still say what was looked at. `each` is called before each record.
pub(super) fn apply<'p, E: Entity>(
    session: &WriteSession<'_>,
    planned: impl Iterator<Item = &'p Planned>,
    field: FieldOf<E>,
    rewriting: &Rewriting<'_>,
    each: impl Fn(),
) -> Result<ChangedSome<E>> {
    // Each id is drawn right before its row is changed.
    let seen = Cell::new(0);
    let ids = planned.map(|one| {
        each();
        seen.set(one.before);
        E::Id::from_uuid(one.id)
    });
    session.repo_mut::<E>().change_where_allowed(ids, |row| {
        let before = printed(row, field);
        if digest(&before) != seen.get() {
            return Err(Error::invalid(field.name(), "it has been changed meanwhile"));
        }
        match rewriting.apply(&before, field.name())? {
            Some(after) => row.set_text(field, &after),
            None => Ok(()),
        }
    })
}

/// A record as it would be stored; `None` if it would stay as it is.
fn rewritten<E: Entity>(row: &E, field: FieldOf<E>, before: &str, rewriting: &Rewriting<'_>) -> Result<Option<E>> {
    let Some(text) = rewriting.apply(before, field.name())? else {
        return Ok(None);
    };
    let mut after = row.clone();
    after.set_text(field, &text)?;
    let touched = row.changed(&after);
    let after = after.checked(touched)?;
    Ok(Some(after).filter(|after| !row.changed(after).is_empty()))
}

/// Refuses a value that only one record may have, if another has it or will have got it.
fn check_unique<E: Entity>(
    session: &ReadSession<'_>,
    after: &E,
    field: FieldOf<E>,
    taken: &mut HashSet<String>,
) -> Result<()> {
    let declared = field.declared();
    let value = value_of(after, field);
    if !declared.options.is_unique || declared.column.is_unsaid(&value) {
        return Ok(());
    }
    let having = Query::all().matching(field.compare(Comparison::Is, &value));
    let other = session.repo::<E>().filter(&having)?;
    if let Some(other) = other.iter().find(|other| other.id() != after.id()) {
        let reason = format!("another {} has it: “{}”", E::TABLE.name, name_of(other));
        return Err(Error::invalid(field.name(), reason));
    }
    if !taken.insert(printed(after, field)) {
        let reason = format!(
            "only one {} can have it, and another of these would get it",
            E::TABLE.name
        );
        return Err(Error::invalid(field.name(), reason));
    }
    Ok(())
}

/// What a field of a record says, as it would be typed; empty if it says nothing.
fn printed<E: Entity>(row: &E, field: FieldOf<E>) -> String {
    let declared = field.declared();
    declared.print(&value_of(row, field)).unwrap_or_default()
}

/// The value of one field, without making those of all others.
fn value_of<E: Entity>(row: &E, field: FieldOf<E>) -> Value {
    let bound = row.bind_column(field.declared().position);
    let value = match &bound {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value),
        _ => ValueRef::Null,
    };
    match value {
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Integer(number) => Value::Integer(number),
        // No field that a person types is kept as anything else.
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
    }
}

/// What people call a record.
pub(super) fn name_of<E: Entity>(row: &E) -> String {
    FieldOf::named(E::NAME.plain)
        .map(|name| printed(row, name))
        .unwrap_or_default()
}
