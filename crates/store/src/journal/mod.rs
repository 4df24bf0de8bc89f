//! The journal: what each transaction did, for undo, for the history of a record, and for the receipts of the sync.
//!
//! A transaction leaves one row in `edit` per record it deleted, and one per table for *all* rows it made: their ids
//! ascend and they carry the transaction's time, so the first and the last id identify them, and an import of a million
//! books costs one row. Records in which the same fields were changed one after another share a row too: it lists their
//! ids, and for each field either the one value they all had or a list with the value of each. Rows are gathered in
//! memory and written just before the commit, in the same transaction. The rows of one transaction share its `act`, the
//! number of the first of them.

pub mod naming;
pub mod obstacles;
pub mod pruning;
pub mod undo;

mod writing;

use jiff::Timestamp;
use rusqlite::Params;
use rusqlite::types::{Value as Bound, ValueRef};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::Result;
use crate::schema::sql::Sql;
use crate::session::ReadSession;

pub use crate::session::recorder::EditKind;

/// One row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Its number; later edits have greater ones.
    pub number: i64,
    /// What was done.
    pub kind: EditKind,
    /// The table of the record.
    pub entity: String,
    /// The record; if several were made or changed together, the first.
    pub id: Uuid,
    /// If several records were made together, the last.
    pub last_id: Uuid,
    /// How many records.
    pub count: u64,
    /// When, in UTC.
    pub at: Timestamp,
    /// The other records that were changed together with the first.
    others: Vec<Uuid>,
    /// By column: one value for all records, or an array with one for each.
    before: Map<String, Json>,
    after: Map<String, Json>,
}

/// One record of an [`Edit`].
#[derive(Debug, Clone, PartialEq)]
pub struct EditedRecord {
    /// The record.
    pub id: Uuid,
    /// The values before, by column, as [`Value::to_json`](crate::schema::Value::to_json) writes them: the
    /// changed ones of an update, all of a deletion.
    pub before: Map<String, Json>,
    /// The changed values after an update, by column.
    pub after: Map<String, Json>,
}

impl Edit {
    /// The records that were changed or deleted, in the order in which that happened; of those that were made, only the
    /// first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = EditedRecord> + '_ {
        (0..=self.others.len()).map(|at| EditedRecord {
            id: if at == 0 { self.id } else { self.others[at - 1] },
            before: values_at(&self.before, at),
            after: values_at(&self.after, at),
        })
    }

    /// The value that a column of the first record had before, if the journal keeps it.
    pub fn before(&self, column: &str) -> Option<&Json> {
        self.before.get(column).map(|values| value_at(values, 0))
    }
}

fn values_at(by_column: &Map<String, Json>, at: usize) -> Map<String, Json> {
    let values = by_column
        .iter()
        .map(|(column, values)| (column.clone(), value_at(values, at).clone()));
    values.collect()
}

/// A value itself is never an array, so an array is a list of values.
fn value_at(values: &Json, at: usize) -> &Json {
    match values {
        Json::Array(list) => list.get(at).unwrap_or(&Json::Null),
        one => one,
    }
}

/// One transaction in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// Its number; later acts have greater ones.
    pub number: i64,
    /// What the person did, in words, if the program said so.
    pub label: Option<String>,
    /// The act that this one takes back, if it does.
    pub undoes: Option<i64>,
    /// What was done, in the order it was done.
    pub edits: Vec<Edit>,
}

const SELECT_ACT: Sql = Sql::new(
    "SELECT entity,kind,entity_id,last_id,count,at,before,after,label,undoes,act,others,id FROM edit
     WHERE id>=? ORDER BY id",
);
const SELECT_ALL: Sql = Sql::new(
    "SELECT entity,kind,entity_id,last_id,count,at,before,after,label,undoes,act,others,id FROM edit ORDER BY id",
);
const ACT_BEFORE: Sql = Sql::new("SELECT act FROM edit WHERE id<? ORDER BY id DESC LIMIT 1");

impl ReadSession<'_> {
    /// The acts before a number, latest first; pass `i64::MAX` as `before` to start with the latest of all.
    pub fn acts(&self, before: i64, limit: u32) -> Result<Vec<Act>> {
        let mut acts = Vec::new();
        let mut before = before;
        while acts.len() < limit as usize
            && let Some(number) = self.query_first(&ACT_BEFORE, [before], |row| row.get::<_, i64>(0))?
        {
            acts.push(self.act(number)?);
            before = number;
        }
        Ok(acts)
    }

    /// The number of the latest act; 0 when there is none.
    pub fn latest_act(&self) -> Result<i64> {
        let latest = self.query_first(&ACT_BEFORE, [i64::MAX], |row| row.get::<_, i64>(0))?;
        Ok(latest.unwrap_or(0))
    }

    /// Visits all edits that name a wanted record, earliest first, with the numbers of their acts. Records that were
    /// made together are named only by the first and the last of them. This walks the whole journal, which has no index
    /// by record: an index would cost every edit more than this costs the few who ask.
    pub fn visit_edits(
        &self,
        is_wanted: impl Fn(Uuid) -> bool,
        mut visit: impl FnMut(i64, Edit) -> Result<()>,
    ) -> Result<()> {
        self.visit_edits_of(&SELECT_ALL, [], is_wanted, |act, edit| {
            visit(act, edit)?;
            Ok(true)
        })
    }

    /// The same for the lines that a query finds, until the visitor has seen enough (`false`).
    pub(crate) fn visit_edits_of<P: Params>(
        &self,
        lines: &Sql,
        params: P,
        is_wanted: impl Fn(Uuid) -> bool,
        mut visit: impl FnMut(i64, Edit) -> Result<bool>,
    ) -> Result<()> {
        self.visit(lines, params, |row| {
            let named = |index: usize| -> Result<Vec<Uuid>> { ids(row.get_ref(index)?) };
            let mut all = named(2)?.into_iter().chain(named(3)?).chain(named(11)?);
            if all.any(&is_wanted) {
                visit(row.get(10)?, read_edit(row)?)
            } else {
                Ok(true)
            }
        })
    }

    /// One act. Its edits lie together, because there is one writer.
    pub fn act(&self, number: i64) -> Result<Act> {
        let mut act = Act {
            number,
            label: None,
            undoes: None,
            edits: Vec::new(),
        };
        self.visit(&SELECT_ACT, [number], |row| {
            if row.get::<_, i64>(10)? != number {
                return Ok(false);
            }
            act.label = act.label.take().or(row.get(8)?);
            act.undoes = act.undoes.or(row.get(9)?);
            act.edits.push(read_edit(row)?);
            Ok(true)
        })?;
        Ok(act)
    }
}

fn read_edit(row: &rusqlite::Row<'_>) -> Result<Edit> {
    let uuid = |index: usize| -> rusqlite::Result<Uuid> { Ok(crate::schema::field::read_uuid(row.get_ref(index)?)?) };
    let id = uuid(2)?;
    let last_id = if row.get::<_, Bound>(3)? == Bound::Null {
        id
    } else {
        uuid(3)?
    };
    let values = |index: usize| -> Result<Map<String, Json>> {
        let text: Option<String> = row.get(index)?;
        text.map_or(Ok(Map::new()), |text| {
            serde_json::from_str(&text).map_err(|error| damaged(&error))
        })
    };
    Ok(Edit {
        number: row.get(12)?,
        kind: EditKind::of_word(&row.get::<_, String>(1)?).ok_or_else(|| damaged(&"unknown kind of edit"))?,
        entity: row.get(0)?,
        id,
        last_id,
        count: row.get::<_, i64>(4)?.unsigned_abs(),
        at: Timestamp::from_microsecond(row.get(5)?).map_err(|error| damaged(&error))?,
        others: ids(row.get_ref(11)?)?,
        before: values(6)?,
        after: values(7)?,
    })
}

/// Ids, 16 bytes each.
pub(crate) fn ids(value: ValueRef<'_>) -> Result<Vec<Uuid>> {
    let bytes = value.as_blob_or_null().map_err(rusqlite::Error::from)?;
    let (ids, rest) = bytes.unwrap_or_default().as_chunks::<16>();
    if rest.is_empty() {
        Ok(ids.iter().copied().map(Uuid::from_bytes).collect())
    } else {
        Err(damaged(&"a list of ids is cut off"))
    }
}

fn damaged(detail: &dyn std::fmt::Display) -> crate::Error {
    crate::Error::Corrupt {
        detail: format!("the journal: {detail}"),
    }
}
