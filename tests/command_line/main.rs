//! The `colophon` command, through its real binary.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test ends where its assumption does"
)]

mod backup;
mod bad_input;
mod belongings;
mod command;
mod doctor;
mod duplicates;
#[expect(dead_code, unreachable_pub, reason = "it is the support of the other suites as well")]
#[path = "../support/ending.rs"]
mod ending;
mod exported;
mod fields;
mod file;
mod foreign_file;
mod formats;
mod history;
mod import;
mod library_records;
mod lists;
mod one_file;
mod private_files;
mod records;
#[expect(unreachable_pub, reason = "it is public in the support of the other suites")]
#[path = "../support/shared.rs"]
mod shared;
mod shown;
mod surroundings;
mod told_to_end;
mod trash;
mod undo;
