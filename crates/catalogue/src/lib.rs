//! Authors, books and contributions: their rules, queries, search, journal, import and export.

pub mod folding;
pub mod import;
pub mod isbn;
pub mod language;
pub mod person_name;
pub mod text;
pub mod year;
