//! XML from anybody, read safely.
//!
//! A file is read in whatever encoding it is ([`Characters`]), record by record ([`Records`]), and only the current
//! record is kept in memory. No entity is expanded but those of XML and of HTML, which are one character each, and
//! nothing is fetched that a document names. A record has bounds: its size ([`RECORD_MAX_BYTES`]) and how deep it is
//! ([`DEPTH_MAX`]). One that is broken is told with its line, and the next one is read.

mod characters;
mod element;
mod records;
mod tolerant;
mod written;

pub use self::characters::{Characters, RECORD_MAX_BYTES, TooLong};
pub use self::element::{Element, Node};
pub use self::records::{DEPTH_MAX, Found, Records};
pub use self::tolerant::{TolerantReader, tolerant};
pub use self::written::{attribute, text};
