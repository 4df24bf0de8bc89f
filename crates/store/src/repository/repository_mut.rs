//! The rows of one entity, for changing.

use std::marker::PhantomData;
use std::ops::Deref;

use crate::clock::Stamp;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::repository::Repository;
use crate::repository::editing::{Editing, Found};
use crate::repository::parts::delete_parts;
use crate::schema::field::EntityId;
use crate::schema::sql::Sql;
use crate::schema::{Value, bound};
use crate::session::WriteSession;
use crate::session::changes::ChangeKind;

/// The rows of one entity in one transaction: everything a [`Repository`] can do, plus writing.
pub struct RepositoryMut<'s, 'c, E: Entity> {
    read: Repository<'s, E>,
    pub(crate) session: &'s WriteSession<'c>,
    entity: PhantomData<E>,
}

/// Which of many rows were changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedSome<E> {
    /// How many differ now.
    pub count: u64,
    /// The first of them, as it is now.
    pub first: Option<E>,
}

impl<'s, E: Entity> Deref for RepositoryMut<'s, '_, E> {
    type Target = Repository<'s, E>;

    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

impl<'c> WriteSession<'c> {
    /// The rows of one entity, for changing.
    pub fn repo_mut<E: Entity>(&self) -> RepositoryMut<'_, 'c, E> {
        RepositoryMut::new(self)
    }
}

impl<'s, 'c, E: Entity> RepositoryMut<'s, 'c, E> {
    pub(crate) fn new(session: &'s WriteSession<'c>) -> Self {
        Self {
            read: Repository::new(session),
            session,
            entity: PhantomData,
        }
    }

    /// Makes a row and returns it as it is stored. Its id is known before the commit.
    pub fn create(&self, draft: &E::Draft) -> Result<E> {
        self.create_as(self.session.stamp(), draft)
    }

    /// The same, with an identity that was [drawn](Self::stamp) earlier.
    pub fn create_as(&self, stamp: Stamp, draft: &E::Draft) -> Result<E> {
        let row = E::from_draft(draft, stamp).checked_in_full()?;
        self.create_checked(&row)?;
        Ok(row)
    }

    /// Makes a row that is complete and has already passed its rules, as an import's has: what [`create`](Self::create)
    /// does, without checking a second time.
    pub fn create_checked(&self, row: &E) -> Result<()> {
        self.insert(row)?;
        self.session
            .recorder
            .borrow_mut()
            .created(E::TABLE.name, row.id().uuid());
        Ok(())
    }

    /// A new identity, for a row that others of the same transaction must refer to before it is written.
    pub fn stamp(&self) -> Stamp {
        self.session.stamp()
    }

    /// Changes a row to what is given, and returns it as it is stored. Only columns that differ are checked and
    /// written; if none differs, nothing is written, and the row keeps the time of its last change.
    pub fn update(&self, row: E) -> Result<E> {
        let mut editing = Editing::new(self);
        let found = editing.find(row.id())?;
        Ok(editing.write(&found, row)?.unwrap_or(found.row))
    }

    /// The same with values that the catalogue has held before, checking no rule: what another program wrote was good
    /// enough to be kept, and must not stand in the way of anyone going back to it.
    pub(crate) fn update_as_it_was(&self, row: &E) -> Result<()> {
        let mut editing = Editing::new(self);
        let found = editing.find(row.id())?;
        editing.write_as_it_was(&found, row.clone()).map(drop)
    }

    /// Changes a row by a closure, and returns it as it is stored: [`update`](Self::update) without reading the row twice.
    pub fn change(&self, id: E::Id, change: impl FnOnce(&mut E) -> Result<()>) -> Result<E> {
        let mut editing = Editing::new(self);
        let found = editing.find(id)?;
        let mut row = found.row.clone();
        change(&mut row)?;
        Ok(editing.write(&found, row)?.unwrap_or(found.row))
    }

    /// Changes many rows by the same closure, and returns how many of them actually differ now. Each is checked by the
    /// rules for what differs; the first that is missing or refused ends the call, and with it the caller's transaction
    /// or its [attempt](WriteSession::attempt).
    ///
    /// It does what a loop over [`change`](Self::change) does, but keeps the statements from row to row.
    pub fn change_all(
        &self,
        ids: impl IntoIterator<Item = E::Id>,
        mut change: impl FnMut(&mut E) -> Result<()>,
    ) -> Result<u64> {
        let mut editing = Editing::new(self);
        let mut changed = 0;
        for id in ids {
            let found = editing.find(id)?;
            let mut row = found.row.clone();
            change(&mut row)?;
            changed += u64::from(editing.write(&found, row)?.is_some());
        }
        Ok(changed)
    }

    /// Changes those of many rows that are there and that may be changed; the others stay as they are: one that is gone,
    /// one for which the closure or a rule says no ([`Error::Invalid`]), one whose new value another row has
    /// ([`Error::Duplicate`]). Any other error ends the call, as in [`change_all`](Self::change_all).
    pub fn change_where_allowed(
        &self,
        ids: impl IntoIterator<Item = E::Id>,
        mut change: impl FnMut(&mut E) -> Result<()>,
    ) -> Result<ChangedSome<E>> {
        let mut editing = Editing::new(self);
        let mut changed = ChangedSome { count: 0, first: None };
        for id in ids {
            let after = editing.find(id).and_then(|found| {
                let mut row = found.row.clone();
                change(&mut row)?;
                editing.write(&found, row)
            });
            match after {
                Ok(Some(row)) => {
                    changed.count += 1;
                    changed.first.get_or_insert(row);
                }
                // Nothing was written for it: a statement that fails leaves nothing behind.
                Ok(None) | Err(Error::NotFound { .. } | Error::Invalid { .. } | Error::Duplicate { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(changed)
    }

    /// Deletes a row with [its parts](crate::FieldOptions::PART_OF), and returns what it was. [`Error::ForeignKey`] if
    /// other rows still refer to it.
    pub fn delete(&self, id: E::Id) -> Result<E> {
        let Found { row, revision, .. } = Editing::new(self).find(id)?;
        E::before_delete(self.session, id)?;
        delete_parts(self.session, E::TABLE, id.uuid())?;
        match self
            .session
            .prepare(&E::statements().delete)?
            .execute([id.uuid().as_bytes().as_slice()])
        {
            Ok(_) => {}
            Err(error) if is_foreign_key(&error) => {
                let reason = "other records still refer to it".to_owned();
                return Err(Error::ForeignKey {
                    entity: E::TABLE.name,
                    reason,
                });
            }
            Err(error) => return Err(error.into()),
        }
        self.session.note_deleted(id.uuid(), &row, revision)?;
        self.session.recorder.borrow_mut().deleted(id.uuid(), &row);
        self.session.note(E::TABLE.name, id.uuid(), ChangeKind::Deleted);
        Ok(row)
    }

    /// Inserts a complete row that was deleted before, exactly as it was, and without a journal entry.
    pub(crate) fn bring_back(&self, row: &E) -> Result<()> {
        self.insert(row)?;
        self.session.note_inserted::<E>(row.id().uuid())
    }

    /// Inserts a complete row as it is.
    fn insert(&self, row: &E) -> Result<()> {
        let id = row.id().uuid();
        let mut statement = self.session.prepare(&E::statements().insert)?;
        row.bind(&mut statement)?;
        let columns = E::TABLE.columns.len();
        for position in 0..E::DERIVED.len() {
            statement.raw_bind_parameter(columns + position + 1, row.derive(position))?;
        }
        statement.raw_execute().map_err(|error| self.explain(error, row))?;
        self.session.note(E::TABLE.name, id, ChangeKind::Created);
        Ok(())
    }

    /// Turns a violated constraint into the error that names the field, the value and the row that has it.
    pub(crate) fn explain(&self, error: rusqlite::Error, row: &E) -> Error {
        if is_foreign_key(&error) {
            return Error::ForeignKey {
                entity: E::TABLE.name,
                reason: "it refers to a record that does not exist (any more)".to_owned(),
            };
        }
        let taken = unique_column(&error).and_then(|column| {
            let field = E::TABLE.unique.iter().copied().find(|unique| *unique == column)?;
            let position = E::TABLE.position(field)?;
            row.values().into_iter().nth(position).map(|value| (field, value))
        });
        let Some((field, value)) = taken else {
            return error.into();
        };
        let mut sql = Sql::new("SELECT id FROM ");
        sql.push(E::TABLE.name).push(" WHERE ").push(field).push("=?");
        let existing = self.session.query_first(&sql, [bound(&value)], |row| {
            crate::schema::field::read_uuid(row.get_ref(0)?).map_err(rusqlite::Error::from)
        });
        let value = if let Value::Text(text) = value {
            text
        } else {
            String::new()
        };
        Error::Duplicate {
            entity: E::TABLE.name,
            field,
            value,
            existing: existing.ok().flatten(),
        }
    }
}

fn is_foreign_key(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _)
        if matches!(failure.extended_code, rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY | rusqlite::ffi::SQLITE_CONSTRAINT_TRIGGER))
}

/// The column in `UNIQUE constraint failed: book.isbn`. SQLite gives it only in words.
fn unique_column(error: &rusqlite::Error) -> Option<&str> {
    match error {
        rusqlite::Error::SqliteFailure(failure, Some(message))
            if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE =>
        {
            message.rsplit('.').next()
        }
        _ => None,
    }
}
