//! How far a long act has come, for a person at a terminal.

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// A bar on stderr; invisible if nobody would see it.
pub(crate) fn bar(output: &Output, total: u64) -> ProgressBar {
    if !output.shows_progress() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}")
        // The template is a constant; if it were wrong, the default style would do.
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}
