//! What a foreign program does with the fields and the table that newer servers have.

use colophon_store::schema::Value;
use fastrand::Rng;

use super::pick;
use crate::log::{FOREIGN, Log};
use crate::server::{Server, Wish};
use crate::tables::{SHELVES, row_of};
use crate::versions::{OLDEST, Version, new_fields};

/// Now and then it uses them, if the server has them.
pub(super) fn wishes(
    server: &mut Server,
    said: &mut Log,
    (serial, says): (usize, Version),
    chance: &mut Rng,
) -> Option<Vec<Wish>> {
    if says == OLDEST || chance.u8(..5) > 1 {
        return None;
    }
    let word = Value::Text(format!("w.{serial}"));
    let fields = new_fields(says);
    let (table, column) = fields[chance.usize(..fields.len())];
    if table == SHELVES && chance.u8(..3) == 0 {
        let record = (SHELVES, server.next_id());
        let values = row_of(record, vec![word], server.now());
        said.made(FOREIGN, record, &values);
        return Some(vec![Wish::Put(record, values)]);
    }
    let id = pick(server, table, chance)?;
    let mut values = server.contents(table)[&id].to_vec();
    let before = std::mem::replace(&mut values[column], word.clone());
    said.set(FOREIGN, (table, id), column, before, word);
    Some(vec![Wish::Put((table, id), values)])
}
