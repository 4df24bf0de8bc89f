//! Importing other programs' files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its assumption does")]

mod cells;
mod damage;
mod layout;
mod reading;
mod very_many;
mod writing;
