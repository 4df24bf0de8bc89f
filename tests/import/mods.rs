//! MODS, in.

use colophon_catalogue::import::Options;

use crate::taken::{Taken, damaged_anywhere};

const RECORD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<m:modsCollection xmlns:m="http://www.loc.gov/mods/v3">
<m:mods version="3.7"><m:titleInfo><m:nonSort>The </m:nonSort><m:title>North</m:title><m:subTitle>and a half</m:subTitle><m:partNumber>2</m:partNumber></m:titleInfo>
 <m:titleInfo type="alternative"><m:title>Up There</m:title></m:titleInfo>
 <m:name type="personal" usage="primary"><m:namePart>Orr, Ben,</m:namePart><m:namePart type="date">1953-</m:namePart><m:affiliation>Graz</m:affiliation></m:name>
 <m:name type="personal"><m:namePart type="family">Fell</m:namePart><m:namePart type="given">Ida</m:namePart><m:namePart type="termsOfAddress">Jr.</m:namePart>
  <m:role><m:roleTerm type="code" authority="marcrelator">trl</m:roleTerm><m:roleTerm type="text">translator</m:roleTerm></m:role></m:name>
 <m:name type="corporate"><m:namePart>Barnes and Noble, Inc.</m:namePart><m:role><m:roleTerm type="text">editor</m:roleTerm></m:role></m:name>
 <m:name type="corporate"><m:namePart>A Society</m:namePart></m:name>
 <m:typeOfResource>text</m:typeOfResource><m:genre authority="rdacontent">text</m:genre><m:genre>Poetry</m:genre>
 <m:originInfo><m:place><m:placeTerm type="code" authority="marccountry">au</m:placeTerm></m:place><m:place><m:placeTerm type="text">Graz</m:placeTerm></m:place>
  <m:publisher>Nord</m:publisher><m:dateIssued encoding="marc" keyDate="yes">2011</m:dateIssued><m:dateIssued>c2011</m:dateIssued><m:edition>2nd</m:edition><m:issuance>monographic</m:issuance></m:originInfo>
 <m:language><m:languageTerm type="text">English</m:languageTerm><m:languageTerm type="code" authority="iso639-2b">eng</m:languageTerm></m:language>
 <m:physicalDescription><m:extent>xii, 321 p. : ill. ; 22 cm</m:extent><m:internetMediaType>text/html</m:internetMediaType></m:physicalDescription>
 <m:abstract>About it &amp; more</m:abstract><m:note type="statement of responsibility">Ben Orr.</m:note><m:note>Includes index.</m:note>
 <m:subject authority="lcsh"><m:topic>Sea</m:topic><m:geographic>Graz</m:geographic></m:subject>
 <m:classification authority="ddc">823.9/12</m:classification>
 <m:relatedItem type="series"><m:titleInfo><m:title>Low Books</m:title><m:partNumber>7</m:partNumber></m:titleInfo></m:relatedItem>
 <m:relatedItem type="original"><m:titleInfo><m:title>Nord</m:title></m:titleInfo><m:originInfo><m:dateIssued>1950</m:dateIssued></m:originInfo></m:relatedItem>
 <m:identifier type="isbn">0306406152 (pbk.)</m:identifier><m:identifier type="doi">10.1000/182</m:identifier><m:identifier type="isbn" invalid="yes">123</m:identifier>
 <m:identifier type="citekey">orr11</m:identifier><m:location><m:shelfLocator>A 7</m:shelfLocator><m:url>https://example.org/a</m:url></m:location>
 <m:recordInfo><m:recordIdentifier>x1</m:recordIdentifier></m:recordInfo></m:mods>
<m:mods><m:titleInfo><m:title>Broken</m:titleInfo></m:mods>
<m:mods><m:titleInfo><m:title>A Part</m:title></m:titleInfo><m:relatedItem type="host"><m:titleInfo><m:title>The Whole</m:title></m:titleInfo>
 <m:part><m:detail type="volume"><m:number>3</m:number></m:detail><m:extent unit="page"><m:start>7</m:start><m:end>9</m:end></m:extent></m:part>
 <m:identifier type="isbn">9780306406157</m:identifier></m:relatedItem></m:mods>
<m:mods><m:genre>journal article</m:genre><m:titleInfo><m:title>An Article</m:title></m:titleInfo></m:mods>
<m:mods><m:titleInfo><m:title>Open</m:title></m:titleInfo>
<m:mods><m:titleInfo><m:title>Last &ndash; &nothing; &lt;</m:title></m:titleInfo></m:mods>
</m:modsCollection>"#;

#[test]
fn a_record_is_a_book_with_its_people() {
    let taken = Taken::from(RECORD);
    assert_eq!(taken.counts(), (3, 0, 3), "{:?}", taken.report);
    let book = taken.book("The North. 2");
    assert_eq!(
        book.people(),
        "Ben Orr (author), Ida Fell Jr. (translator), Barnes and Noble, Inc. (editor), A Society (other)"
    );
    assert_eq!(taken.author("Ben Orr").birth_year, Some(1953));
    assert_eq!(taken.author("Ida Fell Jr.").sort_name, "Fell, Ida, Jr.");
    book.says(&[
        ("subtitle", "and a half"),
        ("published_year", "2011"),
        ("original_title", "Nord"),
        ("original_year", "1950"),
        ("publisher", "Nord"),
        ("place", "Graz"),
        ("edition", "2nd"),
        ("isbn", "9780306406157"),
        ("series", "Low Books"),
        ("series_position", "7"),
        ("page_count", "321"),
        ("language", "eng"),
        ("shelf_mark", "A 7"),
    ]);
    assert_eq!(book.list("tags"), ["DDC 823.912", "Poetry", "Sea -- Graz"]);
    assert_eq!(
        book.list("identifiers"),
        ["doi:10.1000/182", "citekey:orr11", "https://example.org/a"]
    );
    let notes = book.field("notes");
    for note in [
        "Includes index.",
        "Abstract: About it & more",
        "Other title: Up There",
        "Invalid isbn: 123",
    ] {
        assert!(notes.contains(note), "{notes}");
    }
    let told = taken.report.reading.join("\n");
    for left in [
        "name/affiliation (1)",
        "internetMediaType (1)",
        "recordInfo (1)",
        "an article (1)",
    ] {
        assert!(told.contains(left), "{told}");
    }
}

#[test]
fn what_is_broken_costs_its_record_and_no_other() {
    let taken = Taken::from(RECORD);
    let part = taken.book("A Part");
    assert_eq!(part.field("isbn"), "");
    assert!(
        part.field("notes")
            .contains("In: The Whole, volume 3, pages 7-9, isbn 9780306406157"),
        "{part:?}"
    );
    assert_eq!(taken.book("Last – \u{fffd} <").people(), "");
    assert_eq!(taken.problems(), [(23, "row"), (27, "row"), (28, "row"), (29, "row")]);
    let reasons: Vec<_> = taken
        .report
        .problems
        .iter()
        .map(|problem| problem.reason.as_str())
        .collect();
    assert!(reasons[0].contains("<title> in it is never closed"), "{reasons:?}");
    assert!(reasons[2].contains("begins before it has ended"), "{reasons:?}");
    assert!(reasons[3].contains("&nothing;"), "{reasons:?}");
}

#[test]
fn a_file_may_be_in_any_encoding() {
    let text =
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<mods><titleInfo><title>Größe</title></titleInfo></mods>";
    let latin: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.replace("ISO-8859-1", "UTF-16").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for file in [latin, wide] {
        assert_eq!(Taken::from(file).book("Größe").people(), "");
    }
}

#[test]
fn hostile_files_end() {
    damaged_anywhere(b"<mods><titleInfo><title>A&amp;<![CDATA[b]]></title></titleInfo><!-- c --><name type=\"personal\"><namePart>Orr, B</namePart></name></mods>");
    let deep = format!("<mods><titleInfo><title>A</title></titleInfo>{}", "<a>".repeat(200_000));
    assert_eq!(Taken::from(format!("{deep}</mods>")).counts(), (0, 0, 1));
    let closed = format!(
        "{deep}{}</mods><mods><titleInfo><title>B</title></titleInfo></mods>",
        "</a>".repeat(200_000)
    );
    assert_eq!(Taken::from(closed).counts(), (1, 0, 1));
    let bomb = "<!DOCTYPE mods [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><mods><titleInfo><title>&b;</title></titleInfo></mods>";
    assert_eq!(Taken::from(bomb).book("\u{fffd}").people(), "");
    let outside = "<!DOCTYPE mods [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><mods><titleInfo><title>x &a;</title></titleInfo></mods>";
    assert_eq!(Taken::from(outside).book("x \u{fffd}").people(), "");
    let endless = format!("<mods><titleInfo><title>{}", "endless ".repeat(3_000_000));
    assert_eq!(Taken::tried(endless, &Options::default()).unwrap().counts(), (0, 0, 1));
}
