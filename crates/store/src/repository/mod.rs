//! The rows of one entity, for reading.

pub(crate) mod anchors;
pub(crate) mod editing;
pub(crate) mod parts;
pub(crate) mod relations;
pub(crate) mod repository_mut;
pub(crate) mod rows;

use std::collections::HashMap;
use std::marker::PhantomData;

use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;

use crate::entity::query::{Page, PageRequest, Query};
use crate::entity::{Entity, SortOrder};
use crate::error::{Error, Result};
use crate::schema::columns::column_list;
use crate::schema::field::{EntityId, read_uuid};
use crate::schema::sql::{Sql, Where};
use crate::session::ReadSession;

/// The most hits that [`search_by_name`](Repository::search_by_name) returns.
pub const SEARCH_HITS_MAX: u32 = 200;

/// The most keys that one statement asks for.
pub const KEYS_MAX: usize = 1_024;

/// The rows of one entity in one snapshot.
pub struct Repository<'s, E: Entity> {
    pub(crate) session: &'s ReadSession<'s>,
    entity: PhantomData<E>,
}

impl ReadSession<'_> {
    /// The rows of one entity.
    pub fn repo<E: Entity>(&self) -> Repository<'_, E> {
        Repository::new(self)
    }
}

impl<'s, E: Entity> Repository<'s, E> {
    pub(crate) fn new(session: &'s ReadSession<'s>) -> Self {
        Self {
            session,
            entity: PhantomData,
        }
    }

    /// The row with this id; [`Error::NotFound`] when there is none.
    pub fn get(&self, id: E::Id) -> Result<E> {
        self.find(id)?.ok_or(Error::NotFound {
            entity: E::TABLE.name,
            id: id.uuid(),
        })
    }

    /// The row with this id, if there is one.
    pub fn find(&self, id: E::Id) -> Result<Option<E>> {
        self.session
            .query_first(&E::statements().get, [id.uuid().as_bytes().as_slice()], |row| {
                E::read(row, 0)
            })
    }

    /// The rows with these ids that are there, by id, with one query for a thousand of them.
    pub fn find_all(&self, ids: &[E::Id]) -> Result<HashMap<E::Id, E>> {
        let mut found = HashMap::with_capacity(ids.len());
        for some in ids.chunks(KEYS_MAX) {
            let mut sql = E::statements().select.clone();
            sql.push(" WHERE id IN (");
            let keys = padded(&mut sql, some);
            sql.push(")");
            let rows = self
                .session
                .query(&sql, params_from_iter(keys), |row| E::read(row, 0))?;
            found.extend(rows.into_iter().map(|row| (row.id(), row)));
        }
        Ok(found)
    }

    /// The row with this name, compared as [`Entity::fold`] folds it; if there are several, the one that was made
    /// first.
    pub fn find_by_name(&self, name: &str) -> Result<Option<E>> {
        const { assert!(!E::NAME.is_none(), "the entity has no name: see Entity::NAME") }
        self.session
            .query_first(&E::statements().by_name, [E::fold(name)], |row| E::read(row, 0))
    }

    /// The rows whose name contains the text, both folded by [`Entity::fold`], ordered by name; at most
    /// [`SEARCH_HITS_MAX`].
    pub fn search_by_name(&self, text: &str) -> Result<Vec<E>> {
        const { assert!(!E::NAME.is_none(), "the entity has no name: see Entity::NAME") }
        let parameters = rusqlite::params![E::fold(text), SEARCH_HITS_MAX];
        self.session
            .query(&E::statements().name_contains, parameters, |row| E::read(row, 0))
    }

    /// All rows, in the entity's own order. For tables that are known to be small; lists use [`page`](Self::page).
    pub fn all(&self) -> Result<Vec<E>> {
        self.filter(&Query::all())
    }

    /// All rows that match.
    pub fn filter(&self, query: &Query<E>) -> Result<Vec<E>> {
        let (sql, values) = self.select(query)?;
        self.session
            .query(&sql, params_from_iter(values), |row| E::read(row, 0))
    }

    /// The ids of all rows that match, in order.
    pub fn ids(&self, query: &Query<E>) -> Result<Vec<E::Id>> {
        let mut sql = Sql::new("SELECT id FROM ");
        sql.push(E::TABLE.name);
        let (sql, values) = self.selecting(sql, query)?;
        self.session.query(&sql, params_from_iter(values), |row| {
            Ok(E::Id::from_uuid(read_uuid(row.get_ref(0)?)?))
        })
    }

    /// Visits all rows that match one by one, without holding them in memory, until the visitor has seen enough.
    pub fn for_each(&self, query: &Query<E>, mut visit: impl FnMut(E) -> Result<bool>) -> Result<()> {
        let (sql, values) = self.select(query)?;
        self.session
            .visit(&sql, params_from_iter(values), |row| visit(E::read(row, 0)?))
    }

    /// The one row that matches; [`Error::NotOne`] if there is none or more than one.
    pub fn one(&self, query: &Query<E>) -> Result<E> {
        self.one_or_none(query)?.ok_or(Error::NotOne {
            entity: E::TABLE.name,
            found: 0,
        })
    }

    /// The one row that matches, if there is one; [`Error::NotOne`] if there is more than one.
    pub fn one_or_none(&self, query: &Query<E>) -> Result<Option<E>> {
        let (mut sql, values) = self.select(query)?;
        sql.push(" LIMIT 2");
        let mut found = self
            .session
            .query(&sql, params_from_iter(values), |row| E::read(row, 0))?;
        match found.len() {
            0 | 1 => Ok(found.pop()),
            _ => Err(Error::NotOne {
                entity: E::TABLE.name,
                found: 2,
            }),
        }
    }

    /// How many rows match.
    pub fn count(&self, query: &Query<E>) -> Result<u64> {
        let conditions = self.conditions(query)?;
        let mut sql = E::statements().count.clone();
        sql.append(&conditions.clause());
        let count = self
            .session
            .query_first(&sql, params_from_iter(conditions.values()), |row| row.get::<_, i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// One page of the rows that match, with the total from the same snapshot. A page past the end has no items.
    pub fn page(&self, query: &Query<E>, request: PageRequest) -> Result<Page<E>> {
        let offset = request.offset()?;
        if query.is_of_all()
            && query.sort.is_indexed()
            && let Some((items, total)) = anchors::page(self.session, query, request)?
        {
            return Ok(Page::new(items, request, total));
        }
        let total = self.count(query)?;
        if offset >= total {
            return Ok(Page::new(Vec::new(), request, total));
        }
        let (mut sql, mut values) = self.select(query)?;
        sql.push(" LIMIT ? OFFSET ?");
        values.push(Bound::Integer(i64::from(request.per_page)));
        values.push(Bound::Integer(i64::try_from(offset).unwrap_or(i64::MAX)));
        let items = self
            .session
            .query(&sql, params_from_iter(values), |row| E::read(row, 0))?;
        Ok(Page::new(items, request, total))
    }

    /// The file's row numbers of all rows that match, in no particular order. For search indexes, which know rows by
    /// row number.
    pub fn row_numbers(&self, query: &Query<E>) -> Result<Vec<i64>> {
        let conditions = self.conditions(query)?;
        let mut sql = Sql::new("SELECT rowid FROM ");
        sql.push(E::TABLE.name).append(&conditions.clause());
        self.session
            .query(&sql, params_from_iter(conditions.values()), |row| row.get(0))
    }

    /// Some rows by the file's row numbers, in the order given; row numbers without a row are left out. For search
    /// indexes, which know rows by row number.
    pub fn by_row_numbers(&self, row_numbers: &[i64]) -> Result<Vec<E>> {
        let mut sql = Sql::new("SELECT ");
        sql.append(&column_list(E::TABLE, None))
            .push(" FROM ")
            .push(E::TABLE.name)
            .push(" WHERE rowid=?");
        let mut statement = self.session.prepare(&sql)?;
        let mut found = Vec::with_capacity(row_numbers.len());
        for row_number in row_numbers {
            let mut rows = statement.query([row_number])?;
            if let Some(row) = rows.next()? {
                found.push(E::read(row, 0)?);
            }
        }
        Ok(found)
    }

    /// The conditions of a query, with the functions they may call made available.
    fn conditions(&self, query: &Query<E>) -> Result<Where> {
        if !query.filters.is_empty() || query.matching.iter().any(|condition| condition.folds) {
            self.session.lend_functions::<E>()?;
        }
        Ok(query.conditions())
    }

    fn select(&self, query: &Query<E>) -> Result<(Sql, Vec<Bound>)> {
        self.selecting(E::statements().select.clone(), query)
    }

    /// What is selected of the rows that match, in order.
    fn selecting(&self, mut sql: Sql, query: &Query<E>) -> Result<(Sql, Vec<Bound>)> {
        let conditions = self.conditions(query)?;
        if !query.sort.is_indexed() {
            self.session.lend_functions::<E>()?;
        }
        let direction = if query.descending { " DESC" } else { "" };
        sql.append(&conditions.clause())
            .push(" ORDER BY ")
            .push(query.sort.expression())
            .push(direction);
        sql.push(",rowid").push(direction);
        Ok((sql, conditions.values().to_vec()))
    }
}

/// Appends a placeholder for each key and some more, and returns the values to bind: only a few different lengths, so
/// that a statement is found already prepared.
pub fn padded<I: EntityId>(sql: &mut Sql, keys: &[I]) -> Vec<Vec<u8>> {
    let count = keys.len().next_power_of_two();
    sql.placeholders(count);
    let last = keys.last().copied();
    let more = last.into_iter().cycle().take(count - keys.len());
    let keys = keys.iter().copied().chain(more);
    keys.map(|key| key.uuid().as_bytes().to_vec()).collect()
}
