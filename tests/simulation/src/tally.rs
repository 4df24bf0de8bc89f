//! What happened in histories, in numbers.

use crate::plan::What;

/// Sums over histories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Histories run.
    pub histories: u64,
    /// Edits that people made, or tried to.
    pub edits: u64,
    /// Transactions of foreign programs, including those that delayed their commit.
    pub foreign: u64,
    /// Connections broken.
    pub broken: u64,
    /// Connections broken while a commit was on its way.
    pub broken_in_commit: u64,
    /// Messages and batches that arrived twice.
    pub repeated: u64,
    /// Devices cut off, or connected again.
    pub cut: u64,
    /// Programs killed.
    pub crashed: u64,
    /// Clocks set, or machines restarted, in the middle.
    pub clocks_set: u64,
    /// Files restored from copies.
    pub restored: u64,
    /// Files replaced by a copy of another device's.
    pub cloned: u64,
    /// Servers restored from backups.
    pub servers_restored: u64,
    /// Times that deletions were forgotten.
    pub purged: u64,
    /// Times that something corrupted what the server keeps besides its rows.
    pub corrupted: u64,
    /// Programs upgraded.
    pub upgraded: u64,
    /// Servers migrated.
    pub migrated: u64,
    /// Rounds that came to an end.
    pub rounds: u64,
    /// Values parked as conflicts.
    pub parked: u64,
    /// Rounds of each device from the last fault until everybody is at rest; the maximum over all histories.
    pub rounds_to_rest: u32,
}

impl Tally {
    pub(crate) fn count(&mut self, what: What) {
        match what {
            What::Edit => self.edits += 1,
            What::Foreign | What::Hold => self.foreign += 1,
            What::Break => self.broken += 1,
            What::BreakInCommit => self.broken_in_commit += 1,
            What::Twice | What::Again => self.repeated += 1,
            What::Cut => self.cut += 1,
            What::Crash => self.crashed += 1,
            What::Restore => self.restored += 1,
            What::Clone => self.cloned += 1,
            What::RestoreServer => self.servers_restored += 1,
            What::Purge => self.purged += 1,
            What::Corrupt => self.corrupted += 1,
            What::Upgrade => self.upgraded += 1,
            What::Migrate => self.migrated += 1,
            What::SetClock => self.clocks_set += 1,
            What::Go | What::End | What::Copy | What::Backup => {}
        }
    }

    /// Adds what happened elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.edits += other.edits;
        self.foreign += other.foreign;
        self.broken += other.broken;
        self.broken_in_commit += other.broken_in_commit;
        self.repeated += other.repeated;
        self.cut += other.cut;
        self.crashed += other.crashed;
        self.clocks_set += other.clocks_set;
        self.restored += other.restored;
        self.cloned += other.cloned;
        self.servers_restored += other.servers_restored;
        self.purged += other.purged;
        self.corrupted += other.corrupted;
        self.upgraded += other.upgraded;
        self.migrated += other.migrated;
        self.rounds += other.rounds;
        self.parked += other.parked;
        self.rounds_to_rest = self.rounds_to_rest.max(other.rounds_to_rest);
    }
}
