//! Authors: everybody who has a hand in a book, be it as writer, translator, editor or illustrator.

use std::str::FromStr;

use colophon_store::schema::ColumnSet;
use colophon_store::{
    Condition, Derived, Entity, Error, HasMany, NameColumns, ReadSession, Result, SortOrder, Sql, Stamp, Where,
    WriteSession, entity, entity_id,
};
use rusqlite::types::Value as Bound;

use crate::book::{Book, BookFilter};
use crate::contribution::{Contribution, ContributionFilter};
use crate::folding;
use crate::limits::{Touched, typed_year};
use crate::person_name;
use crate::text::{EMAIL_MAX_CHARS, NAME_MAX_CHARS, WEBSITE_MAX_CHARS};

entity_id! {
    /// The id of an author.
    AuthorId refers to "author"
}

entity! {
    /// A person, or a body that acts as one.
    pub struct Author in "author" with AuthorId, unique [], lines ["notes"] {
        /// The name as it stands on the title page. Required.
        name: String,
        /// The name as it is sorted, "Last, First"; derived from the name when a draft leaves it out.
        sort_name: String,
        /// Year of birth; negative is before the common era.
        birth_year: Option<i32>,
        /// Year of death.
        death_year: Option<i32>,
        /// An address to write to.
        email: Option<String>,
        /// An address to look at.
        website: Option<String>,
        /// Free text, with line breaks.
        notes: Option<String>,
    }
}

/// What a new author is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorDraft {
    /// The name. Required.
    pub name: String,
    /// The sort name; derived from the name when absent.
    pub sort_name: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// Year of death.
    pub death_year: Option<i32>,
    /// An address to write to.
    pub email: Option<String>,
    /// An address to look at.
    pub website: Option<String>,
    /// Free text.
    pub notes: Option<String>,
}

impl AuthorDraft {
    /// An author of whom no more is known than the name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// One condition on authors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorFilter {
    /// The name contains this, without case and accents.
    NameContains(String),
    /// Born in this year or later.
    BornFrom(i32),
    /// Born in this year or earlier.
    BornTo(i32),
    /// Nobody's author: without books and contributions.
    WithoutBooks,
}

impl Condition for AuthorFilter {
    fn add_to(&self, conditions: &mut Where) {
        match self {
            Self::NameContains(text) => {
                conditions.and("instr(name_key,?)>0", [Bound::Text(folding::fold(text))]);
            }
            Self::BornFrom(year) => {
                conditions.and("birth_year>=?", [Bound::Integer(i64::from(*year))]);
            }
            Self::BornTo(year) => {
                conditions.and("birth_year<=?", [Bound::Integer(i64::from(*year))]);
            }
            Self::WithoutBooks => {
                conditions.and(
                    "NOT EXISTS(SELECT 1 FROM book WHERE author_id=author.id)
                     AND NOT EXISTS(SELECT 1 FROM contribution WHERE author_id=author.id)",
                    [],
                );
            }
        }
    }
}

/// The orders of a list of authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AuthorSort {
    /// By sort name.
    #[default]
    Name,
    /// In the order in which they were made.
    Added,
}

impl SortOrder for AuthorSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Name => "sort_key",
            Self::Added => "id",
        }
    }
}

impl Entity for Author {
    type Draft = AuthorDraft;
    type Filter = AuthorFilter;
    type Sort = AuthorSort;

    const DERIVED: &'static [Derived] = &[
        Derived {
            name: "sort_key",
            from: &["sort_name"],
        },
        Derived {
            name: "name_key",
            from: &["name"],
        },
    ];
    const NAME: NameColumns = NameColumns {
        plain: "name",
        folded: "name_key",
    };

    fn from_draft(draft: &AuthorDraft, stamp: Stamp) -> Self {
        let draft = draft.clone();
        Self {
            id: colophon_store::EntityId::from_uuid(stamp.id),
            sort_name: draft.sort_name.unwrap_or_default(),
            name: draft.name,
            birth_year: draft.birth_year,
            death_year: draft.death_year,
            email: draft.email,
            website: draft.website,
            notes: draft.notes,
            created_at: stamp.now,
            updated_at: stamp.now,
        }
    }

    fn checked(mut self, touched: ColumnSet) -> Result<Self> {
        let touched = Touched::of::<Self>(touched);
        self.name = touched.required("name", self.name, NAME_MAX_CHARS)?;
        self.sort_name = touched
            .optional("sort_name", Some(self.sort_name), NAME_MAX_CHARS, Ok)?
            .unwrap_or_else(|| person_name::sort_name(&self.name));
        self.birth_year = touched.plausible_year("birth_year", self.birth_year)?;
        self.death_year = touched.plausible_year("death_year", self.death_year)?;
        if let (Some(birth), Some(death)) = (self.birth_year, self.death_year) {
            lifetime(touched, birth, death)?;
        }
        self.email = touched.optional("email", self.email, EMAIL_MAX_CHARS, email)?;
        self.website = touched.optional("website", self.website, WEBSITE_MAX_CHARS, website)?;
        self.notes = touched.notes("notes", self.notes)?;
        Ok(self)
    }

    fn derive(&self, position: usize) -> Bound {
        Bound::Text(match position {
            0 => folding::name_sort_key(&self.sort_name),
            _ => folding::fold(&self.name),
        })
    }

    fn fold(text: &str) -> String {
        folding::fold(text)
    }

    fn before_delete(session: &WriteSession<'_>, id: AuthorId) -> Result<()> {
        let books = session
            .repo::<Book>()
            .count(&colophon_store::Query::filtered(BookFilter::ByAuthor(id)))?;
        let filter = ContributionFilter::ByAuthor(id);
        let contributions = session
            .repo::<Contribution>()
            .count(&colophon_store::Query::filtered(filter))?;
        let in_use = |count: u64, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {many}"),
        };
        let reason = match (books, contributions) {
            (0, 0) => return Ok(()),
            (_, 0) => format!("{} by this author", in_use(books, "book is", "books are")),
            (0, _) => format!("this author contributed to {}", in_use(contributions, "book", "books")),
            _ => format!(
                "{} by this author, who contributed to {}",
                in_use(books, "book is", "books are"),
                in_use(contributions, "more", "more")
            ),
        };
        Err(Error::ForeignKey {
            entity: "author",
            reason,
        })
    }
}

impl HasMany<Book> for Author {
    const FOREIGN_KEY: &'static str = "author_id";
    const CHILD_ORDER: &'static str = "sort_key,rowid";

    fn parent_of(book: &Book) -> AuthorId {
        book.author_id
    }
}

/// The fields of an author that are typed as text, named as their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthorField {
    /// The name.
    Name,
    /// The sort name; empty derives it from the name.
    SortName,
    /// The year of birth.
    BirthYear,
    /// The year of death.
    DeathYear,
    /// The address to write to.
    Email,
    /// The address to look at.
    Website,
    /// The notes.
    Notes,
}

impl AuthorField {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::SortName,
        Self::BirthYear,
        Self::DeathYear,
        Self::Email,
        Self::Website,
        Self::Notes,
    ];

    /// The name of its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::SortName => "sort_name",
            Self::BirthYear => "birth_year",
            Self::DeathYear => "death_year",
            Self::Email => "email",
            Self::Website => "website",
            Self::Notes => "notes",
        }
    }
}

impl FromStr for AuthorField {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|field| field.name() == name).ok_or(())
    }
}

impl Author {
    /// Sets a field from what a person typed; an empty text clears it. The rules are applied when the author is stored.
    ///
    /// A new name takes the sort name with it as long as that is the one derived from the old name.
    pub fn set_text(&mut self, field: AuthorField, typed: &str) -> Result<()> {
        let text = || (!typed.trim().is_empty()).then(|| typed.to_owned());
        match field {
            AuthorField::Name => {
                if self.sort_name == person_name::sort_name(&self.name) {
                    self.sort_name.clear();
                }
                typed.clone_into(&mut self.name);
            }
            AuthorField::SortName => typed.clone_into(&mut self.sort_name),
            AuthorField::BirthYear => self.birth_year = typed_year("birth_year", typed)?,
            AuthorField::DeathYear => self.death_year = typed_year("death_year", typed)?,
            AuthorField::Email => self.email = text(),
            AuthorField::Website => self.website = text(),
            AuthorField::Notes => self.notes = text(),
        }
        Ok(())
    }

    /// How many books each of these authors has, in their order.
    pub fn book_counts(session: &ReadSession<'_>, authors: &[AuthorId]) -> Result<Vec<u64>> {
        const COUNT: Sql = Sql::new("SELECT count(*) FROM book WHERE author_id=?");
        let count = |id: &AuthorId| {
            let parameters = [colophon_store::EntityId::uuid(*id).as_bytes().to_vec()];
            Ok(session
                .query_first(&COUNT, parameters, |row| row.get::<_, i64>(0))?
                .unwrap_or(0)
                .unsigned_abs())
        };
        authors.iter().map(count).collect()
    }
}

/// Refuses a death before the birth at the field that somebody touched.
fn lifetime(touched: Touched, birth: i32, death: i32) -> Result<()> {
    if death >= birth {
        return Ok(());
    }
    if touched.is("death_year") {
        return Err(Error::invalid(
            "death_year",
            format!("it is before the year of birth, {birth}"),
        ));
    }
    if touched.is("birth_year") {
        return Err(Error::invalid(
            "birth_year",
            format!("it is after the year of death, {death}"),
        ));
    }
    Ok(())
}

/// An address has something before and after one `@`; more cannot be known without sending a letter.
fn email(address: String) -> Result<String> {
    let parts = address.split_once('@');
    let plausible = parts.is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    if plausible && !address.contains(char::is_whitespace) {
        return Ok(address);
    }
    Err(Error::invalid(
        "email",
        format!("“{address}” is not an e-mail address (name@example.org)"),
    ))
}

/// An address on the web; a missing scheme is added, any other than http and https is refused.
fn website(address: String) -> Result<String> {
    let refuse = |why: &str| {
        Err(Error::invalid(
            "website",
            format!("“{address}” {why} (https://example.org)"),
        ))
    };
    let host = match address.split_once("://") {
        Some(("http" | "https", rest)) => rest,
        Some(_) => return refuse("is not a web address"),
        None => &address,
    };
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    if address.contains(char::is_whitespace) || !host.contains('.') || host.starts_with('.') || host.ends_with('.') {
        return refuse("is not a web address");
    }
    Ok(if address.contains("://") {
        address
    } else {
        format!("https://{address}")
    })
}
