//! Backups, the way back, and what can be recovered from a damaged file.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value as Json, json};

use crate::command::{Colophon, Run};

fn with_sample() -> Colophon {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon
}

fn list(colophon: &Colophon) -> Vec<Json> {
    colophon.json(["restore"])["backups"].as_array().unwrap().clone()
}

fn books(colophon: &Colophon) -> Json {
    colophon.json(["status"])["books"].clone()
}

fn names(colophon: &Colophon) -> Vec<String> {
    let entries = fs::read_dir(colophon.path("")).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_made_listed_and_gone_back_to() {
    let colophon = with_sample();
    let backup = colophon.json(["backup"])["backup"].as_str().unwrap().to_owned();
    colophon.run(["sample", "remove"]).expect_code(0);
    let listed = list(&colophon);
    assert_eq!(
        (listed.len(), &listed[0]["books"], &listed[0]["file"]),
        (1, &json!(58), &json!(backup))
    );
    let asked = colophon.run_with_input(["restore", "1"], b"\n");
    asked
        .expect_code(1)
        .says(&["58 books", "0 books", "nothing was changed"]);
    colophon
        .run(["restore", "1"])
        .expect_code(1)
        .says(&["nothing was changed"]);
    assert_eq!(books(&colophon), 0);
    let restored = colophon.run_with_input(["restore", "1"], b"y\n");
    restored
        .expect_code(0)
        .says(&["58 books", "What was there before is in"]);
    assert_eq!(books(&colophon), 58);
    let kept: Vec<_> = names(&colophon)
        .into_iter()
        .filter(|name| name.contains("-replaced-"))
        .collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let back = colophon.json(["restore", &kept[0], "--yes"]);
    assert_eq!((&back["books"], books(&colophon)), (&json!(0), json!(0)));
    colophon.run(["doctor"]).expect_code(0);
}

#[test]
fn a_backup_of_a_name_of_its_own_is_nobodys_to_take_away() {
    let colophon = with_sample();
    fs::create_dir(colophon.path("stick")).unwrap();
    let inside = colophon.json(["backup", "stick"]);
    assert!(
        inside["backup"].as_str().unwrap().starts_with("stick/catalogue-20"),
        "{inside}"
    );
    colophon
        .run(["backup", "before.sqlite"])
        .expect_code(0)
        .says(&["checked it"]);
    let again = colophon.run(["backup", "before.sqlite"]);
    again.expect_code(3).says(&["already exists", "nothing was changed"]);
    assert_eq!(list(&colophon).len(), 0);
    let other = colophon.json(["status", "--file", "before.sqlite"]);
    assert_eq!(other["books"], 58);
}

#[test]
fn the_settings_say_where_backups_go_and_how_many_stay() {
    let colophon = with_sample();
    fs::create_dir(colophon.path("elsewhere")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = colophon.command();
        command.env("BACKUP_FOLDER", "elsewhere").env("BACKUP_DAILY", "2");
        crate::command::run(command.args(arguments))
    };
    for _ in 0..3 {
        run(&["backup"]).expect_code(0);
    }
    let listed: Json = serde_json::from_str(&run(&["restore", "--json"]).stdout).unwrap();
    assert_eq!(listed["backups"].as_array().unwrap().len(), 1, "of one day, the last");
    assert!(
        listed["folder"]
            .as_str()
            .unwrap()
            .contains("elsewhere/catalogue.sqlite-"),
        "{listed}"
    );
    assert!(!colophon.path("catalogue.sqlite.backups").exists());
    let doctor = run(&["doctor"]);
    assert!(
        doctor.stdout.contains("BACKUP_FOLDER from the environment"),
        "{doctor:?}"
    );
    let mut command = colophon.command();
    let odd = crate::command::run(command.env("BACKUP_DAILY", "-1").arg("backup"));
    odd.expect_code(2).says(&["BACKUP_DAILY"]);
}

/// A `sync --watch` that has the catalogue open, with a server port on which nobody listens, and the rest of its
/// output.
fn watching(colophon: &Colophon) -> (Child, BufReader<ChildStdout>) {
    let mut command = colophon.command();
    command
        .args(["sync", "--watch"])
        .env("POSTGRES_SERVER", "127.0.0.1")
        .env("POSTGRES_PORT", "1");
    let mut watching = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = BufReader::new(watching.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    (watching, stdout)
}

#[test]
fn an_open_catalogue_is_not_replaced() {
    let colophon = with_sample();
    colophon.run(["backup"]).expect_code(0);
    let (mut watching, _stdout) = watching(&colophon);
    let before = names(&colophon);
    let refused = colophon.run(["restore", "1", "--yes"]);
    watching.kill().unwrap();
    watching.wait().unwrap();
    refused
        .expect_code(7)
        .says(&["has the catalogue file open", "nothing was changed"]);
    let is_of_the_catalogue = |name: &String| !name.ends_with("-exchange");
    let after: Vec<_> = names(&colophon).into_iter().filter(is_of_the_catalogue).collect();
    assert_eq!(
        after,
        before.into_iter().filter(is_of_the_catalogue).collect::<Vec<_>>()
    );
    colophon.run(["restore", "1", "--yes"]).expect_code(0);
    assert_eq!(books(&colophon), 58);
}

#[test]
#[cfg(unix)]
fn a_watch_that_ends_leaves_a_backup() {
    let colophon = with_sample();
    let (mut watching, _stdout) = watching(&colophon);
    colophon.shell(&format!("kill -TERM {}", watching.id())).expect_code(0);
    assert_eq!(watching.wait().unwrap().code(), Some(143));
    let listed = list(&colophon);
    assert_eq!((listed.len(), &listed[0]["books"]), (1, &json!(58)));
}

#[test]
#[cfg(target_os = "linux")]
fn a_backup_on_a_full_disk_leaves_nothing_there() {
    let colophon = with_sample();
    fs::create_dir(colophon.path("small")).unwrap();
    if colophon.shell("mount -t tmpfs -o size=200k tmpfs small").code != Some(0) {
        // Without the right to mount, there is no such disk.
        return;
    }
    let named = colophon.run(["backup", "small/mine.sqlite"]);
    let own = {
        let mut command = colophon.command();
        crate::command::run(command.env("BACKUP_FOLDER", "small").arg("backup"))
    };
    let left = colophon.shell("find small -type f");
    fs::copy(colophon.catalogue(), colophon.path("whole.sqlite")).unwrap();
    let restored = colophon.run(["restore", "whole.sqlite", "--yes", "--file", "small/other.sqlite"]);
    let left_of_restore = colophon.shell("find small -type f");
    colophon.shell("umount small").expect_code(0);
    named.expect_code(7).says(&["no backup was made", "the disk is full"]);
    own.expect_code(7).says(&["no backup was made", "the disk is full"]);
    restored.expect_code(7).says(&["disk is full"]);
    assert_eq!((left.stdout.as_str(), left_of_restore.stdout.as_str()), ("", ""));
}

#[test]
fn a_sound_catalogue_is_salvaged_whole() {
    let colophon = with_sample();
    let whole = colophon.json(["export", "--salvage", "all.json"]);
    assert_eq!(
        (&whole["exported"], &whole["complete"], &whole["lost"]),
        (&json!(58), &json!(true), &json!([]))
    );
    colophon.run(["export", "plain.json"]).expect_code(0);
    let read = |name| serde_json::from_str::<Json>(&fs::read_to_string(colophon.path(name)).unwrap()).unwrap();
    assert_eq!(read("all.json")["books"], read("plain.json")["books"]);
}

const PAGE: usize = 4096;

/// What a frightened person tries with a damaged file.
struct Tried {
    list: Run,
    doctor: Run,
    salvaged: Run,
    backup: Run,
}

fn try_all(colophon: &Colophon) -> Tried {
    let tried = Tried {
        list: colophon.run(["books", "list"]),
        backup: colophon.run(["backup"]),
        salvaged: colophon.run(["export", "--salvage", "--force", "saved.json", "--json"]),
        doctor: colophon.run(["doctor"]),
    };
    for run in [&tried.list, &tried.doctor, &tried.salvaged, &tried.backup] {
        assert!(matches!(run.code, Some(0 | 6 | 9)), "{run:#?}");
        for raw in [
            "panicked",
            "malformed",
            "no such table",
            "SQLITE_",
            "in a way that it does not allow",
        ] {
            assert!(!run.stderr.contains(raw), "{run:#?}");
        }
    }
    if tried.backup.code == Some(0) {
        // A backup that was checked is sound, whatever was done to other bytes.
        assert!(tried.list.code == Some(0), "{:#?}", tried.list);
    }
    tried
}

/// How many books were recovered.
fn saved(tried: &Tried) -> u64 {
    serde_json::from_str::<Json>(&tried.salvaged.stdout).map_or(0, |answer| answer["exported"].as_u64().unwrap())
}

fn a_larger_one() -> (Colophon, Vec<u8>) {
    let colophon = Colophon::new();
    colophon.file("books.csv", crate::command::table(2_000));
    colophon.run(["import", "books.csv"]).expect_code(0);
    colophon.run(["backup"]).expect_code(0);
    let whole = fs::read(colophon.catalogue()).unwrap();
    (colophon, whole)
}

fn damage(colophon: &Colophon, bytes: &[u8]) {
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(colophon.path(&format!("catalogue.sqlite{ending}")));
    }
    fs::write(colophon.catalogue(), bytes).unwrap();
    let _ = fs::remove_file(colophon.path("saved.json"));
}

fn newest(colophon: &Colophon) -> PathBuf {
    let backup = list(colophon)[0]["file"].as_str().unwrap().to_owned();
    PathBuf::from(backup)
}

#[test]
fn whatever_is_flipped_every_answer_is_sound_or_in_words() {
    let (colophon, whole) = a_larger_one();
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |most: usize| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        usize::try_from(chance % most as u64).unwrap()
    };
    let flipped = std::env::var("COLOPHON_FLIPPED_FILES").map_or(12, |count| count.parse().unwrap());
    let (mut opened, mut noticed, mut least) = (0, 0, 2_000);
    for _ in 0..flipped {
        let mut bytes = whole.clone();
        for _ in 0..=next(20) {
            let index = next(bytes.len());
            bytes[index] ^= 1 << next(8);
        }
        damage(&colophon, &bytes);
        let tried = try_all(&colophon);
        opened += u64::from(tried.list.code == Some(0));
        noticed += u64::from(tried.doctor.code == Some(9));
        least = least.min(saved(&tried));
        if tried.backup.code == Some(0) {
            fs::write(newest(&colophon), &whole).unwrap();
        }
    }
    println!(
        "{flipped} flipped: {opened} listed books, {noticed} noticed by doctor, at least {least} of 2000 books saved"
    );
    assert!(least >= 1_800, "{least}");
    let back = colophon.run(["restore", "1", "--yes"]);
    back.expect_code(0).says(&["2,000 books"]);
}

#[test]
fn of_a_file_with_a_page_of_zeros_the_rest_is_got_out() {
    let (colophon, whole) = a_larger_one();
    let mut found = Vec::new();
    let pages = if std::env::var_os("COLOPHON_FLIPPED_FILES").is_some() {
        12
    } else {
        3
    };
    for page in 0..pages {
        let mut bytes = whole.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        damage(&colophon, &bytes);
        let tried = try_all(&colophon);
        assert_eq!(tried.doctor.code, Some(9), "page {}: {:#?}", page + 1, tried.doctor);
        found.push(saved(&tried));
    }
    println!("books saved with each of the first pages zeroed: {found:?}");
    assert!(found.iter().all(|books| *books >= 1_900), "{found:?}");
    colophon.run(["restore", "1", "--yes"]).expect_code(0);
    assert_eq!(books(&colophon), 2_000);
}

#[test]
fn of_a_file_that_was_cut_off_the_rest_is_got_out() {
    let (colophon, whole) = a_larger_one();
    let mut found = Vec::new();
    for part in 1..4 {
        damage(&colophon, &whole[..whole.len() * part / 4 + 100]);
        let tried = try_all(&colophon);
        tried
            .list
            .expect_code(6)
            .says(&["damaged", "colophon restore", "--salvage"]);
        tried.backup.expect_code(6);
        assert_eq!(tried.doctor.code, Some(9));
        found.push(saved(&tried));
    }
    println!("books saved of a file cut to a quarter, a half, three quarters: {found:?}");
    assert!(found.is_sorted() && found[2] >= 1_000, "{found:?}");
    colophon.run(["restore", "1", "--yes"]).expect_code(0);
    assert_eq!(books(&colophon), 2_000);
}
