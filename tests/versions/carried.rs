//! What people do with rows by ways other than the sync carries along a field that was added, and an export by another
//! version counts as one of ours.

use std::io::Cursor;

use anyhow::{Context as _, ensure};
use colophon_acts::merging::gained;
use colophon_catalogue::export::{CSV_HEADER, csv_header, is_export};
use colophon_catalogue::import::{Existing, ImportFile, Options, RejectedRows};
use colophon_catalogue::{Author, Book};
use colophon_store::Columns as _;
use colophon_store::schema::{Table, Value};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::edition::NEXT_TABLES;

fn book() -> anyhow::Result<&'static Table> {
    NEXT_TABLES
        .iter()
        .copied()
        .find(|table| table.name == "book")
        .context("a book")
}

/// A row of a future book that says only what is set.
fn row(set: &[(&str, Value)]) -> anyhow::Result<Vec<Value>> {
    let table = book()?;
    let mut row: Vec<Value> = table
        .columns
        .iter()
        .map(colophon_store::schema::Column::unsaid)
        .collect();
    for (name, value) in set {
        row[table.position(name).context("a column")?] = value.clone();
    }
    Ok(row)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn a_book_that_becomes_part_of_another_gives_it_the_fields_that_were_added() -> anyhow::Result<()> {
    let table = book()?;
    let into = row(&[
        ("title", text("The Odyssey")),
        ("notes", text("ours")),
        ("publisher", text("Lintot")),
    ])?;
    let from = row(&[
        ("title", text("Odyssey")),
        ("notes", text("theirs")),
        ("publisher", text("Viking")),
        ("bay", text("R 12")),
        ("condition", text("worn")),
    ])?;
    let gained: Vec<_> = gained(table, &into, &from)
        .into_iter()
        .map(|(position, value)| (table.columns[position].name, value))
        .collect();
    ensure!(
        gained
            == [
                ("condition", text("worn")),
                ("notes", text("ours\n\ntheirs")),
                ("bay", text("R 12")),
            ],
        "{gained:?}"
    );
    Ok(())
}

#[test]
fn an_export_has_the_fields_that_were_added_and_each_version_knows_those_of_the_others() -> anyhow::Result<()> {
    let (now, next) = (csv_header(Book::TABLE), csv_header(book()?));
    let mut rest = now.iter();
    ensure!(
        CSV_HEADER.iter().all(|name| rest.any(|header| header == name)),
        "{now:?}"
    );
    ensure!(
        next.contains(&"bay") && next.contains(&"condition") && next.contains(&"author_sort_name"),
        "{next:?}"
    );
    let owned = |header: &[&str]| header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    ensure!(is_export(&owned(&now)) && is_export(&owned(&next)));
    ensure!(!is_export(&owned(&["title", "author", "isbn"])));
    Ok(())
}

#[test]
fn the_people_of_an_export_of_another_version_are_read_as_they_stand() -> anyhow::Result<()> {
    let catalogue = Catalogue::empty();
    let header = csv_header(book()?);
    let cells = header.iter().map(|name| match *name {
        "title" => "Dom Casmurro",
        "author" => "\"Joaquim, Maria, Machado\"",
        "contributors" => "\"Ann; Bob, Jr (translator)\"",
        _ => "",
    });
    let csv = format!("{}\n{}\n", header.join(","), cells.collect::<Vec<_>>().join(","));
    let mut file = ImportFile::open(Cursor::new(csv), &Options::default())?;
    catalogue.database.write_blocking(move |tx| {
        let report = file.import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {});
        report
            .map(drop)
            .map_err(|error| colophon_store::Error::invalid("file", error.to_string()))
    })?;
    let mut names: Vec<String> = catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().all())?
        .into_iter()
        .map(|author| author.name)
        .collect();
    names.sort();
    ensure!(names == ["Ann", "Bob, Jr", "Joaquim, Maria, Machado"], "{names:?}");
    Ok(())
}
