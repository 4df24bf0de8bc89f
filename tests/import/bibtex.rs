//! BibTeX and BibLaTeX, in.

use std::fmt::Write as _;

use colophon_catalogue::import::{ImportError, Options};
use colophon_tests::shared::shared;

use crate::taken::Taken;

#[test]
fn an_entry_is_a_book_with_its_people() {
    let taken = Taken::from(
        "@book{orr1998,\n  author = {Orr, Ben and Poe, Cat},\n  editor = \"van den Berg, Jan\",\n  title = {One},\n  subtitle = {And a Half},\n  \
         year = 1998,\n  isbn = {0-306-40615-2},\n  publisher = {Nord},\n  address = {Graz},\n  edition = {2},\n  series = {Low Books},\n  \
         number = {7},\n  pagetotal = {321},\n  language = {english},\n  keywords = {sea, ships},\n  doi = {10.1000/182},\n  \
         note = {Signed}\n}\n",
    );
    assert_eq!((taken.counts(), taken.report.problems.len()), ((1, 0, 0), 0));
    let book = taken.book("One");
    assert_eq!(
        book.people(),
        "Ben Orr (author), Cat Poe (author), Jan van den Berg (editor)"
    );
    book.says(&[
        ("subtitle", "And a Half"),
        ("published_year", "1998"),
        ("isbn", "9780306406157"),
        ("publisher", "Nord"),
        ("place", "Graz"),
        ("edition", "2"),
        ("series", "Low Books"),
        ("series_position", "7"),
        ("page_count", "321"),
        ("language", "eng"),
        ("notes", "Signed"),
    ]);
    assert_eq!(book.list("tags"), ["sea", "ships"]);
    assert_eq!(book.list("identifiers"), ["doi:10.1000/182", "citekey:orr1998"]);
    assert_eq!(taken.author("Jan van den Berg").sort_name, "Berg, Jan van den");
}

#[test]
fn values_are_put_together_from_macros_quotations_and_numbers() {
    let taken = Taken::from(
        "@string{nord = {Nord}}\n@STRING(press = nord # \" Press\")\n@book(a, title = \"A {\"}B{\"} C\", publisher = press # { \\& Co}, \
         year = 1998, month = jan)\n@book{b, title = {B}, publisher = unknown # { Press}, year = 2001}",
    );
    let quoted = taken.book("A \"B\" C");
    assert_eq!(
        (quoted.field("publisher"), quoted.field("published_year")),
        ("Nord Press & Co", "1998")
    );
    assert_eq!(taken.book("B").field("publisher"), "unknown Press");
    assert_eq!(taken.problems(), [(4, "row")]);
}

#[test]
fn a_broken_entry_is_rejected_and_those_around_it_come_in() {
    for (what, broken) in [
        (
            "a brace too few",
            "@book{bad, title = {Bad, author = {X},\n  year = 1999\n",
        ),
        (
            "a quotation mark too few",
            "@book{bad,\n  title = \"Bad,\n  year = 1999\n}\n",
        ),
        (
            "a brace too many",
            "@book{bad, author = {X}},\n  title = {Bad},\n  year = {1999}\n}\n",
        ),
        ("no value", "@book{bad, title = , author = {X}}\n"),
        ("no equals sign", "@book{bad, title {Bad}}\n"),
        ("no title", "@book{bad, author = {X}, year = 1999}\n"),
    ] {
        let text = format!("@book{{a, title = {{First}}}}\n{broken}@book{{c, title = {{Last}}}}\n");
        let taken = Taken::from(&text);
        let titles: Vec<_> = taken.books().into_keys().collect();
        assert_eq!(titles, ["First", "Last"], "{what}");
        assert!(taken.report.problems.iter().any(|problem| problem.line >= 2), "{what}");
        assert!(taken.report.skipped >= 1, "{what}: {:?}", taken.report);
    }
}

#[test]
fn an_entry_takes_over_from_the_volume_that_it_is_in() {
    let taken = Taken::from(
        "@inbook{part, author = {Low, Ada}, title = {The Part}, crossref = {Whole}, pages = {3--7}, doi = {10.1000/3}}\n\
         @book{vol2, title = {Second Volume}, volume = 2, crossref = {mv}}\n\
         @xdata{nord, publisher = {Nord}, address = {Graz}}\n\
         @collection{whole, editor = {Ray, Bob}, title = {The Whole}, isbn = {0306406152}, year = 1999, xdata = {nord}}\n\
         @mvbook{mv, author = {Orr, Ben}, title = {All Volumes}}\n\
         @book{lost, title = {Lost}, crossref = {nobody}}\n\
         @book{circle, title = {Round}, crossref = {circle}}\n",
    );
    let part = taken.book("The Part");
    assert_eq!(part.people(), "Ada Low (author), Bob Ray (editor)");
    assert_eq!(
        (
            part.field("publisher"),
            part.field("place"),
            part.field("published_year")
        ),
        ("Nord", "Graz", "1999")
    );
    assert_eq!(part.field("isbn"), "", "the ISBN is that of the whole");
    assert!(
        part.field("notes")
            .contains("In: The Whole, pages 3–7, ISBN 0306406152"),
        "{:?}",
        part.field("notes")
    );
    assert_eq!(taken.book("The Whole").field("isbn"), "9780306406157");
    let second = taken.book("Second Volume");
    assert_eq!(
        (second.field("series"), second.field("series_position")),
        ("All Volumes", "2")
    );
    assert_eq!(second.people(), "Ben Orr (author)");
    assert_eq!(taken.problems(), [(6, "row")]);
    assert!(taken.books().contains_key("Round"));
}

#[test]
fn others_are_nobody_and_a_body_is_one() {
    let taken = Taken::from(
        "@book{a, title = {A}, author = {Orr, Ben and others}}\n\
         @book{b, title = {B}, author = {{Barnes and Noble, Inc.} and {World Health Organization}}}\n\
         @book{c, title = {C}, editor = {Poe, Cat}, editortype = {compiler}, introduction = {Ray, Dan}, commentator = {Fell, Ida}}\n",
    );
    assert_eq!(taken.book("A").people(), "Ben Orr (author)");
    assert_eq!(taken.problems(), [(1, "author")]);
    assert_eq!(
        taken.book("B").people(),
        "Barnes and Noble, Inc. (author), World Health Organization (author)"
    );
    assert_eq!(
        taken.author("World Health Organization").sort_name,
        "World Health Organization"
    );
    assert_eq!(
        taken.book("C").people(),
        "Cat Poe (compiler), Dan Ray (foreword), Ida Fell (other)"
    );
}

#[test]
fn what_is_no_book_is_turned_away_by_name_and_taken_if_asked() {
    let text = "@article{a, title = {An Article}, author = {Orr, Ben}, journal = {Sea}, volume = 3, pages = {1--9}, issn = {1234-5679}}\n\
                @phdthesis{t, title = {A Thesis}, author = {Poe, Cat}, school = {Graz}}\n\
                @misc{m, title = {Something}, file = {x.pdf}, owner = {me}}\n";
    let taken = Taken::from(text);
    assert_eq!(taken.counts(), (2, 0, 1));
    assert!(
        taken.report.problems[0].reason.contains("an article"),
        "{:?}",
        taken.report.problems
    );
    let reading = taken.report.reading.join("\n");
    assert!(
        reading.contains("an article (1)") && reading.contains("file (1)"),
        "{reading}"
    );
    assert_eq!(taken.book("A Thesis").field("publisher"), "Graz");
    assert!(taken.book("A Thesis").field("notes").contains("doctoral thesis"));
    let any = Options {
        any_kind: true,
        ..Options::default()
    };
    let all = Taken::with(text, &any);
    assert_eq!(all.counts(), (3, 0, 0));
    let notes = all.book("An Article").field("notes").to_owned();
    assert!(
        notes.contains("Kind: an article") && notes.contains("In: Sea"),
        "{notes}"
    );
}

#[test]
fn any_encoding_and_any_line_end_will_do() {
    let text = "@book{a,\n  title = {Größe},\n  author = {Løw, Äda},\n  year = 1998\n}\n\n@book{b,\n  title = {Zwei\n   Zeilen},\n}\n";
    let latin: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let mut utf_16 = vec![0xff, 0xfe];
    utf_16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for file in [
        text.as_bytes().to_vec(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        latin,
        utf_16,
    ] {
        let taken = Taken::from(file);
        assert_eq!(taken.book("Größe").people(), "Äda Løw (author)");
        assert!(taken.books().contains_key("Zwei Zeilen"));
    }
}

#[test]
fn hostile_files_end() {
    // Macros of macros, fields without number, an entry in itself, braces without end.
    let mut doubling = "@string{a0 = {xxxxxxxxxxxxxxxx}}\n".to_owned();
    for number in 1..40 {
        let before = number - 1;
        writeln!(doubling, "@string{{a{number} = a{before} # a{before}}}").unwrap();
    }
    doubling += "@book{a, title = {A}, note = a39}\n@book{b, title = {B}}\n";
    let taken = Taken::from(&doubling);
    assert!(taken.books().contains_key("B"));
    let fields: Vec<_> = (0..50_000).map(|number| format!("f{number}={{x}},")).collect();
    let fields = fields.concat();
    assert_eq!(
        Taken::from(format!("@book{{a, {fields} title={{A}}}}\n@book{{b, title={{B}}}}")).counts(),
        (1, 0, 1)
    );
    let deep = format!(
        "@book{{a, title = {{{}A{}}}}}",
        "{".repeat(200_000),
        "}".repeat(200_000)
    );
    assert!(Taken::from(deep).books().contains_key("A"));
    let many = "@book{a,title={A}}".repeat(20_000);
    assert_eq!(Taken::from(many).counts(), (20_000, 0, 0));
    let names = (0..100_000)
        .map(|number| format!("Orr{number}, Ben"))
        .collect::<Vec<_>>()
        .join(" and ");
    let crowd = Taken::from(format!("@book{{a, title = {{Crowd}}, author = {{{names}}}}}"));
    assert_eq!(crowd.book("Crowd").people.len(), 100_000);
    let endless = format!("@book{{a, title = {{{}", "endless ".repeat(3_000_000));
    assert!(matches!(
        Taken::tried(endless, &Options::default()),
        Err(ImportError::RowTooLong { line: 1 })
    ));
}

#[test]
fn real_files_give_the_facts() {
    for (file, records) in [
        ("biblatex-examples.bib", 92),
        ("testjabref.bib", 156),
        ("jabref-authors.bib", 212),
        ("complex.bib", 20),
        ("Chocolate.bib", 15),
    ] {
        let Some(path) = shared(&format!("bibtex/{file}")) else {
            return;
        };
        let any = Options {
            any_kind: true,
            ..Options::default()
        };
        let taken = Taken::with(std::fs::read(path).unwrap(), &any);
        assert_eq!(
            taken.report.imported + taken.report.skipped,
            records,
            "{file}: {:?}",
            taken.report
        );
    }
}
