//! The form in which headers are compared.

use crate::folding::fold;

/// A header without case, accents, spaces and punctuation.
pub(super) fn key(header: &str) -> String {
    let mut key = fold(header);
    key.retain(char::is_alphanumeric);
    key
}
