//! One change of many records at once, which a person has looked at before.
//!
//! A change is one operation on one field, or on one list such as the tags: set, clear, find and replace, other
//! capitals, no stray spaces, add, remove. Which operations a field has follows from what it holds, and what comes of one
//! has to pass the same rules as if it had been typed into each record. [`Preview::of`] computes what it would do, without
//! doing anything: which records would differ, and which cannot be changed, and why. [`Preview::apply`] does what was
//! shown, as one act.
//!
//! Between the two, others may write. The preview therefore keeps which records it has shown and a digest of what each
//! said. A record that says something else by then is left as it is: nobody has seen what would become of it.

mod applying;
mod excerpt;
mod field_changes;
mod letter_case;
mod list_changes;
mod operation;
mod planned;
mod preview;
mod rewriting;

pub use self::applying::Applied;
pub use self::letter_case::LetterCase;
pub use self::operation::{Change, Changeable, Operation, OperationKind, Replacement, changeable};
pub use self::planned::{Refused, Shown};
pub use self::preview::Preview;
