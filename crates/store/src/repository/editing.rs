//! Changing rows of one entity one after another.
//!
//! A change is four statements: the row is read, its changed columns are written, it is noted as pending for the sync,
//! and the journal is written at the end. Whoever changes many rows keeps the prepared statements from one to the next.

use std::sync::Arc;

use rusqlite::CachedStatement;

use crate::capture::pending::PendingUpdate;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::repository::repository_mut::RepositoryMut;
use crate::schema::ColumnSet;
use crate::schema::field::EntityId;
use crate::schema::statements::Update;
use crate::session::changes::ChangeKind;

/// The statements needed to change rows; each is prepared when first needed.
pub(crate) struct Editing<'r, 's, 'c, E: Entity> {
    repository: &'r RepositoryMut<'s, 'c, E>,
    find: Option<CachedStatement<'s>>,
    write: Option<(Arc<Update>, CachedStatement<'s>)>,
    pending: Option<PendingUpdate<'s>>,
}

/// A row as it is, with its local columns.
pub(crate) struct Found<E> {
    pub(crate) row: E,
    pub(crate) revision: i64,
    /// Its row number, by which it can be found again without its id.
    pub(crate) row_number: i64,
}

impl<'r, 's, 'c, E: Entity> Editing<'r, 's, 'c, E> {
    pub(crate) fn new(repository: &'r RepositoryMut<'s, 'c, E>) -> Self {
        Self {
            repository,
            find: None,
            write: None,
            pending: None,
        }
    }

    /// The row with this id; [`Error::NotFound`] when there is none.
    pub(crate) fn find(&mut self, id: E::Id) -> Result<Found<E>> {
        let session = self.repository.session;
        let statement = match &mut self.find {
            Some(statement) => statement,
            none => none.insert(session.prepare(&E::statements().get_with_revision)?),
        };
        let mut rows = statement.query([id.uuid().as_bytes().as_slice()])?;
        let row = rows.next()?.ok_or(Error::NotFound {
            entity: E::TABLE.name,
            id: id.uuid(),
        })?;
        let columns = E::TABLE.columns.len();
        Ok(Found {
            row: E::read(row, 0)?,
            revision: row.get(columns)?,
            row_number: row.get(columns + 1)?,
        })
    }

    /// Changes a row that was found to another state, checked where it differs, and returns it as it is stored now;
    /// `None` if nothing differs, and then nothing was written.
    pub(crate) fn write(&mut self, found: &Found<E>, row: E) -> Result<Option<E>> {
        let touched = found.row.changed(&row);
        self.write_as_it_was(found, row.checked(touched)?)
    }

    /// The same, without checking any rule: for values that the catalogue has held before.
    pub(crate) fn write_as_it_was(&mut self, found: &Found<E>, mut after: E) -> Result<Option<E>> {
        let session = self.repository.session;
        let changed = found.row.changed(&after);
        if changed.is_empty() {
            return Ok(None);
        }
        after.set_updated_at(session.now());
        let id = after.id().uuid();
        self.write_columns(&after, changed, found.row_number)?;
        if session.must_mark_update(found.revision)? {
            let pending = match &mut self.pending {
                Some(pending) => pending,
                none => none.insert(session.pending_update()?),
            };
            pending.write(id, &found.row, found.revision)?;
        }
        session.recorder.borrow_mut().updated(id, &found.row, &after, changed);
        session.note(E::TABLE.name, id, ChangeKind::Updated);
        Ok(Some(after))
    }

    /// Writes the changed columns of a row, its time, and the stored keys that follow from them.
    fn write_columns(&mut self, after: &E, changed: ColumnSet, row_number: i64) -> Result<()> {
        let (update, statement) = match &mut self.write {
            Some(write) if write.0.changed == changed => write,
            other => {
                let update = E::statements().update::<E>(changed);
                let statement = self.repository.session.prepare(&update.sql)?;
                other.insert((update, statement))
            }
        };
        let mut next = 0;
        let mut index = || {
            next += 1;
            next
        };
        for position in changed.positions() {
            statement.raw_bind_parameter(index(), after.bind_column(position))?;
        }
        for position in &update.derived {
            statement.raw_bind_parameter(index(), after.derive(*position))?;
        }
        statement.raw_bind_parameter(index(), after.updated_at().as_microsecond())?;
        statement.raw_bind_parameter(index(), row_number)?;
        let written = statement.raw_execute();
        written.map(drop).map_err(|error| self.repository.explain(error, after))
    }
}
