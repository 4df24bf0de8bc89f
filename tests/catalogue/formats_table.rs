//! The page of formats names every format that there is, with what its files are called and which way it goes.

use std::fs;
use std::path::Path;

use colophon_catalogue::format::FORMATS;

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
