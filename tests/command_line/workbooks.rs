//! Workbooks in and out, through the real binary.

use serde_json::json;

use crate::command::Colophon;

/// An old workbook of Excel with two sheets, the first of which is empty.
const OLD: &[u8] = include_bytes!("../samples/workbooks/books.xls");

#[test]
fn a_workbook_comes_in_whatever_it_is_called_and_tells_which_sheet_was_read() {
    let colophon = Colophon::new();
    colophon.file("books.csv", OLD);
    let run = colophon.run(["import", "books.csv"]);
    run.expect_code(0).says(&[
        "Excel workbook before 2007, sheet “Books”",
        "The columns are named on line 3",
        "title ← Title",
        "“About”; --sheet takes another",
    ]);
    assert!(run.stdout.starts_with("2 imported"), "{run:#?}");
    colophon
        .run(["import", "books.csv", "--sheet", "Other"])
        .expect_code(3)
        .says(&["Its sheets are: About, Books"]);
    let again = colophon.json([
        "import",
        "books.csv",
        "--sheet",
        "2",
        "--map",
        "series=Shelf mark",
        "--dry-run",
    ]);
    assert_eq!(again["updated"], 1, "{again}");
}

#[test]
fn rows_that_are_rejected_are_kept_with_the_cells_of_the_sheet() {
    let colophon = Colophon::new();
    colophon.file("books.xls", OLD);
    let taken = colophon.json(["import", "books.xls", "--map", "title=Pages"]);
    assert_eq!((&taken["imported"], &taken["skipped"]), (&json!(1), &json!(1)));
    assert_eq!(taken["problems"][0]["line"], 5);
    let rejected = std::fs::read_to_string(colophon.path("books.rejected.csv")).unwrap();
    assert!(rejected.contains("草枕,夏目漱石,,1906-09-01,,true"), "{rejected}");
}

#[test]
fn an_export_is_a_workbook_that_comes_in_again() {
    let colophon = Colophon::new();
    colophon.file(
        "in.csv",
        "title,author,isbn,shelf_mark,notes\n=1+1,Ben Orr,9780306406157,0012,\"one\ntwo\"\n",
    );
    colophon.run(["import", "in.csv"]).expect_code(0);
    colophon
        .run(["export", "out.xlsx"])
        .expect_code(0)
        .says(&["1 books exported"]);
    let bytes = std::fs::read(colophon.path("out.xlsx")).unwrap();
    assert!(bytes.starts_with(b"PK\x03\x04"));
    colophon.run(["export", "again.xlsx"]).expect_code(0);
    assert_eq!(
        std::fs::read(colophon.path("again.xlsx")).unwrap(),
        bytes,
        "the same catalogue, the same file"
    );
    let before = colophon.run(["export", "-", "--format", "csv"]).stdout;
    let other = Colophon::new();
    other.file("out.xlsx", &bytes);
    other.run(["import", "out.xlsx"]).expect_code(0);
    assert_eq!(other.run(["export", "-", "--format", "csv"]).stdout, before);
    colophon
        .run(["export", "more.xlsx", "--excel"])
        .expect_code(2)
        .says(&["--excel"]);
}

#[test]
fn what_a_workbook_has_no_room_for_is_told_and_no_file_is_left() {
    let colophon = Colophon::new();
    colophon.file(
        "in.csv",
        format!("title,author,notes\nLong,Ben Orr,{}\n", "x".repeat(40_000)),
    );
    colophon.run(["import", "in.csv"]).expect_code(0);
    colophon
        .run(["export", "out.xlsx"])
        .expect_code(3)
        .says(&["“Long” does not fit into a workbook", "CSV has room"]);
    assert!(!colophon.path("out.xlsx").exists());
}
