//! The journal: what each transaction did, for undo, for the history of a record, and for the receipts of the sync.
//!
//! A transaction leaves one row in `edit` per record it changed or deleted, and one per table for *all* rows it made:
//! their ids ascend and they carry the transaction's time, so the first and the last id name them, and an import of a
//! million books costs one row. Rows are gathered in memory and written just before the commit, in the same transaction.
//! The rows of one transaction share its `act`, the number of the first of them.

use jiff::Timestamp;
use rusqlite::types::Value as Bound;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::Result;
use crate::schema::{Table, Value};
use crate::session::{ReadSession, WriteSession};
use crate::sql::Sql;

/// What an edit did to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// Records were made.
    Create,
    /// A record was changed.
    Update,
    /// A record was deleted.
    Delete,
}

impl EditKind {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What was done.
    pub kind: EditKind,
    /// The table of the record.
    pub entity: String,
    /// The record; of several that were made together, the first.
    pub id: Uuid,
    /// Of several records that were made together, the last.
    pub last_id: Uuid,
    /// How many records.
    pub count: u64,
    /// When, UTC.
    pub at: Timestamp,
    /// The values before, by column, as [`Value::to_json`] writes them: the changed ones of an
    /// update, all of a deletion.
    pub before: Map<String, Json>,
    /// The changed values after an update, by column.
    pub after: Map<String, Json>,
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

/// What a transaction has done so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    pub(crate) label: Option<String>,
    pub(crate) undoes: Option<i64>,
    entries: Vec<Entry>,
    /// Entries before this one take in no further rows.
    closed: usize,
}

#[derive(Debug, Clone)]
struct Entry {
    kind: EditKind,
    table: &'static str,
    id: Uuid,
    last_id: Uuid,
    count: i64,
    before: Option<String>,
    after: Option<String>,
}

impl Journal {
    pub(crate) fn created(&mut self, table: &'static str, id: Uuid) {
        let earlier = self.entries[self.closed..].iter_mut().rev().take(8);
        for entry in earlier {
            if entry.kind == EditKind::Create && entry.table == table && entry.last_id < id {
                entry.last_id = id;
                entry.count += 1;
                return;
            }
            if entry.kind != EditKind::Create {
                // What was made after a deletion must be undone before it.
                break;
            }
        }
        self.push(EditKind::Create, table, id, None, None);
    }

    /// A row that comes back has the time of its first making, so it cannot be named by a range of ids and this time.
    pub(crate) fn brought_back(&mut self, table: &'static str, id: Uuid) {
        self.push(EditKind::Create, table, id, None, None);
        self.closed = self.entries.len();
    }

    pub(crate) fn updated(&mut self, table: &'static Table, id: Uuid, changed: &[(usize, Value, Value)]) {
        let (mut before, mut after) = (JsonObject::new(), JsonObject::new());
        for (position, old, new) in changed {
            before.push(table.columns[*position].name, old);
            after.push(table.columns[*position].name, new);
        }
        self.push(
            EditKind::Update,
            table.name,
            id,
            Some(before.finish()),
            Some(after.finish()),
        );
    }

    pub(crate) fn deleted(&mut self, table: &'static Table, id: Uuid, values: &[Value]) {
        let mut before = JsonObject::new();
        for (column, value) in table.columns.iter().zip(values) {
            before.push(column.name, value);
        }
        self.push(EditKind::Delete, table.name, id, Some(before.finish()), None);
    }

    fn push(&mut self, kind: EditKind, table: &'static str, id: Uuid, before: Option<String>, after: Option<String>) {
        self.entries.push(Entry {
            kind,
            table,
            id,
            last_id: id,
            count: 1,
            before,
            after,
        });
    }
}

/// A JSON object under way. Names of columns need no escaping, and most values are short: the text is written at once, without
/// a tree of it.
struct JsonObject(String);

impl JsonObject {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn push(&mut self, column: &'static str, value: &Value) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(column);
        self.0.push_str("\":");
        self.0.push_str(&value.to_json().to_string());
    }

    fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

const INSERT: Sql = Sql::new(
    "INSERT INTO edit(act,at,entity,kind,entity_id,last_id,count,before,after,label,undoes)
     VALUES(coalesce(?1,(SELECT coalesce(max(id),0)+1 FROM edit)),?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
);

impl WriteSession<'_> {
    /// Marks this transaction as taking back an earlier one.
    pub fn undoes(&self, act: i64) {
        self.journal.borrow_mut().undoes = Some(act);
    }

    pub(crate) fn write_journal(&self) -> Result<()> {
        let journal = self.journal.take();
        if journal.entries.is_empty() {
            return Ok(());
        }
        let mut statement = self.prepare(&INSERT)?;
        let mut act: Option<i64> = None;
        let mut label = journal.label;
        let mut undoes = journal.undoes;
        for entry in journal.entries {
            let last_id = (entry.last_id != entry.id).then(|| entry.last_id.as_bytes().to_vec());
            statement.execute(rusqlite::params![
                act,
                self.now().as_microsecond(),
                entry.table,
                entry.kind.word(),
                entry.id.as_bytes().as_slice(),
                last_id,
                entry.count,
                entry.before,
                entry.after,
                label.take(),
                undoes.take(),
            ])?;
            act = act.or_else(|| Some(self.connection().last_insert_rowid()));
        }
        Ok(())
    }
}

const SELECT_ACT: Sql = Sql::new(
    "SELECT entity,kind,entity_id,last_id,count,at,before,after,label,undoes,act FROM edit
     WHERE id>=? ORDER BY id",
);
const ACT_BEFORE: Sql = Sql::new("SELECT act FROM edit WHERE id<? ORDER BY id DESC LIMIT 1");

impl ReadSession<'_> {
    /// The acts before a number, the latest first; `before` is `i64::MAX` for the latest of all.
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
    let uuid = |index: usize| -> rusqlite::Result<Uuid> { Ok(crate::field::read_uuid(row.get_ref(index)?)?) };
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
        kind: EditKind::of_word(&row.get::<_, String>(1)?).ok_or_else(|| damaged(&"unknown kind of edit"))?,
        entity: row.get(0)?,
        id,
        last_id,
        count: row.get::<_, i64>(4)?.unsigned_abs(),
        at: Timestamp::from_microsecond(row.get(5)?).map_err(|error| damaged(&error))?,
        before: values(6)?,
        after: values(7)?,
    })
}

fn damaged(detail: &dyn std::fmt::Display) -> crate::Error {
    crate::Error::Corrupt {
        detail: format!("the journal: {detail}"),
    }
}
