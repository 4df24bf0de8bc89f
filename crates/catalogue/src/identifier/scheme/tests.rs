//! What people paste, and what it is.

use super::*;

fn as_printed(typed: &str) -> String {
    let found = recognise(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
    print(&found.scheme, &found.value)
}

#[test]
fn the_address_of_a_page_tells_whose_it_is() {
    for (typed, is) in [
        ("https://orcid.org/0000-0002-1825-0097", "orcid:0000-0002-1825-0097"),
        ("HTTP://ORCID.ORG/0000-0002-1825-0097", "orcid:0000-0002-1825-0097"),
        ("orcid.org/0000-0002-1825-0097", "orcid:0000-0002-1825-0097"),
        ("https://isni.org/isni/0000000121032683/", "isni:0000000121032683"),
        ("https://viaf.org/viaf/95218067/#Tolkien", "viaf:95218067"),
        ("https://www.wikidata.org/wiki/Q892", "wikidata:Q892"),
        ("http://www.wikidata.org/entity/Q892", "wikidata:Q892"),
        (
            "https://www.worldcat.org/title/the-hobbit/oclc/12228601?referer=x",
            "oclc:12228601",
        ),
        ("https://search.worldcat.org/title/12228601", "oclc:12228601"),
        ("https://lccn.loc.gov/2001627090", "lccn:2001627090"),
        ("https://id.loc.gov/authorities/names/n79005673.html", "lccn:n79005673"),
        ("https://doi.org/10.1000/182", "doi:10.1000/182"),
        ("http://dx.doi.org/10.1002/(SICI)1097", "doi:10.1002/(sici)1097"),
        (
            "https://www.amazon.de/Der-Hobbit/dp/B00K12FZWS/ref=sr_1_1",
            "asin:B00K12FZWS",
        ),
        ("https://www.amazon.co.uk/gp/product/054792822X", "asin:054792822X"),
        ("https://www.goodreads.com/book/show/5907.The_Hobbit", "goodreads:5907"),
        (
            "https://www.goodreads.com/author/show/656983-j-r-r-tolkien",
            "goodreads:656983",
        ),
        (
            "https://www.librarything.com/work/1386651/t/The-Hobbit",
            "librarything:1386651",
        ),
        (
            "https://www.librarything.com/author/tolkienjrr",
            "librarything:tolkienjrr",
        ),
        (
            "https://openlibrary.org/works/OL262758W/The_Hobbit",
            "openlibrary:OL262758W",
        ),
        ("https://d-nb.info/gnd/118540238", "gnd:118540238"),
        ("https://example.org/people/7", "https://example.org/people/7"),
    ] {
        assert_eq!(as_printed(typed), is, "{typed}");
    }
}

#[test]
fn a_name_before_it_tells_whose_it_is() {
    for (typed, is) in [
        ("orcid:0000-0002-1825-0097", "orcid:0000-0002-1825-0097"),
        ("ORCID iD: 0000 0002 1825 0097", "orcid:0000-0002-1825-0097"),
        ("ISNI 0000 0001 2146 438x", "isni:000000012146438X"),
        ("urn:isni:0000000121032683", "isni:0000000121032683"),
        ("VIAF: 0095218067", "viaf:95218067"),
        ("(OCoLC)ocm12228601", "oclc:12228601"),
        ("(DE-588)4005728-8", "gnd:4005728-8"),
        ("info:doi/10.1000/182", "doi:10.1000/182"),
        ("lccn: n  79-5673", "lccn:n79005673"),
        ("LCCN 85-2 ", "lccn:85000002"),
        ("lccn:75-425165//r75", "lccn:75425165"),
        ("bnf:cb11927008z", "bnf:cb11927008z"),
        ("other:118540238", "other:118540238"),
        ("other: bnf:cb11927008z", "bnf:cb11927008z"),
    ] {
        assert_eq!(as_printed(typed), is, "{typed}");
    }
}

#[test]
fn a_number_alone_is_believed_where_only_one_service_has_such() {
    for (typed, is) in [
        ("0000-0002-1825-0097", "orcid:0000-0002-1825-0097"),
        ("0000 0001 2103 2683", "isni:0000000121032683"),
        ("q892", "wikidata:Q892"),
        ("ocn123456789", "oclc:123456789"),
        ("10.1000/ABC", "doi:10.1000/abc"),
        ("B00K12FZWS", "asin:B00K12FZWS"),
        ("ol262758w", "openlibrary:OL262758W"),
    ] {
        assert_eq!(as_printed(typed), is, "{typed}");
    }
    for doubtful in ["118540238", "12345", "tolkien", "Q1", "0000-0002-1825-0096", ""] {
        assert!(recognise(doubtful).is_err(), "{doubtful}");
    }
}

#[test]
fn what_is_mistyped_is_refused_with_the_name_of_the_service() {
    for (typed, name) in [
        ("orcid:0000-0002-1825-0096", "ORCID"),
        ("https://isni.org/isni/0000000121032684", "ISNI"),
        ("gnd:118540239", "GND"),
        ("doi:11.1000/182", "DOI"),
        ("lccn:n7", "LCCN"),
        ("wikidata:P31", "Wikidata"),
        ("asin:12345", "ASIN"),
        ("openlibrary:OL1X", "Open Library"),
        ("viaf:x", "VIAF"),
        ("oclc:-1", "OCLC"),
        ("goodreads:hobbit", "Goodreads"),
        ("librarything:a b", "LibraryThing"),
    ] {
        let error = recognise(typed).unwrap_err();
        assert!(error.contains(name), "{typed}: {error}");
    }
}

#[test]
fn what_is_printed_is_read_as_what_it_was() {
    for scheme in SCHEMES {
        assert!(Scheme::of_word(scheme.word).is_some());
    }
    for (scheme, value) in [
        ("orcid", "0000-0002-1825-0097"),
        (OTHER, "q892"),
        (OTHER, "gnd:118540238"),
        (OTHER, "https://example.org/?a=b"),
        (OTHER, "x"),
    ] {
        let again = recognise(&print(scheme, value)).unwrap();
        assert_eq!((again.scheme.as_str(), again.value.as_str()), (scheme, value));
    }
}

#[test]
fn nothing_that_is_pasted_makes_it_stumble() {
    for odd in [
        "https://",
        "http:///",
        "orcid.org/",
        ":",
        "a:",
        ":b",
        "(",
        ")",
        "é:é",
        "https://é.org/é",
        "doi:10./",
        "ﬀ:ﬀ/ﬀ)ﬀ",
    ] {
        let _ = recognise(odd);
    }
}
