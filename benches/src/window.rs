//! Cold start of the window: from the start of the program to the moment its first rows are painted and it is shown.
//!
//! The program is the one that is shipped, on an in-memory display and a session bus of its own. It says in its log
//! when it shows itself, which it does only once there are rows to see.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use colophon_tests::ending::{self, Deadline, Lines};

use crate::floor;
use crate::measure::{Table, milliseconds, percentile};

const BOOKS: u32 = 100_000;
const STARTS: u32 = 7;
/// What the shell's log says then.
const PAINTED: &str = "the first rows are painted";
const DISPLAY: &str = ":93";

pub(crate) fn measure(table: &mut Table, _rows: u32) -> Result<()> {
    let program = std::env::current_exe()?.with_file_name("colophon-desktop");
    if !program.exists() {
        bail!("{} is not built; `make bench` builds it", program.display());
    }
    let (file, _) = floor::filled(BOOKS)?;
    let catalogue = file.folder.path().join("catalogue.sqlite");
    let _display = Ended(
        Command::new("Xvfb")
            .args([DISPLAY, "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb, a display in memory, is missing")?,
    );
    let socket = PathBuf::from("/tmp/.X11-unix").join(DISPLAY.replace(':', "X"));
    let deadline = Deadline::until("Xvfb shows its display");
    while !socket.exists() {
        deadline.check()?;
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(start(&program, &catalogue, file.folder.path())?);
    }
    let (median, worst) = (percentile(&mut times, 50), percentile(&mut times, 100));
    table.figure(
        format!("cold start of the window with {BOOKS} books, to its first painted rows ({STARTS}): median, worst"),
        format!("{}, {}", milliseconds(median), milliseconds(worst)),
        "–",
    );
    Ok(())
}

fn start(program: &Path, catalogue: &Path, home: &Path) -> Result<Duration> {
    let begun = Instant::now();
    let mut window = Ended(
        Command::new("dbus-run-session")
            .arg("--")
            .arg(program)
            .env("HOME", home)
            .env("DISPLAY", DISPLAY)
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("COLOPHON_FILE", catalogue)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("POSTGRES_SERVER")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("dbus-run-session is missing")?,
    );
    let mut log = Lines::of("colophon-desktop", window.0.stderr.take().context("stderr is a pipe")?);
    while let Some(line) = log.line()? {
        if line.contains(PAINTED) {
            return Ok(begun.elapsed());
        }
    }
    bail!("the window ended before it was painted")
}

/// A program that does not outlive its use.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // `dbus-run-session` passes its own end on to what it runs.
        let _ = ending::status(Command::new("kill").arg(self.0.id().to_string()));
        Deadline::until("a program that was told to has ended").wait_or_panic(&mut self.0);
    }
}
