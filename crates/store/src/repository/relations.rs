//! Rows together with those they refer to, and with those that refer to them.
//!
//! A type says what is loaded with a row: [`Parent<Author>`](Parent), [`Children<Book>`](Children), and one inside the
//! other for more: `Children<Book, Children<Contribution>>` is an author's books with the contributions of each. Every
//! level is one query for all rows of the level above (for each thousand of them), never one for each row, and none is
//! run behind the program's back: what was not asked for is not there.

use std::collections::HashMap;
use std::marker::PhantomData;

use rusqlite::params_from_iter;
use serde::Serialize;

use crate::entity::Entity;
use crate::entity::belonging::{BelongsTo, HasMany};
use crate::entity::query::{Page, PageRequest, Query};
use crate::error::{Error, Result};
use crate::repository::{KEYS_MAX, Repository, padded};
use crate::schema::field::EntityId as _;
use crate::session::ReadSession;

/// What is loaded together with a row of an entity.
pub trait Load<E: Entity> {
    /// The row with what was loaded.
    type Loaded: Clone;
    /// Loads it for some rows, in their order.
    fn load(session: &ReadSession<'_>, rows: Vec<E>) -> Result<Vec<Self::Loaded>>;
}

/// Loads nothing but the row.
#[derive(Debug, Clone, Copy)]
pub struct Alone;

/// Loads the row that a row refers to, and with it what `L` says.
#[derive(Debug, Clone, Copy)]
pub struct Parent<P, L = Alone>(PhantomData<(P, L)>);

/// Loads the rows that refer to a row, and with each of them what `L` says.
#[derive(Debug, Clone, Copy)]
pub struct Children<C, L = Alone>(PhantomData<(C, L)>);

/// A row with the row that it refers to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WithParent<C, P> {
    /// The row.
    pub row: C,
    /// The row that it refers to; `None` if it refers to none.
    pub parent: Option<P>,
}

/// A parent with its children.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WithChildren<P, C> {
    /// The parent.
    pub parent: P,
    /// Its children, in their own order.
    pub children: Vec<C>,
}

impl<E: Entity> Load<E> for Alone {
    type Loaded = E;

    fn load(_: &ReadSession<'_>, rows: Vec<E>) -> Result<Vec<E>> {
        Ok(rows)
    }
}

impl<E, P, L> Load<E> for Parent<P, L>
where
    P: Entity,
    E: BelongsTo<P>,
    L: Load<P>,
{
    type Loaded = WithParent<E, L::Loaded>;

    fn load(session: &ReadSession<'_>, rows: Vec<E>) -> Result<Vec<Self::Loaded>> {
        let mut ids: Vec<P::Id> = rows.iter().filter_map(BelongsTo::parent_id).collect();
        ids.sort_unstable_by_key(|id| id.uuid());
        ids.dedup();
        let parents: Vec<P> = session.repo::<P>().find_all(&ids)?.into_values().collect();
        let ids: Vec<P::Id> = parents.iter().map(P::id).collect();
        let loaded: HashMap<P::Id, L::Loaded> = ids.into_iter().zip(L::load(session, parents)?).collect();
        let with_parent = |row: E| WithParent {
            parent: row.parent_id().and_then(|id| loaded.get(&id).cloned()),
            row,
        };
        Ok(rows.into_iter().map(with_parent).collect())
    }
}

impl<E, C, L> Load<E> for Children<C, L>
where
    C: BelongsTo<E>,
    E: HasMany<C>,
    L: Load<C>,
{
    type Loaded = WithChildren<E, L::Loaded>;

    fn load(session: &ReadSession<'_>, rows: Vec<E>) -> Result<Vec<Self::Loaded>> {
        let ids: Vec<E::Id> = rows.iter().map(E::id).collect();
        let mut children = session.repo::<E>().children_of::<C>(&ids)?;
        // All of them in one list, so that the next level is one query, too; then each parent takes back as many as it
        // contributed.
        let (mut counts, mut all) = (Vec::with_capacity(rows.len()), Vec::new());
        for id in &ids {
            let mut own = children.remove(id).unwrap_or_default();
            counts.push(own.len());
            all.append(&mut own);
        }
        let mut loaded = L::load(session, all)?.into_iter();
        let with_children = |(parent, count): (E, usize)| WithChildren {
            parent,
            children: loaded.by_ref().take(count).collect(),
        };
        Ok(rows.into_iter().zip(counts).map(with_children).collect())
    }
}

impl<E: Entity> Repository<'_, E> {
    /// Some rows with what `L` says, in the same order.
    pub fn load<L: Load<E>>(&self, rows: Vec<E>) -> Result<Vec<L::Loaded>> {
        L::load(self.session, rows)
    }

    /// The row with this id and what `L` says; [`Error::NotFound`] when there is none.
    pub fn get_with<L: Load<E>>(&self, id: E::Id) -> Result<L::Loaded> {
        let loaded = self.load::<L>(vec![self.get(id)?])?.pop();
        loaded.ok_or(Error::NotFound {
            entity: E::TABLE.name,
            id: id.uuid(),
        })
    }

    /// One page of the rows that match, with what `L` says: `page_with::<Parent<Author>>`.
    pub fn page_with<L: Load<E>>(&self, query: &Query<E>, request: PageRequest) -> Result<Page<L::Loaded>> {
        let Page { items, meta } = self.page(query, request)?;
        Ok(Page {
            items: self.load::<L>(items)?,
            meta,
        })
    }

    /// The row that a row refers to, if it refers to one.
    pub fn parent<P>(&self, row: &E) -> Result<Option<P>>
    where
        P: Entity,
        E: BelongsTo<P>,
    {
        row.parent_id().map_or(Ok(None), |id| self.session.repo::<P>().find(id))
    }

    /// The children of one parent, in their own order.
    pub fn children<C>(&self, parent: E::Id) -> Result<Vec<C>>
    where
        C: BelongsTo<E>,
        E: HasMany<C>,
    {
        Ok(self.children_of(&[parent])?.remove(&parent).unwrap_or_default())
    }

    /// The children of some parents, by parent, with one query for a thousand of them.
    pub fn children_of<C>(&self, parents: &[E::Id]) -> Result<HashMap<E::Id, Vec<C>>>
    where
        C: BelongsTo<E>,
        E: HasMany<C>,
    {
        let mut found: HashMap<E::Id, Vec<C>> = HashMap::with_capacity(parents.len());
        for some in parents.chunks(KEYS_MAX) {
            let mut sql = C::statements().select.clone();
            sql.push(" WHERE ").push(E::FOREIGN_KEY).push(" IN (");
            let keys = padded(&mut sql, some);
            sql.push(") ORDER BY ").push(E::CHILD_ORDER);
            self.session.visit(&sql, params_from_iter(keys), |row| {
                let child = C::read(row, 0)?;
                if let Some(parent) = child.parent_id() {
                    found.entry(parent).or_default().push(child);
                }
                Ok(true)
            })?;
        }
        Ok(found)
    }
}
