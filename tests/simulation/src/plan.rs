//! What happens in a history, decided beforehand from its seed.
//!
//! A plan is a list of steps, each with random numbers of its own. So a step can be left out and the others still mean
//! what they meant, which is how a failing history is made shorter.

mod versions;

use fastrand::Rng;

pub(crate) use versions::Versions;

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A person edits on a device.
    Edit,
    /// A device continues its round, or begins one.
    Go,
    /// A foreign program writes.
    Foreign,
    /// A foreign program writes and delays its commit.
    Hold,
    /// Whoever holds the head commits or rolls back.
    End,
    /// The connection of a device breaks at the next message.
    Break,
    /// It breaks while a commit is on its way.
    BreakInCommit,
    /// The next message of a device arrives twice.
    Twice,
    /// The last batch of a device arrives again.
    Again,
    /// Nothing gets through to a device or from it, until the next such step.
    Cut,
    /// A device's program dies.
    Crash,
    /// Somebody sets a device's wall clock, or restarts the machine, or both.
    SetClock,
    /// Somebody keeps a copy of a device's file.
    Copy,
    /// A device's file is restored from its copy.
    Restore,
    /// A copy of another device's file takes the place of a device's, and both go on.
    Clone,
    /// Somebody keeps a backup of the server.
    Backup,
    /// The server is restored from its backup.
    RestoreServer,
    /// The server forgets deletions.
    Purge,
    /// Something corrupts what the server keeps besides its rows.
    Corrupt,
    /// A device's program is upgraded.
    Upgrade,
    /// The server is migrated.
    Migrate,
}

/// One step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) what: What,
    pub(crate) device: usize,
    pub(crate) chance: u64,
}

/// A history to be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it comes from.
    pub seed: u64,
    pub(crate) devices: usize,
    /// How far the clock of each device is ahead, in microseconds.
    pub(crate) clock_errors: Vec<i64>,
    /// The most rows in one batch.
    pub(crate) batch_rows: usize,
    /// Whether a trigger on the server changes what is written.
    pub(crate) has_triggers: bool,
    /// Whether people write what the server refuses.
    pub(crate) has_refusals: bool,
    /// What is brought back from old copies.
    pub(crate) brought_back: BroughtBack,
    /// The versions with which programs and server begin, if they differ.
    pub(crate) versions: Option<Versions>,
    /// Whether people also make what others make.
    pub(crate) has_twins: bool,
    pub(crate) steps: Vec<Step>,
}

/// From this seed on (2 to the power of 50) files are restored from copies.
pub const RESTORES_FROM: u64 = 1 << 50;

/// From this seed on (2 to the power of 51) the server is restored from backups, and forgets deletions; files are not
/// restored.
pub const SERVER_RESTORES_FROM: u64 = 1 << 51;

/// From this seed on (2 to the power of 52) both happen in one history, and files are copied from one device to
/// another.
pub const ALL_RESTORES_FROM: u64 = 1 << 52;

/// From this seed on (2 to the power of 53) nothing is restored, but what the server keeps besides its rows is changed
/// at will: tombstones, history, lineage, devices, batches.
pub const CORRUPTIONS_FROM: u64 = 1 << 53;

/// From this seed on (2 to the power of 54) nothing is restored, but programs and server are at different versions, and
/// are upgraded in the middle.
pub const VERSIONS_FROM: u64 = 1 << 54;

/// From this seed on (2 to the power of 55) nothing is restored and all are at one version, but people make authors
/// that others make, too.
pub const TWINS_FROM: u64 = 1 << 55;

/// What is brought back from old copies in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BroughtBack {
    /// Nothing.
    Nothing,
    /// Files of devices.
    Files,
    /// The server, which also forgets deletions.
    Server,
    /// Both, and files are copied from one device to another.
    All,
    /// Nothing; but nothing that the server keeps besides its rows can be relied on.
    Corrupted,
}

impl BroughtBack {
    fn of_seed(seed: u64) -> Self {
        match seed {
            VERSIONS_FROM.. => Self::Nothing,
            CORRUPTIONS_FROM.. => Self::Corrupted,
            ALL_RESTORES_FROM.. => Self::All,
            SERVER_RESTORES_FROM.. => Self::Server,
            RESTORES_FROM.. => Self::Files,
            _ => Self::Nothing,
        }
    }
}

const SECOND: i64 = 1_000_000;
const YEAR: i64 = 365 * 24 * 3600 * SECOND;

impl Plan {
    /// The plan of a seed.
    pub fn of_seed(seed: u64) -> Self {
        let mut chance = Rng::with_seed(seed);
        let devices = match chance.u8(..10) {
            0..4 => 2,
            4..7 => 3,
            7..9 => 4 + chance.usize(..2),
            _ => 6 + chance.usize(..3),
        };
        let clock_errors = (0..devices).map(|_| clock_error(&mut chance));
        let clock_errors = clock_errors.collect();
        let batch_rows = if chance.bool() { 10_000 } else { chance.usize(1..5) };
        let has_triggers = chance.u8(..5) == 0;
        let has_refusals = chance.u8(..3) == 0;
        let weights = Weights::of(&mut chance);
        let count = chance.usize(20..110);
        let steps = (0..count).map(|_| Step {
            what: weights.draw(&mut chance),
            device: chance.usize(..devices),
            chance: chance.u64(..),
        });
        let mut steps = steps.collect();
        let brought_back = BroughtBack::of_seed(seed);
        match brought_back {
            BroughtBack::Nothing => {}
            BroughtBack::Files => add_restores(&mut steps, devices, &mut chance),
            BroughtBack::Server => add_server_restores(&mut steps, &mut chance),
            BroughtBack::Corrupted => add_corruptions(&mut steps, &mut chance),
            BroughtBack::All => {
                add_restores(&mut steps, devices, &mut chance);
                add_server_restores(&mut steps, &mut chance);
                add_clones(&mut steps, devices, &mut chance);
            }
        }
        let versions = (VERSIONS_FROM..TWINS_FROM)
            .contains(&seed)
            .then(|| Versions::of(&mut steps, devices, &mut chance));
        // From random numbers of their own, so that everything else about a seed is as it was.
        add_clocks_set(&mut steps, devices, &mut Rng::with_seed(!seed));
        Self {
            seed,
            devices,
            clock_errors,
            batch_rows,
            has_triggers,
            has_refusals,
            brought_back,
            versions,
            has_twins: seed >= TWINS_FROM,
            steps,
        }
    }

    /// How many steps it has.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing happens in it.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Clocks that are set right, or wrong, in the middle; in every other history.
fn add_clocks_set(steps: &mut Vec<Step>, devices: usize, chance: &mut Rng) {
    for _ in 0..chance.usize(..6).saturating_sub(2) {
        let (at, device) = (chance.usize(..=steps.len()), chance.usize(..devices));
        let (what, chance) = (What::SetClock, chance.u64(..));
        steps.insert(at, Step { what, device, chance });
    }
}

/// A device or two whose file is restored from a copy.
fn add_restores(steps: &mut Vec<Step>, devices: usize, chance: &mut Rng) {
    for _ in 0..chance.usize(1..3) {
        let device = chance.usize(..devices);
        let copied = chance.usize(..steps.len());
        let restored = chance.usize(copied..steps.len()) + 1;
        for (at, what) in [(restored, What::Restore), (copied, What::Copy)] {
            let chance = chance.u64(..);
            steps.insert(at, Step { what, device, chance });
        }
    }
}

/// How far somebody's clock is ahead, in microseconds.
pub(crate) fn clock_error(chance: &mut Rng) -> i64 {
    match chance.u8(..4) {
        0 => chance.i64(-10 * YEAR..10 * YEAR),
        1 => chance.i64(-30 * SECOND..30 * SECOND),
        _ => 0,
    }
}

/// A device or two, or none, that goes on with a copy of another one's file.
fn add_clones(steps: &mut Vec<Step>, devices: usize, chance: &mut Rng) {
    for _ in 0..chance.usize(..3) {
        let (at, device) = (chance.usize(..=steps.len()), chance.usize(..devices));
        let (what, chance) = (What::Clone, chance.u64(..));
        steps.insert(at, Step { what, device, chance });
    }
}

/// Corruption, once or several times.
fn add_corruptions(steps: &mut Vec<Step>, chance: &mut Rng) {
    for _ in 0..chance.usize(1..5) {
        let at = chance.usize(..=steps.len());
        let (what, device, chance) = (What::Corrupt, 0, chance.u64(..));
        steps.insert(at, Step { what, device, chance });
    }
}

/// A server that is restored from a backup once or twice, or forgets deletions, or both.
fn add_server_restores(steps: &mut Vec<Step>, chance: &mut Rng) {
    let kind = chance.u8(..3);
    let mut add = |at: usize, what: What, chance: &mut Rng| {
        let (device, chance) = (0, chance.u64(..));
        steps.insert(at.min(steps.len()), Step { what, device, chance });
    };
    let length = 110;
    if kind != 0 {
        for _ in 0..chance.usize(1..3) {
            let backed_up = chance.usize(..length);
            let restored = chance.usize(backed_up..=length) + 1;
            add(restored, What::RestoreServer, chance);
            add(backed_up, What::Backup, chance);
        }
    }
    if kind != 1 {
        for _ in 0..chance.usize(1..3) {
            let at = chance.usize(..length);
            add(at, What::Purge, chance);
        }
    }
}

/// How many times what happens.
struct Weights(Vec<(What, u32)>);

impl Weights {
    /// Histories differ in what goes wrong in them: in some nothing does, in some everything.
    fn of(chance: &mut Rng) -> Self {
        let mut weights = vec![
            (What::Edit, chance.u32(15..40)),
            (What::Go, chance.u32(25..60)),
            (What::Foreign, chance.u32(..8)),
        ];
        let faults = [
            (What::Hold, 3),
            (What::End, 3),
            (What::Break, 8),
            (What::BreakInCommit, 3),
            (What::Twice, 2),
            (What::Again, 2),
            (What::Cut, 3),
            (What::Crash, 5),
        ];
        for (what, most) in faults {
            if chance.u8(..3) > 0 {
                weights.push((what, chance.u32(..=most)));
            }
        }
        Self(weights)
    }

    fn draw(&self, chance: &mut Rng) -> What {
        let sum: u32 = self.0.iter().map(|(_, weight)| weight).sum();
        let mut left = chance.u32(..sum);
        for (what, weight) in &self.0 {
            if left < *weight {
                return *what;
            }
            left -= weight;
        }
        What::Go
    }
}
