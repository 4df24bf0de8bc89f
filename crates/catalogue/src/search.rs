//! Search as you type: any part of a word, in any order, while the letters are being typed.
//!
//! SQLite's full-text index is quick to query but costs three quarters of the time of a first download and makes every
//! insert three times as expensive. So the searchable text lies in memory instead: one folded text per record, all of
//! them end to end in one arena, which is scanned with `memchr::memmem` where a small filter says that the words may
//! be. A million titles are some 60 MB and are scanned in milliseconds; none of it is stored, so none of it can be
//! wrong after a crash.
//!
//! The index follows the file. Before each search it takes in what has been committed since
//! ([`Database::changes`](colophon_store::Database::changes)): if a few records changed, they are written again at the
//! end of the arena; after a large change, or when another program has written to the file, the arena is rebuilt. A
//! search therefore always sees what was acknowledged before it began.
//!
//! A search finds *row numbers*, in the order of the list. The rows themselves are read from the file.

mod arena;
mod authors;
mod books;
mod filter;
pub(crate) mod gathered;
mod index;
mod lists;
mod row_numbers;
mod words;

pub use gathered::OwnGathering;
pub use index::SearchIndex;

use colophon_store::{Entity, ReadSession, Result, SortOrder as _, Sql};
use uuid::Uuid;

/// Separates the parts of a text: no query contains it.
const PART: char = '\u{1}';

/// Which records, and in which order.
#[derive(Debug, Clone, PartialEq)]
pub struct List<E: Searchable> {
    /// What was typed into the search box; empty for all.
    pub text: String,
    /// Only those for which all of these hold.
    pub filters: Vec<E::Filter>,
    /// The order.
    pub sort: E::Sort,
    /// Whether the order is reversed.
    pub descending: bool,
}

impl<E: Searchable> Default for List<E> {
    fn default() -> Self {
        Self {
            text: String::new(),
            filters: Vec::new(),
            sort: E::Sort::default(),
            descending: false,
        }
    }
}

/// What the index needs to know about an entity whose records are searched.
pub trait Searchable: Entity<Filter: PartialEq> {
    /// What gathers its records besides fields and lists. Whose values these are must be
    /// [made from](Self::is_made_from) the same tables.
    const GATHERED: &'static [OwnGathering];

    /// Whether the searchable text is made from the rows of a table, among others.
    fn is_made_from(table: &str) -> bool;

    /// Calls `each(row_number, id, text)` for every record. `text` is folded and has no line break.
    fn texts(session: &ReadSession<'_>, each: &mut dyn FnMut(i64, Uuid, &str)) -> Result<()>;

    /// Row number and text of one record, if it exists.
    fn text(session: &ReadSession<'_>, id: Uuid) -> Result<Option<(i64, String)>>;

    /// The records whose text may have changed because a row of a table that it [is made from](Self::is_made_from) did;
    /// `None` if that can no longer be told, and the index must be rebuilt.
    fn touched(
        session: &ReadSession<'_>,
        table: &str,
        row: Uuid,
        kind: colophon_store::ChangeKind,
    ) -> Result<Option<Vec<Uuid>>>;

    /// A query for the row numbers of all records in one order of the list.
    fn places_in_order(order: Self::Sort) -> Sql {
        in_order::<Self>(order)
    }
}

fn in_order<E: Entity>(order: E::Sort) -> Sql {
    let mut sql = Sql::new("SELECT rowid FROM ");
    sql.push(E::TABLE.name)
        .push(" ORDER BY ")
        .push(order.expression())
        .push(",rowid");
    sql
}
