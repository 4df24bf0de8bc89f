//! Making a failing history shorter, so that a person can read it.

use crate::plan::Plan;
use crate::planted::Bug;
use crate::run::run;

/// A shorter plan that also fails: steps are left out, in ever smaller groups, until none can be spared.
pub fn shrink(plan: &Plan, bug: Option<Bug>) -> Plan {
    let mut best = plan.clone();
    let fails = |plan: &Plan| run(plan, bug).is_err();
    simplify(&mut best, &fails);
    let mut part = best.steps.len().div_ceil(2);
    while part > 0 {
        let mut at = 0;
        let before = best.steps.len();
        while at < best.steps.len() {
            let mut shorter = best.clone();
            shorter.steps.drain(at..(at + part).min(best.steps.len()));
            if fails(&shorter) {
                best = shorter;
            } else {
                at += part;
            }
        }
        if part == 1 && best.steps.len() == before {
            break;
        }
        part = if part == 1 { 1 } else { part / 2 };
    }
    fewer_devices(&mut best, &fails);
    simplify(&mut best, &fails);
    best
}

/// Correct clocks, no triggers, no refusals, one batch.
fn simplify(best: &mut Plan, fails: &impl Fn(&Plan) -> bool) {
    let changes: [fn(&mut Plan); 4] = [
        |plan| plan.clock_errors.iter_mut().for_each(|error| *error = 0),
        |plan| plan.has_triggers = false,
        |plan| plan.has_refusals = false,
        |plan| plan.batch_rows = 10_000,
    ];
    for change in changes {
        let mut simpler = best.clone();
        change(&mut simpler);
        if fails(&simpler) {
            *best = simpler;
        }
    }
}

/// Devices that do nothing are left out, from the last one on.
fn fewer_devices(best: &mut Plan, fails: &impl Fn(&Plan) -> bool) {
    while best.devices > 1 && best.steps.iter().all(|step| step.device + 1 < best.devices) {
        let mut fewer = best.clone();
        fewer.devices -= 1;
        if !fails(&fewer) {
            break;
        }
        *best = fewer;
    }
}
