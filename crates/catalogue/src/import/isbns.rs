//! ISBNs in a cell, with whatever surrounds them: `[0306406152]`, `9780306406157 (pbk.); 9780141439518`, `urn:isbn:…`.

use super::cells;
use crate::isbn::Isbn;

/// The valid ISBNs of a cell, in order; none if it is empty or contains only fillers. If nothing in it is an ISBN, the
/// reason for the whole cell says why.
pub(super) fn read(cell: &str) -> Result<Vec<Isbn>, String> {
    if is_filler(cell) {
        return Ok(Vec::new());
    }
    let whole = cells::isbn(cell);
    let reason = match whole {
        Ok(isbn) => return Ok(isbn.into_iter().collect()),
        Err(reason) => reason,
    };
    let mut found = Vec::new();
    for run in cell.split(|character: char| !is_of_isbn(character)) {
        in_run(run, &mut found);
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if cell
        .split(|character: char| !character.is_alphanumeric())
        .all(is_nothing)
    {
        return Ok(Vec::new());
    }
    Err(reason)
}

/// The ISBNs in a text of digits, hyphens and spaces. A space may be within one or between two.
fn in_run(run: &str, found: &mut Vec<Isbn>) {
    let words: Vec<&str> = run.split_whitespace().collect();
    let mut from = 0;
    'words: while from < words.len() {
        let mut number = String::new();
        for (position, word) in words.iter().enumerate().skip(from).take(5) {
            number.extend(word.chars().filter(|character| character.is_ascii_alphanumeric()));
            let is_whole = matches!(number.len(), 10 | 13);
            if is_whole
                && !is_filler(&number)
                && let Ok(isbn) = Isbn::parse(&number)
            {
                if !found.contains(&isbn) {
                    found.push(isbn);
                }
                from = position + 1;
                continue 'words;
            }
            if number.len() > 13 {
                break;
            }
        }
        from += 1;
    }
}

fn is_of_isbn(character: char) -> bool {
    matches!(character, '0'..='9' | 'x' | 'X' | ' ' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// One digit over and over: what people type who have no number and have to enter one.
fn is_filler(cell: &str) -> bool {
    let mut digits = cell.chars().filter(|character| character.is_alphanumeric());
    let Some(first) = digits.next() else {
        return cell.chars().all(|character| !character.is_alphanumeric());
    };
    let mut length = 1;
    for digit in digits {
        if digit != first {
            return false;
        }
        length += 1;
    }
    first.is_ascii_digit() && length >= 9 || first == '0'
}

/// Words that mean there is no number.
fn is_nothing(word: &str) -> bool {
    word.is_empty()
        || [
            "isbn", "none", "n", "a", "na", "null", "unknown", "ohne", "keine", "sans", "sin",
        ]
        .iter()
        .any(|nothing| word.eq_ignore_ascii_case(nothing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn isbns(cell: &str) -> Vec<String> {
        read(cell).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_isbn_is_found_whatever_stands_round_it() {
        for cell in [
            "[0140449132]",
            "0140449132 (hbk.)",
            "ISBN: 978-0-14-044913-6 : £ 7.99",
            "urn:isbn:9780140449136",
            "http://example.org/isbn/9780140449136",
            "paperback 978 0 14 044913 6",
            "9780140449136 pbk",
            "{0-14-044913-2}",
        ] {
            assert_eq!(isbns(cell), ["9780140449136"], "{cell}");
        }
    }

    #[test]
    fn several_are_told_apart_and_the_valid_ones_are_taken() {
        assert_eq!(
            isbns("978-0-8044-2957-3 978-0-14-044913-6"),
            ["9780804429573", "9780140449136"]
        );
        assert_eq!(isbns("0140449133, 9780804429573"), ["9780804429573"]);
        assert_eq!(isbns("0140449132; 9780140449136"), ["9780140449136"]);
    }

    #[test]
    fn fillers_and_words_for_nothing_are_none() {
        for cell in [
            "0000000000",
            "1111111111",
            "9999999999999",
            "0",
            "[]",
            "n/a",
            "-",
            "=\"\"",
            "",
        ] {
            assert_eq!(isbns(cell), Vec::<String>::new(), "{cell}");
        }
        assert!(read("not one").is_err());
        assert!(read("0140449133").unwrap_err().contains("check digit"));
    }
}
