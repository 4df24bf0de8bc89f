//! `colophon books add` and `edit`: a book from its fields.

use clap::Args;
use colophon_catalogue::parts::{append, leave_out_author};
use colophon_catalogue::{Book, BookDraft, BookField, Contribution, ContributionFilter, Role};
use colophon_store::{Database, Entity, Query, Result as StoreResult, WriteSession};

use super::whole::{print, print_edited, whole};
use crate::exit::Exit;
use crate::lookup;
use crate::output::Output;

/// The fields of a book that is added.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The title.
    #[arg(long)]
    title: String,
    /// The author: an id or a name. A new name adds an author.
    #[arg(long)]
    author: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    contributors: Contributors,
}

/// The fields of books that are changed.
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The books' ids or ISBNs. All are changed, or none.
    #[arg(required = true, value_name = "BOOK")]
    books: Vec<String>,
    /// The title.
    #[arg(long)]
    title: Option<String>,
    /// The author: an id or a name. A new name adds an author.
    #[arg(long)]
    author: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    contributors: Contributors,
}

#[derive(Debug, Args)]
struct Fields {
    /// The subtitle.
    #[arg(long)]
    subtitle: Option<String>,
    /// An ISBN-10 or ISBN-13, hyphenated or not.
    #[arg(long)]
    isbn: Option<String>,
    /// The publisher.
    #[arg(long)]
    publisher: Option<String>,
    /// The year of publication; negative before our era.
    #[arg(long, allow_negative_numbers = true)]
    published_year: Option<String>,
    /// The language: a code such as eng or en, or an English name.
    #[arg(long)]
    language: Option<String>,
    /// The number of pages.
    #[arg(long)]
    page_count: Option<String>,
    /// The series.
    #[arg(long)]
    series: Option<String>,
    /// The place in the series.
    #[arg(long)]
    series_position: Option<String>,
    /// Notes.
    #[arg(long)]
    notes: Option<String>,
}

/// Further people, by role. On an edit they replace those of the same role; an empty name leaves nobody.
#[derive(Debug, Args)]
struct Contributors {
    /// A further author: an id or a name. May be given several times, like the three below.
    #[arg(long, value_name = "AUTHOR")]
    co_author: Vec<String>,
    /// A translator.
    #[arg(long, value_name = "AUTHOR")]
    translator: Vec<String>,
    /// An editor.
    #[arg(long, value_name = "AUTHOR")]
    editor: Vec<String>,
    /// An illustrator.
    #[arg(long, value_name = "AUTHOR")]
    illustrator: Vec<String>,
}

impl Add {
    pub(super) fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let author = self.author.clone();
        let draft_title = self.title.clone();
        let typed = self.fields.typed();
        let people = self.contributors.by_role();
        let added = database.write_blocking(move |tx| {
            let author = lookup::author_or_new(tx, &author)?;
            let books = tx.repo_mut::<Book>();
            let mut book = Book::from_draft(&BookDraft::new(draft_title, author.id), books.stamp());
            for (field, text) in &typed {
                book.set_text(*field, text)?;
            }
            let book = book.checked_in_full()?;
            books.create_checked(&book)?;
            set_contributors(tx, &book, &people)?;
            whole(tx, book)
        })?;
        output.note("Added:");
        print(&added, output)
    }
}

impl Edit {
    pub(super) fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let (wanted, title, author) = (self.books.clone(), self.title.clone(), self.author.clone());
        let mut typed = self.fields.typed();
        typed.extend(title.map(|title| (BookField::Title, title)));
        let people = self.contributors.by_role();
        let edited = database.write_blocking(move |tx| {
            let mut ids = Vec::new();
            for wanted in wanted {
                match lookup::book(tx, &wanted)? {
                    Some(book) => ids.push(book.id),
                    // Nothing has been changed yet.
                    None => return Ok(Err(wanted)),
                }
            }
            let author = author.map(|author| lookup::author_or_new(tx, &author)).transpose()?;
            let books = tx.repo_mut::<Book>();
            books.change_all(ids.iter().copied(), |book| {
                book.author_id = author.as_ref().map_or(book.author_id, |author| author.id);
                typed.iter().try_for_each(|(field, text)| book.set_text(*field, text))
            })?;
            let whole = ids.into_iter().map(|id| {
                let book = books.get(id)?;
                if author.is_some() {
                    leave_out_author(tx, id, book.author_id)?;
                }
                set_contributors(tx, &book, &people)?;
                whole(tx, book)
            });
            whole.collect::<StoreResult<Vec<_>>>().map(Ok)
        })?;
        let edited = edited.map_err(|wanted| lookup::not_found("book", &wanted))?;
        match edited.as_slice() {
            [one] => print(one, output),
            several => print_edited(several, output),
        }
    }
}

impl Fields {
    fn typed(&self) -> Vec<(BookField, String)> {
        let fields = [
            (BookField::Subtitle, &self.subtitle),
            (BookField::Isbn, &self.isbn),
            (BookField::Publisher, &self.publisher),
            (BookField::PublishedYear, &self.published_year),
            (BookField::Language, &self.language),
            (BookField::PageCount, &self.page_count),
            (BookField::Series, &self.series),
            (BookField::SeriesPosition, &self.series_position),
            (BookField::Notes, &self.notes),
        ];
        fields
            .into_iter()
            .filter_map(|(field, text)| text.clone().map(|text| (field, text)))
            .collect()
    }
}

impl Contributors {
    /// The roles that were mentioned, with the people named for them.
    fn by_role(&self) -> Vec<(Role, Vec<String>)> {
        let roles = [
            (Role::Author, &self.co_author),
            (Role::Translator, &self.translator),
            (Role::Editor, &self.editor),
            (Role::Illustrator, &self.illustrator),
        ];
        let mentioned = roles.into_iter().filter(|(_, names)| !names.is_empty());
        mentioned
            .map(|(role, names)| {
                (
                    role,
                    names.iter().filter(|name| !name.trim().is_empty()).cloned().collect(),
                )
            })
            .collect()
    }
}

/// Gives the book other people in the roles that were mentioned; those of other roles stay.
fn set_contributors(tx: &WriteSession<'_>, book: &Book, by_role: &[(Role, Vec<String>)]) -> StoreResult<()> {
    let contributions = tx.repo_mut::<Contribution>();
    for (role, names) in by_role {
        let known = contributions.filter(&Query::filtered(ContributionFilter::OfBook(book.id)))?;
        for contribution in known.iter().filter(|contribution| contribution.role == *role) {
            contributions.delete(contribution.id)?;
        }
        let people = names.iter().map(|name| Ok(lookup::author_or_new(tx, name)?.id));
        append(tx, book.id, role, people.collect::<StoreResult<Vec<_>>>()?)?;
    }
    Ok(())
}
