//! Which column of a file is which field.
//!
//! Headers are compared folded and without spaces, so `Published Year`, `published_year` and `publishedYear` are one.
//! Each field knows the names that programs and people give its column, in several languages; if a file has two of
//! them, the name that the field lists first wins and the other column is reported as unused (a file with `title` and
//! `original_title`). A person's own mapping takes precedence over everything.

mod ambiguous;
mod column;
mod key;
#[cfg(test)]
mod tests;

use colophon_store::Kind;

pub use self::column::Column;
use self::key::key;
use super::ImportError;

/// Where each field of a file is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    positions: Vec<(Column, usize)>,
    headers: Vec<String>,
}

impl Columns {
    /// Recognises the columns of a header; `mapped` is what a person has said about which header fills which field.
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
        let is_mapped = |column: Column| mapped.iter().any(|(other, _)| *other == column);
        for (position, column) in ambiguous::told_by_the_others(&keys) {
            let is_free = positions.iter().all(|(_, taken)| *taken != position);
            if is_free && !is_mapped(column) {
                positions.push((column, position));
            }
        }
        for column in Column::all() {
            let is_found = positions.iter().any(|(other, _)| *other == column);
            let free = |position: &usize| !positions.iter().any(|(_, taken)| taken == position);
            let found = column
                .spellings()
                .filter(|_| is_meant(column, &keys))
                .find_map(|spelling| keys.iter().position(|key| key == spelling).filter(free));
            if let (false, Some(position)) = (is_found, found) {
                positions.push((column, position));
            }
        }
        // A second column for a field is consulted if the first is empty.
        for (position, key) in keys.iter().enumerate() {
            let is_free = positions.iter().all(|(_, taken)| *taken != position);
            let column = second(key).filter(|column| is_free && !is_mapped(*column) && is_meant(*column, &keys));
            positions.extend(column.map(|column| (column, position)));
        }
        let columns = Self { positions, headers };
        let names_people = Column::of_people().any(|(column, _)| columns.position(column).is_some());
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

    /// The position of a field in a row.
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.positions
            .iter()
            .find(|(other, _)| *other == column)
            .map(|(_, position)| *position)
    }

    /// All positions of a field in a row, the most certain first.
    pub(super) fn positions(&self, column: Column) -> impl Iterator<Item = usize> {
        let positions = self.positions.iter().filter(move |(other, _)| *other == column);
        positions.map(|(_, position)| *position)
    }

    /// The first cell of a field that is not empty.
    pub(super) fn cell<'row>(&self, row: &'row csv::StringRecord, column: Column) -> &'row str {
        self.positions(column)
            .filter_map(|position| row.get(position))
            .find(|cell| !cell.trim().is_empty())
            .unwrap_or_default()
    }

    /// Whether the file is from a program that writes the family name first, without a comma after it.
    pub(super) fn is_family_first(&self) -> bool {
        self.headers.iter().any(|header| key(header).ends_with("babelio"))
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

    /// The headers as they are in the file.
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

/// Whether some field is known by this header.
pub(super) fn is_known(header: &str) -> bool {
    let key = key(header);
    Column::all().any(|column| column.spellings().any(|spelling| spelling == key))
}

/// Whether a header speaks of more than one author.
pub(super) fn is_plural(header: &str) -> bool {
    matches!(
        key(header).as_str(),
        "authors"
            | "authornames"
            | "autoren"
            | "auteurs"
            | "autores"
            | "autori"
            | "creators"
            | "writers"
            | "schrijvers"
            | "forfattere"
            | "szerzok"
            | "авторы"
            | "additionalauthors"
            | "otherauthors"
            | "coauthors"
            | "secondaryauthors"
            | "translators"
            | "traducteurs"
            | "editors"
            | "illustrators"
            | "narrators"
            | "contributors"
            | "mitwirkende"
            | "contributeurs"
            | "colaboradores"
    )
}

/// A header as it was written, or failing that in folded form.
fn position_of(headers: &[String], wanted: &str) -> Option<usize> {
    let wanted_key = key(wanted);
    headers
        .iter()
        .position(|header| header == wanted.trim())
        .or_else(|| headers.iter().position(|header| key(header) == wanted_key))
}

/// Whether a list's column may be meant; some are meant only beside another column.
fn is_meant(column: Column, keys: &[String]) -> bool {
    match column {
        Column::List(list) => list.beside.is_empty() || keys.iter().any(|key| key == list.beside),
        _ => true,
    }
}

/// The field of a header that is not the first for it; `Author 2` and the like are included.
fn second(key: &str) -> Option<Column> {
    let known = |key: &str| {
        Column::all()
            .filter(|column| column.spellings().any(|spelling| spelling == key))
            .last()
    };
    known(key).or_else(|| {
        let base = key.trim_end_matches(|digit: char| digit.is_ascii_digit());
        let number = &key[base.len()..];
        let column = known(base).filter(|_| !number.is_empty())?;
        match column {
            Column::Author if number != "1" => Some(Column::AdditionalAuthors),
            column => Some(column),
        }
    })
}

/// The headers for a message, shortened: a file without a header line would otherwise fill the screen with its first
/// row.
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
