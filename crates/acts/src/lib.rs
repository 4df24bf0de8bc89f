//! What a person does to a catalogue.
//!
//! An act is a plain function on a write session: it takes what was asked, does it in the transaction that the caller holds, and gives
//! back what came of it. It also says what it was, as a [`Deed`]: a code with its parameters, which the journal keeps and whoever offers
//! the undo words in the person's language. The window and the command line only translate: what was clicked or typed into an act, and
//! what came of it into a screen or a line. So a rule holds wherever somebody works, and a new way to work (a script, a server) begins
//! with all acts there are.
//!
//! What a field may hold, and what a row must be, is the [catalogue's](colophon_catalogue) business; here is what is done with rows:
//! which go along with another, who stays whose, what becomes of the books of an author who goes.

pub mod authors;
pub mod belongings;
pub mod books;
pub mod contributors;
pub mod deed;
mod deletion;
pub mod form;
pub mod headings;
pub mod history;
pub mod import;
pub mod merging;
mod parts;
pub mod record;
pub mod said;
pub mod sample;
pub mod settlement;
pub mod somebody;
pub mod subject;
pub mod undo;

pub use deed::{Deed, Did};
pub use deletion::BooksOfDeleted;
pub use form::Form;
pub use record::RecordKind;
pub use somebody::Somebody;
