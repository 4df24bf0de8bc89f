//! What a line says that whoever runs the server has sent to a person.

use colophon_sync::central::CentralSettings;
use serde::Serialize;
use specta::Type;

use super::fields::{ConnectionField, ConnectionTexts, about_field};
use crate::error::{CommandError, sentence};

/// The fields of the screen as such a line fills them in.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Invitation {
    /// All but the password.
    pub(crate) values: ConnectionTexts,
    /// The password; empty if the line holds none. It came from the page a moment ago.
    pub(crate) password: String,
}

impl Invitation {
    pub(super) fn read(line: &str) -> Result<Self, CommandError> {
        let settings = CentralSettings::from_invitation(line)
            .map_err(|error| about_field(ConnectionField::Server, &sentence(&error.to_string())))?;
        let values = ConnectionTexts {
            server: settings.server.clone(),
            port: settings.port.to_string(),
            database: settings.database.clone(),
            schema: settings.schema.to_string(),
            user: settings.user.clone(),
            protection: settings.tls.word().to_owned(),
            certificates: String::new(),
            sign_in: settings.require_auth.map(|list| list.to_string()).unwrap_or_default(),
        };
        let password = CentralSettings::password_in(line).unwrap_or_default();
        Ok(Self { values, password })
    }
}
