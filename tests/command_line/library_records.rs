//! Records of libraries in and out, through the real binary.

use std::fmt::Write as _;

use serde_json::json;

use crate::command::Colophon;

/// A record of MARC 21: 24 characters, a directory of three fields, and they.
fn record(title: &str) -> Vec<u8> {
    let fields = [
        ("001", "x1".to_owned()),
        ("100", "1 \u{1f}aTwain, Mark,\u{1f}d1835-1910.".to_owned()),
        ("245", format!("10\u{1f}a{title} /\u{1f}cMark Twain.")),
    ];
    let (mut directory, mut body) = (String::new(), String::new());
    for (tag, field) in fields {
        write!(directory, "{tag}{:04}{:05}", field.len() + 1, body.len()).unwrap();
        body.push_str(&field);
        body.push('\u{1e}');
    }
    let base = 24 + directory.len() + 1;
    let length = base + body.len() + 1;
    format!("{length:05}cam a22{base:05} a 4500{directory}\u{1e}{body}\u{1d}").into_bytes()
}

#[test]
fn records_are_recognised_and_a_broken_one_is_kept_beside() {
    let colophon = Colophon::new();
    let mut broken = record("Broken");
    broken[12..17].copy_from_slice(b"99999");
    colophon.file(
        "books.dat",
        [record("The river"), broken.clone(), record("Zweiter Fluß")].concat(),
    );
    let report = colophon.json(["import", "books.dat"]);
    assert_eq!((&report["imported"], &report["skipped"]), (&json!(2), &json!(1)));
    assert_eq!(report["problems"][0]["line"], 2);
    assert_eq!(std::fs::read(colophon.path("books.rejected.mrc")).unwrap(), broken);
    assert!(colophon.path("books.rejected.csv").exists());
    let books = colophon.json(["books", "list"]);
    assert_eq!(books["items"][0]["title"], "The river");
    assert_eq!(colophon.json(["authors", "show", "Mark Twain"])["birth_year"], 1835);
}

#[test]
fn what_is_exported_is_imported_again() {
    let colophon = Colophon::new();
    colophon.file("books.mrc", [record("The river"), record("Zweiter Fluß")].concat());
    colophon.json(["import", "books.mrc"]);
    for (arguments, file) in [
        (&["export", "out.xml"][..], "out.xml"),
        (&["export", "out.mrc"], "out.mrc"),
        (&["export", "out.data", "--format", "marc"], "out.data"),
        (&["export", "out.text", "--format", "marcxml"], "out.text"),
    ] {
        assert_eq!(colophon.json(arguments.iter().copied())["exported"], 2, "{file}");
        let other = Colophon::new();
        other.file(file, std::fs::read(colophon.path(file)).unwrap());
        let report = other.json(["import", file]);
        assert_eq!(
            (&report["imported"], &report["problems"]),
            (&json!(2), &json!([])),
            "{file}"
        );
        assert_eq!(other.json(["status"])["authors"], 1, "{file}");
    }
}
