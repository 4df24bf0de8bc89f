//! Cells that are merged over several rows.
//!
//! Whoever merges the author's cell over three books means that all three are hers. The file has the value in the first
//! row only, so each of the others is given it. Cells that are merged over columns have their value where they begin,
//! which is where a table has it, too.

use std::collections::VecDeque;

/// How many may be open at a time: no table has more columns of that kind, and a file made to be slow would.
const OPEN_MAX: usize = 256;

/// The merged cells of a sheet.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Those below the row that is read, the next one first.
    below: VecDeque<Area>,
    /// Those that the row lies in, with what they say.
    open: Vec<(Area, String)>,
    /// How many cells were given a value.
    pub(super) given: u64,
}

/// A merged cell: its first column, and the numbers of its first and last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Area {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) column: usize,
}

impl Merged {
    /// Those of a sheet, in any order.
    pub(super) fn of(areas: impl IntoIterator<Item = Area>) -> Self {
        let mut areas: Vec<Area> = areas.into_iter().filter(|area| area.last > area.first).collect();
        areas.sort_unstable();
        Self {
            below: areas.into(),
            ..Self::default()
        }
    }

    /// One more, which begins below all others or beside the last.
    pub(super) fn add(&mut self, area: Area) {
        if area.last > area.first {
            self.below.push_back(area);
        }
    }

    /// A row with what merged cells say; `None` if it stays as it is. Rows come in order.
    pub(super) fn filled(&mut self, number: u32, cells: &[String]) -> Option<Vec<String>> {
        self.open.retain(|(area, _)| area.last >= number);
        let mut filled = None;
        for (area, text) in &self.open {
            if cells.get(area.column).is_none_or(|cell| cell.trim().is_empty()) {
                let filled = filled.get_or_insert_with(|| cells.to_vec());
                filled.resize(filled.len().max(area.column + 1), String::new());
                filled[area.column].clone_from(text);
                self.given += 1;
            }
        }
        while let Some(area) = self.below.front().copied().filter(|area| area.first <= number) {
            self.below.pop_front();
            let text = cells.get(area.column).filter(|text| !text.trim().is_empty());
            if let Some(text) = text.filter(|_| area.first == number && self.open.len() < OPEN_MAX) {
                self.open.push((area, text.clone()));
            }
        }
        filled
    }
}
