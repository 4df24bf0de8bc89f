//! Headers that mean one thing in one language and another in the next: the file's other headers decide.

use super::Column;
use crate::book::Book;

/// A header with what it means beside others.
struct Ambiguous {
    header: &'static str,
    /// One of these must be present beside it.
    beside: &'static str,
    /// None of these may be present.
    without: &'static str,
    means: Column,
}

const PUBLISHER: Column = Column::Field(Book::FIELDS.publisher.any());
const SERIES: Column = Column::Field(Book::FIELDS.series.any());
const SERIES_POSITION: Column = Column::Field(Book::FIELDS.series_position.any());
const PAGE_COUNT: Column = Column::Field(Book::FIELDS.page_count.any());
const NOTES: Column = Column::Field(Book::FIELDS.notes.any());
const PUBLISHED_YEAR: Column = Column::Field(Book::FIELDS.published_year.any());

const HEADERS: [Ambiguous; 14] = [
    // In Spanish this is the publisher, unless there is another column for that.
    of(
        "editor",
        "titulo autor ano idioma paginas",
        "title author editorial editora",
        PUBLISHER,
    ),
    of(
        "band",
        "titel reihe serie verlag autor verfasser",
        "author",
        SERIES_POSITION,
    ),
    of(
        "bd",
        "titel reihe serie verlag autor verfasser",
        "author",
        SERIES_POSITION,
    ),
    of(
        "teil",
        "titel reihe serie verlag autor verfasser",
        "author",
        SERIES_POSITION,
    ),
    of("nummer", "titel tittel reihe serie", "title", SERIES_POSITION),
    of("nr", "titel tittel reihe serie", "title", SERIES_POSITION),
    of("collection", "titre auteur auteurs", "title serie", SERIES),
    of(
        "numero",
        "titre auteur titulo titolo collection serie collana",
        "title",
        SERIES_POSITION,
    ),
    of("tom", "tytul название autor автор", "title", SERIES_POSITION),
    of("length", "title creators author", "pages pagecount", PAGE_COUNT),
    // In French it is what somebody thinks of the book, in stars.
    of("note", "title titolo autore author tittel", "titre", NOTES),
    of("nota", "titolo titulo autor autore", "", NOTES),
    of("utgivelse", "tittel forfatter", "", PUBLISHED_YEAR),
    of("utgivning", "titel forfattare", "", PUBLISHED_YEAR),
];

const fn of(header: &'static str, beside: &'static str, without: &'static str, means: Column) -> Ambiguous {
    Ambiguous {
        header,
        beside,
        without,
        means,
    }
}

/// The positions of such headers, with what they mean here.
pub(super) fn told_by_the_others(keys: &[String]) -> impl Iterator<Item = (usize, Column)> {
    let has_any = |words: &str| {
        words
            .split_ascii_whitespace()
            .any(|word| keys.iter().any(|key| key == word))
    };
    HEADERS.iter().filter_map(move |ambiguous| {
        let position = keys.iter().position(|key| key == ambiguous.header)?;
        (has_any(ambiguous.beside) && !has_any(ambiguous.without)).then_some((position, ambiguous.means))
    })
}
