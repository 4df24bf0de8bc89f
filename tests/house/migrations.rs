//! Migrations: every step has its way back, on both sides.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use crate::tree::{self, Source};
use crate::unbroken;

/// The two sides.
const SIDES: [&str; 2] = ["migrations/sqlite", "migrations/postgres"];

/// The runner opens the transaction, so that a migration and its line in the history are one.
const TRANSACTION_WORDS: [&str; 5] = ["BEGIN", "COMMIT", "ROLLBACK", "BEGIN TRANSACTION", "START TRANSACTION"];

/// The line that `scripts/migration` writes into each new file.
const SKELETON: &str = "For example:";

#[test]
fn every_migration_has_its_way_back() -> Result<()> {
    for side in SIDES {
        let files = tree::sources_ending(side, &["sql"])?;
        ensure!(
            !files.is_empty(),
            "{side} holds no migration: the rule looks in the wrong place"
        );
        unbroken(without_a_way_back(side, &files));
    }
    Ok(())
}

#[test]
fn a_number_is_used_once_on_each_side() -> Result<()> {
    for side in SIDES {
        unbroken(wrong_numbers(side, &tree::sources_ending(side, &["sql"])?));
    }
    Ok(())
}

#[test]
fn a_migration_leaves_the_transaction_to_the_runner_and_no_skeleton_behind() -> Result<()> {
    for file in tree::sources_ending("migrations", &["sql"])? {
        unbroken(left_in(&file));
    }
    Ok(())
}

#[test]
fn the_rules_see_a_migration_that_breaks_them() {
    let up = |path: &str| Source::imagined(&format!("migrations/sqlite/{path}"), "SELECT 1;");
    let side = "migrations/sqlite";
    assert_eq!(without_a_way_back(side, &[up("V1__one.sql")]).len(), 1);
    assert_eq!(without_a_way_back(side, &[up("down/V1__one.sql")]).len(), 1);
    assert_eq!(
        without_a_way_back(side, &[up("V1__one.sql"), up("down/V1__one.sql")]),
        Vec::<String>::new()
    );
    assert_eq!(wrong_numbers(side, &[up("V1__one.sql"), up("V1__two.sql")]).len(), 1);
    assert_eq!(wrong_numbers(side, &[up("V1__one.sql"), up("first.sql")]).len(), 1);
    assert!(left_in(&Source::imagined("migrations/sqlite/V1__one.sql", "begin;\nSELECT 1;")).is_some());
    assert!(left_in(&Source::imagined("migrations/sqlite/V1__one.sql", "--  For example:\n")).is_some());
}

fn without_a_way_back(side: &str, files: &[Source]) -> Vec<String> {
    let (down, up): (Vec<_>, Vec<_>) = files
        .iter()
        .map(|file| file.path.as_str())
        .partition(|path| path.starts_with(&format!("{side}/down/")));
    let mut broken = Vec::new();
    for path in &up {
        let back = path.replacen(side, &format!("{side}/down"), 1);
        if !down.contains(&back.as_str()) {
            broken.push(format!("{path} has no way back: {back} is missing"));
        }
    }
    for path in down {
        if !up.contains(&path.replacen("/down/", "/", 1).as_str()) {
            broken.push(format!("{path} takes back a migration that there is not"));
        }
    }
    broken
}

fn wrong_numbers(side: &str, files: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut numbers: BTreeMap<u32, &str> = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| !file.path.starts_with(&format!("{side}/down/")))
    {
        match number(file.file_name()) {
            None => broken.push(format!("{} is not named V<number>__<what it does>.sql", file.path)),
            Some(number) => {
                if let Some(other) = numbers.insert(number, &file.path) {
                    broken.push(format!("{} and {other} have the same number", file.path));
                }
            }
        }
    }
    broken
}

fn number(name: &str) -> Option<u32> {
    let (number, rest) = name.strip_prefix('V')?.split_once("__")?;
    let described = rest
        .strip_suffix(".sql")?
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    described.then(|| number.parse().ok()).flatten()
}

fn left_in(file: &Source) -> Option<String> {
    if file
        .text
        .lines()
        .any(|line| line.starts_with("--") && line.ends_with(SKELETON))
    {
        return Some(format!(
            "{} still has the example of its skeleton: write what it does",
            file.path
        ));
    }
    let statement = |line: &str| line.trim().trim_end_matches(';').to_uppercase();
    let begins = file
        .text
        .lines()
        .any(|line| line.trim().ends_with(';') && TRANSACTION_WORDS.contains(&statement(line).as_str()));
    begins.then(|| format!("{} begins or ends a transaction; the runner does that", file.path))
}
