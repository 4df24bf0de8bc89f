//! Taking acts back, and doing them again.

use crate::command::Colophon;

#[test]
fn the_last_act_is_taken_back_and_done_again_and_each_says_which() {
    let colophon = Colophon::with_catalogue();
    colophon
        .run(["books", "add", "--title", "Emma", "--author", "Jane Austen"])
        .expect_code(0);
    colophon
        .run(["authors", "edit", "Jane Austen", "--birth-year", "1775"])
        .expect_code(0);
    let undone = colophon.run(["undo"]);
    undone.expect_code(0);
    assert_eq!(undone.stdout, "Undone: Changed “Jane Austen”\n");
    let redone = colophon.run(["redo"]);
    assert_eq!(redone.stdout, "Redone: Changed “Jane Austen”\n");
    colophon.run(["undo"]).expect_code(0);
    let undone = colophon.json(["undo"]);
    assert_eq!(undone["act"]["did"], "created");
    assert_eq!(undone["record"], serde_json::Value::Null, "the book is gone");
    assert_eq!(colophon.json(["undo"])["act"], serde_json::Value::Null);
}

#[test]
fn an_act_on_many_records_is_taken_back_only_by_who_says_so() {
    let colophon = Colophon::with_catalogue();
    let rows: Vec<_> = (1..=30)
        .map(|number| format!("Book {number},Author {number}"))
        .collect();
    let gift = colophon.file("gift.csv", format!("title,author\n{}\n", rows.join("\n")));
    colophon.run(["import".as_ref(), gift.as_os_str()]).expect_code(0);
    let asked = colophon.run(["undo"]);
    asked.expect_code(5);
    assert!(
        asked.stderr.contains("Imported 30 books from “gift.csv”"),
        "{}",
        asked.stderr
    );
    assert!(asked.stderr.contains("colophon undo --yes"), "{}", asked.stderr);
    colophon.run(["undo", "--yes"]).expect_code(0);
    assert_eq!(colophon.json(["status"])["books"], 0);
}
