//! Exports of some books on the command line.

use crate::command::Colophon;

const BOOKS: &str = "title,author,isbn,publisher\nThe Iliad,Homer,,Penguin\nAlphabet,Inger Christensen,9780811214773,New Directions\n\
                     The Odyssey,Homer,,Norton\n";

fn shelf() -> Colophon {
    let colophon = Colophon::new();
    colophon.file("in.csv", BOOKS);
    colophon.run(["import", "in.csv"]).expect_code(0);
    colophon
}

#[test]
fn an_export_has_what_a_search_and_filters_find() {
    let colophon = shelf();
    for (narrowing, titles) in [
        (vec!["--search", "homer"], vec!["The Iliad", "The Odyssey"]),
        (vec!["--search", "author:homer publisher:norton"], vec!["The Odyssey"]),
        (vec!["--where", "isbn:any"], vec!["Alphabet"]),
        (
            vec!["--search", "homer", "--where", "publisher:Penguin"],
            vec!["The Iliad"],
        ),
        (vec!["--search", "nobody"], vec![]),
        (vec![], vec!["The Iliad", "Alphabet", "The Odyssey"]),
    ] {
        let run = colophon.run([vec!["export", "-", "--format", "csv"], narrowing.clone()].concat());
        run.expect_code(0);
        let rows: Vec<_> = run
            .stdout
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').next())
            .collect();
        assert_eq!(rows, titles, "{narrowing:?}");
    }
    let told = colophon.json(["export", "out.bib", "--search", "homer"]);
    assert_eq!(told["exported"], 2);
    let text = std::fs::read_to_string(colophon.path("out.bib")).unwrap();
    assert!(text.contains("The Odyssey") && !text.contains("Alphabet"), "{text}");
}

#[test]
fn what_is_no_filter_is_said_and_nothing_is_written() {
    let colophon = shelf();
    colophon
        .run(["export", "out.bib", "--where", "shelfmark"])
        .expect_code(2);
    colophon
        .run(["export", "out.json", "--salvage", "--search", "homer"])
        .expect_code(2)
        .says(&["--salvage", "--search"]);
    assert!(!colophon.path("out.bib").exists() && !colophon.path("out.json").exists());
}
