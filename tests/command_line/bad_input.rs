//! Bad input of every kind, through the real binary: each is answered with a clear message and a code, and nothing is
//! lost.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::command::{Colophon, Run, table};

/// A catalogue with one book, which must still be there whatever happens.
fn with_one_book() -> Colophon {
    let colophon = Colophon::with_catalogue();
    colophon
        .run(["books", "add", "--title", "Kept", "--author", "Somebody"])
        .expect_code(0);
    colophon
}

fn assert_kept(colophon: &Colophon, books: u64) {
    assert_eq!(colophon.json(["status"])["books"], books);
    colophon.run(["books", "search", "kept"]).expect_code(0);
}

fn import(colophon: &Colophon, content: impl AsRef<[u8]>) -> Run {
    colophon.file("input.csv", content);
    colophon.run(["import", "input.csv"])
}

#[test]
fn files_that_hold_no_table_are_named_for_what_they_are() {
    let colophon = with_one_book();
    import(&colophon, "")
        .expect_code(3)
        .says(&["input.csv", "empty", "nothing was imported"]);
    import(&colophon, "\n\n").expect_code(3).says(&["empty"]);
    let noise: Vec<u8> = (0..40_000_u32)
        .map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[1])
        .collect();
    import(&colophon, noise)
        .expect_code(3)
        .says(&["not text", "nothing was imported"]);
    import(&colophon, b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml")
        .expect_code(3)
        .says(&["workbook", "CSV"]);
    let catalogue = fs::read(colophon.catalogue()).unwrap();
    import(&colophon, catalogue).expect_code(3).says(&["SQLite"]);
    import(&colophon, "name,pages\nX,3\n")
        .expect_code(3)
        .says(&["has the title", "name, pages", "--map title="]);
    colophon
        .run(["import", "not-there.csv"])
        .expect_code(3)
        .says(&["not-there.csv", "nothing was imported"]);
    colophon.run(["import", "."]).expect_code(3);
    assert_kept(&colophon, 1);
}

#[test]
fn json_that_is_no_export_of_ours_is_told_and_not_half_imported() {
    let colophon = with_one_book();
    let head = r#"{"format":"colophon","version":1,"authors":[{"id":"a","name":"Ann Lee"}],"books":["#;
    import(&colophon, r#"{"books":[]}"#)
        .expect_code(3)
        .says(&["JSON", "nothing was imported"]);
    import(&colophon, r#"{"format":"other","authors":[]}"#).expect_code(3);
    import(&colophon, r#"{"format":"colophon","version":99,"authors":[]}"#)
        .expect_code(3)
        .says(&["newer version of the program"]);
    import(
        &colophon,
        format!("{head}\n{{\"author_id\":\"a\",\"title\":\"X\"}},\n{{\"author_id\":"),
    )
    .expect_code(3)
    .says(&["line 3"]);
    import(&colophon, format!("{head}{{\"author_id\":\"a\",\"title\":7}}]}}"))
        .expect_code(3)
        .says(&["string"]);
    let endless = "x".repeat(40_000_000);
    import(
        &colophon,
        format!("{head}\n{{\"author_id\":\"a\",\"title\":\"{endless}\"}}]}}"),
    )
    .expect_code(3)
    .says(&["line 2", "16 MiB"]);
    assert_kept(&colophon, 1);
    let bad = import(
        &colophon,
        format!(
            "{head}\n{{\"author_id\":\"z\",\"title\":\"X\"}},\n{{\"author_id\":\"a\",\"title\":\"Y\",\"isbn\":\"1\"}}]}}"
        ),
    );
    bad.expect_code(0).says(&["line 2: author", "line 3: isbn"]);
    assert_kept(&colophon, 2);
}

#[test]
fn files_in_other_encodings_are_imported() {
    let colophon = with_one_book();
    let table = "title;author\nŁódź;Żółw\n";
    let utf_16: Vec<u8> = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    import(&colophon, utf_16).expect_code(0).says(&["UTF-16LE"]);
    import(
        &colophon,
        b"title;author\nM\xe4rchen f\xfcr gro\xdfe Kinder;J\xfcrgen M\xfcller\n",
    )
    .expect_code(0)
    .says(&["windows-1252"]);
    let found = colophon.json(["books", "search", "marchen fur grosse"]);
    assert_eq!(found["items"][0]["title"], "Märchen für große Kinder");
    assert_kept(&colophon, 3);
}

#[test]
fn a_line_of_200_mb_is_refused_without_eating_the_memory() {
    let colophon = with_one_book();
    let mut file = File::create(colophon.path("long.csv")).unwrap();
    file.write_all(b"title,author\nA,B\n").unwrap();
    let line = vec![b'x'; 1_000_000];
    (0..200).for_each(|_| file.write_all(&line).unwrap());
    drop(file);
    // Address space, in KiB: enough for the program with the reserves of its threads, but not for a copy of the line,
    // which would have to grow from 128 to 256 MiB.
    let limit = if cfg!(target_os = "linux") {
        "ulimit -v 400000; "
    } else {
        ""
    };
    let run = colophon.shell(&format!("{limit}\"$COLOPHON\" import long.csv"));
    run.expect_code(3).says(&["line 3", "16 MiB", "nothing was imported"]);
    assert_kept(&colophon, 1);
}

#[test]
fn a_file_that_is_not_a_catalogue_is_left_alone() {
    let colophon = Colophon::new();
    for (name, content) in [
        ("letter.txt", b"Dear reader, this is no database at all.".to_vec()),
        ("noise.bin", vec![7; 5_000]),
    ] {
        let path = colophon.file(name, &content);
        let run = colophon.run(["status", "--file", name]);
        run.expect_code(6).says(&["not a catalogue of this program", name]);
        colophon.run(["import", "x.csv", "--file", name]);
        assert_eq!(fs::read(path).unwrap(), content, "{name} is as it was");
    }
    let foreign = colophon.path("foreign.sqlite");
    rusqlite::Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE secrets(a); INSERT INTO secrets VALUES(1)")
        .unwrap();
    let before = fs::read(&foreign).unwrap();
    colophon
        .run(["status", "--file", "foreign.sqlite"])
        .expect_code(6)
        .says(&["not a catalogue of this program"]);
    colophon.run(["doctor", "--file", "foreign.sqlite"]).expect_code(9);
    assert_eq!(fs::read(&foreign).unwrap(), before);
}

#[test]
fn a_damaged_catalogue_is_told_and_not_made_worse() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    // Fold the log into the file, then overwrite its pages after the first, where tables and indexes are.
    rusqlite::Connection::open(colophon.catalogue())
        .unwrap()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let length = fs::metadata(colophon.catalogue()).unwrap().len();
    let mut file = File::options().write(true).open(colophon.catalogue()).unwrap();
    file.seek(SeekFrom::Start(4_096 * 2)).unwrap();
    file.write_all(&vec![0xa5; usize::try_from(length).unwrap() - 4_096 * 2])
        .unwrap();
    drop(file);
    let before = fs::read(colophon.catalogue()).unwrap();
    colophon
        .run(["books", "list"])
        .expect_code(6)
        .says(&["damaged", "catalogue.sqlite"]);
    let doctor = colophon.run(["doctor"]);
    doctor.expect_code(9);
    assert!(doctor.stdout.contains("damaged"), "{doctor:?}");
    colophon.file("input.csv", "title,author\nA,B\n");
    colophon.run(["import", "input.csv"]).expect_code(6).says(&["damaged"]);
    assert_eq!(fs::read(colophon.catalogue()).unwrap(), before);
}

#[test]
fn a_file_that_another_program_keeps_locked_is_waited_for_and_then_told() {
    let colophon = with_one_book();
    let other = rusqlite::Connection::open(colophon.catalogue()).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; DELETE FROM contribution")
        .unwrap();
    import(&colophon, "title,author\nA,B\n")
        .expect_code(7)
        .says(&["another program", "nothing was changed"]);
    assert_kept(&colophon, 1);
    other.execute_batch("ROLLBACK").unwrap();
    import(&colophon, "title,author\nA,B\n").expect_code(0);
}

/// A full disk is tried in two ways: with a limit on the size of files, which needs no rights, and, if we are root and
/// may mount, with a file system of one megabyte.
#[test]
#[cfg(unix)]
fn a_full_disk_loses_nothing() {
    let colophon = with_one_book();
    colophon.file("big.csv", table(20_000));
    // If the signal of the limit is ignored, it becomes a write error, as on a full disk. The unit is 512 bytes.
    let run = colophon.shell("trap '' XFSZ; ulimit -f 1000; \"$COLOPHON\" import big.csv");
    run.expect_code(7).says(&["disk is full", "safe"]);
    assert_kept(&colophon, 1);
    colophon.run(["doctor"]).expect_code(0);
    let export = colophon.shell("\"$COLOPHON\" export - --format csv >/dev/full");
    assert_ne!(
        export.code,
        Some(0),
        "an export that was not written is not called done: {export:?}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_file_system_loses_nothing() {
    let colophon = Colophon::new();
    let small = colophon.path("small");
    fs::create_dir(&small).unwrap();
    let mounted = colophon.shell("mount -t tmpfs -o size=1m tmpfs small");
    if mounted.code != Some(0) {
        // Without the right to mount, the limit on file sizes in the test above has to do.
        return;
    }
    colophon.file("big.csv", table(20_000));
    let in_small = |arguments: &[&str]| colophon.run(arguments.iter().copied().chain(["--file", "small/c.sqlite"]));
    let made = in_small(&["books", "add", "--title", "Kept", "--author", "Somebody"]);
    let full = in_small(&["import", "big.csv"]);
    let status = in_small(&["status", "--json"]);
    let doctor = in_small(&["doctor"]);
    colophon.shell("umount small").expect_code(0);
    made.expect_code(0);
    full.expect_code(7).says(&["disk is full", "safe"]);
    assert!(status.stdout.contains("\"books\": 1"), "{status:?}");
    doctor.expect_code(0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let colophon = with_one_book();
    colophon.file("input.csv", "title,author\nA,B\n");
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    // Root may write anywhere, so the command runs as nobody, from a copy that nobody may run.
    fs::copy(crate::command::BINARY, colophon.path("colophon")).unwrap();
    let folder = colophon.path("");
    for name in ["catalogue.sqlite", "input.csv"] {
        set(&colophon.path(name), 0o444);
    }
    set(&folder, 0o555);
    let as_nobody = "[ \"$(id -u)\" = 0 ] && drop=\"setpriv --reuid=65534 --regid=65534 --clear-groups\"; ";
    let import = colophon.shell(&format!("{as_nobody} $drop ./colophon import input.csv"));
    let init = colophon.shell(&format!("{as_nobody} $drop ./colophon init --file new.sqlite"));
    let export = colophon.shell(&format!("{as_nobody} $drop ./colophon export new.csv"));
    set(&folder, 0o755);
    set(&colophon.catalogue(), 0o644);
    import.expect_code(6).says(&["cannot be", "catalogue.sqlite"]);
    init.expect_code(6).says(&["cannot be", "new.sqlite"]);
    assert_ne!(export.code, Some(0), "{export:?}");
    assert!(!colophon.path("new.sqlite").exists() && !colophon.path("new.csv").exists());
    assert_kept(&colophon, 1);
}

#[test]
fn arguments_that_make_no_sense_are_told_as_json_too() {
    let colophon = Colophon::with_catalogue();
    for arguments in [
        &["books", "lst", "--json"][..],
        &["--json", "books", "show"],
        &["--json", "import", "a.csv", "--existing", "perhaps"],
        &["--json", "--colour"],
    ] {
        let run = colophon.run(arguments);
        run.expect_code(2);
        let told: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON document on stderr");
        assert_eq!(told["error"]["code"], "usage", "{arguments:?}");
        let message = told["error"]["message"].as_str().unwrap();
        assert!(!message.starts_with("error:") && message.len() > 10, "{message}");
    }
    // What is not an option is not taken for one, and help stays what it is.
    let run = colophon.run(["books", "lst", "--", "--json"]);
    run.expect_code(2);
    assert!(run.stderr.starts_with("error:"), "{}", run.stderr);
    let help = colophon.run(["--json", "--help"]);
    help.expect_code(0);
    assert!(help.stdout.contains("Usage"), "{}", help.stdout);
}
