//! The page of formats names every format that there is, with what its files are called and which way it goes.

use std::fs;
use std::path::Path;

use colophon_catalogue::export::Loss;
use colophon_catalogue::format::{FORMATS, Format};

#[test]
fn the_table_of_formats_is_that_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/formats.md")).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .take(FORMATS.len())
        .collect();
    let wanted: Vec<String> = FORMATS
        .iter()
        .map(|format| {
            let endings: Vec<_> = format.extensions.iter().map(|ending| format!("`.{ending}`")).collect();
            let out = if format.is_written() { "yes" } else { "no" };
            format!(
                "| `{}` | {} | {} | yes | {out} |",
                format.name,
                format.title,
                endings.join(", ")
            )
        })
        .collect();
    assert_eq!(rows, wanted, "docs/formats.md");
}

/// What a row of the second table is about, by how it begins, as the program calls it.
const LOST: [(&str, Loss); 9] = [
    ("shelf mark", Loss::ShelfMarks),
    ("subtitle", Loss::Subtitles),
    ("original title", Loss::Originals),
    ("format (", Loss::Formats),
    ("identifiers", Loss::Identifiers),
    ("people, and sort names", Loss::SortNames),
    ("roles", Loss::Roles),
    ("order of people", Loss::Order),
    ("authors without books", Loss::Unused),
];

#[test]
fn what_the_program_says_is_lost_is_what_the_page_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/formats.md")).unwrap();
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let mut rows = page.lines().skip_while(|line| !line.starts_with("| | ")).map(cells);
    let heads = rows.next().unwrap();
    let rows: Vec<_> = rows.take_while(|row| row.len() == heads.len()).collect();
    for (at, head) in heads.iter().enumerate().skip(1) {
        let format = Format::written()
            .find(|format| format.name == head.to_lowercase() || format.title.starts_with(head.as_str()))
            .unwrap_or_else(|| panic!("no format is called {head}"));
        for (begins, loss) in LOST {
            let row = rows.iter().find(|row| row[0].starts_with(begins)).unwrap();
            let is_carried = row[at].starts_with("yes") || row[at].starts_with("all");
            assert_eq!(format.loses.contains(&loss), !is_carried, "{head}: {}", row[0]);
        }
    }
    for format in Format::written() {
        let is_there = |head: &String| format.name == head.to_lowercase() || format.title.starts_with(head.as_str());
        assert!(
            heads.iter().skip(1).any(is_there),
            "the page does not say what {} loses",
            format.title
        );
    }
}
