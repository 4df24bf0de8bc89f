//! Rows of text in columns: aligned for a person, separated by tabs for a program.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::output::Output;
use crate::shown::visible;

/// The greatest width of a column on a terminal, in places.
const COLUMN_MAX_WIDTH: usize = 48;

/// Writes a table. The last column is never truncated, so ids belong there.
pub(crate) fn write(output: &Output, heads: &[impl AsRef<str>], rows: &[impl AsRef<[String]>]) -> anyhow::Result<()> {
    let heads: Vec<&str> = heads.iter().map(AsRef::as_ref).collect();
    let rows: Vec<Vec<_>> = rows
        .iter()
        .map(|row| row.as_ref().iter().map(|cell| visible(cell)).collect())
        .collect();
    if !output.is_for_a_person() {
        return rows.iter().try_for_each(|row| output.line(row.join("\t")));
    }
    let mut widths: Vec<usize> = heads.iter().map(|head| head.width()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width()).min(COLUMN_MAX_WIDTH);
        }
    }
    output.heads(line(&heads, &widths))?;
    rows.iter().try_for_each(|row| {
        let cells: Vec<&str> = row.iter().map(AsRef::as_ref).collect();
        output.line(line(&cells, &widths))
    })
}

fn line(cells: &[&str], widths: &[usize]) -> String {
    let mut line = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if index + 1 == cells.len() {
            line.push_str(cell);
        } else {
            let shown = cut(cell, *width);
            line.push_str(&shown);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(shown.width()) + 2));
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// The text in at most `width` places, with an ellipsis if it is truncated.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut places = 1;
    let fits = |letter: &char| {
        places += letter.width().unwrap_or(0);
        places <= width
    };
    let mut shown: String = text.chars().take_while(fits).collect();
    shown.push('…');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_cut_by_the_places_it_takes_and_not_by_its_letters() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("shorter", 5), "shor…");
        assert_eq!(cut("紅樓夢紅樓夢", 6), "紅樓…");
    }

    #[test]
    fn columns_line_up_and_the_last_one_is_whole() {
        assert_eq!(
            line(&["望月淳", "b", "the whole id"], &[8, 3, 2]),
            "望月淳    b    the whole id"
        );
    }
}
