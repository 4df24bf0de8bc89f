//! The verbs of the Makefile, as far as they can be tried without building anything.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::Result;
use colophon_tests::ending;

use crate::tree;

#[test]
fn a_new_migration_gets_four_files_and_the_next_number_of_each_side() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("postgres"))?;
    fs::write(folder.path().join("postgres/V3__series.sql"), "SELECT 1;")?;

    let made = new_migration(folder.path(), "Add email to author")?;

    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for path in ["sqlite/V1", "sqlite/down/V1", "postgres/V4", "postgres/down/V4"] {
        let file = folder.path().join(format!("{path}__add_email_to_author.sql"));
        let text = fs::read_to_string(&file)?;
        assert!(
            text.lines().all(|line| line.is_empty() || line.starts_with("--")),
            "a skeleton changes nothing: {text}"
        );
    }
    Ok(())
}

#[test]
fn a_migration_is_never_written_over_another() -> Result<()> {
    let folder = tempfile::tempdir()?;
    assert!(new_migration(folder.path(), "Add email")?.status.success());
    let again = new_migration(folder.path(), "Add email")?;
    assert!(!again.status.success());
    assert_eq!(tree_of(folder.path())?.len(), 4);
    Ok(())
}

#[test]
fn a_message_that_makes_no_file_name_is_refused_and_nothing_is_written() -> Result<()> {
    for message in [
        "",
        "   ",
        "../escape",
        "a; touch here",
        "Größe",
        "-n",
        &"long ".repeat(20),
    ] {
        let folder = tempfile::tempdir()?;
        let refused = new_migration(folder.path(), message)?;
        assert!(!refused.status.success(), "{message:?} was taken");
        assert!(
            String::from_utf8_lossy(&refused.stderr).contains("No file was written."),
            "{message:?}"
        );
        assert_eq!(
            tree_of(folder.path())?,
            Vec::<String>::new(),
            "{message:?} left something behind"
        );
    }
    Ok(())
}

#[test]
fn the_last_line_of_the_tests_sums_what_the_runners_said() -> Result<()> {
    let cargo = "test a ... ok\n\
                 test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n\
                 test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
    assert_eq!(counted(cargo)?, "15 2 1");
    let vitest = "\u{1b}[2m Test Files \u{1b}[22m 1 failed | 2 passed (3)\n\
                  \u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m7 passed\u{1b}[39m (8)\n";
    assert_eq!(counted(vitest)?, "7 1 0");
    let node =
        "✔ the window opens (1ms)\nℹ tests 3\nℹ suites 0\nℹ pass 1\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\n";
    assert_eq!(counted(node)?, "1 2 0");
    let playwright = "  ✘  1 a.spec.mjs:3:1 › the list (1.0s)\n\n  1) a.spec.mjs:3:1 › the list ───\n\n\
                      \x20 1 failed\n    a.spec.mjs:3:1 › the list ───\n  2 skipped\n  1 did not run\n  41 passed (12.3s)\n";
    assert_eq!(counted(playwright)?, "41 1 3");
    assert_eq!(counted("\n  7 passed (1.2m)\n")?, "7 0 0");
    assert_eq!(counted("error: could not compile\n")?, "0 0 0");
    Ok(())
}

#[test]
fn every_verb_says_what_it_does() -> Result<()> {
    let listed = ending::output(
        Command::new("make")
            .arg("--no-print-directory")
            .current_dir(tree::root()),
    )?;
    let listed = String::from_utf8(listed.stdout)?;
    for verb in [
        "run",
        "test",
        "migration",
        "migrate",
        "rollback",
        "demo",
        "bench",
        "bundle",
    ] {
        assert!(
            listed.lines().any(|line| line.starts_with(&format!("  make {verb} "))),
            "make does not list {verb}"
        );
    }
    Ok(())
}

#[test]
fn a_script_that_waits_for_a_program_names_it_when_it_never_ends() -> Result<()> {
    let waiting = "source scripts/say.sh; within 1 'the program' sleep 1000; echo goes on";
    let output = ending::output(Command::new("bash").args(["-c", waiting]).current_dir(tree::root()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the program did not end within 1 seconds"), "{said}");
    assert!(!output.status.success() && output.stdout.is_empty());
    Ok(())
}

fn new_migration(folder: &Path, message: &str) -> Result<Output> {
    ending::output(
        Command::new(tree::root().join("scripts/migration"))
            .env("COLOPHON_MIGRATIONS", folder)
            .env("msg", message),
    )
}

fn counted(log: &str) -> Result<String> {
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), log)?;
    let output = ending::output(Command::new(tree::root().join("scripts/count-tests")).arg(file.path()))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The files below a folder.
fn tree_of(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(tree_of(&entry.path())?);
        } else {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(found)
}
