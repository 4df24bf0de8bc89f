//! A foreign program on the server: psql, a nightly import. It sees what is committed and knows nothing of devices.

mod newer;

use colophon_store::schema::Value;
use fastrand::Rng;
use uuid::Uuid;

use crate::log::{FOREIGN, Log, said_columns};
use crate::people::ISBNS;
use crate::server::{Server, Wish};
use crate::tables::{AUTHORS, BOOKS, CONTRIBUTIONS, RecordKey, TABLES, columns, id_in, referring_to, row_of};
use crate::versions::Version;

/// One transaction. Returns what it said, if it could be made. It sets the fields of a version.
pub(crate) fn write(
    server: &mut Server,
    (serial, says): (usize, Version),
    chance: &mut Rng,
    holds: bool,
) -> Option<Log> {
    let mut said = Log::default();
    let new = newer::wishes(server, &mut said, (serial, says), chance);
    let wishes = new.unwrap_or_else(|| wishes(server, &mut said, serial, chance));
    (!wishes.is_empty() && server.write(&wishes, holds)).then_some(said)
}

fn wishes(server: &mut Server, said: &mut Log, serial: usize, chance: &mut Rng) -> Vec<Wish> {
    let word = format!("w.{serial}");
    let author = pick(server, AUTHORS, chance);
    match (author, chance.u8(..10)) {
        (Some(author), 0..2) => vec![make_book(server, said, author, word, chance)],
        (Some(_), 2..7) => change(server, said, word, chance),
        (Some(_), 7..9) => delete(server, said, chance),
        _ => {
            let record = (AUTHORS, server.next_id());
            let notes = Value::Text(format!("{word}a\n{word}b"));
            let values = row_of(record, vec![Value::Text(word), notes], server.now());
            said.made(FOREIGN, record, &values);
            vec![Wish::Put(record, values)]
        }
    }
}

fn make_book(server: &mut Server, said: &mut Log, author: Uuid, word: String, chance: &mut Rng) -> Wish {
    let record = (BOOKS, server.next_id());
    let contents = vec![Value::Uuid(author), Value::Text(word), Value::Null, isbn(chance)];
    let values = row_of(record, contents, server.now());
    said.made(FOREIGN, record, &values);
    Wish::Put(record, values)
}

fn change(server: &Server, said: &mut Log, word: String, chance: &mut Rng) -> Vec<Wish> {
    let table = [AUTHORS, BOOKS, BOOKS, CONTRIBUTIONS][chance.usize(..4)];
    let Some(id) = pick(server, table, chance) else {
        return Vec::new();
    };
    let mut values = server.contents(table)[&id].to_vec();
    let columns = said_columns(table);
    let column = columns[chance.usize(..columns.len())];
    let value = match (table, column) {
        (BOOKS, columns::BOOK_ISBN) => isbn(chance),
        (BOOKS, columns::BOOK_AUTHOR) | (CONTRIBUTIONS, 2) => reference(server, AUTHORS, chance),
        (CONTRIBUTIONS, 1) => reference(server, BOOKS, chance),
        _ => Value::Text(word),
    };
    let before = std::mem::replace(&mut values[column], value.clone());
    if before == value {
        return Vec::new();
    }
    said.set(FOREIGN, (table, id), column, before, value);
    vec![Wish::Put((table, id), values)]
}

fn delete(server: &Server, said: &mut Log, chance: &mut Rng) -> Vec<Wish> {
    let table = [AUTHORS, BOOKS, CONTRIBUTIONS][chance.usize(..3)];
    let Some(id) = pick(server, table, chance) else {
        return Vec::new();
    };
    let all = with_descendants(server, (table, id));
    for record in &all {
        said.deleted(
            FOREIGN,
            *record,
            server.contents(record.0)[&record.1].to_vec(),
            server.now(),
        );
    }
    all.into_iter().map(Wish::Delete).collect()
}

fn with_descendants(server: &Server, record: RecordKey) -> Vec<RecordKey> {
    let mut all = Vec::new();
    for (child, column) in referring_to(record.0) {
        for (id, values) in &server.rows()[*child] {
            if id_in(&values.values[*column]) == Some(record.1) {
                let below = with_descendants(server, (*child, *id));
                all.extend(
                    below
                        .into_iter()
                        .filter(|record| !all.contains(record))
                        .collect::<Vec<_>>(),
                );
            }
        }
    }
    all.push(record);
    all
}

fn isbn(chance: &mut Rng) -> Value {
    match chance.usize(..ISBNS.len() + 2) {
        number if number < ISBNS.len() => Value::Text(ISBNS[number].to_owned()),
        _ => Value::Null,
    }
}

fn pick(server: &Server, table: usize, chance: &mut Rng) -> Option<Uuid> {
    debug_assert!(table < TABLES.len());
    let rows = &server.rows()[table];
    rows.keys().nth(chance.usize(..rows.len().max(1))).copied()
}

fn reference(server: &Server, table: usize, chance: &mut Rng) -> Value {
    pick(server, table, chance).map_or(Value::Null, Value::Uuid)
}
