//! Devices that share a catalogue.

use std::ops::Deref;

use anyhow::{bail, ensure};
use colophon_catalogue::conflict::Conflict;
use colophon_sync::central::CentralSettings;
use colophon_sync::{Exchange, RoundReport};
use colophon_tests::device::Device;
use colophon_tests::in_step::in_step;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use tokio::sync::Mutex;

/// The most rounds that all devices make until none of them has anything to report.
const ROUNDS_MAX: u32 = 6;

pub(crate) struct Team<'c, const N: usize> {
    pub(crate) catalogue: CentralCatalogue<'c>,
    pub(crate) members: [Member; N],
}

/// A device, and its way to the server.
pub(crate) struct Member {
    device: Device,
    exchange: Mutex<Exchange>,
}

impl<'c, const N: usize> Team<'c, N> {
    pub(crate) async fn of(cluster: &'c Cluster, names: [&str; N]) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let settings = catalogue.settings();
        Ok(Self::through(catalogue, names, &settings))
    }

    /// A team whose members reach the catalogue in a way other than its cluster's own port.
    pub(crate) fn through(catalogue: CentralCatalogue<'c>, names: [&str; N], settings: &CentralSettings) -> Self {
        let members = names.map(|name| Member::new(name, settings.clone()));
        Self { catalogue, members }
    }

    /// One round of each.
    pub(crate) async fn round(&self) -> anyhow::Result<Vec<RoundReport>> {
        let mut reports = Vec::new();
        for member in &self.members {
            reports.push(member.round().await?);
        }
        Ok(reports)
    }

    /// Makes rounds until there is nothing more to report; then all must hold the same.
    pub(crate) async fn comes_to_rest(&self) -> anyhow::Result<()> {
        let mut reports = Vec::new();
        for _ in 0..ROUNDS_MAX {
            reports = self.round().await?;
            if reports.iter().all(|report| report.pulled == 0 && report.pushed == 0) {
                return in_step(&self.catalogue, self.members.iter().map(|member| &member.device));
            }
        }
        bail!("still not at rest: {reports:#?}")
    }

    /// Two days pass in which nobody is in touch. They pass only for the server: the devices' clocks go on. This is for
    /// stories about edits made hours ago, because an edit is never taken to be older than its device's last visit, and
    /// in a test that was a moment ago.
    pub(crate) fn two_days_pass(&self) -> anyhow::Result<()> {
        let mut psql = self.catalogue.psql()?;
        // One after another: the last visit of whoever says when it was seen is computed.
        psql.run("UPDATE device SET last_seen = last_seen - interval '2 days'")?;
        psql.run("UPDATE device SET was_here = was_here - interval '2 days'")?;
        Ok(())
    }

    /// The conflicts, which all devices must know.
    pub(crate) async fn conflicts(&self) -> anyhow::Result<Vec<Conflict>> {
        let mut known = self.members[0].conflicts().await?;
        known.sort_by_key(|conflict| conflict.id);
        for member in &self.members {
            let mut others = member.conflicts().await?;
            others.sort_by_key(|conflict| conflict.id);
            ensure!(others == known, "{}: {others:#?} instead of {known:#?}", member.name);
        }
        Ok(known)
    }

    /// The only conflict, which all devices must know.
    pub(crate) async fn conflict(&self) -> anyhow::Result<Conflict> {
        let conflicts = self.conflicts().await?;
        match <[Conflict; 1]>::try_from(conflicts) {
            Ok([conflict]) => Ok(conflict),
            Err(conflicts) => bail!("not one conflict: {conflicts:#?}"),
        }
    }
}

impl Member {
    fn new(name: &str, settings: CentralSettings) -> Self {
        let device = Device::named(name);
        let exchange = Mutex::new(device.exchange(settings));
        Self { device, exchange }
    }

    pub(crate) async fn round(&self) -> colophon_sync::Result<RoundReport> {
        self.exchange.lock().await.round(&mut |_| ()).await
    }

    /// What could not be kept, or was refused, is tried again in the next round.
    pub(crate) async fn retry(&self) -> colophon_sync::Result<()> {
        self.exchange.lock().await.retry_quarantined().await?;
        Ok(())
    }
}

impl Deref for Member {
    type Target = Device;

    fn deref(&self) -> &Device {
        &self.device
    }
}

/// A text as a conflict stores it.
pub(crate) fn kept(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
