//! Quotes that pull more into a cell than anybody meant.
//!
//! A quote at the beginning of a cell quotes everything up to the next quote, across line ends too: that is how a cell
//! gets several lines. A quote that somebody forgot to close does the same, and pulls the following rows into its cell
//! until the next quote, which may be far away. Nothing in CSV distinguishes the two, but the byte after it does: a
//! quote that was meant to close is followed by a delimiter or a line end, and one that was meant to open another cell
//! is not. And if a mark happens to be in the right place, the lines in between have as many delimiters as rows have,
//! in a cell that by its nature has one line.

/// An unintended quotation over several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The file ended in it.
    NeverClosed,
    /// It was closed lines later, by a quote that opens something, or after what looks like rows.
    ClosedLater,
}

/// The fault of a row, given with the line end after it and read as the CSV reader reads it. `cells` is how many cells
/// a row has, and `has_lines` says for which of them it is natural to have several lines.
pub(super) fn fault(
    row: &[u8],
    delimiter: u8,
    has_backslashes: bool,
    cells: usize,
    has_lines: impl Fn(usize) -> bool,
) -> Option<Fault> {
    let (mut rest, mut cell) = (row, 0);
    loop {
        if let [b'"', quoted @ ..] = rest {
            let Some(length) = closed_after(quoted, has_backslashes) else {
                return has_line_end(quoted).then_some(Fault::NeverClosed);
            };
            let (quoted, behind) = (&quoted[..length], &quoted[length + 1..]);
            let stands_right = behind
                .first()
                .is_none_or(|&next| next == delimiter || is_line_end(next));
            let is_meant = stands_right && (has_lines(cell) || !has_rows(quoted, delimiter, cells));
            if has_line_end(quoted) && !is_meant {
                return Some(Fault::ClosedLater);
            }
            rest = behind;
        }
        let next = rest.iter().position(|&byte| byte == delimiter || is_line_end(byte))?;
        if is_line_end(rest[next]) {
            return None;
        }
        rest = &rest[next + 1..];
        cell += 1;
    }
}

/// Where the quote is that closes a quotation; two in a row are one that belongs to the text.
fn closed_after(quoted: &[u8], has_backslashes: bool) -> Option<usize> {
    let mut from = 0;
    loop {
        let quote = from + memchr::memchr(b'"', &quoted[from..])?;
        if has_backslashes && quote.checked_sub(1).is_some_and(|before| quoted[before] == b'\\') {
            from = quote + 1;
            continue;
        }
        if quoted.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        from = quote + 2;
    }
}

/// Whether the lines between the first and the last have as many delimiters as a row has.
fn has_rows(quoted: &[u8], delimiter: u8, cells: usize) -> bool {
    let end = if quoted.contains(&b'\n') { b'\n' } else { b'\r' };
    let mut lines: Vec<&[u8]> = quoted.split(|&byte| byte == end).collect();
    if lines.len() < 3 || cells < 2 {
        return false;
    }
    lines.pop();
    lines
        .iter()
        .skip(1)
        .all(|line| memchr::memchr_iter(delimiter, line).count() == cells - 1)
}

fn has_line_end(text: &[u8]) -> bool {
    memchr::memchr2(b'\n', b'\r', text).is_some()
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of(row: &str) -> Option<Fault> {
        fault(row.as_bytes(), b',', false, 3, |cell| cell == 2)
    }

    #[test]
    fn a_cell_of_several_lines_is_no_fault() {
        for row in [
            "a,b,c\n",
            "a,b,\"one\ntwo, three\n\"\"four\"\", five, six\"\n",
            "\"a\nb\",c,d\r\n",
            "a,\"b\"\"\",c",
            "a,\"b\" c,d\n",
            "a 5\",b,c\n",
            "a,b,\"1\n2,3,4\n5\"\n",
        ] {
            assert_eq!(fault_of(row), None, "{row:?}");
        }
    }

    #[test]
    fn a_mark_that_was_meant_to_open_another_cell_is_found() {
        for row in [
            "a,\"b,c\nd,\"e\",f\n",
            "a,\"b,c\nd,e,f\ng,\"h\",i\n",
            "a,\"b,c\nd,e,f\ng,\"\"\"h\"\"\",i\n",
            "a,\"b,c\rd,e,f\rg,\"h\",i\r",
            "\"a,b,c\nd,e,f\ng,h,i\",j,k\n",
        ] {
            assert_eq!(fault_of(row), Some(Fault::ClosedLater), "{row:?}");
        }
        assert_eq!(fault_of("a,\"b,c\nd,e,f\n"), Some(Fault::NeverClosed));
        assert_eq!(fault_of("a,\"b,c"), None, "nothing is swallowed on the last line");
    }
}
