//! Settings by name: from the environment, then from an env file that somebody named, then from the settings file, then
//! the default.
//!
//! [`Sources`] only looks names up and does not know any of them, so every crate reads its own settings through the
//! same layers: the store its pool, the sync its server. Values from files are never put into the environment of the
//! process, where a child could inherit a password.
//!
//! No file is read just because it happens to lie somewhere: a `.env` in the current folder is somebody else's more
//! often than ours, and whoever wrote it would decide where the records go. Values from two layers are not mixed where
//! that would give something away: a password is meant for the server of its own layer ([`Sources::get_beside`]).

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::settings::env_file;

/// The variable that names an env file, to be read after the environment.
pub const ENV_FILE_VARIABLE: &str = "COLOPHON_ENV_FILE";

/// Where a setting was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// The environment of the process.
    Environment,
    /// The env file that somebody named.
    EnvFile(PathBuf),
    /// The settings file.
    SettingsFile(PathBuf),
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => formatter.write_str("the environment"),
            Self::EnvFile(file) | Self::SettingsFile(file) => file.display().fmt(formatter),
        }
    }
}

type Values = HashMap<String, OsString>;

/// The layers a setting is looked up in.
#[derive(Clone, Default)]
pub struct Sources {
    environment: Values,
    env_file: Named,
    file: Named,
}

/// The values of a file.
#[derive(Clone, Default)]
struct Named {
    path: PathBuf,
    values: Values,
}

impl Named {
    fn read(path: Option<&Path>, read: fn(&Path) -> Result<Values>) -> Result<Self> {
        path.map_or_else(
            || Ok(Self::default()),
            |path| {
                Ok(Self {
                    path: path.to_owned(),
                    values: read(path)?,
                })
            },
        )
    }
}

impl Sources {
    /// Reads the environment of the process, an env file, and a settings file (TOML, flat: `POOL_SIZE = 4`). A settings
    /// file that does not exist is an empty layer; the other file was named, so it has to be there. One that cannot be
    /// read or parsed is an error.
    pub fn load(env_file: Option<&Path>, file: Option<&Path>) -> Result<Self> {
        // The rest of the environment may be anything: a name of ours is text.
        let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Ok(Self {
            environment: environment.collect(),
            env_file: Named::read(env_file, env_file::read)?,
            file: Named::read(file, read_settings_file)?,
        })
    }

    /// The env file that the environment names.
    pub fn env_file_of_environment() -> Option<PathBuf> {
        std::env::var_os(ENV_FILE_VARIABLE)
            .filter(|file| !file.is_empty())
            .map(PathBuf::from)
    }

    /// Sources with one layer, for tests and for programs that get their settings from elsewhere.
    pub fn of<const N: usize>(values: [(&str, &str); N]) -> Self {
        Self {
            environment: values
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.into()))
                .collect(),
            ..Self::default()
        }
    }

    /// Adds values that the environment had when the program was started, and no longer has.
    pub fn and_environment(mut self, values: impl IntoIterator<Item = (String, OsString)>) -> Self {
        self.environment.extend(values);
        self
    }

    /// Replaces all values in the settings file whose names begin with the prefix by these: those for one catalogue in
    /// place of those for all.
    pub fn replacing<'v>(mut self, prefix: &str, values: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        self.file.values.retain(|name, _| !name.starts_with(prefix));
        let values = values.into_iter().filter(|(name, _)| name.starts_with(prefix));
        self.file
            .values
            .extend(values.map(|(name, value)| (name.to_owned(), value.into())));
        self
    }

    /// Leaves out what the environment and the named file say about names that begin with the prefix.
    pub fn leaving_out(mut self, prefix: &str) -> Self {
        for layer in [&mut self.environment, &mut self.env_file.values] {
            layer.retain(|name, _| !name.starts_with(prefix));
        }
        self
    }

    /// Leaves out what the layers below the one that decides `name` say about names that begin with the prefix.
    pub fn leaving_out_below(mut self, name: &str, prefix: &str) -> Self {
        let below: &mut [&mut Values] = match self.decides(name) {
            Some(Layer::Environment) => &mut [&mut self.env_file.values, &mut self.file.values],
            Some(Layer::EnvFile(_)) => &mut [&mut self.file.values],
            Some(Layer::SettingsFile(_)) | None => &mut [],
        };
        for layer in below {
            layer.retain(|name, _| !name.starts_with(prefix));
        }
        self
    }

    /// Whether the environment or the named file has the name, so that a settings file cannot change its value.
    pub fn is_fixed(&self, name: &str) -> bool {
        matches!(self.decides(name), Some(Layer::Environment | Layer::EnvFile(_)))
    }

    /// The layer that decides a name: the first that has it. An empty value counts as absent.
    pub fn decides(&self, name: &str) -> Option<Layer> {
        self.found(name).map(|(layer, _)| layer)
    }

    /// The value of a name in the first layer that has it. An empty value counts as absent; one that is not text is an error.
    pub fn get(&self, name: &str) -> Result<Option<&str>> {
        self.found(name).map(|(_, value)| text(name, value)).transpose()
    }

    /// The value of a name in the layer that decides another name, whatever the layers above it have: things that
    /// belong together are not pieced together from what two people said.
    pub fn get_beside(&self, name: &str, other: &str) -> Result<Option<&str>> {
        let Some(decides) = self.decides(other) else {
            return Ok(None);
        };
        let beside = self.layers().into_iter().find(|(layer, _)| *layer == decides);
        let value = beside.and_then(|(_, values)| filled(values, name));
        value.map(|value| text(name, value)).transpose()
    }

    /// The value of a name that is a path, and need not be text. In a file it is meant from where that file lies: two programs that read
    /// it, each in a folder of its own, mean the same.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.found(name).map(|(layer, value)| match layer {
            Layer::Environment => value.into(),
            Layer::EnvFile(file) | Layer::SettingsFile(file) => file.with_file_name("").join(value),
        })
    }

    /// The value of a name, parsed, or the default.
    pub fn parse<T: FromStr>(&self, name: &str, default: T) -> Result<T> {
        self.get(name)?.map_or(Ok(default), |value| {
            value.parse().map_err(|_| Error::Setting {
                name: name.to_owned(),
                reason: format!("has a value that cannot be understood: {value:?}"),
            })
        })
    }

    fn found(&self, name: &str) -> Option<(Layer, &OsStr)> {
        self.layers()
            .into_iter()
            .find_map(|(layer, values)| Some((layer, filled(values, name)?)))
    }

    fn layers(&self) -> [(Layer, &Values); 3] {
        [
            (Layer::Environment, &self.environment),
            (Layer::EnvFile(self.env_file.path.clone()), &self.env_file.values),
            (Layer::SettingsFile(self.file.path.clone()), &self.file.values),
        ]
    }
}

fn filled<'v>(values: &'v Values, name: &str) -> Option<&'v OsStr> {
    values
        .get(name)
        .map(OsString::as_os_str)
        .filter(|value| !value.is_empty())
}

fn text<'v>(name: &str, value: &'v OsStr) -> Result<&'v str> {
    value.to_str().ok_or_else(|| Error::Setting {
        name: name.to_owned(),
        reason: "has a value that is not text (UTF-8)".to_owned(),
    })
}

impl fmt::Debug for Sources {
    /// Only the names: values may be secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |layer: &Values| layer.keys().cloned().collect::<Vec<_>>();
        formatter
            .debug_struct("Sources")
            .field("env_file", &names(&self.env_file.values))
            .field("file", &names(&self.file.values))
            .finish_non_exhaustive()
    }
}

fn read_settings_file(path: &Path) -> Result<Values> {
    let malformed = |reason: String| Error::Setting {
        name: path.display().to_string(),
        reason,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Values::new()),
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
            toml::Value::String(text) => Ok((name, text.into())),
            toml::Value::Integer(number) => Ok((name, number.to_string().into())),
            toml::Value::Boolean(flag) => Ok((name, flag.to_string().into())),
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
