//! What can be asked about a list of texts that records have: whether it has a text, one that contains this, or any.
//!
//! As with fields, the questions follow from the declaration: a new list can be queried without a line here. Whoever
//! asks for a tag means all tags of that name, because a book shows it once.

use colophon_store::{Bound, Condition, Sql, Where};

use super::LAST;
use crate::belongings::Belongings;

/// One question about one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    list: &'static Belongings,
    test: ListTest,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListTest {
    /// This is in it.
    Has(String),
    /// This is not in it.
    HasNot(String),
    /// Something in it contains this, ignoring case and accents.
    Contains(String),
    /// Something in it begins with this, ignoring case and accents.
    BeginsWith(String),
    /// It is empty.
    Empty,
    /// It is not empty.
    NotEmpty,
}

impl ListFilter {
    /// A question.
    pub fn new(list: &'static Belongings, test: ListTest) -> Self {
        Self { list, test }
    }

    /// The list.
    pub fn list(&self) -> &'static Belongings {
        self.list
    }

    /// What is asked about it.
    pub fn test(&self) -> &ListTest {
        &self.test
    }

    /// Whether an index leads to the few records that match.
    pub(crate) fn is_narrow(&self) -> bool {
        matches!(self.test, ListTest::Has(_))
    }
}

impl Condition for ListFilter {
    fn add_to(&self, conditions: &mut Where) {
        let reading = &self.list.reading;
        let mut rows = Sql::default();
        let values = match &self.test {
            ListTest::Has(text) | ListTest::HasNot(text) => {
                rows.push(reading.is);
                (reading.values)(text)
            }
            ListTest::Contains(part) => {
                rows.push("instr(").push(reading.folded).push(",?)>0");
                vec![(reading.fold)(part)]
            }
            ListTest::BeginsWith(beginning) => {
                rows.push(reading.folded).push(" BETWEEN ? AND ?");
                let first = (reading.fold)(beginning);
                let last = format!("{first}{LAST}");
                vec![first, last]
            }
            ListTest::Empty | ListTest::NotEmpty => {
                rows.push("1");
                Vec::new()
            }
        };
        let is_without = matches!(self.test, ListTest::HasNot(_) | ListTest::Empty);
        let mut condition = Sql::new(if is_without { "id NOT IN (" } else { "id IN (" });
        condition
            .push("SELECT ")
            .push(reading.key)
            .push(" FROM ")
            .push(reading.from);
        // A row of another list names no record of this one, and nothing counts as outside a set with a NULL in it.
        condition
            .push(" WHERE ")
            .push(reading.key)
            .push(" IS NOT NULL AND ")
            .append(&rows)
            .push(")");
        conditions.and_sql(&condition, values.into_iter().map(Bound::Text));
    }
}
