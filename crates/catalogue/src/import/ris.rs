//! Reading RIS: two letters, a dash and a value on each line, from `TY` to `ER`.
//!
//! What programs write in it differs, so little is demanded: a line without a tag goes on with the value before it, a
//! record whose `ER` is missing ends where the next one begins, and one whose `TY` is missing is read all the same.
//! Lines between records (numbers, names of databases) are passed over and counted.

mod kinds;
pub(super) mod tags;

use self::tags::{Tagged, record};
use super::ImportError;
use super::foreign::{Record, RecordReader};
use super::left_out::LeftOut;
use super::lines::{Lines, SoFar, Source};
use super::options::Options;
use super::rows::ROW_MAX_BYTES;

/// How many lines at the beginning may come before the first record.
const LINES_BEFORE: usize = 100;

/// Whether a text is the beginning of such a file.
pub(crate) fn recognise(head: &str) -> bool {
    let mut lines = head.lines().take(LINES_BEFORE);
    lines.any(|line| tag(line).is_some_and(|(tag, value)| tag == "TY" && !value.is_empty() && !value.contains(',')))
}

/// Opens such a file and stops before its first record.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(RisReader {
        lines: Lines::open(file, options)?,
        ahead: None,
        outside: 0,
        unclosed: 0,
        left_out: LeftOut::default(),
        options: options.clone(),
    }))
}

struct RisReader {
    lines: Lines,
    /// A line that begins the next record.
    ahead: Option<(u64, String)>,
    /// Lines outside every record.
    outside: u64,
    /// Records without an end.
    unclosed: u64,
    left_out: LeftOut,
    options: Options,
}

impl RecordReader for RisReader {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        let Some(found) = self.tagged()? else { return Ok(None) };
        Ok(Some(record(found, &self.options, &mut self.left_out)))
    }

    fn reading(&self) -> Vec<String> {
        let mut lines = self.left_out.reading();
        if self.outside > 0 {
            lines.push(format!("lines outside every record, passed over: {}", self.outside));
        }
        if self.unclosed > 0 {
            lines.push(format!(
                "records without an ER at their end: {}; each ends where the next begins",
                self.unclosed
            ));
        }
        lines
    }

    fn so_far(&self) -> SoFar {
        self.lines.so_far()
    }
}

impl RisReader {
    /// The lines of the next record.
    fn tagged(&mut self) -> Result<Option<Tagged>, ImportError> {
        let mut found: Option<Tagged> = None;
        while let Some((number, line)) = self.line()? {
            let tag = tag(&line);
            match (tag, &mut found) {
                (Some(("TY", _)), Some(_)) => {
                    self.unclosed += 1;
                    self.ahead = Some((number, line));
                    return Ok(found);
                }
                (Some(("ER", _)), Some(one)) => {
                    one.text.push_str(&line);
                    return Ok(found);
                }
                (Some((tag, value)), None) if tag != "ER" => {
                    let mut one = Tagged::on(number);
                    one.add(tag, value);
                    one.text.push_str(&line);
                    found = Some(one);
                }
                (tag, Some(one)) => {
                    if one.text.len() + line.len() > ROW_MAX_BYTES {
                        return Err(ImportError::RowTooLong { line: one.line });
                    }
                    one.text.push_str(&line);
                    match tag {
                        Some((tag, value)) => one.add(tag, value),
                        None => one.go_on(line.trim()),
                    }
                }
                (_, None) => self.outside += u64::from(!line.trim().is_empty()),
            }
        }
        self.unclosed += u64::from(found.is_some());
        Ok(found)
    }

    fn line(&mut self) -> Result<Option<(u64, String)>, ImportError> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let mut line = String::new();
        let number = self.lines.next(&mut line)?;
        Ok(number.map(|number| (number, line)))
    }
}

/// `AU  - Orr, Ben`: the tag and its value.
fn tag(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches('\u{feff}').trim_end();
    let tag = line.get(..2)?;
    let mut letters = tag.bytes();
    let is_tag = letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|second| second.is_ascii_uppercase() || second.is_ascii_digit());
    let rest = &line[2..];
    let value = rest.trim_start_matches(' ').strip_prefix('-')?;
    // “AB-positive” goes on with the value before it.
    let is_set_off = rest.starts_with(' ') && (value.is_empty() || value.starts_with([' ', '\t']));
    (is_tag && is_set_off).then(|| (tag, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_tag_is_told_from_one_that_goes_on() {
        assert_eq!(tag("TY  - BOOK\r\n"), Some(("TY", "BOOK")));
        assert_eq!(tag("ER  -"), Some(("ER", "")));
        assert_eq!(tag("A1 - Orr, Ben"), Some(("A1", "Orr, Ben")));
        assert_eq!(tag("\u{feff}TY  - BOOK"), Some(("TY", "BOOK")));
        for other in [
            "AB-positive",
            "",
            "x",
            "Ä  - x",
            "au  - Orr",
            "1.",
            "TI: x",
            "IT - IS",
            "TOO  - x",
        ] {
            assert!(tag(other).is_none_or(|(tag, _)| tag == "IT"), "{other}");
        }
    }
}
