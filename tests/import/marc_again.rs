//! What an export in MARC 21 or MARCXML says when it is imported again.

use colophon_catalogue::format::Format;
use colophon_catalogue::rescue::Besides;
use colophon_tests::catalogue::Catalogue;
use serde_json::Value;

use crate::marc::{export, import, wanted, whole};

/// A catalogue with everything that it can have.
const EVERYTHING: &str = r#"{"format":"colophon","version":1,
"tags":["Rivers","Rivers -- Germany","DDC 005.13","DDC x/y","LCC QA76.9","in no book","a -- ","; , /"],
"authors":[
{"id":"1","name":"Mark Twain","sort_name":"Twain, Mark","birth_year":1835,"death_year":1910,"email":"m@example.org",
 "website":"https://example.org/twain","notes":"one\n\ntwo:\nthree","other_names":["Samuel Clemens","Clemens, Samuel"],
 "identifiers":["viaf:50566653","https://example.org/p/1"]},
{"id":"2","name":"John Smith","sort_name":"Smith, John","birth_year":null,"death_year":null},
{"id":"3","name":"John Smith","sort_name":"Smith, John","birth_year":null,"death_year":null},
{"id":"4","name":"Homer","sort_name":"Homer","birth_year":-720,"death_year":-1},
{"id":"5","name":"The Band.","sort_name":"Band., The","birth_year":null,"death_year":7},
{"id":"6","name":"Nobody's author","sort_name":"author, Nobody's"}],
"books":[
{"id":"a","author_id":"1","title":"Title: with / marks.","subtitle":"and = more :","original_title":"Works","isbn":"9783161484100",
 "publisher":"[s.n.]","place":"Berlin ;","edition":"2nd ed.,","published_year":1998,"original_year":1961,"language":"deu",
 "page_count":321,"series":"A ; B","series_position":"Bd. 3","format":"other","shelf_mark":"QA 1 .x","notes":"Summary: x\n\n\ny\nz.",
 "tags":["Rivers","Rivers -- Germany","DDC 005.13","DDC x/y","LCC QA76.9","a -- ","; , /"],
 "identifiers":["oclc:49044543","lccn:99043581","doi:10.1000/182","goodreads:12","Sirsi:a12702","https://example.org/b/1"],
 "contributions":[{"author_id":"3","role":"translator"},{"author_id":"2","role":"translator"},{"author_id":"1","role":"other"},
  {"author_id":"4","role":"foreword"},{"author_id":"4","role":"narrator"}]},
{"id":"b","author_id":null,"title":"…","published_year":-44,"original_year":-50,"language":"aab","series_position":"0.5","format":"audio",
 "contributions":[{"author_id":"2","role":"author"},{"author_id":"5","role":"photographer"}]},
{"id":"c","author_id":"4","title":"Ἰλιάς","original_year":7,"format":"ebook","notes":"long"}]}"#;

#[test]
fn marcxml_loses_nothing_that_the_catalogue_has() {
    let before = Catalogue::empty();
    let notes = "word and word. ".repeat(2_000);
    let report = import(&before, EVERYTHING.replace("long", notes.trim()).as_bytes());
    assert_eq!((report.imported, &report.problems), (3, &vec![]));
    let after = Catalogue::empty();
    let report = import(&after, &export(&before, "marcxml"));
    assert_eq!(
        (report.imported, &report.problems, &report.reading),
        (3, &vec![], &vec![])
    );
    let (before, after) = (whole(&before), whole(&after));
    assert_eq!(before["authors"], after["authors"]);
    assert_eq!(before["books"], after["books"]);
    assert_eq!(before, after);
}

#[test]
fn marc_21_carries_every_book_and_its_people() {
    let before = Catalogue::empty();
    let notes = "word and word. ".repeat(2_000);
    import(&before, EVERYTHING.replace("long", notes.trim()).as_bytes());
    let bytes = export(&before, "marc");
    assert!(colophon_marc::begins_binary(&bytes));
    let after = Catalogue::empty();
    let report = import(&after, &bytes);
    assert_eq!((report.imported, &report.problems), (3, &vec![]));
    let (before, after) = (whole(&before), whole(&after));
    let titles = |whole: &Value| {
        whole["books"]
            .as_array()
            .unwrap()
            .iter()
            .map(|book| book["title"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(titles(&before), titles(&after));
    let text = |whole: &Value| {
        whole["books"][2]["notes"]
            .as_str()
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(text(&before), text(&after));
    for name in [
        "isbn",
        "place",
        "publisher",
        "edition",
        "series",
        "series_position",
        "tags",
        "identifiers",
        "published_year",
    ] {
        assert_eq!(before["books"][0][name], after["books"][0][name], "{name}");
    }
}

#[test]
fn a_book_that_is_too_long_for_marc_21_ends_the_export_with_a_reason() {
    let catalogue = Catalogue::empty();
    let document = format!(
        r#"{{"format":"colophon","version":1,"authors":[],"books":[{{"id":"a","title":"Long","notes":"{}"}}]}}"#,
        "word ".repeat(30_000)
    );
    import(&catalogue, document.as_bytes());
    let mut outcome = Ok(0);
    let read = |session: &colophon_store::ReadSession<'_>| {
        outcome = Format::named("marc")
            .unwrap()
            .export(session, &mut Vec::new(), &wanted(&Besides::default()));
        Ok(())
    };
    catalogue.database.read_blocking(read).unwrap();
    let words = outcome.unwrap_err().to_string();
    assert!(
        words.contains("“Long”") && words.contains("99999") && words.contains("MARCXML"),
        "{words}"
    );
    assert!(!export(&catalogue, "marcxml").is_empty());
}

#[test]
fn a_record_of_ours_tells_other_programs_what_they_need() {
    let catalogue = Catalogue::empty();
    import(&catalogue, EVERYTHING.as_bytes());
    let bytes = export(&catalogue, "marc");
    let mut reader = colophon_marc::BinaryReader::new(bytes.as_slice(), None);
    let Some(colophon_marc::Found::Record(marc)) = reader.next_record().unwrap() else {
        panic!("no record")
    };
    let coded = marc.control("008").unwrap();
    assert_eq!((coded.len(), &coded[6..15], &coded[35..38]), (40, "r19981961", "ger"));
    let first = |tag: &str, code| marc.fields(tag).find_map(|field| field.first(code)).unwrap().to_owned();
    assert_eq!(first("100", 'a'), "Twain, Mark");
    assert_eq!(first("100", 'd'), "1835-1910");
    assert_eq!(first("700", '4'), "trl");
    assert_eq!(first("264", 'c'), "1998");
    assert_eq!(first("035", 'a'), "(OCoLC)49044543");
}
