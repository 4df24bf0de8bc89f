//! What the records of a list can be asked: about any field, any list of texts, when they came and changed, and a few
//! things that are no field.
//!
//! One place finds out what a name means, for filters as they are written and for what is typed into a search box.

use std::fmt;
use std::str::FromStr;

use colophon_store::{Condition as _, Entity, EntityId as _, Error, FieldOf, Result, Where};
use uuid::Uuid;

use super::times::{Stamped, TimeFilter};
use super::written::{Written, field_called, is_number, is_there, key_of, list_called, quoted, taken_apart};
use super::{FieldFilter, ListFilter};
use crate::author::{Author, AuthorFilter, AuthorId};
use crate::belongings::{Belongings, ListColumn};
use crate::book::{Book, BookFilter};
use crate::contribution::Role;
use crate::word::Word as _;

/// Something that records can be asked and that is neither a field nor a list.
pub struct Besides {
    /// Its name.
    pub(super) name: &'static str,
    /// Other words for it, folded, separated by spaces.
    called: &'static str,
    /// Whether parts of it can be looked for, as parts of a name can.
    pub(super) has_parts: bool,
}

/// An entity whose records can be asked for what they say.
pub trait Asked:
    Entity<Filter: FromStr<Err = Error> + fmt::Display + From<FieldFilter<Self>> + From<ListFilter> + From<TimeFilter>>
{
    /// What can be asked besides.
    const BESIDES: &'static [Besides];

    /// Reads what follows the name of something that can be asked besides.
    fn besides(written: &Written<'_>) -> Result<Self::Filter>;
}

/// What a name means.
pub(super) enum Meant<E> {
    List(&'static Belongings, Option<&'static ListColumn>),
    Besides(&'static Besides),
    Time(Stamped),
    Field(FieldOf<E>),
}

/// What is called this: by its name, or by a word for it in one of the languages that files and people use.
pub(super) fn meant<E: Asked>(name: &str) -> Result<Meant<E>> {
    let key = key_of(name);
    if let Some((list, column)) = list_called(E::TABLE, name) {
        return Ok(Meant::List(list, column));
    }
    let is_called = |one: &&Besides| one.name == key || one.called.split(' ').any(|word| word == key);
    if let Some(besides) = E::BESIDES.iter().find(is_called) {
        return Ok(Meant::Besides(besides));
    }
    match Stamped::called(&key) {
        Some(stamped) => Ok(Meant::Time(stamped)),
        None => field_called(name).map(Meant::Field),
    }
}

/// Reads a filter that was taken apart.
pub(super) fn read<E: Asked>(written: &Written<'_>) -> Result<E::Filter> {
    match meant::<E>(written.name)? {
        Meant::List(list, column) => ListFilter::read(list, column, written).map(Into::into),
        Meant::Besides(besides) => E::besides(&Written {
            name: besides.name,
            how: written.how,
            value: written.value.clone(),
            is_quoted: written.is_quoted,
        }),
        Meant::Time(stamped) => TimeFilter::read(stamped, written.how, &written.value).map(Into::into),
        Meant::Field(field) => FieldFilter::read(field, written).map(Into::into),
    }
}

/// The name of what is called this: of a field, a list or something besides.
pub fn name_of<E: Asked>(called: &str) -> Result<&'static str> {
    Ok(match meant::<E>(called)? {
        Meant::List(list, _) => list.name,
        Meant::Besides(besides) => besides.name,
        Meant::Time(stamped) => stamped.name(),
        Meant::Field(field) => field.name(),
    })
}

/// The text of a filter that asks for exactly this.
pub(crate) fn exactly(name: &str, value: &str) -> String {
    format!("{name}:{}", quoted(value))
}

/// The kind of thing that something of this name holds: the kind of a field, or `list`, `time` or `own`.
pub fn kind_of<E: Asked>(name: &str) -> &'static str {
    match meant::<E>(name) {
        Ok(Meant::Field(field)) => field.declared().options.kind.map_or("own", |kind| kind.word()),
        Ok(Meant::List(..)) => "list",
        Ok(Meant::Time(_)) => "time",
        Ok(Meant::Besides(_)) | Err(_) => "own",
    }
}

/// A filter, told in parts to somebody who words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is asked about: the name of a field, a list, or something besides.
    pub name: String,
    /// The [kind](kind_of) of thing that it holds.
    pub kind: &'static str,
    /// What is asked: `is`, `is_not`, `contains`, `begins`, `between`, `none`, `any` or `bad`.
    pub test: &'static str,
    /// The value; of a range, both ends with `..` between them.
    pub value: String,
}

/// Tells a filter in parts.
pub fn told<E: Asked>(filter: &E::Filter) -> Result<Told> {
    let whole = filter.to_string();
    let written = taken_apart(&whole)?;
    let is_range = || match meant::<E>(written.name) {
        Ok(Meant::Field(field)) => is_number(field) && written.value.contains(".."),
        Ok(Meant::Time(_)) => written.value.contains(".."),
        _ => false,
    };
    let test = match (written.how, written.value.as_str(), written.is_quoted) {
        ("~", ..) => "contains",
        ("^", ..) => "begins",
        (":", "none", false) => "none",
        (":", "any", false) => "any",
        (":", "bad", false) => "bad",
        (":", ..) if is_range() => "between",
        (":", ..) => "is",
        _ => "is_not",
    };
    Ok(Told {
        name: written.name.to_owned(),
        kind: kind_of::<E>(written.name),
        test,
        value: written.value,
    })
}

/// What must hold so that all of some filters do.
pub(crate) fn all_of<E: Entity>(filters: &[E::Filter]) -> Where {
    let mut conditions = Where::default();
    for filter in filters {
        filter.add_to(&mut conditions);
    }
    conditions
}

impl Asked for Book {
    const BESIDES: &'static [Besides] = &[
        Besides {
            name: "author",
            called: "autor autorin verfasser verfasserin auteur writer",
            has_parts: true,
        },
        Besides {
            name: "role",
            called: "rolle",
            has_parts: false,
        },
        DUPLICATE,
    ];

    fn besides(written: &Written<'_>) -> Result<BookFilter> {
        match written.name {
            "author" => author(written),
            "role" => role(written),
            _ => duplicate(written).map(BookFilter::HasDuplicate),
        }
    }
}

/// Whether another record looks the same.
const DUPLICATE: Besides = Besides {
    name: "duplicate",
    called: "duplicates dublette dubletten",
    has_parts: false,
};

fn duplicate(written: &Written<'_>) -> Result<bool> {
    is_there(written).ok_or_else(|| Error::invalid("duplicate", "it can be asked duplicate:any and duplicate:none"))
}

fn author(written: &Written<'_>) -> Result<BookFilter> {
    if let Some(has_author) = is_there(written) {
        return Ok(BookFilter::HasAuthor(has_author));
    }
    match (written.how, Uuid::parse_str(&written.value)) {
        (":", Ok(id)) => Ok(BookFilter::ByAuthor(AuthorId::from_uuid(id))),
        ("!:", Ok(id)) => Ok(BookFilter::NotByAuthor(AuthorId::from_uuid(id))),
        ("~", _) => Ok(BookFilter::ByAuthorNamed(written.value.clone())),
        _ => Err(Error::invalid(
            "author",
            "of the author can be asked author:none, author:any, author:ID, author!:ID and author~part of the name",
        )),
    }
}

fn role(written: &Written<'_>) -> Result<BookFilter> {
    match written.how {
        ":" | "!:" if is_there(written).is_none() => Ok(BookFilter::HasRole {
            role: Role::stored(written.value.trim()),
            holds: written.how == ":",
        }),
        _ => {
            let roles: Vec<_> = Role::ALL.iter().map(Role::as_str).collect();
            Err(Error::invalid(
                "role",
                format!(
                    "it can be asked role:ROLE and role!:ROLE; the roles are {}",
                    roles.join(", ")
                ),
            ))
        }
    }
}

impl FromStr for BookFilter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        read::<Book>(&taken_apart(text)?)
    }
}

impl fmt::Display for BookFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByAuthor(id) => write!(formatter, "author:{}", id.uuid()),
            Self::NotByAuthor(id) => write!(formatter, "author!:{}", id.uuid()),
            Self::ByAuthorNamed(part) => write!(formatter, "author~{}", quoted(part)),
            Self::HasAuthor(true) => formatter.write_str("author:any"),
            Self::HasAuthor(false) => formatter.write_str("author:none"),
            Self::HasRole { role, holds: true } => write!(formatter, "role:{}", quoted(role.as_str())),
            Self::HasRole { role, holds: false } => write!(formatter, "role!:{}", quoted(role.as_str())),
            Self::HasDuplicate(true) => formatter.write_str("duplicate:any"),
            Self::HasDuplicate(false) => formatter.write_str("duplicate:none"),
            Self::Field(filter) => filter.fmt(formatter),
            Self::List(filter) => filter.fmt(formatter),
            Self::Time(filter) => filter.fmt(formatter),
        }
    }
}

impl Asked for Author {
    const BESIDES: &'static [Besides] = &[
        Besides {
            name: "books",
            called: "book bucher buch",
            has_parts: false,
        },
        DUPLICATE,
    ];

    fn besides(written: &Written<'_>) -> Result<AuthorFilter> {
        if written.name == DUPLICATE.name {
            return duplicate(written).map(AuthorFilter::HasDuplicate);
        }
        is_there(written)
            .map(AuthorFilter::HasBooks)
            .ok_or_else(|| Error::invalid("books", "of the books can be asked books:none and books:any"))
    }
}

impl FromStr for AuthorFilter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        read::<Author>(&taken_apart(text)?)
    }
}

impl fmt::Display for AuthorFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HasBooks(true) => formatter.write_str("books:any"),
            Self::HasBooks(false) => formatter.write_str("books:none"),
            Self::HasDuplicate(true) => formatter.write_str("duplicate:any"),
            Self::HasDuplicate(false) => formatter.write_str("duplicate:none"),
            Self::Field(filter) => filter.fmt(formatter),
            Self::List(filter) => filter.fmt(formatter),
            Self::Time(filter) => filter.fmt(formatter),
        }
    }
}

/// Wherever a filter is stored or sent, it is its text.
macro_rules! as_text {
    ($filter:ty) => {
        impl serde::Serialize for $filter {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $filter {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(BookFilter);
as_text!(AuthorFilter);
