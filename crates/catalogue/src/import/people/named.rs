//! One person as a cell names them.

use crate::contribution::Role;

/// One person as a cell names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) struct Named {
    /// The name in direct order.
    pub(in crate::import) name: String,
    /// The sort name, if the cell gave the name inverted.
    pub(in crate::import) sort_name: Option<String>,
    /// The roles given with the name.
    pub(in crate::import) roles: Vec<Role>,
    /// The year of birth.
    pub(in crate::import) birth_year: Option<i32>,
    /// The year of death.
    pub(in crate::import) death_year: Option<i32>,
}

impl Named {
    /// Somebody of whom only the name is known.
    pub(in crate::import) fn plain(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sort_name: None,
            roles: Vec::new(),
            birth_year: None,
            death_year: None,
        }
    }
}
