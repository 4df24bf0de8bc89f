//! What one row of a file says: a book with its people, and what is wrong with it.

mod disagreements;
mod people;

use colophon_store::schema::Value;
use colophon_store::{Columns as _, Error, FieldOf, Kind, Patch};

use self::disagreements::Disagreements;
use self::people::PeopleColumns;
pub(super) use self::people::person;
use super::columns::{Column, Columns};
use super::options::Options;
use super::people::{Commas, listed_in};
use super::{Problem, cells, isbns, series};
use crate::author::AuthorId;
use crate::belongings::{Belongings, belongings_of};
use crate::book::Book;
use crate::contribution::Role;
use crate::export::is_export;
use crate::text::InvalidText;

/// One row, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// The book; `None` if the row is rejected.
    pub book: Option<BookRow>,
    /// Everything that is wrong with it. A rejected row has at least one.
    pub problems: Vec<Problem>,
}

/// A book as a row gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRow {
    /// What it says about which field, every value in its stored form.
    pub fields: Patch<Book>,
    /// The book's author, if it has one.
    pub author: Option<Person>,
    /// Everybody else, in the order of the file.
    pub contributors: Vec<Contributor>,
    /// What is in which of its lists, every text in its stored form.
    pub lists: Vec<(&'static Belongings, Vec<String>)>,
}

/// A person as a row names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name in direct order.
    pub name: String,
    /// The sort name, if the file gives it.
    pub sort_name: Option<String>,
    /// The year of birth, if the file gives it.
    pub birth_year: Option<i32>,
    /// The year of death, if the file gives it.
    pub death_year: Option<i32>,
    /// The record that is meant, if the file gives more than a name.
    pub known: Option<AuthorId>,
}

/// A person with what they did for the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contributor {
    /// The person.
    pub person: Person,
    /// Their role.
    pub role: Role,
}

/// Knows the columns of a file and their habits, and reads its rows.
#[derive(Debug)]
pub(super) struct RowReader {
    columns: Columns,
    people: PeopleColumns,
    /// In which columns for the same field the cells said different things.
    disagreements: Disagreements,
    /// Whether series are taken out of titles.
    splits_series: bool,
    /// Whether broken letters (U+FFFD) result from damage to the file.
    damaged: bool,
    /// Whether the file is an export of ours.
    is_ours: bool,
}

impl RowReader {
    /// Learns the habits of the columns of people from the first rows of the file.
    pub(super) fn new(columns: Columns, first_rows: &[csv::StringRecord], damaged: bool, options: &Options) -> Self {
        let is_ours = is_export(columns.headers());
        let people = PeopleColumns::learned(&columns, first_rows, is_ours, options);
        Self {
            columns,
            people,
            disagreements: Disagreements::default(),
            splits_series: options.splits_series,
            damaged,
            is_ours,
        }
    }

    /// Whether the file is an export of ours, in which everything is meant literally.
    pub(super) fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// How the columns were read, one line for each that is worth mentioning.
    pub(super) fn reading(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.people.reading().collect();
        lines.extend(self.disagreements.reading());
        lines
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What commas mean in the column of authors.
    pub(super) fn commas(&self) -> Option<Commas> {
        self.people.commas_of_authors()
    }

    /// From now on, broken letters result from damage to the file.
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

    /// `None` if the row does not belong to this table.
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
        let mut fields = Patch::default();
        let (required, others): (Vec<_>, Vec<_>) =
            FieldOf::<Book>::typed().partition(|field| field.declared().options.is_required);
        let mut is_whole = true;
        for field in required {
            is_whole &= self.say(&mut fields, field, cells, problems);
        }
        let language = self.columns.cell(cells, Column::Field(Book::FIELDS.language.any()));
        let people = self.people.read(&self.columns, cells, language, problems);
        let (author, contributors) = people.filter(|_| is_whole)?;
        for field in others {
            self.say(&mut fields, field, cells, problems);
        }
        if self.splits_series {
            series::split(&mut fields);
        }
        Some(BookRow {
            fields,
            author,
            contributors,
            lists: self.lists(cells, problems),
        })
    }

    /// Takes what a row says about a field. False if it is refused: the field is left out, and a problem says why.
    fn say(
        &mut self,
        fields: &mut Patch<Book>,
        field: FieldOf<Book>,
        cells: &csv::StringRecord,
        problems: &mut Problems,
    ) -> bool {
        let read = if field == Book::FIELDS.isbn {
            self.isbn(cells, problems)
        } else {
            self.first_value(field, cells, problems.line)
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

    /// What the first non-empty column for a field says. If another column says something else, that is kept for the
    /// report.
    fn first_value(&mut self, field: FieldOf<Book>, cells: &csv::StringRecord, line: u64) -> Result<Value, Error> {
        let mut found: Option<Result<Value, Error>> = None;
        let has_lines = field.declared().options.kind.is_some_and(Kind::has_lines);
        for position in self.columns.positions(Column::Field(field)) {
            let cell = cells.get(position).unwrap_or_default();
            if cell.is_empty() {
                continue;
            }
            let read = field.declared().read_cell(cell);
            match (&found, &read) {
                (None | Some(Ok(Value::Null)), _) | (Some(Err(_)), Ok(_)) => found = Some(read),
                // Notes have room for all of them.
                (Some(Ok(Value::Text(first))), Ok(Value::Text(second))) if has_lines && first.contains(second) => {}
                (Some(Ok(Value::Text(first))), Ok(Value::Text(second))) if has_lines => {
                    found = Some(Ok(Value::Text(format!("{first}\n\n{second}"))));
                }
                (Some(Ok(first)), Ok(second)) if *second != Value::Null && first != second => {
                    self.disagreements.add(field.name(), line);
                }
                _ => {}
            }
        }
        // A field may be required even if no column says anything about it.
        found.unwrap_or_else(|| field.declared().read_cell(""))
    }

    /// The first ISBN in the columns for it. A rounded copy is not an ISBN, and not a problem if another column has
    /// one.
    fn isbn(&self, row: &csv::StringRecord, problems: &mut Problems) -> Result<Value, Error> {
        let field = Book::FIELDS.isbn.any();
        let positions = self
            .columns
            .positions(Column::Field(field))
            .map(|position| (position, true));
        let thirteen = self.columns.positions(Column::Isbn13).map(|position| (position, false));
        let mut found = Vec::new();
        let mut refused = None;
        for (position, is_first) in positions.chain(thirteen) {
            let cell = row.get(position).unwrap_or_default();
            if cell.is_empty() || !is_first && cells::is_rounded(cell) {
                continue;
            }
            match isbns::read(cell) {
                Ok(isbns) => found.extend(isbns),
                Err(reason) => refused = refused.or(Some(reason)),
            }
        }
        let Some(first) = found.first() else {
            return refused.map_or(Ok(Value::Null), |reason| Err(Error::invalid(field.name(), reason)));
        };
        if let Some(other) = found.iter().find(|isbn| *isbn != first) {
            problems.add(
                field.name(),
                format!(
                    "“{other}” stands there too; a book has one ISBN here, and “{first}”, which is the first, was taken"
                ),
            );
        }
        Ok(Value::Text(first.as_str().to_owned()))
    }

    /// What the columns of its lists say. A text that is refused is left out, and a problem says why.
    fn lists(&self, cells: &csv::StringRecord, problems: &mut Problems) -> Vec<(&'static Belongings, Vec<String>)> {
        let mut lists = Vec::new();
        for list in belongings_of(Book::TABLE) {
            let mut texts = Vec::new();
            for column in list.columns {
                let positions = self.columns.positions(Column::List(column));
                let all = positions.flat_map(|position| {
                    listed_in(cells.get(position).unwrap_or_default(), list.commas_part, self.is_ours)
                });
                for text in all {
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

    fn cell<'row>(&self, row: &'row csv::StringRecord, column: Column) -> &'row str {
        self.columns.cell(row, column)
    }
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

    /// A text that is left out if it is refused.
    fn optional(&mut self, value: Result<Option<String>, InvalidText>) -> Option<String> {
        self.required(value).flatten()
    }
}
