//! Which tag of a record says what of a book.

use super::kinds::kind;
use crate::book::Book;
use crate::contribution::Role;
use crate::import::foreign::Record;
use crate::import::host::Host;
use crate::import::isbns;
use crate::import::kind_of_record::KindOfRecord;
use crate::import::left_out::LeftOut;
use crate::import::options::Options;

/// The lines of a record.
#[derive(Debug, Default)]
pub(in crate::import) struct Tagged {
    /// The line on which it begins.
    pub(in crate::import) line: u64,
    /// All of it, as in the file.
    pub(in crate::import) text: String,
    /// Tags with their values, some of which are empty.
    fields: Vec<(String, String)>,
}

impl Tagged {
    /// A record that begins on this line.
    pub(in crate::import) fn on(line: u64) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    /// Adds a tag with its value.
    pub(in crate::import) fn add(&mut self, tag: &str, value: &str) {
        self.fields.push((tag.to_owned(), value.to_owned()));
    }

    /// Goes on with the last value. A list has an item on each line.
    pub(in crate::import) fn go_on(&mut self, line: &str) {
        let Some((tag, value)) = self.fields.last_mut() else {
            return;
        };
        let is_prose = matches!(tag.as_str(), "N1" | "N2" | "AB" | "RN");
        if line.is_empty() {
            // A paragraph ends.
            value.push_str(if is_prose { "\n" } else { "" });
        } else if value.is_empty() {
            value.push_str(line);
        } else if matches!(
            tag.as_str(),
            "KW" | "SN" | "UR" | "AU" | "A1" | "A2" | "A3" | "A4" | "ED"
        ) {
            let tag = tag.clone();
            self.fields.push((tag, line.to_owned()));
        } else {
            value.push(if is_prose { '\n' } else { ' ' });
            value.push_str(line);
        }
    }

    fn get(&self, tag: &str) -> Option<&str> {
        let mut all = self
            .fields
            .iter()
            .filter(|(known, value)| known == tag && !value.is_empty());
        all.next().map(|(_, value)| value.as_str())
    }

    fn first(&self, tags: &[&str]) -> Option<&str> {
        tags.iter().find_map(|tag| self.get(tag))
    }
}

/// The record that some tagged lines make.
pub(in crate::import) fn record(tagged: Tagged, options: &Options, left_out: &mut LeftOut) -> Record {
    let word = tagged.get("TY").unwrap_or_default();
    let kind = kind(word);
    let mut record = Record::on(tagged.line);
    kind.judge(&mut record, word, options);
    if let (Some(_), KindOfRecord::NoBook(what)) = (&record.refused, kind) {
        left_out.kind(what);
        record.text = tagged.text;
        return record;
    }
    let mut host = kind.is_part().then(Host::default);
    titles(&mut record, &tagged, &mut host);
    pages(&mut record, &tagged, &mut host);
    for (tag, value) in tagged.fields.iter().filter(|(_, value)| !value.is_empty()) {
        let is_taken = person(&mut record, word, tag, value) || field(&mut record, &tagged, (tag, value), &mut host);
        if !is_taken {
            left_out.field(tag);
        }
    }
    if let Some(host) = host {
        host.note(&mut record);
    }
    if word.eq_ignore_ascii_case("EBOOK") {
        record.say(Book::FIELDS.format.any(), "ebook");
    }
    record.text = tagged.text;
    record
}

fn titles(record: &mut Record, tagged: &Tagged, host: &mut Option<Host>) {
    let book = Book::FIELDS;
    let title = tagged.first(&["TI", "T1", "CT", "BT", "T2", "T3"]);
    record.say(book.title.any(), title.unwrap_or_default());
    let other = |tags: &[&str]| tagged.first(tags).filter(|other| Some(*other) != title);
    match host {
        Some(host) => {
            host.title = other(&["T2", "BT", "JF", "JO", "JA"]).map(str::to_owned);
            record.say(book.series.any(), other(&["T3"]).unwrap_or_default());
        }
        None => match (other(&["T3"]), other(&["T2"])) {
            (Some(series), second) => {
                record.say(book.series.any(), series);
                record.remark("Second title", second.unwrap_or_default());
            }
            (None, series) => record.say(book.series.any(), series.unwrap_or_default()),
        },
    }
    if host.is_none() {
        record.remark("Book title", other(&["BT"]).unwrap_or_default());
    }
    let number = tagged.first(&["SV", "VL"]).unwrap_or_default();
    match host {
        Some(host) => host.add("volume", number),
        None if record.said_of(book.series.any()).is_some() => record.say(book.series_position.any(), number),
        None => record.remark("Volume", number),
    }
}

/// Of a book its number of pages, of a part where it stands.
fn pages(record: &mut Record, tagged: &Tagged, host: &mut Option<Host>) {
    let pages = match (tagged.get("SP"), tagged.get("EP")) {
        (Some(from), Some(to)) => format!("{from}–{to}"),
        (one, other) => one.or(other).unwrap_or_default().to_owned(),
    };
    match host {
        Some(host) => host.add("pages", &pages),
        None if pages.contains(['–', '-']) => record.remark("Pages", &pages),
        None => record.say(Book::FIELDS.page_count.any(), pages),
    }
}

fn person(record: &mut Record, word: &str, tag: &str, value: &str) -> bool {
    let role = match tag {
        "AU" | "A1" if word.eq_ignore_ascii_case("EDBOOK") => Role::Editor,
        "AU" | "A1" => Role::Author,
        "A2" | "ED" => Role::Editor,
        "A3" => Role::AnotherPart,
        "A4" => Role::Translator,
        _ => return false,
    };
    record.person(value, role);
    true
}

/// Takes a tag that is about the book. False if a book has no place for it.
fn field(record: &mut Record, tagged: &Tagged, (tag, value): (&str, &str), host: &mut Option<Host>) -> bool {
    let book = Book::FIELDS;
    match tag {
        "TY" | "TI" | "T1" | "CT" | "BT" | "T2" | "T3" | "VL" | "SV" | "SP" | "EP" => {}
        "JF" | "JO" | "JA" | "J1" | "J2" if host.is_some() => {}
        "PB" => record.say(book.publisher.any(), value),
        "CY" | "PP" => record.say(book.place.any(), value),
        "ET" => record.say(book.edition.any(), value),
        "LA" => record.say(book.language.any(), value),
        "CN" => record.say(book.shelf_mark.any(), value),
        "PY" | "Y1" => record.say(book.published_year.any(), year(value)),
        "DA" => {
            if tagged.first(&["PY", "Y1"]).is_none() {
                record.say(book.published_year.any(), year(value));
            }
        }
        "SN" => standard_numbers(record, value, host),
        "DO" => record.identifier("doi", "DOI", value),
        "UR" => value
            .split(';')
            .for_each(|address| record.identifier("identifiers", "Address", address)),
        "ID" => key(record, value),
        "KW" => {
            let tags = value.split([';', '\n']).map(str::trim).filter(|tag| !tag.is_empty());
            tags.for_each(|tag| record.list("tags", tag));
        }
        "N1" | "RN" => record.say(book.notes.any(), value),
        "IS" | "SE" if host.is_some() => {
            if let Some(host) = host {
                host.add(if tag == "IS" { "issue" } else { "section" }, value);
            }
        }
        _ => {
            let Some(heading) = heading(tag) else { return false };
            record.remark(heading, value);
        }
    }
    true
}

/// What has no field and belongs to the notes, with its heading.
fn heading(tag: &str) -> Option<&str> {
    Some(match tag {
        "AB" | "N2" => "Abstract",
        "AN" => "Accession number",
        "IS" => "Number",
        "M3" => "Type",
        "NV" => "Volumes",
        "OP" => "Original publication",
        "RP" => "Reprint",
        "RI" => "Reviewed",
        "SE" => "Section",
        "ST" => "Short title",
        "TT" => "Translated title",
        "TA" => "Translated author",
        "U1" | "U2" | "U3" | "U4" | "U5" | "C1" | "C2" | "C3" | "C4" | "C5" | "C6" | "C7" | "C8" => tag,
        _ => return None,
    })
}

/// `1998/05/12/`, `1998///spring`
fn year(value: &str) -> &str {
    let first = value.split('/').next().unwrap_or_default().trim();
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 3 { first } else { value }
}

/// Numbers of a book and of a serial stand under one tag.
fn standard_numbers(record: &mut Record, value: &str, host: &mut Option<Host>) {
    if let Some(host) = host {
        host.add("ISBN or ISSN", value);
        return;
    }
    let (serial, rest): (Vec<&str>, Vec<&str>) = value.split_whitespace().partition(|word| is_issn(word));
    for issn in serial {
        let issn = issn.trim_matches(|character: char| !character.is_ascii_alphanumeric());
        record.identifier("identifiers", "ISSN", &format!("issn:{issn}"));
    }
    let rest = rest.join(" ");
    let has_digits = rest.bytes().any(|byte| byte.is_ascii_digit());
    if has_digits || isbns::read(&rest).is_ok_and(|found| !found.is_empty()) {
        record.say(Book::FIELDS.isbn.any(), rest);
    }
}

fn is_issn(word: &str) -> bool {
    let word = word.trim_matches(|character: char| !character.is_ascii_alphanumeric());
    if !word.is_ascii() {
        return false;
    }
    let (digits, check) = word.split_at(word.len().saturating_sub(1));
    let plain: String = digits.chars().filter(|character| *character != '-').collect();
    plain.len() == 7
        && plain.bytes().all(|byte| byte.is_ascii_digit())
        && (word.len() == 8 || word.find('-') == Some(4))
        && matches!(check.as_bytes(), [b'0'..=b'9' | b'X' | b'x'])
}

/// What the record is cited by; a bare number is that of some other database.
fn key(record: &mut Record, value: &str) {
    let is_key = !value.contains(char::is_whitespace) && value.contains(char::is_alphabetic);
    if is_key {
        record.list("identifiers", format!("citekey:{value}"));
    } else {
        record.remark("Number", value);
    }
}
