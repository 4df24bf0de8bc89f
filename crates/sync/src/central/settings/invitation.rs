//! A server, a catalogue there and a login in one line, for a person to paste.
//!
//! The line is a connection URI of PostgreSQL, as libpq's manual describes it, so that what a provider of servers shows
//! to its customers can be pasted as well. One parameter is ours: `schema`, the catalogue.
//!
//! It may hold a password. So it is made only where somebody asks for it, and is never part of an error.

use url::Url;

use super::{CentralSettings, Password, SchemaName, TlsMode};

const SCHEMES: [&str; 2] = ["postgresql", "postgres"];
const SCHEMA: &str = "schema";
const PROTECTION: &str = "sslmode";
const SIGN_IN: &str = "require_auth";

/// What a person has pasted is no invitation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoInvitation {
    /// It is something else.
    #[error(
        "this is no address of a PostgreSQL server: it has the form postgresql://person@server/database?schema=colophon"
    )]
    Unreadable,
    /// It names no server, or several.
    #[error("this address names no single server")]
    Server,
    /// A part of it cannot be used.
    #[error("the {part} in this address {reason}")]
    Part {
        /// Which, in words.
        part: &'static str,
        /// What is wrong with it, to be read after its name.
        reason: String,
    },
}

impl CentralSettings {
    /// Whether a text means to be an invitation.
    pub fn is_invitation(text: &str) -> bool {
        let scheme = text.trim_start().split_once("://").map(|(scheme, _)| scheme);
        scheme.is_some_and(|scheme| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
    }

    /// Reads an invitation. Files that it names are left out: they are somebody else's.
    pub fn from_invitation(text: &str) -> Result<Self, NoInvitation> {
        if !Self::is_invitation(text) {
            return Err(NoInvitation::Unreadable);
        }
        let address = Url::parse(text.trim()).map_err(|_| NoInvitation::Unreadable)?;
        let server = address
            .host_str()
            .filter(|server| !server.is_empty() && !server.contains(','));
        let server = decoded(server.ok_or(NoInvitation::Server)?)?;
        let defaults = Self::for_server(server.trim_matches(['[', ']']));
        let mut settings = Self {
            port: address.port().unwrap_or(defaults.port),
            password: address.password().map(decoded).transpose()?.map(Password::new),
            ..defaults
        };
        if !address.username().is_empty() {
            settings.user = decoded(address.username())?;
        }
        let database = address.path().trim_start_matches('/');
        if !database.is_empty() {
            settings.database = decoded(database)?;
        }
        for (name, value) in address.query_pairs() {
            settings.take(&name, &value)?;
        }
        Ok(settings)
    }

    /// The password in an invitation, for whoever has the line anyway. A [`Password`] does not give itself away.
    pub fn password_in(invitation: &str) -> Option<String> {
        let address = Url::parse(invitation.trim())
            .ok()
            .filter(|_| Self::is_invitation(invitation))?;
        decoded(address.password()?).ok()
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), NoInvitation> {
        let wrong = |part| move |reason| NoInvitation::Part { part, reason };
        match name {
            SCHEMA => self.schema = value.parse::<SchemaName>().map_err(wrong("catalogue"))?,
            PROTECTION => self.tls = value.parse::<TlsMode>().map_err(wrong("protection"))?,
            SIGN_IN => self.require_auth = Some(value.parse().map_err(wrong("way to sign in"))?),
            _ => {}
        }
        Ok(())
    }

    /// The line to send to somebody, with the password that these settings hold. `None` where the server is a socket,
    /// which is on this computer only.
    pub fn to_invitation(&self) -> Option<String> {
        if self.is_socket() {
            return None;
        }
        let bare = if self.server.contains(':') {
            format!("[{}]", self.server.trim_matches(['[', ']']))
        } else {
            self.server.clone()
        };
        let mut address = Url::parse(&format!("postgresql://{bare}")).ok()?;
        address.set_port(Some(self.port)).ok()?;
        address.set_username(&self.user).ok()?;
        let password = self.password.as_ref().map(Password::secret);
        address.set_password(password).ok()?;
        address.path_segments_mut().ok()?.push(&self.database);
        let mut query = address.query_pairs_mut();
        query.append_pair(SCHEMA, self.schema.as_str());
        query.append_pair(PROTECTION, self.tls.word());
        drop(query);
        Some(address.into())
    }
}

fn decoded(part: &str) -> Result<String, NoInvitation> {
    let decoded = percent_encoding::percent_decode_str(part).decode_utf8();
    decoded.map(Into::into).map_err(|_| NoInvitation::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_to_somebody_is_read_as_the_same() {
        for (server, user, database, password) in [
            ("db.example.org", "ada", "library", "swordfish"),
            ("10.0.0.7", "Ada Lovelace", "our books", "p@ss/w:rd?#%&+ ü"),
            ("fd00::7", "ada", "library", "x"),
        ] {
            let settings = CentralSettings {
                port: 6543,
                user: user.to_owned(),
                database: database.to_owned(),
                password: Some(Password::new(password)),
                schema: "north".parse().unwrap(),
                tls: TlsMode::VerifyFull,
                ..CentralSettings::for_server(server)
            };
            let line = settings.to_invitation().unwrap();
            assert!(!line.contains(' '), "{line} does not survive a mail");
            assert_eq!(
                CentralSettings::from_invitation(&format!(" {line}\n")).unwrap(),
                settings
            );
        }
    }

    #[test]
    fn what_a_provider_shows_to_its_customers_can_be_pasted() {
        let line = "postgres://u1:secret@ep-1.aws.example:5432/main?sslmode=require&channel_binding=prefer&sslrootcert=%2Fetc%2Fpasswd";
        let read = CentralSettings::from_invitation(line).unwrap();
        assert_eq!(
            (read.user.as_str(), read.database.as_str(), read.port),
            ("u1", "main", 5432)
        );
        assert_eq!((read.tls, read.schema.as_str()), (TlsMode::Require, "colophon"));
        assert_eq!(read.root_certificates, None, "a file of somebody else's");
        assert_eq!(
            CentralSettings::from_invitation("postgresql://localhost").unwrap().user,
            "colophon"
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_without_the_password() {
        for line in [
            "",
            "db.example.org",
            "https://ada:swordfish@db.example.org/",
            "postgresql:///library",
            "postgresql://a,b/library",
            "postgresql://ada:swordfish@db/x?sslmode=maybe",
            "postgresql://ada:swordfish@db/x?schema=Our%20Books",
            "postgresql://ada:swordfish@db:port/x",
            "postgresql://ada:%FF@db/x",
        ] {
            let error = CentralSettings::from_invitation(line).expect_err(line);
            assert!(!format!("{error} {error:?}").contains("swordfish"), "{error:?}");
        }
    }

    #[test]
    fn a_socket_is_nothing_to_send() {
        assert_eq!(CentralSettings::for_server("/run/postgresql").to_invitation(), None);
    }
}
