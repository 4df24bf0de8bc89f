//! Workbooks, in.

use std::io::{Cursor, Write as _};

use colophon_catalogue::import::{ImportError, Options};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::taken::{Taken, damaged_anywhere};

/// A workbook of Excel 97 with a date, numbers and a heading before the table, made with a program of others.
const OLD: &[u8] = include_bytes!("../samples/workbooks/books.xls");

/// The rows of a sheet, as LibreOffice writes them.
const SHEET: &str = r#"<table:table table:name="Books"><table:table-column table:number-columns-repeated="4"/>
<table:table-row><table:table-cell office:value-type="string"><text:p>Title</text:p></table:table-cell>
 <table:table-cell office:value-type="string"><text:p>Author</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>ISBN</text:p></table:table-cell>
 <table:table-cell office:value-type="string"><text:p>Published</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Notes</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>Gr&#xF6;&#223;e <text:span>&amp;</text:span><text:s text:c="2"/>Sea</text:p></table:table-cell>
 <table:table-cell office:value-type="string"><office:annotation><text:p>who is that?</text:p></office:annotation><text:p>Orr, Ben</text:p></table:table-cell>
 <table:table-cell office:value-type="float" office:value="306406152"><text:p>0306406152</text:p></table:table-cell>
 <table:table-cell office:value-type="date" office:date-value="1998-05-12T00:00:00"><text:p>12.05.98</text:p></table:table-cell>
 <table:table-cell office:value-type="string"><text:p>one</text:p><text:p>two</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>Two</text:p></table:table-cell><table:table-cell/><table:table-cell/>
 <table:table-cell office:value-type="float" office:value="1999"><text:p>1.999</text:p></table:table-cell></table:table-row></table:table>"#;

/// A workbook of LibreOffice with these sheets.
fn open_document(sheets: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet")
        .unwrap();
    zip.start_file("content.xml", SimpleFileOptions::default()).unwrap();
    write!(
        zip,
        "<?xml version=\"1.0\"?><office:document-content><office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>"
    )
    .unwrap();
    zip.finish().unwrap().into_inner()
}

/// A workbook of Excel with two sheets, the first of which is empty, and one that is hidden.
fn excel() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Empty").unwrap();
    let sheet = workbook.add_worksheet().set_name("Books").unwrap();
    let format = |code: &str| Format::new().set_num_format(code);
    sheet.write(1, 1, "My books").unwrap();
    for (column, name) in (1..).zip(["Title", "Author", "ISBN", "Published", "Pages", "Shelf mark", "Price"]) {
        sheet.write(3, column, name).unwrap();
    }
    sheet.write(4, 1, "Größe\nund mehr").unwrap();
    sheet.write(4, 2, "Orr, Ben").unwrap();
    sheet
        .write_with_format(4, 3, 306_406_152, &format("0000000000"))
        .unwrap();
    let day = ExcelDateTime::from_ymd(1998, 5, 12).unwrap();
    sheet.write_with_format(4, 4, &day, &format("dd.mm.yy")).unwrap();
    sheet.write_with_format(4, 5, 1321, &format("#,##0")).unwrap();
    sheet.write_with_format(4, 6, 12, &format("0000")).unwrap();
    sheet.write(6, 1, "_x0041_ <b> & \"c\"").unwrap();
    sheet.write(6, 3, 9_780_140_449_136_u64).unwrap();
    sheet
        .write_formula(6, 5, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!"))
        .unwrap();
    sheet.write(7, 2, "Nobody").unwrap();
    let more = workbook.add_worksheet().set_name("More").unwrap();
    more.write(0, 0, "title").unwrap();
    more.write(0, 1, "author").unwrap();
    more.write(1, 0, "Three").unwrap();
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_is_a_table_with_what_its_cells_show() {
    let taken = Taken::from(excel());
    assert_eq!(taken.counts(), (2, 0, 1), "{:?}", taken.report);
    let book = taken.book("Größe und mehr");
    book.says(&[
        ("isbn", "9780306406157"),
        ("published_year", "1998"),
        ("page_count", "1321"),
        ("shelf_mark", "0012"),
    ]);
    assert_eq!(book.people(), "Ben Orr (author)");
    assert_eq!(taken.book("_x0041_ <b> & \"c\"").field("isbn"), "9780140449136");
    // Rows have the numbers of the sheet.
    assert_eq!(taken.problems(), [(8, "title")]);
    let told = taken.report.reading.join("\n");
    assert!(told.contains("1 cells have an error such as #REF!"), "{told}");
}

#[test]
fn a_cell_keeps_what_looks_like_markup() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, title) in (0..).zip([
        "title",
        "_x0041_ <b> & \"c\"",
        " two  spaces ",
        "=1+1",
        "0012",
        "\u{1f600}",
    ]) {
        sheet.write_string(row, 0, title).unwrap();
        sheet
            .write_string(row, 1, if row == 0 { "author" } else { "Orr" })
            .unwrap();
    }
    let taken = Taken::from(workbook.save_to_buffer().unwrap());
    let titles: Vec<String> = taken.books().into_keys().collect();
    assert_eq!(
        titles,
        ["0012", "=1+1", "_x0041_ <b> & \"c\"", "two spaces", "\u{1f600}"]
    );
}

#[test]
fn the_sheet_can_be_chosen_and_the_others_are_named() {
    let told = Taken::from(excel()).report.reading.join("\n");
    assert!(
        told.contains("“Books” was read") && told.contains("“Empty”, “More”"),
        "{told}"
    );
    for wanted in ["More", "more ", "3"] {
        let options = Options {
            sheet: Some(wanted.to_owned()),
            ..Options::default()
        };
        assert_eq!(Taken::with(excel(), &options).counts(), (1, 0, 0), "{wanted}");
    }
    let options = |sheet: &str| Options {
        sheet: Some(sheet.to_owned()),
        ..Options::default()
    };
    for (file, sheet, words) in [
        (excel(), "None", "Its sheets are: Empty, Books, More"),
        (excel(), "4", "no sheet “4”"),
        (b"title,author\nA,B\n".to_vec(), "Books", "no workbook"),
    ] {
        let error = Taken::tried(file, &options(sheet)).err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(matches!(
        Taken::tried(excel(), &options("Empty")),
        Err(ImportError::Empty)
    ));
}

#[test]
fn what_is_hidden_is_read_only_where_nothing_else_is_and_the_report_says_so() {
    let hidden = |is_alone: bool| {
        let mut workbook = Workbook::new();
        let old = workbook.add_worksheet().set_name("Old").unwrap();
        old.set_hidden(true);
        old.write_row(0, 0, ["title", "author"]).unwrap();
        old.write(1, 0, "Gone").unwrap();
        let new = workbook.add_worksheet().set_name("New").unwrap();
        new.set_active(true);
        if !is_alone {
            new.write_row(0, 0, ["title", "author"]).unwrap();
            new.write(1, 0, "Here").unwrap();
        }
        workbook.save_to_buffer().unwrap()
    };
    let style = "<style:style style:name=\"no\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>\
                 <style:style style:name=\"yes\" style:family=\"table\"><style:table-properties table:display=\"true\"/></style:style>";
    let table = |name: &str, style: &str, rows: &[&str]| {
        let cell = |text: &str| {
            format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
        };
        let row = |row: &&str| {
            format!(
                "<table:table-row>{}</table:table-row>",
                row.split(',').map(cell).collect::<String>()
            )
        };
        let rows: String = rows.iter().map(row).collect();
        format!("<table:table table:name=\"{name}\" table:style-name=\"{style}\">{rows}</table:table>")
    };
    let open = |rows: &[&str]| {
        let old = table("Old", "no", &["title,author", "Gone,Orr"]);
        open_document(&format!("{style}{old}{}", table("New", "yes", rows)))
    };
    for file in [hidden(false), open(&["title,author", "Here,Orr"])] {
        let taken = Taken::from(file);
        assert_eq!(taken.books().into_keys().collect::<Vec<_>>(), ["Here"]);
        assert!(
            taken.report.reading[0].contains("were not: “Old” (hidden)"),
            "{:?}",
            taken.report
        );
    }
    for file in [hidden(true), open(&[])] {
        let taken = Taken::from(file);
        assert_eq!(taken.books().into_keys().collect::<Vec<_>>(), ["Gone"]);
        assert!(taken.report.reading[0].contains("“Old” was read"), "{:?}", taken.report);
    }
}

#[test]
fn cells_that_are_merged_over_rows_say_the_same_in_each_of_them() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["Author", "Title", "Subtitle"]).unwrap();
    sheet.merge_range(1, 0, 3, 0, "Ben Orr", &Format::new()).unwrap();
    sheet.write_column(1, 1, ["One", "Two"]).unwrap();
    sheet.write_row(4, 0, ["Cat Poe", "Four"]).unwrap();
    sheet.merge_range(5, 1, 5, 2, "Five", &Format::new()).unwrap();
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |cells: &str| format!("<table:table-row>{cells}</table:table-row>");
    let over_three = "<table:table-cell table:number-rows-spanned=\"3\" office:value-type=\"string\"><text:p>Ben Orr</text:p></table:table-cell>";
    let rows = [
        row(&(cell("Author") + &cell("Title"))),
        row(&format!("{over_three}{}", cell("One"))),
        row(&format!("<table:covered-table-cell/>{}", cell("Two"))),
        row("<table:covered-table-cell/>"),
        row(&(cell("Cat Poe") + &cell("Four"))),
        row(&format!("<table:table-cell/>{}", cell("Five"))),
    ];
    let open = open_document(&format!(
        "<table:table table:name=\"A\">{}</table:table>",
        rows.concat()
    ));
    for file in [workbook.save_to_buffer().unwrap(), open] {
        let taken = Taken::from(file);
        assert_eq!(taken.counts(), (4, 0, 0), "{:?}", taken.report);
        for title in ["One", "Two"] {
            assert_eq!(taken.book(title).people(), "Ben Orr (author)", "{title}");
        }
        assert_eq!(taken.book("Four").people(), "Cat Poe (author)");
        assert_eq!(taken.book("Five").people(), "");
        let told = taken.report.reading.join("\n");
        assert!(
            told.contains("1 cells lie in one that is merged over several rows"),
            "{told}"
        );
    }
}

#[test]
fn a_workbook_of_libreoffice_says_what_its_cells_show() {
    let taken = Taken::from(open_document(SHEET));
    assert_eq!((taken.counts(), &taken.report.problems), ((2, 0, 0), &vec![]));
    let book = taken.book("Größe & Sea");
    assert_eq!(book.people(), "Ben Orr (author)");
    assert_eq!(book.field("isbn"), "9780306406157");
    assert_eq!(book.field("published_year"), "1998");
    assert_eq!(book.field("notes"), "one\ntwo");
    assert_eq!(taken.book("Two").field("published_year"), "1999");
    let two = open_document(&format!("<table:table table:name=\"Nothing\"/>{SHEET}"));
    assert_eq!(Taken::from(two).counts(), (2, 0, 0));
}

#[test]
fn an_old_workbook_is_read() {
    let taken = Taken::from(OLD);
    assert_eq!((taken.counts(), &taken.report.problems), ((2, 0, 0), &vec![]));
    let book = taken.book("Größe");
    assert_eq!(book.field("isbn"), "9780306406157");
    assert_eq!(
        (book.field("published_year"), book.field("page_count")),
        ("1998", "321")
    );
    assert_eq!(
        (book.field("shelf_mark"), book.people().as_str()),
        ("0012", "Ben Orr (author)")
    );
    assert_eq!(taken.book("草枕").field("published_year"), "1906");
}

#[test]
fn a_workbook_that_is_cut_off_is_refused_with_words() {
    for length in [50, 500, 2_000] {
        for file in [&excel(), &open_document(SHEET), OLD] {
            let error = Taken::tried(&file[..length.min(file.len() / 2)], &Options::default())
                .err()
                .unwrap();
            assert!(error.to_string().contains("nothing was imported"), "{error}");
        }
    }
}

#[test]
fn a_workbook_may_be_damaged_anywhere() {
    damaged_anywhere(&open_document(
        "<table:table table:name=\"A\"><table:table-row><table:table-cell office:value-type=\"string\"><text:p>title</text:p></table:table-cell></table:table-row></table:table>",
    ));
    let catalogue_of = |length: usize| Taken::tried(&OLD[..length], &Options::default());
    for length in (9..OLD.len()).step_by(211) {
        let _ = catalogue_of(length);
    }
    let small = {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write(0, 0, "title").unwrap();
        workbook.save_to_buffer().unwrap()
    };
    for at in (0..small.len()).step_by(53) {
        let mut changed = small.clone();
        changed[at] ^= 0x15;
        let _ = Taken::tried(changed, &Options::default());
        let _ = Taken::tried(&small[..at], &Options::default());
    }
}

#[test]
fn a_small_file_does_not_unpack_to_more_than_there_is_room_for() {
    let words = |bytes: Vec<u8>, words: &str| {
        let error = Taken::tried(bytes, &Options::default()).err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", SimpleFileOptions::default())
        .unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&zeros).unwrap();
    }
    words(zip.finish().unwrap().into_inner(), "unpacks to more");
    let cell = "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"16384\"><text:p>a long enough text for it</text:p></table:table-cell>";
    let row = |times: u32| format!("<table:table-row table:number-rows-repeated=\"{times}\">{cell}</table:table-row>");
    let sheet = |rows: &str| open_document(&format!("<table:table table:name=\"A\">{rows}</table:table>"));
    words(sheet(&row(1_048_576)), "more than any list of books");
    words(
        sheet(&format!("<table:table-row>{cell}{cell}</table:table-row>")),
        "outside of every sheet",
    );
    let wide = "<table:table-cell office:value-type=\"string\"><text:p>x</text:p></table:table-cell>";
    words(
        sheet(&format!(
            "<table:table-row><table:table-cell table:number-columns-repeated=\"4294967295\"/>{wide}</table:table-row>"
        )),
        "outside of every sheet",
    );
    // A table within a table within a table.
    let deep = "<table:table><table:table-row><table:table-cell>".repeat(100_000);
    let _ = Taken::tried(open_document(&deep), &Options::default());
}

#[test]
fn what_is_no_workbook_after_all_is_told() {
    let mut other = OLD.to_vec();
    // The name of the stream that has the sheets, in UTF-16.
    let name: Vec<u8> = "Workbook".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = other.windows(name.len()).position(|window| window == name).unwrap();
    other[at] = b'X';
    let error = Taken::tried(other, &Options::default()).err().unwrap().to_string();
    assert!(error.contains("document of Word") && error.contains(".xlsx"), "{error}");
}
