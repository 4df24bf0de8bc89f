//! Tags that are renamed, merged, or deleted.

use colophon_catalogue::{Tag, TagId};
use colophon_store::{EntityId as _, Error, Registered, Result, WriteSession};

use crate::deed::{Deed, Did};
use crate::merging::merge_records;

/// Gives a tag another name. [`Error::Invalid`] if another tag has it: these two must be merged.
pub fn rename_tag(session: &WriteSession<'_>, id: TagId, name: &str) -> Result<Tag> {
    let tags = session.repo_mut::<Tag>();
    if let Some(other) = tags.find_by_name(name)?.filter(|other| other.id != id) {
        let reason = format!(
            "there is a tag “{}” already: merge the two to make them one",
            other.name
        );
        return Err(Error::invalid("name", reason));
    }
    let renamed = tags.change(id, |tag| {
        name.clone_into(&mut tag.name);
        Ok(())
    })?;
    Deed::of_many(Did::Edited, 1).named(renamed.name.clone()).note(session);
    Ok(renamed)
}

/// Makes a tag part of another: its books are filed under that one, each once.
pub fn merge_tags(session: &WriteSession<'_>, from: TagId, into: TagId) -> Result<Tag> {
    if from == into {
        return Err(Error::invalid("tag", "it is the same tag"));
    }
    let tags = session.repo::<Tag>();
    tags.get(from)?;
    merge_records(session, &Registered::of::<Tag>(), from.uuid(), into.uuid())?;
    let merged = tags.get(into)?;
    Deed::of_many(Did::Edited, 1).named(merged.name.clone()).note(session);
    Ok(merged)
}

/// Deletes tags, all or none, and returns what they were. Their books stay.
pub fn delete_tags(session: &WriteSession<'_>, tags: &[TagId]) -> Result<Vec<Tag>> {
    let rows = session.repo_mut::<Tag>();
    let deleted: Vec<_> = tags.iter().map(|id| rows.delete(*id)).collect::<Result<_>>()?;
    if let Some(first) = deleted.first() {
        let deed = Deed::of_many(Did::Deleted, deleted.len() as u64);
        deed.named(first.name.clone()).note(session);
    }
    Ok(deleted)
}
