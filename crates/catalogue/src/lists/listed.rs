//! What a list of an entity has besides what follows from its fields.

use colophon_store::{FieldOf, ReadSession, Result};

use super::columns::OwnColumn;
use super::{AuthorLine, BookLine, Lists, author_lines, book_lines};
use crate::author::{Author, AuthorFilter, AuthorSort};
use crate::book::{Book, BookFilter, BookSort};
use crate::filters::Asked;
use crate::search::{SearchIndex, Searchable};

/// An entity that people look at in lists.
pub trait Listed: Searchable + Asked {
    /// A row with what a list shows beside it.
    type Line: Send + 'static;
    /// The columns besides its fields.
    const OWN_COLUMNS: &'static [OwnColumn<Self>];
    /// The columns that are shown unless somebody wants others.
    const FIRST_COLUMNS: &'static [&'static str];
    /// The orders besides those of its fields, by name.
    const OWN_ORDERS: &'static [(&'static str, Self::Sort)];
    /// The lists of records that want mending, as filters.
    const QUALITY: &'static [&'static str];
    /// In a catalogue of more records, of those lists only what SQLite can tell by itself is counted.
    const COUNTED_MAX: u64 = 200_000;

    /// The order by a field.
    fn by_field(field: FieldOf<Self>) -> Self::Sort;
    /// Its index.
    fn index(lists: &Lists) -> &SearchIndex<Self>;
    /// Adds to rows what a list shows beside them, with one query each for all of them.
    fn lines(session: &ReadSession<'_>, rows: Vec<Self>) -> Result<Vec<Self::Line>>;
    /// The row that a line shows.
    fn row(line: &Self::Line) -> &Self;
    /// Whether the server has yet to see a change of the row.
    fn is_waiting(line: &Self::Line) -> bool;
    /// Whether an index leads to the few rows that match a filter.
    fn is_narrow(filter: &Self::Filter) -> bool {
        let _ = filter;
        false
    }
}

impl Listed for Book {
    type Line = BookLine;

    const OWN_COLUMNS: &'static [OwnColumn<Self>] = &[
        OwnColumn {
            name: "author",
            text: |line| Some(line.author.clone()).filter(|name| !name.is_empty()),
            is_figures: false,
        },
        OwnColumn {
            name: "authors",
            text: everybody,
            is_figures: false,
        },
    ];
    const FIRST_COLUMNS: &'static [&'static str] = &["title", "author", "series", "published_year", "isbn"];
    const OWN_ORDERS: &'static [(&'static str, BookSort)] = &[("author", BookSort::Author), ("added", BookSort::Added)];
    const QUALITY: &'static [&'static str] = &[
        "author:none",
        "isbn:none",
        "isbn:bad",
        "language:bad",
        "published_year:bad",
        "duplicate:any",
    ];

    fn by_field(field: FieldOf<Self>) -> BookSort {
        BookSort::Field(field)
    }

    fn index(lists: &Lists) -> &SearchIndex<Self> {
        &lists.books
    }

    fn lines(session: &ReadSession<'_>, rows: Vec<Self>) -> Result<Vec<BookLine>> {
        book_lines(session, rows)
    }

    fn row(line: &BookLine) -> &Self {
        &line.book
    }

    fn is_waiting(line: &BookLine) -> bool {
        line.waiting
    }

    fn is_narrow(filter: &BookFilter) -> bool {
        match filter {
            BookFilter::ByAuthor(_) => true,
            BookFilter::List(filter) => filter.is_narrow(),
            _ => false,
        }
    }
}

/// The author, and everybody else with what they did: `Homer; Robert Fagles (translator)`.
fn everybody(line: &BookLine) -> Option<String> {
    let author = line.book.author_id.map(|_| line.author.clone());
    let others = line.contributors.iter();
    let others = others.map(|one| format!("{} ({})", one.name, one.role));
    let people: Vec<String> = author.into_iter().chain(others).collect();
    Some(people.join("; ")).filter(|people| !people.is_empty())
}

impl Listed for Author {
    type Line = AuthorLine;

    const OWN_COLUMNS: &'static [OwnColumn<Self>] = &[OwnColumn {
        name: "books",
        text: |line| Some(line.books.to_string()),
        is_figures: true,
    }];
    const FIRST_COLUMNS: &'static [&'static str] = &["sort_name", "name", "birth_year", "death_year", "books"];
    const OWN_ORDERS: &'static [(&'static str, AuthorSort)] = &[("added", AuthorSort::Added)];
    const QUALITY: &'static [&'static str] = &["books:none", "duplicate:any"];
    /// Names are compared in all their forms, which takes ten times as long as titles do.
    const COUNTED_MAX: u64 = 20_000;

    fn by_field(field: FieldOf<Self>) -> AuthorSort {
        AuthorSort::Field(field)
    }

    fn index(lists: &Lists) -> &SearchIndex<Self> {
        &lists.authors
    }

    fn lines(session: &ReadSession<'_>, rows: Vec<Self>) -> Result<Vec<AuthorLine>> {
        author_lines(session, rows)
    }

    fn row(line: &AuthorLine) -> &Self {
        &line.author
    }

    fn is_waiting(line: &AuthorLine) -> bool {
        line.waiting
    }

    fn is_narrow(filter: &AuthorFilter) -> bool {
        matches!(filter, AuthorFilter::List(filter) if filter.is_narrow())
    }
}
