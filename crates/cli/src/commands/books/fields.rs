//! `colophon books add` and `edit`: a book from its fields.

use clap::Args;
use colophon_acts::parts::{append, leave_out_author};
use colophon_catalogue::{AuthorId, Book, BookDraft, Contribution, ContributionFilter, Role};
use colophon_store::{Database, Entity, Query, Result as StoreResult, WriteSession};

use super::whole::{print, print_edited, whole};
use crate::exit::Exit;
use crate::lookup;
use crate::output::Output;
use crate::typed_fields::{ChangedFields, NewFields};

/// The fields of a book that is added.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    fields: NewFields<Book>,
    /// The author: an id or a name. A new name adds an author; without this the book has none.
    #[arg(long)]
    author: Option<String>,
    #[command(flatten)]
    contributors: Contributors,
}

/// The fields of books that are changed.
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The books' ids or ISBNs. All are changed, or none.
    #[arg(required = true, value_name = "BOOK")]
    books: Vec<String>,
    #[command(flatten)]
    fields: ChangedFields<Book>,
    /// The author: an id or a name. A new name adds an author, an empty one leaves the book without.
    #[arg(long)]
    author: Option<String>,
    #[command(flatten)]
    contributors: Contributors,
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
        let fields = self.fields.clone();
        let people = self.contributors.by_role();
        let added = database.write_blocking(move |tx| {
            let author_id = author_named(tx, author.as_deref())?;
            let books = tx.repo_mut::<Book>();
            let mut book = Book::from_draft(
                &BookDraft {
                    author_id,
                    ..BookDraft::default()
                },
                books.stamp(),
            );
            fields.set(&mut book)?;
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
        let (wanted, fields, author) = (self.books.clone(), self.fields.clone(), self.author.clone());
        let people = self.contributors.by_role();
        let edited = database.transaction_blocking(move |tx| -> anyhow::Result<_> {
            let found = wanted.iter().map(|wanted| Ok(lookup::book(tx, wanted)?.id));
            let ids: Vec<_> = found.collect::<anyhow::Result<_>>()?;
            let author_id = author_named(tx, author.as_deref())?;
            let books = tx.repo_mut::<Book>();
            books.change_all(ids.iter().copied(), |book| {
                if author.is_some() {
                    book.author_id = author_id;
                }
                fields.set(book)
            })?;
            let whole = ids.into_iter().map(|id| {
                let book = books.get(id)?;
                if let Some(author) = author_id {
                    leave_out_author(tx, id, author)?;
                }
                set_contributors(tx, &book, &people)?;
                whole(tx, book)
            });
            Ok(whole.collect::<StoreResult<Vec<_>>>()?)
        })?;
        match edited.as_slice() {
            [one] => print(one, output),
            several => print_edited(several, output),
        }
    }
}

/// Who is meant as the author; nobody where nothing or an empty name is said.
fn author_named(tx: &WriteSession<'_>, name: Option<&str>) -> StoreResult<Option<AuthorId>> {
    let said = name.filter(|name| !name.trim().is_empty());
    said.map(|name| Ok(lookup::author_or_new(tx, name)?.id)).transpose()
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
