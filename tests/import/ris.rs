//! RIS and the tags of EndNote, in.

use colophon_catalogue::import::{ImportError, Options};
use colophon_tests::shared::shared;

use crate::taken::Taken;

const ONE: &str = "TY  - BOOK\nID  - orr98\nAU  - Orr, Ben\nAU  - Poe, Cat, Jr.\nED  - Ray, Dan\nA4  - Fell, Ida\nTI  - One\nT2  - Low Books\nVL  - 7\n\
                   PB  - Nord\nCY  - Graz\nPY  - 1998/05/12/\nSP  - 321\nSN  - 0-306-40615-2\nSN  - 1234-5679\nKW  - sea\nKW  - ships\nLA  - en\n\
                   DO  - 10.1000/182\nUR  - https://example.org/one\nN1  - Signed\n  twice\nAB  - About it\nL1  - one.pdf\nER  - \n";

#[test]
fn a_record_is_a_book_with_its_people() {
    let taken = Taken::from(ONE);
    assert_eq!((taken.counts(), &taken.report.problems), ((1, 0, 0), &vec![]));
    let book = taken.book("One");
    assert_eq!(
        book.people(),
        "Ben Orr (author), Cat Poe Jr. (author), Dan Ray (editor), Ida Fell (translator)"
    );
    book.says(&[
        ("series", "Low Books"),
        ("series_position", "7"),
        ("publisher", "Nord"),
        ("place", "Graz"),
        ("published_year", "1998"),
        ("page_count", "321"),
        ("isbn", "9780306406157"),
        ("language", "eng"),
        ("notes", "Signed\ntwice\n\nAbstract: About it"),
    ]);
    assert_eq!(book.list("tags"), ["sea", "ships"]);
    assert_eq!(
        book.list("identifiers"),
        [
            "doi:10.1000/182",
            "citekey:orr98",
            "https://example.org/one",
            "issn:1234-5679"
        ]
    );
    assert!(
        taken.report.reading.join("\n").contains("L1 (1)"),
        "{:?}",
        taken.report.reading
    );
}

#[test]
fn records_are_told_apart_whatever_is_missing() {
    let taken = Taken::from(
        "1.\nTY  - BOOK\nTI  - No End\n2.\nTY  - BOOK\nTI  - Tight\nER  -\nTI  - No Kind\nAU - Orr, Ben\nER  - \n\nTY  - BOOK\nTI  - A Title\n that goes on\n",
    );
    let titles: Vec<_> = taken.books().into_keys().collect();
    assert_eq!(titles, ["A Title that goes on", "No End 2.", "No Kind", "Tight"]);
    assert!(
        taken.report.reading.iter().any(|line| line.contains("without an ER")),
        "{:?}",
        taken.report.reading
    );
}

#[test]
fn any_encoding_and_any_line_end_will_do() {
    let text = "TY  - BOOK\nTI  - Größe\nAU  - Løw, Äda\nER  - \n";
    let latin: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    for file in [
        text.as_bytes().to_vec(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        latin,
    ] {
        assert_eq!(Taken::from(file).book("Größe").people(), "Äda Løw (author)");
    }
}

#[test]
fn years_and_numbers_are_read_as_programs_write_them() {
    for (py, year) in [
        ("1998", "1998"),
        ("1998///", "1998"),
        ("1998/05/12/spring", "1998"),
        ("2006//", "2006"),
        ("", ""),
    ] {
        let taken = Taken::from(format!("TY  - BOOK\nTI  - One\nY1  - {py}\nER  - \n"));
        assert_eq!(taken.book("One").field("published_year"), year, "{py}");
    }
    for (sn, isbn, issn) in [
        ("978-0-306-40615-7 (pbk.)", "9780306406157", None),
        ("0306406152 9780306406157", "9780306406157", None),
        ("1234-5679", "", Some("issn:1234-5679")),
        ("12345679; 0306406152", "9780306406157", Some("issn:12345679")),
    ] {
        let taken = Taken::from(format!("TY  - BOOK\nTI  - One\nSN  - {sn}\nER  - \n"));
        let book = taken.book("One");
        assert_eq!(
            (book.field("isbn"), book.list("identifiers").first().copied()),
            (isbn, issn),
            "{sn}"
        );
    }
}

#[test]
fn people_in_words_are_read_as_those_of_a_table() {
    let taken = Taken::from(
        "TY  - BOOK\nTI  - One\nAU  - Twain, Mark, 1835-1910\nAU  - Plato, 428-348 B.C.\nAU  - World Health Organization, Geneva\nAU  - et al.\n\
         AU  - Fell, Ida (illustrator)\nER  - \n",
    );
    let book = taken.book("One");
    assert_eq!(
        book.people(),
        "Mark Twain (author), Plato (author), World Health Organization, Geneva (author), Ida Fell (illustrator)"
    );
    let twain = taken.author("Mark Twain");
    assert_eq!((twain.birth_year, twain.death_year), (Some(1835), Some(1910)));
    assert_eq!(taken.problems(), [(1, "author")]);
}

#[test]
fn a_part_names_the_volume_that_it_is_in() {
    let taken = Taken::from(
        "TY  - CHAP\nTI  - The Part\nAU  - Low, Ada\nT2  - The Whole\nA2  - Ray, Bob\nSP  - 3\nEP  - 7\nSN  - 0306406152\nER  - \n\
         TY  - JOUR\nTI  - An Article\nER  - \n",
    );
    let part = taken.book("The Part");
    assert_eq!(
        (part.people(), part.field("isbn")),
        ("Ada Low (author), Bob Ray (editor)".to_owned(), "")
    );
    assert!(
        part.field("notes").contains("In: The Whole, pages 3–7"),
        "{:?}",
        part.field("notes")
    );
    assert_eq!(taken.counts(), (1, 0, 1));
}

#[test]
fn endnote_writes_the_same_with_other_tags() {
    let taken = Taken::from(
        "%0 Book\n%A Orr, Ben\n%A Poe, Cat\n%E Ray, Dan\n%? Fell, Ida\n%T One\n%S Low Books\n%V 7\n%I Nord\n%C Graz\n%D 1998\n%@ 0306406152\n\
         %K sea\nships\n%7 2nd\n%G English\n%X About it\n%F mark\n%~ database\n\n%0 Journal Article\n%T An Article\n\n%0 Thesis\n%T Two\n",
    );
    assert_eq!(taken.counts(), (2, 0, 1));
    let book = taken.book("One");
    assert_eq!(
        book.people(),
        "Ben Orr (author), Cat Poe (author), Dan Ray (editor), Ida Fell (translator)"
    );
    assert_eq!(book.list("tags"), ["sea", "ships"]);
    book.says(&[
        ("series", "Low Books"),
        ("edition", "2nd"),
        ("isbn", "9780306406157"),
        ("published_year", "1998"),
    ]);
    assert!(
        taken.report.reading.join("\n").contains("%~ (1)"),
        "{:?}",
        taken.report.reading
    );
}

#[test]
fn hostile_files_end() {
    let many = "KW  - x\n".repeat(100_000);
    let names: Vec<_> = (0..100_000).map(|number| format!("AU  - Orr{number}, Ben\n")).collect();
    let names = names.concat();
    let taken = Taken::from(format!("TY  - BOOK\nTI  - One\n{many}{names}ER  - \n"));
    assert_eq!(taken.book("One").people.len(), 100_000);
    let endless = format!("TY  - BOOK\nN1  - {}", "endless ".repeat(3_000_000));
    assert!(matches!(
        Taken::tried(endless, &Options::default()),
        Err(ImportError::RowTooLong { .. })
    ));
    let endless = format!("TY  - BOOK\n{}", "N1  - endless\n".repeat(2_000_000));
    assert!(matches!(
        Taken::tried(endless, &Options::default()),
        Err(ImportError::RowTooLong { line: 1 })
    ));
}

#[test]
fn real_files_come_in() {
    for name in [
        "basic",
        "bom",
        "full",
        "full_without_whitespace",
        "extraneous_data",
        "multiline",
        "starting_newlines",
        "urls",
        "utf_chars",
        "single_unknown_tag",
    ] {
        let Some(path) = shared(&format!("ris/example_{name}.ris")) else {
            return;
        };
        let any = Options {
            any_kind: true,
            ..Options::default()
        };
        let file = std::fs::read(path).unwrap();
        let says = |tag: &[u8]| file.windows(tag.len()).any(|part| part == tag);
        // Two of them have no title at all, and a book needs one.
        let has_titles = says(b"TI  -") || says(b"T1  -");
        let taken = Taken::with(file, &any);
        assert_eq!(taken.report.imported > 0, has_titles, "{name}: {:?}", taken.report);
    }
}
