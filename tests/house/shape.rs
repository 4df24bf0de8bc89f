//! How a file looks: its name, its length, and what it may not leave behind.

use anyhow::{Result, ensure};

use crate::tree::{self, Source};
use crate::unbroken;

/// A file is one thing that a person reads in one sitting.
const LINES_MAX: usize = 400;

/// A component shows one thing.
const COMPONENT_LINES_MAX: usize = 300;

/// The files that are longer, each with its reason.
const LONGER: [(&str, &str); 5] = [
    (
        "crates/sync/migrations/V1__what_the_sync_needs.sql",
        "the machinery of a server as it is after all steps of the catalogue's own, for an application that begins today",
    ),
    (
        "ui/src/ipc/bindings.ts",
        "generated from the Rust types; nobody reads it as a whole",
    ),
    (
        "migrations/postgres/V1__catalogue.sql",
        "what makes a catalogue is made in one transaction, and that is one file",
    ),
    (
        "migrations/postgres/V2__rights_versions_and_growth.sql",
        "every function of V1 that runs with its owner's rights is made anew there, in one transaction",
    ),
    (
        "migrations/postgres/V3__times_of_fields_and_clusters.sql",
        "every function that a cluster of servers takes only in other words is made anew there, in one transaction",
    ),
];

/// Names of kinds rather than of things. A file of such a name attracts whatever has no place.
const NAMES_OF_KINDS: [&str; 9] = [
    "util",
    "utils",
    "utilities",
    "manager",
    "managers",
    "helper",
    "helpers",
    "common",
    "misc",
];

/// A sleep must be explained within this many lines above it.
const SAID_ABOVE: usize = 5;

/// What switches a test off, or all the others. Split in two so that this file passes its own rule.
const SWITCHES: [(&str, &str); 8] = [
    ("#[ig", "nore"),
    ("it.sk", "ip("),
    ("test.sk", "ip("),
    ("describe.sk", "ip("),
    ("it.on", "ly("),
    ("test.on", "ly("),
    ("describe.on", "ly("),
    ("test.to", "do("),
];

#[test]
fn no_file_is_longer_than_one_sitting() -> Result<()> {
    unbroken(ours()?.iter().filter_map(too_long));
    Ok(())
}

#[test]
fn a_reason_for_a_long_file_is_still_needed() -> Result<()> {
    let sources = ours()?;
    for (path, _) in LONGER {
        // A generated file is made by the build; it may be absent in a fresh clone.
        let lines = sources
            .iter()
            .find(|source| source.path == path)
            .map(|source| source.text.lines().count());
        ensure!(
            lines.is_none_or(|lines| lines > LINES_MAX) || path.contains("bindings"),
            "{path} is short again: take it off the list"
        );
    }
    Ok(())
}

#[test]
fn files_are_named_after_things() -> Result<()> {
    unbroken(ours()?.iter().filter_map(named_after_a_kind));
    Ok(())
}

#[test]
fn no_test_is_switched_off() -> Result<()> {
    unbroken(ours()?.iter().filter_map(switched_off));
    Ok(())
}

#[test]
fn a_test_that_sleeps_waits_for_something_by_name_or_says_why() -> Result<()> {
    let tests = tree::sources_ending("tests", &["rs"])?;
    unbroken(tests.iter().flat_map(sleeping));
    Ok(())
}

#[test]
fn a_lint_is_set_aside_only_with_a_reason() -> Result<()> {
    unbroken(ours()?.iter().flat_map(set_aside_without_reason));
    Ok(())
}

#[test]
fn the_rules_see_a_file_that_breaks_them() {
    let long = "line\n".repeat(LINES_MAX + 1);
    assert!(too_long(&Source::imagined("crates/store/src/session.rs", &long)).is_some());
    assert!(too_long(&Source::imagined("ui/src/ipc/bindings.ts", &long)).is_none());
    let component = "line\n".repeat(COMPONENT_LINES_MAX + 1);
    assert!(too_long(&Source::imagined("ui/src/list/List.svelte", &component)).is_some());

    assert!(named_after_a_kind(&Source::imagined("crates/sync/src/utils.rs", "")).is_some());
    assert!(named_after_a_kind(&Source::imagined("ui/src/helpers/dates.ts", "")).is_some());
    assert!(named_after_a_kind(&Source::imagined("crates/sync/src/push.rs", "")).is_none());

    let off = format!("{}{}]", SWITCHES[0].0, SWITCHES[0].1);
    assert!(switched_off(&Source::imagined("tests/push.rs", &off)).is_some());

    let asleep = |above: &str| {
        sleeping(&Source::imagined(
            "tests/push/a.rs",
            &format!("{above}\n    tokio::time::sleep(TIME).await;"),
        ))
    };
    assert_eq!(asleep("    device.push();").len(), 1);
    assert_eq!(asleep("    // As long as a person needs."), Vec::<String>::new());
    assert_eq!(asleep("        deadline.check()?;"), Vec::<String>::new());

    let bare = Source::imagined("crates/store/src/a.rs", concat!("#[", "allow(clippy::too_many_lines)]"));
    assert_eq!(set_aside_without_reason(&bare).len(), 1);
    let reasoned = Source::imagined(
        "crates/store/src/a.rs",
        concat!("#[", "expect(\n    dead_code,\n    reason = \"x\"\n)]"),
    );
    assert_eq!(set_aside_without_reason(&reasoned), Vec::<String>::new());
}

/// Everything that a person of this project writes.
fn ours() -> Result<Vec<Source>> {
    tree::sources_ending("", &["rs", "ts", "svelte", "sql", "css", "sh"])
}

fn too_long(source: &Source) -> Option<String> {
    let most = if source.extension() == "svelte" {
        COMPONENT_LINES_MAX
    } else {
        LINES_MAX
    };
    let lines = source.text.lines().count();
    let excused = LONGER.iter().any(|(path, _)| *path == source.path);
    (lines > most && !excused).then(|| {
        format!(
            "{} has {lines} lines, {most} are allowed: is it still one thing?",
            source.path
        )
    })
}

fn named_after_a_kind(source: &Source) -> Option<String> {
    let parts = source
        .path
        .split('/')
        .map(|part| part.split('.').next().unwrap_or_default().to_lowercase());
    let named = parts.into_iter().any(|part| NAMES_OF_KINDS.contains(&part.as_str()));
    named.then(|| format!("{} is named after a kind, not after a thing", source.path))
}

fn switched_off(source: &Source) -> Option<String> {
    let off = SWITCHES
        .iter()
        .any(|(one, other)| source.text.contains(&format!("{one}{other}")));
    off.then(|| format!("{} switches a test off, or all tests but one", source.path))
}

/// Where a test lets time pass, with neither a named deadline nor a reason why the time itself is the point.
fn sleeping(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let says_why = |above: &[&str]| {
        let signs = ["deadline.check()", "// ", "reason = "];
        above.iter().any(|line| signs.iter().any(|sign| line.contains(sign)))
    };
    let sleeps = |line: &str| line.contains("time::sleep(") || line.contains("thread::sleep(");
    let is_of_support = source.path.starts_with("tests/support/") || source.path.starts_with("tests/house/");
    let broken = (0..lines.len()).filter(|at| !is_of_support && sleeps(lines[*at]));
    broken
        .filter(|at| !says_why(&lines[at.saturating_sub(SAID_ABOVE)..*at]))
        .map(|at| {
            format!(
                "{}:{}: what is waited for? Look for it until a Deadline, or say why time has to pass",
                source.path,
                at + 1
            )
        })
        .collect()
}

fn set_aside_without_reason(source: &Source) -> Vec<String> {
    let starts = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
    let mut broken = Vec::new();
    if source.extension() != "rs" || source.path.ends_with("house/shape.rs") {
        return broken;
    }
    for start in starts {
        for (at, _) in source.text.match_indices(start) {
            let attribute = source.text[at..].split(")]").next().unwrap_or_default();
            if !attribute.contains("reason = ") {
                let line = source.text[..at].lines().count() + 1;
                broken.push(format!(
                    "{}:{line}: a lint is set aside without `reason = …`",
                    source.path
                ));
            }
        }
    }
    broken
}
