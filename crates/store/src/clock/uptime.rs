//! The clock that nobody can set: how much time has passed since the machine was started, sleep included.
//!
//! Linux tells both the time and which start it was. Elsewhere each run of the program counts as a start of its own,
//! which is enough: an edit and the measurement of the server's clock that dates it mostly happen in one run, and where
//! they do not, the wall clock has to do, as it had to before. There, the counter stands still while some machines
//! sleep.

use std::sync::OnceLock;
use std::time::Instant;

use uuid::Uuid;

use crate::clock::{Clock as _, IdSource as _, SystemClock, UuidV7Source};

/// The time that has passed since a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uptime {
    /// Which start of which machine. Times from different starts cannot be compared.
    pub boot: Uuid,
    /// Microseconds.
    pub micros: i64,
}

/// What this computer says.
pub(crate) fn of_this_computer() -> Uptime {
    of_the_machine().unwrap_or_else(of_this_run)
}

#[cfg(target_os = "linux")]
fn of_the_machine() -> Option<Uptime> {
    static BOOT: OnceLock<Option<Uuid>> = OnceLock::new();
    let read = || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
    let boot = (*BOOT.get_or_init(|| read().and_then(|id| id.trim().parse().ok())))?;
    let passed = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Some(Uptime {
        boot,
        micros: passed.tv_sec * 1_000_000 + passed.tv_nsec / 1000,
    })
}

#[cfg(not(target_os = "linux"))]
fn of_the_machine() -> Option<Uptime> {
    None
}

#[expect(clippy::disallowed_methods, reason = "it dates edits; a test has a clock of its own")]
fn of_this_run() -> Uptime {
    static RUN: OnceLock<(Uuid, Instant)> = OnceLock::new();
    let (boot, begin) = RUN.get_or_init(|| (UuidV7Source::default().next(SystemClock.now()), Instant::now()));
    Uptime {
        boot: *boot,
        micros: i64::try_from(begin.elapsed().as_micros()).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_and_bears_the_name_of_one_start() {
        for read in [of_this_computer, of_this_run] {
            let (one, other) = (read(), read());
            assert!(
                one.boot == other.boot && one.micros <= other.micros,
                "{one:?} {other:?}"
            );
        }
    }
}
