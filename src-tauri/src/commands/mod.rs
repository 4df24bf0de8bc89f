//! What the window may ask: each command goes from arguments through a call to a value or a coded error.
//!
//! The types here are the wire format. The window's TypeScript is generated from them, so a field that changes its name
//! breaks the window's type check rather than a person's click.

pub(crate) mod activity;
pub(crate) mod authors;
pub(crate) mod belongings;
pub(crate) mod books;
pub(crate) mod bulk;
pub(crate) mod called;
pub(crate) mod catalogue;
pub(crate) mod catalogues;
pub(crate) mod checks;
pub(crate) mod conflicts;
pub(crate) mod connection;
pub(crate) mod contributions;
pub(crate) mod done;
pub(crate) mod drafts;
pub(crate) mod duplicates;
pub(crate) mod elsewhere;
pub(crate) mod export;
pub(crate) mod fields;
pub(crate) mod lists;
pub(crate) mod moved;
pub(crate) mod palette;
pub(crate) mod print;
pub(crate) mod rescue;
pub(crate) mod search;
pub(crate) mod selection;
pub(crate) mod subject;
pub(crate) mod sync;
pub(crate) mod timeline;
pub(crate) mod trash;
pub(crate) mod undo;
pub(crate) mod view_state;
