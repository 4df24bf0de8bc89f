//! The words of an error, without what its layers say of themselves.

use std::error::Error as _;

use tokio_postgres::error::DbError;

/// What a server says to a statement, as far as it tells a person something.
pub(super) fn words_of(error: &DbError) -> String {
    match error.detail() {
        // The row itself is known here; its repetition in the server's words would only be long.
        Some(detail) if !detail.starts_with("Failing row contains") => format!("{}: {detail}", error.message()),
        _ => error.message().to_owned(),
    }
}

/// The words of the first cause: tokio-postgres's own layers only say which layer failed.
pub(super) fn innermost(error: &tokio_postgres::Error) -> String {
    causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// What an error came from, from the outside in.
pub(super) fn causes(error: &tokio_postgres::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
