//! The fields of the connection screen: their texts, what of them is stored, and what is wrong with one.

use std::collections::BTreeMap;

use colophon_store::Error;
use colophon_store::settings::Sources;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::{Code, CommandError, sentence};

/// A field of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConnectionField {
    /// The server.
    Server,
    /// The port.
    Port,
    /// The database.
    Database,
    /// The schema, which is the catalogue.
    Schema,
    /// The login.
    User,
    /// The password.
    Password,
    /// How the connection is protected.
    Protection,
    /// The file with the certificates to trust.
    Certificates,
    /// The ways to sign in that are allowed.
    SignIn,
}

/// The texts of the fields. The password is not among them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
pub(crate) struct ConnectionTexts {
    /// A host name, an address or the folder of a socket; empty for no server.
    pub(crate) server: String,
    /// The port; empty for PostgreSQL's own.
    pub(crate) port: String,
    /// The database; empty for the usual name.
    pub(crate) database: String,
    /// The schema; empty for the usual name.
    pub(crate) schema: String,
    /// The login; empty for the usual name.
    pub(crate) user: String,
    /// libpq's `sslmode`; empty for the usual one.
    pub(crate) protection: String,
    /// A file; empty for the system's certificates.
    pub(crate) certificates: String,
    /// libpq's `require_auth`; empty for the usual.
    pub(crate) sign_in: String,
}

impl ConnectionTexts {
    /// The texts by the names of their settings.
    pub(super) fn by_name(&self) -> [(&'static str, ConnectionField, &str); 8] {
        [
            ("POSTGRES_SERVER", ConnectionField::Server, &self.server),
            ("POSTGRES_PORT", ConnectionField::Port, &self.port),
            ("POSTGRES_DB", ConnectionField::Database, &self.database),
            ("POSTGRES_SCHEMA", ConnectionField::Schema, &self.schema),
            ("POSTGRES_USER", ConnectionField::User, &self.user),
            ("POSTGRES_SSLMODE", ConnectionField::Protection, &self.protection),
            (
                "POSTGRES_SSLROOTCERT",
                ConnectionField::Certificates,
                &self.certificates,
            ),
            ("POSTGRES_REQUIRE_AUTH", ConnectionField::SignIn, &self.sign_in),
        ]
    }

    pub(super) fn of(sources: &Sources) -> Result<Self, CommandError> {
        let text = |name: &str| Ok::<_, Error>(sources.get(name)?.unwrap_or_default().to_owned());
        Ok(Self {
            server: text("POSTGRES_SERVER")?,
            port: text("POSTGRES_PORT")?,
            database: text("POSTGRES_DB")?,
            schema: text("POSTGRES_SCHEMA")?,
            user: text("POSTGRES_USER")?,
            protection: text("POSTGRES_SSLMODE")?,
            certificates: text("POSTGRES_SSLROOTCERT")?,
            sign_in: text("POSTGRES_REQUIRE_AUTH")?,
        })
    }

    /// What is to be stored for the catalogue: nothing without a server.
    pub(super) fn values(&self) -> BTreeMap<String, String> {
        if self.server.trim().is_empty() {
            return BTreeMap::new();
        }
        let filled = self
            .by_name()
            .into_iter()
            .filter(|(_, _, text)| !text.trim().is_empty());
        filled
            .map(|(name, _, text)| (name.to_owned(), text.trim().to_owned()))
            .collect()
    }
}

/// A setting that cannot be understood, reported for the field that it was typed into.
pub(super) fn of_setting(error: Error, texts: &ConnectionTexts) -> CommandError {
    let field = match &error {
        Error::Setting { name, .. } => texts.by_name().into_iter().find(|(of, _, _)| of == name),
        _ => None,
    };
    match (field, error) {
        (Some((_, ConnectionField::Port, _)), _) => about_field(
            ConnectionField::Port,
            "Write a whole number from 1 to 65535, or leave it empty for 5432.",
        ),
        (Some((_, field, _)), Error::Setting { reason, .. }) => about_field(field, &sentence(&reason)),
        (_, error) => error.into(),
    }
}

pub(super) fn about_field(field: ConnectionField, message: &str) -> CommandError {
    let word = serde_json::to_value(field).ok();
    CommandError {
        field: word.and_then(|word| word.as_str().map(str::to_owned)),
        ..CommandError::new(Code::Invalid, message)
    }
}

#[cfg(test)]
mod tests {
    use colophon_sync::central::CentralSettings;

    use super::*;

    fn texts(port: &str, schema: &str) -> ConnectionTexts {
        ConnectionTexts {
            server: " db.example.org ".to_owned(),
            port: port.to_owned(),
            schema: schema.to_owned(),
            ..ConnectionTexts::default()
        }
    }

    fn told(texts: &ConnectionTexts) -> CommandError {
        let values = texts.values();
        let values = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let sources = Sources::default().replacing(CentralSettings::PREFIX, values);
        of_setting(
            CentralSettings::from_sources(&sources).expect_err("it is no setting"),
            texts,
        )
    }

    #[test]
    fn what_cannot_be_understood_is_told_at_its_field() {
        assert_eq!(told(&texts("many", "")).field.as_deref(), Some("port"));
        let schema = told(&texts("", "Our Books"));
        assert_eq!((schema.code, schema.field.as_deref()), (Code::Invalid, Some("schema")));
        assert!(schema.message.starts_with("Must be a name"), "{}", schema.message);
    }

    #[test]
    fn without_a_server_nothing_is_kept_of_one() {
        let nothing = ConnectionTexts {
            server: "  ".to_owned(),
            ..texts("5433", "colophon")
        };
        assert_eq!(nothing.values(), BTreeMap::new());
        let values = texts("5433", "").values();
        assert_eq!(
            values.get("POSTGRES_SERVER").map(String::as_str),
            Some("db.example.org")
        );
        assert_eq!(values.len(), 2);
    }
}
