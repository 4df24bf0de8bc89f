//! Authors: everybody who has a hand in a book, whether as writer, translator, editor or illustrator.

use std::collections::HashMap;

use colophon_store::schema::ColumnSet;
use colophon_store::{
    Condition, Derived, Entity, EntityId as _, Error, Facet, FieldOf, KEYS_MAX, NameColumns, ReadSession, Result,
    SortOrder, Sql, Stamp, Where, WriteSession, entity, entity_id, padded, read_uuid,
};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;
use uuid::Uuid;

use crate::duplicates;
use crate::filters::{FieldFilter, ListFilter, TimeFilter};
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
        name: String = NAME.required().searched().at_head().ordered_by("name_key").headers("name nom nombre nome naam"),
        /// The name as it is sorted, "Last, First"; derived from the name where it is left out.
        sort_name: String = NAME.searched().at_head().ordered_by("sort_key").headers("sortname sortedas sortiertals"),
        /// The year of birth; negative before our era.
        birth_year: Option<i32> = YEAR.facet(Facet::Spans(100)).headers("born birth birthyear geboren geburtsjahr"),
        /// The year of death.
        death_year: Option<i32> = YEAR.facet(Facet::Spans(100)).headers("died death deathyear gestorben todesjahr"),
        /// An e-mail address.
        email: Option<String> = EMAIL.headers("email mail"),
        /// A web address.
        website: Option<String> = WEBSITE.headers("website web homepage webseite"),
        /// Notes.
        notes: Option<String> = NOTES.headers("notes notizen anmerkungen"),
    }
}

impl AuthorDraft {
    /// An author of whom only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// One condition on authors.
#[derive(Debug, Clone, PartialEq)]
pub enum AuthorFilter {
    /// With a book or a contribution; or, if `false`, nobody's author.
    HasBooks(bool),
    /// With somebody else beside them who looks the same, or without.
    HasDuplicate(bool),
    /// A condition on one of their fields.
    Field(FieldFilter<Author>),
    /// A condition on one of their lists.
    List(ListFilter),
    /// A condition on when they came or changed.
    Time(TimeFilter),
}

impl From<FieldFilter<Author>> for AuthorFilter {
    fn from(filter: FieldFilter<Author>) -> Self {
        Self::Field(filter)
    }
}

impl From<ListFilter> for AuthorFilter {
    fn from(filter: ListFilter) -> Self {
        Self::List(filter)
    }
}

impl From<TimeFilter> for AuthorFilter {
    fn from(filter: TimeFilter) -> Self {
        Self::Time(filter)
    }
}

impl Condition for AuthorFilter {
    fn add_to(&self, conditions: &mut Where) {
        match self {
            Self::HasBooks(true) => conditions.and(
                "EXISTS(SELECT 1 FROM book WHERE author_id=author.id)
                 OR EXISTS(SELECT 1 FROM contribution WHERE author_id=author.id)",
                [],
            ),
            Self::HasBooks(false) => conditions.and(
                "NOT EXISTS(SELECT 1 FROM book WHERE author_id=author.id)
                 AND NOT EXISTS(SELECT 1 FROM contribution WHERE author_id=author.id)",
                [],
            ),
            Self::HasDuplicate(true) => conditions.and_sql(&duplicates::of_people_exist(), []),
            Self::HasDuplicate(false) => {
                conditions.and_sql(Sql::new("NOT (").append(&duplicates::of_people_exist()).push(")"), [])
            }
            Self::Field(filter) => {
                filter.add_to(conditions);
                conditions
            }
            Self::List(filter) => {
                filter.add_to(conditions);
                conditions
            }
            Self::Time(filter) => {
                filter.add_to(conditions);
                conditions
            }
        };
    }
}

/// The orders of a list of authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthorSort {
    /// In the order in which they were made.
    Added,
    /// By a field; authors who have no value in it come last.
    Field(FieldOf<Author>),
}

impl AuthorSort {
    /// By sort name.
    pub const NAME: Self = Self::Field(Author::FIELDS.sort_name.any());
}

impl Default for AuthorSort {
    fn default() -> Self {
        Self::NAME
    }
}

impl SortOrder for AuthorSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Added => "id",
            Self::Field(field) => field.declared().order(),
        }
    }

    fn is_indexed(self) -> bool {
        match self {
            Self::Added => true,
            Self::Field(field) => field.declared().options.order.is_some(),
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

    /// A new name changes the sort name too, as long as that is the one derived from the old name.
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

    fn before_delete(session: &WriteSession<'_>, id: AuthorId) -> Result<()> {
        const USED: Sql = Sql::new(
            "SELECT (SELECT count(*) FROM book WHERE author_id=?1),(SELECT count(*) FROM contribution WHERE author_id=?1)",
        );
        let used = session.query_first(&USED, [id.uuid().as_bytes().to_vec()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let (books, contributions): (i64, i64) = used.unwrap_or_default();
        let in_use = |count: i64, one: &str, many: &str| match count {
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

impl Author {
    /// How many books each of these authors has, in the same order: one query for a thousand of them.
    pub fn book_counts(session: &ReadSession<'_>, authors: &[AuthorId]) -> Result<Vec<u64>> {
        let mut counts: HashMap<Uuid, i64> = HashMap::with_capacity(authors.len());
        for some in authors.chunks(KEYS_MAX) {
            let mut sql = Sql::new("SELECT author_id,count(*) FROM book WHERE author_id IN (");
            let keys = padded(&mut sql, some);
            sql.push(") GROUP BY author_id");
            let counted = session.query(&sql, params_from_iter(keys), |row| {
                Ok((read_uuid(row.get_ref(0)?)?, row.get(1)?))
            })?;
            counts.extend(counted);
        }
        let count = |id: &AuthorId| counts.get(&id.uuid()).map_or(0, |count| count.unsigned_abs());
        Ok(authors.iter().map(count).collect())
    }
}

/// Refuses a death before the birth, naming the field that somebody touched.
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
