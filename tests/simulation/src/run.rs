//! Running histories: one, or a range of seeds on all processors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::history::{History, Verdict};
use crate::link::locked;
use crate::plan::Plan;
use crate::planted::Bug;
use crate::tally::Tally;

/// A history that did not end well.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// What is wrong.
    pub what: String,
}

/// Runs one history.
pub fn run(plan: &Plan, bug: Option<Bug>) -> Result<Tally, Failure> {
    let mut history = History::new(plan, bug, false);
    verdict(&mut history).map_err(|what| Failure { seed: plan.seed, what })?;
    Ok(Tally {
        histories: 1,
        ..history.tally
    })
}

/// Runs one history and reports it step by step, and how it ends.
pub fn tell(plan: &Plan, bug: Option<Bug>) -> Vec<String> {
    let mut history = History::new(plan, bug, true);
    let verdict = verdict(&mut history);
    let mut trace = history.trace.take().unwrap_or_default();
    trace.push(match verdict {
        Ok(()) => "ends well".to_owned(),
        Err(what) => what,
    });
    trace
}

/// A rule that panics is as wrong as one that loses.
fn verdict(history: &mut History<'_>) -> Verdict {
    match catch_unwind(AssertUnwindSafe(|| history.run())) {
        Ok(verdict) => verdict,
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("panic: {}", words.unwrap_or_default()))
        }
    }
}

/// Runs the histories of many seeds on all processors, until `failures_max` have failed. Failures are ordered by their
/// seeds.
pub fn run_seeds(first: u64, count: u64, bug: Option<Bug>, failures_max: usize) -> (Tally, Vec<Failure>) {
    let next = AtomicU64::new(first);
    let found = Mutex::new((Tally::default(), Vec::new()));
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let work = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count || locked(&found).1.len() >= failures_max {
                break;
            }
            match run(&Plan::of_seed(seed), bug) {
                Ok(one) => tally.add(&one),
                Err(failure) => locked(&found).1.push(failure),
            }
        }
        locked(&found).0.add(&tally);
    };
    std::thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(work);
        }
    });
    let (tally, mut failures) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    failures.sort_by_key(|failure: &Failure| failure.seed);
    (tally, failures)
}
