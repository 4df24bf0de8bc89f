//! Typed queries and pages.

use serde::Serialize;

use crate::entity::filtering::Is;
use crate::entity::{Condition, Entity};
use crate::error::{Error, Result};
use crate::schema::sql::Where;

/// The most rows one page may have.
pub const PER_PAGE_MAX: u32 = 1_000;

/// Which rows of an entity, and in which order.
#[derive(Debug, Clone)]
pub struct Query<E: Entity> {
    /// All of these must hold.
    pub filters: Vec<E::Filter>,
    /// The order.
    pub sort: E::Sort,
    /// Whether the order is reversed.
    pub descending: bool,
    /// All of these must hold as well.
    pub(crate) matching: Vec<Is<E>>,
}

impl<E: Entity> Default for Query<E> {
    fn default() -> Self {
        Self {
            filters: Vec::new(),
            sort: E::Sort::default(),
            descending: false,
            matching: Vec::new(),
        }
    }
}

impl<E: Entity> Query<E> {
    /// All rows, in the entity's own order.
    pub fn all() -> Self {
        Self::default()
    }

    /// The rows for which a condition holds, in the entity's own order.
    pub fn filtered(filter: E::Filter) -> Self {
        Self::default().and(filter)
    }

    /// With one more condition.
    #[must_use]
    pub fn and(mut self, filter: E::Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// With one more condition on a field: `Query::all().matching(Recipe::FIELDS.minutes.at_most(30))`.
    #[must_use]
    pub fn matching(mut self, condition: Is<E>) -> Self {
        self.matching.push(condition);
        self
    }

    /// In another order.
    #[must_use]
    pub fn sorted_by(mut self, sort: E::Sort, descending: bool) -> Self {
        self.sort = sort;
        self.descending = descending;
        self
    }

    /// Whether every row matches.
    pub(crate) fn is_of_all(&self) -> bool {
        self.filters.is_empty() && self.matching.is_empty()
    }

    pub(crate) fn conditions(&self) -> Where {
        let mut conditions = Where::default();
        for filter in &self.filters {
            filter.add_to(&mut conditions);
        }
        for condition in &self.matching {
            condition.add_to(&mut conditions);
        }
        conditions
    }
}

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// The page's number, from 1 on.
    pub page: u64,
    /// Rows on a page, 1 to [`PER_PAGE_MAX`].
    pub per_page: u32,
}

impl PageRequest {
    /// A page by its number, checked.
    pub fn new(page: u64, per_page: u32) -> Result<Self> {
        let request = Self { page, per_page };
        request.offset().map(|_| request)
    }

    /// The number of rows before the page.
    pub fn offset(self) -> Result<u64> {
        if !(1..=PER_PAGE_MAX).contains(&self.per_page) {
            return Err(Error::invalid(
                "per_page",
                format!("must be between 1 and {PER_PAGE_MAX}"),
            ));
        }
        if self.page == 0 {
            return Err(Error::invalid("page", "the first page is 1"));
        }
        // Beyond what SQLite can count there are no rows either, so a page past any end is simply empty.
        Ok((self.page - 1)
            .saturating_mul(u64::from(self.per_page))
            .min(i64::MAX as u64))
    }
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PageMeta {
    /// The page's number, from 1 on.
    pub page: u64,
    /// Rows on a full page.
    pub per_page: u32,
    /// Rows on all pages, counted in the same snapshot as the items.
    pub total: u64,
    /// How many pages that makes.
    pub pages: u64,
}

/// One page of a list. A page past the end has no items and the true total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where they stand in the list.
    pub meta: PageMeta,
}

impl<T> Page<T> {
    /// A page of a list that has `total` rows.
    pub fn new(items: Vec<T>, request: PageRequest, total: u64) -> Self {
        let pages = total.div_ceil(u64::from(request.per_page.max(1)));
        Self {
            items,
            meta: PageMeta {
                page: request.page,
                per_page: request.per_page,
                total,
                pages,
            },
        }
    }

    /// The same page, with each item converted.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            meta: self.meta,
        }
    }
}
