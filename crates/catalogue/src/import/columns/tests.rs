//! Which header is which field.

use super::*;
use crate::book::Book;

const TITLE: Column = Column::Field(Book::FIELDS.title.any());

fn used(headers: &[&str], mapped: &[(Column, &str)]) -> Vec<(Column, String)> {
    let mapped: Vec<_> = mapped
        .iter()
        .map(|(column, header)| (*column, (*header).to_owned()))
        .collect();
    let columns = Columns::recognise(headers, &mapped).unwrap();
    columns
        .used()
        .into_iter()
        .map(|(column, header)| (column, header.to_owned()))
        .collect()
}

#[test]
fn columns_are_known_in_several_spellings_and_languages() {
    for headers in [
        ["Title", "Author", "ISBN", "Published Year"],
        ["TITLE", "authors", "isbn-10", "publishedYear"],
        ["Titel", "Verfasser", "ISBN", "Erscheinungsjahr"],
        ["Titre", "Auteur", "ISBN", "Date de publication"],
        ["Título", "Autor", "ISBN", "Año"],
        ["название", "автор", "ISBN", "год"],
    ] {
        let found: Vec<_> = used(&headers, &[]).into_iter().map(|(column, _)| column).collect();
        assert_eq!(
            found,
            [
                TITLE,
                Column::Author,
                Column::Field(Book::FIELDS.isbn.any()),
                Column::Field(Book::FIELDS.published_year.any())
            ],
            "{headers:?}"
        );
    }
}

#[test]
fn the_surer_of_two_spellings_comes_first_and_the_other_stands_in_for_it() {
    let columns = Columns::recognise(&["Titel", "title", "author"], &[]).unwrap();
    assert_eq!(columns.header_of(TITLE), Some("title"));
    assert!(columns.unused().is_empty());
    assert_eq!(columns.positions(TITLE).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn what_came_out_first_stands_in_for_what_a_file_does_not_have() {
    let original = |field| Column::Field(field);
    let both = used(
        &["original_title", "title", "author", "year", "original_publication_year"],
        &[],
    );
    assert!(both.contains(&(original(Book::FIELDS.original_title.any()), "original_title".to_owned())));
    assert!(both.contains(&(
        original(Book::FIELDS.original_year.any()),
        "original_publication_year".to_owned()
    )));
    let one = used(&["original_title", "author", "original_publication_year"], &[]);
    assert!(one.contains(&(TITLE, "original_title".to_owned())));
    assert!(one.contains(&(
        original(Book::FIELDS.published_year.any()),
        "original_publication_year".to_owned()
    )));
}

#[test]
fn a_persons_mapping_comes_first() {
    let found = used(&["original_title", "title", "author"], &[(TITLE, "original_title")]);
    assert!(found.contains(&(TITLE, "original_title".to_owned())));
    let refused = Columns::recognise(&["title", "author"], &[(TITLE, "name".to_owned())]).unwrap_err();
    assert!(refused.to_string().contains("title, author"), "{refused}");
}

#[test]
fn a_missing_required_column_is_named_with_what_there_is() {
    let refused = Columns::recognise(&["id", "writer of it", "title"], &[]).unwrap_err();
    assert!(
        matches!(&refused, ImportError::MissingColumn { field: "author", columns } if columns.contains("writer of it"))
    );
}

#[test]
fn a_french_editeur_is_a_publisher_and_an_english_editor_is_not() {
    let found = used(&["titre", "auteur", "Editeur"], &[]);
    assert_eq!(found[2].0, Column::Field(Book::FIELDS.publisher.any()));
    assert_eq!(used(&["title", "author", "Editor"], &[])[2].0, Column::Editors);
}

#[test]
fn no_spelling_belongs_to_two_fields_but_in_need_and_every_field_knows_its_own_name() {
    let in_need = [
        (TITLE, Book::FIELDS.original_title.any()),
        (
            Column::Field(Book::FIELDS.published_year.any()),
            Book::FIELDS.original_year.any(),
        ),
    ];
    let mut seen = std::collections::HashMap::new();
    for column in Column::all() {
        assert!(
            column.spellings().any(|spelling| spelling == key(column.name())),
            "{column:?}"
        );
        assert_eq!(Column::named(column.name()), Some(column));
        for spelling in column.spellings() {
            assert_eq!(key(spelling), spelling, "spellings are kept folded");
            let first = seen.insert(spelling, column);
            let may = first.is_none_or(|first| {
                in_need
                    .map(|(taker, owner)| (taker, Column::Field(owner)))
                    .contains(&(first, column))
            });
            assert!(may, "{spelling}");
        }
    }
}

#[test]
fn a_word_of_several_meanings_is_told_by_the_other_headers() {
    let publisher = Column::Field(Book::FIELDS.publisher.any());
    assert_eq!(used(&["Título", "Autor", "Editor"], &[])[2].0, publisher);
    assert_eq!(
        used(&["Título", "Autor", "Editorial", "Editor"], &[])[3].0,
        Column::Editors
    );
    let position = Column::Field(Book::FIELDS.series_position.any());
    assert_eq!(used(&["Titel", "Autor", "Reihe", "Band"], &[])[3].0, position);
    assert_eq!(
        Columns::recognise(&["title", "author", "Band"], &[]).unwrap().unused(),
        ["Band"]
    );
    let series = Column::Field(Book::FIELDS.series.any());
    assert_eq!(used(&["Titre", "Auteur", "Collection"], &[])[2].0, series);
}

#[test]
fn numbered_columns_of_people_are_all_read() {
    let found = used(&["Title", "Author 1", "Author 2", "ISBN#"], &[]);
    assert_eq!((found[1].0, found[2].0), (Column::Author, Column::AdditionalAuthors));
    assert_eq!(found[3].0, Column::Field(Book::FIELDS.isbn.any()));
}
