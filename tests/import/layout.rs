//! How files are laid out: what comes before the header, how marks are written, which letters the bytes are.

use std::io::Cursor;

use colophon_catalogue::Book;
use colophon_catalogue::import::{CodePage, CsvFile, Options, Row};

fn open(bytes: &[u8], options: &Options) -> CsvFile<Cursor<Vec<u8>>> {
    CsvFile::open(Cursor::new(bytes.to_vec()), options).unwrap()
}

fn rows(file: &mut CsvFile<Cursor<Vec<u8>>>) -> Vec<Row> {
    std::iter::from_fn(|| file.next_row().unwrap()).collect()
}

/// Title and author of each book.
fn books(bytes: &[u8], options: &Options) -> Vec<(String, String)> {
    let rows = rows(&mut open(bytes, options)).into_iter();
    let books = rows.filter_map(|row| row.book).map(|book| {
        let title = book.fields.text(Book::FIELDS.title).unwrap_or_default().to_owned();
        (title, book.author.map(|author| author.name).unwrap_or_default())
    });
    books.collect()
}

fn of(text: &str) -> Vec<(String, String)> {
    books(text.as_bytes(), &Options::default())
}

fn pair(title: &str, author: &str) -> (String, String) {
    (title.to_owned(), author.to_owned())
}

#[test]
fn the_delimiter_may_be_named_in_any_shape() {
    for first in ["sep=;", "SEP=;", "\"sep=;\"", "sep=;;;", "\"sep=;\";"] {
        assert_eq!(
            of(&format!("{first}\ntitle;author\nA;Jo Ek\n")),
            [pair("A", "Jo Ek")],
            "{first}"
        );
    }
    assert_eq!(of("sep=\t\ntitle\tauthor\nA\tJo Ek\n"), [pair("A", "Jo Ek")]);
}

#[test]
fn lines_before_the_header_are_passed_over_and_so_is_a_header_again() {
    let text =
        "Books of the reading room;;\n12 May;;\nTitel;Autor;Jahr\nA;Jo Ek;1987\nTitel;Autor;Jahr\nB;Ida Low;1990\n";
    let mut file = open(text.as_bytes(), &Options::default());
    assert_eq!(file.header_line(), 3);
    let read = rows(&mut file);
    assert_eq!(read.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 6]);
    assert!(
        file.reading().iter().any(|line| line.contains("header")),
        "{:?}",
        file.reading()
    );
}

#[test]
fn a_file_without_a_header_is_read_with_the_columns_that_a_person_names() {
    let options = Options {
        columns: Some(["author", "", "title"].map(str::to_owned).to_vec()),
        ..Options::default()
    };
    assert_eq!(
        books(b"Jo Ek,7,A\nIda Low,8,B\n", &options),
        [pair("A", "Jo Ek"), pair("B", "Ida Low")]
    );
}

#[test]
fn marks_behind_a_space_or_a_backslash_are_marks() {
    let spaced = "title, author\n\"A, or B\", \"Ek, Jo\"\n\"C\", \"Low, Ida\"\n";
    assert_eq!(of(spaced), [pair("A, or B", "Jo Ek"), pair("C", "Ida Low")]);
    let escaped = "title,author\n\"The \\\"Old\\\" Sea\",Jo Ek\n\"Two \"\"Seas\"\"\",Jo Ek\n";
    assert_eq!(
        of(escaped),
        [pair("The \"Old\" Sea", "Jo Ek"), pair("Two \"Seas\"", "Jo Ek")]
    );
}

#[test]
fn the_end_of_a_file_of_dos_is_no_row() {
    assert!(
        rows(&mut open(b"title,author\nA,Jo Ek\n\x1a", &Options::default()))
            .iter()
            .all(|row| row.problems.is_empty())
    );
}

#[test]
fn letters_of_dos_are_read_where_they_are_named_and_doubted_where_they_are_found() {
    let bytes = b"title,author\nB\x84r und L\x94we,J\x94rg Gr\x81n\nStra\xe1e,M\x84x K\x94nig\n";
    let told = Options {
        code_page: CodePage::named("cp850"),
        ..Options::default()
    };
    assert_eq!(books(bytes, &told)[0], pair("Bär und Löwe", "Jörg Grün"));
    let file = open(bytes, &Options::default());
    assert_eq!((file.encoding(), file.is_encoding_doubtful()), ("cp850", true));
}

#[test]
fn what_nobody_typed_does_not_stand_in_a_title() {
    assert_eq!(
        of("title,author\nSalt &amp; Sea,Zo&euml; Ek\u{200b}\n"),
        [pair("Salt & Sea", "Zoë Ek")]
    );
}
