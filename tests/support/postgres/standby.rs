//! A hot standby: a second server that follows a first one and can be read meanwhile.

use std::ffi::OsStr;

use super::cluster::{Cluster, SUPERUSER};
use crate::device::pause;
use crate::ending::Deadline;

impl Cluster {
    /// A server that follows this one and takes no writes, until it is [promoted](Self::promote).
    pub fn standby(&self) -> anyhow::Result<Self> {
        let mut standby = self.unmade_like()?;
        standby.furnish()?;
        let (data, port) = (standby.data(), self.port().to_string());
        let options = [
            "-U",
            SUPERUSER,
            "--checkpoint=fast",
            "--wal-method=stream",
            "--write-recovery-conf",
            "-p",
            &port,
        ];
        let mut arguments: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
        arguments.extend([
            "-h".as_ref(),
            self.socket().as_os_str(),
            "-D".as_ref(),
            data.as_os_str(),
        ]);
        self.run("pg_basebackup", &arguments)?;
        standby.start_first()?;
        Ok(standby)
    }

    /// Waits until this standby has what the other server has written up to now.
    pub async fn until_caught_up(&self, with: &Self) -> anyhow::Result<()> {
        let written = with.psql()?.value("SELECT pg_current_wal_lsn()")?;
        let has_it = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
        let mut standby = self.psql()?;
        let deadline = Deadline::until("a standby of PostgreSQL has caught up");
        while standby.value(&has_it)? != "t" {
            deadline.check()?;
            pause().await;
        }
        Ok(())
    }

    /// From now on this standby follows nobody and takes writes.
    pub fn promote(&self) -> anyhow::Result<()> {
        let data = self.data();
        self.run(
            "pg_ctl",
            &["-D".as_ref(), data.as_ref(), "-w".as_ref(), "promote".as_ref()],
        )
    }
}
