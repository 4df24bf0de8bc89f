//! What the window may ask: each command is argument → call → value or coded error.
//!
//! The types here are the wire. The window's TypeScript is generated from them, so a field that changes its name fails the
//! window's type check and not a person's click.

pub(crate) mod authors;
pub(crate) mod belongings;
pub(crate) mod books;
pub(crate) mod catalogue;
pub(crate) mod catalogues;
pub(crate) mod checks;
pub(crate) mod conflicts;
pub(crate) mod connection;
pub(crate) mod contributions;
pub(crate) mod drafts;
pub(crate) mod fields;
pub(crate) mod lists;
pub(crate) mod moved;
pub(crate) mod rescue;
pub(crate) mod subject;
pub(crate) mod sync;
pub(crate) mod undo;

use colophon_store::Page;
use jiff::Timestamp;
use serde::Serialize;
use specta::Type;

use crate::app_state::count;

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
    fn of<L: Into<T>>(page: Page<L>) -> Self {
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

/// An instant as JavaScript reads it: with milliseconds, and not with more.
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
