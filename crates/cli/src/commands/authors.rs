//! `colophon authors`: list, search, show, add, edit and delete authors.

use clap::{Args, Subcommand};
use colophon_acts::{BooksOfDeleted, authors};
use colophon_catalogue::{Author, AuthorFilter, Book, FieldFilter, Test};
use colophon_store::{Database, ReadSession, Result as StoreResult};
use serde::Serialize;

use super::listing::{Facets, Listing};
use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::lookup;
use crate::output::Output;
use crate::typed_fields::{self, ChangedFields, NewFields};
use crate::typed_lists::{ChangedLists, NewLists, ShownLists};

/// What to do with authors.
#[derive(Debug, Subcommand)]
pub(crate) enum Authors {
    /// List authors, a page at a time.
    List(List),
    /// Find authors by any part of their name, ignoring case and accents.
    Search(Search),
    /// Count authors by the century of their birth or death.
    Facets(Facets<Author>),
    /// Show one author with their books.
    Show {
        /// The author's id or name.
        author: String,
    },
    /// Add an author.
    Add(Add),
    /// Change fields of one or more authors; an empty value clears a field.
    Edit(Edit),
    /// Delete an author.
    Delete(Delete),
}

/// Which authors, in which order.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that this finds: words and tokens, as in `search`.
    text: Vec<String>,
    #[command(flatten)]
    listing: Listing<Author>,
    /// Whose name contains this.
    #[arg(long)]
    name: Option<String>,
    /// Born in this year or later; negative for BCE.
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    born_from: Option<i32>,
    /// Born in this year or earlier.
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    born_to: Option<i32>,
    /// With neither books nor contributions.
    #[arg(long)]
    without_books: bool,
}

/// What to find.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words that must all occur somewhere in the record, and tokens that must hold: `born:1900..1999 no:books`.
    #[arg(required = true)]
    text: Vec<String>,
    #[command(flatten)]
    listing: Listing<Author>,
}

/// What a list shows unless somebody wants something else.
const FIRST_COLUMNS: &str = "sort_name,books,id";

/// The fields of an author who is added.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    fields: NewFields<Author>,
    #[command(flatten)]
    lists: NewLists<Author>,
}

/// The fields of authors that are changed.
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The authors' ids or names. All are changed, or none.
    #[arg(required = true, value_name = "AUTHOR")]
    authors: Vec<String>,
    #[command(flatten)]
    fields: ChangedFields<Author>,
    #[command(flatten)]
    lists: ChangedLists<Author>,
}

/// Who is deleted, and what becomes of the books.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The author's id or name.
    author: String,
    /// Delete the author's books as well. Without this, --keep-books or --books-to, an author who has books is not deleted.
    #[arg(long, conflicts_with = "books_to")]
    with_books: bool,
    /// Keep the author's books, without this author.
    #[arg(long, conflicts_with_all = ["books_to", "with_books"])]
    keep_books: bool,
    /// Give the author's books to this author (id or name).
    #[arg(long, value_name = "AUTHOR")]
    books_to: Option<String>,
}

/// An author with their lists.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    author: Author,
    #[serde(flatten)]
    lists: ShownLists,
}

/// An author with their books.
#[derive(Serialize)]
struct ShownWhole {
    #[serde(flatten)]
    shown: Shown,
    books: Vec<Book>,
}

impl Shown {
    fn of(session: &ReadSession<'_>, author: Author) -> StoreResult<Self> {
        Ok(Self {
            lists: ShownLists::of(session, &author)?,
            author,
        })
    }
}

impl Authors {
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
            Self::Show { author } => show(&database, author, output),
            Self::Add(add) => add.run(&database, output),
            Self::Edit(edit) => edit.run(&database, output),
            Self::Delete(delete) => delete.run(&database, output),
        }
    }
}

impl List {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let fields = Author::FIELDS;
        let asked = |field, test: Option<Test>| -> StoreResult<Option<AuthorFilter>> {
            let filter = test.map(|test| FieldFilter::new(field, test)).transpose()?;
            Ok(filter.map(AuthorFilter::from))
        };
        let ends = self.born_from.or(self.born_to);
        let years = ends.map(|_| Test::Between(self.born_from.map(i64::from), self.born_to.map(i64::from)));
        let filters = [
            asked(fields.name.any(), self.name.clone().map(Test::Contains))?,
            asked(fields.birth_year.any(), years)?,
            self.without_books.then_some(AuthorFilter::HasBooks(false)),
        ];
        let filters = filters.into_iter().flatten();
        self.listing
            .run(database, &self.text.join(" "), filters, FIRST_COLUMNS, output)
    }
}

fn show(database: &Database, wanted: &str, output: &Output) -> anyhow::Result<Exit> {
    let shown = database.snapshot_blocking(|s| -> anyhow::Result<_> {
        let author = lookup::author(s, wanted)?;
        Ok(ShownWhole {
            books: s.repo::<Author>().children::<Book>(author.id)?,
            shown: Shown::of(s, author)?,
        })
    })?;
    if output.is_json() {
        output.document(&shown)?;
        return Ok(Exit::Done);
    }
    print_author(&shown.shown, output)?;
    for book in &shown.books {
        let year = book.published_year.map(|year| format!(" ({year})")).unwrap_or_default();
        output.field("book", format_args!("{}{year}", book.title))?;
    }
    Ok(Exit::Done)
}

impl Add {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let (form, lists) = (self.fields.form(), self.lists.clone());
        let added = database.write_blocking(move |tx| {
            let added = authors::add(tx, &form)?;
            lists.set(tx, &added)?;
            Shown::of(tx, added)
        })?;
        output.note("Added:");
        answer(&added, output)
    }
}

impl Edit {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let (wanted, form, lists) = (self.authors.clone(), self.fields.form(), self.lists.clone());
        let edited = database.transaction_blocking(move |tx| -> anyhow::Result<_> {
            let found = wanted.iter().map(|wanted| Ok(lookup::author(tx, wanted)?.id));
            let ids: Vec<_> = found.collect::<anyhow::Result<_>>()?;
            let changed = authors::change(tx, &ids, &form)?.into_iter().map(|author| {
                lists.set(tx, &author)?;
                Shown::of(tx, author)
            });
            Ok(changed.collect::<StoreResult<Vec<_>>>()?)
        })?;
        match edited.as_slice() {
            [one] => answer(one, output),
            several => answer_several(several, output),
        }
    }
}

impl Delete {
    fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let (wanted, heir) = (self.author.clone(), self.books_to.clone());
        let without_heir = match (self.with_books, self.keep_books) {
            (true, _) => BooksOfDeleted::Delete,
            (_, true) => BooksOfDeleted::Keep,
            _ => BooksOfDeleted::Refuse,
        };
        let deleted = database.transaction_blocking(move |tx| -> anyhow::Result<_> {
            let author = lookup::author(tx, &wanted)?;
            let books = match heir {
                None => without_heir,
                Some(heir) => BooksOfDeleted::HandOver(lookup::author(tx, &heir)?.id),
            };
            Ok(authors::delete(tx, author.id, books)?)
        })?;
        if output.is_json() {
            output.document(&serde_json::json!({ "deleted": [deleted] }))?;
        }
        output.note(format_args!("Deleted {}", deleted.name));
        Ok(Exit::Done)
    }
}

fn answer(author: &Shown, output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(author)?;
    } else {
        print_author(author, output)?;
    }
    Ok(Exit::Done)
}

fn answer_several(edited: &[Shown], output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(&serde_json::json!({ "edited": edited }))?;
    }
    for shown in edited {
        output.note(format_args!("Edited {}", shown.author.name));
    }
    Ok(Exit::Done)
}

fn print_author(shown: &Shown, output: &Output) -> anyhow::Result<()> {
    typed_fields::print(&shown.author, &[], output)?;
    shown.lists.print::<Author>(output)?;
    output.field("id", shown.author.id)
}
