//! Doing what was looked at.

use std::cell::Cell;
use std::collections::HashSet;

use colophon_catalogue::lists::Listed;
use colophon_store::{EntityId as _, Result, WriteSession};
use uuid::Uuid;

use super::field_changes::{self, name_of};
use super::list_changes::ListChange;
use super::operation::Target;
use super::preview::Preview;
use super::rewriting::Rewriting;
use crate::deed::Deed;
use crate::record::RecordKind;

/// After this many records it is told how far the change has come.
const RECORDS_BETWEEN_WORDS: u64 = 1_000;

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// How many records differ now.
    pub changed: u64,
    /// How many of those that were looked at stay as they were: they were changed or deleted meanwhile, or another record
    /// has got what they were to get.
    pub left_alone: u64,
    /// The first that differs, if any does.
    pub first: Option<Uuid>,
    /// What it is called.
    pub name: String,
}

impl Preview {
    /// Does what was shown, as one act, except to some of the records. `told` is called now and then with the number of
    /// records that were dealt with.
    pub fn apply<E: Listed>(
        &self,
        session: &WriteSession<'_>,
        except: &HashSet<Uuid>,
        told: impl Fn(u64),
    ) -> Result<Applied> {
        let planned = self.gathered.planned.iter().filter(|one| !except.contains(&one.id));
        let begun = Cell::new(0_u64);
        let each = || {
            begun.set(begun.get() + 1);
            if begun.get().is_multiple_of(RECORDS_BETWEEN_WORDS) {
                told(begun.get());
            }
        };
        let changed = match self.change.target::<E>()? {
            Target::Field(field) => {
                let rewriting = Rewriting::of(&self.change.operation, field.declared())?;
                field_changes::apply(session, planned, field, &rewriting, each)?
            }
            Target::List(list) => ListChange::of(list, &self.change.operation)?.apply(session, planned, each)?,
        };
        let name = changed.first.as_ref().map(name_of).unwrap_or_default();
        if let (Some(kind), true) = (RecordKind::of_table(E::TABLE.name), changed.count > 0) {
            let count = usize::try_from(changed.count).unwrap_or(usize::MAX);
            Deed::edited(kind, &name).of_several(count).note(session);
        }
        Ok(Applied {
            changed: changed.count,
            left_alone: begun.get() - changed.count,
            first: changed.first.map(|row| row.id().uuid()),
            name,
        })
    }
}
