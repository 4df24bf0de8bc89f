//! A psql session: a program that knows SQL and nothing of Colophon.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context as _;

use super::cluster::Cluster;
use super::release::psql_program;

/// What the server said to a statement that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// The five letters of SQLSTATE.
    pub code: String,
    /// The first error, with its hint.
    pub message: String,
}

/// An open psql, with one session on the server. Ends when dropped, and with it a transaction that is open.
#[derive(Debug)]
pub struct Psql {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
    answered: u64,
}

impl Psql {
    /// A session over the socket, where no password is asked for.
    pub fn connect(cluster: &Cluster, user: &str) -> anyhow::Result<Self> {
        let mut command = Command::new("sh");
        // Errors and rows in one stream, in the order they came.
        command.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(psql_program()?);
        command
            .args(["-X", "-q", "-A", "-t", "-F", "|", "-d", "postgres", "-U", user, "-h"])
            .arg(cluster.socket());
        command.args(["-p", &cluster.port().to_string(), "-v", "VERBOSITY=verbose"]);
        command
            .env("PGAPPNAME", "a foreign writer")
            .env("PGCLIENTENCODING", "UTF8");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("psql cannot be run")?;
        let input = process.stdin.take().context("psql has no input")?;
        let output = BufReader::new(process.stdout.take().context("psql has no output")?);
        Ok(Self {
            process,
            input,
            output,
            asked: 0,
            answered: 0,
        })
    }

    /// The id of the server's process for this session.
    pub fn backend(&mut self) -> anyhow::Result<i32> {
        Ok(self.value("SELECT pg_backend_pid()")?.parse()?)
    }

    /// Runs statements or psql's own commands; the rows they return, columns separated by `|`. After an error the
    /// statements that follow are run nevertheless, as psql does.
    pub fn run(&mut self, sql: &str) -> Result<Vec<String>, SqlError> {
        self.send(sql);
        self.answer()
    }

    /// The first row of a query; an error when there is none.
    pub fn value(&mut self, sql: &str) -> anyhow::Result<String> {
        let rows = self.run(sql)?;
        rows.into_iter().next().with_context(|| format!("no row from {sql}"))
    }

    /// Sends statements without waiting for the answer, which may be long in coming.
    pub fn send(&mut self, sql: &str) {
        self.asked += 1;
        // A broken pipe shows as a missing answer.
        let _ = writeln!(self.input, "{sql}\n;\n\\echo {}", marker(self.asked));
        let _ = self.input.flush();
    }

    /// Waits for the answer to what was sent first.
    pub fn answer(&mut self) -> Result<Vec<String>, SqlError> {
        self.answered += 1;
        let end = marker(self.answered);
        let (mut rows, mut error) = (Vec::new(), None::<SqlError>);
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).unwrap_or_default();
            let line = line.trim_end_matches('\n');
            if read == 0 {
                let message = "psql has ended".to_owned();
                return Err(error.unwrap_or(SqlError {
                    code: String::new(),
                    message,
                }));
            }
            if line == end {
                return error.map_or(Ok(rows), Err);
            }
            match (error_of(line), &mut error) {
                (Some(found), None) => error = Some(found),
                (None, Some(error)) if line.starts_with("HINT:") => {
                    error.message.push('\n');
                    error.message.push_str(line);
                }
                (None, None) if !is_notice(line) => rows.push(line.to_owned()),
                _ => (),
            }
        }
    }
}

impl Drop for Psql {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn marker(number: u64) -> String {
    format!("--end-of-answer-{number}--")
}

/// `ERROR:  23505: duplicate key …`, perhaps after the name and line of a file.
fn error_of(line: &str) -> Option<SqlError> {
    let (_, rest) = line.split_once("ERROR:  ").or_else(|| line.split_once("FATAL:  "))?;
    let (code, message) = rest.split_once(": ")?;
    (code.len() == 5).then(|| SqlError {
        code: code.to_owned(),
        message: message.to_owned(),
    })
}

fn is_notice(line: &str) -> bool {
    ["NOTICE:", "WARNING:", "DETAIL:", "HINT:", "LOCATION:", "CONTEXT:"]
        .iter()
        .any(|word| line.contains(word))
}
