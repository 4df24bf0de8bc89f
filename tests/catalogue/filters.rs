//! The text form of filters: what is written is read back, and what makes no sense is refused with its reason.

use colophon_catalogue::filters::field_called;
use colophon_catalogue::{AuthorFilter, Book, BookFilter};

const WRITTEN: [&str; 35] = [
    "publisher:Penguin Books",
    "publisher!:Penguin Books",
    "publisher~pengu: in \"quotes\"",
    "title^the",
    "published_year:1990..1999",
    "published_year:-44..",
    "published_year:0..",
    "published_year:..1999",
    "published_year:1999",
    "isbn:none",
    "isbn:any",
    "language:bad",
    "publisher:\"none\"",
    "author:none",
    "author:any",
    "author~le guin",
    "author:01890000-0000-7000-8000-000000000000",
    "tags:Science fiction",
    "tag!:\"none\"",
    "subjects~fic",
    "tag^sci",
    "tags:none",
    "tags:any",
    "identifier:goodreads:5907",
    "doi:10.1000/182",
    "author!:01890000-0000-7000-8000-000000000000",
    "role:translator",
    "role!:\"none\"",
    "duplicate:any",
    "duplicate:none",
    "changed:7d",
    "geändert:2w",
    "added:2026-11-20",
    "added:2026-11-01..2026-11-20",
    "changed:..2026-11-20",
];

#[test]
fn a_filter_is_read_back_from_its_text() {
    for text in WRITTEN {
        let filter: BookFilter = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let printed = filter.to_string();
        assert_eq!(
            printed.parse::<BookFilter>().unwrap(),
            filter,
            "{text} was printed as {printed}"
        );
        let json = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<BookFilter>(&json).unwrap(), filter);
    }
    assert_eq!(
        "books:none".parse::<AuthorFilter>().unwrap(),
        AuthorFilter::HasBooks(false)
    );
    assert_eq!(
        field_called::<Book>("Erscheinungsjahr").unwrap(),
        Book::FIELDS.published_year
    );
    assert_eq!(
        field_called::<Book>("original_year").unwrap(),
        Book::FIELDS.original_year
    );
}

#[test]
fn a_filter_that_makes_no_sense_is_refused_with_its_reason() {
    for (text, reason) in [
        ("penguin", "is no filter"),
        ("publisher:", "is no filter"),
        ("spine:red", "has no such field"),
        ("year~19", "it is a number"),
        ("publisher:a..b", ""),
        ("year:soon", "published_year"),
        ("isbn:123", "isbn"),
        ("author:Homer", "author~part"),
        ("identifier:5907", "whose"),
        ("role~trans", "role:ROLE"),
        ("duplicate:3", "duplicate:any"),
        ("changed:soon", ":7d"),
        ("changed~7d", ":7d"),
        ("other_name:Homerus", "has no such field"),
    ] {
        match text.parse::<BookFilter>() {
            Ok(filter) => assert!(reason.is_empty(), "{text} was read as {filter}"),
            Err(error) => assert!(
                !reason.is_empty() && error.to_string().contains(reason),
                "{text}: {error}"
            ),
        }
    }
}
