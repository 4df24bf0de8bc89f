//! Two records become one.
//!
//! One goes, the other stays and gets what it lacks: values where it has none, notes after its own, and everybody and
//! everything that referred to the one that goes. Where both have values that differ, the one that stays decides; the
//! other value is in the history and comes back with an undo. [`differing`] tells beforehand.

use colophon_catalogue::alike::is_same_person;
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::conflict::{Conflict, ConflictFilter};
use colophon_catalogue::wholes::hand_on_parts;
use colophon_catalogue::{Author, AuthorId, Book, BookId, schema};
use colophon_store::schema::{Column, ColumnKind, ColumnSet, Table, Value};
use colophon_store::{Columns as _, EntityId as _, Error, Query, ReadSession, Registered, Result, WriteSession};
use uuid::Uuid;

use crate::deletion::{BooksOfDeleted, delete_author};
use crate::parts::hand_on;

/// Makes a book part of another, along with its contributors. `isbn` is one that the first had and gave up.
pub fn merge_books(session: &WriteSession<'_>, from: BookId, into: BookId, isbn: Option<String>) -> Result<()> {
    let first = session.repo::<Book>().get(from)?;
    hand_on(session, from, into)?;
    hand_on_parts(session, Book::TABLE, from.uuid(), into.uuid())?;
    // It is deleted first, so that its values are free.
    session.repo_mut::<Book>().delete(from)?;
    let second = session.repo::<Book>().get(into)?;
    let first = Book {
        isbn: first.isbn.or(isbn),
        ..first
    };
    let books = Registered::of::<Book>();
    let gained = gained_within_rules(&books, &second.values(), &first.values());
    books.set_as_it_was(session, into.uuid(), &gained)
}

/// Makes an author part of another, along with the books and contributions.
pub fn merge_authors(session: &WriteSession<'_>, from: AuthorId, into: AuthorId) -> Result<()> {
    let second = session.repo::<Author>().get(into)?;
    hand_on_parts(session, Author::TABLE, from.uuid(), into.uuid())?;
    let first = delete_author(session, from, BooksOfDeleted::HandOver(into))?;
    let authors = Registered::of::<Author>();
    let gained = gained_within_rules(&authors, &second.values(), &first.values());
    authors.set_as_it_was(session, into.uuid(), &gained)?;
    // Whoever is looked up under the name that goes is found under this one.
    if first.name != second.name {
        OTHER_NAMES.add(session, into.uuid(), &first.name)?;
    }
    Ok(())
}

/// Whoever is looked up under one of these names is found under the author who stays.
pub(crate) fn keep_names<'n>(
    session: &WriteSession<'_>,
    into: AuthorId,
    names: impl Iterator<Item = &'n str>,
) -> Result<()> {
    let stays = session.repo::<Author>().get(into)?.name;
    for name in names.filter(|name| *name != stays) {
        OTHER_NAMES.add(session, into.uuid(), name)?;
    }
    if OTHER_NAMES.texts(session, into.uuid())?.contains(&stays) {
        OTHER_NAMES.remove(session, into.uuid(), &stays)?;
    }
    Ok(())
}

/// Makes a record part of another of its table, for an entity to which nothing belongs except its parts.
pub fn merge_records(session: &WriteSession<'_>, entity: &Registered, from: Uuid, into: Uuid) -> Result<()> {
    let not_there = |id| Error::NotFound {
        entity: entity.table.name,
        id,
    };
    let first = entity.find(session, from)?.ok_or_else(|| not_there(from))?;
    hand_on_parts(session, entity.table, from, into)?;
    // It is deleted first, so that its values are free.
    entity.delete(session, from)?;
    let second = entity.find(session, into)?.ok_or_else(|| not_there(into))?;
    entity.set_as_it_was(session, into, &gained_within_rules(entity, &second, &first))
}

/// What a row gets from another of its table that becomes part of it, by the positions of the columns: values where it
/// has none, and texts of several lines after its own. What it belongs to stays the same. This follows from the
/// columns, so that a new one is not forgotten.
pub fn gained(table: &Table, row: &[Value], other: &[Value]) -> Vec<(usize, Value)> {
    let mut gained = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        let (own, other) = (&row[position], &other[position]);
        if !column.is_content() || own == other || column.is_unsaid(other) {
            continue;
        }
        match (own, other) {
            (own, other) if column.is_unsaid(own) => gained.push((position, other.clone())),
            (Value::Text(own), Value::Text(other)) if table.merged_by_line.contains(&column.name) => {
                gained.push((position, Value::Text(format!("{own}\n\n{other}"))));
            }
            _ => {}
        }
    }
    gained
}

/// The same, except for what would break a rule together with what the row says: there, too, the one that stays
/// decides. Two values that the other one had together come together.
pub(crate) fn gained_within_rules(entity: &Registered, row: &[Value], other: &[Value]) -> Vec<(usize, Value)> {
    let mut gained = gained(entity.table, row, other);
    loop {
        let mut values = row.to_vec();
        let touched: ColumnSet = gained.iter().map(|(position, _)| *position).collect();
        for (position, value) in &gained {
            values[*position] = value.clone();
        }
        let broken = entity.broken_together(&values, touched);
        let Some(broken) = broken.filter(|_| entity.broken_together(other, touched).is_none()) else {
            return gained;
        };
        let before = gained.len();
        gained.retain(|(position, _)| entity.table.columns[*position].name != broken.field);
        if gained.len() == before {
            return gained;
        }
    }
}

/// The fields in which one record would have to give way to the other if they became one: both have a value, and not
/// the same. This includes those that break a rule together. Empty if one of the two is gone.
pub fn differing(session: &ReadSession<'_>, entity: &str, from: Uuid, into: Uuid) -> Result<Vec<&'static str>> {
    let Some(entity) = schema::entity(entity) else {
        return Ok(Vec::new());
    };
    let (Some(other), Some(mut values)) = (entity.find(session, from)?, entity.find(session, into)?) else {
        return Ok(Vec::new());
    };
    let gained = gained(entity.table, &values, &other);
    let mut differing = Vec::new();
    for (position, column) in entity.table.columns.iter().enumerate() {
        let (own, other) = (&values[position], &other[position]);
        let is_gained = gained.iter().any(|(at, _)| *at == position);
        if !column.is_content() || own == other || column.is_unsaid(other) || is_gained {
            continue;
        }
        if !is_one_person(session, column, own, other)? {
            differing.push(column.name);
        }
    }
    let touched: ColumnSet = gained.iter().map(|(position, _)| *position).collect();
    for (position, value) in gained {
        values[position] = value;
    }
    let broken = entity.broken_together(&values, touched);
    differing.extend(broken.map(|broken| broken.field));
    Ok(differing)
}

/// Whether a column names two authors who are the same person, as far as anything is known about them.
fn is_one_person(session: &ReadSession<'_>, column: &Column, own: &Value, other: &Value) -> Result<bool> {
    let (ColumnKind::Reference { table }, Value::Uuid(own), Value::Uuid(other)) = (column.kind, own, other) else {
        return Ok(false);
    };
    if table != Author::TABLE.name {
        return Ok(false);
    }
    let authors = session.repo::<Author>();
    let (own, other) = (AuthorId::from_uuid(*own), AuthorId::from_uuid(*other));
    Ok(is_same_person(&authors.get(own)?, &authors.get(other)?))
}

/// The record that one has become part of, if it does not exist itself; `None` if nothing is left of it.
pub(crate) fn heir(session: &ReadSession<'_>, entity: &Registered, id: Uuid) -> Result<Option<Uuid>> {
    /// How many times in a row a record may have become part of the next one.
    const LINKS_MAX: u32 = 64;
    let mut id = id;
    for _ in 0..LINKS_MAX {
        if entity.find(session, id)?.is_some() {
            return Ok(Some(id));
        }
        let about = Query::filtered(ConflictFilter::About(id));
        let conflicts = session.repo::<Conflict>().filter(&about)?;
        let merged = conflicts
            .into_iter()
            .find(|one| one.settlement.as_deref() == Some(crate::settlement::Decision::Merge.word()));
        match merged.and_then(|one| one.holder) {
            Some(next) => id = next,
            None => return Ok(None),
        }
    }
    Ok(None)
}
