//! Reading other programs' CSV files, as far as that goes without a catalogue to import into.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use colophon_catalogue::Book;
use colophon_catalogue::import::{Column, Commas, CsvFile, ImportError, Options, ROW_MAX_BYTES, Row};
use colophon_tests::shared::shared;

fn open(bytes: &[u8]) -> Result<CsvFile<Cursor<Vec<u8>>>, ImportError> {
    CsvFile::open(Cursor::new(bytes.to_vec()), &Options::default())
}

fn rows_of<R: Read + Seek>(file: &mut CsvFile<R>) -> Vec<Row> {
    std::iter::from_fn(|| file.next_row().unwrap()).collect()
}

/// What a row says for the title.
fn title(row: &Row) -> &str {
    row.book.as_ref().unwrap().fields.text(Book::FIELDS.title).unwrap()
}

fn rows(text: &str) -> Vec<Row> {
    rows_of(&mut open(text.as_bytes()).unwrap())
}

fn titles(bytes: &[u8]) -> Vec<String> {
    let mut file = open(bytes).unwrap();
    rows_of(&mut file)
        .into_iter()
        .map(|row| title(&row).to_owned())
        .collect()
}

fn problems(rows: &[Row]) -> Vec<(u64, &str)> {
    rows.iter()
        .flat_map(|row| &row.problems)
        .map(|problem| (problem.line, problem.field))
        .collect()
}

const TABLE: &str = "Titel;Verfasser\r\nGrüße aus Łódź;Żółw, Anna\r\nŒuvre “été”;Été, Jean\r\n";

fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

#[test]
fn unicode_files_are_read_with_and_without_a_byte_order_mark() {
    let marked = format!("\u{feff}{TABLE}");
    for bytes in [
        TABLE.as_bytes().to_vec(),
        marked.as_bytes().to_vec(),
        utf_16(TABLE, u16::to_le_bytes),
        utf_16(&marked, u16::to_le_bytes),
        utf_16(TABLE, u16::to_be_bytes),
        utf_16(&marked, u16::to_be_bytes),
    ] {
        assert_eq!(titles(&bytes), ["Grüße aus Łódź", "Œuvre “été”"], "{:?}", &bytes[..4]);
    }
}

#[test]
fn older_encodings_are_recognised() {
    let western = b"title;author\nM\xe4rchen f\xfcr Kinder;J\xfcrgen M\xfcller\nL'\xe9t\xe9 \x96 d\xe9j\xe0;H\xe9l\xe8ne Gar\xe7on\n";
    assert_eq!(titles(western), ["Märchen für Kinder", "L'été – déjà"]);
    let cyrillic = b"title,author\n\xc2\xee\xe9\xed\xe0 \xe8 \xec\xe8\xf0,\xcb\xe5\xe2 \xd2\xee\xeb\xf1\xf2\xee\xe9\n";
    assert_eq!(titles(cyrillic), ["Война и мир"]);
}

#[test]
fn an_accent_on_the_last_page_decides_about_the_first() {
    let mut bytes = b"title,author\n".to_vec();
    for _ in 0..40_000 {
        bytes.extend_from_slice(b"A plain title,A plain author\n");
    }
    bytes.extend_from_slice(b"Le caf\xe9 fran\xe7ais,Ren\xe9 Fran\xe7ois\n");
    assert_eq!(titles(&bytes).last().unwrap(), "Le café français");
}

#[test]
fn broken_bytes_in_a_utf_8_file_reject_their_rows_only() {
    let bytes = "title,author\nÉtude,Zoë\nKaputt \u{1},Émile\n".replace('\u{1}', "~");
    let broken: Vec<u8> = bytes
        .bytes()
        .map(|byte| if byte == b'~' { 0xff } else { byte })
        .collect();
    let mut file = open(&broken).unwrap();
    let rows = rows_of(&mut file);
    assert_eq!(file.encoding(), "UTF-8");
    assert_eq!(title(&rows[0]), "Étude");
    assert_eq!((rows[1].book.is_none(), problems(&rows)), (true, vec![(3, "title")]));
}

#[test]
fn what_is_not_a_table_is_called_what_it_is() {
    for nothing in ["", "\u{feff}", "\n\n  \r\n"] {
        assert!(
            matches!(open(nothing.as_bytes()), Err(ImportError::Empty)),
            "{nothing:?}"
        );
    }
    for (bytes, kind) in [
        (b"PK\x03\x04rest".to_vec(), "zip archive"),
        (b"PK\x03\x04 xl/workbook.xml".to_vec(), "workbook"),
        (b"SQLite format 3\0rest".to_vec(), "SQLite"),
        (b"%PDF-1.7 rest".to_vec(), "PDF"),
        ((0..=255).cycle().take(5_000).collect(), "binary"),
        (vec![0; 5_000], "binary"),
    ] {
        match open(&bytes) {
            Err(error @ ImportError::TurnedAway { .. }) => assert!(error.to_string().contains(kind), "{error}"),
            other => panic!("{kind}: {:?}", other.err()),
        }
    }
}

#[test]
fn a_missing_column_is_named_with_what_there_is() {
    let Err(error) = open(b"name,pages\nX,3\n") else {
        panic!("there is no title")
    };
    let message = error.to_string();
    assert!(
        message.contains("title") && message.contains("name, pages") && message.contains("--map title="),
        "{message}"
    );
    let mapped = Options {
        mapped: vec![(Column::Field(Book::FIELDS.title.any()), "name".to_owned())],
        ..Options::default()
    };
    let Err(error) = CsvFile::open(Cursor::new("name,pages\nX,3\n"), &mapped) else {
        panic!("there is no author")
    };
    assert!(error.to_string().contains("has the author"));
}

#[test]
fn a_persons_mapping_wins() {
    let mapped = Options {
        mapped: vec![(Column::Field(Book::FIELDS.title.any()), "original_title".to_owned())],
        ..Options::default()
    };
    let text = "title,original_title,author\nThe Iliad,Ἰλιάς,Homer\n";
    let mut file = CsvFile::open(Cursor::new(text), &mapped).unwrap();
    assert_eq!(title(&rows_of(&mut file)[0]), "Ἰλιάς");
    assert_eq!(file.columns().unused(), ["title"]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for end in ["\n", "\r\n", "\r"] {
        let text = "title,author,isbn\nA,B,\n\n\nC,D,1\n\"two\nlines\",E,2\n\nF,G,3\n".replace('\n', end);
        assert_eq!(
            problems(&rows(&text)),
            [(5, "isbn"), (6, "isbn"), (9, "isbn")],
            "{end:?}"
        );
    }
}

#[test]
fn a_bad_value_is_left_out_and_reported_and_its_book_is_imported() {
    let rows = rows("title,author,isbn,year,language,pages\nA,B C,0439023484,soon,xx,many\n");
    let book = rows[0].book.as_ref().unwrap();
    let fields = Book::FIELDS;
    for left_out in [
        fields.isbn.any(),
        fields.published_year.any(),
        fields.language.any(),
        fields.page_count.any(),
    ] {
        assert_eq!(book.fields.value(left_out), None, "{}", left_out.name());
    }
    assert_eq!(
        problems(&rows),
        [(2, "isbn"), (2, "published_year"), (2, "language"), (2, "page_count")]
    );
    assert!(rows[0].problems[1].reason.contains("“soon”"));
}

#[test]
fn a_row_without_title_or_with_too_many_cells_is_rejected_and_one_without_author_is_not() {
    let rows = rows("title,author\n,Homer\nIliad,\nA,B,C\nIliad,Homer,\n,\nOdyssey,Homer\n");
    let imported: Vec<_> = rows
        .iter()
        .filter_map(|row| row.book.as_ref())
        .filter_map(|book| book.fields.text(Book::FIELDS.title))
        .collect();
    assert_eq!(imported, ["Iliad", "Iliad", "Odyssey"]);
    assert_eq!(problems(&rows), [(2, "title"), (4, "row")]);
}

#[test]
fn a_quotation_mark_that_is_never_closed_does_not_swallow_rows_in_silence() {
    let rows = rows("title,author\nA,B\n\"C,D\nE,F\nG,H\n");
    assert!(rows[1].book.is_none() && rows[1].problems[0].reason.contains("never closed"));
    assert_eq!(rows[1].line, 3);
}

/// A header and then one endless line, made as it is read.
struct OneLongLine {
    at: u64,
    length: u64,
}

const HEADER: &[u8] = b"title,author\n";

impl Read for OneLongLine {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = (buffer.len() as u64).min(self.length - self.at);
        let filled = usize::try_from(wanted).unwrap();
        buffer[..filled].fill(b'a');
        if let Some(header) = usize::try_from(self.at).ok().and_then(|at| HEADER.get(at..)) {
            let length = header.len().min(filled);
            buffer[..length].copy_from_slice(&header[..length]);
        }
        self.at += wanted;
        Ok(filled)
    }
}

impl Seek for OneLongLine {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(at) = to else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        self.at = at;
        Ok(at)
    }
}

#[test]
fn a_row_longer_than_any_book_stops_the_reading_where_it_begins() {
    let mut file = CsvFile::open(
        OneLongLine {
            at: 0,
            length: 60_000_000,
        },
        &Options::default(),
    )
    .unwrap();
    let error = file.next_row().unwrap_err();
    assert!(matches!(error, ImportError::RowTooLong { line: 2 }), "{error}");
    assert!(
        file.bytes_read() < 2 * ROW_MAX_BYTES as u64,
        "it read {} bytes on",
        file.bytes_read()
    );
}

#[test]
fn the_roles_of_columns_and_of_brackets_are_kept() {
    let rows = rows(
        "title,author,translator,contributors\n\
         The Odyssey,Homer,Robert Fagles,\"Bernard Knox (editor); Ann Other (singer)\"\n",
    );
    let book = rows[0].book.as_ref().unwrap();
    let people: Vec<_> = book
        .contributors
        .iter()
        .map(|one| (one.person.name.as_str(), one.role.as_str()))
        .collect();
    assert_eq!(
        people,
        [
            ("Robert Fagles", "translator"),
            ("Bernard Knox", "editor"),
            ("Ann Other (singer)", "author")
        ]
    );
}

#[test]
fn nobody_is_named_twice_in_one_role() {
    let rows = rows("title,authors\nX,\"Ann Lee, Bob Ray, Ann  Lee, Bob Ray\"\n");
    assert_eq!(rows[0].book.as_ref().unwrap().contributors.len(), 1);
}

#[test]
fn the_real_file_of_ten_thousand_books_gives_the_facts() {
    let Some(path) = shared("goodbooks-10k/books.csv") else {
        return;
    };
    let mut file = CsvFile::open(File::open(path).unwrap(), &Options::default()).unwrap();
    assert_eq!(
        (file.encoding(), file.delimiter(), file.commas()),
        ("UTF-8", ',', Some(Commas::PartPeople))
    );
    let rows = rows_of(&mut file);
    let books: Vec<_> = rows.iter().filter_map(|row| row.book.as_ref()).collect();
    assert_eq!(books.len(), 10_000);
    let mut people = HashSet::new();
    let mut mentions = 0;
    for book in &books {
        people.extend(book.author.as_ref().map(|author| author.name.as_str()));
        people.extend(book.contributors.iter().map(|one| one.person.name.as_str()));
        mentions += 1 + book.contributors.len();
    }
    assert_eq!(people.len(), 5_833);
    // 13,216 in the file, seven of them repeated in the same cell.
    assert_eq!(mentions, 13_209);
    let isbns: HashSet<_> = books
        .iter()
        .filter_map(|book| book.fields.text(Book::FIELDS.isbn))
        .collect();
    assert_eq!(isbns.len(), 9_277);
    assert_eq!(
        books
            .iter()
            .filter(|book| book
                .fields
                .number(Book::FIELDS.published_year)
                .is_some_and(|year| year < 0))
            .count(),
        31
    );
    assert_eq!(
        books
            .iter()
            .filter(|book| book.fields.value(Book::FIELDS.published_year).is_none())
            .count(),
        21
    );
    assert_eq!(
        books
            .iter()
            .filter(|book| book.fields.value(Book::FIELDS.language).is_none())
            .count(),
        1_084
    );
    assert_eq!(problems(&rows).len(), 23);
    assert!(problems(&rows).iter().all(|(_, field)| *field == "isbn"));
    // book_id 916 is one line below its number, because of the header.
    assert_eq!(rows.iter().flat_map(|row| &row.problems).next().unwrap().line, 917);
}

#[test]
fn a_french_export_with_semicolons_in_an_older_encoding_gives_the_facts() {
    let Some(path) = shared("exports-inventaire/babelio-Biblio_export21507.csv") else {
        return;
    };
    let mut file = CsvFile::open(File::open(path).unwrap(), &Options::default()).unwrap();
    assert_eq!((file.encoding(), file.delimiter()), ("windows-1252", ';'));
    let rows = rows_of(&mut file);
    assert_eq!(rows.len(), 650);
    let books: Vec<_> = rows.iter().filter_map(|row| row.book.as_ref()).collect();
    assert_eq!(books.len(), 650);
    assert_eq!(
        books
            .iter()
            .filter(|book| book.fields.value(Book::FIELDS.isbn).is_some())
            .count(),
        637
    );
    assert_eq!(
        books
            .iter()
            .filter(|book| book.fields.value(Book::FIELDS.published_year).is_none())
            .count(),
        30
    );
    assert_eq!(problems(&rows).iter().filter(|(_, field)| *field == "isbn").count(), 13);
    let authors: HashSet<_> = books
        .iter()
        .flat_map(|book| &book.author)
        .map(|author| author.name.as_str())
        .collect();
    assert_eq!(authors.len(), 376);
    assert_eq!(books[0].fields.text(Book::FIELDS.title), Some("Au zénith"));
}

#[test]
fn an_export_with_spreadsheet_isbns_is_read() {
    let Some(path) = shared("exports-inventaire/goodreads-goodreads_library_export.csv") else {
        return;
    };
    let mut file = CsvFile::open(File::open(path).unwrap(), &Options::default()).unwrap();
    let rows = rows_of(&mut file);
    assert_eq!(rows.len(), 6);
    let books: Vec<_> = rows.iter().filter_map(|row| row.book.as_ref()).collect();
    assert_eq!(books[0].fields.text(Book::FIELDS.isbn), Some("9781781681602"));
    assert_eq!(
        books[0].author.as_ref().unwrap().sort_name.as_deref(),
        Some("Lordon, Frédéric")
    );
}
