//! The rows of an entity as a trait, so that code working on them can be tested without a file.
//!
//! A function that takes `&impl RowsMut<Author>` runs on the [`RepositoryMut`] of a transaction, and in its tests on a
//! [`RowsInMemory`], which applies the same rules to a row. A test that needs queries, pages, relations or the rules of
//! a deletion takes the real thing: [`Database::in_memory`](crate::Database::in_memory).

use std::cell::{Cell, RefCell};

use crate::clock::Origin;
use crate::clock::Stamp;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::repository::Repository;
use crate::repository::repository_mut::RepositoryMut;
use crate::schema::Value;
use crate::schema::field::EntityId as _;

/// Rows that can be read.
pub trait Rows<E: Entity> {
    /// The row with this id, if there is one.
    fn find(&self, id: E::Id) -> Result<Option<E>>;
    /// The row with this name, compared as the entity folds it; if there are several, the one that was made first.
    fn find_by_name(&self, name: &str) -> Result<Option<E>>;
    /// All rows.
    fn all(&self) -> Result<Vec<E>>;

    /// The row with this id; [`Error::NotFound`] when there is none.
    fn get(&self, id: E::Id) -> Result<E> {
        self.find(id)?.ok_or(Error::NotFound {
            entity: E::TABLE.name,
            id: id.uuid(),
        })
    }
}

/// Rows that can be changed.
pub trait RowsMut<E: Entity>: Rows<E> {
    /// Makes a row and returns it as it is stored.
    fn create(&self, draft: &E::Draft) -> Result<E>;
    /// Changes a row to what is given, and returns it as it is stored.
    fn update(&self, row: E) -> Result<E>;
    /// Deletes a row and returns what it was.
    fn delete(&self, id: E::Id) -> Result<E>;
}

impl<E: Entity> Rows<E> for Repository<'_, E> {
    fn find(&self, id: E::Id) -> Result<Option<E>> {
        Repository::find(self, id)
    }

    fn find_by_name(&self, name: &str) -> Result<Option<E>> {
        Repository::find_by_name(self, name)
    }

    fn all(&self) -> Result<Vec<E>> {
        Repository::all(self)
    }
}

impl<E: Entity> Rows<E> for RepositoryMut<'_, '_, E> {
    fn find(&self, id: E::Id) -> Result<Option<E>> {
        Repository::find(self, id)
    }

    fn find_by_name(&self, name: &str) -> Result<Option<E>> {
        Repository::find_by_name(self, name)
    }

    fn all(&self) -> Result<Vec<E>> {
        Repository::all(self)
    }
}

impl<E: Entity> RowsMut<E> for RepositoryMut<'_, '_, E> {
    fn create(&self, draft: &E::Draft) -> Result<E> {
        RepositoryMut::create(self, draft)
    }

    fn update(&self, row: E) -> Result<E> {
        RepositoryMut::update(self, row)
    }

    fn delete(&self, id: E::Id) -> Result<E> {
        RepositoryMut::delete(self, id)
    }
}

/// The stand-in for tests: rows in a list, in the order in which they were made.
pub struct RowsInMemory<E> {
    rows: RefCell<Vec<E>>,
    origin: Origin,
    failure: Cell<Option<Error>>,
}

impl<E: Entity> Default for RowsInMemory<E> {
    fn default() -> Self {
        Self::with(Origin::default())
    }
}

impl<E: Entity> RowsInMemory<E> {
    /// An empty one, with the test's own clock and ids.
    pub fn with(origin: Origin) -> Self {
        Self {
            rows: RefCell::default(),
            origin,
            failure: Cell::default(),
        }
    }

    /// Makes the next call fail with this error.
    pub fn fail_next(&self, error: Error) {
        self.failure.set(Some(error));
    }

    fn failure(&self) -> Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// [`Error::Duplicate`] when another row has the value of a field that must be unique.
    fn check_unique(&self, row: &E) -> Result<()> {
        let values = row.values();
        for field in E::TABLE.unique {
            let Some(position) = E::TABLE.position(field) else {
                continue;
            };
            let value = &values[position];
            let has_it = |other: &&E| other.id() != row.id() && other.values()[position] == *value;
            if *value == Value::Null {
                continue;
            }
            if let Some(other) = self.rows.borrow().iter().find(has_it) {
                return Err(Error::Duplicate {
                    entity: E::TABLE.name,
                    field,
                    value: if let Value::Text(text) = value {
                        text.clone()
                    } else {
                        String::new()
                    },
                    existing: Some(other.id().uuid()),
                });
            }
        }
        Ok(())
    }

    fn index_of(&self, id: E::Id) -> Result<usize> {
        let index = self.rows.borrow().iter().position(|row| row.id() == id);
        index.ok_or(Error::NotFound {
            entity: E::TABLE.name,
            id: id.uuid(),
        })
    }
}

impl<E: Entity> Rows<E> for RowsInMemory<E> {
    fn find(&self, id: E::Id) -> Result<Option<E>> {
        self.failure()?;
        Ok(self.rows.borrow().iter().find(|row| row.id() == id).cloned())
    }

    fn find_by_name(&self, name: &str) -> Result<Option<E>> {
        const { assert!(!E::NAME.is_none(), "the entity has no name: see Entity::NAME") }
        self.failure()?;
        let wanted = E::fold(name);
        let has_it = |row: &&E| {
            let name = E::TABLE
                .position(E::NAME.plain)
                .map(|position| row.values().swap_remove(position));
            matches!(name, Some(Value::Text(name)) if E::fold(&name) == wanted)
        };
        Ok(self.rows.borrow().iter().find(has_it).cloned())
    }

    fn all(&self) -> Result<Vec<E>> {
        self.failure()?;
        Ok(self.rows.borrow().clone())
    }
}

impl<E: Entity> RowsMut<E> for RowsInMemory<E> {
    fn create(&self, draft: &E::Draft) -> Result<E> {
        self.failure()?;
        let now = self.origin.clock.now();
        let id = self.origin.ids.next(now);
        let row = E::from_draft(draft, Stamp { id, now }).checked_in_full()?;
        self.check_unique(&row)?;
        self.rows.borrow_mut().push(row.clone());
        Ok(row)
    }

    fn update(&self, row: E) -> Result<E> {
        self.failure()?;
        let index = self.index_of(row.id())?;
        let before = self.rows.borrow()[index].clone();
        let touched = before.changed(&row);
        let mut row = row.checked(touched)?;
        if before.changed(&row).is_empty() {
            return Ok(before);
        }
        self.check_unique(&row)?;
        row.set_updated_at(self.origin.clock.now());
        self.rows.borrow_mut()[index] = row.clone();
        Ok(row)
    }

    fn delete(&self, id: E::Id) -> Result<E> {
        self.failure()?;
        let index = self.index_of(id)?;
        Ok(self.rows.borrow_mut().remove(index))
    }
}
