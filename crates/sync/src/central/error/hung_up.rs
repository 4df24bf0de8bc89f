//! The reasons for hanging up on a server because of what it said, in words.

use crate::central::require_auth::{AuthMethod, WhyNot};
use crate::central::wire::MESSAGE_BYTES_MAX;

const BYTES_OF_MEGABYTE: u64 = 1024 * 1024;

/// Why we hung up on a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HungUp {
    /// It wants this login proved by a method that is not allowed. Nothing was sent.
    #[error("{server} {method}, {}", .why.words(*.method))]
    AuthNotAllowed {
        /// The address.
        server: String,
        /// The method.
        method: AuthMethod,
        /// Why not.
        why: WhyNot,
    },
    /// It announced a single message longer than anything that a catalogue may hold.
    #[error(
        "{server} announced {} MB in one piece while {doing}, and nothing in a catalogue is longer than {} MB; the \
         connection was ended, edits are safe here: ask whoever runs the server what other programs have written there",
        .announced.div_ceil(BYTES_OF_MEGABYTE), MESSAGE_BYTES_MAX / BYTES_OF_MEGABYTE
    )]
    TooLong {
        /// The address.
        server: String,
        /// What was under way.
        doing: &'static str,
        /// What it announced, in bytes.
        announced: u64,
    },
}

impl HungUp {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::AuthNotAllowed { .. } => "auth_not_allowed",
            Self::TooLong { .. } => "too_long",
        }
    }
}
