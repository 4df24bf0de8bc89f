//! What the server tells of other devices' changes, asked when a person looks at it.

use colophon_catalogue::elsewhere::{Elsewhere, Who};
use colophon_sync::Error;
use colophon_sync::central::Connection;
use serde::Serialize;
use specta::Type;
use uuid::Uuid;

use crate::app_state::Opened;
use crate::error::{Code, CommandError, sentence};

/// Who did something elsewhere, as far as that is known.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct WhoTold {
    /// The login on the server.
    pub(crate) login: Option<String>,
    /// What the device is called, with the name of its person.
    pub(crate) device: Option<String>,
}

impl From<Who> for WhoTold {
    fn from(who: Who) -> Self {
        Self {
            login: who.login,
            device: who.device,
        }
    }
}

/// A connection to the server, and this device's id there; `None` if the catalogue is on this computer only.
pub(super) async fn server(opened: &Opened) -> Result<Option<(Connection, Option<Uuid>)>, CommandError> {
    let Some(central) = opened.central.clone() else {
        return Ok(None);
    };
    let device = opened.database.read(|session| session.device()).await?;
    let (connection, _) = central.open().await.map_err(|error| unanswered(&error.into()))?;
    Ok(Some((connection, device.map(|device| device.id))))
}

/// Everything that other devices have ever changed about these records, earliest first.
pub(super) async fn history(opened: &Opened, records: &[Uuid]) -> Result<Vec<Elsewhere>, CommandError> {
    let Some((connection, own)) = server(opened).await? else {
        return Ok(Vec::new());
    };
    let entries = connection.history(records).await;
    let entries = entries.map_err(|error| unanswered(&error.into()))?.into_iter();
    // This file's own edits are in the journal, with more about them.
    let others = entries.filter(|entry| own.is_none() || entry.device_id != own);
    Ok(others.map(Elsewhere::from).collect())
}

pub(super) fn unanswered(error: &Error) -> CommandError {
    let code = if error.passes_by_itself() {
        Code::Busy
    } else {
        Code::Server
    };
    CommandError::new(code, sentence(&error.to_string()))
}
