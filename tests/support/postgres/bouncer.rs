//! A PgBouncer in front of a cluster, in transaction mode: every transaction may get a different session of the server.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

use super::catalogue::CentralCatalogue;
use super::cluster::free_port;
use super::user::unprivileged_user;
use crate::ending::{self, Deadline};

/// Where distributions put it; because it is a server, it is not in the usual search path.
const PROGRAMS: [&str; 2] = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"];
/// Starts it, and ends it when the pipe it reads from ends: with the test process, however that ends.
const GUARD: &str = r#"trap '' INT TERM HUP
"$1" "$2/pgbouncer.ini" > "$2/log" 2>&1 < /dev/null &
cat > /dev/null
kill -KILL $! 2> /dev/null
wait $!
rm -rf "$2""#;

/// A running PgBouncer for the editors of one catalogue. Ends when dropped.
#[derive(Debug)]
pub struct Bouncer {
    port: u16,
    folder: PathBuf,
    guard: Child,
}

impl Bouncer {
    /// With so few sessions on the server that devices have to share them. `logins` have the password `secret`.
    pub fn start(catalogue: &CentralCatalogue<'_>, logins: &[&str], sessions: u32) -> anyhow::Result<Self> {
        let program = PROGRAMS.into_iter().find(|program| Path::new(program).is_file());
        let program = program.context(
            "pgbouncer is missing; install it (Debian, Ubuntu: `apt-get install pgbouncer`), or run `make test`",
        )?;
        let folder = tempfile::Builder::new()
            .prefix("colophon-pool-")
            .tempdir_in("/tmp")?
            .keep();
        let port = free_port()?;
        let name = catalogue.name();
        let users: Vec<_> = logins
            .iter()
            .map(|login| format!("\"{name}_{login}\" \"secret\""))
            .collect();
        fs::write(folder.join("users.txt"), users.join("\n") + "\n")?;
        let user = unprivileged_user()?;
        let drop_rights = user.map(|user| format!("user = {user}\n")).unwrap_or_default();
        fs::write(
            folder.join("pgbouncer.ini"),
            format!(
                "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
                 unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\n\
                 default_pool_size = {sessions}\nmax_client_conn = 2000\n{drop_rights}",
                catalogue.settings().port,
                folder.join("users.txt").display(),
            ),
        )?;
        if let Some(user) = user {
            let given = ending::status(Command::new("chown").args(["-R", user]).arg(&folder))?;
            anyhow::ensure!(given.success(), "the folder of pgbouncer could not be given to {user}");
        }
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard", program]).arg(&folder);
        let guard = guard
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("sh cannot be run")?;
        let mut bouncer = Self { port, folder, guard };
        bouncer.wait()?;
        Ok(bouncer)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has logged.
    pub fn log(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.folder.join("log"))?)
    }

    fn wait(&mut self) -> anyhow::Result<()> {
        let deadline = Deadline::until("pgbouncer listens");
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            deadline.check()?;
            let log = self.log().unwrap_or_default();
            if log.contains("FATAL") || self.guard.try_wait()?.is_some() {
                bail!("pgbouncer did not start: {log}");
            }
            #[expect(clippy::disallowed_methods, reason = "until it listens there is nothing to wait for")]
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        // The end of the pipe is the guard's signal.
        drop(self.guard.stdin.take());
        Deadline::until("pgbouncer has ended").wait_or_panic(&mut self.guard);
    }
}
