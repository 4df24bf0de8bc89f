//! How many records have each value of whatever gathers them: a publisher, a decade, a tag, an author.
//!
//! SQLite takes half a second to count one field of a million rows, and nobody waits for ten of them at each letter. So
//! the values lie in memory as numbers, one array for each thing that gathers, in the order of the records in the file:
//! counting what a search has found is one pass over each. They are read when they are first asked for, follow the
//! file as the searchable texts do, and go when nobody has an index any more.

use std::collections::HashMap;

use colophon_store::{Entity, Facet, FieldOf, ReadSession, Result, Sql, read_uuid};
use rusqlite::types::ValueRef;
use uuid::Uuid;

use super::row_numbers::{ByRowNumber, RowNumbers};
use crate::belongings::{Belongings, belongings_of};

/// Something besides fields and lists that gathers the records of a table.
pub struct OwnGathering {
    /// Its name, by which it can be asked about as well.
    pub(crate) name: &'static str,
    /// The tables to select from, with that of the records by its own name.
    pub(crate) from: &'static str,
    /// The value.
    pub(crate) value: &'static str,
}

/// What gathers records.
pub(crate) enum Gathering<E> {
    /// A field, by its values or by spans of them.
    Field(FieldOf<E>, Facet),
    /// A list whose texts gather, as tags do.
    List(&'static Belongings),
    /// Something else.
    Own(&'static OwnGathering),
}

impl<E: Entity> Gathering<E> {
    /// Everything that gathers the records of an entity: what is its own first, then fields in their order, then lists.
    pub(crate) fn all(own: &'static [OwnGathering]) -> Vec<Self> {
        let fields =
            FieldOf::<E>::typed().filter_map(|field| Some(Self::Field(field, field.declared().options.facet?)));
        let lists = belongings_of(E::TABLE).filter(|list| list.gathers()).map(Self::List);
        own.iter().map(Self::Own).chain(fields).chain(lists).collect()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Field(field, _) => field.name(),
            Self::List(list) => list.name,
            Self::Own(own) => own.name,
        }
    }

    /// The values of all records, or of one: row number, value, and the text of the value where that is another.
    fn values(&self, of_one: bool) -> Sql {
        let table = E::TABLE.name;
        let mut sql = Sql::new("SELECT ");
        sql.push(table).push(".rowid,");
        match self {
            Self::Field(field, _) => sql.push(field.name()).push(" FROM ").push(table),
            Self::Own(own) => sql.push(own.value).push(" FROM ").push(own.from),
            Self::List(list) => {
                let reading = &list.reading;
                sql.push(reading.row)
                    .push(",")
                    .push(reading.folded)
                    .push(" FROM ")
                    .push(reading.from);
                sql.push(" JOIN ")
                    .push(table)
                    .push(" ON ")
                    .push(table)
                    .push(".id=")
                    .push(reading.key)
            }
        };
        if of_one {
            sql.push(" WHERE ").push(table).push(".id=?");
        }
        sql
    }

    fn read(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<(Key, Option<String>)> {
        match self {
            // Rounded down, before our era as well.
            Self::Field(_, Facet::Spans(length)) => Ok(match key(row.get_ref(1)?) {
                Key::Integer(number) => (Key::Integer(number - number.rem_euclid(*length)), None),
                other => (other, None),
            }),
            Self::List(list) => {
                let text = (list.reading.text)(row)?;
                Ok((key(row.get_ref(3)?), Some(text)))
            }
            _ => Ok((key(row.get_ref(1)?), None)),
        }
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    Nothing,
    Integer(i64),
    Text(String),
    Id(Uuid),
}

fn key(value: ValueRef<'_>) -> Key {
    match value {
        ValueRef::Integer(number) => Key::Integer(number),
        ValueRef::Text(text) if !text.is_empty() => Key::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(_) => read_uuid(value).map_or(Key::Nothing, Key::Id),
        _ => Key::Nothing,
    }
}

/// A value with how often it occurs.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) key: Key,
    /// How the value is written, where the key is not that.
    pub(crate) text: Option<String>,
    pub(crate) count: u64,
}

/// The values of one gathering, by record. A record has a number in the order of the file, and each value one in the
/// order in which it was met.
struct Values {
    /// The first value of each record.
    first: Vec<u32>,
    /// Those of records that have several.
    more: HashMap<u32, Vec<u32>>,
    keys: Vec<(Key, Option<String>)>,
    numbers: HashMap<Key, u32>,
}

/// Stands for no value.
const NOTHING: u32 = 0;

impl Values {
    fn new(records: usize) -> Self {
        Self {
            first: vec![NOTHING; records],
            more: HashMap::new(),
            keys: vec![(Key::Nothing, None)],
            numbers: HashMap::from([(Key::Nothing, NOTHING)]),
        }
    }

    fn add(&mut self, record: u32, key: Key, text: Option<String>) {
        let number = if let Some(number) = self.numbers.get(&key) {
            *number
        } else {
            let number = u32::try_from(self.keys.len()).unwrap_or(NOTHING);
            self.keys.push((key.clone(), text));
            self.numbers.insert(key, number);
            number
        };
        let first = &mut self.first[record as usize];
        if *first == NOTHING {
            *first = number;
        } else if *first != number && number != NOTHING {
            let more = self.more.entry(record).or_default();
            if !more.contains(&number) {
                more.push(number);
            }
        }
    }

    fn clear(&mut self, record: u32) {
        self.first[record as usize] = NOTHING;
        self.more.remove(&record);
    }

    /// How often each value occurs among some records, by its number.
    fn counts(&self, among: &Among<'_>) -> Vec<u32> {
        let mut counts = vec![0_u32; self.keys.len()];
        match among.found {
            None => self.first.iter().for_each(|number| counts[*number as usize] += 1),
            Some(found) => found.each(|record| counts[self.first[record as usize] as usize] += 1),
        }
        for (record, numbers) in &self.more {
            if among.found.is_none_or(|found| found.has((*record).into())) {
                for number in numbers {
                    counts[*number as usize] += 1;
                }
            }
        }
        // A record that is gone says nothing.
        if among.found.is_none() {
            counts[NOTHING as usize] -= among.gone;
        }
        counts
    }
}

/// Among which records values are counted: some, or all but those that are gone.
struct Among<'f> {
    found: Option<&'f RowNumbers>,
    gone: u32,
}

/// The values of everything that gathers the records of an entity.
pub(crate) struct Gathered<E> {
    gatherings: Vec<Gathering<E>>,
    values: Vec<Values>,
    /// The number of each record, by its row number.
    records: ByRowNumber,
    total: u32,
    gone: u32,
}

impl<E: Entity> Gathered<E> {
    /// Reads them all.
    pub(super) fn read(session: &ReadSession<'_>, own: &'static [OwnGathering]) -> Result<Self> {
        let mut sql = Sql::new("SELECT rowid FROM ");
        sql.push(E::TABLE.name).push(" ORDER BY rowid");
        let row_numbers: Vec<i64> = session.query(&sql, [], |row| row.get(0))?;
        let gatherings = Gathering::<E>::all(own);
        let mut gathered = Self {
            values: gatherings.iter().map(|_| Values::new(row_numbers.len())).collect(),
            gatherings,
            total: u32::try_from(row_numbers.len()).unwrap_or(u32::MAX),
            records: ByRowNumber::of(row_numbers.into_iter()),
            gone: 0,
        };
        for (gathering, values) in gathered.gatherings.iter().zip(&mut gathered.values) {
            session.check_wanted()?;
            session.visit(&gathering.values(false), [], |row| {
                if let Some(record) = gathered.records.get(row.get(0)?) {
                    let (key, text) = gathering.read(row)?;
                    values.add(u32::try_from(record).unwrap_or_default(), key, text);
                }
                Ok(true)
            })?;
        }
        Ok(gathered)
    }

    /// Takes in that a record has changed, or came, or went: `before` and `now` are its row numbers.
    pub(super) fn take_in(
        &mut self,
        session: &ReadSession<'_>,
        id: Uuid,
        before: Option<i64>,
        now: Option<i64>,
    ) -> Result<()> {
        let known = before.and_then(|row_number| self.records.get(row_number));
        let known = known.and_then(|record| u32::try_from(record).ok());
        if let Some(record) = known {
            self.values.iter_mut().for_each(|values| values.clear(record));
        }
        let Some(row_number) = now else {
            self.gone += u32::from(known.is_some());
            return Ok(());
        };
        let record = known.unwrap_or_else(|| {
            let record = self.total;
            self.total += 1;
            self.values.iter_mut().for_each(|values| values.first.push(NOTHING));
            self.records.insert(row_number, record as usize);
            record
        });
        for (gathering, values) in self.gatherings.iter().zip(&mut self.values) {
            session.visit(&gathering.values(true), [id.as_bytes().to_vec()], |row| {
                let (key, text) = gathering.read(row)?;
                values.add(record, key, text);
                Ok(true)
            })?;
        }
        Ok(())
    }

    /// Counts the values of some gatherings among the records with these row numbers, or among all: for each, every
    /// value that occurs, in no order.
    pub(crate) fn counted(
        &self,
        session: &ReadSession<'_>,
        wanted: impl Fn(&Gathering<E>) -> bool,
        found: Option<&[i64]>,
    ) -> Result<Vec<(&Gathering<E>, Vec<Counted>)>> {
        let records = found.map(|found| {
            let known = found.iter().filter_map(|row_number| self.records.get(*row_number));
            RowNumbers::within(self.total as usize, known)
        });
        let among = Among {
            found: records.as_ref(),
            gone: self.gone,
        };
        let mut all = Vec::new();
        for (gathering, values) in self.gatherings.iter().zip(&self.values) {
            if !wanted(gathering) {
                continue;
            }
            session.check_wanted()?;
            let counts = values.counts(&among);
            let occurring = counts.into_iter().zip(&values.keys).filter(|(count, _)| *count > 0);
            let counted = occurring.map(|(count, (key, text))| Counted {
                key: key.clone(),
                text: text.clone(),
                count: count.into(),
            });
            all.push((gathering, counted.collect()));
        }
        Ok(all)
    }
}
