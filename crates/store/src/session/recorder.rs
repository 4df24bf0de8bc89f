//! What a transaction has done so far, gathered in memory and written just before its commit.

use rusqlite::types::ToSqlOutput;
use uuid::Uuid;

use crate::schema::columns::Columns;
use crate::schema::json::{IdStyle, write_value};
use crate::schema::{ColumnSet, Table};

/// How many rows one line of the journal takes in when they are changed one after another. There is a limit so that no
/// line becomes too long to be read comfortably as a whole.
const ROWS_TOGETHER: i64 = 10_000;

/// How many records one line of the journal names that changes nothing in them.
const NAMED_TOGETHER: usize = 10_000;

/// How many entries are searched for one that takes in another new row: a transaction may make rows of several tables
/// in turns.
const ENTRIES_SEARCHED: usize = 8;

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
    /// The word for it, as it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The kind that this word stands for.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// What a transaction has done so far.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) label: Option<String>,
    pub(crate) undoes: Option<i64>,
    pub(crate) entries: Vec<Entry>,
    /// Entries before this one take in no further new rows.
    closed: usize,
    /// Entries before this one take in no further changed rows.
    sealed: usize,
}

/// How far a journal has come.
pub(crate) struct Reached {
    label: Option<String>,
    undoes: Option<i64>,
    entries: usize,
    closed: usize,
    sealed: usize,
    /// The last ids and the counts of the entries that can still take in new rows, latest first.
    open: Vec<(Uuid, i64)>,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: EditKind,
    pub(crate) table: &'static str,
    pub(crate) id: Uuid,
    pub(crate) last_id: Uuid,
    pub(crate) count: i64,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// Rows that were made, and are in the file; or a change of no column.
    None,
    /// A row that was deleted, as a JSON object.
    Row(String),
    Changed(Changed),
}

/// Rows in which the same columns were changed.
#[derive(Debug)]
pub(crate) struct Changed {
    columns: ColumnSet,
    values: Vec<ChangedColumn>,
    /// The ids of the rows after the first, 16 bytes each.
    pub(crate) others: Vec<u8>,
}

#[derive(Debug)]
struct ChangedColumn {
    name: &'static str,
    before: Values,
    after: Values,
}

/// The JSON of one column's values in several rows.
#[derive(Debug)]
struct Values {
    first: String,
    /// All of them, separated by commas, once one differs from the first.
    all: Option<String>,
}

impl Recorder {
    pub(crate) fn created(&mut self, table: &'static str, id: Uuid) {
        let earlier = self.entries[self.closed..].iter_mut().rev().take(ENTRIES_SEARCHED);
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
        self.push(EditKind::Create, table, id, Content::None);
    }

    /// A row that comes back has the time at which it was first made, so it cannot be named by a range of ids and this
    /// transaction's time.
    pub(crate) fn brought_back(&mut self, table: &'static str, id: Uuid) {
        self.push(EditKind::Create, table, id, Content::None);
        self.closed = self.entries.len();
    }

    /// Rows of which the same columns are changed one after another become one entry: a change of a hundred thousand
    /// books costs a few lines.
    pub(crate) fn updated<E: Columns>(&mut self, id: Uuid, before: &E, after: &E, columns: ColumnSet) {
        if let Some(entry) = self.entries[self.sealed..].last_mut()
            && entry.table == E::TABLE.name
            && entry.count < ROWS_TOGETHER
            && let Content::Changed(changed) = &mut entry.content
            && changed.columns == columns
        {
            changed.push(id, entry.count, before, after);
            entry.count += 1;
            return;
        }
        let changed = Changed::of(before, after, columns);
        self.push(EditKind::Update, E::TABLE.name, id, Content::Changed(changed));
    }

    pub(crate) fn deleted<E: Columns>(&mut self, id: Uuid, row: &E) {
        let row = row_object(E::TABLE, row);
        self.push(EditKind::Delete, E::TABLE.name, id, Content::Row(row));
    }

    /// Records that are named, and in which nothing is changed.
    pub(crate) fn named(&mut self, table: &'static str, ids: &[Uuid]) {
        for part in ids.chunks(NAMED_TOGETHER) {
            let Some((first, others)) = part.split_first() else {
                continue;
            };
            let changed = Changed {
                columns: ColumnSet::default(),
                values: Vec::new(),
                others: others.iter().flat_map(|id| *id.as_bytes()).collect(),
            };
            self.push(EditKind::Update, table, *first, Content::Changed(changed));
            if let Some(entry) = self.entries.last_mut() {
                entry.count += i64::try_from(others.len()).unwrap_or(i64::MAX - 1);
            }
        }
        self.sealed = self.entries.len();
    }

    /// Where the journal stands, before a part that may be [taken back](Self::return_to). The changes of that part are
    /// kept separate.
    pub(crate) fn reached(&mut self) -> Reached {
        let reached = Reached {
            label: self.label.clone(),
            undoes: self.undoes,
            entries: self.entries.len(),
            closed: self.closed,
            sealed: self.sealed,
            open: self
                .entries
                .iter()
                .rev()
                .take(ENTRIES_SEARCHED)
                .map(|entry| (entry.last_id, entry.count))
                .collect(),
        };
        self.sealed = self.entries.len();
        reached
    }

    /// Forgets what came after the given point.
    pub(crate) fn return_to(&mut self, reached: Reached) {
        self.entries.truncate(reached.entries);
        for (entry, (last_id, count)) in self.entries.iter_mut().rev().zip(reached.open) {
            (entry.last_id, entry.count) = (last_id, count);
        }
        (self.label, self.undoes) = (reached.label, reached.undoes);
        (self.closed, self.sealed) = (reached.closed, reached.sealed);
    }

    pub(crate) fn push(&mut self, kind: EditKind, table: &'static str, id: Uuid, content: Content) {
        self.entries.push(Entry {
            kind,
            table,
            id,
            last_id: id,
            count: 1,
            content,
        });
    }
}

impl Changed {
    fn of<E: Columns>(before: &E, after: &E, columns: ColumnSet) -> Self {
        let values = columns.positions().map(|position| ChangedColumn {
            name: E::TABLE.columns[position].name,
            before: Values::of(&before.bind_column(position)),
            after: Values::of(&after.bind_column(position)),
        });
        Self {
            columns,
            values: values.collect(),
            others: Vec::new(),
        }
    }

    /// Takes in another row, after `count` others.
    fn push<E: Columns>(&mut self, id: Uuid, count: i64, before: &E, after: &E) {
        self.others.extend_from_slice(id.as_bytes());
        for (position, column) in self.columns.positions().zip(&mut self.values) {
            column.before.push(&before.bind_column(position), count);
            column.after.push(&after.bind_column(position), count);
        }
    }

    /// The values before and after, as JSON objects by column.
    pub(crate) fn objects(&self) -> (String, String) {
        let (mut before, mut after) = (String::from("{"), String::from("{"));
        for (index, column) in self.values.iter().enumerate() {
            for (object, values) in [(&mut before, &column.before), (&mut after, &column.after)] {
                push_name(object, index, column.name);
                values.write(object);
            }
        }
        before.push('}');
        after.push('}');
        (before, after)
    }
}

impl Values {
    fn of(value: &ToSqlOutput<'_>) -> Self {
        let mut first = String::new();
        write_value(&mut first, value, IdStyle::Hyphenated);
        Self { first, all: None }
    }

    /// Takes in the value of another row, after those of `count` others.
    fn push(&mut self, value: &ToSqlOutput<'_>, count: i64) {
        if let Some(all) = &mut self.all {
            all.push(',');
            write_value(all, value, IdStyle::Hyphenated);
            return;
        }
        let own = self.first.len();
        write_value(&mut self.first, value, IdStyle::Hyphenated);
        let differs = self.first.as_bytes()[..own] != self.first.as_bytes()[own..];
        let another = self.first.split_off(own);
        if differs {
            let mut all = self.first.clone();
            for _ in 1..count {
                all.push(',');
                all.push_str(&self.first);
            }
            all.push(',');
            all.push_str(&another);
            self.all = Some(all);
        }
    }

    fn write(&self, object: &mut String) {
        match &self.all {
            None => object.push_str(&self.first),
            Some(all) => {
                object.push('[');
                object.push_str(all);
                object.push(']');
            }
        }
    }
}

fn row_object<E: Columns>(table: &Table, row: &E) -> String {
    let mut object = String::from("{");
    for (position, column) in table.columns.iter().enumerate() {
        push_name(&mut object, position, column.name);
        write_value(&mut object, &row.bind_column(position), IdStyle::Hyphenated);
    }
    object.push('}');
    object
}

/// Names of columns need no escaping.
fn push_name(object: &mut String, index: usize, name: &'static str) {
    object.push_str(if index == 0 { "\"" } else { ",\"" });
    object.push_str(name);
    object.push_str("\":");
}
