//! OPF, in: Calibre's, and that of an e-book.

use crate::taken::{Taken, damaged_anywhere};

const CALIBRE: &str = r#"<?xml version='1.0' encoding='utf-8'?>
<package xmlns="http://www.idpf.org/2007/opf" unique-identifier="uuid_id" version="2.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
<dc:identifier opf:scheme="calibre" id="calibre_id">17</dc:identifier><dc:identifier opf:scheme="uuid" id="uuid_id">0f4b</dc:identifier>
<dc:title>The North</dc:title><dc:creator opf:file-as="Orr, Ben &amp; Fell, Ida" opf:role="aut">Ben Orr</dc:creator><dc:creator opf:file-as="Orr, Ben &amp; Fell, Ida" opf:role="aut">Ida Fell</dc:creator>
<dc:contributor opf:file-as="calibre" opf:role="bkp">calibre (6.1) [https://calibre-ebook.com]</dc:contributor>
<dc:date>1998-05-12T22:00:00+00:00</dc:date><dc:description>&lt;div&gt;&lt;p&gt;One &lt;b&gt;two&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;Three.&lt;/p&gt;&lt;/div&gt;</dc:description>
<dc:publisher>Nord</dc:publisher><dc:identifier opf:scheme="ISBN">9780306406157</dc:identifier><dc:identifier opf:scheme="AMAZON">B000FC2GDK</dc:identifier>
<dc:language>eng</dc:language><dc:subject>Sea</dc:subject><dc:subject>Ships, old</dc:subject>
<meta name="calibre:series" content="Low Books"/><meta name="calibre:series_index" content="7.0"/><meta name="calibre:timestamp" content="2020-01-01"/><meta name="calibre:title_sort" content="North, The"/>
<meta name="calibre:user_metadata:#shelf" content="{&quot;name&quot;: &quot;Shelf&quot;, &quot;#value#&quot;: &quot;top&quot;}"/><meta name="other:thing" content="x"/>
</metadata><guide><reference type="cover" href="cover.jpg"/></guide></package>"#;

const BOOK: &str = r##"<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="p"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="p">urn:isbn:9780306406157</dc:identifier><dc:title id="t1">One</dc:title><meta refines="#t1" property="title-type">main</meta>
<dc:title id="t2">And a Half</dc:title><meta refines="#t2" property="title-type">subtitle</meta>
<dc:creator id="c1">Ursula Poe</dc:creator><meta refines="#c1" property="file-as">Poe, Ursula</meta><meta refines="#c1" property="role" scheme="marc:relators">aut</meta>
<dc:contributor id="c2">Ida Fell</dc:contributor><meta refines="#c2" property="role">trl</meta>
<meta property="belongs-to-collection" id="s">Low Books</meta><meta refines="#s" property="group-position">3</meta><dc:language>de-AT</dc:language>
<meta property="dcterms:modified">2020-01-01T00:00:00Z</meta></metadata><manifest><item id="x" href="x"/></manifest><spine/></package>"##;

#[test]
fn what_calibre_writes_beside_a_book_is_that_book() {
    let taken = Taken::from(CALIBRE);
    assert_eq!((taken.counts(), &taken.report.problems), ((1, 0, 0), &vec![]));
    let book = taken.book("The North");
    assert_eq!(book.people(), "Ben Orr (author), Ida Fell (author)");
    assert_eq!(taken.author("Ida Fell").sort_name, "Fell, Ida");
    book.says(&[
        ("isbn", "9780306406157"),
        ("publisher", "Nord"),
        ("published_year", "1998"),
        ("series", "Low Books"),
        ("series_position", "7"),
        ("language", "eng"),
        ("notes", "One two.\n\nThree.\n\nShelf: top"),
    ]);
    assert_eq!(book.list("tags"), ["Sea", "Ships, old"]);
    assert_eq!(book.list("identifiers"), ["asin:B000FC2GDK"]);
    assert!(taken.report.reading.join("\n").contains("other:thing (1)"));
}

#[test]
fn what_an_e_book_says_of_itself_is_read_with_its_refinements() {
    let taken = Taken::from(BOOK);
    assert_eq!((taken.counts(), &taken.report.problems), ((1, 0, 0), &vec![]));
    let book = taken.book("One");
    assert_eq!(
        (book.field("subtitle"), book.field("isbn")),
        ("And a Half", "9780306406157")
    );
    assert_eq!(book.people(), "Ursula Poe (author), Ida Fell (translator)");
    assert_eq!(
        (book.field("series"), book.field("series_position")),
        ("Low Books", "3")
    );
    assert_eq!(
        (book.field("language"), taken.author("Ursula Poe").sort_name.as_str()),
        ("deu", "Poe, Ursula")
    );
}

#[test]
fn hostile_files_end() {
    damaged_anywhere(b"<package><metadata><dc:title>A</dc:title><dc:creator opf:role=\"aut\">B C</dc:creator><meta name=\"calibre:series\" content=\"D\"/></metadata></package>");
}
