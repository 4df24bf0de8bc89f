//! What is done with chosen records, as far as it is the same for all kinds.

use colophon_store::{Entity, EntityId as _, Error, FieldOf, Result, WriteSession};
use uuid::Uuid;

use crate::deed::Deed;
use crate::record::RecordKind;
use crate::undo::UNASKED_RECORDS_MAX;

/// After this many records it is told how far a deletion has come.
const RECORDS_BETWEEN_WORDS: u64 = 100;

/// What a deletion came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// Nothing was done: there are so many that a person is asked first.
    Asks,
    /// It was done.
    Done(Deleted),
}

/// What was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deleted {
    /// How many records.
    pub count: u64,
    /// How many stay, because others refer to them: authors who have books.
    pub left_alone: u64,
    /// The first that is gone.
    pub first: Option<Uuid>,
    /// What it was called.
    pub name: String,
}

/// Deletes records with what belongs to them, as one act; those to which others refer stay, and so does whatever is gone
/// already. A person who has not `agreed` is asked first if there are many. `told` is called now and then with the number
/// of records that were dealt with.
pub fn delete<E: Entity>(
    session: &WriteSession<'_>,
    records: &[E::Id],
    agreed: bool,
    told: impl Fn(u64),
) -> Result<Deletion> {
    if records.len() as u64 > UNASKED_RECORDS_MAX && !agreed {
        return Ok(Deletion::Asks);
    }
    let rows = session.repo_mut::<E>();
    let mut deleted = Deleted::default();
    for (at, id) in (1_u64..).zip(records) {
        match session.attempt(|| rows.delete(*id)) {
            Ok(row) => {
                deleted.count += 1;
                if deleted.first.is_none() {
                    deleted.first = Some(id.uuid());
                    let name = FieldOf::<E>::named(E::NAME.plain).map(|name| name.declared());
                    let print = name.and_then(|name| name.print(&row.values()[name.position]));
                    deleted.name = print.unwrap_or_default();
                }
            }
            Err(Error::ForeignKey { .. } | Error::Invalid { .. }) => deleted.left_alone += 1,
            Err(Error::NotFound { .. }) => {}
            Err(other) => return Err(other),
        }
        if at.is_multiple_of(RECORDS_BETWEEN_WORDS) {
            told(at);
        }
    }
    if let (Some(kind), true) = (RecordKind::of_table(E::TABLE.name), deleted.count > 0) {
        let count = usize::try_from(deleted.count).unwrap_or(usize::MAX);
        Deed::deleted(kind, &deleted.name).of_several(count).note(session);
    }
    Ok(Deletion::Done(deleted))
}
