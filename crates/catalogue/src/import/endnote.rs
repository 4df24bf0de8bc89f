//! Reading the tagged format of EndNote: `%A Orr, Ben`, a record from `%0` to an empty line.
//!
//! Its tags mean what tags of RIS mean, so each is read as the one that it corresponds to.

use super::ImportError;
use super::foreign::{Record, RecordReader};
use super::left_out::LeftOut;
use super::lines::{Lines, SoFar, Source};
use super::options::Options;
use super::ris::tags::{Tagged, record};
use super::rows::ROW_MAX_BYTES;

/// How many lines at the beginning may come before the first record.
const LINES_BEFORE: usize = 20;

/// Whether a text is the beginning of such a file.
pub(crate) fn recognise(head: &str) -> bool {
    let mut lines = head.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let Some(first) = lines.by_ref().take(LINES_BEFORE).find_map(tag) else {
        return false;
    };
    let is_record = first.0 == '0' || lines.next().is_some_and(|second| tag(second).is_some());
    is_record && ris_tag(first.0).is_some() && !first.1.is_empty()
}

/// Opens such a file and stops before its first record.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(EndNoteReader {
        lines: Lines::open(file, options)?,
        ahead: None,
        left_out: LeftOut::default(),
        options: options.clone(),
    }))
}

struct EndNoteReader {
    lines: Lines,
    /// A line that begins the next record.
    ahead: Option<(u64, String)>,
    left_out: LeftOut,
    options: Options,
}

impl RecordReader for EndNoteReader {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        let mut found: Option<Tagged> = None;
        while let Some((number, line)) = self.line()? {
            let tagged = tag(line.trim_start_matches('\u{feff}'));
            let is_next = matches!(tagged, Some(('0', _)));
            match (&mut found, tagged) {
                (Some(_), _) if is_next => {
                    self.ahead = Some((number, line));
                    break;
                }
                (None, None) => {}
                (one, tagged) => {
                    let one = one.get_or_insert_with(|| Tagged::on(number));
                    if one.text.len() + line.len() > ROW_MAX_BYTES {
                        return Err(ImportError::RowTooLong { line: one.line });
                    }
                    one.text.push_str(&line);
                    match tagged {
                        Some((tag, value)) => add(one, tag, value, &mut self.left_out),
                        None => one.go_on(line.trim()),
                    }
                }
            }
        }
        Ok(found.map(|found| record(found, &self.options, &mut self.left_out)))
    }

    fn reading(&self) -> Vec<String> {
        self.left_out.reading()
    }

    fn so_far(&self) -> SoFar {
        self.lines.so_far()
    }
}

impl EndNoteReader {
    fn line(&mut self) -> Result<Option<(u64, String)>, ImportError> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let mut line = String::new();
        let number = self.lines.next(&mut line)?;
        Ok(number.map(|number| (number, line)))
    }
}

fn add(one: &mut Tagged, tag: char, value: &str, left_out: &mut LeftOut) {
    match ris_tag(tag) {
        Some("TY") => one.add("TY", kind(value)),
        Some(ris) => one.add(ris, value),
        None => left_out.field(&format!("%{tag}")),
    }
}

/// `%A Orr, Ben`: the tag and its value.
fn tag(line: &str) -> Option<(char, &str)> {
    let mut rest = line.trim_end().strip_prefix('%')?.chars();
    let tag = rest.next().filter(|tag| tag.is_ascii_graphic())?;
    let value = rest.as_str();
    (value.is_empty() || value.starts_with(' ')).then(|| (tag, value.trim()))
}

/// The tag of RIS with the same meaning.
fn ris_tag(tag: char) -> Option<&'static str> {
    Some(match tag {
        '0' => "TY",
        'A' => "AU",
        'B' => "T2",
        'C' => "CY",
        'D' => "PY",
        'E' => "A2",
        'F' => "ID",
        'G' => "LA",
        'H' => "TA",
        'I' => "PB",
        'J' => "JO",
        'K' => "KW",
        'L' => "CN",
        'M' => "AN",
        'N' => "IS",
        'O' | 'Z' => "N1",
        'P' => "SP",
        'Q' => "TT",
        'R' => "DO",
        'S' => "T3",
        'T' => "TI",
        'U' => "UR",
        'V' => "VL",
        'X' => "AB",
        'Y' => "A3",
        '@' => "SN",
        '6' => "NV",
        '7' => "ET",
        '8' => "DA",
        '9' => "M3",
        '?' => "A4",
        '!' => "ST",
        '&' => "SE",
        '(' => "OP",
        '*' => "RI",
        '1' => "C1",
        '2' => "C2",
        '3' => "C3",
        '4' => "C4",
        _ => return None,
    })
}

/// The kind of RIS with the same meaning.
fn kind(word: &str) -> &'static str {
    match word.trim().to_lowercase().as_str() {
        "book" | "classical work" | "encyclopedia" | "dictionary" | "catalog" => "BOOK",
        "electronic book" => "EBOOK",
        "edited book" => "EDBOOK",
        "book section" | "electronic book section" => "CHAP",
        "conference proceedings" => "CONF",
        "conference paper" => "CPAPER",
        "thesis" => "THES",
        "report" => "RPRT",
        "government document" => "GOVDOC",
        "pamphlet" => "PAMP",
        "music" => "MUSIC",
        "standard" => "STAND",
        "manuscript" => "MANSCPT",
        "serial" => "SER",
        "journal article" | "magazine article" | "newspaper article" | "electronic article" => "JOUR",
        "web page" | "blog" | "electronic source" => "ELEC",
        "computer program" => "COMP",
        "dataset" | "aggregated database" | "online database" => "DATA",
        "patent" => "PAT",
        "personal communication" => "PCOMM",
        "case" | "bill" | "statute" | "hearing" | "legal rule or regulation" => "CASE",
        "artwork" | "figure" | "chart or table" => "ART",
        "map" => "MAP",
        "film or broadcast" | "audiovisual material" => "VIDEO",
        "grant" => "GRANT",
        "equation" => "EQUA",
        _ => "GEN",
    }
}
