//! The `colophon` command on the catalogue file as a whole: where it is, exports, migrations, its health.

use crate::command::{Colophon, run};
use serde_json::{Value as Json, json};

fn with_sample() -> Colophon {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon
}

fn titles(page: &Json) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|book| book["title"].as_str().unwrap())
        .collect()
}

#[test]
fn a_csv_export_imports_again_to_the_same_catalogue() {
    let colophon = with_sample();
    colophon
        .run([
            "books",
            "add",
            "--title",
            "Odd \"names\"",
            "--author",
            "Davis, Jr. & Sons; Press",
            "--editor",
            "A; B (C)",
            "--notes",
            "two\nlines",
        ])
        .expect_code(0);
    colophon.run(["export", "all.csv"]).expect_code(0);
    let other = Colophon::with_catalogue();
    let all = colophon.path("all.csv");
    let report = other.json(["import", all.to_str().unwrap()]);
    assert_eq!((&report["imported"], &report["problems"]), (&json!(59), &json!([])));
    other.run(["export", "again.csv"]).expect_code(0);
    let text = |path| std::fs::read_to_string(path).unwrap();
    assert_eq!(text(all), text(other.path("again.csv")));
}

#[test]
fn a_json_export_is_one_document_with_everything() {
    let colophon = with_sample();
    colophon.run(["export", "all.json"]).expect_code(0);
    let document: Json = serde_json::from_str(&std::fs::read_to_string(colophon.path("all.json")).unwrap()).unwrap();
    assert_eq!(
        (&document["format"], &document["version"]),
        (&json!("colophon"), &json!(1))
    );
    assert_eq!(document["authors"].as_array().unwrap().len(), 61);
    let books = document["books"].as_array().unwrap();
    let alice = books
        .iter()
        .find(|book| book["title"] == "Alice’s Adventures in Wonderland")
        .unwrap();
    assert_eq!(
        (books.len(), &alice["contributions"][0]["role"]),
        (58, &json!("illustrator"))
    );
}

#[test]
fn an_export_replaces_nothing_unasked_and_leaves_nothing_half() {
    let colophon = with_sample();
    let kept = colophon.file("kept.csv", "mine");
    colophon.run(["export", "kept.csv"]).expect_code(3).says(&["--force"]);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "mine");
    colophon.run(["export", "kept.csv", "--force"]).expect_code(0);
    assert!(std::fs::read_to_string(&kept).unwrap().starts_with("title,"));
    colophon
        .run(["export", "no/such/folder.csv"])
        .expect_code(3)
        .says(&["folder.csv"]);
    colophon.run(["export", "unclear"]).expect_code(2).says(&["--format"]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let colophon = with_sample();
    for arguments in [
        "export - --format csv",
        "export - --format json",
        "books list --per-page 1000 --json",
        "completions bash",
    ] {
        let run = colophon.shell(&format!("(\"$COLOPHON\" {arguments}; echo $? >code) | head -c 10"));
        assert_eq!((run.stdout.len(), run.stderr.as_str()), (10, ""), "{arguments}");
    }
}

#[test]
fn a_missing_catalogue_is_told_by_readers_and_made_by_writers() {
    let colophon = Colophon::new();
    for arguments in [
        vec!["books", "list"],
        vec!["status"],
        vec!["export", "x.csv"],
        vec!["doctor"],
    ] {
        colophon
            .run(&arguments)
            .expect_code(6)
            .says(&["there is no catalogue", "colophon init"]);
    }
    assert!(!colophon.catalogue().exists());
    colophon
        .run(["books", "add", "--title", "A", "--author", "B"])
        .expect_code(0)
        .says(&["Made a new catalogue"]);
    assert_eq!(colophon.json(["init"])["created"], false);
}

#[test]
fn the_file_comes_from_the_argument_then_the_environment_then_the_platform() {
    let colophon = Colophon::new();
    assert_eq!(
        colophon.json(["init", "--file", "named.sqlite"])["file"],
        "named.sqlite"
    );
    assert!(colophon.path("named.sqlite").exists() && !colophon.catalogue().exists());
    colophon.run(["init"]).expect_code(0);
    assert!(colophon.catalogue().exists());
    let nowhere = |arguments: &[&str]| run(colophon.command().env_remove("COLOPHON_FILE").args(arguments));
    let answer: Json = serde_json::from_str(&nowhere(&["init", "--json"]).stdout).unwrap();
    let own = answer["file"].as_str().unwrap();
    assert!(
        own.starts_with(colophon.path("").to_str().unwrap()) && own.ends_with("catalogue.sqlite"),
        "{own}"
    );
    colophon.file("library.env", "COLOPHON_FILE=from-a-file.sqlite\n");
    nowhere(&["init", "--env-file", "library.env"]);
    assert!(colophon.path("from-a-file.sqlite").exists());
}

#[test]
fn migrations_are_listed_taken_back_and_applied() {
    let colophon = Colophon::with_catalogue();
    let status = colophon.json(["migrate", "status"]);
    let last = status["migrations"].as_array().unwrap().last().unwrap().clone();
    assert!(last["applied_on"].is_string());
    let taken_back = colophon.json(["migrate", "rollback"]);
    assert_eq!(taken_back["versions"], json!([last["version"]]));
    assert!(std::path::Path::new(taken_back["backup"].as_str().unwrap()).exists());
    colophon.run(["doctor"]).expect_code(9);
    assert_eq!(colophon.json(["migrate"])["versions"], json!([last["version"]]));
    colophon.run(["doctor"]).expect_code(0);
}

#[test]
fn doctor_finds_stale_keys_and_broken_rules_and_mends_the_keys() {
    let colophon = with_sample();
    let other = rusqlite::Connection::open(colophon.catalogue()).unwrap();
    other
        .execute(
            "UPDATE book SET title='Zoo', sort_key='wrong' WHERE title='Solaris'",
            [],
        )
        .unwrap();
    other
        .execute("UPDATE author SET name=' ' WHERE name='Homer'", [])
        .unwrap();
    drop(other);
    let run = colophon.run(["doctor", "--json"]);
    run.expect_code(9);
    let answer: Json = serde_json::from_str(&run.stdout).unwrap();
    let care: Vec<_> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["healthy"] == false)
        .map(|one| one["check"].as_str().unwrap())
        .collect();
    assert_eq!(care, ["stored keys", "values"]);
    colophon.run(["doctor", "--repair"]).expect_code(9);
    let last = colophon.json(["books", "list", "--per-page", "1", "--title", "zoo"]);
    assert_eq!(titles(&last), ["Zoo"]);
}
