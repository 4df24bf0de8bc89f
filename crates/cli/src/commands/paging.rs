//! Which page of a list.

use clap::Args;
use colophon_store::{Page, PageRequest};
use indicatif::HumanCount;

use crate::output::Output;

/// Which page of a list.
#[derive(Debug, Args)]
pub(crate) struct Paging {
    /// The page, counted from 1.
    #[arg(long, default_value_t = 1)]
    page: u64,
    /// Records per page, at most 1000.
    #[arg(long, default_value_t = 20)]
    per_page: u32,
}

impl Paging {
    /// The request, checked.
    pub(crate) fn request(&self) -> colophon_store::Result<PageRequest> {
        PageRequest::new(self.page, self.per_page)
    }
}

/// Says which page this is.
pub(crate) fn note<T>(page: &Page<T>, output: &Output) {
    let meta = page.meta;
    if meta.pages == 0 {
        output.aside(format_args!("none"));
        return;
    }
    output.aside(format_args!(
        "page {} of {}, {} in all",
        meta.page,
        HumanCount(meta.pages),
        HumanCount(meta.total)
    ));
}
