//! Runs histories for as long as somebody has time: `soak [HISTORIES [FIRST_SEED]]`, or reports one: `soak tell SEED`.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use colophon_simulation::{Plan, run, run_seeds, shrink, tell};

/// How many failures are reported before it stops.
const FAILURES_MAX: usize = 20;

/// How many histories lie between two lines of progress.
const PART: u64 = 100_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tell", seed] => tell_seed(number(seed)?),
        [] => soak(1_000_000, 1),
        [count] => soak(number(count)?, 1),
        [count, first] => soak(number(count)?, number(first)?),
        _ => bail!("say: soak [HISTORIES [FIRST_SEED]], or: soak tell SEED"),
    }
}

fn number(text: &str) -> Result<u64> {
    text.parse().with_context(|| format!("{text:?} is no number"))
}

fn soak(count: u64, first: u64) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let mut tally = colophon_simulation::Tally::default();
    std::panic::set_hook(Box::new(|_| {}));
    let mut done = 0;
    while done < count {
        let part = PART.min(count - done);
        let (more, failures) = run_seeds(first + done, part, None, FAILURES_MAX);
        tally.add(&more);
        done += part;
        for failure in &failures {
            writeln!(out, "seed {}: {}", failure.seed, failure.what)?;
        }
        if !failures.is_empty() {
            bail!(
                "{} histories did not end well; `soak tell SEED` tells one",
                failures.len()
            );
        }
        writeln!(out, "{done} histories, seeds from {first}: {tally:?}")?;
    }
    Ok(())
}

fn tell_seed(seed: u64) -> Result<()> {
    let mut out = std::io::stdout().lock();
    std::panic::set_hook(Box::new(|_| {}));
    let mut plan = Plan::of_seed(seed);
    if run(&plan, None).is_err() {
        plan = shrink(&plan, None);
    }
    writeln!(out, "{plan:?}")?;
    for line in tell(&plan, None) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
