//! Values on their way to the window: numbers, instants and pages in the form in which its JavaScript reads them.

use colophon_store::Page;
use jiff::Timestamp;
use serde::Serialize;
use specta::Type;

/// One page of a list and where it stands in the whole.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Rows<T> {
    /// The rows of this page, in order.
    pub(crate) items: Vec<T>,
    /// Where the page stands.
    pub(crate) meta: PageMeta,
}

/// Where a page stands. Pages count from 1; a page past the end has no rows and the true total.
#[derive(Debug, Serialize, Type)]
pub(crate) struct PageMeta {
    /// The page asked for.
    pub(crate) page: u32,
    /// How many rows a full page has.
    pub(crate) per_page: u32,
    /// How many rows match in all.
    pub(crate) total: u32,
    /// How many pages that makes.
    pub(crate) pages: u32,
}

impl<T> Rows<T> {
    pub(crate) fn of<L: Into<T>>(page: Page<L>) -> Self {
        let meta = PageMeta {
            page: count(page.meta.page),
            per_page: page.meta.per_page,
            total: count(page.meta.total),
            pages: count(page.meta.pages),
        };
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            meta,
        }
    }
}

/// An instant as JavaScript reads it: with milliseconds, but no finer.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A number from the core on its way to the window, which counts in JavaScript's numbers.
pub(crate) fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
