//! Importing records of libraries, and exporting them again.

use std::io::Cursor;

use colophon_catalogue::export::Wanted;
use colophon_catalogue::format::Format;
use colophon_catalogue::import::{Existing, ImportFile, Options, RejectedRows, Report};
use colophon_catalogue::rescue::Besides;
use colophon_marc::{Field, Record, XmlWriter, to_binary};
use colophon_tests::catalogue::Catalogue;
use serde_json::{Value, json};

/// A field from `$a` and what follows; the first two characters are its indicators.
fn field(tag: &str, text: &str) -> Field {
    let mut parts = text.split('$');
    let mut indicators = parts.next().unwrap_or_default().chars();
    let parts = parts.map(|part| (part.chars().next().unwrap(), part[1..].to_owned()));
    let mut indicator = || indicators.next().unwrap_or(' ');
    let indicators = [indicator(), indicator()];
    Field::data(tag, indicators, parts)
}

fn record(leader: &str, fields: &[(&str, &str)]) -> Record {
    let mut record = Record::with_leader(leader);
    let fields = fields.iter().map(|(tag, text)| {
        if tag.starts_with("00") {
            Field::control(tag, *text)
        } else {
            field(tag, text)
        }
    });
    record.fields.extend(fields);
    record
}

const MARC21: &str = "00000cam a2200000 a 4500";

pub(crate) fn import(catalogue: &Catalogue, bytes: &[u8]) -> Report {
    let mut file = ImportFile::open(Cursor::new(bytes.to_vec()), &Options::default()).unwrap();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        Ok(file
            .import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {})
            .unwrap())
    };
    catalogue.database.write_blocking(write).unwrap()
}

pub(crate) fn export(catalogue: &Catalogue, format: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let format = Format::named(format).unwrap();
    let mut outcome = Ok(0);
    catalogue
        .database
        .read_blocking(|session| {
            outcome = format.export(session, &mut bytes, &wanted(&Besides::default()));
            Ok(())
        })
        .unwrap();
    outcome.unwrap();
    bytes
}

pub(crate) fn wanted(besides: &Besides) -> Wanted<'_> {
    Wanted::everything(besides)
}

/// The whole catalogue, without what every import makes anew: numbers of records and times.
pub(crate) fn whole(catalogue: &Catalogue) -> Value {
    let mut document: Value = serde_json::from_slice(&export(catalogue, "json")).unwrap();
    let authors = document["authors"].as_array().unwrap();
    let ids: Vec<Value> = authors.iter().map(|author| author["id"].clone()).collect();
    without_numbers(&mut document, &ids);
    document
}

/// Numbers of authors become their places in the list.
fn without_numbers(value: &mut Value, ids: &[Value]) {
    match value {
        Value::Object(members) => {
            for name in ["id", "book_id", "created_at", "updated_at"] {
                members.remove(name);
            }
            if let Some(author) = members.get_mut("author_id") {
                *author = json!(ids.iter().position(|id| id == author));
            }
            members.values_mut().for_each(|member| without_numbers(member, ids));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without_numbers(item, ids)),
        _ => {}
    }
}

fn xml(records: &[Record]) -> Vec<u8> {
    let mut writer = XmlWriter::begin(Vec::new()).unwrap();
    for record in records {
        writer.record(record).unwrap();
    }
    writer.finish().unwrap()
}

/// The only book of a catalogue, and its authors.
fn only(catalogue: &Catalogue) -> (Value, Vec<Value>) {
    let mut all = whole(catalogue);
    let books = all["books"].as_array_mut().unwrap();
    assert_eq!(books.len(), 1);
    let book = books.remove(0);
    (book, all["authors"].as_array().unwrap().clone())
}

/// A record of MARC 21 with everything that is read of one.
fn river() -> Record {
    record(
        MARC21,
        &[
            ("001", "5"),
            ("003", "DLC"),
            ("008", "690411r19981961nyua   j      001 0 ger  "),
            ("010", "  $a   99043581 /AC"),
            ("020", "  $a3-16-148410-X (pbk. : alk. paper)"),
            ("020", "  $a9780140268867$q(hardback)"),
            ("035", "  $a(OCoLC)ocm49044543"),
            ("041", "1 $agereng"),
            ("050", "00$aQA76.6$b.H857 2000"),
            ("082", "00$a005.13/3$221"),
            ("100", "1 $aTwain, Mark,$d1835-1910,$eauthor."),
            ("240", "10$aOld times.$lGerman"),
            (
                "245",
                "14$aDer Fluß.$n2,$pStrömung :$bRoman /$cMark Twain ; edited by Ida Fell.",
            ),
            ("246", "30$aStrömung"),
            ("250", "  $a2nd ed., rev."),
            ("264", " 4$c©1997"),
            ("264", " 1$aBerlin ;$aWien :$bVerlag & Sohn,$c[1998]"),
            ("300", "  $axii, 321 p. :$bill. ;$c24 cm."),
            ("490", "1 $aGrüne Reihe ;$vBd. 7"),
            ("520", "  $aAbout a river."),
            ("500", "  $aIncludes index."),
            ("650", " 0$aRivers$zGermany$vFiction."),
            ("655", " 7$aNovels.$2lcgft"),
            ("700", "1 $6880-02$aFell, Ida,$d1901-$0(DE-588)118540238"),
            ("700", "1 $aOrr, Zoë.$4trl$4wpr"),
            ("710", "2 $aSociety of Rivers.$bBerlin Section"),
            ("852", "  $aHere$h005$iTWA"),
            ("880", "10$6245-01/$1$a川"),
            ("880", "1 $6700-02/$1$a伊田, 山,$d1901-"),
        ],
    )
}

#[test]
fn a_record_of_marc_21_becomes_a_book() {
    let marc = river();
    for bytes in [to_binary(&marc).unwrap(), xml(&[marc])] {
        let catalogue = Catalogue::empty();
        let report = import(&catalogue, &bytes);
        assert_eq!((report.imported, report.problems), (1, vec![]));
        let (book, _) = only(&catalogue);
        for (name, value) in [
            ("title", json!("Der Fluß. 2. Strömung")),
            ("subtitle", json!("Roman")),
            ("original_title", json!("Old times")),
            ("isbn", json!("9783161484100")),
            ("format", json!("paperback")),
            ("publisher", json!("Verlag & Sohn")),
            ("place", json!("Berlin")),
            ("edition", json!("2nd ed., rev.")),
            ("published_year", json!(1998)),
            ("original_year", json!(1961)),
            ("language", json!("deu")),
            ("page_count", json!(321)),
            ("series", json!("Grüne Reihe")),
            ("series_position", json!("7")),
            ("shelf_mark", json!("005 TWA")),
            (
                "tags",
                json!(["DDC 005.133", "LCC QA76.6", "Novels", "Rivers -- Germany -- Fiction"]),
            ),
            ("identifiers", json!(["lccn:99043581", "oclc:49044543"])),
        ] {
            assert_eq!(book[name], value, "{name}");
        }
        let notes = book["notes"].as_str().unwrap();
        for note in [
            "Other ISBNs: 9780140268867 (hardback)",
            "Other title: Strömung",
            "Also published by or at: Wien",
            "Summary: About a river.",
            "Includes index.",
            "Title in its own script: 川",
        ] {
            assert!(notes.contains(note), "{note}: {notes}");
        }
        assert!(!notes.contains("Name in"), "{notes}");
    }
}

#[test]
fn the_people_of_a_record_come_with_their_years_and_parts() {
    let marc = river();
    for bytes in [to_binary(&marc).unwrap(), xml(&[marc])] {
        let catalogue = Catalogue::empty();
        import(&catalogue, &bytes);
        let (book, authors) = only(&catalogue);
        let named: Vec<_> = authors
            .iter()
            .map(|one| (&one["name"], &one["sort_name"], &one["birth_year"]))
            .collect();
        assert_eq!(
            named,
            [
                (&json!("Mark Twain"), &json!("Twain, Mark"), &json!(1835)),
                (&json!("Ida Fell"), &json!("Fell, Ida"), &json!(1901)),
                (&json!("Zoë Orr"), &json!("Orr, Zoë"), &Value::Null),
                (
                    &json!("Society of Rivers. Berlin Section"),
                    &json!("Society of Rivers. Berlin Section"),
                    &Value::Null
                ),
            ]
        );
        assert_eq!(authors[1]["other_names"], json!(["伊田山"]));
        assert_eq!(authors[1]["identifiers"], json!(["gnd:118540238"]));
        let roles: Vec<_> = book["contributions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["role"])
            .collect();
        assert_eq!(roles, ["editor", "translator", "foreword", "other"]);
    }
}

#[test]
fn the_first_person_may_have_another_part_than_that_of_an_author() {
    let marc = record(
        MARC21,
        &[
            ("100", "1 $aFell, Ida,$ephotographer."),
            ("245", "10$aRivers /$cphotographs by Ida Fell."),
            ("700", "0 $aHomer.$4aut"),
        ],
    );
    let catalogue = Catalogue::empty();
    import(&catalogue, &to_binary(&marc).unwrap());
    let (book, authors) = only(&catalogue);
    let author = usize::try_from(book["author_id"].as_u64().unwrap()).unwrap();
    assert_eq!(authors[author]["name"], "Homer");
    assert_eq!(book["contributions"][0]["role"], "photographer");
}

/// A record of UNIMARC with everything that is read of one.
fn riviere() -> Record {
    record(
        "00000nam0 2200000   450 ",
        &[
            ("001", "FRBNF1"),
            ("010", "  $a2-07-036822-X$bbr."),
            ("100", "  $a19961119e19961953u  y0frey50      ba"),
            ("101", "1 $afre$ceng"),
            (
                "200",
                "1 $a\u{88}La \u{89}rivière$eroman$fMark Twain$gtraduit par Zoë Orr",
            ),
            ("205", "  $a3e éd."),
            ("210", "  $aParis$cGallimard$d1996"),
            ("215", "  $a201 p.$d20 cm"),
            ("225", "| $aCollection Folio$v12"),
            ("330", "  $aUn fleuve."),
            ("454", " 0$tOld times"),
            ("606", "  $aFleuves$xRomans"),
            ("676", "  $a813.4"),
            ("700", " |$aTwain$bMark$f1835-1910$4070"),
            ("702", " |$aOrr$bZoë"),
        ],
    )
}

#[test]
fn a_record_of_unimarc_becomes_a_book_with_its_people() {
    let marc = riviere();
    for bytes in [to_binary(&marc).unwrap(), xml(&[marc])] {
        let catalogue = Catalogue::empty();
        let report = import(&catalogue, &bytes);
        assert_eq!((report.imported, report.problems), (1, vec![]));
        let (book, authors) = only(&catalogue);
        for (name, value) in [
            ("title", json!("La rivière")),
            ("subtitle", json!("roman")),
            ("original_title", json!("Old times")),
            ("isbn", json!("9782070368228")),
            ("publisher", json!("Gallimard")),
            ("edition", json!("3e éd.")),
            ("published_year", json!(1996)),
            ("original_year", json!(1953)),
            ("language", json!("fra")),
            ("page_count", json!(201)),
            ("series", json!("Collection Folio")),
            ("series_position", json!("12")),
            ("tags", json!(["DDC 813.4", "Fleuves -- Romans"])),
            ("notes", json!("Summary: Un fleuve.")),
        ] {
            assert_eq!(book[name], value, "{name}");
        }
        assert_eq!(authors[0]["name"], "Mark Twain");
        assert_eq!(authors[0]["death_year"], 1910);
        assert_eq!(
            (&authors[1]["name"], &book["contributions"][0]["role"]),
            (&json!("Zoë Orr"), &json!("translator"))
        );
    }
}

#[test]
fn a_broken_record_between_good_ones_is_rejected_with_its_place() {
    let good = |title: &str| to_binary(&record(MARC21, &[("245", &format!("10$a{title}"))])).unwrap();
    let mut broken = good("Broken");
    broken[12..17].copy_from_slice(b"99999");
    let file = [good("One"), broken, good("Two")].concat();
    let catalogue = Catalogue::empty();
    let report = import(&catalogue, &file);
    assert_eq!((report.imported, report.skipped), (2, 1));
    let [problem] = &report.problems[..] else {
        panic!("{:?}", report.problems)
    };
    assert_eq!((problem.line, problem.field), (2, "row"));
    let begins = format!("byte {}", good("One").len());
    assert!(problem.reason.contains(&begins), "{}", problem.reason);
}

#[test]
fn a_broken_record_is_kept_byte_by_byte() {
    let mut broken = to_binary(&record(MARC21, &[("245", "10$aBroken")])).unwrap();
    broken[12..17].copy_from_slice(b"99999");
    broken.insert(45, 0xff);
    let folder = tempfile::tempdir().unwrap();
    let mut rejected = RejectedRows::into_file(folder.path().join("books.rejected.csv"));
    let mut file = ImportFile::open(
        Cursor::new([broken.clone(), broken.clone()].concat()),
        &Options::default(),
    )
    .unwrap();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        file.import(tx, Existing::default(), &mut rejected, |_| {}).unwrap();
        Ok(rejected)
    };
    let rejected = Catalogue::empty().database.write_blocking(write).unwrap();
    let kept = std::fs::read(folder.path().join("books.rejected.mrc")).unwrap();
    assert_eq!(kept, [broken.clone(), broken].concat());
    rejected.discard();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
