//! What of a file did not come in, counted, so that it is told in a few lines and not left behind in silence.

use std::collections::BTreeMap;

/// How many names are counted one by one.
const NAMES_COUNTED: usize = 200;
/// How many names are told.
const NAMES_TOLD: usize = 30;

/// Names with how often each occurred.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    fields: BTreeMap<String, u64>,
    kinds: BTreeMap<&'static str, u64>,
    more: u64,
}

impl LeftOut {
    /// A field for which no book has a place.
    pub(super) fn field(&mut self, name: &str) {
        let has_room = self.fields.len() < NAMES_COUNTED;
        match self.fields.get_mut(name) {
            Some(count) => *count += 1,
            None if has_room => drop(self.fields.insert(name.to_owned(), 1)),
            None => self.more += 1,
        }
    }

    /// A record that is no book.
    pub(super) fn kind(&mut self, kind: &'static str) {
        *self.kinds.entry(kind).or_default() += 1;
    }

    /// What to tell about it, at the end of the file.
    pub(super) fn reading(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let kinds = told(self.kinds.iter().map(|(kind, count)| (*kind, *count)));
        if !kinds.is_empty() {
            lines.push(format!(
                "records that are no books and were left out: {kinds}; --any-kind takes them, too"
            ));
        }
        let fields = told(self.fields.iter().map(|(name, count)| (name.as_str(), *count)));
        if !fields.is_empty() {
            let more = match self.more {
                0 => String::new(),
                more => format!(", and {more} times others"),
            };
            lines.push(format!(
                "fields for which a book has no place, left out: {fields}{more}"
            ));
        }
        lines
    }
}

/// `an article (12), a web page (3), …`, the most frequent first.
fn told<'n>(counted: impl Iterator<Item = (&'n str, u64)>) -> String {
    let mut counted: Vec<_> = counted.collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = if counted.len() > NAMES_TOLD { ", …" } else { "" };
    let names: Vec<String> = counted
        .iter()
        .take(NAMES_TOLD)
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    names.join(", ") + more
}
