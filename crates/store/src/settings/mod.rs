//! How a database is opened, according to its settings.

pub(crate) mod env_file;
pub mod private;
pub(crate) mod sources;

use std::path::PathBuf;

use crate::clock::Origin;
use crate::error::{Error, Result};
pub use crate::settings::sources::{ENV_FILE_VARIABLE, Layer, Sources};

/// Marks a file as a Colophon catalogue (`PRAGMA application_id`): the letters "Colo". Other applications have a mark of their own.
pub const APPLICATION_ID: i32 = 0x436f_6c6f;

/// How firmly a commit is flushed to the disk (SQLite's `synchronous`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// A commit survives a crash of the program and of the computer: the log is flushed at every commit.
    #[default]
    Full,
    /// A commit survives a crash of the program; a power cut may cost the last moments, never the file.
    Normal,
}

/// What the file is wanted for. If it cannot be written, it is opened for reading in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// To work with a catalogue, making one if there is no file, or an empty one.
    #[default]
    Make,
    /// To work with an existing catalogue.
    Existing,
    /// To look at an existing catalogue, whatever its version. Nothing is written.
    Examine,
    /// To look at a file that nobody changes, such as a backup. Nothing is written, and nothing is made beside it.
    Fixed,
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file. Its folder must exist.
    pub file: PathBuf,
    /// What it is wanted for.
    pub access: Access,
    /// Readers that are kept open (`POOL_SIZE`), at least 1.
    pub pool_size: usize,
    /// Readers opened beyond those under load, and closed afterwards (`MAX_OVERFLOW`).
    pub max_overflow: usize,
    /// The id of the application's files (`PRAGMA application_id`): a new file gets it, and a file with another one is
    /// left alone.
    pub application_id: i32,
    /// How firmly a commit is flushed to the disk.
    pub durability: Durability,
    /// Where time and ids come from.
    pub origin: Origin,
}

impl Settings {
    /// Readers kept open if `POOL_SIZE` is not set. A desktop has few cores and one person.
    pub const DEFAULT_POOL_SIZE: usize = 4;
    /// Readers beyond those if `MAX_OVERFLOW` is not set.
    pub const DEFAULT_MAX_OVERFLOW: usize = 8;
    /// The names that are looked up.
    pub const NAMES: [&'static str; 3] = ["POOL_SIZE", "MAX_OVERFLOW", "SYNCHRONOUS"];
    /// The largest value of either.
    pub const POOL_LIMIT: usize = 256;

    /// The defaults for a file.
    pub fn for_file(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            access: Access::default(),
            pool_size: Self::DEFAULT_POOL_SIZE,
            max_overflow: Self::DEFAULT_MAX_OVERFLOW,
            application_id: APPLICATION_ID,
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
        let durability = match sources.get("SYNCHRONOUS")?.map(str::to_ascii_lowercase).as_deref() {
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
