//! Programs and servers of different versions: which tables and columns each of them has.
//!
//! The models keep every row complete, with all columns that any version has; in a column that a program or the server
//! does not have, nothing is [said](colophon_store::schema::Column::unsaid). So a migration, on either side, changes a
//! number and no row, which is what adding a column with its default amounts to. What a program sees of its file, and
//! what travels, has only the columns that exist: those that the real [`shared`](colophon_sync::shared) finds and cuts
//! out.

use std::collections::HashSet;
use std::sync::OnceLock;

use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_sync::shared::{ColumnsThere, Shared, narrowed, widened};

use crate::tables::{AUTHORS, BOOKS, SHELVES, TABLES, columns, position_of};

/// The version of a program, or of the server: how many releases came before it.
pub(crate) type Version = usize;

/// The version before.
pub(crate) const OLDEST: Version = 0;

/// The one to come.
pub(crate) const NEWEST: Version = 2;

const VERSIONS: usize = NEWEST + 1;

/// The columns that were added, with the version that added them.
const ADDED: [(usize, usize, Version); 3] = [
    (AUTHORS, columns::AUTHOR_HONORIFIC, 1),
    (BOOKS, columns::BOOK_SHELF_MARK, 1),
    (BOOKS, columns::BOOK_CONDITION, 2),
];

/// The table that was added, and the version.
const ADDED_TABLE: (usize, Version) = (SHELVES, 2);

/// The fields that are in a version but were not in the oldest.
pub(crate) fn new_fields(version: Version) -> Vec<(usize, usize)> {
    let fields = ADDED.iter().filter(|(.., since)| *since <= version);
    let of_table = has_table(version, SHELVES).then_some([(SHELVES, 1), (SHELVES, 2)]);
    fields
        .map(|(table, column, _)| (*table, *column))
        .chain(of_table.into_iter().flatten())
        .collect()
}

/// Whether a field was not in the oldest version.
pub(crate) fn is_new((table, column): (usize, usize)) -> bool {
    table == SHELVES || ADDED.iter().any(|(of, added, _)| (*of, *added) == (table, column))
}

/// Whether a version has a table.
pub(crate) fn has_table(version: Version, table: usize) -> bool {
    table != ADDED_TABLE.0 || version >= ADDED_TABLE.1
}

/// The tables of a program of some version, parents first.
pub(crate) fn tables_of(version: Version) -> &'static [&'static Table] {
    static EDITIONS: OnceLock<[Vec<&'static Table>; VERSIONS]> = OnceLock::new();
    let editions = EDITIONS.get_or_init(|| std::array::from_fn(edition));
    &editions[version]
}

fn edition(version: Version) -> Vec<&'static Table> {
    let tables = TABLES
        .iter()
        .enumerate()
        .filter(|(table, _)| has_table(version, *table));
    let known = tables.map(|(table, whole)| {
        let is_there = |column: &usize| {
            let later =
                |(of, added, since): &(usize, usize, Version)| (*of, *added) == (table, *column) && *since > version;
            !ADDED.iter().any(later)
        };
        whole.narrowed((0..whole.columns.len()).filter(is_there).collect())
    });
    known.collect()
}

/// What a program and a server both know.
pub(crate) fn shared(program: Version, server: Version) -> Shared {
    static SHARED: OnceLock<[[Shared; VERSIONS]; VERSIONS]> = OnceLock::new();
    let of_two = |program: Version, server: Version| {
        if program == server {
            Shared::all(tables_of(program))
        } else {
            Shared::of(tables_of(program), &columns_of(server))
        }
    };
    let all =
        SHARED.get_or_init(|| std::array::from_fn(|program| std::array::from_fn(|server| of_two(program, server))));
    all[program][server]
}

fn columns_of(version: Version) -> ColumnsThere {
    let names = |table: &&'static Table| {
        let columns = table.columns.iter().map(|column| column.name.to_owned());
        (table.name.to_owned(), columns.collect())
    };
    tables_of(version).iter().map(names).collect()
}

/// The columns of some tables, in the form in which a file remembers that it is in step with them.
pub(crate) fn named(tables: &[&'static Table]) -> HashSet<(String, String)> {
    let columns = tables.iter().flat_map(|table| {
        let columns = table.columns.iter();
        columns.map(|column| (table.name.to_owned(), column.name.to_owned()))
    });
    columns.collect()
}

/// A table with all its columns.
pub(crate) fn whole(table: &Table) -> &'static Table {
    TABLES[position_of(table)]
}

/// The position of a column of a table among all of them.
pub(crate) fn in_whole(table: &Table, column: usize) -> usize {
    whole(table).position(table.columns[column].name).unwrap_or(column)
}

/// Some columns of a table among all of them.
pub(crate) fn all_in_whole(table: &Table, columns: ColumnSet) -> ColumnSet {
    columns.positions().map(|column| in_whole(table, column)).collect()
}

/// A row with the columns of a table, with all of them.
pub(crate) fn in_full(table: &'static Table, values: &[Value]) -> Vec<Value> {
    widened(whole(table), table, values.to_vec())
}

/// A whole row, with the columns of a table only.
pub(crate) fn as_known(table: &'static Table, values: &[Value]) -> Vec<Value> {
    let whole = whole(table);
    if std::ptr::eq(whole, table) {
        return values.to_vec();
    }
    narrowed(whole, table, values)
}
