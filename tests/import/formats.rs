//! What holds for every format: it is recognised, comes back as it went out, and gives the same keys.

use std::collections::BTreeMap;
use std::io::Write as _;

use colophon_catalogue::format::FORMATS;
use colophon_catalogue::import::{ImportError, Options};

use crate::taken::{Shown, Taken, exported};

/// A catalogue with whatever a format may stumble over.
const CATALOGUE: &str = "title,subtitle,author,author_sort_name,contributors,isbn,publisher,published_year,language,page_count,series,\
    series_position,notes,place,edition,original_title,original_year,format,shelf_mark,tags,identifiers\n\
    One,And a Half,Ben Orr,\"Orr, Ben\",Cat Poe (author); Dan Ray (editor); Ida Fell (translator),9780306406157,Simon & Schuster,1998,eng,321,\
    Low Books,7,\"Signed, 100%\nsecond line\",Graz,2nd,Eins,1950,hardback,A 7/12,sea; ships,doi:10.1000/182; https://example.org/one?a=1&b=%20; citekey:orr:98\n\
    \"A {B} \\c $d$ #1 ~ ^ _ ` -- '' @book{x}\",,Ludwig van Beethoven,\"Beethoven, Ludwig van\",,,,-720,,,,,,,,,,,,\"a, b\",\n\
    Größe ﬁ 夏目,,\"Barnes and Noble, Inc.\",\"Barnes and Noble, Inc.\",World Health Organization (editor); Homer (illustrator),,,,deu,,,,,,,,,ebook,,x,gnd:118540238\n\
    草枕,,夏目漱石,夏目漱石,Ursula K. Le Guin (translator); Martin Luther King Jr. (other),,,1906,jpn,,,,\"TY  - BOOK\n\nER  - \",,,,,,,,\n";

/// What is left of a book after a journey in a format, as docs/formats.md says.
fn carried(format: &str, mut book: Shown) -> Shown {
    let (lost, roles): (&[&str], Option<&[&str]>) = match format {
        "ris" => (
            &["subtitle", "original_title", "original_year"],
            Some(&["author", "editor", "translator"]),
        ),
        "csl-json" => (
            &["subtitle", "format"],
            Some(&["author", "editor", "translator", "illustrator", "narrator", "compiler"]),
        ),
        "onix" => (&["shelf_mark"], None),
        _ => (&[], None),
    };
    for name in lost {
        book.fields.remove(name);
    }
    if format == "ris" && book.field("format") != "ebook" {
        book.fields.remove("format");
    }
    for (_, role) in &mut book.people {
        if roles.is_some_and(|roles| !roles.contains(&role.as_str())) {
            "other".clone_into(role);
        }
    }
    if matches!(format, "bibtex" | "csl-json") {
        // People stand together by their roles.
        book.people.sort_by_key(|(_, role)| role.clone());
    }
    if format == "bibtex" {
        book.fields
            .entry("notes")
            .and_modify(|notes| *notes = notes.replace("  ", " "));
    }
    if let Some(identifiers) = book.lists.get_mut("identifiers") {
        // The key by which a format cites a book is new to one that had none.
        identifiers.retain(|one| !one.starts_with("citekey:") && (roles.is_none() || !one.starts_with("gnd:")));
    }
    book.lists.retain(|_, texts| !texts.is_empty());
    book
}

fn without_title(books: BTreeMap<String, Shown>, format: &str) -> Vec<Shown> {
    let one_title = |mut book: Shown| {
        if matches!(format, "ris" | "csl-json")
            && let Some(subtitle) = book.fields.get("subtitle").cloned()
        {
            book.fields
                .entry("title")
                .and_modify(|title| *title = format!("{title}: {subtitle}"));
        }
        carried(format, book)
    };
    let mut books: Vec<Shown> = books.into_values().map(one_title).collect();
    books.sort_by_key(|book| book.field("title").to_owned());
    books
}

#[test]
fn what_goes_out_comes_back() {
    let taken = Taken::from(CATALOGUE);
    assert_eq!((taken.counts(), &taken.report.problems), ((4, 0, 0), &vec![]));
    for format in FORMATS.iter().filter(|format| format.is_written()) {
        let bytes = taken.export_bytes(format.name);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let back = Taken::from(&bytes);
        assert_eq!(back.report.problems, [], "{}: {text}", format.name);
        let (before, after) = (
            without_title(taken.books(), format.name),
            without_title(back.books(), format.name),
        );
        assert_eq!(before, after, "{}: {text}", format.name);
        for name in [
            "Ludwig van Beethoven",
            "Barnes and Noble, Inc.",
            "Ursula K. Le Guin",
            "夏目漱石",
        ] {
            let sort_name = |taken: &Taken| taken.author(name).sort_name;
            assert_eq!(sort_name(&taken), sort_name(&back), "{}", format.name);
        }
        // A record in JSON and in MARC has an id, and a record that enters a catalogue is a new one.
        if !matches!(format.name, "json" | "marc" | "marcxml") {
            // Several spaces in a note are one in TeX.
            let text = if format.name == "bibtex" {
                text.replace("  -", " -")
            } else {
                text
            };
            let again = back.export_bytes(format.name);
            assert_eq!(String::from_utf8_lossy(&again), text, "{}", format.name);
        }
    }
}

#[test]
fn what_is_written_in_xml_is_xml() {
    let odd = "title,author,notes,tags,identifiers\n\"a < b & \"\"c\"\" ]]> <![CDATA[ &amp; \u{1f600}\",\"O'Orr, <Ben>\",\"one\n\ttwo <b>\",<x>; y & z,https://example.org/?a=1&b=<2>\n";
    let taken = Taken::from(CATALOGUE);
    let odd = Taken::from(odd);
    for format in ["marcxml", "mods", "onix"] {
        for text in [taken.export(format), odd.export(format)] {
            let mut reader = quick_xml::Reader::from_str(&text);
            loop {
                match reader.read_event() {
                    Ok(quick_xml::events::Event::Eof) => break,
                    Ok(_) => {}
                    Err(error) => panic!("{format}: {error}\n{text}"),
                }
            }
            checked_by_xmllint(&text);
        }
        assert_eq!(
            Taken::from(odd.export(format)).books().into_keys().next(),
            odd.books().into_keys().next(),
            "{format}"
        );
    }
}

/// Where the machine has a second reader of XML, that has to agree.
fn checked_by_xmllint(text: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let checked = std::process::Command::new("xmllint")
        .arg("--noout")
        .arg(file.path())
        .output();
    if let Ok(checked) = checked {
        assert!(
            checked.status.success(),
            "{}\n{text}",
            String::from_utf8_lossy(&checked.stderr)
        );
    }
}

#[test]
fn the_same_catalogue_gives_the_same_keys() {
    let table = "title,author,year,identifiers\nThe North,Ben Orr,1998,\nNorth Again,Ben Orr,1998,\nNorth Once More,Ben Orr,1998,\n\
                 Kept,Cat Poe,1999,citekey:orr1998northa\n草枕,夏目漱石,1906,\nLa Größe,Änne Löw,,\n";
    let taken = Taken::from(table);
    let text = taken.export("bibtex");
    let keys: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("@book{")).collect();
    assert_eq!(
        keys[..4],
        ["orr1998north,", "orr1998northb,", "orr1998northc,", "orr1998northa,"]
    );
    assert!(keys[4].starts_with("book1906"), "{keys:?}");
    assert_eq!(keys[5], "lowgrosse,");
    assert_eq!(taken.export("bibtex"), text);
    for (format, before) in [("ris", "ID  - "), ("csl-json", "\"id\":\"")] {
        let text = taken.export(format);
        for key in &keys {
            let wanted = format!("{before}{}", key.trim_end_matches(','));
            assert!(text.contains(&wanted), "{format}: {wanted}\n{text}");
        }
    }
}

#[test]
fn a_format_is_recognised_by_its_content_and_not_by_its_name() {
    let bib = "Some words.\n% a comment\n@Book{a,\n title = {One}}\n";
    let ris = "\r\n1.\r\nTY  - BOOK\r\nTI  - One\r\nER  - \r\n";
    for text in [
        bib,
        ris,
        "%0 Book\n%T One\n",
        "[{\"type\":\"book\",\"title\":\"One\"}]",
        "title,author\nOne,Orr\n",
    ] {
        for extension in [None, Some("csv"), Some("bib"), Some("pdf")] {
            // A table is what has no better explanation, so its name must not be that of something else.
            if text.starts_with("title") && extension == Some("bib") {
                continue;
            }
            let options = Options {
                extension: extension.map(str::to_owned),
                ..Options::default()
            };
            assert_eq!(Taken::with(text, &options).counts(), (1, 0, 0), "{extension:?} {text}");
        }
    }
    // A name decides where the content does not, and what a person says decides before both.
    let unclear = "@weird{a, title = {One}}\n";
    let named = Options {
        extension: Some("bib".to_owned()),
        ..Options::default()
    };
    assert_eq!(Taken::with(unclear, &named).counts(), (1, 0, 0));
    let told = Options {
        format: Some("bibtex"),
        ..Options::default()
    };
    assert_eq!(Taken::with(unclear, &told).counts(), (1, 0, 0));
    assert!(Taken::tried(unclear, &Options::default()).is_err());
    let table = "title,author\n\"TY  - BOOK\",Orr\n@ home,Poe\n";
    assert_eq!(Taken::from(table).counts(), (2, 0, 0));
}

#[test]
fn what_is_not_read_is_named_with_what_would_help() {
    let zip = |inside: &str| format!("PK\u{3}\u{4}....{inside}....").into_bytes();
    let endnote = "<?xml version=\"1.0\"?>\n<xml><records><record><ref-type>6</ref-type></record></records></xml>";
    let endnote_16: Vec<u8> = std::iter::once(0xfeff)
        .chain(endnote.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (file, what, help) in [
        (zip("xl/workbook.bin"), "a binary workbook of Excel", ".xlsx"),
        (zip("word/document.xml"), "a Word document", "CSV"),
        (zip("mimetypeapplication/epub+zip"), "an e-book", "CSV"),
        (zip("books.csv"), "a zip archive", "unpack"),
        (b"%PDF-1.7\n%\xe2\xe3".to_vec(), "a PDF document", "CSV"),
        (endnote.as_bytes().to_vec(), "EndNote's XML", "RIS"),
        (endnote_16, "EndNote's XML", "RIS"),
        (b"<feed><entry/></feed>".to_vec(), "a news feed", "RIS"),
        (b"SQLite format 3\0".to_vec(), "an SQLite database", "CSV"),
        (b"<!DOCTYPE html><html><body>".to_vec(), "a web page", "CSV"),
        (
            b"FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\n".to_vec(),
            "Web of Science",
            "RIS",
        ),
        (b"{\\rtf1\\ansi".to_vec(), "a word processor's document", "CSV"),
    ] {
        match Taken::tried(&file, &Options::default()) {
            Err(error @ ImportError::TurnedAway { .. }) => {
                let words = error.to_string();
                assert!(
                    words.contains(what) && words.contains(help) && !words.contains('\n'),
                    "{words}"
                );
            }
            other => panic!("{what}: {:?}", other.err()),
        }
    }
}

#[test]
fn a_spreadsheet_changes_nothing_and_runs_nothing() {
    let table = "title,author,isbn,shelf_mark,series,series_position,notes,year\n\
                 \"=HYPERLINK(\"\"http://x\"\")\",@Orr,9780306406157,0012,S,1-3,+1,-720\n1984,Ben Orr,,,,,,1949\n";
    let taken = Taken::from(table);
    let text = exported(&taken.catalogue, "csv", true);
    assert!(text.starts_with("\u{feff}title,"), "{text}");
    for cell in [
        "\"'=HYPERLINK(\"\"http://x\"\")\"",
        "'@Orr",
        "\"=\"\"9780306406157\"\"\"",
        "\"=\"\"0012\"\"\"",
        "\"=\"\"1-3\"\"\"",
        "'+1",
        "\n1984,",
        ",-720,",
    ] {
        assert!(text.contains(cell), "{cell}\n{text}");
    }
    let plain = exported(&taken.catalogue, "csv", false);
    assert!(
        plain.starts_with("title,") && plain.contains(",0012,") && !plain.contains("'="),
        "{plain}"
    );
}
