//! What the command creates is for its owner, and what it overwrites is what was meant.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::command::{Colophon, run};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_is_made_is_for_its_owner_alone() {
    let colophon = Colophon::new();
    colophon.file("odd.csv", "title,author\nA,B\n,nobody\n");
    run(Command::new("sh").args(["-c", "umask"])).expect_code(0);
    let nowhere = colophon.shell("umask 022; unset COLOPHON_FILE; \"$COLOPHON\" init");
    nowhere.expect_code(0);
    let own = colophon.path(".local/share/colophon");
    assert_eq!((mode(&own), mode(&own.join("catalogue.sqlite"))), (0o700, 0o600));
    colophon.shell("umask 022; \"$COLOPHON\" import odd.csv").expect_code(0);
    colophon
        .shell("umask 022; \"$COLOPHON\" migrate rollback")
        .expect_code(0);
    let made = fs::read_dir(colophon.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let made: Vec<_> = made
        .filter(|path| path.is_file() && !path.ends_with("odd.csv"))
        .collect();
    assert_eq!(made.len(), 3, "a catalogue, its backup and rejected rows: {made:?}");
    for path in made {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn what_has_other_rights_keeps_them() {
    let colophon = Colophon::with_catalogue();
    fs::set_permissions(colophon.catalogue(), fs::Permissions::from_mode(0o660)).unwrap();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon.run(["migrate", "rollback"]).expect_code(0);
    assert_eq!(mode(&colophon.catalogue()), 0o660);
}

#[test]
fn an_export_does_not_write_over_the_catalogue_or_what_is_no_file() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    symlink("catalogue.sqlite", colophon.path("link.csv")).unwrap();
    fs::hard_link(colophon.catalogue(), colophon.path("second.csv")).unwrap();
    run(Command::new("mkfifo").arg(colophon.path("pipe"))).expect_code(0);
    fs::create_dir(colophon.path("folder")).unwrap();
    for part in ["-wal", "-shm", "-exchange"] {
        colophon.file(&format!("catalogue.sqlite{part}"), "");
    }
    for target in [
        "catalogue.sqlite",
        "catalogue.sqlite-wal",
        "catalogue.sqlite-shm",
        "catalogue.sqlite-exchange",
        "./folder/../catalogue.sqlite",
        "link.csv",
        "second.csv",
    ] {
        colophon
            .run(["export", target, "--force", "--format", "csv"])
            .expect_code(3)
            .says(&["belongs to the catalogue", "nothing was changed"]);
    }
    for target in ["pipe", "folder", "/dev/null", "/dev/stdout"] {
        colophon
            .run(["export", target, "--force", "--format", "csv"])
            .expect_code(3)
            .says(&["name a file"]);
    }
    assert_eq!(colophon.json(["status"])["books"], 58);
    assert!(fs::symlink_metadata(colophon.path("link.csv")).unwrap().is_symlink());
}

#[test]
fn nothing_is_written_where_what_belongs_to_the_catalogue_will_be() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon.file("odd.csv", "title,author\nA,B\n,nobody\n");
    symlink("catalogue.sqlite-journal", colophon.path("link.csv")).unwrap();
    for target in [
        "catalogue.sqlite-wal",
        "catalogue.sqlite-shm",
        "catalogue.sqlite-journal",
        "./catalogue.sqlite-exchange",
        "link.csv",
    ] {
        for arguments in [
            &["export", target, "--format", "csv"][..],
            &["backup", target],
            &["import", "odd.csv", "--rejected", target],
        ] {
            colophon
                .run(arguments)
                .expect_code(3)
                .says(&["belongs to the catalogue", "nothing was changed"]);
            assert!(!colophon.path(target).exists(), "{arguments:?}");
        }
    }
    assert_eq!(colophon.json(["status"])["books"], 58);
}

#[test]
fn an_export_over_a_link_writes_what_it_leads_to_and_keeps_its_rights() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    fs::create_dir(colophon.path("shared")).unwrap();
    let target = colophon.file("shared/all.csv", "before");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("shared/all.csv", colophon.path("all.csv")).unwrap();
    colophon.run(["export", "all.csv", "--force"]).expect_code(0);
    assert!(fs::symlink_metadata(colophon.path("all.csv")).unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().starts_with("title,"));
    assert_eq!(mode(&target), 0o640);
    symlink("shared/new.csv", colophon.path("new.csv")).unwrap();
    colophon.run(["export", "new.csv"]).expect_code(0);
    assert!(colophon.path("shared/new.csv").is_file());
}
