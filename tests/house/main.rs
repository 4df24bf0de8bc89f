//! The house rules that no compiler enforces.
//!
//! `docs/architecture.md` says who may know whom and where things live; `docs/style.md` says how a file looks. What can
//! be read off the sources is checked here, so that a rule is lost only on purpose. Each rule is a function that lists
//! its violations, and each is shown a violation in its own test: a rule that finds nothing anywhere protects nothing.

mod bundles;
mod circles;
mod dependencies;
mod documents;
mod entities;
mod fields;
mod migrations;
mod modules;
mod shape;
mod sources;
mod tree;
#[cfg(unix)]
mod verbs;
mod window;
mod workflows;

/// Fails with every violation on a line of its own, so that all can be fixed at once.
#[track_caller]
fn unbroken(violations: impl IntoIterator<Item = String>) {
    let violations: Vec<String> = violations.into_iter().collect();
    assert!(
        violations.is_empty(),
        "the house rule is broken:\n  {}\n",
        violations.join("\n  ")
    );
}
