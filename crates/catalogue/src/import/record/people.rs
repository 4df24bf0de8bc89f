//! The people of a row: who wrote the book and everybody else.

use std::collections::HashSet;

use super::disagreements::Lines;
use super::{Contributor, Person, Problems};
use crate::contribution::Role;
use crate::import::columns::{Column, Columns};
use crate::import::hungarian;
use crate::import::options::Options;
use crate::import::people::{Commas, Habit, Named, Reader, people_of_ours, person_in};
use crate::text::{self, InvalidText, NAME_MAX_CHARS};

/// How many doubts are reported for one cell.
const DOUBTS_OF_A_CELL: usize = 3;

/// The columns of people, in the order in which they are read.
#[derive(Debug)]
pub(super) struct PeopleColumns(Vec<PeopleColumn>);

#[derive(Debug)]
struct PeopleColumn {
    column: Column,
    positions: Vec<usize>,
    header: String,
    role: Role,
    habit: Habit,
    is_ours: bool,
    /// Cells that were read in an order other than the column's.
    differing: Lines,
    /// Whether it named anybody.
    is_used: bool,
}

impl PeopleColumns {
    /// Learns the habits of the columns from the first rows of the file.
    pub(super) fn learned(
        columns: &Columns,
        first_rows: &[csv::StringRecord],
        is_ours: bool,
        options: &Options,
    ) -> Self {
        let learned = Column::of_people().filter_map(|(column, role)| {
            let positions: Vec<usize> = columns.positions(column).collect();
            let header = columns.header_of(column)?.to_owned();
            let cells = first_rows
                .iter()
                .flat_map(|row| positions.iter().filter_map(|position| row.get(*position)));
            let mut habit = if is_ours {
                Habit::of(Commas::BelongToNames)
            } else {
                let separator = options.people_separator.as_deref();
                Habit::found(&header, cells, options.names, separator)
            };
            habit.is_family_first |= !is_ours && options.names.is_none() && columns.is_family_first();
            Some(PeopleColumn {
                column,
                positions,
                header,
                role,
                habit,
                is_ours,
                differing: Lines::default(),
                is_used: false,
            })
        });
        Self(learned.collect())
    }

    /// What commas mean in the column of authors.
    pub(super) fn commas_of_authors(&self) -> Option<Commas> {
        let authors = self.0.iter().find(|people| people.column == Column::Author);
        authors.map(|people| people.habit.commas)
    }

    /// How the columns were read, one line for each.
    pub(super) fn reading(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .filter(|people| people.is_used && !people.is_ours)
            .map(PeopleColumn::reading)
    }

    /// The book's author and everybody else. Nobody is named twice in the same role. `None` if the author's name is not
    /// a name.
    pub(super) fn read(
        &mut self,
        columns: &Columns,
        cells: &csv::StringRecord,
        language: &str,
        problems: &mut Problems,
    ) -> Option<(Option<Person>, Vec<Contributor>)> {
        let mut everybody: Vec<Contributor> = Vec::new();
        // A cell may name tens of thousands of people, so they are not all compared with each other.
        let mut known = HashSet::new();
        let mut author = None;
        for people in &mut self.0 {
            for named in people.named_in(cells, problems) {
                let roles = if named.roles.is_empty() {
                    vec![people.role.clone()]
                } else {
                    named.roles.clone()
                };
                let is_first = author.is_none() && people.column == Column::Author && roles.contains(&Role::Author);
                let person = match person(found(&named), language) {
                    // A book whose author has no name would pass for one whose author is unknown.
                    Err(error) if is_first && everybody.is_empty() => {
                        problems.required::<()>(Err(InvalidText::new("author", error.reason)));
                        return None;
                    }
                    Err(error) => {
                        problems.add(people.column.name(), error.reason);
                        continue;
                    }
                    Ok(person) => person,
                };
                for role in roles {
                    if !known.insert((person.name.clone(), person.birth_year, role.clone())) {
                        continue;
                    }
                    if is_first && author.is_none() && role == Role::Author {
                        author = Some(person.clone());
                    } else {
                        let person = person.clone();
                        everybody.push(Contributor { person, role });
                    }
                }
            }
        }
        if let Some(author) = &mut author {
            let sort_name = columns.cell(cells, Column::AuthorSortName);
            let sort_name = problems.optional(text::optional_one_line("author_sort_name", sort_name, NAME_MAX_CHARS));
            author.sort_name = sort_name.or(author.sort_name.take());
        }
        Some((author, everybody))
    }
}

impl PeopleColumn {
    fn named_in(&mut self, cells: &csv::StringRecord, problems: &mut Problems) -> Vec<Named> {
        let mut everybody = Vec::new();
        for position in &self.positions {
            let cell = cells.get(*position).unwrap_or_default();
            if cell.trim().is_empty() {
                continue;
            }
            self.is_used = true;
            if self.is_ours {
                match self.column {
                    Column::Author => everybody.extend(person_in(cell)),
                    _ => everybody.extend(people_of_ours(cell)),
                }
                continue;
            }
            let mut found = Reader::read(&self.habit, cell);
            if found.differs {
                self.differing.add(problems.line);
            }
            found.doubts.dedup();
            for doubt in found.doubts.into_iter().take(DOUBTS_OF_A_CELL) {
                problems.add(self.column.name(), doubt);
            }
            everybody.extend(found.named);
            // If there are two columns for the author, the first that names somebody is meant; further people are in
            // columns of their own.
            if self.column == Column::Author && !everybody.is_empty() {
                break;
            }
        }
        everybody
    }

    /// `authors: family name first, parted by semicolons; 14 cells read differently: lines 3, 5, …`
    fn reading(&self) -> String {
        let order = match (self.habit.is_family_first, self.habit.commas) {
            (true, _) => "the family name first, without a comma",
            (false, Commas::PartNames) => "the family name first, before a comma",
            (false, _) => "the given name first",
        };
        let parted = match (&self.habit.separator, self.habit.commas) {
            (Some(separator), _) => format!("people parted by “{separator}”"),
            (None, Commas::PartNames) => "people parted by semicolons".to_owned(),
            (None, _) => "people parted by commas or semicolons".to_owned(),
        };
        let differing = match self.differing.count() {
            0 => String::new(),
            1 => format!("; 1 cell read differently: {}", self.differing.named()),
            count => format!("; {count} cells read differently: {}", self.differing.named()),
        };
        format!("{}: {order}, {parted}{differing}", self.header)
    }
}

fn found(named: &Named) -> Person {
    Person {
        name: named.name.clone(),
        sort_name: named.sort_name.clone(),
        birth_year: named.birth_year,
        death_year: named.death_year,
        known: None,
    }
}

/// A person as they are stored, with names that passed the rules.
pub(in crate::import) fn person(mut found: Person, language: &str) -> Result<Person, InvalidText> {
    let visible = found
        .name
        .trim_matches(|character: char| character.is_whitespace() || crate::import::cleaning::is_unseen(character));
    let name = text::one_line("name", visible, NAME_MAX_CHARS)?;
    found.sort_name = match found.sort_name {
        Some(sort_name) => Some(text::one_line("sort_name", &sort_name, NAME_MAX_CHARS)?),
        None => hungarian::is_language(language)
            .then(|| hungarian::sort_name(&name))
            .flatten(),
    };
    found.name = name;
    Ok(found)
}
