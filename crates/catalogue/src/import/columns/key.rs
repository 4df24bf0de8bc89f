//! Headers as they are compared.

use crate::folding::fold;

/// A header without case, accents, spaces and signs.
pub(super) fn key(header: &str) -> String {
    let mut key = fold(header);
    key.retain(char::is_alphanumeric);
    key
}
