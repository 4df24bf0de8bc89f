//! The password in a real keychain: a Secret Service on a session bus of the test's own.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use colophon_tests::ending::Deadline;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use tempfile::TempDir;

use crate::SECRET;
use crate::program::Colophon;

on_each_release! {
    async fn a_password_is_kept_in_the_keychain_used_from_there_and_forgotten(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let keychain = Keychain::open()?;
        let colophon = Colophon::new(&catalogue.settings(), None)?.on_bus(&keychain.address());
        colophon.run(&["init"])?;
        let before = colophon.run(&["sync", "--json"])?;
        ensure!(before.code == Some(8) && before.stderr.contains("no_password"), "{before:?}");
        let wrong = colophon.run_with(&["sign-in"], "swordfish\n")?;
        ensure!(wrong.code == Some(8) && !format!("{wrong:?}").contains("swordfish"), "{wrong:?}");
        ensure!(colophon.run(&["sync"])?.code == Some(8), "a wrong password was kept");
        let kept = colophon.run_with(&["sign-in"], &format!("{SECRET}\n"))?;
        ensure!(kept.code == Some(0) && kept.stderr.contains("keychain now has the password"), "{kept:?}");
        ensure!(!format!("{kept:?}").contains(SECRET), "{kept:?}");
        let synced = colophon.run(&["sync"])?;
        ensure!(synced.code == Some(0), "{synced:?}");
        ensure!(colophon.run(&["doctor"])?.code == Some(0));
        // Whoever sets a different protection, in whatever layer, has no password to send with it.
        for (name, value) in [("POSTGRES_REQUIRE_AUTH", "password,scram-sha-256"), ("POSTGRES_SSLMODE", "allow")] {
            let otherwise = colophon.run_with_setting(&["sync", "--json"], name, value)?;
            let is_refused = otherwise.code == Some(8) && otherwise.stderr.contains("no_password");
            ensure!(is_refused, "{name}={value}: {otherwise:?}");
        }
        ensure!(!colophon.has_written(SECRET)?, "the password is in a file of ours");
        let gone = colophon.run(&["sign-out", "--json"])?;
        ensure!(gone.json()?["was_there"] == true, "{gone:?}");
        ensure!(colophon.run(&["sign-out", "--json"])?.json()?["was_there"] == false);
        ensure!(colophon.run(&["sync"])?.code == Some(8), "the password is still there");
    }

    async fn without_a_keychain_the_way_out_is_told(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), None)?.on_bus("unix:path=/nothing/here");
        colophon.run(&["init"])?;
        let asked = colophon.run_with(&["sign-in"], &format!("{SECRET}\n"))?;
        ensure!(asked.code == Some(1), "{asked:?}");
        ensure!(asked.stderr.contains("no keychain") && asked.stderr.contains("POSTGRES_PASSWORD"), "{asked:?}");
        ensure!(!format!("{asked:?}").contains(SECRET), "{asked:?}");
        let sync = colophon.run(&["sync"])?;
        ensure!(sync.code == Some(8) && sync.stderr.contains("POSTGRES_PASSWORD"), "{sync:?}");
    }
}

/// A bus with an open keychain on it; both end when this is dropped.
struct Keychain {
    folder: TempDir,
    bus: Child,
    daemon: Option<Child>,
}

impl Keychain {
    fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--address"])
            .arg(format!("unix:path={}", folder.path().join("bus").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting dbus-daemon")?;
        let mut keychain = Self {
            folder,
            bus,
            daemon: None,
        };
        until_there(&keychain.path("bus"))?;
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env_clear()
            .env("HOME", keychain.folder.path())
            .env("XDG_DATA_HOME", keychain.path("data"))
            .env("XDG_RUNTIME_DIR", keychain.folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", keychain.address())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting gnome-keyring-daemon")?;
        daemon
            .stdin
            .take()
            .context("standard input is a pipe")?
            .write_all(b"throwaway")?;
        keychain.daemon = Some(daemon);
        until_there(&keychain.path("data/keyrings/login.keyring"))?;
        Ok(keychain)
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.path("bus").display())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Keychain {
    fn drop(&mut self) {
        for child in self.daemon.iter_mut().chain([&mut self.bus]) {
            let _ = child.kill();
            Deadline::until("the keychain was killed").wait_or_panic(child);
        }
    }
}

/// Waits for a file; only on a broken system does this take long.
#[expect(
    clippy::disallowed_methods,
    reason = "a pause between two looks for what another program writes"
)]
fn until_there(file: &Path) -> anyhow::Result<()> {
    let deadline = Deadline::until(format!("{} is there", file.display()));
    while !file.exists() {
        deadline.check()?;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
