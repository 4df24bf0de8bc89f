//! Some records of a list, on which something is done together.
//!
//! A person chooses records one by one, or everything that a list shows, of which single ones can be taken out again. All
//! of a list is kept as the question that the list asks, and not as its answer: a million books are as quickly chosen as
//! three, and a choice costs the same to send and to keep. What it means is found by one statement, in one snapshot, when
//! something is done with it.

use colophon_store::{Bound, Condition as _, EntityId, Is, Page, PageRequest, Query, ReadSession, Result, Sql, Where};

use super::{List, Listed, Lists, page};
use crate::author::Author;
use crate::book::Book;

/// Chosen records of one kind.
#[derive(Clone)]
pub struct Selection<E: Listed> {
    /// Everything that this list shows. Its order is also that in which the records are gone through.
    pub all_of: Option<List<E>>,
    /// But not these.
    pub except: Vec<E::Id>,
    /// These in any case.
    pub also: Vec<E::Id>,
}

impl<E: Listed> Selection<E> {
    /// Records by their ids.
    pub fn these(ids: impl IntoIterator<Item = E::Id>) -> Self {
        Self {
            all_of: None,
            except: Vec::new(),
            also: ids.into_iter().collect(),
        }
    }

    /// Everything that a list shows.
    pub fn all_of(list: List<E>) -> Self {
        Self {
            all_of: Some(list),
            except: Vec::new(),
            also: Vec::new(),
        }
    }

    /// The same as a query. `found` are the row numbers of what was searched for, if something was.
    fn query(&self, found: Option<&[i64]>) -> Query<E> {
        let Some(list) = &self.all_of else {
            return Query::all().matching(among(&self.also).into());
        };
        let sorted = Query::all().sorted_by(list.sort, list.descending);
        let mut within = Where::default();
        for filter in &list.filters {
            filter.add_to(&mut within);
        }
        if let Some(found) = found {
            let row_numbers = serde_json::to_string(found).unwrap_or_default();
            let are_found = "rowid IN (SELECT value FROM json_each(?))";
            within.and(are_found, [Bound::Text(row_numbers)]);
        }
        if !self.except.is_empty() {
            within.and(NOT_AMONG, [hexes(&self.except)]);
        }
        if within.is_empty() {
            return sorted;
        }
        if self.also.is_empty() {
            return sorted.matching(Is::from(within));
        }
        let mut either = Sql::new("id IN (SELECT id FROM ");
        either
            .push(E::TABLE.name)
            .append(&within.clause())
            .push(") OR ")
            .push(AMONG);
        let values = within.values().iter().cloned().chain([hexes(&self.also)]);
        let mut all = Where::default();
        all.and_sql(&either, values);
        sorted.matching(all.into())
    }
}

// An id is sixteen bytes, and JSON has no bytes.
const AMONG: &str = "id IN (SELECT unhex(value) FROM json_each(?))";
const NOT_AMONG: &str = "id NOT IN (SELECT unhex(value) FROM json_each(?))";

fn among<I: EntityId>(ids: &[I]) -> Where {
    let mut among = Where::default();
    among.and(AMONG, [hexes(ids)]);
    among
}

/// Ids as a list that SQLite can take apart.
pub(crate) fn hexes<I: EntityId>(ids: &[I]) -> Bound {
    let mut list = String::with_capacity(2 + ids.len() * 35);
    list.push('[');
    for (at, id) in ids.iter().enumerate() {
        if at > 0 {
            list.push(',');
        }
        list.push('"');
        list.push_str(id.uuid().simple().encode_lower(&mut [0; 32]));
        list.push('"');
    }
    list.push(']');
    Bound::Text(list)
}

impl Lists {
    /// Gives a query for chosen records to somebody who reads or counts them in the same snapshot. Blocks, as a
    /// [page](Self::page) does.
    pub fn selected<E: Listed, T>(
        &self,
        selection: &Selection<E>,
        body: impl FnOnce(&ReadSession<'_>, &Query<E>) -> Result<T>,
    ) -> Result<T> {
        let searched = selection.all_of.as_ref().filter(|list| !list.text.trim().is_empty());
        let Some(list) = searched else {
            return self.read(|session| body(session, &selection.query(None)));
        };
        let searched = List {
            text: list.text.clone(),
            ..List::default()
        };
        E::index(self).found(&searched, |session, found| body(session, &selection.query(Some(found))))
    }

    /// Gives a query for the books of chosen people, whatever they did for them.
    pub fn books_of<T>(
        &self,
        people: &Selection<Author>,
        body: impl FnOnce(&ReadSession<'_>, &Query<Book>) -> Result<T>,
    ) -> Result<T> {
        const BY_THESE: &str = "(author_id IN (SELECT unhex(value) FROM json_each(?)) \
             OR id IN (SELECT book_id FROM contribution WHERE author_id IN (SELECT unhex(value) FROM json_each(?))))";
        self.selected(people, |session, query| {
            let people = hexes(&session.repo::<Author>().ids(query)?);
            let mut by_these = Where::default();
            by_these.and(BY_THESE, [people.clone(), people]);
            body(session, &Query::all().matching(by_these.into()))
        })
    }

    /// A page of chosen records in an order of one's own, as a list shows them.
    pub fn selected_page<E: Listed>(
        &self,
        selection: &Selection<E>,
        (sort, descending): (E::Sort, bool),
        request: PageRequest,
    ) -> Result<Page<E::Line>> {
        self.selected(selection, |session, query| {
            page(session, &query.clone().sorted_by(sort, descending), request)
        })
    }

    /// How many records are chosen, and which of some rows are among them.
    pub fn among_selected<E: Listed>(&self, selection: &Selection<E>, rows: &[E::Id]) -> Result<(u64, Vec<E::Id>)> {
        self.selected(selection, |session, query| {
            let repository = session.repo::<E>();
            let among = query.clone().matching(among(rows).into());
            Ok((repository.count(query)?, repository.ids(&among)?))
        })
    }
}
