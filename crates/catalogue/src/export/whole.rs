//! Every book with all that belongs to it, for the formats that write a book as one record.

use std::collections::HashSet;

use colophon_store::{Children, Columns as _, EntityId as _, Parent, ReadSession, Sql, read_field};

use super::{ExportError, Lists, Wanted, visit_books};
use crate::author::{Author, AuthorId};
use crate::book::Book;
use crate::contribution::{Contribution, Role};
use crate::identifier::scheme::OTHER;

/// The word before the key by which references cite a book.
pub(super) const CITED_AS: &str = "citekey:";

/// A book with its people and lists.
pub(super) struct Whole {
    pub(super) book: Book,
    /// Its people, the author first.
    pub(super) people: Vec<(Author, Role)>,
    pub(super) tags: Vec<String>,
    /// Its identifiers, without the key by which it is cited.
    pub(super) identifiers: Vec<String>,
    /// The key by which it is cited, if it has one.
    pub(super) cited_as: Option<String>,
}

impl Whole {
    /// Those with a role, in order.
    pub(super) fn people(&self, role: &Role) -> impl Iterator<Item = &Author> {
        let people = self.people.iter().filter(move |(_, known)| known == role);
        people.map(|(author, _)| author)
    }

    /// Takes the identifiers of a service out; they are returned without its name.
    pub(super) fn take_identifiers(&mut self, scheme: &str) -> Vec<String> {
        let value = |identifier: &String| {
            let rest = identifier.strip_prefix(scheme)?.strip_prefix(':')?;
            Some(rest.to_owned())
        };
        let taken = self.identifiers.iter().filter_map(value).collect();
        self.identifiers.retain(|identifier| value(identifier).is_none());
        taken
    }

    /// Takes the addresses out.
    pub(super) fn take_addresses(&mut self) -> Vec<String> {
        let is_address = |identifier: &String| identifier.starts_with("http://") || identifier.starts_with("https://");
        let taken = self.identifiers.iter().filter(|one| is_address(one)).cloned().collect();
        self.identifiers.retain(|identifier| !is_address(identifier));
        taken
    }
}

/// Visits the books that are wanted, and returns how many.
pub(super) fn visit_whole(
    session: &ReadSession<'_>,
    wanted: &Wanted<'_>,
    mut each: impl FnMut(Whole) -> Result<(), ExportError>,
) -> Result<u64, ExportError> {
    let lists = Lists::of(session, Book::TABLE)?;
    visit_books(session, wanted, |some| {
        let mut texts = lists.texts(session, some.iter().map(|book| book.id.uuid()))?;
        let mut authors: Vec<AuthorId> = some.iter().filter_map(|book| book.author_id).collect();
        authors.sort_unstable_by_key(|id| id.uuid());
        authors.dedup();
        let authors = session.repo::<Author>().find_all(&authors)?;
        let loaded = session
            .repo::<Book>()
            .load::<Children<Contribution, Parent<Author>>>(some)?;
        for book in loaded {
            let author = book.parent.author_id.and_then(|id| authors.get(&id).cloned());
            let others = book
                .children
                .into_iter()
                .filter_map(|one| Some((one.parent?, one.row.role)));
            let mut of_book = texts.of(book.parent.id.uuid());
            let mut identifiers = of_book.remove("identifiers").unwrap_or_default();
            let cited_as = identifiers.iter().position(|one| one.starts_with(CITED_AS));
            each(Whole {
                cited_as: cited_as.map(|at| identifiers.remove(at)[CITED_AS.len()..].to_owned()),
                people: author
                    .map(|author| (author, Role::Author))
                    .into_iter()
                    .chain(others)
                    .collect(),
                tags: of_book.remove("tags").unwrap_or_default(),
                identifiers,
                book: book.parent,
            })?;
        }
        Ok(())
    })
}

/// The keys by which books are cited already.
pub(super) fn keys_in_use(session: &ReadSession<'_>) -> Result<HashSet<String>, ExportError> {
    const KEYS: Sql = Sql::new("SELECT value FROM identifier WHERE book_id IS NOT NULL AND scheme=? AND value LIKE ?");
    let like = format!("{CITED_AS}%");
    let keys = session.query(&KEYS, [OTHER, like.as_str()], |row| read_field::<String>(row, 0))?;
    Ok(keys.into_iter().map(|key| key[CITED_AS.len()..].to_owned()).collect())
}
