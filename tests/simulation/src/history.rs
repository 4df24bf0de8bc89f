//! A history: a plan carried out step by step, then peace, then the verdict.

mod restoring;
mod saying;
mod versions;

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use colophon_sync::central;
use colophon_sync::{Error, RoundReport};
use fastrand::Rng;

use crate::audits;
use crate::checkers;
use crate::device::Device;
use crate::foreign;
use crate::heard::SharedHearing;
use crate::later;
use crate::line::{Fault, Stop};
use crate::link::{Shared, locked};
use crate::log::Log;
use crate::plan::{BroughtBack, Plan, Step, What};
use crate::planted::Bug;
use crate::server::{Backup, Server};
use crate::tally::Tally;
use crate::twins;

/// The most stops of one round. A round that needs more is a loop.
const STOPS_MAX: u32 = 3000;

/// How many rounds of each device, after the last fault, it may take until all are at rest.
const ROUNDS_TO_REST_MAX: u32 = 8;

/// How many times people make good what the server refuses. More than once, because what a deletion took along may come
/// back with the record.
const GOOD_TRIES: u32 = 2;

/// How many rounds of each device must leave a world at rest as it was.
const ROUNDS_AT_REST: u32 = 2;

/// When histories begin, in microseconds.
const BEGIN: i64 = 1_790_000_000_000_000;

/// What is wrong with a history, in words.
pub(crate) type Verdict = Result<(), String>;

/// A history under way.
pub(crate) struct History<'p> {
    plan: &'p Plan,
    pub(crate) server: Shared,
    pub(crate) devices: Vec<Device>,
    pub(crate) log: Log,
    /// What a foreign program has said but not yet committed.
    held: Log,
    /// A backup of the server.
    backup: Option<Backup>,
    /// What the server has heard of, if old states are brought back.
    hearing: Option<SharedHearing>,
    /// What anybody has heard of in the end, if old states are brought back.
    pub(crate) known: Option<HashSet<usize>>,
    time: Arc<AtomicI64>,
    bug: Option<Bug>,
    pub(crate) tally: Tally,
    /// What happened, in words, if somebody wants to read it.
    pub(crate) trace: Option<Vec<String>>,
}

impl<'p> History<'p> {
    pub(crate) fn new(plan: &'p Plan, bug: Option<Bug>, is_traced: bool) -> Self {
        let time = Arc::new(AtomicI64::new(BEGIN));
        let hearing = (plan.brought_back != BroughtBack::Nothing).then(SharedHearing::default);
        let devices = (0..plan.devices)
            .map(|number| Device::new(number, plan, &time, hearing.clone(), bug))
            .collect();
        let mut server = Server::new(plan.has_triggers, hearing.clone(), bug);
        if let Some(versions) = &plan.versions {
            server.migrate(versions.server);
        }
        Self {
            plan,
            server: Arc::new(Mutex::new(server)),
            devices,
            log: Log::default(),
            held: Log::default(),
            backup: None,
            hearing,
            known: None,
            time,
            bug,
            tally: Tally::default(),
            trace: is_traced.then(Vec::new),
        }
    }

    pub(crate) fn has_server_restores(&self) -> bool {
        !matches!(self.plan.brought_back, BroughtBack::Nothing | BroughtBack::Files)
    }

    pub(crate) fn has_triggers(&self) -> bool {
        self.plan.has_triggers
    }

    /// Whether what the server keeps besides its rows cannot be relied on.
    pub(crate) fn is_corrupted(&self) -> bool {
        self.plan.brought_back == BroughtBack::Corrupted
    }

    /// Whether anything is brought back from an old copy, or corrupted.
    pub(crate) fn has_restores(&self) -> bool {
        self.plan.brought_back != BroughtBack::Nothing
    }

    /// All of it.
    pub(crate) fn run(&mut self) -> Verdict {
        for (number, step) in self.plan.steps.iter().enumerate() {
            self.step(number, *step)?;
        }
        self.end_faults()?;
        self.bring_up_to_date()?;
        self.come_to_rest()?;
        checkers::rest(self)?;
        for _ in 0..GOOD_TRIES {
            for number in 0..self.devices.len() {
                self.let_say(number, |mut person| person.make_good());
            }
            self.come_to_rest()?;
        }
        self.void_what_nobody_knows();
        if self.bug == Some(Bug::EditDropped) {
            audits::all_accounted(self)?;
        }
        checkers::all(self)?;
        if !self.has_restores() {
            later::stands(self)?;
        }
        audits::all_accounted(self)?;
        twins::are_asked_about(self)?;
        self.stays_at_rest()
    }

    /// A world at rest stays at rest: nobody writes anything any more, neither here nor there.
    fn stays_at_rest(&mut self) -> Verdict {
        let revision = locked(&self.server).revision();
        for _ in 0..ROUNDS_AT_REST {
            for number in 0..self.devices.len() {
                let before = self.devices[number].file.state();
                self.devices[number].crash();
                self.whole_round(number)?;
                if let Some(what) = self.devices[number].file.state().differs_from(&before) {
                    return Err(format!("no rest: d{number} still changes its {what}"));
                }
                if locked(&self.server).revision() != revision {
                    return Err(format!("no rest: d{number} still writes"));
                }
            }
        }
        Ok(())
    }

    fn tell(&mut self, text: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(text());
        }
    }

    fn step(&mut self, number: usize, step: Step) -> Verdict {
        let mut chance = Rng::with_seed(step.chance);
        self.pass_time(chance.i64(1..3_000_000));
        let device = step.device;
        self.tally.count(step.what);
        match step.what {
            What::Edit => {
                let told = self.let_say(device, |mut person| person.act(&mut chance));
                self.tell(|| format!("{number}: d{device} {told}"));
            }
            What::Go => self.go(device, chance.u32(1..14), &mut chance)?,
            What::Foreign => self.foreign(number, false, &mut chance),
            What::Hold => self.foreign(number, true, &mut chance),
            What::End => self.end_transaction(chance.u8(..4) > 0 || self.bug == Some(Bug::SequenceAsCursor)),
            What::Break | What::BreakInCommit | What::Twice => self.fault(step)?,
            What::Again => self.send_again(device),
            What::Cut => {
                let mut line = self.devices[device].line.state();
                line.is_cut = !line.is_cut;
            }
            What::Crash => {
                self.devices[device].crash();
                self.tell(|| format!("{number}: d{device} crashes"));
            }
            What::SetClock => {
                let told = self.devices[device].set_clock(&mut chance);
                self.tell(|| format!("{number}: d{device} {told}"));
            }
            What::Copy => {
                self.devices[device].copy = Some(self.devices[device].file.state());
                self.tell(|| format!("{number}: the file of d{device} is copied"));
            }
            What::Restore => self.restore(device),
            What::Clone => self.clone_file(device, chance.usize(..self.devices.len())),
            What::Backup => self.back_up(),
            What::RestoreServer => self.restore_server(),
            What::Purge => self.purge(&mut chance),
            What::Upgrade => self.upgrade(device, chance.bool()),
            What::Migrate => self.migrate(chance.bool()),
            What::Corrupt => {
                let told = locked(&self.server).corrupt(&mut chance);
                self.tell(|| format!("{number}: {told}"));
            }
        }
        Ok(())
    }

    /// A foreign program writes. What it says counts from its commit on.
    fn foreign(&mut self, number: usize, holds: bool, chance: &mut Rng) {
        let serial = self.log.entries.len() + self.held.entries.len();
        let says = self.says(|history| locked(&history.server).version());
        let Some(mut said) = foreign::write(&mut locked(&self.server), (serial, says), chance, holds) else {
            return;
        };
        self.tell(|| {
            format!(
                "{number}: w writes {}{}",
                said.told(),
                if holds { ", not yet committed" } else { "" }
            )
        });
        if holds {
            self.held.entries.append(&mut said.entries);
        } else {
            self.say(said);
        }
    }

    fn pass_time(&mut self, by: i64) {
        let now = self.time.fetch_add(by, Ordering::Relaxed) + by;
        locked(&self.server).set_time(now);
        self.log.now = now;
    }

    /// A device does some of its work.
    fn go(&mut self, number: usize, stops: u32, chance: &mut Rng) -> Verdict {
        for _ in 0..stops {
            if let Some(end) = self.devices[number].go(&self.server, chance.u32(..)) {
                return self.look_at(number, end);
            }
            self.tell_stop(number);
        }
        Ok(())
    }

    fn tell_stop(&mut self, number: usize) {
        if self.trace.is_some() {
            let told = {
                let line = self.devices[number].line.state();
                format!("    d{number} {:?} {}", line.stop, line.doing)
            };
            self.tell(|| told);
        }
    }

    /// The end of a round. Only the network and others' writes may make one fail.
    fn look_at(&mut self, number: usize, end: colophon_sync::Result<RoundReport>) -> Verdict {
        self.tally.rounds += 1;
        self.tell(|| format!("    d{number} ends: {end:?}"));
        match end {
            Ok(report) => {
                self.tally.parked += report.parked;
                Ok(())
            }
            Err(Error::Central(
                central::Error::ConnectionLost { .. } | central::Error::Busy { .. } | central::Error::Forked,
            )) => Ok(()),
            Err(Error::Local(colophon_store::Error::Busy)) if self.bug == Some(Bug::CursorBeforeRows) => Ok(()),
            Err(error) => Err(format!("a round of d{number} fails: {error}")),
        }
    }

    /// Something befalls the next message of a device; there must be a message for it to befall.
    fn fault(&mut self, step: Step) -> Verdict {
        let fault = match step.what {
            What::Twice => Fault::Twice,
            What::BreakInCommit => Fault::BreakInCommit,
            _ => Fault::Break,
        };
        let wants_push = step.what != What::Break;
        let mut chance = Rng::with_seed(step.chance);
        for _ in 0..20 {
            let is_there = {
                let line = self.devices[step.device].line.state();
                let is_message = line.stop == Stop::Request || !wants_push && line.stop == Stop::Answer;
                self.devices[step.device].is_under_way() && is_message && (!wants_push || line.doing == "push")
            };
            if is_there {
                self.devices[step.device].line.state().fault = Some(fault);
                self.tell(|| format!("{fault:?} for d{}", step.device));
                return self.go(step.device, 1, &mut chance);
            }
            if let Some(end) = self.devices[step.device].go(&self.server, chance.u32(..)) {
                return self.look_at(step.device, end);
            }
            self.tell_stop(step.device);
        }
        Ok(())
    }

    /// The last batch of a device that arrived arrives again.
    fn send_again(&mut self, number: usize) {
        let letter = locked(&self.devices[number].last_sent).clone();
        if let Some((device, batch)) = letter {
            let answer = locked(&self.server).push(&device, &batch);
            self.tell(|| format!("batch {} of d{number} again: {answer:?}", batch.number));
        }
    }

    fn end_transaction(&mut self, commits: bool) {
        let mut server = locked(&self.server);
        if server.is_held() {
            server.end(commits);
            drop(server);
            let said = std::mem::take(&mut self.held);
            if commits {
                self.say(said);
            }
            self.tell(|| format!("the open transaction ends, committed: {commits}"));
        }
    }

    fn end_faults(&mut self) -> Verdict {
        self.tell(|| "peace".to_owned());
        self.end_transaction(true);
        for device in &self.devices {
            let mut line = device.line.state();
            line.is_cut = false;
            line.fault = None;
        }
        // What was under way has encountered the faults: it may still fail.
        for number in 0..self.devices.len() {
            while self.devices[number].is_under_way() {
                self.go(number, STOPS_MAX, &mut Rng::with_seed(0))?;
            }
        }
        Ok(())
    }

    /// Round after round of everybody, until nobody has anything to do.
    fn come_to_rest(&mut self) -> Verdict {
        for rounds in 0..ROUNDS_TO_REST_MAX {
            for number in 0..self.devices.len() {
                self.whole_round(number)?;
            }
            if checkers::is_at_rest(self) {
                self.tally.rounds_to_rest = self.tally.rounds_to_rest.max(rounds + 1);
                return Ok(());
            }
        }
        Err(checkers::unrest(self))
    }

    fn whole_round(&mut self, number: usize) -> Verdict {
        self.pass_time(1_000_000);
        for _ in 0..STOPS_MAX {
            let Some(end) = self.devices[number].go(&self.server, 0) else {
                self.tell_stop(number);
                continue;
            };
            let may_fail = self.is_corrupted() && matches!(end, Err(Error::Central(central::Error::Forked)));
            if let Err(error) = &end
                && self.bug.is_none()
                && !may_fail
            {
                return Err(format!("in peace, a round of d{number} fails: {error}"));
            }
            return self.look_at(number, end);
        }
        Err(format!("a round of d{number} does not end"))
    }
}
