//! What becomes of people's cells once they are in the catalogue.

use std::collections::BTreeMap;
use std::io::Cursor;

use colophon_catalogue::import::{Existing, ImportFile, NameOrder, Options, RejectedRows, Report};
use colophon_catalogue::{Author, Book, Contribution};
use colophon_tests::catalogue::Catalogue;

fn import_with(catalogue: &Catalogue, csv: &str, options: &Options) -> Report {
    let mut file = ImportFile::open(Cursor::new(csv.to_owned()), options).unwrap();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        Ok(file
            .import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {})
            .unwrap())
    };
    catalogue.database.write_blocking(write).unwrap()
}

fn import(catalogue: &Catalogue, csv: &str) -> Report {
    import_with(catalogue, csv, &Options::default())
}

fn authors(catalogue: &Catalogue) -> BTreeMap<String, Vec<Author>> {
    let all = catalogue.database.read_blocking(|s| s.repo::<Author>().all()).unwrap();
    let mut named: BTreeMap<String, Vec<Author>> = BTreeMap::new();
    for author in all {
        named.entry(author.name.clone()).or_default().push(author);
    }
    named
}

fn books(catalogue: &Catalogue) -> Vec<Book> {
    catalogue.database.read_blocking(|s| s.repo::<Book>().all()).unwrap()
}

fn book<'all>(books: &'all [Book], title: &str) -> &'all Book {
    books.iter().find(|book| book.title == title).unwrap()
}

#[test]
fn years_behind_a_name_fill_birth_and_death_and_keep_namesakes_apart() {
    let catalogue = Catalogue::empty();
    import(
        &catalogue,
        "title,author\nA,\"Fell, Ida, 1820-1877\"\nB,\"Fell, Ida\"\nC,\"Fell, Ida, 1961-\"\nD,\"Marr, Otto\"\nE,\"Marr, Otto, 1900-1950\"\n",
    );
    let named = authors(&catalogue);
    let lives: Vec<_> = named["Ida Fell"]
        .iter()
        .map(|one| (one.birth_year, one.death_year))
        .collect();
    assert_eq!(lives, [(Some(1820), Some(1877)), (Some(1961), None)]);
    let otto = &named["Otto Marr"];
    assert_eq!(
        (otto.len(), otto[0].birth_year, otto[0].death_year),
        (1, Some(1900), Some(1950))
    );
    import(
        &catalogue,
        "title,author\nF,\"Fell, Ida, 1961-2020\"\nG,\"Fell, Ida, 1700-1750\"\n",
    );
    let named = authors(&catalogue);
    let lives: Vec<_> = named["Ida Fell"]
        .iter()
        .map(|one| (one.birth_year, one.death_year))
        .collect();
    assert_eq!(
        lives,
        [
            (Some(1820), Some(1877)),
            (Some(1961), Some(2020)),
            (Some(1700), Some(1750))
        ]
    );
}

#[test]
fn a_sort_name_counts_wherever_it_stands() {
    let catalogue = Catalogue::empty();
    import(
        &catalogue,
        "title,author,author_sort_name\nA,Jo van Ek,\nB,Jo van Ek,\"van Ek, Jo\"\n",
    );
    assert_eq!(authors(&catalogue)["Jo van Ek"][0].sort_name, "van Ek, Jo");
}

#[test]
fn a_book_may_have_an_editor_and_no_author_and_roles_of_many_kinds() {
    let catalogue = Catalogue::empty();
    let report = import(
        &catalogue,
        "title,author,narrator,contributors\nA,Ida Fell (Hrsg.),,\nB,Jo Ek,Max Stone,\"Ada Low (préface), Otto Marr (Photographs)\"\n",
    );
    assert_eq!(report.problems, []);
    let all = books(&catalogue);
    assert!(book(&all, "A").author_id.is_none() && book(&all, "B").author_id.is_some());
    let contributions = catalogue
        .database
        .read_blocking(|s| s.repo::<Contribution>().all())
        .unwrap();
    let roles: Vec<&str> = contributions.iter().map(|one| one.role.as_str()).collect();
    assert_eq!(roles, ["editor", "narrator", "foreword", "photographer"]);
}

#[test]
fn what_was_decided_is_told_and_can_be_overruled() {
    let csv = "title,author\nA,Jo Ek\nB,Max Stone\nC,\"Stone, Max\"\nD,\"Low, Ida et al.\"\n";
    let catalogue = Catalogue::empty();
    let report = import(&catalogue, csv);
    assert!(
        report.reading[0].contains("given name first") && report.reading[0].contains("lines 4, 5"),
        "{:?}",
        report.reading
    );
    assert!(
        report
            .problems
            .iter()
            .any(|problem| problem.line == 5 && problem.reason.contains("et al"))
    );
    assert_eq!(authors(&catalogue).len(), 3);
    let options = Options {
        names: Some(NameOrder::FamilyFirst),
        ..Options::default()
    };
    let catalogue = Catalogue::empty();
    import_with(&catalogue, "title,author\nA,Ek Jo\n", &options);
    assert_eq!(authors(&catalogue)["Jo Ek"][0].sort_name, "Ek, Jo");
    let options = Options {
        people_separator: Some("~".to_owned()),
        ..Options::default()
    };
    let catalogue = Catalogue::empty();
    import_with(&catalogue, "title,author\nA,\"Ek, Jo~Low, Ida\"\n", &options);
    assert_eq!(
        authors(&catalogue).into_keys().collect::<Vec<_>>(),
        ["Ida Low", "Jo Ek"]
    );
}

#[test]
fn hungarian_names_are_sorted_as_they_stand() {
    let catalogue = Catalogue::empty();
    import(
        &catalogue,
        "title,author,language\nA,Kovács Ilona,hun\nB,Jules Verne,hun\n",
    );
    let named = authors(&catalogue);
    assert_eq!(named["Kovács Ilona"][0].sort_name, "Kovács Ilona");
    assert_eq!(named["Jules Verne"][0].sort_name, "Verne, Jules");
}

#[test]
fn of_two_columns_for_one_field_the_one_that_says_something_counts_and_differences_are_told() {
    let catalogue = Catalogue::empty();
    let report = import(
        &catalogue,
        "Title,Author,Pages,Num Pages,isbn,isbn13\nA,Jo Ek,,210,[0140449132],\nB,Jo Ek,xii + 300,310,0000000000,9780804429573\n",
    );
    let all = books(&catalogue);
    assert_eq!(
        (book(&all, "A").page_count, book(&all, "B").page_count),
        (Some(210), Some(300))
    );
    assert_eq!(book(&all, "A").isbn.as_deref(), Some("9780140449136"));
    assert_eq!(book(&all, "B").isbn.as_deref(), Some("9780804429573"));
    assert_eq!(report.problems, []);
    assert!(
        report
            .reading
            .iter()
            .any(|line| line.starts_with("page_count") && line.contains("line 3")),
        "{:?}",
        report.reading
    );
}

#[test]
fn two_different_isbns_of_a_row_are_told() {
    let catalogue = Catalogue::empty();
    let report = import(&catalogue, "title,author,isbn\nA,Jo Ek,9780140449136; 9780804429573\n");
    assert_eq!(books(&catalogue)[0].isbn.as_deref(), Some("9780140449136"));
    assert!(report.problems[0].reason.contains("9780804429573"));
}

#[test]
fn a_series_is_taken_out_of_titles_where_a_person_wants_it() {
    let csv = "title,author\n\"A (Seas, #1)\",Jo Ek\n\"B (Seas, #2)\",Jo Ek\n\"C (Seas, #3)\",Jo Ek\n";
    let catalogue = Catalogue::empty();
    let report = import(&catalogue, csv);
    assert!(
        report.reading.iter().any(|line| line.contains("--split-series")),
        "{:?}",
        report.reading
    );
    let catalogue = Catalogue::empty();
    let options = Options {
        splits_series: true,
        ..Options::default()
    };
    import_with(&catalogue, csv, &options);
    let all = books(&catalogue);
    assert_eq!(
        (
            book(&all, "B").series.as_deref(),
            book(&all, "B").series_position.as_deref()
        ),
        (Some("Seas"), Some("2"))
    );
}
