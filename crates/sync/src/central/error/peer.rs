//! What the driver and the server report, sorted into errors: the only place where their codes are read.

use std::io;

use tokio_postgres::error::DbError;

use super::Error;
use super::hung_up::HungUp;
use crate::central::reasons::{Layer, WhyInsecure, WhyUnreachable};
use crate::central::reports::{is_about_a_row, words_of};
use crate::central::wire::Unwanted;
use crate::central::words::{causes, innermost};

/// Who was speaking to whom; goes into every message.
#[derive(Debug, Clone)]
pub(in crate::central) struct Peer {
    pub(in crate::central) server: String,
    pub(in crate::central) user: String,
    pub(in crate::central) database: String,
    pub(in crate::central) schema: String,
    /// The limit that the server enforces, for its message.
    pub(in crate::central) statement_seconds: u64,
}

impl Peer {
    /// An error of a connection that is being made.
    pub(in crate::central) fn while_connecting(&self, error: &tokio_postgres::Error) -> Error {
        let server = self.server.clone();
        if let Some(reported) = error.as_db_error() {
            return self.reported(reported, "signing in");
        }
        if let Some(hung_up) = among(causes(error), self, "signing in") {
            return hung_up;
        }
        let reason = innermost(error);
        match Layer::of(error) {
            Layer::Encryption => {
                let why = WhyInsecure::of(error);
                let reason = why.words().unwrap_or(reason);
                Error::Tls { server, reason, why }
            }
            // The server asked for a password and there was none.
            Layer::Settings => Error::NoPassword {
                server,
                user: self.user.clone(),
                keychain: None,
            },
            // It failed to prove that it knows ours.
            Layer::Proof => Error::WrongPassword {
                server,
                user: self.user.clone(),
            },
            Layer::Wire => {
                let why = WhyUnreachable::of(error);
                Error::Unreachable { server, reason, why }
            }
        }
    }

    /// An error of a statement.
    pub(in crate::central) fn while_doing(&self, doing: &'static str, error: &tokio_postgres::Error) -> Error {
        if let Some(reported) = error.as_db_error() {
            return self.reported(reported, doing);
        }
        if let Some(hung_up) = among(causes(error), self, doing) {
            return hung_up;
        }
        let server = self.server.clone();
        let reason = innermost(error);
        let is_broken = error.is_closed() || causes(error).any(<dyn std::error::Error>::is::<std::io::Error>);
        if is_broken {
            Error::ConnectionLost { server, doing, reason }
        } else {
            Error::Server { server, reason }
        }
    }

    fn reported(&self, error: &DbError, doing: &'static str) -> Error {
        let server = self.server.clone();
        let user = self.user.clone();
        let reason = words_of(error);
        let code = error.code();
        match code.code() {
            "28P01" => Error::WrongPassword { server, user },
            "28000" => Error::LoginRefused { server, user, reason },
            "3D000" => Error::NoDatabase {
                server,
                database: self.database.clone(),
            },
            "3F000" | "42P01" | "42883" => Error::NoSchema {
                server,
                schema: self.schema.clone(),
            },
            "40001" | "40P01" | "55P03" => Error::Busy { reason },
            // Ours: see the migrations.
            "KD001" => Error::DeviceOfAnother { reason },
            "57014" => {
                // Because of the limit it was given, a shorter one of its own, or because somebody told it to: it says
                // which.
                let given = self.statement_seconds;
                let reason = format!("while {doing}: {reason}; this program needs a statement_timeout of {given} s");
                Error::Unavailable { server, reason }
            }
            "57P01" | "57P02" | "25P03" | "08006" | "08003" | "08000" => {
                Error::ConnectionLost { server, doing, reason }
            }
            "25006" => Error::ReadOnly { server, reason },
            "57P03" | "57P05" => Error::Unavailable { server, reason },
            "42501" if !is_about_a_row(error) => Error::NotAllowed {
                server,
                user,
                schema: self.schema.clone(),
                reason,
            },
            other => match &other[..2] {
                "53" | "58" => Error::Unavailable { server, reason },
                "22" | "23" | "42" | "44" | "54" | "P0" if is_about_a_row(error) => Error::Refused {
                    reason,
                    constraint: error.constraint().map(str::to_owned),
                    clashes: matches!(code.code(), "23503" | "23505"),
                },
                _ => Error::Server {
                    server,
                    reason: format!("{reason} ({})", code.code()),
                },
            },
        }
    }
}

/// Why we hung up on a server, if that is among the causes of an error.
fn among<'e>(
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
