//! A server with its own data directory.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{Read as _, Seek as _};
use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Context as _, bail};

use super::certificates::write_certificates;
use super::given::Given;
use super::guard::guard;
use super::language::Language;
use super::psql::Psql;
use super::release::Release;
use super::user::unprivileged_user;
use crate::ending::{self, Deadline};

/// The login that owns the cluster.
pub(super) const SUPERUSER: &str = "postgres";
/// The password of [`SUPERUSER`] over TCP. Over the socket, none is asked for.
pub(super) const SUPERUSER_PASSWORD: &str = "throwaway";
/// Somebody else may take the free port before the server does.
const PORT_ATTEMPTS: u32 = 5;
/// How many connections a cluster has for tests.
const CONNECTIONS_MAX: u32 = 200;
/// Fast, because nothing here has to survive a power cut; everything else is as usual.
const SETTINGS: &str = "fsync=off full_page_writes=off shared_buffers=128MB deadlock_timeout=200ms";
/// When the server's certificate is valid.
const VALID_YEARS: Range<i32> = 2020..4000;

/// A running PostgreSQL server, or one of a cluster that somebody else runs.
#[derive(Debug)]
pub struct Cluster {
    given: Option<Given>,
    release: Release,
    language: Language,
    folder: PathBuf,
    programs: PathBuf,
    /// Who runs the server, if not we ourselves.
    user: Option<&'static str>,
    port: u16,
    connections: u32,
    catalogues: AtomicU32,
    /// For a server that is ours.
    guard: Option<Child>,
}

/// Distinguishes the catalogues of this run from those of others, in a cluster that outlives it.
static RUN: LazyLock<String> = LazyLock::new(|| format!("{:016x}", RandomState::new().build_hasher().finish()));

impl Cluster {
    /// The cluster of this test binary. Made when first asked for.
    pub fn shared(release: Release) -> anyhow::Result<&'static Self> {
        Self::shared_in(Language::of_environment(), release)
    }

    /// The one whose messages are in German.
    pub fn german() -> anyhow::Result<&'static Self> {
        Self::shared_in(Language::German, Release::Distribution)
    }

    fn shared_in(language: Language, release: Release) -> anyhow::Result<&'static Self> {
        static SHARED: Mutex<Vec<&'static Cluster>> = Mutex::new(Vec::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |cluster: &&&Self| (cluster.release, cluster.language) == (release, language);
        if let Some(cluster) = shared.iter().find(is_it) {
            return Ok(cluster);
        }
        // Never dropped, because statics are not; the guard sees the process end.
        let started = match Given::of_environment()? {
            Some(given) if release == Release::Distribution => Self::of_given(given),
            _ => Self::start_in(language, release, CONNECTIONS_MAX)?,
        };
        let cluster: &'static Self = Box::leak(Box::new(started));
        shared.push(cluster);
        Ok(cluster)
    }

    /// A cluster of one's own, for tests that stop it. Removed when dropped.
    pub fn start(release: Release) -> anyhow::Result<Self> {
        Self::start_for(release, CONNECTIONS_MAX)
    }

    /// The same, for this many connections.
    pub fn start_for(release: Release, connections: u32) -> anyhow::Result<Self> {
        Self::start_in(Language::of_environment(), release, connections)
    }

    fn of_given(given: Given) -> Self {
        Self {
            release: Release::Distribution,
            language: Language::of_environment(),
            folder: PathBuf::new(),
            programs: PathBuf::new(),
            user: None,
            port: given.port,
            connections: CONNECTIONS_MAX,
            catalogues: AtomicU32::new(0),
            guard: None,
            given: Some(given),
        }
    }

    fn start_in(language: Language, release: Release, connections: u32) -> anyhow::Result<Self> {
        let mut cluster = Self::unmade(language, release, connections)?;
        cluster.initialise()?;
        cluster.start_first()?;
        Ok(cluster)
    }

    /// One like this with nothing in its folder yet.
    pub(super) fn unmade_like(&self) -> anyhow::Result<Self> {
        Self::unmade(self.language, self.release, self.connections)
    }

    fn unmade(language: Language, release: Release, connections: u32) -> anyhow::Result<Self> {
        let programs = release.programs()?;
        // Not in TMPDIR: the path of a socket may have only 107 bytes.
        let folder = tempfile::Builder::new()
            .prefix("colophon-pg-")
            .tempdir_in("/tmp")?
            .keep();
        let mut cluster = Self {
            given: None,
            release,
            language,
            user: unprivileged_user()?,
            programs,
            port: 0,
            connections,
            catalogues: AtomicU32::new(0),
            guard: Some(guard(&folder)?),
            folder,
        };
        cluster.bring_programs_within_reach()?;
        Ok(cluster)
    }

    /// Starts the server on a free port.
    pub(super) fn start_first(&mut self) -> anyhow::Result<()> {
        for attempt in 1.. {
            self.port = free_port()?;
            match self.resume() {
                Ok(()) => break,
                Err(error) if attempt == PORT_ATTEMPTS => return Err(error),
                Err(_) => (),
            }
        }
        Ok(())
    }

    /// The release it runs.
    pub fn release(&self) -> Release {
        self.release
    }

    /// The directory of the socket.
    pub fn socket(&self) -> &Path {
        &self.folder
    }

    /// The port, on the loopback and in the socket's name.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that signed the server's, in PEM format. The server's own is for `localhost`.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// Gives the server another certificate, from another authority, that is valid from the first day of one year to
    /// that of another. It takes effect at the next start.
    pub fn certify(&self, years: Range<i32>) -> anyhow::Result<()> {
        write_certificates(&self.folder, years)
    }

    /// A psql session of the superuser.
    pub fn psql(&self) -> anyhow::Result<Psql> {
        Psql::connect(self, &self.superuser().0)
    }

    /// The login that may do everything, and its password over TCP.
    pub(super) fn superuser(&self) -> (String, String) {
        match &self.given {
            Some(given) => (given.user.clone(), given.password.clone()),
            None => (SUPERUSER.to_owned(), SUPERUSER_PASSWORD.to_owned()),
        }
    }

    /// The host, and the database that tests use.
    pub(super) fn place(&self) -> (String, String) {
        match &self.given {
            Some(given) => (given.host.clone(), given.database.clone()),
            None => ("127.0.0.1".to_owned(), "postgres".to_owned()),
        }
    }

    /// Whether it belongs to somebody else's cluster, where more than one server knows of a schema.
    pub fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// A name that no other catalogue of this cluster has.
    pub(crate) fn next_catalogue(&self) -> String {
        let number = self.catalogues.fetch_add(1, Ordering::Relaxed);
        match self.given {
            // Others were here before.
            Some(_) => format!("catalogue_{}_{number}", *RUN),
            None => format!("catalogue_{number}"),
        }
    }

    /// Stops the server as a crash would, keeping its files. Connections break.
    pub fn stop(&self) -> anyhow::Result<()> {
        let data = self.data();
        self.run(
            "pg_ctl",
            &[
                "-D".as_ref(),
                data.as_ref(),
                "-m".as_ref(),
                "immediate".as_ref(),
                "-w".as_ref(),
                "stop".as_ref(),
            ],
        )
    }

    /// Starts the server again, on the same port.
    pub fn resume(&self) -> anyhow::Result<()> {
        let mut options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c ssl=on -c max_connections={}",
            self.port, self.connections
        );
        for (name, file) in [
            ("unix_socket_directories", ""),
            ("ssl_cert_file", "server.pem"),
            ("ssl_key_file", "server.key"),
        ] {
            write!(options, " -c {name}={}", self.folder.join(file).display())?;
        }
        for setting in SETTINGS
            .split_whitespace()
            .chain(self.language.settings().iter().copied())
        {
            write!(options, " -c {setting}")?;
        }
        let (data, log) = (self.data(), self.folder.join("log"));
        let started = self.run(
            "pg_ctl",
            &[
                "-D".as_ref(),
                data.as_ref(),
                "-l".as_ref(),
                log.as_ref(),
                "-w".as_ref(),
                "-o".as_ref(),
                options.as_ref(),
                "start".as_ref(),
            ],
        );
        started.with_context(|| fs::read_to_string(self.folder.join("log")).unwrap_or_default())
    }

    /// What the server needs besides its data.
    pub(super) fn furnish(&self) -> anyhow::Result<()> {
        write_certificates(&self.folder, VALID_YEARS)?;
        self.language.make_locale(&self.locales())?;
        if let Some(user) = self.user {
            run(Command::new("chown").arg("-R").arg(user).arg(&self.folder))?;
        }
        Ok(())
    }

    fn initialise(&self) -> anyhow::Result<()> {
        self.furnish()?;
        let password = self.folder.join("password");
        fs::write(&password, SUPERUSER_PASSWORD)?;
        let data = self.data();
        let password = format!("--pwfile={}", password.display());
        let options = [
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "--auth-local=trust",
        ];
        let mut arguments: Vec<&OsStr> = vec!["-D".as_ref(), data.as_ref()];
        arguments.extend(options.iter().map(OsStr::new));
        arguments.extend([OsStr::new("--auth-host=scram-sha-256"), OsStr::new(&password)]);
        self.run("initdb", &arguments)
    }

    /// Copies the programs to where the unprivileged user can run them, if it cannot run them where they are (below
    /// `/root`).
    fn bring_programs_within_reach(&mut self) -> anyhow::Result<()> {
        let Some(user) = self.user else {
            return Ok(());
        };
        let mut test = Command::new("runuser");
        test.args(["-u", user, "--", "test", "-x"])
            .arg(self.programs.join("postgres"));
        if ending::status(&mut test)
            .context("runuser is missing; install util-linux")?
            .success()
        {
            return Ok(());
        }
        let package = self
            .programs
            .parent()
            .context("the programs have no folder above them")?;
        run(Command::new("cp")
            .arg("-a")
            .arg(package)
            .arg(self.folder.join("programs")))?;
        self.programs = self.folder.join("programs/bin");
        run(Command::new("chmod").arg("-R").arg("go+rX").arg(&self.folder))
    }

    pub(super) fn run(&self, program: &str, arguments: &[&OsStr]) -> anyhow::Result<()> {
        let program = self.programs.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        run(command.args(arguments).current_dir("/").env("LOCPATH", self.locales()))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What the server has written into its log so far.
    pub fn log(&self) -> anyhow::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(self.folder.join("log"))?).into_owned())
    }

    /// Where its own locales are, so that none of the machine's is needed and none is changed.
    fn locales(&self) -> PathBuf {
        self.folder.join("locales")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of the pipe is the guard's signal.
        if let Some(guard) = &mut self.guard {
            drop(guard.stdin.take());
            Deadline::until("PostgreSQL and its guard have ended").wait_or_panic(guard);
        }
    }
}

/// Runs a program to its end. Its output becomes the error's text. The output goes through a file: the server that
/// `pg_ctl` starts keeps it open, so a pipe would never end.
pub(super) fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = tempfile::tempfile()?;
    command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?);
    let ended = ending::status(command);
    let said = || -> anyhow::Result<String> {
        let (mut said, mut output) = (String::new(), output);
        output.rewind()?;
        output.read_to_string(&mut said)?;
        Ok(said)
    };
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!("{} failed: {}", command.get_program().display(), said()?),
        Err(error) => Err(error.context(said()?)),
    }
}

pub(super) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
