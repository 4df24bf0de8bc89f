//! What a change of many records would do.

use colophon_catalogue::lists::Listed;
use colophon_store::{PageRequest, Query, ReadSession, Result};

use super::field_changes;
use super::list_changes::ListChange;
use super::operation::{Change, Target};
use super::planned::{Gathered, Refused, Shown};
use super::rewriting::Rewriting;

/// A change of records of one kind, and what it would do to each. It holds a few bytes for each record that would
/// differ, and reads those that are looked at anew.
#[derive(Debug)]
pub struct Preview {
    pub(super) change: Change,
    pub(super) gathered: Gathered,
}

impl Preview {
    /// Computes what a change would do to all records that a query finds. Nothing is written. An error says why it could
    /// be done to none.
    pub fn of<E: Listed>(session: &ReadSession<'_>, query: &Query<E>, change: Change) -> Result<Self> {
        let gathered = match change.target::<E>()? {
            Target::Field(field) => {
                let rewriting = Rewriting::of(&change.operation, field.declared())?;
                field_changes::gather(session, query, field, &rewriting)?
            }
            Target::List(list) => ListChange::of(list, &change.operation)?.gather(session, query)?,
        };
        Ok(Self { change, gathered })
    }

    /// How many records would differ.
    pub fn changing(&self) -> u64 {
        self.gathered.planned.len() as u64
    }

    /// How many would stay as they are, because there is nothing to do.
    pub fn unchanged(&self) -> u64 {
        self.gathered.unchanged
    }

    /// How many cannot be changed.
    pub fn refused_total(&self) -> u64 {
        self.gathered.refused_total
    }

    /// The first of those that cannot be changed, with the reasons.
    pub fn refused(&self) -> &[Refused] {
        &self.gathered.refused
    }

    /// Some of the records that would differ, before and after, in the order of their list. One that is gone is left out.
    pub fn page<E: Listed>(&self, session: &ReadSession<'_>, request: PageRequest) -> Result<Vec<Shown>> {
        let all = &self.gathered.planned;
        let from = usize::try_from(request.offset()?).unwrap_or(usize::MAX).min(all.len());
        let planned = &all[from..all.len().min(from + request.per_page as usize)];
        match self.change.target::<E>()? {
            Target::Field(field) => {
                let rewriting = Rewriting::of(&self.change.operation, field.declared())?;
                field_changes::shown(session, planned, field, &rewriting)
            }
            Target::List(list) => ListChange::of(list, &self.change.operation)?.shown::<E>(session, planned),
        }
    }
}
