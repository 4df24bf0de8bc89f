//! Dublin Core, in.

use crate::taken::{Taken, damaged_anywhere};

const HARVESTED: &str = r#"<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
<record><header><identifier>oai:x:1</identifier></header><metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>The North</dc:title><dc:title>Up There</dc:title><dc:creator>Orr, Ben (1953-)</dc:creator><dc:contributor>Fell, Ida</dc:contributor><dc:publisher>Nord</dc:publisher><dc:date>1998-05</dc:date>
<dc:language>en</dc:language><dc:identifier>https://example.org/1</dc:identifier><dc:identifier>ISBN 0-306-40615-2</dc:identifier><dc:identifier>9780306406157</dc:identifier>
<dc:subject>Sea</dc:subject><dc:description>About it</dc:description><dc:type>Text</dc:type><dc:format>application/pdf</dc:format><dc:format>321 p.</dc:format><dc:rights>Free</dc:rights><dc:odd>x</dc:odd>
</oai_dc:dc></metadata></record>
<record><metadata><oai_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A Picture</dc:title><dc:type>StillImage</dc:type></oai_dc:dc></metadata></record>
<record><metadata><oai_dc:dc><dc:title>Broken</dc:titel></oai_dc:dc></metadata></record>
<record><metadata><oai_dc:dc><dc:title>Two</dc:title></oai_dc:dc></metadata></record></ListRecords></OAI-PMH>"#;

#[test]
fn what_was_harvested_are_books() {
    let taken = Taken::from(HARVESTED);
    assert_eq!(taken.counts(), (2, 0, 2), "{:?}", taken.report);
    let book = taken.book("The North");
    assert_eq!(book.people(), "Ben Orr (author), Ida Fell (other)");
    assert_eq!(taken.author("Ben Orr").birth_year, Some(1953));
    book.says(&[
        ("isbn", "9780306406157"),
        ("publisher", "Nord"),
        ("published_year", "1998"),
        ("language", "eng"),
        ("page_count", "321"),
    ]);
    assert_eq!(book.field("notes"), "About it\n\nOther title: Up There\n\nRights: Free");
    assert_eq!(
        (book.list("tags"), book.list("identifiers")),
        (vec!["Sea"], vec!["https://example.org/1"])
    );
    let told = taken.report.reading.join("\n");
    assert!(told.contains("odd (1)") && told.contains("a picture (1)"), "{told}");
    assert_eq!(taken.book("Two").people(), "");
}

#[test]
fn it_may_stand_in_rdf_or_alone() {
    let rdf = "<rdf:RDF xmlns:dc=\"http://purl.org/dc/terms/\"><rdf:Description rdf:about=\"x\"><dc:title>One</dc:title><dc:creator>Orr, Ben</dc:creator></rdf:Description></rdf:RDF>";
    let alone = "<metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>One</dc:title><dc:creator>Orr, Ben</dc:creator></metadata>";
    for text in [rdf, alone] {
        assert_eq!(Taken::from(text).book("One").people(), "Ben Orr (author)", "{text}");
    }
}

#[test]
fn hostile_files_end() {
    damaged_anywhere(b"<metadata xmlns:dc=\"http://purl.org/dc/\"><dc:title>A</dc:title><dc:identifier>9780306406157</dc:identifier><dc:date>1998</dc:date></metadata>");
}
