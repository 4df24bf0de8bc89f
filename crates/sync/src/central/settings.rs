//! Where the server is and who we are there.
//!
//! The names are those that people know from other programs: `POSTGRES_SERVER`, `POSTGRES_PORT`, `POSTGRES_USER`,
//! `POSTGRES_PASSWORD`, `POSTGRES_DB`, and libpq's `sslmode` as `POSTGRES_SSLMODE`. A password has a type of its own
//! that cannot be printed, so it cannot get into a log or a message through somebody's `{:?}`.

mod invitation;
mod layers;
mod protection;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use colophon_store::Error as StoreError;
use colophon_store::settings::Sources;

pub use self::invitation::NoInvitation;
pub use self::protection::TlsMode;
use super::require_auth::RequireAuth;

/// A server, a catalogue on it, and a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentralSettings {
    /// A host name, an address, or the directory of a Unix socket (`POSTGRES_SERVER`).
    pub server: String,
    /// The port (`POSTGRES_PORT`).
    pub port: u16,
    /// The login (`POSTGRES_USER`).
    pub user: String,
    /// Its password (`POSTGRES_PASSWORD`), if one is needed.
    pub password: Option<Password>,
    /// The database (`POSTGRES_DB`).
    pub database: String,
    /// The catalogue: the schema that holds it (`POSTGRES_SCHEMA`).
    pub schema: SchemaName,
    /// How the connection is protected (`POSTGRES_SSLMODE`).
    pub tls: TlsMode,
    /// The file with the certificates to trust instead of the system's (`POSTGRES_SSLROOTCERT`), in PEM format.
    pub root_certificates: Option<PathBuf>,
    /// The ways to sign in that are allowed (`POSTGRES_REQUIRE_AUTH`). Unless set, a password is not given away to a
    /// server whose identity is not certain.
    pub require_auth: Option<RequireAuth>,
}

impl CentralSettings {
    /// PostgreSQL's own port.
    pub const DEFAULT_PORT: u16 = 5432;
    /// The login, the database and the schema that are used when none is named.
    pub const DEFAULT_NAME: &'static str = "colophon";

    /// The settings of a server, with defaults for everything else.
    pub fn for_server(server: impl Into<String>) -> Self {
        let server = server.into();
        Self {
            port: Self::DEFAULT_PORT,
            user: Self::DEFAULT_NAME.to_owned(),
            password: None,
            database: Self::DEFAULT_NAME.to_owned(),
            schema: SchemaName::default(),
            tls: TlsMode::default_for(&server),
            root_certificates: None,
            require_auth: None,
            server,
        }
    }

    /// The settings that the sources name, or `None` if they name no server: then there is nothing to be in step with.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, StoreError> {
        let sources = &Self::counted(sources);
        let Some(server) = sources.get(Self::SERVER)? else {
            return Ok(None);
        };
        let defaults = Self::for_server(server);
        Ok(Some(Self {
            port: sources.parse("POSTGRES_PORT", defaults.port)?,
            user: sources.parse("POSTGRES_USER", defaults.user)?,
            password: match Self::unmeant(sources) {
                None => sources.get_beside(Self::PASSWORD, Self::SERVER)?.map(Password::new),
                Some(_) => None,
            },
            database: sources.parse("POSTGRES_DB", defaults.database)?,
            schema: setting(sources, "POSTGRES_SCHEMA", defaults.schema)?,
            tls: setting(sources, "POSTGRES_SSLMODE", defaults.tls)?,
            root_certificates: sources.path("POSTGRES_SSLROOTCERT"),
            require_auth: set(sources, "POSTGRES_REQUIRE_AUTH")?,
            server: defaults.server,
        }))
    }

    /// The name of the setting that says which server, and the one of its password.
    pub const SERVER: &'static str = "POSTGRES_SERVER";
    /// See [`SERVER`](Self::SERVER).
    pub const PASSWORD: &'static str = "POSTGRES_PASSWORD";
    /// All of them, in the order in which a person would give them.
    pub const NAMES: [&'static str; 9] = [
        Self::SERVER,
        "POSTGRES_PORT",
        "POSTGRES_DB",
        "POSTGRES_SCHEMA",
        "POSTGRES_USER",
        Self::PASSWORD,
        "POSTGRES_SSLMODE",
        "POSTGRES_SSLROOTCERT",
        "POSTGRES_REQUIRE_AUTH",
    ];
    /// The names under which settings of a server are looked up.
    pub const PREFIX: &'static str = "POSTGRES_";

    /// What has to be written down to get these settings again, by name. Never the password.
    pub fn to_values(&self) -> Vec<(&'static str, String)> {
        let mut values = vec![
            ("POSTGRES_SERVER", self.server.clone()),
            ("POSTGRES_PORT", self.port.to_string()),
            ("POSTGRES_USER", self.user.clone()),
            ("POSTGRES_DB", self.database.clone()),
            ("POSTGRES_SCHEMA", self.schema.to_string()),
            ("POSTGRES_SSLMODE", self.tls.word().to_owned()),
        ];
        let file = self.root_certificates.as_ref();
        values.extend(file.map(|file| ("POSTGRES_SSLROOTCERT", file.display().to_string())));
        values.extend(
            self.require_auth
                .map(|list| ("POSTGRES_REQUIRE_AUTH", list.to_string())),
        );
        values
    }

    /// Whether the server is the directory of a Unix socket.
    pub fn is_socket(&self) -> bool {
        self.server.starts_with('/')
    }

    /// The server in words, without a secret: `db.example.org:5432`.
    pub fn address(&self) -> String {
        if self.is_socket() {
            format!("{}/.s.PGSQL.{}", self.server.trim_end_matches('/'), self.port)
        } else {
            format!("{}:{}", self.server, self.port)
        }
    }
}

fn setting<T>(sources: &Sources, name: &str, default: T) -> Result<T, StoreError>
where
    T: FromStr<Err = String>,
{
    Ok(set(sources, name)?.unwrap_or(default))
}

fn set<T>(sources: &Sources, name: &str) -> Result<Option<T>, StoreError>
where
    T: FromStr<Err = String>,
{
    let value = sources.get(name)?.map(str::parse).transpose();
    value.map_err(|reason| StoreError::Setting {
        name: name.to_owned(),
        reason,
    })
}

/// A password. It can be used and compared, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes a password.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// The name of a catalogue: the schema that holds it, and the first part of its roles' names.
///
/// It becomes part of SQL text, where names cannot be bound. What it may consist of is therefore so narrow that it means
/// the same in every place of a statement: bare, quoted as an identifier, or within a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SchemaName(String);

impl SchemaName {
    /// PostgreSQL's names have 63 bytes at most, and ours get endings such as `_editor` and `_revision`.
    pub const LENGTH_MAX: usize = 50;

    /// The bare name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SchemaName {
    fn default() -> Self {
        Self(CentralSettings::DEFAULT_NAME.to_owned())
    }
}

impl FromStr for SchemaName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
        let continues_well = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !starts_well || !continues_well || name.len() > Self::LENGTH_MAX {
            return Err(format!(
                "must be a name of at most {} letters a–z, digits and underscores that does not begin with a digit",
                Self::LENGTH_MAX
            ));
        }
        if name.starts_with("pg_") || name == "information_schema" {
            return Err("must not be a name that PostgreSQL keeps for itself".to_owned());
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed() {
        let settings = CentralSettings {
            password: Some(Password::new("swordfish")),
            ..CentralSettings::for_server("db.example.org")
        };
        assert!(!format!("{settings:?}").contains("swordfish"));
    }

    #[test]
    fn without_a_server_there_are_no_settings() {
        let sources = Sources::of([("POSTGRES_USER", "ann"), ("POSTGRES_PASSWORD", "secret")]);
        assert_eq!(CentralSettings::from_sources(&sources).unwrap(), None);
    }

    #[test]
    fn every_setting_is_read_by_its_name() {
        let sources = Sources::of([
            ("POSTGRES_SERVER", "db.example.org"),
            ("POSTGRES_PORT", "6432"),
            ("POSTGRES_USER", "ann"),
            ("POSTGRES_PASSWORD", "secret"),
            ("POSTGRES_DB", "library"),
            ("POSTGRES_SCHEMA", "east_wing"),
            ("POSTGRES_SSLMODE", "verify-ca"),
            ("POSTGRES_SSLROOTCERT", "/etc/ssl/our.pem"),
            ("POSTGRES_REQUIRE_AUTH", "scram-sha-256"),
        ]);
        let expected = CentralSettings {
            server: "db.example.org".to_owned(),
            port: 6432,
            user: "ann".to_owned(),
            password: Some(Password::new("secret")),
            database: "library".to_owned(),
            schema: "east_wing".parse().unwrap(),
            tls: TlsMode::VerifyCa,
            root_certificates: Some(PathBuf::from("/etc/ssl/our.pem")),
            require_auth: "scram-sha-256".parse().ok(),
        };
        assert_eq!(CentralSettings::from_sources(&sources).unwrap(), Some(expected));
    }

    #[test]
    fn what_is_written_down_is_read_as_the_same_but_for_the_password() {
        let settings = CentralSettings {
            port: 6432,
            user: "ann".to_owned(),
            password: Some(Password::new("swordfish")),
            database: "library".to_owned(),
            schema: "east_wing".parse().unwrap(),
            tls: TlsMode::VerifyCa,
            root_certificates: Some(PathBuf::from("/etc/ssl/our.pem")),
            require_auth: "!password,!md5".parse().ok(),
            ..CentralSettings::for_server("db.example.org")
        };
        let values = settings.to_values();
        assert!(values.iter().all(|(_, value)| value != "swordfish"));
        let values = values.iter().map(|(name, value)| (*name, value.as_str()));
        let sources = Sources::default().replacing(CentralSettings::PREFIX, values);
        let read = CentralSettings::from_sources(&sources).unwrap();
        let without_password = CentralSettings {
            password: None,
            ..settings
        };
        assert_eq!(read, Some(without_password));
    }

    #[test]
    fn a_schema_name_that_could_change_a_statement_is_refused() {
        for name in [
            "",
            "9lives",
            "a b",
            "a\"b",
            "a'b",
            "a;b",
            "{schema}",
            "Éditions",
            "Upper",
            "pg_catalog",
            "information_schema",
        ] {
            assert!(name.parse::<SchemaName>().is_err(), "{name} was taken");
        }
        assert!("x".repeat(SchemaName::LENGTH_MAX + 1).parse::<SchemaName>().is_err());
        assert!("x".repeat(SchemaName::LENGTH_MAX).parse::<SchemaName>().is_ok());
    }

    #[test]
    fn a_wire_that_leaves_the_computer_is_verified_unless_told_otherwise() {
        for (server, expected) in [
            ("/run/postgresql", TlsMode::Disable),
            ("localhost", TlsMode::Prefer),
            ("127.0.0.1", TlsMode::Prefer),
            ("::1", TlsMode::Prefer),
            ("10.0.0.5", TlsMode::VerifyFull),
            ("localhost.example.org", TlsMode::VerifyFull),
        ] {
            assert_eq!(TlsMode::default_for(server), expected, "{server}");
        }
    }
}
