//! Headings under which records are filed, as books are under a tag: they get another name, become one, or go.

use colophon_catalogue::schema::name_of;
use colophon_store::{Entity, EntityId as _, Error, Registered, Result, WriteSession};

use crate::deed::{Deed, Did};
use crate::form::Form;
use crate::merging::merge_records;

/// Gives a heading another name. [`Error::Invalid`] where another one has it: these two are to be made one.
pub fn rename<E: Entity>(session: &WriteSession<'_>, id: E::Id, name: &str) -> Result<E> {
    let headings = session.repo_mut::<E>();
    if let Some(other) = headings.find_by_name(name)?.filter(|other| other.id() != id) {
        let reason = format!(
            "there is a {} “{}” already: merge the two to make them one",
            E::TABLE.name,
            called::<E>(session, other.id())?
        );
        return Err(Error::invalid(E::NAME.plain, reason));
    }
    let form = Form::default().with_named(E::NAME.plain, name)?;
    let renamed = headings.change(id, |heading| form.fill(heading))?;
    Deed::of_many(Did::Edited, 1)
        .named(called::<E>(session, id)?)
        .note(session);
    Ok(renamed)
}

/// Makes a heading part of another: what is filed under it is filed under that, each once.
pub fn merge<E: Entity>(session: &WriteSession<'_>, from: E::Id, into: E::Id) -> Result<E> {
    if from == into {
        return Err(Error::invalid(
            E::TABLE.name,
            format!("it is the same {}", E::TABLE.name),
        ));
    }
    let headings = session.repo::<E>();
    headings.get(from)?;
    merge_records(session, &Registered::of::<E>(), from.uuid(), into.uuid())?;
    let merged = headings.get(into)?;
    Deed::of_many(Did::Edited, 1)
        .named(called::<E>(session, into)?)
        .note(session);
    Ok(merged)
}

/// Deletes headings, all or none, and gives what they were. What was filed under them stays.
pub fn delete<E: Entity>(session: &WriteSession<'_>, headings: &[E::Id]) -> Result<Vec<E>> {
    let Some(first) = headings.first() else {
        return Ok(Vec::new());
    };
    let name = called::<E>(session, *first)?;
    let rows = session.repo_mut::<E>();
    let deleted: Vec<_> = headings.iter().map(|id| rows.delete(*id)).collect::<Result<_>>()?;
    let deed = Deed::of_many(Did::Deleted, deleted.len() as u64);
    deed.named(name).note(session);
    Ok(deleted)
}

/// What a heading is called; empty where there is none.
fn called<E: Entity>(session: &WriteSession<'_>, id: E::Id) -> Result<String> {
    Ok(name_of(session, E::TABLE.name, id.uuid())?.unwrap_or_default())
}
