//! Files that are not read here: what each is, and what would help.
//!
//! People try what they have. A document or a workbook is known by its first bytes, a feed by its first element; each
//! is turned away with one sentence, because "not a table" would leave them searching.

/// What a file is, and what would help.
pub(super) type Away = (&'static str, &'static str);

/// What is no text, and nothing more is known of it.
pub(super) const BINARY: Away = (
    "not text but a binary file",
    "save its records as CSV, BibTeX or RIS in the program that wrote it",
);

/// A database that is none of those that are read.
pub(super) const DATABASE: Away = (
    "an SQLite database",
    "open it with colophon --file if it is a catalogue, otherwise export its table as CSV",
);

const SHEET: &str = "open it in the spreadsheet and save the sheet as CSV";
const WORKBOOK: Away = ("a workbook and no table", "leave out the format, and its sheet is read");
const TYPED: &str = "put the books into a table with a line that names its columns, and save it as CSV";

/// How files begin that are no text.
const BEGINNINGS: &[(&[u8], Away)] = &[
    (b"SQLite format 3\0", DATABASE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WORKBOOK),
    (b"%PDF-", ("a PDF document", TYPED)),
    (b"\x1f\x8b", ("a gzip archive", "unpack it, and import what is in it")),
    (b"BZh", ("a bzip2 archive", "unpack it, and import what is in it")),
    (b"\xfd7zXZ", ("an xz archive", "unpack it, and import what is in it")),
    (
        b"7z\xbc\xaf",
        ("a 7-Zip archive", "unpack it, and import what is in it"),
    ),
    (b"Rar!", ("a RAR archive", "unpack it, and import what is in it")),
    (b"\x89PNG", ("a picture", TYPED)),
    (b"\xff\xd8\xff", ("a picture", TYPED)),
    (b"GIF8", ("a picture", TYPED)),
    (b"{\\rtf", ("a word processor's document", TYPED)),
    (b"\x7fELF", ("a program", "choose the file that has the books")),
    (b"MZ\x90", ("a program", "choose the file that has the books")),
];

/// What is in a zip archive, by a name or a line near its beginning.
const IN_ZIP: &[(&[u8], Away)] = &[
    (
        b"xl/workbook.bin",
        ("a binary workbook of Excel (.xlsb)", "save it as .xlsx in Excel"),
    ),
    (b"xl/", WORKBOOK),
    (b"oasis.opendocument.spreadsheet", WORKBOOK),
    (b"word/", ("a Word document", TYPED)),
    (b"oasis.opendocument.text", ("a LibreOffice document", TYPED)),
    (b"application/epub+zip", ("an e-book", TYPED)),
    (b"ppt/", ("a presentation", TYPED)),
    (b"[Content_Types].xml", ("a document of an office program", SHEET)),
];
const ZIP: Away = ("a zip archive", "unpack it, and import what is in it");

const XML: &str = "export the books as CSV, BibTeX or RIS in the program that wrote it";

/// Elements by which XML files are told, where nothing else tells them.
const ELEMENTS: &[(&str, Away)] = &[
    ("<records>", ("EndNote's XML", "in EndNote, export as RIS or BibTeX")),
    ("<!doctype html", ("a web page", TYPED)),
    ("<html", ("a web page", TYPED)),
    ("<feed", ("a news feed", XML)),
    ("<rdf:rdf", ("RDF", XML)),
    ("<?xml", ("an XML file", XML)),
];

/// What some bytes are that are no text, as far as it is known.
pub(super) fn binary(head: &[u8]) -> Option<Away> {
    if head.starts_with(b"PK\x03\x04") {
        let within = |part: &[u8]| memchr::memmem::find(head, part).is_some();
        let found = IN_ZIP.iter().find(|(part, _)| within(part));
        return Some(found.map_or(ZIP, |(_, away)| *away));
    }
    let found = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning));
    found.map(|(_, away)| *away)
}

/// What a text is that no reader here takes, as far as it is known.
pub(super) fn text(head: &str) -> Option<Away> {
    let text = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if text.starts_with('<') {
        let folded = text.chars().take(4_000).collect::<String>().to_ascii_lowercase();
        let found = ELEMENTS.iter().find(|(element, _)| folded.contains(element));
        return found.map(|(_, away)| *away);
    }
    if text.starts_with("FN ") && text.contains("\nPT ") {
        return Some(("the own format of Web of Science", "export as RIS or BibTeX there"));
    }
    let is_array = text
        .strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with('{'));
    is_array.then_some((
        "a list in JSON that is neither an export of Colophon nor CSL-JSON",
        "save it as CSV with a line that names the columns",
    ))
}
