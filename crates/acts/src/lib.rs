//! What a person does to a catalogue.
//!
//! An act is a plain function on a write session: it takes what was asked for, does it in the transaction that the
//! caller holds, and returns the result. It also says what it was, as a [`Deed`]: a code with its parameters, which the
//! journal stores, and which whoever offers the undo puts into the person's language. The window and the command line
//! only translate: what was clicked or typed into an act, and its result into a screen or a line. So a rule holds
//! wherever somebody works, and a new way to work (a script, a server) starts out with all the acts there are.
//!
//! What a field may hold, and what a row must be, is the [catalogue's](colophon_catalogue) business; this crate is
//! about what is done with rows: which go along with another, which stay with whom, what happens to the books of an
//! author who is deleted.

pub mod activity;
pub mod apart;
pub mod authors;
pub mod belongings;
pub mod books;
pub mod bulk;
pub mod combining;
pub mod contributors;
pub mod deed;
mod deletion;
pub mod done;
pub mod export;
pub mod form;
pub mod headings;
pub mod history;
pub mod import;
pub mod merging;
mod parts;
pub mod record;
pub mod said;
pub mod sample;
pub mod selected;
pub mod settlement;
pub mod side_by_side;
pub mod somebody;
pub mod subject;
pub mod timeline;
pub mod trash;
pub mod undo;

pub use deed::{Deed, Did};
pub use deletion::BooksOfDeleted;
pub use form::Form;
pub use record::RecordKind;
pub use somebody::Somebody;
