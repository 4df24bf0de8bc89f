//! ONIX, in: 2.1 in words and in short tags, and 3.0.

use crate::taken::{Taken, damaged_anywhere};

const OLD: &str = r#"<?xml version="1.0"?>
<!DOCTYPE ONIXMessage SYSTEM "http://www.editeur.org/onix/2.1/reference/onix-international.dtd">
<ONIXMessage><Header><FromCompany>Nord</FromCompany></Header>
<Product><RecordReference>1</RecordReference><NotificationType>03</NotificationType>
 <ProductIdentifier><ProductIDType>02</ProductIDType><IDValue>0306406152</IDValue></ProductIdentifier>
 <ProductIdentifier><ProductIDType>03</ProductIDType><IDValue>9780306406157</IDValue></ProductIdentifier>
 <ProductForm>BB</ProductForm><Series><TitleOfSeries>Low Books</TitleOfSeries><NumberWithinSeries>7</NumberWithinSeries></Series>
 <Title><TitleType>01</TitleType><TitlePrefix>The</TitlePrefix><TitleWithoutPrefix>North&ndash;Sea</TitleWithoutPrefix><Subtitle>and a half</Subtitle></Title>
 <Title><TitleType>03</TitleType><TitleText>Nord</TitleText></Title>
 <Contributor><SequenceNumber>2</SequenceNumber><ContributorRole>B06</ContributorRole><PersonName>Ida Fell</PersonName><PersonNameInverted>Fell, Ida</PersonNameInverted></Contributor>
 <Contributor><SequenceNumber>1</SequenceNumber><ContributorRole>A01</ContributorRole><NamesBeforeKey>Ludwig</NamesBeforeKey><PrefixToKey>van</PrefixToKey><KeyNames>Orr</KeyNames>
  <PersonDate><PersonDateRole>007</PersonDateRole><Date>19530102</Date></PersonDate></Contributor>
 <Contributor><SequenceNumber>3</SequenceNumber><ContributorRole>B01</ContributorRole><CorporateName>Barnes and Noble, Inc.</CorporateName></Contributor>
 <EditionStatement>2nd</EditionStatement><Language><LanguageRole>01</LanguageRole><LanguageCode>ger</LanguageCode></Language><NumberOfPages>321</NumberOfPages>
 <BASICMainSubject>REL012120</BASICMainSubject><Subject><SubjectSchemeIdentifier>20</SubjectSchemeIdentifier><SubjectHeadingText>sea; ships</SubjectHeadingText></Subject>
 <OtherText><TextTypeCode>01</TextTypeCode><Text textformat="05">&lt;p&gt;One &lt;i&gt;two&lt;/i&gt;&lt;/p&gt;three</Text></OtherText>
 <Imprint><ImprintName>Nord</ImprintName></Imprint><Publisher><PublishingRole>01</PublishingRole><PublisherName>Nord</PublisherName></Publisher>
 <CityOfPublication>Graz</CityOfPublication><PublicationDate>19980901</PublicationDate>
 <SupplyDetail><Price><PriceAmount>9</PriceAmount></Price></SupplyDetail></Product>
<Product><RecordReference>2</RecordReference><NotificationType>03</NotificationType><ProductForm>PC</ProductForm><Title><TitleText>Calendar</TitleText></Title></Product>
<Product><RecordReference>3</RecordReference><NotificationType>05</NotificationType><Title><TitleText>Gone</TitleText></Title></Product>
<Product><RecordReference>4</RecordReference><NotificationType>03</NotificationType><Title><TitleText>Broken</Title></Product>
</ONIXMessage>"#;

const SHORT: &str = r#"<ONIXmessage release="2.1"><product><a001>1</a001><a002>03</a002><productidentifier><b221>15</b221><b244>9780306406157</b244></productidentifier>
 <b012>BC</b012><title><b202>01</b202><b203>One</b203><b029>And More</b029></title><contributor><b034>1</b034><b035>A01</b035><b037>Orr, Ben</b037></contributor>
 <language><b253>01</b253><b252>eng</b252></language><b061>300</b061><publisher><b291>01</b291><b081>Nord</b081></publisher><b003>1998</b003></product></ONIXmessage>"#;

const NEW: &str = r#"<ONIXMessage release="3.0" xmlns="http://ns.editeur.org/onix/3.0/reference"><Header/><Product><RecordReference>1</RecordReference><NotificationType>03</NotificationType>
 <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>9780306406157</IDValue></ProductIdentifier><ProductIdentifier><ProductIDType>06</ProductIDType><IDValue>10.1000/182</IDValue></ProductIdentifier>
 <DescriptiveDetail><ProductComposition>00</ProductComposition><ProductForm>ED</ProductForm>
  <Collection><CollectionType>10</CollectionType><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>02</TitleElementLevel><PartNumber>7</PartNumber><TitleText>Low Books</TitleText></TitleElement></TitleDetail></Collection>
  <TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><NoPrefix/><TitleWithoutPrefix>One</TitleWithoutPrefix><Subtitle>And More</Subtitle></TitleElement></TitleDetail>
  <Contributor><SequenceNumber>1</SequenceNumber><ContributorRole>A01</ContributorRole><ContributorRole>A12</ContributorRole><PersonName>Ben Orr</PersonName><PersonNameInverted>Orr, Ben</PersonNameInverted></Contributor>
  <Language><LanguageRole>01</LanguageRole><LanguageCode>eng</LanguageCode></Language><Extent><ExtentType>00</ExtentType><ExtentValue>321</ExtentValue><ExtentUnit>03</ExtentUnit></Extent>
  <Subject><MainSubject/><SubjectSchemeIdentifier>93</SubjectSchemeIdentifier><SubjectCode>FBA</SubjectCode></Subject></DescriptiveDetail>
 <CollateralDetail><TextContent><TextType>03</TextType><ContentAudience>00</ContentAudience><Text>About it</Text></TextContent></CollateralDetail>
 <PublishingDetail><Publisher><PublishingRole>01</PublishingRole><PublisherName>Nord</PublisherName></Publisher><PublishingDate><PublishingDateRole>01</PublishingDateRole><Date dateformat="00">20110305</Date></PublishingDate>
  <PublishingDate><PublishingDateRole>20</PublishingDateRole><Date dateformat="05">1950</Date></PublishingDate></PublishingDetail>
 <ProductSupply><SupplyDetail/></ProductSupply></Product></ONIXMessage>"#;

#[test]
fn a_product_of_the_old_version_is_a_book() {
    let taken = Taken::from(OLD);
    assert_eq!(taken.counts(), (1, 0, 3), "{:?}", taken.report);
    let book = taken.book("The North–Sea");
    assert_eq!(
        book.people(),
        "Ludwig van Orr (author), Ida Fell (translator), Barnes and Noble, Inc. (editor)"
    );
    let orr = taken.author("Ludwig van Orr");
    assert_eq!(
        (orr.sort_name.as_str(), orr.birth_year),
        ("Orr, Ludwig van", Some(1953))
    );
    book.says(&[
        ("subtitle", "and a half"),
        ("original_title", "Nord"),
        ("isbn", "9780306406157"),
        ("format", "hardback"),
        ("series", "Low Books"),
        ("series_position", "7"),
        ("edition", "2nd"),
        ("language", "deu"),
        ("page_count", "321"),
        ("publisher", "Nord"),
        ("place", "Graz"),
        ("published_year", "1998"),
        ("notes", "One two\n\nthree"),
    ]);
    assert_eq!(book.list("tags"), ["BISAC REL012120", "sea", "ships"]);
    let told = taken.report.reading.join("\n");
    assert!(
        told.contains("SupplyDetail (1)") && told.contains("a calendar"),
        "{told}"
    );
    let reasons: Vec<_> = taken
        .report
        .problems
        .iter()
        .map(|problem| problem.reason.as_str())
        .collect();
    assert!(
        reasons[1].contains("takes it out of the list") && reasons[2].contains("never closed"),
        "{reasons:?}"
    );
}

#[test]
fn short_tags_say_the_same() {
    let taken = Taken::from(SHORT);
    assert_eq!((taken.counts(), &taken.report.problems), ((1, 0, 0), &vec![]));
    let book = taken.book("One");
    assert_eq!(
        (book.field("subtitle"), book.field("isbn")),
        ("And More", "9780306406157")
    );
    assert_eq!((book.field("format"), book.field("page_count")), ("paperback", "300"));
    assert_eq!(
        (book.field("publisher"), book.field("published_year")),
        ("Nord", "1998")
    );
    assert_eq!(book.people(), "Ben Orr (author)");
    assert_eq!(taken.report.reading, Vec::<String>::new());
}

#[test]
fn a_product_of_the_new_version_is_a_book() {
    let taken = Taken::from(NEW);
    assert_eq!((taken.counts(), &taken.report.problems), ((1, 0, 0), &vec![]));
    let book = taken.book("One");
    book.says(&[
        ("subtitle", "And More"),
        ("isbn", "9780306406157"),
        ("format", "ebook"),
        ("series", "Low Books"),
        ("series_position", "7"),
        ("page_count", "321"),
        ("published_year", "2011"),
        ("original_year", "1950"),
        ("notes", "About it"),
    ]);
    assert_eq!(book.people(), "Ben Orr (author), Ben Orr (illustrator)");
    assert_eq!(book.list("tags"), ["Thema FBA"]);
    assert_eq!(book.list("identifiers"), ["doi:10.1000/182"]);
    assert!(taken.report.reading.join("\n").contains("ProductSupply (1)"));
}

#[test]
fn a_product_alone_is_read_as_well() {
    let alone = OLD[OLD.find("<Product>").unwrap()..]
        .split_once("</Product>")
        .unwrap()
        .0
        .to_owned()
        + "</Product>";
    assert_eq!(Taken::from(alone).counts(), (1, 0, 0));
}

#[test]
fn hostile_files_end() {
    damaged_anywhere(b"<ONIXmessage><product><a001>1</a001><title><b202>01</b202><b203>A</b203></title><contributor><b035>A01</b035><b037>Orr, B</b037></contributor></product></ONIXmessage>");
}
