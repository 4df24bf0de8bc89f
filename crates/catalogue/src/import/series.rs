//! Series given in brackets after a title: `The Gate (The Wall, #1)`.

use colophon_store::Patch;
use colophon_store::schema::Value;

use crate::book::Book;

/// How many titles must look like that before it is reported.
const TITLES_MANY: usize = 3;

/// Takes the series out of a title, if the row names none.
pub(super) fn split(fields: &mut Patch<Book>) {
    if fields.text(Book::FIELDS.series).is_some() {
        return;
    }
    let Some((title, series, position)) = fields.text(Book::FIELDS.title).and_then(in_title) else {
        return;
    };
    let (title, series, position) = (title.to_owned(), series.to_owned(), position.to_owned());
    for (field, text) in [
        (Book::FIELDS.title.any(), title),
        (Book::FIELDS.series.any(), series),
        (Book::FIELDS.series_position.any(), position),
    ] {
        fields.say(field, Value::Text(text));
    }
}

/// Whether many of these titles contain a series.
pub(super) fn are_in<'cell>(titles: impl Iterator<Item = &'cell str>) -> bool {
    let (mut all, mut some) = (0, 0);
    for title in titles {
        all += 1;
        some += usize::from(in_title(title).is_some());
    }
    some >= TITLES_MANY && some * 5 >= all
}

/// Title, series and position in it. Brackets without a number are part of the title.
fn in_title(title: &str) -> Option<(&str, &str, &str)> {
    let (before, inner) = title.trim_end().strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
    let before = before.trim_end();
    // If there are two series, the first is taken.
    let inner = inner.split(';').next().unwrap_or(inner).trim();
    let words = [
        " #",
        "#",
        " Book ",
        " Vol. ",
        " Volume ",
        " Bd. ",
        " Band ",
        " Tome ",
        " tome ",
        " T. ",
        " Nr. ",
        " No. ",
        " n° ",
        " Teil ",
        " книга ",
    ];
    let (series, number) = words.iter().find_map(|word| inner.rsplit_once(word))?;
    let number = number.trim();
    let is_place = number.starts_with(|first: char| first.is_ascii_digit())
        && number.len() <= 12
        && number
            .chars()
            .all(|character| character.is_ascii_digit() || matches!(character, '.' | '-' | '–' | ',' | ' ' | '&'));
    let series = series.trim().trim_end_matches([',', ':', ';', '-']).trim_end();
    (is_place && !before.is_empty() && !series.is_empty()).then_some((before, series, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_behind_a_title_is_found_with_its_place() {
        for (title, found) in [
            ("Salt (Islands, #3)", Some(("Salt", "Islands", "3"))),
            ("Salt (Islands #0.5)", Some(("Salt", "Islands", "0.5"))),
            ("Salz (Inseln, Band 2)", Some(("Salz", "Inseln", "2"))),
            ("Salt [Islands, #1-3]", Some(("Salt", "Islands", "1-3"))),
            ("Salt (Islands, #1; Seas, #4)", Some(("Salt", "Islands", "1"))),
            ("Salt (A Novel)", None),
            ("Salt (2nd Edition)", None),
            ("(#1)", None),
        ] {
            assert_eq!(in_title(title), found, "{title}");
        }
    }
}
