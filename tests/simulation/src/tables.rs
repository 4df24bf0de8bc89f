//! The tables of the simulation: as few columns as it takes to show every rule between rows, so that histories are
//! short and collide often.

use colophon_catalogue::conflict::Conflict;
use colophon_store::Columns;
use colophon_store::schema::{Column, ColumnKind, Table, Value};
use uuid::Uuid;

const fn column(name: &'static str, kind: ColumnKind, nullable: bool) -> Column {
    Column { name, kind, nullable }
}

const ID: Column = column("id", ColumnKind::Id, false);
const CREATED: Column = column("created_at", ColumnKind::Timestamp, false);
const UPDATED: Column = column("updated_at", ColumnKind::Timestamp, false);
const AUTHOR_ID: Column = column("author_id", ColumnKind::Reference { table: "author" }, false);

/// An author. `folded` is nobody's edit: a trigger on the server sets it, in histories that have one.
pub(crate) static AUTHOR: Table = Table {
    name: "author",
    columns: &[
        ID,
        column("name", ColumnKind::Text, false),
        column("notes", ColumnKind::Text, true),
        column("folded", ColumnKind::Text, true),
        column("honorific", ColumnKind::Text, true),
        CREATED,
        UPDATED,
    ],
    unique: &[],
    merged_by_line: &["notes"],
};

/// A book, with a value that only one book may have.
pub(crate) static BOOK: Table = Table {
    name: "book",
    columns: &[
        ID,
        AUTHOR_ID,
        column("title", ColumnKind::Text, false),
        column("shelf_mark", ColumnKind::Text, true),
        column("isbn", ColumnKind::Text, true),
        column("condition", ColumnKind::Text, false),
        CREATED,
        UPDATED,
    ],
    unique: &["isbn"],
    merged_by_line: &[],
};

/// A child of a child, with two parents.
pub(crate) static CONTRIBUTION: Table = Table {
    name: "contribution",
    columns: &[
        ID,
        column("book_id", ColumnKind::Reference { table: "book" }, false),
        AUTHOR_ID,
        column("role", ColumnKind::Text, false),
        CREATED,
        UPDATED,
    ],
    unique: &[],
    merged_by_line: &[],
};

/// A table that only the newest version has.
pub(crate) static SHELF: Table = Table {
    name: "shelf",
    columns: &[
        ID,
        column("name", ColumnKind::Text, false),
        column("room", ColumnKind::Text, true),
        CREATED,
        UPDATED,
    ],
    unique: &[],
    merged_by_line: &[],
};

/// All of them, parents first, with all columns that any [version](crate::versions) has. Conflicts use the catalogue's
/// own table.
pub(crate) static TABLES: &[&Table] = &[&AUTHOR, &BOOK, &CONTRIBUTION, &SHELF, <Conflict as Columns>::TABLE];

/// How many there are.
pub(crate) const TABLE_COUNT: usize = 5;

/// The positions of the tables in [`TABLES`].
pub(crate) const AUTHORS: usize = 0;
pub(crate) const BOOKS: usize = 1;
pub(crate) const CONTRIBUTIONS: usize = 2;
pub(crate) const SHELVES: usize = 3;
pub(crate) const CONFLICTS: usize = 4;

/// The positions of the columns that people and triggers write.
pub(crate) mod columns {
    pub(crate) const AUTHOR_NAME: usize = 1;
    pub(crate) const AUTHOR_NOTES: usize = 2;
    pub(crate) const AUTHOR_FOLDED: usize = 3;
    pub(crate) const AUTHOR_HONORIFIC: usize = 4;
    pub(crate) const BOOK_AUTHOR: usize = 1;
    pub(crate) const BOOK_TITLE: usize = 2;
    pub(crate) const BOOK_SHELF_MARK: usize = 3;
    pub(crate) const BOOK_ISBN: usize = 4;
    pub(crate) const BOOK_CONDITION: usize = 5;
    pub(crate) const CONTRIBUTION_ROLE: usize = 3;
}

/// A record: the position of its table, and its id.
pub(crate) type RecordKey = (usize, Uuid);

/// The position of a table.
pub(crate) fn position_of(table: &Table) -> usize {
    match table.name {
        "author" => AUTHORS,
        "book" => BOOKS,
        "contribution" => CONTRIBUTIONS,
        "shelf" => SHELVES,
        _ => CONFLICTS,
    }
}

/// The columns of a table that refer to another, with the position of that table.
pub(crate) fn references(table: usize) -> &'static [(usize, usize)] {
    match table {
        BOOKS => &[(columns::BOOK_AUTHOR, AUTHORS)],
        CONTRIBUTIONS => &[(1, BOOKS), (2, AUTHORS)],
        _ => &[],
    }
}

/// The tables that refer to a table, each with the column.
pub(crate) fn referring_to(table: usize) -> &'static [(usize, usize)] {
    match table {
        AUTHORS => &[(BOOKS, columns::BOOK_AUTHOR), (CONTRIBUTIONS, 2)],
        BOOKS => &[(CONTRIBUTIONS, 1)],
        _ => &[],
    }
}

/// The id in a value.
pub(crate) fn id_in(value: &Value) -> Option<Uuid> {
    match value {
        Value::Uuid(id) => Some(*id),
        _ => None,
    }
}

/// A row with the given contents, all except the id and the times. What comes after them is not said.
pub(crate) fn row_of((table, id): RecordKey, contents: Vec<Value>, now: i64) -> Vec<Value> {
    let mut values = vec![Value::Uuid(id)];
    values.extend(contents);
    let unsaid = TABLES[table].columns[values.len()..created_at(table)].iter();
    values.extend(unsaid.map(Column::unsaid));
    values.resize(TABLES[table].columns.len(), Value::Integer(now));
    values
}

/// The position of the time of the last change.
pub(crate) fn updated_at(table: usize) -> usize {
    TABLES[table].columns.len() - 1
}

/// The position of the time of creation.
pub(crate) fn created_at(table: usize) -> usize {
    TABLES[table].columns.len() - 2
}
