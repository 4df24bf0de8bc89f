//! The real binary, with a folder and a server of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context as _, bail};
use colophon_sync::central::CentralSettings;
use colophon_tests::binary::{binary, environment};
use colophon_tests::ending::{self, Deadline, Lines};
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
    /// With a server. The password is given separately, because settings do not give it away.
    pub(crate) fn new(server: &CentralSettings, password: Option<&str>) -> anyhow::Result<Self> {
        let mut settings = environment(server);
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

    /// With this session bus, on which there may be a keychain.
    pub(crate) fn on_bus(mut self, address: &str) -> Self {
        self.settings.push(("DBUS_SESSION_BUS_ADDRESS", address.to_owned()));
        self
    }

    /// Its catalogue file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("catalogue.sqlite")
    }

    /// Whether a text is in any file of this folder.
    pub(crate) fn has_written(&self, text: &str) -> anyhow::Result<bool> {
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(&path)?
                    .windows(text.len())
                    .any(|part| part == text.as_bytes())
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Runs it to its end, with this on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> anyhow::Result<Run> {
        let mut child = self
            .command(arguments)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("standard input is a pipe")?;
        stdin.write_all(input.as_bytes())?;
        drop(stdin);
        Run::of(&ending::finish("colophon", child)?)
    }

    /// Starts `sync --watch`, which ends when it is dropped.
    pub(crate) fn watch(&self) -> anyhow::Result<Watch> {
        let mut child = self
            .command(&["sync", "--watch", "--json"])?
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().context("standard output is a pipe")?;
        let lines = Lines::of("colophon sync --watch", stdout);
        Ok(Watch { child, lines })
    }

    /// Runs it to its end, while somebody else exchanges the file until it says that it is waiting.
    pub(crate) fn run_beside_an_exchange(&self, arguments: &[&str]) -> anyhow::Result<Run> {
        let mark = self.folder.path().join("catalogue.sqlite-exchange");
        let others = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(mark)?;
        others.lock()?;
        let mut child = self
            .command(arguments)?
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut said = Lines::of(
            "colophon beside an exchange",
            child.stderr.take().context("standard error is a pipe")?,
        );
        let waits = said.line()?;
        others.unlock()?;
        let mut run = Run::of(&ending::finish("colophon", child)?)?;
        run.stderr = waits.into_iter().collect();
        Ok(run)
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<Run> {
        Run::of(&ending::output(&mut self.command(arguments)?)?)
    }

    /// Runs it to its end with a setting that the environment sets differently.
    pub(crate) fn run_with_setting(&self, arguments: &[&str], name: &str, value: &str) -> anyhow::Result<Run> {
        Run::of(&ending::output(self.command(arguments)?.env(name, value))?)
    }

    /// Runs it to its end and returns how much memory it had at most, in bytes, according to the system. Checked every
    /// few milliseconds: the figure only grows, so the last one seen is as good as the true one.
    pub(crate) fn run_measured(&self, arguments: &[&str]) -> anyhow::Result<(Run, u64)> {
        let child = self
            .command(arguments)?
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let watch = std::thread::spawn(move || {
            let mut peak = 0;
            while let Ok(status) = std::fs::read_to_string(&status) {
                // A process that has ended no longer reports its memory.
                let Some(kib) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) else {
                    break;
                };
                peak = kib.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024;
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the figure is looked at again and again, and nothing is waited for"
                )]
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            peak
        });
        let run = Run::of(&ending::finish("colophon", child)?)?;
        let peak = watch
            .join()
            .map_err(|_| anyhow::anyhow!("the watch ended in a panic"))?;
        Ok((run, peak))
    }

    /// Writes the catalogue file as another program would that knows nothing of Colophon.
    pub(crate) fn write_as_another_program(&self, sql: &str) -> anyhow::Result<()> {
        let file = rusqlite::Connection::open(self.folder.path().join("catalogue.sqlite"))?;
        file.execute_batch(&format!("PRAGMA busy_timeout = 5000; BEGIN; {sql}; COMMIT"))?;
        Ok(())
    }

    /// Runs it to its end with no file able to grow beyond this many bytes, as on a disk that is then full.
    pub(crate) fn run_with_little_room(&self, bytes: u32, arguments: &[&str]) -> anyhow::Result<Run> {
        let inner = self.command(arguments)?;
        let mut command = Command::new("sh");
        // The unit is 512 bytes. A write beyond the limit fails rather than kills.
        command.args(["-c", "ulimit -f \"$0\"; trap '' XFSZ; exec \"$@\""]);
        command
            .arg((bytes / 512).to_string())
            .arg(inner.get_program())
            .args(inner.get_args());
        command.current_dir(&self.folder).env_clear();
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Run::of(&ending::output(&mut command)?)
    }

    /// Changes the catalogue file without anybody noticing, as a broken disk would.
    pub(crate) fn change_file_behind_its_back(&self, sql: &str) -> anyhow::Result<()> {
        let file = rusqlite::Connection::open(self.folder.path().join("catalogue.sqlite"))?;
        file.execute_batch(&format!(
            "BEGIN; INSERT INTO applying(id) VALUES(1); {sql}; DELETE FROM applying; COMMIT"
        ))?;
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(binary()?);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("COLOPHON_FILE", self.folder.path().join("catalogue.sqlite"))
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }
}

/// A `sync --watch` under way.
pub(crate) struct Watch {
    child: Child,
    lines: Lines,
}

impl Watch {
    /// Reads its output until `is_told` accepts a document.
    pub(crate) fn until(&mut self, is_told: impl Fn(&Json) -> bool) -> anyhow::Result<()> {
        let deadline = Deadline::until("colophon sync --watch tells what a test waits for");
        while let Some(line) = self.lines.line()? {
            if is_told(&serde_json::from_str(&line)?) {
                return Ok(());
            }
            deadline.check()?;
        }
        bail!("the watch ended")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        Deadline::until("colophon sync --watch was killed").wait_or_panic(&mut self.child);
    }
}

impl Run {
    fn of(output: &Output) -> anyhow::Result<Self> {
        Ok(Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout.clone())?,
            stderr: String::from_utf8(output.stderr.clone())?,
        })
    }

    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> anyhow::Result<Json> {
        serde_json::from_str(&self.stdout).with_context(|| format!("{self:?}"))
    }
}
