//! CSL-JSON, in.

use colophon_catalogue::import::{ImportError, Options};

use crate::taken::Taken;

const ITEMS: &str = r#"[
  {"id":"orr98","type":"book","title":"One <i>and</i> <b>a</b> Half","author":[{"family":"Orr","given":"Ben","suffix":"Jr."},
   {"family":"Beethoven","given":"Ludwig","non-dropping-particle":"van"},{"literal":"World Health Organization"}],
   "collection-editor":[{"family":"Ray","given":"Dan"}],"translator":[{"family":"Fell","given":"Ida"}],
   "issued":{"date-parts":[["1998",5,12]]},"original-date":{"date-parts":[[1950]]},"publisher":"Nord","publisher-place":"Graz",
   "ISBN":"0-306-40615-2","collection-title":"Low Books","collection-number":7,"number-of-pages":"321","language":"en-GB",
   "keyword":"sea; ships","DOI":"10.1000/182","note":"Signed","abstract":"About it","call-number":"A 7","source":"x"},
  {"id":2,"type":"chapter","title":"The Part","container-title":"The Whole","page":"3-7","ISBN":"0306406152"},
  {"id":3,"type":"article-journal","title":"An Article"},
  {"id":4,"type":"book","title":"Broken" "author":[]},
  {"id":5,"type":"book","title":"a < b","issued":{"raw":"1999-05"}}
]"#;

#[test]
fn an_item_is_a_book_with_its_people() {
    let taken = Taken::from(ITEMS);
    assert_eq!(taken.counts(), (3, 0, 2));
    let book = taken.book("One and a Half");
    assert_eq!(
        book.people(),
        "Ben Orr Jr. (author), Ludwig van Beethoven (author), World Health Organization (author), Dan Ray (other), Ida Fell (translator)"
    );
    book.says(&[
        ("published_year", "1998"),
        ("original_year", "1950"),
        ("publisher", "Nord"),
        ("place", "Graz"),
        ("isbn", "9780306406157"),
        ("series", "Low Books"),
        ("series_position", "7"),
        ("page_count", "321"),
        ("language", "eng"),
        ("shelf_mark", "A 7"),
    ]);
    assert_eq!(book.field("notes"), "Signed\n\nAbstract: About it");
    assert_eq!(book.list("tags"), ["sea", "ships"]);
    assert_eq!(book.list("identifiers"), ["doi:10.1000/182", "citekey:orr98"]);
    assert!(taken.book("The Part").field("notes").contains("In: The Whole"));
    assert_eq!(taken.book("a < b").field("published_year"), "1999");
    assert!(
        taken.report.reading.join("\n").contains("source (1)"),
        "{:?}",
        taken.report.reading
    );
    let lines: Vec<_> = taken.problems().into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [9, 10]);
}

#[test]
fn a_list_of_something_else_is_turned_away() {
    for (text, what) in [
        ("[{\"name\":\"x\",\"pages\":3}]", "list in JSON"),
        ("[\n {\"id\": 1}]", "list in JSON"),
    ] {
        match Taken::tried(text, &Options::default()) {
            Err(error @ ImportError::TurnedAway { .. }) => assert!(error.to_string().contains(what), "{error}"),
            other => panic!("{text}: {:?}", other.err()),
        }
    }
}

#[test]
fn hostile_files_end() {
    let deep = format!(
        "[{{\"type\":\"book\",\"title\":{}1{}}}]",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(Taken::from(deep).counts(), (0, 0, 1));
    let marks = format!("[{{\"type\":\"book\",\"title\":\"A{}\"}}]", "<i".repeat(200));
    assert_eq!(Taken::from(marks).counts(), (1, 0, 0));
    let many = format!("[{}]", vec!["{\"type\":\"book\",\"title\":\"A\"}"; 20_000].join(","));
    assert_eq!(Taken::from(many).counts(), (20_000, 0, 0));
    let endless = format!("[{{\"type\":\"book\",\"title\":\"{}", "endless ".repeat(3_000_000));
    assert!(matches!(
        Taken::tried(endless, &Options::default()),
        Err(ImportError::RowTooLong { line: 1 })
    ));
}
