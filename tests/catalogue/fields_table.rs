//! The table of fields in the documents says what the declarations say.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use colophon_catalogue::belongings::BELONGINGS;
use colophon_catalogue::schema::records;
use colophon_store::{Declared, Facet, Registered};

/// Set it to write the page instead of comparing it.
const UPDATE: &str = "COLOPHON_UPDATE_FIELDS";

const HEAD: &str = "# Fields

What can be said of a record. This page follows from the declarations of the entities (`crates/catalogue/src/book.rs` and its neighbours) and is compared
with them by a test; `COLOPHON_UPDATE_FIELDS=1 cargo test -p colophon-tests --test catalogue fields_table` writes it anew. How to add one:
[adding-a-field.md](adding-a-field.md). Every field can be asked for, shown as a column and, but for those that say so, ordered by:
[command-line.md](command-line.md#lists).
";

/// The words of a declaration that say more than its kind.
fn more(declared: &Declared) -> String {
    let options = declared.options;
    let kind = options.kind;
    let limit = kind.and_then(|kind| kind.chars_max());
    let words = [
        options.is_required.then(|| "required".to_owned()),
        options.is_unique.then(|| "unique".to_owned()),
        options.is_searched.then(|| "searched".to_owned()),
        options.is_merged_by_line.then(|| "merged line by line".to_owned()),
        limit.map(|limit| format!("at most {limit} characters")),
        kind.filter(|kind| !kind.choices().is_empty())
            .map(|kind| kind.choices().join(", ")),
        options.facet.map(|facet| match facet {
            Facet::Each => "values counted".to_owned(),
            Facet::Spans(length) => format!("values counted in spans of {length}"),
        }),
        (!declared.is_sortable()).then(|| "no order".to_owned()),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn table(page: &mut String, entity: &Registered) {
    // A row that only joins two records has nothing to type.
    if !entity.declared.iter().any(|declared| declared.options.kind.is_some()) {
        return;
    }
    writeln!(
        page,
        "\n## `{}`\n\n| field | kind | | what it is |\n|---|---|---|---|",
        entity.table.name
    )
    .unwrap();
    for declared in entity
        .declared
        .iter()
        .filter(|declared| declared.options.kind.is_some())
    {
        let kind = declared.options.kind.map_or("", |kind| kind.word());
        let help = declared.help().replace('|', "\\|");
        writeln!(page, "| `{}` | {kind} | {} | {help} |", declared.name(), more(declared)).unwrap();
    }
}

/// What is in the lists of a record, and which columns of a file fill them.
fn lists(page: &mut String) {
    page.push_str("\n## Lists\n\n| list | of | columns of files | what one is |\n|---|---|---|---|\n");
    for list in BELONGINGS {
        let columns: Vec<_> = list.columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let (name, of, columns) = (list.name, list.of.name, columns.join(", "));
        writeln!(page, "| `{name}` | {of} | {columns} | {}. |", list.help).unwrap();
    }
}

#[test]
fn the_table_of_fields_is_what_the_entities_declare() {
    let mut page = HEAD.to_owned();
    for entity in records() {
        table(&mut page, entity);
    }
    lists(&mut page);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fields.md");
    if env::var_os(UPDATE).is_some() {
        fs::write(&kept, &page).unwrap();
    }
    let told = fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        told == page,
        "docs/fields.md is stale: run the test again with {UPDATE}=1 and commit the file"
    );
}
