//! What can be asked about a field: any field that a person types, of any entity, going by its declaration.
//!
//! A [`FieldFilter`] is one question, and every part of the program asks the same ones: lists and their counts, facets,
//! the command line, the window. The kind of the field says which questions make sense. A filter has a short text form,
//! in which it is shown, stored and handed to the window: `publisher~penguin`, `published_year:1990..1999`,
//! `isbn:none`, `language:bad`. What people type into a search box is read more leniently ([`Typed`]), and becomes filters.
//!
//! A filter is a condition with bound values, and uses what the file has: the folded name, the index of years, the
//! index of ISBNs. What only a kind knows (how a text is folded, whether a value is a good one), SQLite asks Rust while
//! it goes through the rows.

mod asked;
mod listed;
mod times;
mod tokens;
mod written;

use colophon_store::schema::Value;
use colophon_store::{Bound, Comparison, Condition, Entity, Error, FieldOf, Is, Kind, Result, Sql, Where};

pub use self::asked::{Asked, Told, kind_of, name_of, told};
pub(crate) use self::asked::{all_of, exactly};
pub use self::listed::{ListFilter, ListTest};
pub use self::times::TimeFilter;
pub use self::tokens::{Token, Typed, Unfinished};
pub use self::written::field_called;
use crate::folding;

/// One question about one field of an `E`.
#[derive(Debug, PartialEq)]
pub struct FieldFilter<E> {
    field: FieldOf<E>,
    test: Test,
}

impl<E> Clone for FieldFilter<E> {
    fn clone(&self) -> Self {
        Self {
            field: self.field,
            test: self.test.clone(),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is this, exactly.
    Is(Value),
    /// It is something else, or absent.
    IsNot(Value),
    /// The text contains this, ignoring case and accents.
    Contains(String),
    /// The text begins with this, ignoring case and accents.
    BeginsWith(String),
    /// The number is at least the first and at most the second; either may be left open.
    Between(Option<i64>, Option<i64>),
    /// It is absent.
    Empty,
    /// It is present.
    NotEmpty,
    /// It has a value that its field would not be given today: a wrong ISBN, an unknown language. Another program has
    /// written it, or an older version of this one.
    Bad,
}

/// Sorts after every folded text that begins in the same way.
const LAST: char = '\u{10ffff}';

impl<E: Entity> FieldFilter<E> {
    /// A question; [`Error::Invalid`] if it makes no sense for a field of this kind, or its value is empty.
    pub fn new(field: FieldOf<E>, test: Test) -> Result<Self> {
        let is_number = field.declared().options.kind.is_some_and(Kind::is_number);
        let reason = match &test {
            Test::Contains(part) | Test::BeginsWith(part) if E::fold(part).is_empty() => {
                "what is looked for says nothing without its accents"
            }
            Test::Contains(_) | Test::BeginsWith(_) if is_number => {
                "it is a number: ask for one, as in “:1990”, or for some, as in “:1990..1999”"
            }
            Test::Between(..) if !is_number => "it is no number, and has no least and no most",
            Test::Between(None, None) => "a range needs a least or a most",
            _ => return Ok(Self { field, test }),
        };
        Err(Error::invalid(field.name(), reason))
    }

    /// It is this, in its stored form.
    pub fn is(field: FieldOf<E>, value: Value) -> Self {
        let test = match value {
            Value::Null => Test::Empty,
            value => Test::Is(value),
        };
        Self { field, test }
    }

    /// The number lies between these, or is one of them.
    pub fn between(field: FieldOf<E>, least: i64, most: i64) -> Self {
        let test = Test::Between(Some(least), Some(most));
        Self { field, test }
    }

    /// It is absent.
    pub fn empty(field: FieldOf<E>) -> Self {
        let test = Test::Empty;
        Self { field, test }
    }

    /// It has a value that the field would not be given today.
    pub fn bad(field: FieldOf<E>) -> Self {
        let test = Test::Bad;
        Self { field, test }
    }

    /// The field.
    pub fn field(&self) -> FieldOf<E> {
        self.field
    }

    /// What is asked about it.
    pub fn test(&self) -> &Test {
        &self.test
    }
}

impl<E: Entity> Condition for FieldFilter<E> {
    fn add_to(&self, conditions: &mut Where) {
        let declared = self.field.declared();
        let name = declared.name();
        let whole = |first: &'static str, rest: &'static str| {
            let mut condition = Sql::new(first);
            condition.push(rest);
            condition
        };
        let is_nullable = declared.column.nullable;
        match &self.test {
            Test::Is(value) => self.field.compare(Comparison::Is, value).add_to(conditions),
            Test::IsNot(value) => self.field.compare(Comparison::IsNot, value).add_to(conditions),
            Test::Contains(part) => {
                let spellings = folding::spellings(part).into_iter();
                let any = spellings.map(|part| self.field.contains(&part)).reduce(Is::or);
                any.unwrap_or_else(|| self.field.contains(part)).add_to(conditions)
            }
            Test::BeginsWith(beginning) => {
                let first = E::fold(beginning);
                let last = format!("{first}{LAST}");
                conditions.and_sql(
                    &whole(self.field.folded(), " BETWEEN ? AND ?"),
                    [Bound::Text(first), Bound::Text(last)],
                )
            }
            Test::Between(least, most) => {
                let bounds = [least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX)];
                // An indexed order puts rows without a number after all others, so these are excluded by the column
                // itself.
                let mut condition = whole(declared.options.order.unwrap_or(name), " BETWEEN ? AND ? AND ");
                condition.push(name).push(" IS NOT NULL");
                conditions.and_sql(&condition, bounds.map(Bound::Integer))
            }
            Test::Empty if is_nullable => conditions.and_sql(&whole(name, " IS NULL"), []),
            Test::NotEmpty if is_nullable => conditions.and_sql(&whole(name, " IS NOT NULL"), []),
            Test::Empty => conditions.and_sql(&whole(name, "=?"), [(&declared.column.unsaid()).into()]),
            Test::NotEmpty => conditions.and_sql(&whole(name, "<>?"), [(&declared.column.unsaid()).into()]),
            Test::Bad => conditions.and_sql(&Sql::new(declared.sql.unfit), []),
        };
    }
}
