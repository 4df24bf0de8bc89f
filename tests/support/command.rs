//! Running the real `colophon` binary.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

/// The binary with a folder of its own: its catalogue, its home and its working directory are there and nowhere else.
pub struct Colophon {
    binary: PathBuf,
    folder: TempDir,
}

/// How one run of the binary ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Colophon {
    /// The binary at this path.
    pub fn new(binary: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            binary: PathBuf::from(binary),
            folder,
        }
    }

    /// The same with an empty catalogue.
    pub fn with_catalogue(binary: &str) -> Self {
        let colophon = Self::new(binary);
        colophon.run(["init"]).expect_code(0);
        colophon
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its catalogue file.
    pub fn catalogue(&self) -> PathBuf {
        self.path("catalogue.sqlite")
    }

    /// A file in its folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("a file in the temporary folder");
        path
    }

    /// The binary, ready to be given arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        self.isolate(&mut command);
        command
    }

    /// A shell that runs `script` in the folder, with the binary as `$COLOPHON`.
    pub fn shell(&self, script: &str) -> Run {
        let mut shell = Command::new("sh");
        self.isolate(&mut shell);
        shell.env("COLOPHON", &self.binary).arg("-c").arg(script);
        run(&mut shell)
    }

    /// Runs the binary to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        run(self.command().args(arguments))
    }

    /// Runs the binary with text on its standard input.
    pub fn run_with_input<'a>(&self, arguments: impl IntoIterator<Item = &'a str>, input: &[u8]) -> Run {
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
        child.wait_with_output().expect("the binary ends").into()
    }

    /// The JSON document of a run that succeeds.
    pub fn json<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Json {
        let run = self.run(arguments.into_iter().chain(["--json"]));
        run.expect_code(0);
        serde_json::from_str(&run.stdout).expect("one JSON document on stdout")
    }

    fn isolate(&self, command: &mut Command) {
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
    /// Goes on when the run ended with this code.
    pub fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Goes on when the message on stderr holds every one of these.
    pub fn says(&self, parts: &[&str]) -> &Self {
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

fn run(command: &mut Command) -> Run {
    command.output().expect("the binary starts").into()
}

/// A file of the shared test data, when it is there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(name);
    path.exists().then_some(path)
}

/// A table of so many books that nobody wrote.
pub fn table(books: u64) -> String {
    let mut table = "title,author\n".to_owned();
    for number in 0..books {
        let _ = writeln!(table, "A title of many words {number},Author {}", number % 900);
    }
    table
}
