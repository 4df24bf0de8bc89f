//! Tags that get another name, become one, or go.

use colophon_catalogue::{Tag, TagId};
use colophon_store::{EntityId as _, Error, Registered, Result, WriteSession};

use crate::merging::merge_records;

/// Gives a tag another name. [`Error::Invalid`] where another tag has it: these two are to be made one.
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
    session.describe(format!("Renamed a tag to “{}”", renamed.name));
    Ok(renamed)
}

/// Makes a tag part of another: its books are filed under that, each once.
pub fn merge_tags(session: &WriteSession<'_>, from: TagId, into: TagId) -> Result<Tag> {
    if from == into {
        return Err(Error::invalid("tag", "it is the same tag"));
    }
    let tags = session.repo::<Tag>();
    let first = tags.get(from)?;
    let second = tags.get(into)?;
    merge_records(session, &Registered::of::<Tag>(), from.uuid(), into.uuid())?;
    session.describe(format!("Merged the tag “{}” into “{}”", first.name, second.name));
    tags.get(into)
}

/// Deletes a tag. Its books stay.
pub fn delete_tag(session: &WriteSession<'_>, id: TagId) -> Result<Tag> {
    let deleted = session.repo_mut::<Tag>().delete(id)?;
    session.describe(format!("Deleted the tag “{}”", deleted.name));
    Ok(deleted)
}
