//! The versions of programs and server in a history.

use fastrand::Rng;

use super::{Step, What};
use crate::versions::{NEWEST, OLDEST, Version};

/// The versions that everybody begins with.
#[derive(Debug, Clone)]
pub(crate) struct Versions {
    /// Of the server.
    pub(crate) server: Version,
    /// Of each device's program.
    pub(crate) programs: Vec<Version>,
}

impl Versions {
    /// The versions for a history, to whose steps the upgrades are added. Everybody begins with a version of their own,
    /// and is upgraded once, twice, or not before the end.
    pub(super) fn of(steps: &mut Vec<Step>, devices: usize, chance: &mut Rng) -> Self {
        let server = chance.usize(OLDEST..=NEWEST);
        let programs = (0..devices).map(|_| chance.usize(OLDEST..=NEWEST)).collect();
        for device in 0..devices {
            add(steps, What::Upgrade, device, chance);
        }
        add(steps, What::Migrate, 0, chance);
        Self { server, programs }
    }
}

fn add(steps: &mut Vec<Step>, what: What, device: usize, chance: &mut Rng) {
    for _ in 0..chance.usize(..3) {
        let at = chance.usize(..=steps.len());
        let chance = chance.u64(..);
        steps.insert(at, Step { what, device, chance });
    }
}
