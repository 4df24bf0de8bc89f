//! The columns of a list: any field of the record, and what else a list has.

use std::fmt;
use std::str::FromStr;

use colophon_store::schema::Value;
use colophon_store::{EntityId as _, Error, FieldOf, Result, jiff};

use super::Listed;
use crate::filters::field_called;

/// A column that is not a field of the record.
pub struct OwnColumn<E: Listed> {
    /// Its name, which is not the name of a field.
    pub name: &'static str,
    /// What it says about a line.
    pub text: fn(&E::Line) -> Option<String>,
    /// Whether it is best shown in digits of equal width.
    pub is_figures: bool,
}

/// One column of a list of `E`.
pub enum Column<E: Listed> {
    /// A field of the record.
    Field(FieldOf<E>),
    /// What the list of this entity has besides.
    Own(&'static OwnColumn<E>),
    /// The id.
    Id,
    /// When the record was made.
    Added,
    /// When it was last changed.
    Changed,
}

#[expect(
    clippy::expl_impl_clone_on_copy,
    reason = "a derived one would ask the same of the entity"
)]
impl<E: Listed> Clone for Column<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Listed> Copy for Column<E> {}

impl<E: Listed> fmt::Debug for Column<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column {}", self.name())
    }
}

impl<E: Listed> Column<E> {
    /// All columns that there are, the list's own before the fields, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        let fields = FieldOf::<E>::typed().map(Self::Field);
        let own = E::OWN_COLUMNS.iter().map(Self::Own);
        fields.chain(own).chain([Self::Added, Self::Changed, Self::Id])
    }

    /// The columns that are shown unless somebody wants others.
    pub fn first() -> impl Iterator<Item = Self> {
        let named = |name: &&str| Self::all().find(|column| column.name() == *name);
        E::FIRST_COLUMNS.iter().filter_map(named)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name(),
            Self::Own(own) => own.name,
            Self::Id => "id",
            Self::Added => "added",
            Self::Changed => "changed",
        }
    }

    /// Whether it is best shown in digits of equal width.
    pub fn is_figures(self) -> bool {
        match self {
            Self::Field(field) => field.declared().options.kind.is_some_and(|kind| kind.has_figures()),
            Self::Own(own) => own.is_figures,
            Self::Id | Self::Added | Self::Changed => true,
        }
    }

    /// The order of the list in which this column ascends, if there is one.
    pub fn order(self) -> Option<E::Sort> {
        let own = || E::OWN_ORDERS.iter().find(|(name, _)| *name == self.name());
        match self {
            Self::Field(field) => field.declared().is_sortable().then(|| E::by_field(field)),
            _ => own().map(|(_, order)| *order),
        }
    }

    /// What it says about a line; `None` if that is nothing.
    pub fn text(self, line: &E::Line) -> Option<String> {
        let row = E::row(line);
        match self {
            Self::Field(field) => {
                let declared = field.declared();
                declared.print(&row.values()[declared.position])
            }
            Self::Own(own) => (own.text)(line),
            Self::Id => Some(row.id().uuid().to_string()),
            // A table ends with the times of creation and change.
            Self::Added => row.values().iter().rev().nth(1).and_then(instant),
            Self::Changed => row.values().last().and_then(instant),
        }
    }
}

fn instant(value: &Value) -> Option<String> {
    let Value::Integer(microseconds) = value else {
        return None;
    };
    let at = jiff::Timestamp::from_microsecond(*microseconds).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

impl<E: Listed> FromStr for Column<E> {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let name = name.trim();
        let named = Self::all().find(|column| column.name() == name);
        let column = named.or_else(|| field_called(name).map(Self::Field).ok());
        column.ok_or_else(|| {
            let all: Vec<_> = Self::all().map(Self::name).collect();
            Error::invalid("columns", format!("there is no “{name}”; there are {}", all.join(", ")))
        })
    }
}
