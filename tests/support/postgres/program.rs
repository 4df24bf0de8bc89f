//! The real psql, where it is meant and not merely a program that knows SQL: it is told everything it has to do before
//! it starts, with nothing on its standard input, so that it never waits for us, nor we for more than its end.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

use super::catalogue::CentralCatalogue;
use super::release::psql_program;
use crate::ending;

/// A psql at work on a catalogue, as one of its logins.
#[derive(Debug)]
pub struct PsqlProgram {
    process: Child,
}

impl PsqlProgram {
    /// Starts it with commands, each by itself: SQL, or psql's own.
    pub fn start(catalogue: &CentralCatalogue<'_>, login: &str, commands: &[&str]) -> anyhow::Result<Self> {
        let told = commands.iter().flat_map(|command| ["-c", command]);
        Self::with(catalogue, login, |psql| psql.args(told))
    }

    /// Starts it with a script in a file.
    pub fn start_script(catalogue: &CentralCatalogue<'_>, login: &str, script: &Path) -> anyhow::Result<Self> {
        Self::with(catalogue, login, |psql| psql.arg("-f").arg(script))
    }

    fn with(
        catalogue: &CentralCatalogue<'_>,
        login: &str,
        tell: impl FnOnce(&mut Command) -> &mut Command,
    ) -> anyhow::Result<Self> {
        let (name, cluster) = (catalogue.name(), catalogue.cluster());
        let mut psql = Command::new(psql_program()?);
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-h"])
            .arg(cluster.socket())
            .args(["-p", &cluster.port().to_string(), "-U", &format!("{name}_{login}")])
            .env("PGOPTIONS", format!("--search_path={name}"))
            .env("PGCLIENTENCODING", "UTF8");
        let process = tell(&mut psql)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("psql cannot be run")?;
        Ok(Self { process })
    }

    /// Waits for its end; returns its output.
    pub fn finish(self) -> anyhow::Result<String> {
        let output = ending::finish("psql", self.process)?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "psql: {complaint}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
