//! Whether the database can keep every text.
//!
//! Names come in all scripts, and only UTF-8 can hold them all. In a database with another encoding, one row after
//! another would be refused, with messages about bytes. So whoever meets such a database says so once, before anything
//! is sent, with the command that makes a proper one.

use super::error::{Error, Peer, Result};

const NEEDED: &str = "UTF8";

/// An error if the server has said that the database keeps text in another encoding.
pub(super) fn check(peer: &Peer, told: Option<&str>) -> Result<()> {
    match told {
        Some(encoding) if encoding != NEEDED => Err(Error::Encoding {
            server: peer.server.clone(),
            database: peer.database.clone(),
            encoding: encoding.to_owned(),
        }),
        _ => Ok(()),
    }
}
