//! Histories by the hundred thousand, on the real rules of the sync.

mod regressions;

use colophon_simulation::{
    ALL_RESTORES_FROM, Bug, CORRUPTIONS_FROM, Failure, Plan, RESTORES_FROM, SERVER_RESTORES_FROM, TWINS_FROM, Tally,
    VERSIONS_FROM, run, run_seeds, shrink, tell,
};

/// How many histories of each kind every test run has, from the same seeds. `make soak` runs as many as one has time
/// for, from other seeds.
const HISTORIES: u64 = 20_000;

/// Histories in which a planted bug must be found.
const HISTORIES_PER_BUG: u64 = 20_000;

/// What failed, made as short as possible and reported step by step.
fn told(failure: &Failure, bug: Option<Bug>) -> String {
    let plan = shrink(&Plan::of_seed(failure.seed), bug);
    let story = tell(&plan, bug).join("\n");
    format!("seed {}: {}\n{story}\n", failure.seed, failure.what)
}

/// Runs histories, each of which must end well.
fn all_end_well(first: u64, count: u64) -> Tally {
    let (tally, failures) = run_seeds(first, count, None, 3);
    let told: Vec<_> = failures.iter().map(|failure| told(failure, None)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert_eq!(tally.histories, count);
    tally
}

/// A simulation in which nothing goes wrong proves nothing.
fn enough(least: u64, happened: &[(&str, u64)]) {
    for (what, count) in happened {
        assert!(*count > least, "only {count} {what}");
    }
}

#[test]
fn whatever_happens_everybody_ends_equal_and_nothing_is_lost() {
    let tally = all_end_well(1, HISTORIES);
    println!("{tally:?}");
    enough(
        HISTORIES / 10,
        &[
            ("edits", tally.edits),
            ("foreign transactions", tally.foreign),
            ("broken connections", tally.broken),
            ("connections broken in a commit", tally.broken_in_commit),
            ("repeated messages", tally.repeated),
            ("crashes", tally.crashed),
            ("clocks set", tally.clocks_set),
            ("cuts", tally.cut),
            ("parked values", tally.parked),
        ],
    );
}

#[test]
fn a_file_that_is_brought_back_from_a_copy_costs_nothing_that_anybody_else_has_heard_of() {
    let tally = all_end_well(RESTORES_FROM, HISTORIES);
    println!("{tally:?}");
    enough(HISTORIES / 2, &[("restored files", tally.restored)]);
}

#[test]
fn a_server_that_is_brought_back_from_a_backup_or_forgets_deletions_costs_nobody_an_edit() {
    let tally = all_end_well(SERVER_RESTORES_FROM, HISTORIES);
    println!("{tally:?}");
    enough(
        HISTORIES / 2,
        &[("restored servers", tally.servers_restored), ("purges", tally.purged)],
    );
}

#[test]
fn files_that_are_brought_back_or_copied_meet_servers_that_are_and_all_that_anybody_knows_is_there() {
    let tally = all_end_well(ALL_RESTORES_FROM, HISTORIES);
    println!("{tally:?}");
    enough(
        HISTORIES / 2,
        &[
            ("restored files", tally.restored),
            ("copied files", tally.cloned),
            ("restored servers", tally.servers_restored),
            ("purges", tally.purged),
        ],
    );
}

#[test]
fn a_mess_beside_the_rows_of_a_server_loses_no_edit_and_makes_nobody_write_for_ever() {
    let tally = all_end_well(CORRUPTIONS_FROM, HISTORIES);
    println!("{tally:?}");
    enough(HISTORIES / 2, &[("corruptions", tally.corrupted)]);
}

#[test]
fn programs_and_servers_of_different_versions_lose_nothing_and_are_equal_when_all_are_upgraded() {
    let tally = all_end_well(VERSIONS_FROM, HISTORIES);
    println!("{tally:?}");
    enough(
        HISTORIES / 2,
        &[
            ("upgraded programs", tally.upgraded),
            ("migrated servers", tally.migrated),
        ],
    );
}

#[test]
fn whether_two_that_were_made_without_seeing_each_other_are_the_same_is_asked_whatever_breaks() {
    let tally = all_end_well(TWINS_FROM, HISTORIES);
    println!("{tally:?}");
}

#[test]
fn a_planted_loss_is_named_by_the_audit() {
    let (_, failures) = run_seeds(1, HISTORIES_PER_BUG, Some(Bug::EditDropped), 1);
    let what = failures.first().map(|failure| failure.what.as_str());
    assert!(what.is_some_and(|what| what.contains("unaccounted")), "{what:?}");
}

#[test]
fn a_history_that_failed_once_ends_well_now() {
    for &(seed, why) in regressions::SEEDS {
        if let Err(failure) = run(&Plan::of_seed(seed), None) {
            panic!("{why}\n{}", told(&failure, None));
        }
    }
}

#[test]
fn every_planted_bug_is_found() {
    for bug in Bug::ALL {
        let (tally, failures) = run_seeds(bug.first_seed(), HISTORIES_PER_BUG, Some(bug), 1);
        let first = failures.first();
        assert!(first.is_some(), "{bug:?} is not found in {HISTORIES_PER_BUG} histories");
        if let Some(first) = first {
            println!(
                "{bug:?}: {} histories, then seed {}: {}",
                tally.histories, first.seed, first.what
            );
        }
    }
}

#[test]
fn a_history_is_the_same_every_time() {
    for seed in 1..50 {
        let plan = Plan::of_seed(seed);
        assert_eq!(tell(&plan, None), tell(&plan, None));
    }
}

#[test]
fn a_history_that_fails_is_made_shorter_and_still_fails() {
    let bug = Some(Bug::FateNotAsked);
    let (_, failures) = run_seeds(1, HISTORIES_PER_BUG, bug, 1);
    let failure = failures.first().expect("a planted bug is found");
    let long = Plan::of_seed(failure.seed);
    let short = shrink(&long, bug);
    assert!(run(&short, bug).is_err());
    assert!(run(&short, None).is_ok(), "without the bug it ends well");
    assert!(short.len() < long.len(), "{} steps of {}", short.len(), long.len());
}
