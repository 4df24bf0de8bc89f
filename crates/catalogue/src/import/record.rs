//! What one row of a file says: a book with its people, and what is wrong with it.

use std::collections::HashSet;

use colophon_store::schema::Value;
use colophon_store::{Columns as _, Error, FieldOf, Patch};

use super::Problem;
use super::cells;
use super::columns::{Column, Columns};
use super::people::{Commas, Named, commas_in, listed_in, people_in, person_in};
use crate::author::AuthorId;
use crate::belongings::{Belongings, belongings_of};
use crate::book::Book;
use crate::contribution::Role;
use crate::export::is_export;
use crate::text::{self, InvalidText, NAME_MAX_CHARS};

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

/// A book as a row gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRow {
    /// What it says of which field, every value in its stored form.
    pub fields: Patch<Book>,
    /// The book's author, if it has one.
    pub author: Option<Person>,
    /// Everybody else, in the order of the file.
    pub contributors: Vec<Contributor>,
    /// What stands in which of its lists, every text in its stored form.
    pub lists: Vec<(&'static Belongings, Vec<String>)>,
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
    /// Whether the file is an export of ours.
    is_ours: bool,
}

#[derive(Debug)]
struct PeopleColumn {
    column: Column,
    position: usize,
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
            let position = columns.position(column)?;
            let cells = first_rows.iter().filter_map(|row| row.get(position));
            let commas = if is_ours {
                Commas::BelongToNames
            } else {
                commas_in(columns.header_of(column).unwrap_or_default(), cells)
            };
            Some(PeopleColumn {
                column,
                position,
                role,
                commas,
            })
        });
        let people = people.collect();
        Self {
            columns,
            people,
            damaged,
            is_ours,
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
    pub(super) fn read(&self, line: u64, cells: &csv::StringRecord) -> Row {
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

    fn book(&self, cells: &csv::StringRecord, problems: &mut Problems) -> Option<BookRow> {
        let mut fields = Patch::default();
        let (required, others): (Vec<_>, Vec<_>) =
            FieldOf::<Book>::typed().partition(|field| field.declared().options.is_required);
        let mut is_whole = true;
        for field in required {
            is_whole &= self.say(&mut fields, field, cells, problems);
        }
        let people = self.people(cells, problems);
        let (author, contributors) = people.filter(|_| is_whole)?;
        for field in others {
            self.say(&mut fields, field, cells, problems);
        }
        Some(BookRow {
            fields,
            author,
            contributors,
            lists: self.lists(cells, problems),
        })
    }

    /// Takes what a row says of a field. False when it is refused: the field is left out, and a problem says why.
    fn say(
        &self,
        fields: &mut Patch<Book>,
        field: FieldOf<Book>,
        cells: &csv::StringRecord,
        problems: &mut Problems,
    ) -> bool {
        let read = if field == Book::FIELDS.isbn {
            self.isbn(cells)
        } else {
            field.declared().read_cell(self.cell(cells, Column::Field(field)))
        };
        match read {
            Ok(Value::Null) => true,
            Ok(value) => {
                fields.say(field, value);
                true
            }
            Err(Error::Invalid { field, reason }) => {
                problems.add(field, reason);
                false
            }
            Err(error) => {
                problems.add(field.name(), error.to_string());
                false
            }
        }
    }

    /// What the columns of its lists say. A text that is refused is left out, and a problem says why.
    fn lists(&self, cells: &csv::StringRecord, problems: &mut Problems) -> Vec<(&'static Belongings, Vec<String>)> {
        let mut lists = Vec::new();
        for list in belongings_of(Book::TABLE) {
            let mut texts = Vec::new();
            for column in list.columns {
                let cell = self.cell(cells, Column::List(column));
                for text in listed_in(cell, list.commas_part, self.is_ours) {
                    match list.checked(&column.in_full(text)) {
                        Ok(text) => texts.push(text),
                        Err(Error::Invalid { reason, .. }) => problems.add(column.name, reason),
                        Err(error) => problems.add(column.name, error.to_string()),
                    }
                }
            }
            if !texts.is_empty() {
                lists.push((list, texts));
            }
        }
        lists
    }

    /// The book's author and everybody else. Nobody is named twice in one role. `None` when the author's name is none.
    fn people(&self, cells: &csv::StringRecord, problems: &mut Problems) -> Option<(Option<Person>, Vec<Contributor>)> {
        let mut everybody: Vec<Contributor> = Vec::new();
        // A cell may name tens of thousands, so nobody is compared with everybody.
        let mut known = HashSet::new();
        let mut has_author = false;
        for people in &self.people {
            for named in people.named_in(cells.get(people.position).unwrap_or_default()) {
                let role = named.role.clone().unwrap_or_else(|| people.role.clone());
                // A book whose author has no name would pass for one of which nobody is known.
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
            has_author |= people.column == Column::Author && !everybody.is_empty();
        }
        let mut everybody = everybody.into_iter();
        let Some(mut author) = everybody
            .by_ref()
            .take(usize::from(has_author))
            .next()
            .map(|one| one.person)
        else {
            return Some((None, everybody.collect()));
        };
        let sort_name = self.cell(cells, Column::AuthorSortName);
        let sort_name = problems.optional(text::optional_one_line("author_sort_name", sort_name, NAME_MAX_CHARS));
        author.sort_name = sort_name.or(author.sort_name);
        Some((Some(author), everybody.collect()))
    }

    /// The first of the two ISBN columns that holds one. A rounded copy in the second column is no ISBN and no problem.
    fn isbn(&self, row: &csv::StringRecord) -> Result<Value, Error> {
        let isbn = Book::FIELDS.isbn.declared();
        let first = isbn.read_cell(self.cell(row, Column::Field(Book::FIELDS.isbn.any())));
        if first.as_ref().is_ok_and(|value| *value != Value::Null) {
            return first;
        }
        let thirteen = self.cell(row, Column::Isbn13);
        if cells::is_rounded(thirteen) {
            return first;
        }
        match isbn.read_cell(thirteen) {
            Ok(Value::Null) => first,
            Err(second) => first.and(Err(second)),
            found => found,
        }
    }

    fn cell<'row>(&self, row: &'row csv::StringRecord, column: Column) -> &'row str {
        self.columns
            .position(column)
            .and_then(|position| row.get(position))
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
}
