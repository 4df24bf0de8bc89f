//! The catalogue is one file: whoever copies it after a command has ended copies the whole catalogue.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::command::{Colophon, Run, run};
use crate::ending;

/// What is beside the catalogue.
fn beside(colophon: &Colophon) -> Vec<String> {
    let beside = |ending: &str| format!("catalogue.sqlite{ending}");
    ["-wal", "-shm", "-journal"]
        .map(beside)
        .into_iter()
        .filter(|name| colophon.path(name).exists())
        .collect()
}

/// The books in a copy of the one file.
fn books_in_a_copy(colophon: &Colophon) -> u64 {
    std::fs::copy(colophon.catalogue(), colophon.path("copy.sqlite")).unwrap();
    colophon.json(["--file", "copy.sqlite", "status"])["books"]
        .as_u64()
        .unwrap()
}

#[test]
fn after_every_command_the_file_is_the_catalogue() {
    let colophon = Colophon::new();
    colophon.file("two.csv", "title,author,isbn\nA,B,9780306406157\nC,D,\n");
    for arguments in [
        "init",
        "import two.csv",
        "books list",
        "books edit 9780306406157 --notes N",
        "books delete 9780306406157",
        "history",
        "status",
        "doctor",
        "doctor --repair",
        "authors list",
        "export all.json",
        "sync audit",
        "books show 9780306406157",
        "books show nothing-of-this-name",
        "books add --author F",
        "books add --title E --author F",
        "migrate status",
    ] {
        colophon.run(arguments.split(' '));
        assert_eq!(beside(&colophon), [""; 0], "after {arguments}");
    }
    assert_eq!(books_in_a_copy(&colophon), 2);
}

/// Starts the binary, sends it a signal once it has said something on standard output, and waits until it has ended.
fn told_to_end(mut command: Command, signal: &str) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    run(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()])).expect_code(0);
    ending::finish("colophon, told to end", child).unwrap().into()
}

#[test]
fn a_watch_that_is_told_to_end_leaves_one_file() {
    for (signal, status) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let colophon = Colophon::new();
        colophon.run(["sample", "add"]).expect_code(0);
        let mut watch = Command::new("env");
        colophon.isolate(&mut watch);
        // If the tests themselves run with signals ignored, as under `nohup`, what they start ignores them as well.
        watch.args(["--default-signal", crate::command::BINARY]);
        // A port on which nobody listens.
        watch.env("POSTGRES_SERVER", "127.0.0.1").env("POSTGRES_PORT", "1");
        watch.args(["sync", "--watch"]);
        let ended = told_to_end(watch, signal);
        assert_eq!((ended.code, beside(&colophon)), (Some(status), vec![]), "{ended:?}");
        assert_eq!(books_in_a_copy(&colophon), 58);
    }
}
