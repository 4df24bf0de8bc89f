//! What a person does to a catalogue.

pub mod deletion;
pub mod history;
pub mod merging;
pub mod parts;
pub mod sample;
pub mod settlement;
pub mod undo;

pub use deletion::{BooksOfDeleted, delete_author};
