//! The fields of a book on the command line: each is an option, a line of `show`, a column of an export.

use serde_json::{Value as Json, json};

use crate::command::Colophon;

#[test]
fn every_field_of_a_book_can_be_set_shown_searched_and_exported() {
    let colophon = Colophon::with_catalogue();
    let added = colophon.json([
        "books",
        "add",
        "--title",
        "Seven Gothic Tales",
        "--author",
        "Karen Blixen",
        "--original-title",
        "Syv fantastiske Fortællinger",
        "--place",
        "New York",
        "--edition",
        "1st",
        "--published-year",
        "1934",
        "--original-year",
        "1934",
        "--format",
        "Hardcover",
        "--shelf-mark",
        " R  12 ",
    ]);
    assert_eq!(
        (&added["format"], &added["shelf_mark"]),
        (&json!("hardback"), &json!("R 12"))
    );
    let id = added["id"].as_str().unwrap();
    let shown = colophon.run(["books", "show", id]);
    shown.expect_code(0);
    for part in ["original_title", "Syv fantastiske", "New York", "R 12"] {
        assert!(shown.stdout.contains(part), "{part:?} is not in {shown:#?}");
    }
    let found = colophon.json(["books", "search", "fortaellinger"]);
    assert_eq!(found["items"][0]["title"], "Seven Gothic Tales");
    colophon
        .run(["books", "edit", id, "--format", "scroll"])
        .expect_code(5)
        .says(&["format", "“scroll” is none of hardback"]);
    colophon.run(["export", "all.csv"]).expect_code(0);
    let csv = std::fs::read_to_string(colophon.path("all.csv")).unwrap();
    let header = csv.lines().next().unwrap();
    assert!(header.contains("shelf_mark") && csv.contains("R 12"), "{csv}");
    assert_eq!(
        colophon.json(["books", "edit", id, "--shelf-mark", ""])["shelf_mark"],
        Json::Null
    );
}
