//! Programs that are upgraded and a server that is migrated, in the middle of everything and at its end.

use fastrand::Rng;

use super::{History, Verdict};
use crate::checkers;
use crate::link::locked;
use crate::versions::{NEWEST, OLDEST, Version};

impl History<'_> {
    /// The version whose fields somebody with this version sets: if all are at one version, nobody knows that there
    /// will be others.
    pub(super) fn says(&self, version: impl FnOnce(&Self) -> Version) -> Version {
        if self.plan.versions.is_some() {
            version(self)
        } else {
            OLDEST
        }
    }

    /// A device's program is upgraded, by one version or to the newest.
    pub(super) fn upgrade(&mut self, number: usize, is_by_one: bool) {
        let version = self.devices[number].file.version();
        let next = if is_by_one { NEWEST.min(version + 1) } else { NEWEST };
        self.devices[number].upgrade(next);
        self.tell(|| format!("the program of d{number} is upgraded from {version} to {next}"));
    }

    /// The server is migrated. A migration waits for whoever is writing.
    pub(super) fn migrate(&mut self, is_by_one: bool) {
        self.end_transaction(true);
        let version = locked(&self.server).version();
        let next = if is_by_one { NEWEST.min(version + 1) } else { NEWEST };
        locked(&self.server).migrate(next);
        self.tell(|| format!("the server is migrated from {version} to {next}"));
    }

    /// Whoever is not at the newest version yet is upgraded, in some order, after everybody has come to rest as they
    /// are.
    pub(super) fn bring_up_to_date(&mut self) -> Verdict {
        if self.plan.versions.is_none() {
            return Ok(());
        }
        self.come_to_rest()?;
        checkers::agree_as_far_as_known(self)?;
        if !self.plan.has_refusals {
            // What is refused is tried again automatically, now and then.
            self.stays_at_rest()?;
        }
        let mut chance = Rng::with_seed(self.plan.seed);
        let mut order: Vec<_> = (0..=self.devices.len()).collect();
        chance.shuffle(&mut order);
        for number in order {
            if number == self.devices.len() {
                self.migrate(false);
            } else {
                self.upgrade(number, false);
            }
            let goes = chance.usize(..self.devices.len());
            self.whole_round(goes)?;
        }
        Ok(())
    }
}
