//! `colophon books`: list, search, show, add, edit and delete books.

mod fields;
mod whole;

use std::fmt::Display;

use clap::{Args, Subcommand, ValueEnum};
use colophon_acts::books;
use colophon_catalogue::isbn::Isbn;
use colophon_catalogue::language::Language;
use colophon_catalogue::lists::{BookLine, BookList, Lists, book_lines};
use colophon_catalogue::{Book, BookFilter, BookSort};
use colophon_store::{Database, Page, Query};

use self::fields::{Add, Edit};
use self::whole::whole;
use super::paging::{self, Paging};
use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::lookup;
use crate::output::Output;
use crate::table;

/// What to do with books.
#[derive(Debug, Subcommand)]
pub(crate) enum Books {
    /// List books, a page at a time.
    List(List),
    /// Find books by parts of title, names, series or ISBN, without case and accents.
    Search(Search),
    /// Show one book with its people.
    Show {
        /// Its id or ISBN.
        book: String,
    },
    /// Add a book.
    Add(Add),
    /// Change fields of books; an empty value clears a field.
    Edit(Edit),
    /// Delete books.
    Delete {
        /// Their ids or ISBNs.
        #[arg(required = true)]
        books: Vec<String>,
    },
}

/// Which books, in which order.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    paging: Paging,
    /// The order.
    #[arg(long, value_enum, default_value = "title")]
    sort: Sort,
    /// Reverse the order.
    #[arg(long)]
    descending: bool,
    /// By this author (id or name).
    #[arg(long)]
    author: Option<String>,
    /// Without an author.
    #[arg(long, conflicts_with = "author")]
    no_author: bool,
    /// With this in the title.
    #[arg(long)]
    title: Option<String>,
    /// With this ISBN.
    #[arg(long, conflicts_with = "no_isbn")]
    isbn: Option<String>,
    /// Without an ISBN.
    #[arg(long)]
    no_isbn: bool,
    /// From this publisher, as it is written.
    #[arg(long)]
    publisher: Option<String>,
    /// Part of this series, as it is written.
    #[arg(long)]
    series: Option<String>,
    /// In this language: a code or an English name.
    #[arg(long)]
    language: Option<String>,
    /// Published in this year or later; negative before our era.
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    published_from: Option<i32>,
    /// Published in this year or earlier.
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    published_to: Option<i32>,
}

/// What to find.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words of which every one occurs somewhere in the record.
    text: String,
    #[command(flatten)]
    paging: Paging,
    /// The order.
    #[arg(long, value_enum, default_value = "title")]
    sort: Sort,
    /// Reverse the order.
    #[arg(long)]
    descending: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sort {
    /// By title, without a leading article.
    Title,
    /// By the name of the author.
    Author,
    /// By year of publication.
    Year,
    /// In the order in which they were added.
    Added,
}

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
            Self::Search(search) => search.run(&database, output),
            Self::Show { book } => show(&database, book, output),
            Self::Add(add) => add.run(&database, output),
            Self::Edit(edit) => edit.run(&database, output),
            Self::Delete { books } => delete(&database, books, output),
        }
    }
}

impl List {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let request = self.paging.request()?;
        let mut query = self.query()?;
        if let Some(wanted) = &self.author {
            let author = database.snapshot_blocking(|s| lookup::author(s, wanted))?;
            query = query.and(BookFilter::ByAuthor(author.id));
        }
        let page = database.read_blocking(|s| {
            let Page { items, meta } = s.repo::<Book>().page(&query, request)?;
            Ok(Page {
                items: book_lines(s, items)?,
                meta,
            })
        })?;
        print(&page, output)
    }

    fn query(&self) -> anyhow::Result<Query<Book>> {
        let invalid = |field, error: &dyn Display| colophon_store::Error::invalid(field, error.to_string());
        let isbn = self
            .isbn
            .as_deref()
            .map(Isbn::parse)
            .transpose()
            .map_err(|error| invalid("isbn", &error))?;
        let language = self.language.as_deref().map(Language::parse).transpose();
        let language = language.map_err(|error| invalid("language", &error))?;
        let filters = [
            self.title.clone().map(BookFilter::TitleContains),
            isbn.map(|isbn| BookFilter::Isbn(isbn.to_string())),
            self.no_author.then_some(BookFilter::WithoutAuthor),
            self.no_isbn.then_some(BookFilter::WithoutIsbn),
            self.publisher.clone().map(BookFilter::Publisher),
            self.series.clone().map(BookFilter::Series),
            language.map(|language| BookFilter::Language(language.to_string())),
            self.published_from.map(BookFilter::PublishedFrom),
            self.published_to.map(BookFilter::PublishedTo),
        ];
        let sorted = Query::all().sorted_by(self.sort.into(), self.descending);
        Ok(filters.into_iter().flatten().fold(sorted, Query::and))
    }
}

impl Search {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let list = BookList {
            text: self.text.clone(),
            author: None,
            sort: self.sort.into(),
            descending: self.descending,
        };
        print(
            &Lists::new(database.clone()).books(&list, self.paging.request()?)?,
            output,
        )
    }
}

impl From<Sort> for BookSort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Title => Self::Title,
            Sort::Author => Self::Author,
            Sort::Year => Self::Year,
            Sort::Added => Self::Added,
        }
    }
}

/// Deletes all or, when one is not there, none.
fn delete(database: &Database, wanted: &[String], output: &Output) -> anyhow::Result<Exit> {
    let names = wanted.to_vec();
    let deleted = database.transaction_blocking(move |tx| {
        // All are found before one is deleted, as one book may be named twice.
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

fn print(page: &Page<BookLine>, output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(page)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = page
        .items
        .iter()
        .map(|line| {
            let year = line
                .book
                .published_year
                .map(|year| year.to_string())
                .unwrap_or_default();
            [
                line.book.title.clone(),
                line.author.clone(),
                year,
                line.book.id.to_string(),
            ]
        })
        .collect();
    table::write(output, ["TITLE", "AUTHOR", "YEAR", "ID"], &rows)?;
    paging::note(page, output);
    Ok(Exit::Done)
}
