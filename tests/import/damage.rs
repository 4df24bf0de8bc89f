//! Files that broke off, and marks that take more than was meant.

use colophon_catalogue::Book;
use colophon_catalogue::import::{CsvFile, ImportError, Options, Row};
use encoding_rs::Encoding;
use std::io::Cursor;

/// The rows of a file in this encoding, or in any that is recognised.
fn rows(bytes: &[u8], encoding: Option<&'static Encoding>) -> Result<Vec<Row>, ImportError> {
    let options = Options {
        encoding,
        ..Options::default()
    };
    let mut file = CsvFile::open(Cursor::new(bytes.to_vec()), &options)?;
    std::iter::from_fn(|| file.next_row().transpose()).collect()
}

/// The titles that are imported, and the lines of rows that are not.
fn told(rows: &[Row]) -> (Vec<&str>, Vec<u64>) {
    let titles = rows.iter().filter_map(|row| row.book.as_ref());
    let refused = rows.iter().filter(|row| row.book.is_none());
    (
        titles.filter_map(|book| book.fields.text(Book::FIELDS.title)).collect(),
        refused.map(|row| row.line).collect(),
    )
}

fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

/// Letters of two, three and four bytes, each at the end of something.
const TABLE: &str =
    "title,author,notes\nSchuß,Zoë,naïve\n紅樓夢,曹雪芹,石頭記\nБесы,Достоевский,роман\nEmoji 📚,Ann 🖋,ends 🖋";

#[test]
fn a_file_that_is_cut_at_any_byte_is_read_as_far_as_it_goes() {
    let mut files = vec![
        (TABLE.as_bytes().to_vec(), None),
        (format!("\u{feff}{TABLE}").into_bytes(), None),
    ];
    for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
        files.push((utf_16(TABLE, bytes_of), None));
        files.push((utf_16(&format!("\u{feff}{TABLE}"), bytes_of), None));
    }
    let cjk = "title,author,notes\n紅樓夢,曹雪芹,石頭\n西遊記,吳承恩,猴子";
    for name in ["gb18030", "gbk", "big5", "euc-jp", "shift_jis", "iso-2022-jp", "euc-kr"] {
        let encoding = Encoding::for_label(name.as_bytes()).unwrap();
        // A character that one of them does not have is written as a number, which is as good as any text.
        files.push((encoding.encode(cjk).0.into_owned(), Some(encoding)));
        files.push((encoding.encode(cjk).0.into_owned(), None));
    }
    for (bytes, encoding) in files {
        for length in 0..=bytes.len() {
            let cut = &bytes[..length];
            match rows(cut, encoding) {
                Ok(rows) => {
                    let whole = told(&rows).0;
                    let broken = whole.iter().filter(|title| title.contains('\u{fffd}')).count();
                    assert_eq!(broken, 0, "{encoding:?} cut at {length}: {whole:?}");
                }
                Err(ImportError::Empty | ImportError::MissingColumn { .. } | ImportError::TurnedAway { .. }) => {}
                Err(other) => panic!("{encoding:?} cut at {length}: {other}"),
            }
        }
    }
}

#[test]
fn only_the_row_in_which_a_file_was_cut_is_refused() {
    let mut cut = "title,author\nOne,Bob Löw\nTwo,Ann Ráy\nThree,Zoë".as_bytes().to_vec();
    cut.pop();
    let read = rows(&cut, None).unwrap();
    assert_eq!(told(&read), (vec!["One", "Two"], vec![4]));
    let mut odd = utf_16("title,author\nOne,Ann Low\nTwo,Bob Ray\n", u16::to_le_bytes);
    odd.pop();
    let read = rows(&odd, None).unwrap();
    assert_eq!(told(&read).0[0], "One");
    let gbk = Encoding::for_label(b"gbk").unwrap();
    let mut cut = gbk.encode("title,author\n红楼梦,曹雪芹\n西游记,吴承恩").0.into_owned();
    cut.pop();
    assert_eq!(told(&rows(&cut, Some(gbk)).unwrap()), (vec!["红楼梦"], vec![3]));
}

#[test]
fn a_single_zero_spoils_its_row_and_no_other() {
    for at in 0..4 {
        let padding = "x".repeat(at);
        let text = format!("title,author,notes\nOne,Ben Orr,{padding}a\0b\nTwo,Cat Poe,fine\n");
        assert_eq!(
            told(&rows(text.as_bytes(), None).unwrap()).0.last(),
            Some(&"Two"),
            "{text:?}"
        );
        let western: Vec<u8> = text
            .replace("fine", "~")
            .bytes()
            .map(|byte| if byte == b'~' { 0xe9 } else { byte })
            .collect();
        assert_eq!(
            told(&rows(&western, None).unwrap()).0.last(),
            Some(&"Two"),
            "{western:?}"
        );
    }
}

#[test]
fn what_a_quotation_mark_took_in_is_told_by_its_lines() {
    for delimiter in [',', ';', '\t'] {
        let table = |text: &str| rows(text.replace(',', &delimiter.to_string()).as_bytes(), None).unwrap();
        let few = table("title,author\nA,\"Ben Orr\nB,Cat Poe\nC,\"Dan Ray\"\nD,Eve Sun\n");
        assert_eq!(told(&few), (vec!["D"], vec![2]), "{delimiter:?}");
        let reason = &few[0].problems[0].reason;
        assert!(
            reason.contains("in line 2") && reason.contains("to line 4") && reason.contains("quotation mark"),
            "{reason}"
        );
        let between = "A book,Somebody\n".repeat(500);
        let far = table(&format!(
            "title,author\nA,\"Ben Orr\n{between}C,\"Dan Ray\"\nD,Eve Sun\n"
        ));
        assert_eq!(told(&far), (vec!["D"], vec![2]), "{delimiter:?}");
        assert!(far[0].problems[0].reason.contains("to line 503"));
        let right = table(&format!("title,author\nA,\"Ben Orr\n{between}C,Dan Ray\"\nD,Eve Sun\n"));
        assert_eq!(
            told(&right),
            (vec!["D"], vec![2]),
            "{delimiter:?}: the second mark stands right by chance"
        );
        let never = table(&format!("title,author\nA,Ben Orr\nB,\"Cat Poe\n{between}"));
        assert_eq!(told(&never), (vec!["A"], vec![3]), "{delimiter:?}");
        let first = table(&format!(
            "title,author\n\"A,Ben Orr\n{between}\"C\",Dan Ray\nD,Eve Sun\n"
        ));
        assert_eq!(told(&first), (vec!["D"], vec![2]), "{delimiter:?}: in the first cell");
    }
}

#[test]
fn a_cell_of_several_lines_is_still_a_cell() {
    let text =
        "title,author,notes\n\"A\nb\",\"Ben\nOrr\",\"one\n2,3,4\n\"\"three\"\"\"\r\nC,Dan,\"a\rb\"\nD,\"Eve\" Sun,x";
    let read = rows(text.as_bytes(), None).unwrap();
    assert_eq!(told(&read), (vec!["A b", "C", "D"], vec![]));
    let notes = read[0].book.as_ref().unwrap().fields.text(Book::FIELDS.notes);
    assert_eq!(notes, Some("one\n2,3,4\n\"three\""));
}
