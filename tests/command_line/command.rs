//! Running the real `colophon` binary.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::ending;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_colophon");

/// The binary with a folder of its own: its catalogue, its home and its working directory are there and nowhere else.
pub(crate) struct Colophon {
    folder: TempDir,
}

/// How one run of the binary ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Colophon {
    /// With nothing in its folder.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// The same with an empty catalogue.
    pub(crate) fn with_catalogue() -> Self {
        let colophon = Self::new();
        colophon.run(["init"]).expect_code(0);
        colophon
    }

    /// A path in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its catalogue file.
    pub(crate) fn catalogue(&self) -> PathBuf {
        self.path("catalogue.sqlite")
    }

    /// A file in its folder.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("a file in the temporary folder");
        path
    }

    /// The binary, ready to be given arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        self.isolate(&mut command);
        command
    }

    /// A shell that runs `script` in the folder, with the binary as `$COLOPHON`.
    pub(crate) fn shell(&self, script: &str) -> Run {
        let mut shell = Command::new("sh");
        self.isolate(&mut shell);
        shell.env("COLOPHON", BINARY).arg("-c").arg(script);
        run(&mut shell)
    }

    /// Runs the binary to its end.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        run(self.command().args(arguments))
    }

    /// Runs the binary with text on its standard input.
    pub(crate) fn run_with_input<'a>(&self, arguments: impl IntoIterator<Item = &'a str>, input: &[u8]) -> Run {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        stdin.write_all(input).expect("the binary reads its input");
        drop(stdin);
        ending::finish("colophon", child).expect("the binary ends").into()
    }

    /// The JSON document of a run that succeeds.
    pub(crate) fn json<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Json {
        let run = self.run(arguments.into_iter().chain(["--json"]));
        run.expect_code(0);
        serde_json::from_str(&run.stdout).expect("one JSON document on stdout")
    }

    /// Puts a command into the folder, with nothing from the environment of this test.
    pub(crate) fn isolate(&self, command: &mut Command) {
        let folder = self.folder.path();
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("COLOPHON_FILE", self.catalogue());
    }
}

impl Run {
    /// Goes on if the run ended with this code.
    pub(crate) fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Goes on if the message on stderr contains every one of these.
    pub(crate) fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in {self:#?}");
        }
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    ending::output(command).expect("the binary runs to its end").into()
}

/// A table of this many books that nobody wrote.
pub(crate) fn table(books: u64) -> String {
    let mut table = "title,author\n".to_owned();
    for number in 0..books {
        let _ = writeln!(table, "A title of many words {number},Author {}", number % 900);
    }
    table
}
