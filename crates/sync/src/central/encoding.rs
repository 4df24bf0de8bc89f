//! Whether the database can keep every text.
//!
//! Names come in all scripts, and only UTF-8 holds them. In a database of another encoding one row after another would be refused, with words
//! about bytes. So who meets one says so once, before anything is sent, with the command that makes a right one.

use super::error::{Error, Peer, Result};

const NEEDED: &str = "UTF8";

/// An error when the server has said that the database keeps text in another way.
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
