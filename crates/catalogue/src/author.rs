//! Authors: everybody who has a hand in a book, be it as writer, translator, editor or illustrator.

use colophon_store::schema::ColumnSet;
use colophon_store::{
    Condition, Derived, Entity, Error, FieldOf, HasMany, NameColumns, ReadSession, Result, SortOrder, Sql, Stamp,
    Where, WriteSession, entity, entity_id,
};
use rusqlite::types::Value as Bound;

use crate::book::{Book, BookFilter};
use crate::contribution::{Contribution, ContributionFilter};
use crate::folding;
use crate::kinds::{EMAIL, NAME, NOTES, WEBSITE, YEAR};
use crate::person_name;
use crate::touched::Touched;

entity_id! {
    /// The id of an author.
    AuthorId refers to "author"
}

entity! {
    /// A person, or a body that acts as one.
    pub struct Author in "author" with AuthorId, fields AuthorFields, draft #[derive(Default, Eq)] AuthorDraft {
        /// The name, as on the title page.
        name: String = NAME.required().searched().at_head(),
        /// The name as it is sorted, "Last, First"; derived from the name where it is left out.
        sort_name: String = NAME.searched().at_head(),
        /// The year of birth; negative before our era.
        birth_year: Option<i32> = YEAR,
        /// The year of death.
        death_year: Option<i32> = YEAR,
        /// An e-mail address.
        email: Option<String> = EMAIL,
        /// A web address.
        website: Option<String> = WEBSITE,
        /// Notes.
        notes: Option<String> = NOTES,
    }
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
        Self::drafted(draft.clone(), stamp)
    }

    fn joined(mut self, touched: ColumnSet) -> Result<Self> {
        let touched = Touched::of::<Self>(touched);
        if self.sort_name.is_empty() && touched.is("sort_name") {
            self.sort_name = person_name::sort_name(&self.name);
        }
        if let (Some(birth), Some(death)) = (self.birth_year, self.death_year) {
            lifetime(touched, birth, death)?;
        }
        Ok(self)
    }

    /// A new name takes the sort name with it as long as that is the one derived from the old name.
    fn before_typing(&mut self, field: FieldOf<Self>) {
        if field == Self::FIELDS.name && self.sort_name == person_name::sort_name(&self.name) {
            self.sort_name.clear();
        }
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
}

impl Author {
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
