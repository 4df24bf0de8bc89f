//! An end for every wait for another program.
//!
//! A program that never ends would hold up a run for ever, and nobody would know which one it was. So nothing waits
//! here without a [`Deadline`], whose error names what was waited for. The times are generous: they say nothing about
//! speed, and a machine that is busy with ten other things stays far below them.

use std::io::{self, BufRead as _, BufReader, Read};
use std::mem;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};

/// How long something may take that usually takes a moment.
pub const PATIENCE: Duration = Duration::from_mins(5);
/// How long something may take that compiles, or has a million rows to process.
pub const PATIENCE_WITH_MUCH: Duration = Duration::from_mins(30);
/// How often a program is checked.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// The end of a wait.
#[derive(Debug)]
pub struct Deadline {
    what: String,
    patience: Duration,
    at: Instant,
}

impl Deadline {
    /// Starts now; `what` is waited for: "psql ended", "a session waits for a lock".
    pub fn until(what: impl Into<String>) -> Self {
        Self::within(PATIENCE, what)
    }

    /// The same with a patience of one's own.
    pub fn within(patience: Duration, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            patience,
            at: now() + patience,
        }
    }

    /// An error that names what was waited for, once the time is up.
    pub fn check(&self) -> anyhow::Result<()> {
        if now() < self.at {
            return Ok(());
        }
        Err(self.is_over())
    }

    /// The error that says what was waited for in vain.
    pub fn is_over(&self) -> anyhow::Error {
        anyhow!("waited {} s in vain until {}", self.patience.as_secs(), self.what)
    }

    /// The time that is left.
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(now())
    }

    /// The next thing that another thread hands over; `None` if that thread has ended.
    pub fn next<T>(&self, receiver: &Receiver<T>) -> anyhow::Result<Option<T>> {
        match receiver.recv_timeout(self.left()) {
            Ok(value) => Ok(Some(value)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(self.is_over()),
        }
    }

    /// The result of something for which another program has to do its part first.
    pub async fn of<T>(&self, what: impl Future<Output = T>) -> anyhow::Result<T> {
        tokio::time::timeout(self.left(), what)
            .await
            .map_err(|_| self.is_over())
    }

    /// Waits for a process where no error can be passed on, as in a `drop`: there the test ends in a panic, unless it
    /// is already panicking.
    pub fn wait_or_panic(&self, child: &mut Child) {
        if let Err(over) = self.wait(child) {
            assert!(thread::panicking(), "{over}");
        }
    }

    /// Waits for a process. One that has not ended in time is killed.
    pub fn wait(&self, child: &mut Child) -> anyhow::Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if let Err(over) = self.check() {
                let _ = (child.kill(), child.wait());
                return Err(over);
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "the system tells nobody but who waits for ever"
            )]
            thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Waits until a process ends that was told to, or was killed.
pub fn wait(name: &str, child: &mut Child) -> anyhow::Result<ExitStatus> {
    ended(name).wait(child)
}

/// Runs a command to its end.
pub fn status(command: &mut Command) -> anyhow::Result<ExitStatus> {
    status_within(PATIENCE, command)
}

/// The same with a patience of one's own.
pub fn status_within(patience: Duration, command: &mut Command) -> anyhow::Result<ExitStatus> {
    let name = name_of(command);
    let mut child = started(command)?;
    Deadline::within(patience, format!("{name} ended")).wait(&mut child)
}

/// Runs a command to its end, with nothing on its standard input; returns its output.
pub fn output(command: &mut Command) -> anyhow::Result<Output> {
    output_within(PATIENCE, command)
}

/// The same with a patience of one's own.
pub fn output_within(patience: Duration, command: &mut Command) -> anyhow::Result<Output> {
    let name = name_of(command);
    let child = started(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )?;
    output_of(&Deadline::within(patience, format!("{name} ended")), child)
}

/// Waits for a process that was started with pipes; returns its output.
pub fn finish(name: &str, child: Child) -> anyhow::Result<Output> {
    output_of(&ended(name), child)
}

fn output_of(deadline: &Deadline, mut child: Child) -> anyhow::Result<Output> {
    drop(child.stdin.take());
    let stdout = child.stdout.take().map(all_of);
    let stderr = child.stderr.take().map(all_of);
    // Something that the process has started may keep its output open, so the process may end before its output does.
    let status = deadline.wait(&mut child)?;
    let said = |pipe: Option<Receiver<io::Result<Vec<u8>>>>| match pipe {
        Some(pipe) => Ok(deadline.next(&pipe)?.transpose()?.unwrap_or_default()),
        None => anyhow::Ok(Vec::new()),
    };
    Ok(Output {
        status,
        stdout: said(stdout)?,
        stderr: said(stderr)?,
    })
}

fn all_of(mut pipe: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.read_to_end(&mut bytes).map(|_| bytes);
        // Nobody is listening any more for what came too late.
        let _ = sender.send(read);
    });
    receiver
}

/// The complete lines that a process writes, as they come.
#[derive(Debug)]
pub struct Lines {
    name: String,
    lines: Receiver<String>,
}

impl Lines {
    /// Those of a process with this name.
    pub fn of(name: &str, pipe: impl Read + Send + 'static) -> Self {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = String::new();
            // A line that was cut off by a violent end does not count.
            while pipe.read_line(&mut line).is_ok() && line.ends_with('\n') {
                line.pop();
                if sender.send(mem::take(&mut line)).is_err() {
                    break;
                }
            }
        });
        Self {
            name: name.to_owned(),
            lines,
        }
    }

    /// The next one; `None` when there will be no more.
    pub fn line(&mut self) -> anyhow::Result<Option<String>> {
        let deadline = Deadline::until(format!("{} says something", self.name));
        deadline.next(&self.lines)
    }
}

fn started(command: &mut Command) -> anyhow::Result<Child> {
    let name = name_of(command);
    command.spawn().with_context(|| format!("{name} cannot be run"))
}

fn ended(name: &str) -> Deadline {
    Deadline::until(format!("{name} ended"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "an end of a wait is a moment of the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

/// What people call it: the program without its folder, and what it is to do.
fn name_of(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for argument in command.get_args().take(4) {
        name.push(' ');
        name.push_str(&argument.to_string_lossy());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(100);

    /// The error of a wait that must have been in vain.
    fn words<T>(waited: anyhow::Result<T>) -> String {
        waited.err().map(|error| error.to_string()).unwrap_or_default()
    }

    fn endless(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_that_never_ends_ends_the_wait_for_it_and_is_named() {
        let said = words(status_within(SOON, endless("exec sleep 1000").stdin(Stdio::null())));
        assert_eq!(said, "waited 0 s in vain until sh -c exec sleep 1000 ended");
        assert!(words(output_within(SOON, &mut endless("exec sleep 1000"))).contains("sleep 1000"));
    }

    #[test]
    fn a_program_that_leaves_its_output_to_another_which_never_ends_is_named_too() {
        let said = words(output_within(SOON, &mut endless("sleep 30 & exit 0")));
        assert!(said.contains("sh -c sleep 30 & exit 0"), "{said}");
    }

    #[test]
    fn what_a_program_has_said_is_whole_however_much_it_is() {
        let output = output(&mut endless(
            "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 3",
        ))
        .unwrap();
        assert_eq!((output.stdout.len(), output.stderr.len()), (3_000_000, 3_000_000));
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        assert!(words(output(&mut Command::new("no-program-of-this-name"))).contains("no-program-of-this-name"));
    }
}
