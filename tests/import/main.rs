//! Importing other programs' files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its assumption does")]

mod bibtex;
mod calibre;
mod cells;
mod csl;
mod damage;
mod dublin_core;
mod formats;
mod isbn_list;
mod layout;
mod marc;
mod marc_again;
mod marc_files;
mod mods;
mod onix;
mod opf;
mod reading;
mod ris;
mod taken;
mod very_many;
mod workbooks;
mod writing;
