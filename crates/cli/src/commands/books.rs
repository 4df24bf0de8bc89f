//! `colophon books`: list, search, show, add, edit and delete books.

mod fields;
mod whole;

use clap::{Args, Subcommand};
use colophon_acts::books;
use colophon_catalogue::{Book, BookFilter, FieldFilter, Test};
use colophon_store::{Database, FieldOf, Result as StoreResult};

use self::fields::{Add, Edit};
use self::whole::whole;
use super::listing::{Facets, Listing};
use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::lookup;
use crate::output::Output;

/// What to do with books.
#[derive(Debug, Subcommand)]
pub(crate) enum Books {
    /// List books, a page at a time.
    List(List),
    /// Find books by any part of title, names, series or ISBN, ignoring case and accents.
    Search(Search),
    /// Count books by publisher, series, language, format, place or decade.
    Facets(Facets<Book>),
    /// Show one book with its people.
    Show {
        /// The book's id or ISBN.
        book: String,
    },
    /// Add a book.
    Add(Add),
    /// Change fields of one or more books; an empty value clears a field.
    Edit(Edit),
    /// Delete books.
    Delete {
        /// The books' ids or ISBNs.
        #[arg(required = true)]
        books: Vec<String>,
    },
}

/// Which books, in which order.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that this finds: words and tokens, as in `search`.
    text: Vec<String>,
    #[command(flatten)]
    listing: Listing<Book>,
    /// By this author (id or name).
    #[arg(long)]
    author: Option<String>,
    /// Without an author.
    #[arg(long, conflicts_with = "author")]
    no_author: bool,
    /// Whose title contains this.
    #[arg(long)]
    title: Option<String>,
    /// With this ISBN.
    #[arg(long, conflicts_with = "no_isbn")]
    isbn: Option<String>,
    /// Without an ISBN.
    #[arg(long)]
    no_isbn: bool,
    /// From exactly this publisher.
    #[arg(long)]
    publisher: Option<String>,
    /// In exactly this series.
    #[arg(long)]
    series: Option<String>,
    /// In this language: a code or an English name.
    #[arg(long)]
    language: Option<String>,
    /// Published in this year or later; negative for BCE.
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    published_from: Option<i32>,
    /// Published in this year or earlier.
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    published_to: Option<i32>,
}

/// What to find.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words that must all occur somewhere in the record, and tokens that must hold: `author:garcia year:1990..1999 no:isbn`.
    #[arg(required = true)]
    text: Vec<String>,
    #[command(flatten)]
    listing: Listing<Book>,
}

/// What a list shows unless somebody wants something else.
const FIRST_COLUMNS: &str = "title,author,year,id";

impl Books {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let when_missing = if matches!(self, Self::Add(_)) {
            WhenMissing::Make
        } else {
            WhenMissing::Refuse
        };
        let database = file.open(when_missing, output)?;
        match self {
            Self::List(list) => list.run(&database, output),
            Self::Search(search) => search
                .listing
                .run(&database, &search.text.join(" "), [], FIRST_COLUMNS, output),
            Self::Facets(facets) => facets.run(&database, output),
            Self::Show { book } => show(&database, book, output),
            Self::Add(add) => add.run(&database, output),
            Self::Edit(edit) => edit.run(&database, output),
            Self::Delete { books } => delete(&database, books, output),
        }
    }
}

impl List {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let by_author = |wanted: &String| -> anyhow::Result<_> {
            let author = database.snapshot_blocking(|s| lookup::author(s, wanted))?;
            Ok(BookFilter::ByAuthor(author.id))
        };
        let author = self.author.as_ref().map(by_author).transpose()?;
        let filters = self.filters()?.into_iter().chain(author);
        self.listing
            .run(database, &self.text.join(" "), filters, FIRST_COLUMNS, output)
    }

    /// The options that have a name of their own.
    fn filters(&self) -> StoreResult<Vec<BookFilter>> {
        let fields = Book::FIELDS;
        let is = |field: FieldOf<Book>, typed: &Option<String>| -> StoreResult<Option<BookFilter>> {
            let Some(typed) = typed else { return Ok(None) };
            let declared = field.declared();
            let value = declared.check(declared.parse(typed)?)?;
            Ok(Some(FieldFilter::is(field, value).into()))
        };
        let asked = |field, test: Option<Test>| -> StoreResult<Option<BookFilter>> {
            let filter = test.map(|test| FieldFilter::new(field, test)).transpose()?;
            Ok(filter.map(BookFilter::from))
        };
        let ends = self.published_from.or(self.published_to);
        let years = ends.map(|_| Test::Between(self.published_from.map(i64::from), self.published_to.map(i64::from)));
        let filters = [
            asked(fields.title.any(), self.title.clone().map(Test::Contains))?,
            is(fields.isbn.any(), &self.isbn)?,
            self.no_author.then_some(BookFilter::HasAuthor(false)),
            self.no_isbn.then(|| FieldFilter::empty(fields.isbn.any()).into()),
            is(fields.publisher.any(), &self.publisher)?,
            is(fields.series.any(), &self.series)?,
            is(fields.language.any(), &self.language)?,
            asked(fields.published_year.any(), years)?,
        ];
        Ok(filters.into_iter().flatten().collect())
    }
}

/// Deletes all of them or, if one does not exist, none.
fn delete(database: &Database, wanted: &[String], output: &Output) -> anyhow::Result<Exit> {
    let names = wanted.to_vec();
    let deleted = database.transaction_blocking(move |tx| {
        // All are looked up before any is deleted, because a book may be named twice.
        let ids: Vec<_> = names
            .iter()
            .map(|wanted| Ok(lookup::book(tx, wanted)?.id))
            .collect::<anyhow::Result<_>>()?;
        Ok::<_, anyhow::Error>(books::delete(tx, &ids)?)
    })?;
    if output.is_json() {
        output.document(&serde_json::json!({ "deleted": deleted }))?;
    }
    for book in &deleted {
        output.note(format_args!("Deleted “{}”", book.title));
    }
    Ok(Exit::Done)
}

fn show(database: &Database, wanted: &str, output: &Output) -> anyhow::Result<Exit> {
    let found = database.snapshot_blocking(|s| -> anyhow::Result<_> { Ok(whole(s, lookup::book(s, wanted)?)?) })?;
    whole::print(&found, output)
}
