//! What caused an error, without what the layers above say about themselves.

use std::error::Error as _;

/// The words of the first cause: tokio-postgres's own layers only say which layer failed.
pub(super) fn innermost(error: &tokio_postgres::Error) -> String {
    causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// What caused an error, from the outside in.
pub(super) fn causes(error: &tokio_postgres::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
