//! Other programs' formats on the command line.

use serde_json::json;

use crate::command::Colophon;

const BIB: &str = "@book{orr98, author = {Orr, Ben}, title = {One}, year = 1998}\n@book{bad, title = {Two\n@article{a, title = {Three}}\n";

#[test]
fn a_list_of_references_comes_in_and_its_rejected_records_are_kept_with_their_text() {
    let colophon = Colophon::new();
    colophon.file("in.bib", BIB);
    let tried = colophon.json(["import", "in.bib", "--dry-run"]);
    assert_eq!((&tried["imported"], &tried["skipped"]), (&json!(1), &json!(2)));
    assert!(!colophon.path("in.rejected.csv").exists(), "a trial keeps nothing");
    let run = colophon.run(["import", "in.bib"]);
    run.expect_code(0)
        .says(&["BibTeX", "an article (1)", "in.rejected.csv"]);
    assert!(run.stdout.starts_with("1 imported"), "{run:#?}");
    let rejected = std::fs::read_to_string(colophon.path("in.rejected.csv")).unwrap();
    assert!(rejected.starts_with("problem,line,record\n"), "{rejected}");
    assert!(rejected.contains(",2,\"@book{bad, title = {Two\n\""), "{rejected}");
    assert!(rejected.contains("no book but an article"), "{rejected}");
    colophon.run(["undo", "--yes"]).expect_code(0);
    assert_eq!(colophon.json(["status"])["books"], 0);
    let taken = colophon.json(["import", "in.bib", "--any-kind"]);
    assert_eq!(taken["imported"], 2);
}

#[test]
fn an_export_is_in_the_format_that_is_named_by_the_file_or_by_the_option() {
    let colophon = Colophon::new();
    colophon.file("in.bib", BIB);
    colophon.run(["import", "in.bib"]).expect_code(0);
    for (arguments, beginning) in [
        (vec!["export", "out.bib"], "@book{orr98,"),
        (vec!["export", "out.ris"], "TY  - BOOK\r\nID  - orr98"),
        (vec!["export", "out.txt", "--format", "csl-json"], "[\n{"),
        (vec!["export", "out.csv", "--excel"], "\u{feff}title,"),
        (vec!["export", "plain.csv"], "title,"),
    ] {
        colophon.run(&arguments).expect_code(0);
        let text = std::fs::read_to_string(colophon.path(arguments[1])).unwrap();
        assert!(text.starts_with(beginning), "{arguments:?}: {text}");
    }
    colophon
        .run(["export", "out.enw", "--format", "endnote"])
        .expect_code(2);
    colophon
        .run(["export", "more.bib", "--excel"])
        .expect_code(2)
        .says(&["--excel", "BibTeX"]);
    colophon
        .run(["export", "unclear"])
        .expect_code(2)
        .says(&["--format bibtex"]);
}

#[test]
fn what_a_person_says_goes_before_what_is_recognised() {
    let colophon = Colophon::new();
    colophon.file("in.txt", "@odd{a, title = {One}}\n");
    colophon.run(["import", "in.txt"]).expect_code(3);
    let taken = colophon.json(["import", "in.txt", "--format", "bibtex"]);
    assert_eq!(taken["imported"], 1);
    colophon.file("in.ris", "title,author\nTwo,Orr\n");
    let taken = colophon.json(["import", "in.ris", "--format", "csv"]);
    assert_eq!(taken["imported"], 1);
    colophon.file("in.csv", "%PDF-1.7\n");
    colophon
        .run(["import", "in.csv"])
        .expect_code(3)
        .says(&["a PDF document", "save it as CSV"]);
}
