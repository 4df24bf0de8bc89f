//! The real binary, with a folder and a server of its own.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, ensure};
use colophon_sync::central::CentralSettings;
use serde_json::Value as Json;
use tempfile::TempDir;

/// The binary with its settings.
pub(crate) struct Colophon {
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
}

/// How one run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Colophon {
    /// With a server. The password is given apart, because settings do not give it away.
    pub(crate) fn new(server: &CentralSettings, password: Option<&str>) -> anyhow::Result<Self> {
        let mut settings = vec![
            ("POSTGRES_SERVER", server.server.clone()),
            ("POSTGRES_PORT", server.port.to_string()),
            ("POSTGRES_USER", server.user.clone()),
            ("POSTGRES_DB", server.database.clone()),
            ("POSTGRES_SCHEMA", server.schema.to_string()),
            ("POSTGRES_SSLMODE", "disable".to_owned()),
        ];
        settings.extend(password.map(|password| ("POSTGRES_PASSWORD", password.to_owned())));
        Ok(Self {
            folder: tempfile::tempdir()?,
            settings,
        })
    }

    /// Without a server.
    pub(crate) fn without_server() -> anyhow::Result<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            settings: Vec::new(),
        })
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<Run> {
        let output = Command::new(binary()?)
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("COLOPHON_FILE", self.folder.path().join("catalogue.sqlite"))
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .output()?;
        Ok(Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }
}

impl Run {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> anyhow::Result<Json> {
        serde_json::from_str(&self.stdout).with_context(|| format!("{self:?}"))
    }
}

/// The binary, built when it is first asked for: only its own package is told by cargo where it is.
fn binary() -> anyhow::Result<&'static PathBuf> {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    if let Some(binary) = BINARY.get() {
        return Ok(binary);
    }
    let test = std::env::current_exe()?;
    let target = test
        .ancestors()
        .nth(2)
        .context("a test runs in target/<profile>/deps")?;
    let profile = if target.ends_with("release") { "release" } else { "dev" };
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--profile",
        profile,
        "-p",
        "colophon-cli",
        "--bin",
        "colophon",
    ]);
    ensure!(build.status()?.success(), "the binary could not be built");
    Ok(BINARY.get_or_init(|| target.join("colophon")))
}
