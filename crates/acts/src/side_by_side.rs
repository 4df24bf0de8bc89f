//! Records side by side, before they become one: what differs, and what will be said.
//!
//! A person chooses the record that stays, and in single fields another record's value. Until then the fuller record
//! stays, and gets what it lacks. Nothing is written here; what comes of the choices is worked out by the rules by
//! which records [are made one](crate::combining), so that what is seen is what is done.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use colophon_catalogue::belongings::belongings_of;
use colophon_catalogue::{Author, AuthorId, Book, BookId, schema};
use colophon_store::schema::{Column, ColumnKind, ColumnSet, Value};
use colophon_store::{EntityId as _, Error, ReadSession, Registered, Result};
use uuid::Uuid;

use crate::merging::gained_within_rules;
use crate::parts::contributions_to;
use crate::record::RecordKind;
use crate::said::words;

/// What a person has chosen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The record that stays; absent as long as nobody has chosen.
    pub stays: Option<Uuid>,
    /// Fields, each with the record whose value it gets.
    pub fields: Vec<(String, Uuid)>,
}

/// Records side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBySide {
    /// The records, in the order in which they were named.
    pub records: Vec<Side>,
    /// Which of them stays.
    pub stays: usize,
    /// The fields and lists in which they differ.
    pub rows: Vec<Row>,
    /// The field that cannot be as it was chosen, and why.
    pub broken: Option<(&'static str, String)>,
    /// A digest of all they say. Whoever has looked says it, so that nothing is merged that nobody has seen.
    pub seen: String,
    /// The values of the one that stays, as they will be.
    pub(crate) values: Vec<Value>,
}

/// One of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The record.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What helps to tell it from others: the author of a book.
    pub beside: Option<String>,
    /// How many books an author has; absent for a book.
    pub books: Option<u64>,
}

/// A field or a list in which the records differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What each of the records says, in their order: one text in a field, any number in a list.
    pub texts: Vec<Vec<String>>,
    /// What will be said.
    pub stands: Stands,
    /// Whether a person can choose among them; of a list everything is kept.
    pub is_choice: bool,
}

/// What will be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// What the record at this place says.
    Of(usize),
    /// What all of them say.
    All,
}

/// What is read of one record.
struct Said {
    values: Vec<Value>,
    lists: Vec<(&'static str, Vec<String>)>,
    side: Side,
}

impl SideBySide {
    /// Two or more records of a kind. [`Error::NotFound`] if one of them is gone, [`Error::Invalid`] if there are not
    /// two different ones, or a choice names none of them.
    pub fn of(session: &ReadSession<'_>, kind: RecordKind, records: &[Uuid], choices: &Choices) -> Result<Self> {
        let entity = registered(kind)?;
        let is_twice = |at: usize| records[..at].contains(&records[at]);
        if records.len() < 2 || (1..records.len()).any(is_twice) {
            return Err(Error::invalid(
                "records",
                "it takes two different ones to make one of them",
            ));
        }
        let said: Vec<Said> = records
            .iter()
            .map(|id| Said::of(session, kind, entity, *id))
            .collect::<Result<_>>()?;
        let place = |id: &Uuid| {
            let at = records.iter().position(|one| one == id);
            at.ok_or_else(|| Error::invalid("records", "the record that was chosen is not among them"))
        };
        let stays = match &choices.stays {
            Some(id) => place(id)?,
            None => fullest(&said),
        };
        let mut chosen = Vec::new();
        for (field, id) in &choices.fields {
            let unknown = || Error::invalid("fields", format!("{} has no field “{field}”", entity.table.name));
            chosen.push((entity.table.position(field).ok_or_else(unknown)?, place(id)?));
        }
        follow_name(entity, &mut chosen);
        let (values, broken) = combined(entity, &said, stays, &chosen);
        let mut rows = Vec::new();
        for (position, column) in entity.table.columns.iter().enumerate() {
            rows.extend(field_row(session, entity, column, position, &said, (stays, &values))?);
        }
        rows.extend(list_rows(&said));
        let seen = digest(&said);
        let records = said.into_iter().map(|one| one.side).collect();
        Ok(Self {
            records,
            stays,
            rows,
            broken,
            seen,
            values,
        })
    }

    /// The record that stays.
    pub fn staying(&self) -> Option<&Side> {
        self.records.get(self.stays)
    }

    /// The fields in which a record says something that will not be said any more.
    pub fn giving_way(&self) -> Vec<&'static str> {
        let gives_way = |row: &&Row| match row.stands {
            Stands::All => false,
            Stands::Of(at) => row.texts.iter().any(|said| !said.is_empty() && *said != row.texts[at]),
        };
        // A name stays as another form of it, and how it is sorted goes with the name.
        let is_lost = |row: &&Row| row.name != Author::FIELDS.sort_name.any().name();
        let lost = self.rows.iter().filter(|row| row.is_choice);
        lost.filter(gives_way).filter(is_lost).map(|row| row.name).collect()
    }
}

impl Said {
    fn of(session: &ReadSession<'_>, kind: RecordKind, entity: &Registered, id: Uuid) -> Result<Self> {
        let gone = || Error::NotFound {
            entity: entity.table.name,
            id,
        };
        let values = entity.find(session, id)?.ok_or_else(gone)?;
        let mut lists = Vec::new();
        for list in belongings_of(entity.table) {
            lists.push((list.name, list.texts(session, id)?));
        }
        let (mut beside, mut books) = (None, None);
        match kind {
            RecordKind::Book => {
                lists.push(("contributors", contributors(session, BookId::from_uuid(id))?));
                let author = session.repo::<Book>().get(BookId::from_uuid(id))?.author_id;
                if let Some(author) = author {
                    beside = Some(session.repo::<Author>().get(author)?.name);
                }
            }
            RecordKind::Author => {
                books = Author::book_counts(session, &[AuthorId::from_uuid(id)])?
                    .first()
                    .copied();
            }
        }
        let name = kind.name_of(session, id)?.unwrap_or_default();
        let side = Side {
            id,
            name,
            beside,
            books,
        };
        Ok(Self { values, lists, side })
    }

    /// How much it says.
    fn fullness(&self) -> usize {
        let fields = self.values.iter().filter(|value| **value != Value::Null).count();
        fields + self.lists.iter().map(|(_, texts)| texts.len()).sum::<usize>()
    }
}

/// Everybody in a book besides its author, with what they did.
fn contributors(session: &ReadSession<'_>, book: BookId) -> Result<Vec<String>> {
    let people = session.repo::<Author>();
    let all = contributions_to(session, book)?.into_iter();
    all.map(|one| Ok(format!("{} ({})", people.get(one.author_id)?.name, one.role.as_str())))
        .collect()
}

/// The one that says most; of several the one with most books, and then the one that was made first.
fn fullest(said: &[Said]) -> usize {
    let weight = |at: &usize| {
        let one = &said[*at];
        (one.fullness(), one.side.books, std::cmp::Reverse(one.side.id))
    };
    (0..said.len()).max_by_key(weight).unwrap_or_default()
}

/// A name is sorted as it was sorted in the record that it is taken from.
fn follow_name(entity: &Registered, chosen: &mut Vec<(usize, usize)>) {
    let (name, sort_name) = (Author::FIELDS.name.any().name(), Author::FIELDS.sort_name.any().name());
    let (Some(name), Some(sort_name)) = (entity.table.position(name), entity.table.position(sort_name)) else {
        return;
    };
    let of_name = chosen.iter().find(|(position, _)| *position == name).map(|(_, at)| *at);
    if let (Some(at), false) = (of_name, chosen.iter().any(|(position, _)| *position == sort_name)) {
        chosen.push((sort_name, at));
    }
}

/// The values of the one that stays, with what it gets and what was chosen, and the rule that they break.
fn combined(
    entity: &Registered,
    said: &[Said],
    stays: usize,
    chosen: &[(usize, usize)],
) -> (Vec<Value>, Option<(&'static str, String)>) {
    let mut values = said[stays].values.clone();
    for (_, other) in said.iter().enumerate().filter(|(at, _)| *at != stays) {
        for (position, value) in gained_within_rules(entity, &values, &other.values) {
            values[position] = value;
        }
    }
    for (position, at) in chosen {
        values[*position] = said[*at].values[*position].clone();
    }
    let touched: ColumnSet = chosen.iter().map(|(position, _)| *position).collect();
    let broken = entity.broken_together(&values, touched);
    (values, broken.map(|broken| (broken.field, broken.reason)))
}

/// A field as a row, if the records differ in it.
fn field_row(
    session: &ReadSession<'_>,
    entity: &Registered,
    column: &'static Column,
    position: usize,
    said: &[Said],
    (stays, values): (usize, &[Value]),
) -> Result<Option<Row>> {
    let own = said.iter().map(|one| &one.values[position]);
    let first = &said[0].values[position];
    if !column.is_content() || own.clone().all(|value| value == first) {
        return Ok(None);
    }
    let texts: Vec<Vec<String>> = own
        .clone()
        .map(|value| Ok(text(session, entity, column, position, value)?.into_iter().collect()))
        .collect::<Result<_>>()?;
    let stands = &values[position];
    let is_it = |at: &usize| said[*at].values[position] == *stands;
    let at = Some(stays).filter(is_it).or_else(|| (0..said.len()).find(is_it));
    Ok(Some(Row {
        name: column.name,
        texts,
        stands: at.map_or(Stands::All, Stands::Of),
        is_choice: true,
    }))
}

/// What a person reads in a field; `None` if it is empty.
fn text(
    session: &ReadSession<'_>,
    entity: &Registered,
    column: &'static Column,
    position: usize,
    value: &Value,
) -> Result<Option<String>> {
    if column.is_unsaid(value) {
        return Ok(None);
    }
    let declared = entity.declared.iter().find(|declared| declared.position == position);
    match declared.and_then(|declared| declared.print(value)) {
        Some(printed) if !matches!(column.kind, ColumnKind::Reference { .. }) => Ok(Some(printed)),
        _ => words(session, Some(column), value.clone()),
    }
}

/// The lists as rows, as far as the records differ in them.
fn list_rows(said: &[Said]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, (name, first)) in said[0].lists.iter().enumerate() {
        let texts: Vec<Vec<String>> = said.iter().map(|one| one.lists[place].1.clone()).collect();
        if texts.iter().all(|one| one == first) {
            continue;
        }
        rows.push(Row {
            name,
            texts,
            stands: Stands::All,
            is_choice: false,
        });
    }
    rows
}

fn digest(said: &[Said]) -> String {
    let mut hasher = DefaultHasher::new();
    for one in said {
        one.side.id.hash(&mut hasher);
        for value in &one.values {
            value.to_json().to_string().hash(&mut hasher);
        }
        one.lists.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// The entity of a kind of record.
pub(crate) fn registered(kind: RecordKind) -> Result<&'static Registered> {
    let entity = schema::entity(kind.table().name);
    entity.ok_or_else(|| Error::invalid("kind", "there are no such records"))
}
