//! Settings by name: the environment, then `.env`, then the settings file, then the default.
//!
//! [`Sources`] only looks names up and knows none of them, so every crate reads its own settings through the same layers:
//! the store its pool, the sync its server. Values of `.env` are never put into the environment of the process, where a
//! child could inherit a password.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::clock::Origin;
use crate::error::{Error, Result};

/// The layers a setting is looked up in.
#[derive(Clone, Default)]
pub struct Sources {
    environment: HashMap<String, String>,
    dotenv: HashMap<String, String>,
    file: HashMap<String, String>,
}

impl Sources {
    /// Reads the environment of the process, a `.env` file and a settings file (TOML, flat: `POOL_SIZE = 4`). A file that
    /// does not exist is an empty layer; one that cannot be read or parsed is an error.
    pub fn load(dotenv: Option<&Path>, file: Option<&Path>) -> Result<Self> {
        Ok(Self {
            environment: std::env::vars().collect(),
            dotenv: dotenv.map(read_dotenv).transpose()?.unwrap_or_default(),
            file: file.map(read_settings_file).transpose()?.unwrap_or_default(),
        })
    }

    /// Sources with one layer, for tests and for programs that have their settings from elsewhere.
    pub fn of<const N: usize>(values: [(&str, &str); N]) -> Self {
        let environment = values
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            environment,
            ..Self::default()
        }
    }

    /// With these values in place of all in the settings file whose names begin with the prefix: those of one catalogue in place
    /// of those for all.
    pub fn replacing<'v>(mut self, prefix: &str, values: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        self.file.retain(|name, _| !name.starts_with(prefix));
        let values = values.into_iter().filter(|(name, _)| name.starts_with(prefix));
        self.file
            .extend(values.map(|(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    /// Without what the environment and `.env` say of names that begin with the prefix.
    pub fn leaving_out(mut self, prefix: &str) -> Self {
        for layer in [&mut self.environment, &mut self.dotenv] {
            layer.retain(|name, _| !name.starts_with(prefix));
        }
        self
    }

    /// Whether the environment or `.env` has the name, so that a settings file cannot change its value.
    pub fn is_fixed(&self, name: &str) -> bool {
        [&self.environment, &self.dotenv]
            .into_iter()
            .any(|layer| layer.get(name).is_some_and(|value| !value.is_empty()))
    }

    /// The value of a name in the first layer that has it. An empty value counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        [&self.environment, &self.dotenv, &self.file]
            .into_iter()
            .find_map(|layer| layer.get(name).map(String::as_str).filter(|value| !value.is_empty()))
    }

    /// The value of a name, parsed, or the default.
    pub fn parse<T: FromStr>(&self, name: &str, default: T) -> Result<T> {
        self.get(name).map_or(Ok(default), |value| {
            value.parse().map_err(|_| Error::Setting {
                name: name.to_owned(),
                reason: format!("has a value that cannot be understood: {value:?}"),
            })
        })
    }
}

impl std::fmt::Debug for Sources {
    /// Names only: values may be secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = |layer: &HashMap<String, String>| layer.keys().cloned().collect::<Vec<_>>();
        formatter
            .debug_struct("Sources")
            .field("dotenv", &names(&self.dotenv))
            .field("file", &names(&self.file))
            .finish_non_exhaustive()
    }
}

fn read_dotenv(path: &Path) -> Result<HashMap<String, String>> {
    let malformed = |error: &dyn std::fmt::Display| Error::Setting {
        name: path.display().to_string(),
        // Only the position: the line itself may hold a password.
        reason: format!(
            "cannot be read: {}",
            error.to_string().split(':').next_back().unwrap_or_default().trim()
        ),
    };
    match dotenvy::from_path_iter(path) {
        Ok(lines) => lines
            .collect::<std::result::Result<_, _>>()
            .map_err(|_| malformed(&"a line is not NAME=value")),
        Err(error) if error.not_found() => Ok(HashMap::new()),
        Err(error) => Err(malformed(&error)),
    }
}

fn read_settings_file(path: &Path) -> Result<HashMap<String, String>> {
    let malformed = |reason: String| Error::Setting {
        name: path.display().to_string(),
        reason,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(malformed(format!("cannot be read: {error}"))),
    };
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| malformed(error.message().to_owned()))?;
    table
        .into_iter()
        // Tables belong to whoever knows their names, for instance to what is kept for each catalogue.
        .filter(|(_, value)| !matches!(value, toml::Value::Table(_)) && !is_array_of_tables(value))
        .map(|(name, value)| match value {
            toml::Value::String(text) => Ok((name, text)),
            toml::Value::Integer(number) => Ok((name, number.to_string())),
            toml::Value::Boolean(flag) => Ok((name, flag.to_string())),
            _ => Err(malformed(format!(
                "has a value for {name} that is neither text, number nor true/false"
            ))),
        })
        .collect()
}

fn is_array_of_tables(value: &toml::Value) -> bool {
    let is_table = |item: &toml::Value| matches!(item, toml::Value::Table(_));
    value.as_array().is_some_and(|items| items.iter().all(is_table))
}

/// How hard a commit is pressed onto the disk (SQLite's `synchronous`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// A commit survives a crash of the program, and of the computer too: the log is flushed at every commit.
    #[default]
    Full,
    /// A commit survives a crash of the program; a power cut may take the last moments, never the file.
    Normal,
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file. Its folder must exist.
    pub file: PathBuf,
    /// Readers that are kept open (`POOL_SIZE`), at least 1.
    pub pool_size: usize,
    /// Readers opened beyond those under load, and closed afterwards (`MAX_OVERFLOW`).
    pub max_overflow: usize,
    /// How hard a commit is pressed onto the disk.
    pub durability: Durability,
    /// Where time and ids come from.
    pub origin: Origin,
}

impl Settings {
    /// Readers kept open when `POOL_SIZE` is not set. A desktop has few cores and one person.
    pub const DEFAULT_POOL_SIZE: usize = 4;
    /// Readers beyond those when `MAX_OVERFLOW` is not set.
    pub const DEFAULT_MAX_OVERFLOW: usize = 8;
    /// The largest value of either.
    pub const POOL_LIMIT: usize = 256;

    /// The defaults for a file.
    pub fn for_file(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            pool_size: Self::DEFAULT_POOL_SIZE,
            max_overflow: Self::DEFAULT_MAX_OVERFLOW,
            durability: Durability::default(),
            origin: Origin::default(),
        }
    }

    /// The settings for a file, with `POOL_SIZE`, `MAX_OVERFLOW` and `SYNCHRONOUS` (`full` or `normal`) looked up.
    pub fn from_sources(file: impl Into<PathBuf>, sources: &Sources) -> Result<Self> {
        let within = |name: &str, value: usize, least: usize| {
            (least..=Self::POOL_LIMIT)
                .contains(&value)
                .then_some(value)
                .ok_or_else(|| Error::Setting {
                    name: name.to_owned(),
                    reason: format!("must be between {least} and {}", Self::POOL_LIMIT),
                })
        };
        let durability = match sources.get("SYNCHRONOUS").map(str::to_ascii_lowercase).as_deref() {
            None | Some("full") => Durability::Full,
            Some("normal") => Durability::Normal,
            Some(_) => {
                return Err(Error::Setting {
                    name: "SYNCHRONOUS".to_owned(),
                    reason: "must be full or normal".to_owned(),
                });
            }
        };
        Ok(Self {
            pool_size: within("POOL_SIZE", sources.parse("POOL_SIZE", Self::DEFAULT_POOL_SIZE)?, 1)?,
            max_overflow: within(
                "MAX_OVERFLOW",
                sources.parse("MAX_OVERFLOW", Self::DEFAULT_MAX_OVERFLOW)?,
                0,
            )?,
            durability,
            ..Self::for_file(file)
        })
    }
}
