//! What one row of a file says: a book with its people, and what is wrong with it.

use std::collections::HashSet;
use std::fmt::Display;

use super::Problem;
use super::cells::{self, refusal};
use super::columns::{Column, Columns};
use super::people::{Commas, Named, commas_in, people_in, person_in};
use crate::author::AuthorId;
use crate::contribution::Role;
use crate::export::is_export;
use crate::isbn::Isbn;
use crate::language::Language;
use crate::text::{self, InvalidText, NAME_MAX_CHARS, NOTES_MAX_CHARS, SERIES_POSITION_MAX_CHARS};
use crate::year;

/// One row, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// The book; `None` when the row is rejected.
    pub book: Option<BookRow>,
    /// Everything that is wrong with it. A rejected row has at least one.
    pub problems: Vec<Problem>,
}

/// A book as a row gives it, every value in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRow {
    /// The title.
    pub title: String,
    /// The subtitle.
    pub subtitle: Option<String>,
    /// The ISBN.
    pub isbn: Option<Isbn>,
    /// The publisher.
    pub publisher: Option<String>,
    /// The year of publication, negative before our era.
    pub published_year: Option<i32>,
    /// The language.
    pub language: Option<Language>,
    /// The number of pages.
    pub page_count: Option<i32>,
    /// The series.
    pub series: Option<String>,
    /// The place in the series.
    pub series_position: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// The book's author.
    pub author: Person,
    /// Everybody else, in the order of the file.
    pub contributors: Vec<Contributor>,
}

/// A person as a row names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name in its direct order.
    pub name: String,
    /// The sort name, when the file gives it.
    pub sort_name: Option<String>,
    /// The record that is meant, when the file tells more than a name.
    pub known: Option<AuthorId>,
}

/// A person with what they did for the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contributor {
    /// Who.
    pub person: Person,
    /// As what.
    pub role: Role,
}

/// The columns of people, and the role of those who are named there without one.
const PEOPLE: [(Column, Role); 6] = [
    (Column::Author, Role::Author),
    (Column::AdditionalAuthors, Role::Author),
    (Column::Translators, Role::Translator),
    (Column::Editors, Role::Editor),
    (Column::Illustrators, Role::Illustrator),
    (Column::Contributors, Role::Author),
];

/// Knows the columns of a file and their habits, and reads its rows.
#[derive(Debug)]
pub(super) struct RowReader {
    columns: Columns,
    people: Vec<PeopleColumn>,
    /// Whether broken letters (U+FFFD) come from the file's damage.
    damaged: bool,
    /// The last language and what it was read as: in most files it is the same on every row.
    last_language: (String, Option<Language>),
}

#[derive(Debug)]
struct PeopleColumn {
    column: Column,
    place: usize,
    role: Role,
    commas: Commas,
}

impl PeopleColumn {
    fn named_in<'cell>(&self, cell: &'cell str) -> Vec<Named<'cell>> {
        if self.column == Column::Author && self.commas == Commas::BelongToNames {
            return person_in(cell).into_iter().collect();
        }
        people_in(cell, self.commas)
    }
}

impl RowReader {
    /// Learns the habits of the columns of people from the first rows of the file.
    pub(super) fn new(columns: Columns, first_rows: &[csv::StringRecord], damaged: bool) -> Self {
        let is_ours = is_export(columns.headers());
        let people = PEOPLE.into_iter().filter_map(|(column, role)| {
            let place = columns.place(column)?;
            let cells = first_rows.iter().filter_map(|row| row.get(place));
            let commas = if is_ours {
                Commas::BelongToNames
            } else {
                commas_in(columns.header_of(column).unwrap_or_default(), cells)
            };
            Some(PeopleColumn {
                column,
                place,
                role,
                commas,
            })
        });
        let people = people.collect();
        Self {
            columns,
            people,
            damaged,
            last_language: Default::default(),
        }
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What commas mean in the column of authors.
    pub(super) fn commas(&self) -> Option<Commas> {
        self.people
            .iter()
            .find(|people| people.column == Column::Author)
            .map(|people| people.commas)
    }

    /// From now on, broken letters come from the file's damage.
    pub(super) fn expect_damage(&mut self) {
        self.damaged = true;
    }

    /// Reads one row.
    pub(super) fn read(&mut self, line: u64, cells: &csv::StringRecord) -> Row {
        let mut problems = Problems { line, list: Vec::new() };
        let book = self
            .refuse_whole(cells, &mut problems)
            .and_then(|()| self.book(cells, &mut problems));
        Row {
            line,
            book,
            problems: problems.list,
        }
    }

    /// `None` when the row is not one of this table.
    fn refuse_whole(&self, cells: &csv::StringRecord, problems: &mut Problems) -> Option<()> {
        let expected = self.columns.headers().len();
        if cells.iter().skip(expected).any(|cell| !cell.trim().is_empty()) {
            let found = cells.len();
            problems.add(
                "row",
                format!(
                    "it has {found} cells and the header {expected}; a cell that holds the delimiter needs quotation marks \
                     around it"
                ),
            );
            return None;
        }
        if self.damaged
            && let Some((column, _)) = self
                .columns
                .used()
                .iter()
                .find(|(column, _)| self.cell(cells, *column).contains('\u{fffd}'))
        {
            problems.add(
                column.name(),
                "it holds bytes that are no letters in the file's encoding, shown here as \u{fffd}",
            );
            return None;
        }
        Some(())
    }

    fn book(&mut self, cells: &csv::StringRecord, problems: &mut Problems) -> Option<BookRow> {
        let title = problems.required(text::one_line("title", self.cell(cells, Column::Title), NAME_MAX_CHARS));
        let people = self.people(cells, problems);
        let (title, (author, contributors)) = (title?, people?);
        let mut line_of = |column: Column, max_chars| {
            problems.optional(text::optional_one_line(
                column.name(),
                self.cell(cells, column),
                max_chars,
            ))
        };
        let subtitle = line_of(Column::Subtitle, NAME_MAX_CHARS);
        let publisher = line_of(Column::Publisher, NAME_MAX_CHARS);
        let series = line_of(Column::Series, NAME_MAX_CHARS);
        let series_position = line_of(Column::SeriesPosition, SERIES_POSITION_MAX_CHARS);
        let notes = self.cell(cells, Column::Notes);
        let notes = problems.optional(text::optional_many_lines("notes", notes, NOTES_MAX_CHARS));
        let year = self.cell(cells, Column::PublishedYear);
        let published_year = year::parse(year).map_err(|error| refusal(year, &error.to_string()));
        Some(BookRow {
            title,
            subtitle,
            isbn: self.isbn(cells, problems),
            publisher,
            published_year: problems.left_out("published_year", published_year),
            language: self.language(cells, problems),
            page_count: problems.left_out("page_count", cells::page_count(self.cell(cells, Column::PageCount))),
            series,
            series_position,
            notes,
            author,
            contributors,
        })
    }

    /// The book's author and everybody else. Nobody is named twice in one role.
    fn people(&self, cells: &csv::StringRecord, problems: &mut Problems) -> Option<(Person, Vec<Contributor>)> {
        let mut everybody: Vec<Contributor> = Vec::new();
        // A cell may name tens of thousands, so nobody is compared with everybody.
        let mut known = HashSet::new();
        for people in &self.people {
            for named in people.named_in(cells.get(people.place).unwrap_or_default()) {
                let role = named.role.clone().unwrap_or_else(|| people.role.clone());
                // The book cannot be without its author, but it can be without one of the others.
                let is_author = everybody.is_empty() && people.column == Column::Author;
                match person(&named) {
                    Err(error) if is_author => {
                        problems.required::<()>(Err(InvalidText::new("author", error.reason)));
                        return None;
                    }
                    Err(error) => problems.add(people.column.name(), error.reason),
                    Ok(person) => {
                        if known.insert((person.name.clone(), role.clone())) {
                            everybody.push(Contributor { person, role });
                        }
                    }
                }
            }
            if people.column == Column::Author && everybody.is_empty() {
                problems.add(
                    "author",
                    "it is empty; a book needs an author (write Anonymous when nobody knows)",
                );
                return None;
            }
        }
        let mut everybody = everybody.into_iter();
        let mut author = everybody.next()?.person;
        let sort_name = self.cell(cells, Column::AuthorSortName);
        let sort_name = problems.optional(text::optional_one_line("author_sort_name", sort_name, NAME_MAX_CHARS));
        author.sort_name = sort_name.or(author.sort_name);
        Some((author, everybody.collect()))
    }

    /// The first of the two ISBN columns that holds one. A rounded copy in the second column is no ISBN and no problem.
    fn isbn(&self, row: &csv::StringRecord, problems: &mut Problems) -> Option<Isbn> {
        let first = cells::isbn(self.cell(row, Column::Isbn));
        if let Ok(Some(isbn)) = first {
            return Some(isbn);
        }
        let thirteen = self.cell(row, Column::Isbn13);
        let second = if cells::is_rounded(thirteen) {
            Ok(None)
        } else {
            cells::isbn(thirteen)
        };
        match second {
            Ok(Some(isbn)) => Some(isbn),
            second => problems.left_out("isbn", first.and(second)),
        }
    }

    fn language(&mut self, row: &csv::StringRecord, problems: &mut Problems) -> Option<Language> {
        let cell = self.cell(row, Column::Language);
        if cell == self.last_language.0 {
            return self.last_language.1;
        }
        let read = cells::language(cell);
        if let Ok(language) = read {
            self.last_language = (cell.to_owned(), language);
        }
        problems.left_out("language", read)
    }

    fn cell<'row>(&self, row: &'row csv::StringRecord, column: Column) -> &'row str {
        self.columns
            .place(column)
            .and_then(|place| row.get(place))
            .unwrap_or_default()
    }
}

fn person(named: &Named<'_>) -> Result<Person, InvalidText> {
    let name = text::one_line("name", &named.name, NAME_MAX_CHARS)?;
    let sort_name = named
        .sort_name
        .map(|sort_name| text::one_line("sort_name", sort_name, NAME_MAX_CHARS))
        .transpose()?;
    Ok(Person {
        name,
        sort_name,
        known: None,
    })
}

/// The problems of one row.
struct Problems {
    line: u64,
    list: Vec<Problem>,
}

impl Problems {
    fn add(&mut self, field: &'static str, reason: impl Into<String>) {
        self.list.push(Problem {
            line: self.line,
            field,
            reason: reason.into(),
        });
    }

    /// A value without which the row is rejected.
    fn required<T>(&mut self, value: Result<T, InvalidText>) -> Option<T> {
        value.map_err(|error| self.add(error.field, error.reason)).ok()
    }

    /// A text that is left out when it is refused.
    fn optional(&mut self, value: Result<Option<String>, InvalidText>) -> Option<String> {
        self.required(value).flatten()
    }

    /// A value that is left out when it is refused.
    fn left_out<T>(&mut self, field: &'static str, value: Result<Option<T>, impl Display>) -> Option<T> {
        value
            .map_err(|reason| self.add(field, reason.to_string()))
            .ok()
            .flatten()
    }
}
