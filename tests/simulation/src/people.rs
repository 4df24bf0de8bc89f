//! What people do on their devices: make, change, delete, bring back, settle.

mod newer;

use colophon_store::schema::Value;
use fastrand::Rng;

use crate::file::{Hand, ModelFile, State};
use crate::log::{Log, parts};
use crate::server::REFUSED;
use crate::tables::{AUTHORS, BOOKS, CONFLICTS, CONTRIBUTIONS, RecordKey, columns, id_in, referring_to};
use crate::twins;
use crate::versions::Version;

/// The values that only one book may have. Few, so that they clash.
pub(crate) const ISBNS: [&str; 4] = ["111", "222", "333", "444"];

/// A person at a device.
pub(crate) struct Person<'p> {
    pub(crate) number: usize,
    /// The version whose fields they set.
    pub(crate) says: Version,
    pub(crate) file: &'p ModelFile,
    pub(crate) log: &'p mut Log,
    /// Whether they write what the server refuses.
    pub(crate) has_refusals: bool,
    /// Whether people also make what others make.
    pub(crate) has_twins: bool,
}

impl Person<'_> {
    /// Does something, if there is anything to do it to. Returns what, in words.
    pub(crate) fn act(&mut self, chance: &mut Rng) -> String {
        let state = self.file.state();
        if let Some(told) = self.act_on_what_is_new(&state, chance) {
            return told;
        }
        let is_empty = state.rows[AUTHORS].is_empty();
        match chance.u8(..100) {
            0..28 => self.make(&state, chance),
            _ if is_empty => self.make(&state, chance),
            28..80 => self.change(&state, chance),
            80..90 => self.delete(&state, chance),
            90..96 => self.bring_back(&state, chance),
            _ => self.settle(&state, chance),
        }
    }

    /// A text that nobody else says.
    fn word(&self) -> String {
        format!("{}.{}", self.file.name, self.log.entries.len())
    }

    fn title(&self, chance: &mut Rng) -> Value {
        let mut title = self.word();
        if self.has_refusals && chance.u8(..5) == 0 {
            title.push(REFUSED);
        }
        Value::Text(title)
    }

    fn make(&mut self, state: &State, chance: &mut Rng) -> String {
        let author = pick(state, AUTHORS, chance);
        let book = pick(state, BOOKS, chance);
        let mut rows: Vec<(usize, Vec<Value>)> = Vec::new();
        match (author, book, chance.u8(..10)) {
            (Some(author), _, 3..8) => rows.push((BOOKS, self.book(state, author, chance))),
            (Some(author), Some(book), 8..10) => {
                let role = Value::Text(self.word());
                rows.push((CONTRIBUTIONS, vec![Value::Uuid(book.1), Value::Uuid(author.1), role]));
            }
            _ => {
                let word = self.word();
                let notes = Value::Text(format!("{word}a\n{word}b\n{word}c\n{word}d"));
                let name = if self.has_twins {
                    twins::name(word, state, chance)
                } else {
                    word
                };
                rows.push((AUTHORS, vec![Value::Text(name), notes, Value::Null]));
            }
        }
        let and_a_book = rows[0].0 == AUTHORS && chance.bool();
        let book = and_a_book.then(|| self.book(state, (AUTHORS, uuid::Uuid::nil()), chance));
        let made = self.file.edit(|hand| {
            let mut made = Vec::new();
            for (table, contents) in rows.clone() {
                let record = (table, hand.next_id());
                hand.create(record, contents)?;
                made.push(record);
            }
            if let Some(mut book) = book {
                book[0] = Value::Uuid(made[0].1);
                let record = (BOOKS, hand.next_id());
                hand.create(record, book)?;
                made.push(record);
            }
            Ok(made)
        });
        let made = made.unwrap_or_else(|error| panic!("a person cannot make: {error}"));
        let state = self.file.state();
        for record in &made {
            let row = &state.rows[record.0][&record.1];
            self.log.made(self.number, *record, &row.values);
        }
        format!("makes {}", names(&made))
    }

    fn book(&self, state: &State, author: RecordKey, chance: &mut Rng) -> Vec<Value> {
        let isbn = free_isbn(state, chance);
        vec![Value::Uuid(author.1), self.title(chance), Value::Null, isbn]
    }

    fn change(&mut self, state: &State, chance: &mut Rng) -> String {
        let table = [AUTHORS, BOOKS, BOOKS, CONTRIBUTIONS][chance.usize(..4)];
        let record = pick(state, table, chance).or_else(|| pick(state, AUTHORS, chance));
        let Some(record) = record else {
            return "finds nothing".to_owned();
        };
        let row = &state.rows[record.0][&record.1].values;
        let columns = crate::log::said_columns(record.0);
        let column = columns[chance.usize(..columns.len())];
        let value = match (record.0, column) {
            (AUTHORS, columns::AUTHOR_NOTES) => self.notes(&row[column], chance),
            (BOOKS, columns::BOOK_ISBN) => free_isbn(state, chance),
            (BOOKS, columns::BOOK_TITLE) => self.title(chance),
            (BOOKS, columns::BOOK_AUTHOR) | (CONTRIBUTIONS, 2) => reference(state, AUTHORS, chance),
            (CONTRIBUTIONS, 1) => reference(state, BOOKS, chance),
            _ => Value::Text(self.word()),
        };
        if value == row[column] {
            return "changes nothing".to_owned();
        }
        self.set(record, column, row[column].clone(), value)
    }

    /// Sets one field, as a person who sees what it was.
    pub(crate) fn set(&mut self, record: RecordKey, column: usize, before: Value, value: Value) -> String {
        let set = self.file.edit(|hand| hand.set(record, column, value.clone()));
        set.unwrap_or_else(|error| panic!("a person cannot change: {error}"));
        let told = format!("sets {} column {column}: {before:?} to {value:?}", names(&[record]));
        self.log.set(self.number, record, column, before, value);
        told
    }

    fn notes(&self, before: &Value, chance: &mut Rng) -> Value {
        let mut lines = parts((AUTHORS, columns::AUTHOR_NOTES), before);
        let word = self.word();
        match chance.u8(..3) {
            0 if !lines.is_empty() => {
                let line = chance.usize(..lines.len());
                lines[line] = word;
            }
            1 => lines.insert(0, word),
            _ => lines.push(word),
        }
        Value::Text(lines.join("\n"))
    }

    fn delete(&mut self, state: &State, chance: &mut Rng) -> String {
        let table = [AUTHORS, BOOKS, BOOKS, CONTRIBUTIONS][chance.usize(..4)];
        let Some(record) = pick(state, table, chance) else {
            return "finds nothing".to_owned();
        };
        self.delete_all(state, &with_descendants(state, record))
    }

    fn delete_all(&mut self, state: &State, all: &[RecordKey]) -> String {
        let deleted = self
            .file
            .edit(|hand| all.iter().try_for_each(|record| hand.delete(*record)));
        deleted.unwrap_or_else(|error| panic!("a person cannot delete: {error}"));
        for record in all {
            let content = state.rows[record.0][&record.1].values.clone();
            self.log.deleted(self.number, *record, content, self.file.clock());
        }
        format!("deletes {}", names(all))
    }

    /// What was deleted here comes back with its last content, as far as that is possible.
    fn bring_back(&mut self, state: &State, chance: &mut Rng) -> String {
        let table = [AUTHORS, BOOKS, CONTRIBUTIONS][chance.usize(..3)];
        let gone: Vec<_> = state.deleted[table]
            .iter()
            .filter(|(id, _)| !state.rows[table].contains_key(id))
            .collect();
        if gone.is_empty() {
            return "finds nothing".to_owned();
        }
        let (id, deleted) = gone[chance.usize(..gone.len())];
        let record = (table, *id);
        let content = deleted.content.clone();
        let back = self
            .file
            .edit(|hand: &Hand<'_>| hand.bring_back(record, content.clone()));
        match back {
            Ok(()) => {
                self.log.made(self.number, record, &content);
                format!("brings back {}", names(&[record]))
            }
            // Its parent is gone as well, or another row has its value.
            Err(_) => "cannot bring back".to_owned(),
        }
    }

    fn settle(&mut self, state: &State, chance: &mut Rng) -> String {
        let Some(record) = pick(state, CONFLICTS, chance) else {
            return "finds nothing".to_owned();
        };
        let word = Value::Text(self.word());
        let (settled_at, settled_by, settlement) = (13, 14, 15);
        if state.rows[record.0][&record.1].values[settled_at] != Value::Null {
            return "finds it settled".to_owned();
        }
        let (now, by) = (Value::Integer(self.file.clock()), Value::Text(self.file.name.clone()));
        let set = self.file.edit(|hand| {
            hand.set(record, settled_at, now)?;
            hand.set(record, settled_by, by)?;
            hand.set(record, settlement, word)
        });
        set.unwrap_or_else(|error| panic!("a person cannot settle: {error}"));
        format!("settles {}", names(&[record]))
    }

    /// Makes good what the server refuses.
    pub(crate) fn make_good(&mut self) {
        let state = self.file.state();
        for record in state.quarantined.keys() {
            if let Some(row) = state.rows[record.0].get(&record.1).filter(|_| record.0 == BOOKS)
                && matches!(&row.values[columns::BOOK_TITLE], Value::Text(title) if title.contains(REFUSED))
            {
                let title = Value::Text(self.word());
                self.set(
                    *record,
                    columns::BOOK_TITLE,
                    row.values[columns::BOOK_TITLE].clone(),
                    title,
                );
            }
        }
    }
}

fn names(records: &[RecordKey]) -> String {
    let names: Vec<_> = records.iter().map(|record| crate::log::named(*record)).collect();
    names.join(", ")
}

fn pick(state: &State, table: usize, chance: &mut Rng) -> Option<RecordKey> {
    let rows = &state.rows[table];
    let id = rows.keys().nth(chance.usize(..rows.len().max(1)))?;
    Some((table, *id))
}

fn reference(state: &State, table: usize, chance: &mut Rng) -> Value {
    pick(state, table, chance).map_or(Value::Null, |(_, id)| Value::Uuid(id))
}

fn free_isbn(state: &State, chance: &mut Rng) -> Value {
    let isbn = Value::Text(ISBNS[chance.usize(..ISBNS.len())].to_owned());
    let is_held = state.rows[BOOKS]
        .values()
        .any(|row| row.values[columns::BOOK_ISBN] == isbn);
    if is_held || chance.u8(..3) == 0 {
        Value::Null
    } else {
        isbn
    }
}

/// A row and everything that cannot exist without it, children first.
fn with_descendants(state: &State, record: RecordKey) -> Vec<RecordKey> {
    let mut all = Vec::new();
    for (child, column) in referring_to(record.0) {
        let children = state.rows[*child]
            .iter()
            .filter(|(_, row)| id_in(&row.values[*column]) == Some(record.1));
        for (id, _) in children {
            for below in with_descendants(state, (*child, *id)) {
                if !all.contains(&below) {
                    all.push(below);
                }
            }
        }
    }
    all.push(record);
    all
}
