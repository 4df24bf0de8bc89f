//! If two columns for one field say different things, the first is taken, and the report says for how many rows that is
//! so.

/// How many lines are named.
pub(super) const LINES_NAMED: usize = 5;

/// The lines to which something applied, counted, with the first of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    count: u64,
    first: Vec<u64>,
}

impl Lines {
    pub(super) fn add(&mut self, line: u64) {
        self.count += 1;
        if self.first.len() < LINES_NAMED {
            self.first.push(line);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// `line 3`, `lines 3, 5, …`.
    pub(super) fn named(&self) -> String {
        let numbers: Vec<String> = self.first.iter().map(u64::to_string).collect();
        let word = if self.count == 1 { "line" } else { "lines" };
        let more = if self.count > numbers.len() as u64 { ", …" } else { "" };
        format!("{word} {}{more}", numbers.join(", "))
    }
}

/// The disagreements of a file, by field.
#[derive(Debug, Default)]
pub(super) struct Disagreements(Vec<(&'static str, Lines)>);

impl Disagreements {
    pub(super) fn add(&mut self, field: &'static str, line: u64) {
        if let Some((_, lines)) = self.0.iter_mut().find(|(known, _)| *known == field) {
            lines.add(line);
        } else {
            let mut lines = Lines::default();
            lines.add(line);
            self.0.push((field, lines));
        }
    }

    pub(super) fn reading(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(field, lines)| {
            format!(
                "{field}: its columns say different things on {}, and the first that says something was taken",
                lines.named()
            )
        })
    }
}
