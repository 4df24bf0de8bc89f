//! What `doctor` says about files that are not as they should be, along with what other commands do with them.

use rusqlite::Connection;
use serde_json::Value as Json;

use crate::command::{Colophon, run};

/// A case.
struct Case {
    what: &'static str,
    /// What another program did.
    sql: &'static str,
    /// How `books list` ends.
    list: i32,
    /// How a change of a record ends.
    edit: i32,
    /// The check of `doctor` that needs care, and what it says; empty if none does.
    care: &'static [(&'static str, &'static str)],
    /// What it says besides.
    says: &'static str,
}

const CASES: [Case; 8] = [
    Case {
        what: "nothing is wrong",
        sql: "",
        list: 0,
        edit: 0,
        care: &[],
        says: "undamaged",
    },
    Case {
        what: "a migration was edited after it had been applied",
        sql: "UPDATE refinery_schema_history SET checksum='1' WHERE version=2",
        list: 6,
        edit: 6,
        care: &[("version", "was edited after it had been applied")],
        says: "",
    },
    Case {
        what: "a newer program has written the file",
        sql: "INSERT INTO refinery_schema_history(version,name,applied_on,checksum) VALUES(999,'later','2026-01-01T00:00:00Z','1')",
        list: 6,
        edit: 6,
        care: &[("version", "install the newer version")],
        says: "",
    },
    Case {
        what: "the journal is damaged",
        sql: "UPDATE edit SET after='{' WHERE id=(SELECT max(id) FROM edit)",
        list: 0,
        edit: 0,
        care: &[("journal", "undo and history stop there")],
        says: "",
    },
    Case {
        what: "a first download was killed",
        sql: "CREATE TABLE staged_book(id BLOB, author_id BLOB REFERENCES author(id));
              INSERT INTO staged_book VALUES(zeroblob(16), randomblob(16))",
        list: 0,
        edit: 0,
        care: &[],
        says: "all lead to a record",
    },
    Case {
        what: "one value cannot be read, and another breaks a rule",
        sql: "UPDATE author SET notes=CAST(x'ff' AS TEXT) WHERE name='Homer'; UPDATE book SET isbn='1' WHERE title='Solaris'",
        list: 0,
        edit: 6,
        care: &[
            ("stored keys", "a value that cannot be read"),
            ("values", "2 records break a rule"),
        ],
        says: "undamaged",
    },
    Case {
        what: "a reference leads nowhere",
        sql: "UPDATE book SET author_id=zeroblob(16) WHERE title='Solaris'",
        list: 0,
        edit: 0,
        care: &[("references", "1 lead nowhere")],
        says: "undamaged",
    },
    Case {
        what: "another program has put a trigger and a view in",
        sql: "CREATE VIEW report AS SELECT title FROM book; CREATE TRIGGER theirs AFTER INSERT ON book BEGIN SELECT 1; END",
        list: 0,
        edit: 0,
        care: &[],
        says: "trigger theirs",
    },
];

#[test]
fn doctor_tells_the_truth() {
    let mut wrong = Vec::new();
    for case in CASES {
        let colophon = Colophon::new();
        colophon.run(["sample", "add"]).expect_code(0);
        let other = Connection::open(colophon.catalogue()).unwrap();
        other.pragma_update(None, "foreign_keys", false).unwrap();
        other.execute_batch(case.sql).unwrap();
        drop(other);
        let told = colophon.run(["doctor", "--json"]);
        let list = colophon.run(["books", "list"]).code;
        let edit = colophon
            .run(["authors", "edit", "Homer", "--website", "https://example.org"])
            .code;
        let document: Json = serde_json::from_str(&told.stdout).unwrap();
        let findings = document["findings"].as_array().unwrap();
        let care: Vec<(&str, &str)> = findings
            .iter()
            .filter(|finding| finding["healthy"] == false)
            .map(|finding| (finding["check"].as_str().unwrap(), finding["detail"].as_str().unwrap()))
            .collect();
        let is_told = care.len() == case.care.len()
            && care
                .iter()
                .zip(case.care)
                .all(|(found, (check, words))| found.0 == *check && found.1.contains(words))
            && told.stdout.contains(case.says)
            && told.code == Some(if case.care.is_empty() { 0 } else { 9 });
        if !is_told || list != Some(case.list) || edit != Some(case.edit) {
            wrong.push(format!(
                "{}: list {list:?}, edit {edit:?}, doctor {:?} {care:?}",
                case.what, told.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever sends a report to a stranger gives away nothing: neither of the catalogue nor of the computer, whatever is wrong.
#[test]
fn a_report_has_nothing_of_a_person() {
    for case in CASES {
        let colophon = Colophon::new();
        colophon.run(["sample", "add"]).expect_code(0);
        colophon
            .run([
                "authors",
                "add",
                "--name",
                "Ottilie Geheim",
                "--notes",
                "https://intimate.example",
            ])
            .expect_code(0);
        let other = Connection::open(colophon.catalogue()).unwrap();
        other.pragma_update(None, "foreign_keys", false).unwrap();
        other.execute_batch(case.sql).unwrap();
        drop(other);
        for format in [&["doctor", "--report"][..], &["doctor", "--report", "--json"]] {
            let mut command = colophon.command();
            command
                .args(format)
                .env("POSTGRES_SERVER", "127.0.0.1")
                .env("POSTGRES_PORT", "1")
                .env("POSTGRES_USER", "login_of_ada")
                .env("POSTGRES_PASSWORD", "Sesame")
                .env("COLOPHON_PERSON", "Ada");
            let told = run(&mut command);
            assert_eq!(told.code, Some(9), "the server does not answer: {}", told.stderr);
            assert!(
                told.stdout.contains("POSTGRES_PASSWORD"),
                "it says that one is given: {}",
                told.stdout
            );
            let folder = colophon.path("").display().to_string();
            let secrets = [
                "Geheim",
                "intimate",
                "Solaris",
                "Homer",
                "127.0.0.1",
                "login_of_ada",
                "Sesame",
                "Ada",
                "theirs",
                &folder,
            ];
            for secret in secrets {
                assert!(
                    !told.stdout.contains(secret),
                    "{}: {secret} in {}",
                    case.what,
                    told.stdout
                );
            }
        }
    }
}

#[test]
fn a_report_says_what_a_helper_asks_first() {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    let told = colophon.run(["doctor", "--report"]);
    told.expect_code(0);
    for asked in [
        "Read it before you send it.",
        "  version: ",
        "  processor: ",
        "  books: 58\n",
        "  references: ok\n",
        "settings\n  none\n",
    ] {
        assert!(told.stdout.contains(asked), "{asked} in {}", told.stdout);
    }
    let document = colophon.json(["doctor", "--report"]);
    let parts = document["parts"].as_array().unwrap().iter();
    let names: Vec<_> = parts.map(|part| part["part"].as_str().unwrap()).collect();
    assert_eq!(names, ["program", "file", "counts", "checks", "settings"]);
}
