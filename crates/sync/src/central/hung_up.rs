//! Servers that were hung up on because of what they said, in words.

use std::io;

use super::error::{Error, Peer};
use super::reasons::WhyUnreachable;
use super::require_auth::{AuthMethod, WhyNot};
use super::wire::{MESSAGE_BYTES_MAX, Unwanted};

const BYTES_OF_MEGABYTE: u64 = 1024 * 1024;

/// Why a server was hung up on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HungUp {
    /// It wants this login proved in a way that may not be gone. Nothing was sent.
    #[error("{server} {method}, {}", .why.words(*.method))]
    AuthNotAllowed {
        /// The address.
        server: String,
        /// The way.
        method: AuthMethod,
        /// Why not.
        why: WhyNot,
    },
    /// It announced one message that is longer than anything that a catalogue may hold.
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

/// What a server was hung up on for, if that is among the causes of an error.
pub(super) fn among<'e>(
    mut causes: impl Iterator<Item = &'e (dyn std::error::Error + 'static)>,
    peer: &Peer,
    doing: &'static str,
) -> Option<Error> {
    let found = causes.find_map(|cause| {
        let inside = cause.downcast_ref::<io::Error>()?.get_ref()?;
        inside.downcast_ref::<Unwanted>().copied()
    })?;
    let server = peer.server.clone();
    Some(match found {
        Unwanted::Method(method, why) => HungUp::AuthNotAllowed { server, method, why }.into(),
        Unwanted::TooLong(announced) => HungUp::TooLong {
            server,
            doing,
            announced,
        }
        .into(),
        Unwanted::Talk(_) => Error::Unreachable {
            server,
            reason: found.to_string(),
            why: WhyUnreachable::NotPostgres,
        },
    })
}
