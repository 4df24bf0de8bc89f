//! What to do with one record, decided from three rows: as it was last seen on the server, as it is here, and as it is
//! there now.
//!
//! A pure function, so that every combination can be enumerated, and replayed from a failed history. It knows no
//! database, no network and no time. Its answer is a kind of act; the content of a merge follows from the same three
//! rows.

use colophon_store::schema::Value;

/// The values of a record, in the order of its table's columns.
pub type Values = [Value];

/// The record as it was last seen on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base<'r> {
    /// It was never there.
    Never,
    /// It was there, in this form.
    Row(&'r Values),
    /// It was deleted there, and had last been in this form.
    Deleted(&'r Values),
    /// It was there, in this form; both sides have deleted it since, and what it last was here is in no tombstone.
    Gone(&'r Values),
}

/// The record as it is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local<'r> {
    /// It is here, in this form.
    Row(&'r Values),
    /// It was deleted here, and had last been in this form.
    Deleted(&'r Values),
    /// It never came.
    Absent,
}

/// The record as it is on the server now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote<'r> {
    /// As it was last seen; at most its revision has moved.
    Same,
    /// Another row, written by somebody else.
    Row(&'r Values),
    /// A row that this very device has written.
    Own(&'r Values),
    /// It was deleted, and had last been in this form.
    Deleted(&'r Values),
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: both sides agree, and nothing needs to be remembered.
    Settled,
    /// Send the row.
    Push,
    /// Send the deletion, with the row's last content.
    PushDeletion,
    /// Take the server's row.
    Take,
    /// Delete the row here.
    TakeDeletion,
    /// Make the server's row the base: it is our own push coming back. Whatever differs from it still waits.
    AdoptAsBase,
    /// Merge the two rows field by field. Whatever the server lacks of the result still waits.
    Merge,
    /// Merge with the content that the tombstone kept, and send the row back over that tombstone.
    MergeOverTombstone,
    /// Bring back the row that was deleted here, merged with what the server has as if it had not been deleted.
    UndoDeletion,
    /// Both have deleted it. What it had been here is kept, and what it had been before that: no tombstone knows of it,
    /// and it is merged if somebody brings the record back.
    KeepContent,
}

/// Decides.
pub fn plan(base: Base<'_>, local: Local<'_>, remote: Remote<'_>) -> Action {
    match remote {
        Remote::Same => against_the_base(base, local),
        Remote::Row(theirs) => against_a_row(base, local, theirs),
        Remote::Own(ours) => against_our_own(local, ours),
        Remote::Deleted(last) => against_a_deletion(base, local, last),
    }
}

/// The server has nothing new.
fn against_the_base(base: Base<'_>, local: Local<'_>) -> Action {
    match (base, local) {
        (Base::Row(seen), Local::Row(here)) if seen == here => Action::Settled,
        (_, Local::Row(_)) => Action::Push,
        (Base::Row(_), Local::Deleted(_) | Local::Absent) => Action::PushDeletion,
        // Brought back here, changed, and deleted again.
        (Base::Deleted(seen), Local::Deleted(last)) if seen != last => Action::KeepContent,
        // Made and deleted here and never sent, or already deleted on the server in the same way.
        (Base::Never | Base::Deleted(_) | Base::Gone(_), Local::Deleted(_) | Local::Absent) => Action::Settled,
    }
}

/// Somebody else has changed the row, or made it.
fn against_a_row(base: Base<'_>, local: Local<'_>, theirs: &Values) -> Action {
    match (base, local) {
        (_, Local::Row(here)) if here == theirs => Action::Take,
        (Base::Row(seen), Local::Row(here)) if seen == here => Action::Take,
        (_, Local::Row(_)) => Action::Merge,
        (Base::Row(seen), Local::Deleted(_) | Local::Absent) if seen == theirs => Action::PushDeletion,
        // If nothing was seen there, it is a deletion that no tombstone knows: whoever sent the row may not have heard
        // of it.
        (Base::Row(_) | Base::Gone(_), Local::Deleted(_) | Local::Absent) | (Base::Never, Local::Deleted(_)) => {
            Action::UndoDeletion
        }
        // Both have brought it back; then it was changed here, and deleted again.
        (Base::Deleted(seen), Local::Deleted(last)) if seen != last => Action::UndoDeletion,
        (Base::Never, Local::Absent) | (Base::Deleted(_), Local::Deleted(_) | Local::Absent) => Action::Take,
    }
}

/// Our own push comes back after its acknowledgement was lost.
fn against_our_own(local: Local<'_>, ours: &Values) -> Action {
    match local {
        Local::Row(here) if here == ours => Action::Settled,
        Local::Row(_) => Action::AdoptAsBase,
        Local::Deleted(_) | Local::Absent => Action::PushDeletion,
    }
}

/// Somebody has deleted the row.
fn against_a_deletion(base: Base<'_>, local: Local<'_>, last: &Values) -> Action {
    match (base, local) {
        (Base::Row(seen) | Base::Deleted(seen) | Base::Gone(seen), Local::Deleted(here))
            if here != seen && here != last =>
        {
            Action::KeepContent
        }
        // Deleted here before this file heard that the server had received it, for instance from a copy of this file.
        (Base::Never, Local::Deleted(here)) if here != last => Action::KeepContent,
        (_, Local::Deleted(_) | Local::Absent) => Action::Settled,
        (Base::Row(seen), Local::Row(here)) if seen == here => Action::TakeDeletion,
        (Base::Deleted(seen), Local::Row(_)) if seen == last => Action::Push,
        (_, Local::Row(_)) => Action::MergeOverTombstone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> [Value; 1] {
        [Value::Text(text.to_owned())]
    }

    #[test]
    fn without_news_from_the_server_only_what_differs_from_it_is_sent() {
        let (a, b) = (row("a"), row("b"));
        for (base, local, expected) in [
            (Base::Never, Local::Row(&a), Action::Push),
            (Base::Never, Local::Absent, Action::Settled),
            (Base::Row(&a), Local::Row(&a), Action::Settled),
            (Base::Row(&a), Local::Row(&b), Action::Push),
            (Base::Row(&a), Local::Absent, Action::PushDeletion),
            // The server has a tombstone, so it lacks even an unchanged row.
            (Base::Deleted(&a), Local::Row(&a), Action::Push),
            (Base::Deleted(&a), Local::Row(&b), Action::Push),
            (Base::Deleted(&a), Local::Absent, Action::Settled),
        ] {
            assert_eq!(plan(base, local, Remote::Same), expected, "{base:?} {local:?}");
        }
    }

    #[test]
    fn an_edit_here_is_never_answered_by_taking_over_it() {
        let rows = [row("a"), row("b"), row("c")];
        for seen in &rows {
            for here in &rows {
                for there in &rows {
                    for base in [Base::Never, Base::Row(seen), Base::Deleted(seen)] {
                        let is_edited = base != Base::Row(here);
                        for remote in [
                            Remote::Same,
                            Remote::Row(there),
                            Remote::Own(there),
                            Remote::Deleted(there),
                        ] {
                            let action = plan(base, Local::Row(here), remote);
                            let loses_it = match action {
                                Action::Take => here != there,
                                Action::TakeDeletion => true,
                                Action::Settled => !matches!(remote, Remote::Own(own) if own == here),
                                _ => false,
                            };
                            assert!(!(is_edited && loses_it), "{base:?} {here:?} {remote:?}: {action:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_deletion_here_stands_against_what_was_known_when_it_was_made_and_yields_to_news() {
        let (a, b) = (row("a"), row("b"));
        assert_eq!(
            plan(Base::Row(&a), Local::Absent, Remote::Row(&a)),
            Action::PushDeletion
        );
        assert_eq!(
            plan(Base::Row(&a), Local::Absent, Remote::Row(&b)),
            Action::UndoDeletion
        );
        assert_eq!(
            plan(Base::Row(&a), Local::Absent, Remote::Own(&b)),
            Action::PushDeletion
        );
        assert_eq!(plan(Base::Row(&a), Local::Absent, Remote::Deleted(&b)), Action::Settled);
    }

    #[test]
    fn what_a_deletion_here_took_along_is_kept_for_when_somebody_brings_the_record_back() {
        let (a, b, c) = (row("a"), row("b"), row("c"));
        let deleted = Local::Deleted(&b);
        assert_eq!(plan(Base::Row(&a), deleted, Remote::Deleted(&a)), Action::KeepContent);
        assert_eq!(plan(Base::Gone(&a), deleted, Remote::Deleted(&c)), Action::KeepContent);
        assert_eq!(plan(Base::Gone(&a), deleted, Remote::Same), Action::Settled);
        assert_eq!(plan(Base::Gone(&a), deleted, Remote::Row(&a)), Action::UndoDeletion);
        assert_eq!(plan(Base::Deleted(&a), deleted, Remote::Same), Action::KeepContent);
        assert_eq!(plan(Base::Deleted(&a), deleted, Remote::Row(&c)), Action::UndoDeletion);
        assert_eq!(plan(Base::Never, deleted, Remote::Deleted(&a)), Action::KeepContent);
        // Nothing was said that the tombstone does not have.
        assert_eq!(plan(Base::Never, deleted, Remote::Deleted(&b)), Action::Settled);
        assert_eq!(
            plan(Base::Row(&a), Local::Deleted(&a), Remote::Deleted(&b)),
            Action::Settled
        );
        assert_eq!(plan(Base::Row(&a), deleted, Remote::Deleted(&b)), Action::Settled);
    }

    #[test]
    fn a_deletion_that_no_tombstone_knows_is_not_undone_without_a_word() {
        let (a, b) = (row("a"), row("b"));
        for theirs in [&a, &b] {
            assert_eq!(
                plan(Base::Never, Local::Deleted(&a), Remote::Row(theirs)),
                Action::UndoDeletion
            );
            // If a tombstone knew of the deletion, whoever brought the record back had heard of it.
            assert_eq!(
                plan(Base::Deleted(&a), Local::Deleted(&a), Remote::Row(theirs)),
                Action::Take
            );
        }
    }

    #[test]
    fn a_row_that_is_not_edited_here_follows_the_server() {
        let (a, b) = (row("a"), row("b"));
        assert_eq!(plan(Base::Row(&a), Local::Row(&a), Remote::Row(&b)), Action::Take);
        assert_eq!(
            plan(Base::Row(&a), Local::Row(&a), Remote::Deleted(&a)),
            Action::TakeDeletion
        );
        assert_eq!(plan(Base::Never, Local::Absent, Remote::Row(&b)), Action::Take);
    }

    #[test]
    fn an_edit_survives_the_deletion_of_its_row() {
        let (a, b) = (row("a"), row("b"));
        assert_eq!(
            plan(Base::Row(&a), Local::Row(&b), Remote::Deleted(&a)),
            Action::MergeOverTombstone
        );
        assert_eq!(
            plan(Base::Never, Local::Row(&b), Remote::Deleted(&a)),
            Action::MergeOverTombstone
        );
    }
}
