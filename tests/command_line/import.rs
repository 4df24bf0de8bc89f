//! `colophon import` through the real binary.

use std::fmt::Write as _;
use std::process::Stdio;

use crate::command::{Colophon, table};
use crate::ending::{self, Deadline};
use crate::shared::shared;
use serde_json::json;

#[test]
fn the_real_file_is_imported_as_it_is_and_gives_the_facts() {
    let Some(file) = shared("goodbooks-10k/books.csv") else {
        return;
    };
    let colophon = Colophon::new();
    let rejected = colophon.path("rejected.csv");
    let report = colophon.json([
        "import",
        file.to_str().unwrap(),
        "--rejected",
        rejected.to_str().unwrap(),
    ]);
    assert_eq!(
        (&report["imported"], &report["updated"], &report["skipped"]),
        (&json!(10_000), &json!(0), &json!(0))
    );
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(
        (problems.len(), &problems[0]["line"], &problems[0]["field"]),
        (23, &json!(917), &json!("isbn"))
    );
    let status = colophon.json(["status"]);
    assert_eq!((&status["books"], &status["authors"]), (&json!(10_000), &json!(5_833)));
    let total = |filter: &[&'static str]| {
        let page = colophon.json(
            ["books", "list", "--per-page", "1"]
                .into_iter()
                .chain(filter.iter().copied()),
        );
        page["meta"]["total"].as_u64().unwrap()
    };
    assert_eq!(total(&["--no-isbn"]), 723);
    assert_eq!(total(&["--published-to", "-1"]), 31);
    assert!(!rejected.exists(), "no row was rejected");
    let iliad = colophon.json([
        "import",
        file.to_str().unwrap(),
        "--map",
        "title=original_title",
        "--existing",
        "overwrite",
        "--dry-run",
    ]);
    assert!(iliad["updated"].as_u64().unwrap() > 0);
    assert_eq!(colophon.json(["status"])["books"], 10_000, "a trial keeps nothing");
}

#[test]
fn a_trial_tells_what_would_happen_and_keeps_nothing() {
    let colophon = Colophon::with_catalogue();
    colophon.file("books.csv", "title,author\nIliad,Homer\n,Nobody\n");
    let report = colophon.json(["import", "books.csv", "--dry-run"]);
    assert_eq!(
        (&report["imported"], &report["skipped"], &report["dry_run"]),
        (&json!(1), &json!(1), &json!(true))
    );
    assert_eq!(colophon.json(["status"])["books"], 0);
    assert!(!colophon.path("books.rejected.csv").exists());
}

#[test]
fn rejected_rows_are_in_a_file_beside_and_in_the_report() {
    let colophon = Colophon::with_catalogue();
    colophon.file("books.csv", "title,author\nIliad,Homer\n,Nobody\n");
    let report = colophon.json(["import", "books.csv"]);
    assert_eq!((&report["imported"], &report["skipped"]), (&json!(1), &json!(1)));
    assert_eq!(
        report["problems"][0],
        json!({ "line": 3, "field": "title", "reason": "it is empty; it needs at least one visible character" })
    );
    assert!(
        report["rejected_rows"]
            .as_str()
            .unwrap()
            .ends_with("books.rejected.csv")
    );
    let kept = std::fs::read_to_string(colophon.path("books.rejected.csv")).unwrap();
    assert!(kept.ends_with(",,Nobody\n"), "{kept}");
}

#[test]
fn a_file_for_rejected_rows_that_is_there_already_is_not_overwritten() {
    let colophon = Colophon::with_catalogue();
    colophon.file("books.csv", "title,author\nIliad,Homer\n,Nobody\n");
    let kept = colophon.file("kept.csv", "mine");
    colophon
        .run(["import", "books.csv", "--rejected", "kept.csv"])
        .expect_code(3)
        .says(&["kept.csv", "nothing was imported"]);
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "mine");
    assert_eq!(colophon.json(["status"])["books"], 0);
}

#[test]
fn a_file_comes_from_standard_input_too() {
    let colophon = Colophon::with_catalogue();
    let run = colophon.run_with_input(
        ["import", "-", "--json"],
        "titre;auteur\nL’Étranger;Albert Camus\n".as_bytes(),
    );
    run.expect_code(0).says(&["“;”"]);
    assert_eq!(colophon.json(["books", "search", "etranger"])["meta"]["total"], 1);
}

#[test]
fn a_person_overrules_what_is_recognised() {
    let colophon = Colophon::with_catalogue();
    colophon.file("odd.txt", b"Werk~Wer\nCaf\xe9~Ren\xe9\n");
    let arguments = [
        "import",
        "odd.txt",
        "--delimiter",
        "~",
        "--map",
        "title=Werk",
        "--map",
        "author=Wer",
        "--encoding",
        "latin1",
    ];
    assert_eq!(colophon.json(arguments)["imported"], 1);
    assert_eq!(colophon.json(["books", "list"])["items"][0]["author"], "René");
    colophon
        .run(["import", "odd.txt", "--map", "colour=Werk"])
        .expect_code(2)
        .says(&["no field “colour”", "title"]);
    colophon
        .run(["import", "odd.txt", "--encoding", "klingon"])
        .expect_code(2);
}

#[test]
fn an_export_in_json_is_imported_with_everything() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon
        .run([
            "authors",
            "edit",
            "Jane Austen",
            "--birth-year",
            "1775",
            "--website",
            "https://janeaustens.house",
        ])
        .expect_code(0);
    colophon
        .run(["authors", "add", "--name", "Jane Austen", "--notes", "a namesake"])
        .expect_code(0);
    colophon.run(["export", "all.json"]).expect_code(0);
    let other = Colophon::with_catalogue();
    let all = colophon.path("all.json");
    let report = other.json(["import", all.to_str().unwrap()]);
    assert_eq!((&report["imported"], &report["problems"]), (&json!(58), &json!([])));
    other.run(["export", "again.json"]).expect_code(0);
    assert_eq!(
        without_ids(&colophon.path("all.json")),
        without_ids(&other.path("again.json"))
    );
}

/// The document with ids replaced by the names they stand for, and without times.
fn without_ids(path: &std::path::Path) -> serde_json::Value {
    let mut document: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let authors = document["authors"].as_array().unwrap();
    let numbers: std::collections::HashMap<String, usize> = authors
        .iter()
        .enumerate()
        .map(|(number, author)| (author["id"].as_str().unwrap().to_owned(), number))
        .collect();
    strip(&mut document, &numbers);
    document
}

fn strip(value: &mut serde_json::Value, numbers: &std::collections::HashMap<String, usize>) {
    match value {
        serde_json::Value::Object(fields) => {
            for name in ["id", "book_id", "created_at", "updated_at"] {
                fields.remove(name);
            }
            if let Some(id) = fields.get("author_id").and_then(|id| id.as_str()) {
                fields.insert("author_id".to_owned(), json!(numbers[id]));
            }
            fields.values_mut().for_each(|value| strip(value, numbers));
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(|value| strip(value, numbers)),
        _ => {}
    }
}

#[test]
fn an_import_that_is_killed_leaves_all_or_nothing_and_the_next_start_is_clean() {
    const BOOKS: u64 = 80_000;
    let colophon = Colophon::with_catalogue();
    colophon
        .run(["books", "add", "--title", "Kept", "--author", "Somebody"])
        .expect_code(0);
    colophon.file("books.csv", table(BOOKS));
    let log = colophon.path("catalogue.sqlite-wal");
    let mut child = colophon
        .command()
        .args(["import", "books.csv"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The log grows beyond what other commands leave in it only while the import's transaction is under way.
    let deadline = Deadline::until("colophon import has written something");
    while child.try_wait().unwrap().is_none() && std::fs::metadata(&log).map_or(0, |log| log.len()) < 200_000 {
        deadline.check().unwrap();
        std::thread::yield_now();
    }
    child.kill().unwrap();
    ending::wait("colophon import, which was killed,", &mut child).unwrap();
    let books = colophon.json(["status"])["books"].as_u64().unwrap();
    assert!(
        books == 1 || books == BOOKS + 1,
        "{books} books are neither nothing nor all"
    );
    colophon.run(["doctor"]).expect_code(0);
    let report = colophon.json(["import", "books.csv"]);
    assert_eq!(report["imported"], BOOKS);
}

#[test]
fn a_file_comes_through_a_pipe_of_any_kind() {
    let colophon = Colophon::with_catalogue();
    colophon.file("books.csv", "title,author\nEmma,Jane Austen\n,Nobody\n");
    let script = "mkfifo pipe || exit 90
        cat books.csv > pipe & $COLOPHON import pipe || exit 91
        sed 's/Emma/Persuasion/' books.csv | $COLOPHON import /dev/stdin || exit 92
        sed 's/Emma/Lady Susan/' books.csv | $COLOPHON import /dev/fd/0 || exit 93";
    colophon.shell(script).expect_code(0);
    assert_eq!(colophon.json(["status"])["books"], 3);
    // They are in the current folder, because what came through a pipe has no folder of its own.
    for rejected in ["stdin.rejected.csv", "stdin.rejected-2.csv", "stdin.rejected-3.csv"] {
        assert!(colophon.path(rejected).is_file(), "{rejected}");
    }
}

#[test]
fn a_cell_of_very_many_names_is_read_once() {
    let colophon = Colophon::with_catalogue();
    let mut names = String::from("Ann Author");
    for number in 0..40_000 {
        // Each appears there twice.
        let _ = write!(names, ";Person Number {};Person Number {}", number, number / 2);
    }
    colophon.file("many.csv", format!("title,author\nEverybody,{names}\n"));
    colophon.run(["import", "many.csv"]).expect_code(0);
    assert_eq!(colophon.json(["status"])["authors"], 40_001);
}
