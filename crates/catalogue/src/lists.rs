//! The lists that people look at: books with the names of their people, authors with the number of their books.
//!
//! A list is either a page of the whole table, which the store's anchors put within reach, or a page of what the search
//! index has found. Both are queried by offset, because a window shows a stretch of a list and not a numbered page, and
//! either is read in one snapshot with a handful of statements, however many rows it has.
//!
//! What a list can be narrowed to, ordered by and gathered by, and what its columns are, follows from the fields of its
//! entity; [`Listed`] says what there is besides.

mod columns;
mod facets;
mod listed;
mod orders;
mod quality;
mod selection;

use std::collections::{HashMap, HashSet};

use colophon_store::{
    Columns, Database, EntityId, InterruptHandle, KEYS_MAX, Page, PageRequest, Query, ReadSession, Result,
    SortOrder as _, Sql, padded, read_uuid,
};
use rusqlite::params_from_iter;
use uuid::Uuid;

pub use self::columns::{Column, OwnColumn};
pub use self::facets::{FacetCounts, FacetValue};
pub use self::listed::Listed;
pub use self::orders::{Ordered, order_called};
pub use self::quality::QualityList;
pub use self::selection::Selection;
pub(crate) use self::selection::hexes;
use crate::author::{Author, AuthorId};
use crate::book::{Book, BookId};
use crate::filters::Typed;
pub use crate::search::List;
use crate::search::SearchIndex;

/// The lists of one catalogue.
#[derive(Clone)]
pub struct Lists {
    database: Database,
    /// Ends what is asked of this clone.
    interrupt: InterruptHandle,
    /// The index of the books.
    pub books: SearchIndex<Book>,
    /// The index of the authors.
    pub authors: SearchIndex<Author>,
}

/// Which books, and in which order.
pub type BookList = List<Book>;
/// Which authors, and in which order.
pub type AuthorList = List<Author>;

/// A book as a list shows it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct BookLine {
    /// The book.
    #[serde(flatten)]
    pub book: Book,
    /// The name of its author; if it has none, that of its first contributor.
    pub author: String,
    /// Everybody else who had a hand in it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contributors: Vec<Contributor>,
    /// Whether the server has yet to see a change of it.
    pub waiting: bool,
}

/// Somebody who had a hand in a book, by name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Contributor {
    /// The person.
    pub name: String,
    /// Their role.
    pub role: String,
}

/// An author as a list shows it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AuthorLine {
    /// The author.
    #[serde(flatten)]
    pub author: Author,
    /// How many books this author has.
    pub books: u64,
    /// Whether the server has yet to see a change of it.
    pub waiting: bool,
}

impl Lists {
    /// The lists of a catalogue. The search indexes are built by the first search, or by their `prepare`.
    pub fn new(database: Database) -> Self {
        Self {
            books: SearchIndex::new(database.clone()),
            authors: SearchIndex::new(database.clone()),
            interrupt: InterruptHandle::default(),
            database,
        }
    }

    /// The same lists, whose reads end when the handle interrupts; see [`SearchIndex::interruptible_by`] for what is read to its end all the
    /// same.
    pub fn interruptible_by(&self, handle: &InterruptHandle) -> Self {
        Self {
            books: self.books.interruptible_by(handle),
            authors: self.authors.interruptible_by(handle),
            interrupt: handle.clone(),
            database: self.database.clone(),
        }
    }

    /// Reads from one snapshot, until the handle interrupts. Blocks.
    pub fn read<T>(&self, body: impl FnOnce(&ReadSession<'_>) -> Result<T>) -> Result<T> {
        self.database.read_blocking(|session| {
            session.interruptible_by(&self.interrupt);
            body(session)
        })
    }

    /// One page of a list. Blocks; a search may have to build the index first.
    pub fn page<E: Listed>(&self, list: &List<E>, request: PageRequest) -> Result<Page<E::Line>> {
        let is_near = match list.filters.as_slice() {
            [] => list.sort.is_indexed(),
            filters => filters.iter().any(E::is_narrow),
        };
        if is_near && list.text.trim().is_empty() {
            return self.read(|session| page(session, &list.query(), request));
        }
        E::index(self).found(list, |session, found| {
            let offset = usize::try_from(request.offset()?).unwrap_or(usize::MAX);
            let count = request.per_page as usize;
            let row_numbers: Vec<i64> = if list.descending {
                found.iter().rev().skip(offset).take(count).copied().collect()
            } else {
                found.iter().skip(offset).take(count).copied().collect()
            };
            let rows = session.repo::<E>().by_row_numbers(&row_numbers)?;
            Ok(Page::new(E::lines(session, rows)?, request, found.len() as u64))
        })
    }

    /// The first few records in which something was typed, in the list's own order. Blocks, as a [page](Self::page) does.
    pub fn first<E: Listed>(&self, typed: &str, count: usize) -> Result<Vec<E::Line>> {
        E::index(self).first(typed, count, |session, row_numbers| {
            E::lines(session, session.repo::<E>().by_row_numbers(row_numbers)?)
        })
    }

    /// How many rows come before this one in a list; `None` if it is not in the list.
    pub fn position<E: Listed>(&self, list: &List<E>, id: E::Id) -> Result<Option<u64>> {
        let mut sql = Sql::new("SELECT rowid FROM ");
        sql.push(E::TABLE.name).push(" WHERE id=?");
        E::index(self).found(list, |session, found| {
            let row_number: Option<i64> =
                session.query_first(&sql, [id.uuid().as_bytes().to_vec()], |row| row.get(0))?;
            let at = row_number.and_then(|row_number| found.iter().position(|candidate| *candidate == row_number));
            Ok(at.map(|at| (if list.descending { found.len() - 1 - at } else { at }) as u64))
        })
    }
}

impl<E: Listed> List<E> {
    /// The same, narrowed by what was typed: its words are searched, and its tokens must hold besides the filters that are
    /// there already.
    #[must_use]
    pub fn typed(mut self, typed: Typed<E::Filter>) -> Self {
        self.text = typed.words;
        self.filters.extend(typed.tokens.into_iter().map(|token| token.filter));
        self
    }

    /// The same as a query, except for what was typed into the search box.
    pub fn query(&self) -> Query<E> {
        let sorted = Query::all().sorted_by(self.sort, self.descending);
        self.filters.iter().cloned().fold(sorted, Query::and)
    }
}

/// One page of what a query asks for, with what a list shows beside it.
pub fn page<E: Listed>(session: &ReadSession<'_>, query: &Query<E>, request: PageRequest) -> Result<Page<E::Line>> {
    let Page { items, meta } = session.repo::<E>().page(query, request)?;
    Ok(Page {
        items: E::lines(session, items)?,
        meta,
    })
}

/// Adds to books what a list shows beside them, with one query each for all of them.
pub fn book_lines(session: &ReadSession<'_>, books: Vec<Book>) -> Result<Vec<BookLine>> {
    const NAMES: Sql = Sql::new("SELECT id,name FROM author WHERE id IN (");
    let authors: HashSet<AuthorId> = books.iter().filter_map(|book| book.author_id).collect();
    let authors: Vec<AuthorId> = authors.into_iter().collect();
    let mut names: HashMap<Uuid, String> = HashMap::with_capacity(authors.len());
    for some in authors.chunks(KEYS_MAX) {
        let mut sql = NAMES;
        let keys = padded(&mut sql, some);
        sql.push(")");
        names.extend(session.query(&sql, params_from_iter(keys), |row| {
            Ok((read_uuid(row.get_ref(0)?)?, row.get(1)?))
        })?);
    }
    let mut contributors = contributors(session, &books)?;
    let waiting = waiting::<Book>(session, &books)?;
    let line = |book: Book| {
        let contributors = contributors.remove(&book.id.uuid()).unwrap_or_default();
        let author = match book.author_id {
            Some(author) => names.get(&author.uuid()).cloned(),
            None => contributors.first().map(|first| first.name.clone()),
        };
        BookLine {
            author: author.unwrap_or_default(),
            contributors,
            waiting: waiting.contains(&book.id.uuid()),
            book,
        }
    };
    Ok(books.into_iter().map(line).collect())
}

/// Everybody but the authors of these books, by book.
fn contributors(session: &ReadSession<'_>, books: &[Book]) -> Result<HashMap<Uuid, Vec<Contributor>>> {
    let ids: Vec<BookId> = books.iter().map(|book| book.id).collect();
    let mut contributors: HashMap<Uuid, Vec<Contributor>> = HashMap::new();
    for some in ids.chunks(KEYS_MAX) {
        let mut sql = Sql::new(
            "SELECT c.book_id,a.name,c.role FROM contribution c JOIN author a ON a.id=c.author_id WHERE c.book_id IN (",
        );
        let keys = padded(&mut sql, some);
        sql.push(") ORDER BY c.position,c.rowid");
        session.visit(&sql, params_from_iter(keys), |row| {
            let one = Contributor {
                name: row.get(1)?,
                role: row.get(2)?,
            };
            let book = read_uuid(row.get_ref(0)?).map_err(rusqlite::Error::from)?;
            contributors.entry(book).or_default().push(one);
            Ok(true)
        })?;
    }
    Ok(contributors)
}

/// Adds to authors what a list shows beside them.
pub fn author_lines(session: &ReadSession<'_>, authors: Vec<Author>) -> Result<Vec<AuthorLine>> {
    let ids: Vec<AuthorId> = authors.iter().map(|author| author.id).collect();
    let counts = Author::book_counts(session, &ids)?;
    let waiting = waiting::<Author>(session, &authors)?;
    let line = |(author, books): (Author, u64)| AuthorLine {
        waiting: waiting.contains(&author.id.uuid()),
        author,
        books,
    };
    Ok(authors.into_iter().zip(counts).map(line).collect())
}

/// Those of the rows that the server has not seen yet, or whose last change it has not seen yet.
fn waiting<E: Columns>(session: &ReadSession<'_>, rows: &[E]) -> Result<HashSet<Uuid>> {
    let ids: Vec<E::Id> = rows.iter().map(Columns::id).collect();
    let mut waiting = HashSet::new();
    for some in ids.chunks(KEYS_MAX) {
        let mut sql = Sql::new("SELECT id FROM ");
        sql.push(E::TABLE.name).push(" WHERE revision=0 AND id IN (");
        let mut keys = padded(&mut sql, some);
        sql.push(") UNION SELECT id FROM pending WHERE entity='")
            .push(E::TABLE.name)
            .push("' AND id IN (");
        keys.append(&mut padded(&mut sql, some));
        sql.push(")");
        waiting.extend(session.query(&sql, params_from_iter(keys), |row| Ok(read_uuid(row.get_ref(0)?)?))?);
    }
    Ok(waiting)
}
