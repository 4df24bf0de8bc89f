//! Search as you type, at every keystroke.

use anyhow::Result;
use colophon_catalogue::lists::{BookList, Lists};

use crate::floor;
use crate::measure::{Table, milliseconds, percentile, timed};

/// Typed letter by letter: common and rare words, parts of words, several words, people, nothing at all.
pub(crate) const TYPED: [&str; 12] = [
    "shadow of the",
    "library",
    "oeuvre",
    "strasse",
    "123456",
    "wolfson",
    "zzzz",
    "garden king 77",
    "emp",
    "orchard lantern",
    "the",
    "son 9",
];

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    let (file, _) = floor::filled(rows)?;
    let lists = Lists::new(file.database.clone());
    let ready = timed(|| Ok(lists.books.prepare()?))?;
    table.figure(
        format!("search index of {rows} books, from start to ready"),
        milliseconds(ready),
        "≤ 1 s",
    );
    let (mut first, mut all) = (Vec::new(), Vec::new());
    for typed in TYPED {
        for end in 1..=typed.len() {
            let prefix = &typed[..end];
            first.push(timed(|| {
                Ok(lists.books.first(prefix, 20, |_, found| Ok(found.len()))?)
            })?);
            let list = BookList {
                text: prefix.to_owned(),
                ..BookList::default()
            };
            all.push(timed(|| Ok(lists.books.found(&list, |_, found| Ok(found.len()))?))?);
        }
    }
    let keystrokes = first.len();
    let (median, p99, worst) = (
        percentile(&mut first, 50),
        percentile(&mut first, 99),
        percentile(&mut first, 100),
    );
    table.figure(
        format!("first 20 of {rows} books at each of {keystrokes} keystrokes: median, p99, worst"),
        format!(
            "{}, {}, {}",
            milliseconds(median),
            milliseconds(p99),
            milliseconds(worst)
        ),
        "≤ 1 ms, worst ≤ 5 ms",
    );
    let (median, worst) = (percentile(&mut all, 50), percentile(&mut all, 100));
    table.figure(
        "all places and the exact count: median, worst",
        format!("{}, {}", milliseconds(median), milliseconds(worst)),
        "≤ 16 ms",
    );
    Ok(())
}
