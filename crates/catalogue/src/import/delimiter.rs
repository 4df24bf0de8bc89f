//! Which character separates the cells of a file.
//!
//! Counting characters is not enough: titles contain commas, and a column of tags may contain more semicolons than the
//! file has columns. So every candidate is tried for real, honouring quotation marks, on the first rows. The candidate
//! whose header has the most columns that the import knows wins; if there is a tie, the one that gives every row as
//! many cells as the header, and then the one with more columns.

use super::columns;

/// The characters that are tried, the most likely first.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many rows may come before the header.
const ROWS_BEFORE_HEADER: usize = 20;
/// How many rows are compared with the header.
const ROWS_COMPARED: usize = 50;

/// How a text begins: the delimiter, and how many lines come before the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// The character between cells.
    pub(super) delimiter: u8,
    /// Whether the first line is Excel's `sep=;`, which names the delimiter and is not part of the table.
    pub(super) named_on_first_line: bool,
}

/// Finds the delimiter of a text from its beginning; `whole` says that the text is not cut off at its end.
pub(super) fn find(head: &str, whole: bool) -> Found {
    if let Some(delimiter) = named(head.lines().next().unwrap_or_default()) {
        return Found {
            delimiter,
            named_on_first_line: true,
        };
    }
    let mut best = (CANDIDATES[0], Score::default());
    for candidate in CANDIDATES {
        let score = Score::of(head, whole, candidate);
        if score > best.1 {
            best = (candidate, score);
        }
    }
    Found {
        delimiter: best.0,
        named_on_first_line: false,
    }
}

/// The delimiter that a line names: `sep=;`, quoted or not, and padded with delimiters.
fn named(line: &str) -> Option<u8> {
    let line = line.trim_start_matches(['"', ' ', '\u{feff}']);
    let named = line.get(..4).filter(|word| word.eq_ignore_ascii_case("sep="))?;
    let (&delimiter, rest) = line.as_bytes()[named.len()..].split_first()?;
    let is_filled = rest
        .iter()
        .all(|byte| *byte == delimiter || b"\"\r ,;\t|".contains(byte));
    (is_filled && delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && delimiter != b'"').then_some(delimiter)
}

/// How many rows come before the header, after the first `from`: titles and dates of a report.
pub(super) fn rows_before_header(head: &str, from: usize, reader: &csv::ReaderBuilder) -> usize {
    let mut reader = reader.from_reader(head.as_bytes());
    let rows: Vec<_> = reader.records().flatten().skip(from).take(ROWS_BEFORE_HEADER).collect();
    if rows.first().is_none_or(|first| known(first) > 0) {
        return 0;
    }
    let header = rows
        .iter()
        .position(|row| known(row) >= 2 && known(row) * 3 >= row.iter().filter(|cell| !cell.trim().is_empty()).count());
    header.unwrap_or(0)
}

/// How many cells of a row are headers that some column is known by.
fn known(row: &csv::StringRecord) -> usize {
    row.iter().filter(|cell| columns::is_known(cell)).count()
}

/// How well a delimiter explains a text; compared in the order of the fields.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    known_columns: usize,
    even_rows_percent: usize,
    columns: usize,
}

impl Score {
    fn of(head: &str, whole: bool, delimiter: u8) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(head.as_bytes());
        let rows: Vec<_> = reader
            .records()
            .flatten()
            .take(ROWS_BEFORE_HEADER + ROWS_COMPARED)
            .collect();
        let Some(first) = rows.first() else {
            return Self::default();
        };
        // What comes before a header contains no known column.
        let row_number = match known(first) {
            0 => rows
                .iter()
                .take(ROWS_BEFORE_HEADER)
                .position(|row| known(row) >= 2)
                .unwrap_or(0),
            _ => 0,
        };
        let header = rows.get(row_number).unwrap_or(first);
        let behind = rows.iter().skip(row_number + 1);
        let mut lengths: Vec<usize> = behind.take(ROWS_COMPARED).map(csv::StringRecord::len).collect();
        if !whole && lengths.len() < ROWS_COMPARED {
            // The last row of a text that is cut off may be incomplete.
            lengths.pop();
        }
        let even = lengths.iter().filter(|&&length| length == header.len()).count();
        Self {
            known_columns: known(header),
            even_rows_percent: if header.len() < 2 {
                0
            } else {
                (even * 100).checked_div(lengths.len()).unwrap_or(100)
            },
            columns: header.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> char {
        char::from(find(text, true).delimiter)
    }

    #[test]
    fn each_delimiter_is_found() {
        for candidate in CANDIDATES.map(char::from) {
            let text = "title,author,isbn\nA,B,\nC,D,\n".replace(',', &candidate.to_string());
            assert_eq!(delimiter(&text), candidate);
        }
    }

    #[test]
    fn delimiters_inside_quotation_marks_do_not_count() {
        assert_eq!(delimiter("title;author\n\"a, b, c, d\";x\n\"e, f, g, h\";y\n"), ';');
        assert_eq!(
            delimiter("Titel;Verfasser;Jahr\n\"Liebe, Tod; Teufel\";\"K, J\";1999\n"),
            ';'
        );
    }

    #[test]
    fn a_column_full_of_another_delimiter_does_not_win() {
        assert_eq!(delimiter("title,author,tags\nA,B,x;y;z;w\nC,D,x;y;z;w\n"), ',');
    }

    #[test]
    fn unknown_columns_are_told_by_even_rows() {
        assert_eq!(delimiter("foo|bar|baz\n1, 2|3|4\n5|6, 7, 8|9\n"), '|');
    }

    #[test]
    fn one_column_is_taken_as_comma_separated() {
        assert_eq!(delimiter("title\nA\nB\n"), ',');
    }

    #[test]
    fn the_first_line_of_a_spreadsheet_may_name_it() {
        assert_eq!(
            find("sep=;\r\ntitle;author\r\n", true),
            Found {
                delimiter: b';',
                named_on_first_line: true
            }
        );
    }
}
