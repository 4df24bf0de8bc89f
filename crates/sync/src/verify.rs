//! Whether the file and the server have the same content, shown by comparing digests, and made so where they differ.
//!
//! The sync keeps the two equal, and this shows that it did; it also finds what no protocol can: a disk that lied, or a
//! row that was hidden from this login and now is not. Only digests travel, and only the rows that differ are fetched.
//! Rows that wait are left out on both sides: about them nothing is agreed yet.

use std::collections::HashMap;

use colophon_store::schema::{Table, Value};
use colophon_store::{LocalRow, ReadSession};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::central::Digest;
use crate::not_kept::NotKept;

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The revision at which both were compared.
    pub revision: i64,
    /// How many records were the same to begin with.
    pub same: u64,
    /// How many were left out, because they wait here.
    pub waiting: u64,
    /// How many records the server shows but this file cannot keep, because what they refer to is hidden from this
    /// login.
    pub hidden: u64,
    /// The rows of the server that this file cannot keep for another reason.
    pub not_kept: Vec<NotKept>,
    /// The records that differed. They no longer do.
    pub healed: Vec<Healed>,
}

impl Verified {
    /// Whether both sides have the same of everything that this login may see.
    pub fn is_identical(&self) -> bool {
        self.waiting == 0 && self.not_kept.is_empty()
    }
}

/// A record that was not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Healed {
    /// Its table.
    pub entity: &'static str,
    /// Its id.
    pub id: Uuid,
    /// What was wrong with it.
    pub difference: Difference,
}

/// How a record differed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The server had other values.
    Content,
    /// It was only on the server.
    MissingHere,
    /// It was only here.
    MissingThere,
    /// The server had it as a record and as deleted at the same time.
    ThereAndDeleted,
}

/// The digests of all blocks of a table, and the number of their rows.
pub(crate) fn block_digests(
    session: &ReadSession<'_>,
    table: &'static Table,
    is_left_out: impl Fn(Uuid) -> bool,
) -> colophon_store::Result<HashMap<u8, (u64, Digest)>> {
    let mut blocks: HashMap<u8, (u64, Sha256)> = HashMap::new();
    session.visit_rows(table, |id, row| {
        if !is_left_out(id) {
            let (count, block) = blocks.entry(block_of(id)).or_default();
            *count += 1;
            block.update(digest_of(&row));
        }
        Ok(true)
    })?;
    let finished = blocks
        .into_iter()
        .map(|(block, (count, digest))| (block, (count, digest.finalize().to_vec())));
    Ok(finished.collect())
}

/// The digests of the rows of some blocks.
pub(crate) fn row_digests(
    session: &ReadSession<'_>,
    table: &'static Table,
    blocks: &[u8],
    is_left_out: impl Fn(Uuid) -> bool,
) -> colophon_store::Result<HashMap<Uuid, Digest>> {
    let mut rows = HashMap::new();
    session.visit_rows(table, |id, row| {
        if blocks.contains(&block_of(id)) && !is_left_out(id) {
            rows.insert(id, digest_of(&row));
        }
        Ok(true)
    })?;
    Ok(rows)
}

/// The last byte of an id, which is random in ids of any kind.
fn block_of(id: Uuid) -> u8 {
    id.as_bytes()[15]
}

/// The digest of a row: of the same text that the server makes of it, each value as `length:text`, NULL as `~`.
fn digest_of(row: &LocalRow) -> Digest {
    let mut text = String::new();
    for value in &row.values {
        let value = match value {
            Value::Null => {
                text.push('~');
                continue;
            }
            Value::Integer(number) => number.to_string(),
            Value::Uuid(id) => id.to_string(),
            Value::Text(text) => text.clone(),
            Value::Real(number) => format!("{:016x}", number.number().to_bits()),
        };
        text.push_str(&value.len().to_string());
        text.push(':');
        text.push_str(&value);
    }
    Sha256::digest(text).to_vec()
}

/// Which records differ, from the digests on both sides.
pub(crate) fn differing(here: HashMap<Uuid, Digest>, there: Vec<(Uuid, Digest)>) -> Vec<(Uuid, Difference)> {
    let mut here = here;
    let mut found = Vec::new();
    for (id, digest) in there {
        match here.remove(&id) {
            None => found.push((id, Difference::MissingHere)),
            Some(ours) if ours != digest => found.push((id, Difference::Content)),
            Some(_) => {}
        }
    }
    let mut only_here: Vec<_> = here.into_keys().collect();
    only_here.sort_unstable();
    found.extend(only_here.into_iter().map(|id| (id, Difference::MissingThere)));
    found
}
