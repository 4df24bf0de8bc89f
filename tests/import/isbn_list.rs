//! Lists of ISBNs and pasted text, in.

use colophon_catalogue::import::Options;

use crate::taken::{Taken, damaged_anywhere};

#[test]
fn a_list_of_isbns_gives_books_that_are_called_by_them() {
    let taken = Taken::from("9780306406157\r\nISBN: 0-14-044913-2\r\n\r\n0140449132\r\n978 0 8044 2957 3\r\n");
    assert_eq!(taken.counts(), (3, 0, 1), "{:?}", taken.report);
    assert_eq!(taken.book("ISBN 9780306406157").field("isbn"), "9780306406157");
    assert_eq!(taken.book("ISBN 9780804429573").field("isbn"), "9780804429573");
    assert_eq!(taken.problems(), [(4, "isbn")]);
    assert!(
        taken.report.reading[0].contains("only an ISBN"),
        "{:?}",
        taken.report.reading
    );
}

#[test]
fn text_in_which_isbns_stand_is_read_where_somebody_says_so() {
    let pasted = "Dear all,\nplease order\n- The North (ISBN 978-0-306-40615-7), 20 €\n- Two at once: 0140449132, 9780804429573\n- Wrong, ISBN 978-0-306-40615-8\nThank you\n";
    let options = Options {
        format: Some("isbn-list"),
        ..Options::default()
    };
    let taken = Taken::with(pasted, &options);
    assert_eq!(taken.counts(), (3, 0, 1), "{:?}", taken.report);
    assert_eq!(taken.book("The North").field("isbn"), "9780306406157");
    assert_eq!(taken.problems(), [(5, "row")]);
    assert!(
        taken.report.reading[1].contains("3 lines have no ISBN"),
        "{:?}",
        taken.report.reading
    );
}

#[test]
fn a_column_of_isbns_with_a_header_is_a_table_still() {
    assert!(Taken::tried("isbn\n9780306406157\n", &Options::default()).is_err());
    assert_eq!(
        Taken::from("title,isbn,author\nOne,9780306406157,Orr\n").counts(),
        (1, 0, 0)
    );
}

#[test]
fn hostile_files_end() {
    damaged_anywhere("9780306406157\n• 978-0-306-40615-7 –\n".as_bytes());
    let long = Taken::from(format!("9780306406157\n{}\n", "1 ".repeat(100_000)));
    assert_eq!(long.counts().0, 1);
}
