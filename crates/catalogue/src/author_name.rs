//! The other forms of an author's name: another spelling, a pseudonym, the name in another script.
//!
//! An author is found by each of them, and an import that uses one means that author. The name on the title page
//! remains the author's own.

use colophon_store::{
    Columns as _, Derived, Entity, EntityId as _, Error, FieldOptions, NameColumns, NoFilter, SortOrder, Sql, Stamp,
    entity, entity_id, read_field,
};
use rusqlite::types::Value as Bound;

use crate::author::{Author, AuthorId};
use crate::belongings::{Belongings, Reading, visit_texts};
use crate::folding;
use crate::kinds::NAME;
use crate::text::{self, NAME_MAX_CHARS};

entity_id! {
    /// The id of another form of a name.
    AuthorNameId refers to "author_name"
}

entity! {
    /// Another form of an author's name.
    pub struct AuthorName in "author_name" with AuthorNameId, fields AuthorNameFields, draft AuthorNameDraft {
        /// The author.
        author_id: AuthorId = FieldOptions::PART_OF,
        /// The name in this form.
        name: String = NAME.required(),
    }
}

/// The other forms of an author's name.
pub const OTHER_NAMES: Belongings = Belongings {
    name: "other_names",
    one: "other_name",
    called: "anderername anderenamen",
    help: "Another form of the name: another spelling, a pseudonym, another script",
    of: Author::TABLE,
    rows: AuthorName::TABLE,
    columns: &[],
    commas_part: false,
    searched_in: &["author_name"],
    check: |typed| {
        text::one_line("other_name", typed, NAME_MAX_CHARS).map_err(|error| Error::invalid(error.field, error.reason))
    },
    same: str::to_owned,
    reading: Reading {
        from: "author_name",
        key: "author_id",
        row: "id,name",
        order: "name_key,id",
        text: Reading::PLAIN,
        is: "name=?",
        values: |name| vec![name.to_owned()],
        folded: "name_key",
        fold: folding::fold,
    },
    add: |session, author, name| {
        let draft = AuthorNameDraft {
            author_id: AuthorId::from_uuid(author),
            name: name.to_owned(),
        };
        session.repo_mut::<AuthorName>().create(&draft).map(drop)
    },
    texts: |session, author, each| {
        const ALL: Sql = Sql::new("SELECT author_id,name_key FROM author_name");
        visit_texts(session, &ALL, "author_id", author, each)
    },
    named: None,
    records_of: |session, _, row| {
        const OF_NAME: Sql = Sql::new("SELECT author_id FROM author_name WHERE id=?");
        session.query(&OF_NAME, [row.as_bytes().to_vec()], |row| read_field(row, 0))
    },
};

/// The order of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AuthorNameSort {
    /// By the name.
    #[default]
    Name,
}

impl SortOrder for AuthorNameSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Name => "name_key",
        }
    }
}

impl Entity for AuthorName {
    type Draft = AuthorNameDraft;
    type Filter = NoFilter;
    type Sort = AuthorNameSort;

    const DERIVED: &'static [Derived] = &[Derived {
        name: "name_key",
        from: &["name"],
    }];
    const NAME: NameColumns = NameColumns {
        plain: "name",
        folded: "name_key",
    };

    fn from_draft(draft: &AuthorNameDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }

    fn derive(&self, _position: usize) -> Bound {
        Bound::Text(folding::fold(&self.name))
    }
}
