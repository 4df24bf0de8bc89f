//! Identifiers: what services and catalogues elsewhere call an author or a book.
//!
//! What each service's identifiers look like, and how they are recognised and checked, is in [`scheme`]. An identifier
//! belongs to one author or to one book.

mod check_digits;
mod forms;
pub mod scheme;

use colophon_store::schema::ColumnSet;
use colophon_store::{
    Columns as _, Derived, Entity, EntityId as _, Error, FieldOptions, NameColumns, NoFilter, Result, SortOrder, Sql,
    Stamp, WriteSession, entity, entity_id, read_field,
};
use rusqlite::types::Value as Bound;

use self::scheme::{Names, Scheme};
use crate::author::{Author, AuthorId};
use crate::belongings::{Belongings, ListColumn, Reading, visit_texts};
use crate::book::{Book, BookId};
use crate::folding;
use crate::kinds::{IDENTIFIER, SCHEME};
use crate::touched::Touched;

entity_id! {
    /// The id of an identifier.
    IdentifierId refers to "identifier"
}

entity! {
    /// What an author or a book is called elsewhere.
    pub struct Identifier in "identifier" with IdentifierId, fields IdentifierFields, draft IdentifierDraft {
        /// The author, where it is an author's.
        author_id: Option<AuthorId> = FieldOptions::PART_OF,
        /// The book, where it is a book's.
        book_id: Option<BookId> = FieldOptions::PART_OF,
        /// Whose it is: orcid, isni, viaf, wikidata, oclc, lccn, doi, asin, goodreads, librarything, openlibrary, gnd or other.
        scheme: String = SCHEME.required(),
        /// What it is called there.
        value: String = IDENTIFIER.required(),
    }
}

/// The identifiers of an author.
pub const IDENTIFIERS_OF_AUTHOR: Belongings = Belongings {
    of: Author::TABLE,
    columns: &[],
    check: |typed| check(typed, Names::Books, "people"),
    reading: Reading {
        key: "author_id",
        ..READING
    },
    add: |session, author, typed| add(session, Some(AuthorId::from_uuid(author)), None, typed),
    texts: |session, author, each| {
        const ALL: Sql = Sql::new("SELECT author_id,value FROM identifier");
        visit_texts(session, &ALL, "author_id", author, &mut |author, value| {
            each(author, &folding::fold(value));
        })
    },
    records_of: |session, _, row| {
        const OF_ROW: Sql = Sql::new("SELECT author_id FROM identifier WHERE id=? AND author_id IS NOT NULL");
        session.query(&OF_ROW, [row.as_bytes().to_vec()], |row| read_field(row, 0))
    },
    ..IDENTIFIERS
};

/// The identifiers of a book.
pub const IDENTIFIERS_OF_BOOK: Belongings = Belongings {
    of: Book::TABLE,
    check: |typed| check(typed, Names::Authors, "books"),
    reading: Reading {
        key: "book_id",
        ..READING
    },
    add: |session, book, typed| add(session, None, Some(BookId::from_uuid(book)), typed),
    texts: |session, book, each| {
        const ALL: Sql = Sql::new("SELECT book_id,value FROM identifier");
        visit_texts(session, &ALL, "book_id", book, &mut |book, value| {
            each(book, &folding::fold(value));
        })
    },
    records_of: |session, _, row| {
        const OF_ROW: Sql = Sql::new("SELECT book_id FROM identifier WHERE id=? AND book_id IS NOT NULL");
        session.query(&OF_ROW, [row.as_bytes().to_vec()], |row| read_field(row, 0))
    },
    ..IDENTIFIERS
};

/// How both read their rows, except for whose they are.
const READING: Reading = Reading {
    from: "identifier",
    key: "",
    row: "id,scheme,value",
    order: "scheme,value,id",
    text: |row| {
        let (word, value): (String, String) = (row.get(2)?, row.get(3)?);
        Ok(scheme::print(&word, &value))
    },
    is: "scheme=? AND value=?",
    values: |text| {
        let (word, value) = text.split_once(':').unwrap_or(("", text));
        vec![word.to_owned(), value.to_owned()]
    },
    folded: "lower(scheme||':'||value)",
    // Dots and dashes matter as much as digits here.
    fold: str::to_lowercase,
};

/// What applies to both.
const IDENTIFIERS: Belongings = Belongings {
    name: "identifiers",
    one: "identifier",
    called: "kennung kennungen",
    help: "What it is called elsewhere: the address of its page at a service, or its name there as in doi:10.1000/182",
    of: Book::TABLE,
    rows: Identifier::TABLE,
    columns: &[
        ListColumn::plain("identifiers", "identifiers identifier"),
        ListColumn::of_scheme("goodreads", "goodreads", "goodreads goodreadsid", ""),
        ListColumn::of_scheme(
            "goodreads_book_id",
            "goodreads",
            "goodreadsbookid bookid",
            "exclusiveshelf",
        ),
        ListColumn::of_scheme("librarything", "librarything", "librarything librarythingid workid", ""),
        ListColumn::of_scheme("openlibrary", "openlibrary", "openlibrary openlibraryid olid", ""),
        ListColumn::of_scheme("asin", "asin", "asin amazonid", ""),
        ListColumn::of_scheme("oclc", "oclc", "oclc oclcnumber oclcno worldcat", ""),
        ListColumn::of_scheme("lccn", "lccn", "lccn lccontrolnumber", ""),
        ListColumn::of_scheme("doi", "doi", "doi", ""),
    ],
    commas_part: false,
    searched_in: &["identifier"],
    check: |typed| Ok(typed.to_owned()),
    same: str::to_owned,
    reading: READING,
    add: |_, _, _| Ok(()),
    texts: |_, _, _| Ok(()),
    named: None,
    records_of: |_, _, _| Ok(Vec::new()),
};

/// The form in which an identifier is written, or why it is not one of the kind it is said to be. `not` is what its
/// service must not name: if it does, the identifier is refused.
fn check(typed: &str, not: Names, what: &str) -> Result<String> {
    let invalid = |reason| Error::invalid("identifier", reason);
    let found = scheme::recognise(typed).map_err(invalid)?;
    if let Some(service) = Scheme::of_word(&found.scheme).filter(|service| service.names == not) {
        return Err(invalid(format!("{} has no identifiers of {what}", service.name)));
    }
    Ok(scheme::print(&found.scheme, &found.value))
}

fn add(session: &WriteSession<'_>, author_id: Option<AuthorId>, book_id: Option<BookId>, typed: &str) -> Result<()> {
    let found = scheme::recognise(typed).map_err(|reason| Error::invalid("identifier", reason))?;
    let draft = IdentifierDraft {
        author_id,
        book_id,
        scheme: found.scheme,
        value: found.value,
    };
    session.repo_mut::<Identifier>().create(&draft).map(drop)
}

/// The order of identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IdentifierSort {
    /// By service.
    #[default]
    Scheme,
}

impl SortOrder for IdentifierSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
        }
    }
}

impl Entity for Identifier {
    type Draft = IdentifierDraft;
    type Filter = NoFilter;
    type Sort = IdentifierSort;

    const DERIVED: &'static [Derived] = &[];
    const NAME: NameColumns = NameColumns {
        plain: "value",
        folded: "value",
    };

    fn from_draft(draft: &IdentifierDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }

    fn joined(mut self, touched: ColumnSet) -> Result<Self> {
        let touched = Touched::of::<Self>(touched);
        if touched.is("scheme") || touched.is("value") {
            self.value =
                scheme::checked(&self.scheme, &self.value).map_err(|reason| Error::invalid("value", reason))?;
        }
        if (touched.is("author_id") || touched.is("book_id")) && self.author_id.is_some() == self.book_id.is_some() {
            return Err(Error::invalid("book_id", "an identifier is of an author or of a book"));
        }
        Ok(self)
    }

    fn derive(&self, _position: usize) -> Bound {
        Bound::Null
    }

    fn fold(text: &str) -> String {
        text.trim().to_lowercase()
    }
}
