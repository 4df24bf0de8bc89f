//! Importing other programs' files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its assumption does")]

mod bibtex;
mod cells;
mod csl;
mod damage;
mod formats;
mod layout;
mod marc;
mod marc_again;
mod marc_files;
mod reading;
mod ris;
mod taken;
mod very_many;
mod writing;
