//! How long to wait before the next try.

use std::time::Duration;

/// Doubles with every failure, up to a ceiling. The actual wait is random, between half of that and all of it, so that
/// many devices that lost the same server do not come back at the same moment.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    ceiling: Duration,
    failures: u32,
    chance: fastrand::Rng,
}

impl Backoff {
    pub(crate) fn new(first: Duration, ceiling: Duration, seed: u64) -> Self {
        Self {
            first,
            ceiling,
            failures: 0,
            chance: fastrand::Rng::with_seed(seed),
        }
    }

    /// The time to wait after one more failure.
    pub(crate) fn failed(&mut self) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.by_chance(doubled.min(self.ceiling))
    }

    /// Something came through: the next failure counts as the first again.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// A random time between half of this and all of it.
    pub(crate) fn by_chance(&mut self, whole: Duration) -> Duration {
        whole.mul_f64(0.5 + self.chance.f64() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_the_ceiling_and_begins_anew_after_a_success() {
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(second, second * 5, 1);
        for most in [1, 2, 4, 5, 5, 5] {
            let wait = backoff.failed();
            assert!(
                wait <= second * most && wait * 2 >= second * most,
                "{wait:?} of {most} s"
            );
        }
        backoff.succeeded();
        assert!(backoff.failed() <= second);
    }

    #[test]
    fn two_devices_wait_different_times() {
        let mut one = Backoff::new(Duration::from_secs(1), Duration::from_secs(5), 1);
        let mut other = Backoff::new(Duration::from_secs(1), Duration::from_secs(5), 2);
        assert_ne!(one.failed(), other.failed());
    }

    #[test]
    fn a_thousand_failures_do_no_harm() {
        let ceiling = Duration::from_secs(5);
        let mut backoff = Backoff::new(Duration::from_secs(1), ceiling, 1);
        for _ in 0..1000 {
            assert!(backoff.failed() <= ceiling);
        }
    }
}
