//! Running two things in turns and comparing their medians.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;

/// The results, a line each.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<Line>,
    /// Only comparisons whose name contains this are made.
    only: Option<String>,
}

struct Line {
    work: String,
    floor: Option<String>,
    ours: String,
    ratio: Option<f64>,
    goal: &'static str,
}

impl Table {
    /// A table for the comparisons whose names contain a text; for all without one.
    pub(crate) fn of(only: Option<String>) -> Self {
        Self {
            lines: Vec::new(),
            only,
        }
    }

    /// Whether something with this name is to be measured.
    pub(crate) fn wants(&self, work: &str) -> bool {
        self.only.as_ref().is_none_or(|only| work.contains(only.as_str()))
    }

    /// Makes a comparison of rates, if it is wanted.
    pub(crate) fn compare(
        &mut self,
        work: impl Into<String>,
        units: u32,
        goal: &'static str,
        times: impl FnOnce() -> Result<Times>,
    ) -> Result<()> {
        let work = work.into();
        if self.wants(&work) {
            let times = times()?;
            self.rates(work, units, times, goal);
        }
        Ok(())
    }

    /// Adds a comparison of rates: how many units a second ours does, and what share of the floor's rate that is.
    pub(crate) fn rates(&mut self, work: impl Into<String>, units: u32, times: Times, goal: &'static str) {
        let rate = |time: Duration| f64::from(units) / time.as_secs_f64();
        let (floor, ours) = (rate(times.floor), rate(times.ours));
        self.lines.push(Line {
            work: work.into(),
            floor: Some(format!("{} /s", thousands(floor))),
            ours: format!("{} /s", thousands(ours)),
            ratio: Some(ours / floor),
            goal,
        });
    }

    /// Adds a comparison of times: how long ours takes, and how many times the floor's time that is.
    pub(crate) fn durations(&mut self, work: impl Into<String>, times: Times, goal: &'static str) {
        self.lines.push(Line {
            work: work.into(),
            floor: Some(milliseconds(times.floor)),
            ours: milliseconds(times.ours),
            ratio: Some(times.ours.as_secs_f64() / times.floor.as_secs_f64()),
            goal,
        });
    }

    /// Adds a figure that has no floor.
    pub(crate) fn figure(&mut self, work: impl Into<String>, ours: impl Into<String>, goal: &'static str) {
        self.lines.push(Line {
            work: work.into(),
            floor: None,
            ours: ours.into(),
            ratio: None,
            goal,
        });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| work | floor | Colophon | ratio | goal |")?;
        writeln!(formatter, "|---|---|---|---|---|")?;
        for line in &self.lines {
            let floor = line.floor.as_deref().unwrap_or("–");
            let ratio = line.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
            writeln!(
                formatter,
                "| {} | {floor} | {} | {ratio} | {} |",
                line.work, line.ours, line.goal
            )?;
        }
        Ok(())
    }
}

/// The medians of a comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// The bare library.
    pub(crate) floor: Duration,
    /// Colophon.
    pub(crate) ours: Duration,
}

/// Runs both in turns, `rounds` times, and takes the medians.
pub(crate) fn in_turns(
    rounds: usize,
    mut floor: impl FnMut() -> Result<Duration>,
    mut ours: impl FnMut() -> Result<Duration>,
) -> Result<Times> {
    let (mut floors, mut ourses) = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
    for round in 0..rounds {
        // Which goes first alternates, so that neither always finds the warmer machine.
        if round % 2 == 0 {
            floors.push(floor()?);
            ourses.push(ours()?);
        } else {
            ourses.push(ours()?);
            floors.push(floor()?);
        }
    }
    Ok(Times {
        floor: percentile(&mut floors, 50),
        ours: percentile(&mut ourses, 50),
    })
}

/// How long something takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let begun = Instant::now();
    std::hint::black_box(work()?);
    Ok(begun.elapsed())
}

/// A percentile of some times; sorts them.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

/// A time in words.
pub(crate) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    if milliseconds < 10.0 {
        format!("{milliseconds:.3} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
