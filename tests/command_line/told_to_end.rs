//! A command that the system tells to end shows by its exit code how far it has come: 0 if everything is done, the
//! signal's status if it was undone.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::command::{BINARY, Colophon, Run, run, table};
use crate::ending::{self, Deadline};

const TERMINATED: i32 = 143;

fn tell(child: &Child, signal: &str) {
    run(Command::new("kill").args([signal, &child.id().to_string()])).expect_code(0);
}

fn start(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ended(child: Child) -> Run {
    ending::finish("colophon, told to end", child).unwrap().into()
}

/// Waits until a condition holds.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Deadline::until(what);
    while !is_so() {
        deadline.check().unwrap();
        #[expect(clippy::disallowed_methods, reason = "another program's file is looked at")]
        thread::sleep(Duration::from_millis(2));
    }
}

fn books(colophon: &Colophon) -> u64 {
    colophon.json(["status"])["books"].as_u64().unwrap()
}

/// Books with a bad ISBN each: the report names every one, and is more than a pipe can hold.
fn with_a_long_report(books: u64) -> String {
    let mut table = "title,author,isbn\n".to_owned();
    for number in 0..books {
        let _ = writeln!(table, "Title {number},Author {},1234567890", number % 50);
    }
    table
}

/// An import that has committed and cannot answer, because nobody reads its output.
fn committed_and_unanswered(colophon: &Colophon) -> Child {
    colophon.file("many.csv", with_a_long_report(5_000));
    let child = start(colophon.command().args(["import", "many.csv", "--json", "--quiet"]));
    until("the import has committed", || books(colophon) == 5_000);
    child
}

#[test]
fn what_is_committed_is_told_as_done_whoever_tells_the_command_to_end() {
    let colophon = Colophon::with_catalogue();
    let child = committed_and_unanswered(&colophon);
    tell(&child, "-TERM");
    let told = ended(child);
    told.expect_code(0);
    let report: serde_json::Value = serde_json::from_str(&told.stdout).expect("the report is whole");
    assert_eq!(report["imported"], 5_000);
}

#[test]
fn who_does_not_wait_for_the_answer_is_told_that_it_is_in_the_catalogue() {
    let colophon = Colophon::with_catalogue();
    let child = committed_and_unanswered(&colophon);
    tell(&child, "-TERM");
    until("the file is closed", || !holds(&child, "catalogue.sqlite"));
    // It may take a moment from closing the file until it knows that the file is closed.
    until("the command has ended", || {
        tell(&child, "-TERM");
        has_ended(&child)
    });
    let told = ended(child);
    told.expect_code(TERMINATED)
        .says(&["told_to_end", "what it wrote is in the catalogue"]);
    assert_eq!(books(&colophon), 5_000);
}

/// Whether a process has a file with that name open.
fn holds(child: &Child, name: &str) -> bool {
    let open = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
    let open = open.filter_map(|one| fs::read_link(one.ok()?.path()).ok());
    open.into_iter().any(|file| file.ends_with(name))
}

/// Whether a process that nobody has waited for has ended.
fn has_ended(child: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    status.rsplit(") ").next().unwrap().starts_with('Z')
}

#[test]
fn an_import_that_is_told_to_end_is_undone_or_told_as_done() {
    let colophon = Colophon::with_catalogue();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon.file("many.csv", table(150_000));
    let mut import = colophon.command();
    let mut child = start(import.args(["import", "many.csv"]));
    // It says what it has understood before it writes.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    tell(&child, "-TERM");
    let code = ended(child).code.unwrap();
    assert!(!colophon.path("catalogue.sqlite-wal").exists());
    let expected = if code == 0 { 150_058 } else { 58 };
    assert_eq!(
        (books(&colophon), [0, TERMINATED].contains(&code)),
        (expected, true),
        "{code}"
    );
}

#[test]
fn a_command_that_waits_for_its_input_ends_at_once_and_changes_nothing() {
    let colophon = Colophon::with_catalogue();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon.run(["backup", "kept.sqlite"]).expect_code(0);
    let before = fs::read(colophon.catalogue()).unwrap();
    for (arguments, written) in [
        (&["import", "-"][..], "title,author\nA,B\n"),
        (&["restore", "kept.sqlite"], ""),
    ] {
        let mut child = start(colophon.command().args(arguments));
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(written.as_bytes()).unwrap();
        // It listens from its first moment on, wherever it is.
        until("it listens", || listens(&child));
        tell(&child, "-TERM");
        let told = ended(child);
        told.expect_code(TERMINATED).says(&["told to stop", "undone"]);
        drop(stdin);
        assert_eq!(fs::read(colophon.catalogue()).unwrap(), before, "{arguments:?}");
    }
}

/// Whether a process has a handler for the signal.
fn listens(child: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0
}

fn hidden_files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name.starts_with('.')).collect()
}

#[test]
fn a_file_that_is_being_made_is_whole_or_not_there() {
    let colophon = Colophon::with_catalogue();
    colophon.file("many.csv", table(30_000));
    colophon.run(["import", "many.csv"]).expect_code(0);
    fs::create_dir(colophon.path("out")).unwrap();
    for target in ["out/all.json", "out/all.csv", "out/copy.sqlite"] {
        let verb = if target.ends_with("sqlite") { "backup" } else { "export" };
        let child = start(colophon.command().args([verb, target]));
        let out = colophon.path("out");
        until("it has begun", || !hidden_files(&out).is_empty() || has_ended(&child));
        tell(&child, "-TERM");
        let told = ended(child);
        let is_there = colophon.path(target).exists();
        assert_eq!(
            told.code,
            Some(if is_there { 0 } else { TERMINATED }),
            "{target}: {told:?}"
        );
        assert_eq!(hidden_files(&out), [""; 0], "{target}: {told:?}");
    }
}

#[test]
fn who_wants_a_signal_ignored_has_it_ignored() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    let mut watch = Command::new("sh");
    colophon.isolate(&mut watch);
    watch
        .env("COLOPHON", BINARY)
        .env("POSTGRES_SERVER", "127.0.0.1")
        .env("POSTGRES_PORT", "1");
    watch.args(["-c", "trap '' HUP; exec \"$COLOPHON\" sync --watch"]);
    let mut child = start(&mut watch);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    tell(&child, "-HUP");
    tell(&child, "-TERM");
    ended(child).expect_code(TERMINATED);
}
