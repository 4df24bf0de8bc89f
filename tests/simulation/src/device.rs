//! One device of a history: its file, its line, and the round that it is in the middle of.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use colophon_sync::remote::{News, RemoteCatalogue as _, Sighting};
use colophon_sync::round::{Parties, round};
use colophon_sync::server_clock::{better, measured};
use colophon_sync::{Error, Identity, RoundReport};
use fastrand::Rng;

use crate::acquaintance::Acquaintance;
use crate::file::{ModelFile, State};
use crate::heard::SharedHearing;
use crate::line::Line;
use crate::link::{Letter, Link, Shared, locked};
use crate::plan::{Plan, clock_error};
use crate::planted::Bug;
use crate::tables::TABLES;
use crate::versions::{NEWEST, Version};

/// What the program remembers from round to round.
type Seen = Arc<Mutex<Option<Sighting>>>;

type Round = Pin<Box<dyn Future<Output = colophon_sync::Result<RoundReport>> + Send>>;

/// A device.
pub(crate) struct Device {
    pub(crate) file: Arc<ModelFile>,
    pub(crate) line: Arc<Line>,
    pub(crate) last_sent: Letter,
    /// A copy of the file.
    pub(crate) copy: Option<State>,
    /// Whether what was said here may come back as somebody else's word: the file was restored from a copy, or copied.
    pub(crate) has_met_itself: bool,
    round: Option<Round>,
    /// What it last saw of the server.
    seen: Seen,
    parties: Parties,
    /// How far the server's clock, as the device believed it, may have been off at most, in microseconds.
    clock_within: Arc<AtomicI64>,
    /// Whether the last completed round failed.
    has_failed: bool,
    gives_up: bool,
}

impl Device {
    pub(crate) fn new(
        number: usize,
        plan: &Plan,
        time: &Arc<AtomicI64>,
        hearing: Option<SharedHearing>,
        bug: Option<Bug>,
    ) -> Self {
        let line = Arc::new(Line::default());
        let clock_error = plan.clock_errors[number];
        let file = ModelFile::new(number, Arc::clone(time), clock_error, Arc::clone(&line), hearing, bug);
        if let Some(versions) = &plan.versions {
            file.begin_at(versions.programs[number]);
        }
        let identity = Identity {
            name: file.name.clone(),
            app_version: "simulated".to_owned(),
        };
        Self {
            file: Arc::new(file),
            line,
            last_sent: Arc::new(Mutex::new(None)),
            copy: None,
            has_met_itself: false,
            round: None,
            seen: Seen::default(),
            parties: Parties {
                tables: TABLES,
                identity,
                batch_rows: plan.batch_rows,
            },
            clock_within: Arc::default(),
            has_failed: false,
            gives_up: bug == Some(Bug::NoRetry),
        }
    }

    /// The program dies. The file is what its last transaction left, and that is what it is anyway.
    pub(crate) fn crash(&mut self) {
        self.round = None;
        self.seen = Seen::default();
        self.has_failed = false;
    }

    /// The program ends, and one of this version takes its place.
    pub(crate) fn upgrade(&mut self, version: Version) {
        self.crash();
        self.file.upgrade(version);
    }

    /// Somebody sets its clock, and perhaps restarts it. Returns what was done, in words.
    pub(crate) fn set_clock(&mut self, chance: &mut Rng) -> &'static str {
        let starts = chance.bool();
        if chance.u8(..4) > 0 {
            self.file.set_clock(clock_error(chance));
        }
        // For a start during which the server was never contacted, the wall clock is all there is.
        let is_known = self.file.state().server_clocks.contains_key(&self.file.uptime().boot);
        if starts && is_known {
            self.crash();
            self.file.boot();
            return "has its clock set and is started anew";
        }
        "has its clock set"
    }

    /// How far the server's clock, as the device believed it, may have been off at most, in microseconds.
    pub(crate) fn clock_within(&self) -> i64 {
        self.clock_within.load(Ordering::Relaxed)
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.round.is_some()
    }

    /// Continues its round to the next stop, or begins one. `Some` once the round has ended.
    pub(crate) fn go(&mut self, server: &Shared, dice: u32) -> Option<colophon_sync::Result<RoundReport>> {
        if self.round.is_none() && self.gives_up && self.has_failed {
            return Some(Ok(RoundReport::default()));
        }
        self.line.state().dice = dice;
        let begin = || {
            let (line, last_sent) = (Arc::clone(&self.line), Arc::clone(&self.last_sent));
            let acquaintance = acquainted(&self.file, NEWEST);
            let news = match dice >> 30 {
                1 => News::NotHinted,
                2 => News::Hinted,
                _ => News::ByHead,
            };
            begin(
                Arc::clone(&self.file),
                Link::new(Arc::clone(server), line, last_sent, acquaintance),
                self.parties.clone(),
                Arc::clone(&self.seen),
                Arc::clone(&self.clock_within),
                news,
            )
        };
        let under_way = self.round.get_or_insert_with(begin);
        let mut context = Context::from_waker(Waker::noop());
        match under_way.as_mut().poll(&mut context) {
            Poll::Pending => None,
            Poll::Ready(end) => {
                self.round = None;
                self.has_failed = end.is_err();
                Some(end)
            }
        }
    }
}

/// What a program finds out when it meets a server of some version.
fn acquainted(file: &ModelFile, server: Version) -> Acquaintance {
    let shared = file.share(server);
    Acquaintance { shared, server }
}

/// As the real program begins a round: the head first, which also shows that the connection works, unless it was seen a
/// moment ago. How long a moment is does not matter to the rules.
fn begin(
    file: Arc<ModelFile>,
    mut link: Link,
    mut parties: Parties,
    seen: Seen,
    clock_within: Arc<AtomicI64>,
    news: News,
) -> Round {
    Box::pin(async move {
        let a_moment_ago = locked(&seen).take().filter(|_| news != News::ByHead);
        let mut sighting = if let Some(sighting) = a_moment_ago {
            Sighting { news, ..sighting }
        } else {
            let asked = file.uptime();
            let head = link.head().await.map_err(Error::from)?;
            let kept = file.state().server_clocks.get(&asked.boot).copied();
            Sighting {
                head,
                clock: better(measured(head.server_time, asked, file.uptime()), kept),
                news: News::ByHead,
            }
        };
        let known = acquainted(&file, usize::try_from(sighting.head.version).unwrap_or_default());
        parties.tables = known.shared.tables;
        link.get_acquainted(known);
        clock_within.fetch_max(sighting.clock.within, Ordering::Relaxed);
        let report = round(&*file, &mut link, &parties, &mut sighting, &mut |_| {}).await?;
        // Only over a connection that reached the end of a round.
        *locked(&seen) = Some(sighting);
        Ok(report)
    })
}
