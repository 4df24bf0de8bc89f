//! Files that are not catalogues, or that somebody else has made, or that cannot be written.

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use crate::command::{Colophon, Run, run};

const READERS: [&[&str]; 5] = [
    &["books", "list"],
    &["status"],
    &["export", "all.csv"],
    &["doctor"],
    &["authors", "list"],
];

#[test]
fn an_empty_file_is_no_catalogue_until_somebody_makes_it_one() {
    for content in ["", "x"] {
        let colophon = Colophon::new();
        let file = colophon.file("catalogue.sqlite", content);
        for arguments in READERS {
            colophon
                .run(arguments)
                .expect_code(6)
                .says(&["there is no catalogue", "colophon init"]);
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), content, "it was written to");
        assert_eq!(
            fs::read_dir(colophon.path("")).unwrap().count(),
            1,
            "something lies beside it"
        );
    }
    let colophon = Colophon::new();
    colophon.file("catalogue.sqlite", "");
    assert_eq!(colophon.json(["init"])["created"], true);
    colophon.run(["books", "list"]).expect_code(0);
}

#[test]
fn another_programs_file_is_left_as_it_is() {
    let colophon = Colophon::new();
    let other = Connection::open(colophon.catalogue()).unwrap();
    other.execute_batch("PRAGMA user_version=7").unwrap();
    drop(other);
    let before = fs::read(colophon.catalogue()).unwrap();
    for arguments in READERS {
        let run = colophon.run(arguments);
        assert!(matches!(run.code, Some(6 | 9)), "{run:?}");
    }
    assert_eq!(fs::read(colophon.catalogue()).unwrap(), before);
    assert_eq!(fs::read_dir(colophon.path("")).unwrap().count(), 1);
}

#[test]
fn doctor_writes_nothing() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    // A copy in the form of a backup: without a log of its own.
    let copy = colophon.path("copy.sqlite");
    let other = Connection::open(colophon.catalogue()).unwrap();
    other.execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
    drop(other);
    let before = fs::read(&copy).unwrap();
    colophon.run(["doctor", "--file", "copy.sqlite"]).expect_code(0);
    assert!(fs::read(&copy).unwrap() == before, "it was written to");
    assert!(!colophon.path("copy.sqlite-wal").exists());
    colophon.run(["books", "list", "--file", "copy.sqlite"]).expect_code(0);
}

#[test]
fn what_is_no_file_is_told_and_not_waited_for() {
    let colophon = Colophon::new();
    run(Command::new("mkfifo").arg(colophon.catalogue())).expect_code(0);
    fs::create_dir(colophon.path("folder")).unwrap();
    for arguments in READERS {
        // `doctor` answers with what it finds.
        let code = if arguments == ["doctor"] { 9 } else { 6 };
        colophon.run(arguments).expect_code(code);
    }
    for path in ["catalogue.sqlite", "folder", "/dev/null", "/dev/zero"] {
        let told = colophon.run(["books", "add", "--title", "A", "--author", "B", "--file", path]);
        told.expect_code(6).says(&["not a catalogue of this program"]);
    }
}

#[test]
fn strangers_views_and_triggers_are_never_run() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    let other = Connection::open(colophon.catalogue()).unwrap();
    let endless = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT count(*) FROM n";
    other
        .execute_batch(&format!(
            "CREATE VIEW report AS {endless};
             CREATE TRIGGER theirs AFTER UPDATE ON book BEGIN DELETE FROM author WHERE 1 IN ({endless}); END"
        ))
        .unwrap();
    drop(other);
    colophon
        .run(["authors", "edit", "Homer", "--notes", "N"])
        .expect_code(0);
    colophon.run(["books", "list"]).expect_code(0);
    let other = Connection::open(colophon.catalogue()).unwrap();
    other
        .execute_batch(&format!(
            "DROP TRIGGER theirs; ALTER TABLE conflict RENAME TO once; CREATE VIEW conflict AS {endless}"
        ))
        .unwrap();
    drop(other);
    for arguments in [["status"].as_slice(), &["books", "list"], &["conflicts", "list"]] {
        let told = colophon.run(arguments);
        told.expect_code(6).says(&["damaged", "conflict is no table"]);
    }
}

/// Runs the binary as somebody who may not write here.
fn as_nobody(colophon: &Colophon, arguments: &str) -> Run {
    let drop = "[ \"$(id -u)\" = 0 ] && drop=\"setpriv --reuid=65534 --regid=65534 --clear-groups\"; ";
    colophon.shell(&format!("{drop} $drop ./colophon {arguments}"))
}

fn set(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_catalogue_that_cannot_be_written_is_read() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    fs::copy(crate::command::BINARY, colophon.path("colophon")).unwrap();
    set(&colophon.path("colophon"), 0o755);
    set(&colophon.catalogue(), 0o444);
    set(&colophon.path(""), 0o555);
    let reading = [
        "books list",
        "books list --title solaris",
        "export - --format csv",
        "status",
        "doctor",
    ];
    let read = reading.map(|arguments| as_nobody(&colophon, arguments));
    let written = as_nobody(&colophon, "authors edit Homer --notes N");
    // With a log that cannot be read, the last edits would be missing.
    set(&colophon.path(""), 0o755);
    colophon.file("catalogue.sqlite-wal", "something");
    set(&colophon.path(""), 0o555);
    let with_log = as_nobody(&colophon, "books list");
    set(&colophon.path(""), 0o755);
    for run in &read {
        run.expect_code(0);
    }
    assert!(read[1].stdout.contains("Solaris"), "{:?}", read[1]);
    written
        .expect_code(6)
        .says(&["cannot be written", "nothing was changed"]);
    with_log.expect_code(6);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_has_its_code_wherever_it_strikes() {
    let colophon = Colophon::new();
    fs::create_dir(colophon.path("small")).unwrap();
    if colophon.shell("mount -t tmpfs -o size=600k tmpfs small").code != Some(0) {
        // Without the right to mount, there is no such disk.
        return;
    }
    colophon.run(["sample", "add"]).expect_code(0);
    fs::copy(colophon.catalogue(), colophon.path("small/c.sqlite")).unwrap();
    colophon.file("odd.csv", format!("title,author\nA,B\n{}", ",nobody\n".repeat(20_000)));
    // Not a page is left.
    let filled = colophon.shell("cat /dev/zero >small/filler");
    let runs = [
        "books list --file small/c.sqlite",
        "authors edit Homer --notes N --file small/c.sqlite",
        "init --file small/new.sqlite",
        "export small/all.json",
        "import odd.csv --rejected small/odd.csv",
    ]
    .map(|arguments| colophon.run(arguments.split(' ')));
    // What comes through a pipe is copied first.
    let piped = colophon.shell("cat odd.csv | TMPDIR=small \"$COLOPHON\" import -");
    let books = colophon.json(["status"])["books"].clone();
    colophon.shell("umount small").expect_code(0);
    assert_ne!(filled.code, Some(0), "the disk is not full");
    for run in runs.into_iter().chain([piped]) {
        run.expect_code(7).says(&["disk is full"]);
    }
    assert_eq!(books, 58, "nothing was imported");
}
