//! Which column of a file is which field.
//!
//! Headers are compared folded and without spaces, so `Published Year`, `published_year` and `publishedYear` are one. Each
//! field knows the names that programs and people give its column, in several languages; when a file has two of them, the
//! one named first wins and the other is listed as unused (a file with `title` and `original_title`). A person's own
//! mapping comes before everything.

use colophon_store::{Columns as _, FieldOf, Kind};
use serde::{Serialize, Serializer};

use super::ImportError;
use crate::belongings::{ListColumn, belongings_of};
use crate::book::Book;
use crate::folding::fold;

/// What a column can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// A field of the book.
    Field(FieldOf<Book>),
    /// The author, or all authors in one cell, the book's author first.
    Author,
    /// The sort name of the author.
    AuthorSortName,
    /// Further authors.
    AdditionalAuthors,
    /// Translators.
    Translators,
    /// Editors.
    Editors,
    /// Illustrators.
    Illustrators,
    /// Anyone else, each with a role in brackets: `Robert Fagles (translator)`.
    Contributors,
    /// A column of ISBN-13 beside that of ISBN-10.
    Isbn13,
    /// One of the columns that fill a list of the book.
    List(&'static ListColumn),
}

/// The columns of which a file must have one: a table that names nobody is, as a rule, one whose header was not understood.
const PEOPLE: [Column; 6] = [
    Column::Author,
    Column::AdditionalAuthors,
    Column::Translators,
    Column::Editors,
    Column::Illustrators,
    Column::Contributors,
];

impl Column {
    /// Those that are no field of the book.
    const OTHERS: [Self; 8] = [
        Self::Author,
        Self::AuthorSortName,
        Self::AdditionalAuthors,
        Self::Translators,
        Self::Editors,
        Self::Illustrators,
        Self::Contributors,
        Self::Isbn13,
    ];

    /// All of them, the fields of the book first.
    pub fn all() -> impl Iterator<Item = Self> {
        let lists = belongings_of(Book::TABLE).flat_map(|list| list.columns).map(Self::List);
        FieldOf::<Book>::typed()
            .map(Self::Field)
            .chain(Self::OTHERS)
            .chain(lists)
    }

    /// The name: the header an export writes, and what `--map` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name(),
            Self::Author => "author",
            Self::AuthorSortName => "author_sort_name",
            Self::AdditionalAuthors => "additional_authors",
            Self::Translators => "translators",
            Self::Editors => "editors",
            Self::Illustrators => "illustrators",
            Self::Contributors => "contributors",
            Self::Isbn13 => "isbn13",
            Self::List(column) => column.name,
        }
    }

    /// Whether it is a field without which there is no book.
    fn is_required(self) -> bool {
        matches!(self, Self::Field(field) if field.declared().options.is_required)
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        let key = key(name);
        Self::all().find(|column| self::key(column.name()) == key || (*column == Self::Author && key == "authors"))
    }

    /// The headers it is known by, folded and without spaces, the surest first.
    fn spellings(self) -> impl Iterator<Item = &'static str> {
        let spellings = match self {
            Self::Field(field) => field.declared().options.headers,
            Self::Author => {
                "author authors authorname authornames mainauthor primaryauthor bookauthor writer by autor autoren verfasser \
                 auteur auteurs autores autore autori schrijver forfatter forfattare creator creators автор авторы συγγραφεασ \
                 作者 著者 저자 المولف"
            }
            Self::AuthorSortName => "authorsortname authorsort authorlf authorlastfirst authorsorting",
            Self::AdditionalAuthors => {
                "additionalauthors additionalauthor otherauthors coauthors coauthor secondaryauthors secondaryauthor \
                 weitereautoren autresauteurs otrosautores"
            }
            Self::Translators => {
                "translators translator translatedby ubersetzer traducteur traducteurs traductor traduttore tradutor vertaler \
                 переводчик 译者 訳者"
            }
            Self::Editors => "editors editedby herausgeber curatore organizador redacteur editor",
            Self::Illustrators => "illustrators illustrator illustratedby illustrateur ilustrador illustratore",
            Self::Contributors => "contributors contributions mitwirkende contributeurs colaboradores",
            Self::Isbn13 => "isbn13 ean ean13",
            Self::List(column) => column.headers,
        };
        spellings.split_ascii_whitespace()
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where each field of a file is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    positions: Vec<(Column, usize)>,
    headers: Vec<String>,
}

impl Columns {
    /// Recognises the columns of a header; `mapped` are a person's own words about which header fills which field.
    pub(super) fn recognise(headers: &[&str], mapped: &[(Column, String)]) -> Result<Self, ImportError> {
        let headers: Vec<String> = headers.iter().map(|header| header.trim().to_owned()).collect();
        let mut positions = Vec::new();
        for (column, header) in mapped {
            let position = position_of(&headers, header).ok_or_else(|| ImportError::NoSuchColumn {
                column: header.clone(),
                columns: shown(&headers),
            })?;
            positions.retain(|(other, _)| other != column);
            positions.push((*column, position));
        }
        let keys: Vec<String> = headers.iter().map(|header| key(header)).collect();
        for column in Column::all() {
            let is_mapped = positions.iter().any(|(other, _)| *other == column);
            let free = |position: &usize| !positions.iter().any(|(_, taken)| taken == position);
            let is_meant = match column {
                Column::List(list) => list.beside.is_empty() || keys.iter().any(|key| key == list.beside),
                _ => true,
            };
            let found = column
                .spellings()
                .filter(|_| is_meant)
                .find_map(|spelling| keys.iter().position(|key| key == spelling).filter(free));
            if let (false, Some(position)) = (is_mapped, found) {
                positions.push((column, position));
            }
        }
        let columns = Self { positions, headers };
        let names_people = PEOPLE.iter().any(|column| columns.position(*column).is_some());
        let author = (!names_people).then_some(Column::Author);
        let required = Column::all().filter(|column| column.is_required());
        for required in required.chain(author) {
            if columns.position(required).is_none() {
                return Err(ImportError::MissingColumn {
                    field: required.name(),
                    columns: shown(&columns.headers),
                });
            }
        }
        Ok(columns)
    }

    /// The place of a field in a row.
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.positions
            .iter()
            .find(|(other, _)| *other == column)
            .map(|(_, position)| *position)
    }

    /// The positions of the columns whose cells may have several lines.
    pub(super) fn with_lines(&self) -> Vec<usize> {
        let has_lines = |column: &Column| match column {
            Column::Field(field) => field.declared().options.kind.is_some_and(Kind::has_lines),
            _ => false,
        };
        let positions = self.positions.iter().filter(|(column, _)| has_lines(column));
        positions.map(|(_, position)| *position).collect()
    }

    /// The header as it stands in the file.
    pub(super) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The header of the column that fills a field.
    pub(super) fn header_of(&self, column: Column) -> Option<&str> {
        self.position(column)
            .and_then(|position| self.headers.get(position))
            .map(String::as_str)
    }

    /// Every recognised field with its header, in the order of the file.
    pub fn used(&self) -> Vec<(Column, &str)> {
        let mut used: Vec<_> = self.positions.iter().collect();
        used.sort_by_key(|(_, position)| *position);
        used.into_iter()
            .map(|(column, position)| (*column, self.headers[*position].as_str()))
            .collect()
    }

    /// The headers of columns that are not imported.
    pub fn unused(&self) -> Vec<&str> {
        let is_used = |position: &usize| self.positions.iter().any(|(_, taken)| taken == position);
        (0..self.headers.len())
            .filter(|position| !is_used(position))
            .map(|position| self.headers[position].as_str())
            .collect()
    }
}

/// Whether a header is one that some field is known by.
pub(super) fn is_known(header: &str) -> bool {
    let key = key(header);
    Column::all().any(|column| column.spellings().any(|spelling| spelling == key))
}

/// Whether a header speaks of more than one author.
pub(super) fn is_plural(header: &str) -> bool {
    matches!(
        key(header).as_str(),
        "authors" | "authornames" | "autoren" | "auteurs" | "autores" | "autori" | "creators" | "авторы"
    )
}

/// A header as it was written, or failing that as it is folded.
fn position_of(headers: &[String], wanted: &str) -> Option<usize> {
    let wanted_key = key(wanted);
    headers
        .iter()
        .position(|header| header == wanted.trim())
        .or_else(|| headers.iter().position(|header| key(header) == wanted_key))
}

fn key(header: &str) -> String {
    fold(header).replace(' ', "")
}

/// The headers for a message: a file without a header line would otherwise fill the screen with its first row.
fn shown(headers: &[String]) -> String {
    const HEADERS_SHOWN: usize = 30;
    const CHARS_SHOWN: usize = 40;
    let names = headers
        .iter()
        .take(HEADERS_SHOWN)
        .map(|header| header.chars().take(CHARS_SHOWN).collect::<String>());
    let mut text = names.collect::<Vec<_>>().join(", ");
    if headers.len() > HEADERS_SHOWN {
        text.push_str(", …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_surer_of_two_spellings_wins_and_the_other_is_unused() {
        let columns = Columns::recognise(&["Titel", "title", "author"], &[]).unwrap();
        assert_eq!(columns.header_of(TITLE), Some("title"));
        assert_eq!(columns.unused(), ["Titel"]);
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
}
