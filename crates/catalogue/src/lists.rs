//! The lists that people look at: books with the names of their authors, authors with the number of their books.
//!
//! A list is either a page of the whole table, which the store's anchors make near, or a page of what the search index
//! has found. Both are asked by offset, because a window shows a stretch of a list and not a numbered page.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use colophon_store::{Columns, Database, EntityId, Page, PageRequest, Query, ReadSession, Result, Sql, read_uuid};
use rusqlite::params_from_iter;
use uuid::Uuid;

use crate::author::{Author, AuthorId, AuthorSort};
use crate::book::{Book, BookFilter, BookId, BookSort};
use crate::search::{SearchIndex, Searchable};

/// The lists of one catalogue.
#[derive(Clone)]
pub struct Lists {
    database: Database,
    /// The index of the books.
    pub books: SearchIndex<Book>,
    /// The index of the authors.
    pub authors: SearchIndex<Author>,
}

/// Which books, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookList {
    /// What was typed into the search box.
    pub text: String,
    /// Only the books of this author.
    pub author: Option<AuthorId>,
    /// The order.
    pub sort: BookSort,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// Which authors, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorList {
    /// What was typed into the search box.
    pub text: String,
    /// The order.
    pub sort: AuthorSort,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// A book as a list shows it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct BookLine {
    /// The book.
    #[serde(flatten)]
    pub book: Book,
    /// The name of its author.
    pub author: String,
    /// Whether the server has yet to see a change of it.
    pub waiting: bool,
}

/// An author as a list shows it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AuthorLine {
    /// The author.
    #[serde(flatten)]
    pub author: Author,
    /// How many books have this author.
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
            database,
        }
    }

    /// One page of books. Blocks; a search may have to build the index first.
    pub fn books(&self, list: &BookList, request: PageRequest) -> Result<Page<BookLine>> {
        if list.text.trim().is_empty() && (list.author.is_some() || list.sort != BookSort::Author) {
            let mut query = Query::all().sorted_by(list.sort, list.descending);
            query.filters.extend(list.author.map(BookFilter::ByAuthor));
            return self.database.read_blocking(|session| {
                let page = session.repo::<Book>().page(&query, request)?;
                with_lines(page, |books| book_lines(session, books))
            });
        }
        self.found(&self.found_books(list)?, list.descending, request, book_lines)
    }

    /// One page of authors. Blocks; a search may have to build the index first.
    pub fn authors(&self, list: &AuthorList, request: PageRequest) -> Result<Page<AuthorLine>> {
        if list.text.trim().is_empty() {
            let query = Query::all().sorted_by(list.sort, list.descending);
            return self.database.read_blocking(|session| {
                let page = session.repo::<Author>().page(&query, request)?;
                with_lines(page, |authors| author_lines(session, authors))
            });
        }
        let found = self.authors.search(&list.text, list.sort)?;
        self.found(&found, list.descending, request, author_lines)
    }

    /// How many books stand before this one in a list; `None` when it is not in it.
    pub fn book_position(&self, list: &BookList, id: BookId) -> Result<Option<u64>> {
        let found = self.found_books(list)?;
        self.database
            .read_blocking(|session| position::<Book>(session, &found, list.descending, id))
    }

    /// How many authors stand before this one in a list; `None` when it is not in it.
    pub fn author_position(&self, list: &AuthorList, id: AuthorId) -> Result<Option<u64>> {
        let found = self.authors.search(&list.text, list.sort)?;
        self.database
            .read_blocking(|session| position::<Author>(session, &found, list.descending, id))
    }

    /// The places of the books of a list.
    fn found_books(&self, list: &BookList) -> Result<Arc<Vec<i64>>> {
        const BY_AUTHOR: Sql = Sql::new("SELECT rowid FROM book WHERE author_id=?");
        let found = self.books.search(&list.text, list.sort)?;
        let Some(author) = list.author else { return Ok(found) };
        let key = [author.uuid().as_bytes().to_vec()];
        let own: HashSet<i64> = self
            .database
            .read_blocking(|session| session.query(&BY_AUTHOR, key, |row| row.get(0)))?
            .into_iter()
            .collect();
        Ok(Arc::new(
            found.iter().copied().filter(|place| own.contains(place)).collect(),
        ))
    }

    /// One page of what a search has found.
    fn found<E: Searchable, L>(
        &self,
        found: &[i64],
        descending: bool,
        request: PageRequest,
        lines: impl Fn(&ReadSession<'_>, Vec<E>) -> Result<Vec<L>>,
    ) -> Result<Page<L>> {
        let offset = usize::try_from(request.offset()?).unwrap_or(usize::MAX);
        let count = request.per_page as usize;
        let places: Vec<i64> = if descending {
            found.iter().rev().skip(offset).take(count).copied().collect()
        } else {
            found.iter().skip(offset).take(count).copied().collect()
        };
        self.database.read_blocking(|session| {
            let rows = session.repo::<E>().by_places(&places)?;
            Ok(Page::new(lines(session, rows)?, request, found.len() as u64))
        })
    }
}

fn with_lines<E, L>(page: Page<E>, lines: impl FnOnce(Vec<E>) -> Result<Vec<L>>) -> Result<Page<L>> {
    Ok(Page {
        items: lines(page.items)?,
        meta: page.meta,
    })
}

fn position<E: Searchable>(
    session: &ReadSession<'_>,
    found: &[i64],
    descending: bool,
    id: E::Id,
) -> Result<Option<u64>> {
    let mut sql = Sql::new("SELECT rowid FROM ");
    sql.push(E::TABLE.name).push(" WHERE id=?");
    let place: Option<i64> = session.query_first(&sql, [id.uuid().as_bytes().to_vec()], |row| row.get(0))?;
    let at = place.and_then(|place| found.iter().position(|candidate| *candidate == place));
    Ok(at.map(|at| (if descending { found.len() - 1 - at } else { at }) as u64))
}

/// Adds to books what a list shows beside them, with one query each for all of them.
pub fn book_lines(session: &ReadSession<'_>, books: Vec<Book>) -> Result<Vec<BookLine>> {
    let authors: HashSet<AuthorId> = books.iter().filter_map(|book| book.author_id).collect();
    let mut sql = Sql::new("SELECT id,name FROM author WHERE id IN (");
    sql.placeholders(authors.len()).push(")");
    let names: HashMap<Uuid, String> = session
        .query(&sql, keys(authors.iter().copied()), |row| {
            Ok((read_uuid(row.get_ref(0)?)?, row.get(1)?))
        })?
        .into_iter()
        .collect();
    let mut first_contributors = first_contributors(session, &books)?;
    let waiting = waiting::<Book>(session, &books)?;
    let line = |book: Book| BookLine {
        author: match book.author_id {
            Some(author) => names.get(&author.uuid()).cloned().unwrap_or_default(),
            None => first_contributors.remove(&book.id.uuid()).unwrap_or_default(),
        },
        waiting: waiting.contains(&book.id.uuid()),
        book,
    };
    Ok(books.into_iter().map(line).collect())
}

/// Who stands in a list in the author's place, of those books that have none: the first of the contributors.
fn first_contributors(session: &ReadSession<'_>, books: &[Book]) -> Result<HashMap<Uuid, String>> {
    let without: Vec<BookId> = books
        .iter()
        .filter(|book| book.author_id.is_none())
        .map(|book| book.id)
        .collect();
    if without.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql =
        Sql::new("SELECT c.book_id,a.name FROM contribution c JOIN author a ON a.id=c.author_id WHERE c.book_id IN (");
    // The last that is put into the map is the one that stays.
    sql.placeholders(without.len())
        .push(") ORDER BY c.position DESC,c.rowid DESC");
    let names = session.query(&sql, keys(without.into_iter()), |row| {
        Ok((read_uuid(row.get_ref(0)?)?, row.get(1)?))
    })?;
    Ok(names.into_iter().collect())
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

/// Those of the rows that the server has yet to see, or a change of which it has yet to see.
fn waiting<E: Columns>(session: &ReadSession<'_>, rows: &[E]) -> Result<HashSet<Uuid>> {
    let mut sql = Sql::new("SELECT id FROM ");
    sql.push(E::TABLE.name)
        .push(" WHERE revision=0 AND id IN (")
        .placeholders(rows.len());
    sql.push(") UNION SELECT id FROM pending WHERE entity='")
        .push(E::TABLE.name)
        .push("' AND id IN (");
    sql.placeholders(rows.len()).push(")");
    let ids = rows.iter().map(Columns::id);
    let found = session.query(&sql, keys(ids.clone().chain(ids)), |row| {
        Ok(read_uuid(row.get_ref(0)?)?)
    })?;
    Ok(found.into_iter().collect())
}

fn keys<I: EntityId>(ids: impl Iterator<Item = I>) -> rusqlite::ParamsFromIter<Vec<Vec<u8>>> {
    params_from_iter(ids.map(|id| id.uuid().as_bytes().to_vec()).collect::<Vec<_>>())
}
