//! Makes sure that nothing of a server is left behind.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// Stops the server and removes its files when the pipe it reads from ends: with the test process, however that ends.
const GUARD: &str = r#"trap '' INT TERM HUP
cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid" 2> /dev/null
left=1200
while [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null; do
  [ "$left" -gt 0 ] || kill -KILL "$pid"
  left=$((left - 1))
  sleep 0.05
done
rm -rf "$1""#;

/// Starts the guard of a server's folder. It waits for the end of the pipe to it.
pub(super) fn guard(folder: &Path) -> anyhow::Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]).arg(folder);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().context("sh cannot be run")
}
