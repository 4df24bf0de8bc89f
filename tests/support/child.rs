//! A process that a test starts and kills: its own program again, with one function to run.
//!
//! In form that function is a test, and it does nothing unless somebody has told it what to do.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use colophon_store::settings::Sources;
use colophon_sync::central::CentralSettings;

use crate::binary::environment;
use crate::postgres::PASSWORD;

const FILE: &str = "COLOPHON_TEST_CHILD_FILE";
const TOLD: &str = "COLOPHON_TEST_CHILD_TOLD";

/// What such a process was told.
pub struct Child {
    /// The local file.
    pub file: PathBuf,
    /// The server.
    pub settings: CentralSettings,
    /// Whatever else it has to know.
    pub told: String,
}

impl Child {
    /// The command that starts one, at a function that is named with its modules. Its settings are passed in the
    /// environment, as to the real program.
    pub fn command(function: &str, file: &Path, settings: &CentralSettings, told: &str) -> anyhow::Result<Command> {
        let command = Command::new(std::env::current_exe()?);
        Ok(Self::told(command, function, file, settings, told))
    }

    /// The same in a network of its own, with nobody else in it. The server can still be reached through its socket, a
    /// file.
    pub fn command_in_own_network(
        function: &str,
        file: &Path,
        settings: &CentralSettings,
        told: &str,
    ) -> anyhow::Result<Command> {
        let mut command = Command::new("unshare");
        command
            .args(["--user", "--map-root-user", "--net"])
            .arg(std::env::current_exe()?);
        Ok(Self::told(command, function, file, settings, told))
    }

    fn told(mut command: Command, function: &str, file: &Path, settings: &CentralSettings, told: &str) -> Command {
        command
            .args(["--exact", function, "--nocapture"])
            .envs(environment(settings))
            .env("POSTGRES_PASSWORD", PASSWORD)
            .env(FILE, file)
            .env(TOLD, told);
        command
    }

    /// What this process was told; `None` if it is not such a process.
    pub fn of_environment() -> anyhow::Result<Option<Self>> {
        let (Some(file), Ok(told)) = (std::env::var_os(FILE), std::env::var(TOLD)) else {
            return Ok(None);
        };
        let settings = CentralSettings::from_sources(&Sources::load(None, None)?)?;
        Ok(Some(Self {
            file: file.into(),
            settings: settings.context("the child was told of no server")?,
            told,
        }))
    }
}
