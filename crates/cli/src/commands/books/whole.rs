//! One book with its people.

use colophon_catalogue::{Author, Book, Contribution, ContributionFilter};
use colophon_store::{Query, ReadSession, Result};
use serde::Serialize;

use crate::exit::Exit;
use crate::output::Output;
use crate::typed_fields;
use crate::typed_lists::ShownLists;

/// A book with everything that belongs to it.
#[derive(Serialize)]
pub(super) struct WholeBook {
    #[serde(flatten)]
    book: Book,
    author: Option<Author>,
    contributions: Vec<ShownContribution>,
    #[serde(flatten)]
    lists: ShownLists,
}

#[derive(Serialize)]
struct ShownContribution {
    #[serde(flatten)]
    contribution: Contribution,
    name: String,
}

/// Reads what belongs to a book.
pub(super) fn whole(session: &ReadSession<'_>, book: Book) -> Result<WholeBook> {
    let of_book = Query::filtered(ContributionFilter::OfBook(book.id));
    let mut contributions = Vec::new();
    for contribution in session.repo::<Contribution>().filter(&of_book)? {
        let name = session.repo::<Author>().get(contribution.author_id)?.name;
        contributions.push(ShownContribution { contribution, name });
    }
    Ok(WholeBook {
        lists: ShownLists::of(session, &book)?,
        author: book
            .author_id
            .map(|author| session.repo::<Author>().get(author))
            .transpose()?,
        book,
        contributions,
    })
}

/// Says which books were changed together.
pub(super) fn print_edited(edited: &[WholeBook], output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(&serde_json::json!({ "edited": edited }))?;
    }
    for shown in edited {
        output.note(format_args!("Edited “{}”", shown.book.title));
    }
    Ok(Exit::Done)
}

/// Prints it as text or JSON.
pub(super) fn print(shown: &WholeBook, output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(shown)?;
        return Ok(Exit::Done);
    }
    let book = &shown.book;
    output.field("title", &book.title)?;
    if let Some(author) = &shown.author {
        output.field("author", &author.name)?;
    }
    for contribution in &shown.contributions {
        output.field(contribution.contribution.role.as_str(), &contribution.name)?;
    }
    typed_fields::print(book, &[Book::FIELDS.title.any()], output)?;
    shown.lists.print::<Book>(output)?;
    output.field("id", book.id)?;
    Ok(Exit::Done)
}
