//! Books.

use std::str::FromStr;

use colophon_store::schema::ColumnSet;
use colophon_store::{
    Condition, Derived, Entity, EntityId, Error, HasMany, NameColumns, Query, Result, SortOrder, Stamp, Where,
    WriteSession, entity, entity_id,
};
use rusqlite::types::Value as Bound;

use crate::author::AuthorId;
use crate::contribution::{Contribution, ContributionFilter};
use crate::folding;
use crate::isbn::Isbn;
use crate::language::Language;
use crate::limits::{PAGE_COUNTS, Touched, typed_number, typed_year};
use crate::text::{NAME_MAX_CHARS, SERIES_POSITION_MAX_CHARS};

entity_id! {
    /// The id of a book.
    BookId refers to "book"
}

entity! {
    /// A book, as its title page and its imprint describe it.
    pub struct Book in "book" with BookId, unique ["isbn"], lines ["notes"] {
        /// Who wrote it; further people are contributions.
        author_id: AuthorId,
        /// The title. Required.
        title: String,
        /// The subtitle.
        subtitle: Option<String>,
        /// Thirteen digits; unique where present.
        isbn: Option<String>,
        /// The publisher.
        publisher: Option<String>,
        /// The year it came out; negative is before the common era.
        published_year: Option<i32>,
        /// Three letters of ISO 639.
        language: Option<String>,
        /// How many pages it has.
        page_count: Option<i32>,
        /// The series it is part of.
        series: Option<String>,
        /// Its place there: a number as a rule, but also "1-3" or "0.5".
        series_position: Option<String>,
        /// Free text, with line breaks.
        notes: Option<String>,
    }
}

/// What a new book is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookDraft {
    /// Who wrote it. Required.
    pub author_id: AuthorId,
    /// The title. Required.
    pub title: String,
    /// The subtitle.
    pub subtitle: Option<String>,
    /// An ISBN-10 or ISBN-13, however it is hyphenated.
    pub isbn: Option<String>,
    /// The publisher.
    pub publisher: Option<String>,
    /// The year it came out.
    pub published_year: Option<i32>,
    /// The language: ISO 639, or a tag that begins with it.
    pub language: Option<String>,
    /// How many pages it has.
    pub page_count: Option<i32>,
    /// The series it is part of.
    pub series: Option<String>,
    /// Its place there.
    pub series_position: Option<String>,
    /// Free text.
    pub notes: Option<String>,
}

impl BookDraft {
    /// A book of which no more is known than its title and its author.
    pub fn new(title: impl Into<String>, author_id: AuthorId) -> Self {
        Self {
            author_id,
            title: title.into(),
            subtitle: None,
            isbn: None,
            publisher: None,
            published_year: None,
            language: None,
            page_count: None,
            series: None,
            series_position: None,
            notes: None,
        }
    }
}

/// One condition on books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookFilter {
    /// Written by this author.
    ByAuthor(AuthorId),
    /// The title contains this, without case and accents.
    TitleContains(String),
    /// With this ISBN, as thirteen digits.
    Isbn(String),
    /// Without an ISBN.
    WithoutIsbn,
    /// In this language, as three letters.
    Language(String),
    /// From this publisher.
    Publisher(String),
    /// Part of this series.
    Series(String),
    /// Published in this year or later.
    PublishedFrom(i32),
    /// Published in this year or earlier.
    PublishedTo(i32),
}

impl Condition for BookFilter {
    fn add_to(&self, conditions: &mut Where) {
        let text = |text: &String| [Bound::Text(text.clone())];
        let number = |number: i32| [Bound::Integer(i64::from(number))];
        match self {
            Self::ByAuthor(id) => conditions.and("author_id=?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
            Self::TitleContains(part) => conditions.and("instr(title_key,?)>0", [Bound::Text(folding::fold(part))]),
            Self::Isbn(isbn) => conditions.and("isbn=?", text(isbn)),
            Self::WithoutIsbn => conditions.and("isbn IS NULL", []),
            Self::Language(language) => conditions.and("language=?", text(language)),
            Self::Publisher(publisher) => conditions.and("publisher=?", text(publisher)),
            Self::Series(series) => conditions.and("series=?", text(series)),
            Self::PublishedFrom(year) => conditions.and("published_year>=?", number(*year)),
            Self::PublishedTo(year) => conditions.and("published_year<=?", number(*year)),
        };
    }
}

/// The orders of a list of books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BookSort {
    /// By title, without its leading article.
    #[default]
    Title,
    /// By the author's sort name, then by title.
    Author,
    /// By the year of publication; books without one last.
    Year,
    /// In the order in which they were made.
    Added,
}

impl SortOrder for BookSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Title => "sort_key",
            Self::Author => "(SELECT author.sort_key FROM author WHERE author.id=book.author_id)",
            Self::Year => "ifnull(published_year, 32767)",
            Self::Added => "id",
        }
    }

    /// An author's name is in another table; lists in this order are served by the search index.
    fn is_indexed(self) -> bool {
        self != Self::Author
    }
}

impl Entity for Book {
    type Draft = BookDraft;
    type Filter = BookFilter;
    type Sort = BookSort;

    const DERIVED: &'static [Derived] = &[
        Derived {
            name: "sort_key",
            from: &["title", "language"],
        },
        Derived {
            name: "title_key",
            from: &["title"],
        },
    ];
    const NAME: NameColumns = NameColumns {
        plain: "title",
        folded: "title_key",
    };

    fn from_draft(draft: &BookDraft, stamp: Stamp) -> Self {
        let draft = draft.clone();
        Self {
            id: BookId::from_uuid(stamp.id),
            author_id: draft.author_id,
            title: draft.title,
            subtitle: draft.subtitle,
            isbn: draft.isbn,
            publisher: draft.publisher,
            published_year: draft.published_year,
            language: draft.language,
            page_count: draft.page_count,
            series: draft.series,
            series_position: draft.series_position,
            notes: draft.notes,
            created_at: stamp.now,
            updated_at: stamp.now,
        }
    }

    fn checked(mut self, touched: ColumnSet) -> Result<Self> {
        let touched = Touched::of::<Self>(touched);
        self.title = touched.required("title", self.title, NAME_MAX_CHARS)?;
        self.subtitle = touched.optional("subtitle", self.subtitle, NAME_MAX_CHARS, Ok)?;
        self.isbn = touched.optional("isbn", self.isbn, NAME_MAX_CHARS, isbn)?;
        self.publisher = touched.optional("publisher", self.publisher, NAME_MAX_CHARS, Ok)?;
        self.published_year = touched.plausible_year("published_year", self.published_year)?;
        self.language = touched.optional("language", self.language, NAME_MAX_CHARS, language)?;
        self.page_count = touched.within("page_count", self.page_count, &PAGE_COUNTS, "the number of pages")?;
        self.series = touched.optional("series", self.series, NAME_MAX_CHARS, Ok)?;
        self.series_position =
            touched.optional("series_position", self.series_position, SERIES_POSITION_MAX_CHARS, Ok)?;
        self.notes = touched.notes("notes", self.notes)?;
        Ok(self)
    }

    fn derive(&self, position: usize) -> Bound {
        Bound::Text(match position {
            0 => folding::sort_key(&self.title, self.language.as_deref()),
            _ => folding::fold(&self.title),
        })
    }

    fn fold(text: &str) -> String {
        folding::fold(text)
    }

    /// A book takes its contributions with it.
    fn before_delete(session: &WriteSession<'_>, id: BookId) -> Result<()> {
        let of_book = Query::filtered(ContributionFilter::OfBook(id));
        for contribution in session.repo::<Contribution>().filter(&of_book)? {
            session.repo_mut::<Contribution>().delete(contribution.id)?;
        }
        Ok(())
    }
}

impl HasMany<Contribution> for Book {
    const FOREIGN_KEY: &'static str = "book_id";
    const CHILD_ORDER: &'static str = "position,rowid";

    fn parent_of(contribution: &Contribution) -> BookId {
        contribution.book_id
    }
}

/// The fields of a book that are typed as text, named as their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookField {
    /// The title.
    Title,
    /// The subtitle.
    Subtitle,
    /// The ISBN.
    Isbn,
    /// The publisher.
    Publisher,
    /// The year of publication.
    PublishedYear,
    /// The language.
    Language,
    /// The number of pages.
    PageCount,
    /// The series.
    Series,
    /// The place in the series.
    SeriesPosition,
    /// The notes.
    Notes,
}

impl BookField {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Title,
        Self::Subtitle,
        Self::Isbn,
        Self::Publisher,
        Self::PublishedYear,
        Self::Language,
        Self::PageCount,
        Self::Series,
        Self::SeriesPosition,
        Self::Notes,
    ];

    /// The name of its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Subtitle => "subtitle",
            Self::Isbn => "isbn",
            Self::Publisher => "publisher",
            Self::PublishedYear => "published_year",
            Self::Language => "language",
            Self::PageCount => "page_count",
            Self::Series => "series",
            Self::SeriesPosition => "series_position",
            Self::Notes => "notes",
        }
    }
}

impl FromStr for BookField {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|field| field.name() == name).ok_or(())
    }
}

impl Book {
    /// Sets a field from what a person typed; an empty text clears it. The rules are applied when the book is stored.
    pub fn set_text(&mut self, field: BookField, typed: &str) -> Result<()> {
        let text = || (!typed.trim().is_empty()).then(|| typed.to_owned());
        match field {
            BookField::Title => typed.clone_into(&mut self.title),
            BookField::Subtitle => self.subtitle = text(),
            BookField::Isbn => self.isbn = text(),
            BookField::Publisher => self.publisher = text(),
            BookField::PublishedYear => self.published_year = typed_year("published_year", typed)?,
            BookField::Language => self.language = text(),
            BookField::PageCount => self.page_count = typed_number("page_count", typed)?,
            BookField::Series => self.series = text(),
            BookField::SeriesPosition => self.series_position = text(),
            BookField::Notes => self.notes = text(),
        }
        Ok(())
    }
}

/// A stored ISBN is left as it is without being read again.
fn isbn(written: String) -> Result<String> {
    let parsed = Isbn::parse(&written).map_err(|error| Error::invalid("isbn", error.to_string()))?;
    Ok(if parsed.as_str() == written {
        written
    } else {
        parsed.as_str().to_owned()
    })
}

fn language(written: String) -> Result<String> {
    let parsed = Language::parse(&written).map_err(|error| Error::invalid("language", error.to_string()))?;
    Ok(if parsed.as_str() == written {
        written
    } else {
        parsed.as_str().to_owned()
    })
}
