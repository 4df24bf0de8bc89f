//! Importing CSV files into a catalogue.

use std::io::Cursor;
use std::path::Path;

use colophon_acts::import::Import;
use colophon_acts::{Deed, Did};
use colophon_catalogue::import::{self, Existing, ImportError, ImportFile, Options, RejectedRows, Report};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, Contribution};
use colophon_store::{Error, Query};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::shared::shared;
use colophon_tests::undoing;

fn import_as(catalogue: &Catalogue, csv: &str, existing: Existing) -> Report {
    let mut file = ImportFile::open(Cursor::new(csv.to_owned()), &Options::default()).unwrap();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        Ok(file
            .import(tx, existing, &mut RejectedRows::counted_only(), |_| {})
            .unwrap())
    };
    catalogue.database.write_blocking(write).unwrap()
}

fn import(catalogue: &Catalogue, csv: &str) -> Report {
    import_as(catalogue, csv, Existing::default())
}

fn counts(report: &Report) -> (u64, u64, u64) {
    (report.imported, report.updated, report.skipped)
}

fn books(catalogue: &Catalogue) -> Vec<Book> {
    catalogue.database.read_blocking(|s| s.repo::<Book>().all()).unwrap()
}

fn authors(catalogue: &Catalogue) -> Vec<Author> {
    catalogue.database.read_blocking(|s| s.repo::<Author>().all()).unwrap()
}

fn contributions(catalogue: &Catalogue) -> Vec<Contribution> {
    catalogue
        .database
        .read_blocking(|s| s.repo::<Contribution>().all())
        .unwrap()
}

const ODYSSEY: &str = "title,author,translator,isbn,year\n\
                       The Odyssey,Homer,Robert Fagles,9780140268867,\n";

#[test]
fn a_book_comes_with_its_author_and_its_contributors() {
    let catalogue = Catalogue::empty();
    assert_eq!(counts(&import(&catalogue, ODYSSEY)), (1, 0, 0));
    let [book] = books(&catalogue).try_into().unwrap();
    let [contribution] = contributions(&catalogue).try_into().unwrap();
    let authors = authors(&catalogue);
    let name_of = |id| authors.iter().find(|author| author.id == id).unwrap().name.as_str();
    assert_eq!(
        (name_of(book.author_id.unwrap()), name_of(contribution.author_id)),
        ("Homer", "Robert Fagles")
    );
    assert_eq!((contribution.role.as_str(), contribution.position), ("translator", 1));
}

#[test]
fn people_are_matched_by_their_exact_name_within_the_file_and_with_the_catalogue() {
    let catalogue = Catalogue::empty();
    let known = catalogue
        .database
        .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Harper Lee")))
        .unwrap();
    import(
        &catalogue,
        "title,author\nA,Harper  Lee\nB,Harper Lee\nC,HARPER LEE\nD,Jane Austen\nE,Jane Austen\n",
    );
    assert_eq!(authors(&catalogue).len(), 3);
    let by_known = |book: &&Book| book.author_id == Some(known.id);
    assert_eq!(books(&catalogue).iter().filter(by_known).count(), 2);
}

#[test]
fn a_book_with_a_known_isbn_is_filled_and_what_was_entered_stays() {
    let catalogue = Catalogue::empty();
    import(
        &catalogue,
        "title,author,isbn,publisher\nOdyssey,Homer,9780140268867,Penguin\n",
    );
    let csv = "title,author,isbn,publisher,year,translator\nThe Odyssey,Homeros,0140268863,Other,-720,Robert Fagles\n";
    assert_eq!(counts(&import(&catalogue, csv)), (0, 1, 0));
    let [book] = books(&catalogue).try_into().unwrap();
    assert_eq!(
        (book.title.as_str(), book.publisher.as_deref(), book.published_year),
        ("Odyssey", Some("Penguin"), Some(-720))
    );
    assert_eq!(contributions(&catalogue).len(), 1);
    assert_eq!(
        counts(&import(&catalogue, csv)),
        (0, 0, 1),
        "there is nothing left to fill"
    );
}

#[test]
fn a_book_with_a_known_isbn_is_skipped_or_overwritten_on_request() {
    let catalogue = Catalogue::empty();
    import(&catalogue, ODYSSEY);
    let csv = "title,author,translator,isbn,year\nOdyssey,Homer,Emily Wilson,9780140268867,-720\n";
    assert_eq!(counts(&import_as(&catalogue, csv, Existing::Skip)), (0, 0, 1));
    assert_eq!(books(&catalogue)[0].title, "The Odyssey");
    assert_eq!(counts(&import_as(&catalogue, csv, Existing::Overwrite)), (0, 1, 0));
    let [book] = books(&catalogue).try_into().unwrap();
    assert_eq!((book.title.as_str(), book.published_year), ("Odyssey", Some(-720)));
    let translator = catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().find_by_name("Emily Wilson"))
        .unwrap()
        .unwrap();
    assert_eq!(
        contributions(&catalogue)
            .iter()
            .map(|one| one.author_id)
            .collect::<Vec<_>>(),
        [translator.id]
    );
}

#[test]
fn a_second_row_with_the_same_isbn_is_rejected() {
    let catalogue = Catalogue::empty();
    let report = import(&catalogue, "title,author,isbn\nA,B C,9780140268867\nD,E F,0140268863\n");
    assert_eq!(counts(&report), (1, 0, 1));
    assert!(
        report.problems[0].line == 3 && report.problems[0].reason.contains("line 2"),
        "{:?}",
        report.problems
    );
    assert_eq!(authors(&catalogue).len(), 1, "nobody is made for a rejected row");
}

#[test]
fn books_without_an_isbn_are_never_taken_for_one_another() {
    let catalogue = Catalogue::empty();
    import(&catalogue, "title,author\nPoems,Sappho\n");
    assert_eq!(counts(&import(&catalogue, "title,author\nPoems,Sappho\n")), (1, 0, 0));
    assert_eq!((books(&catalogue).len(), authors(&catalogue).len()), (2, 1));
}

#[test]
fn rejected_rows_are_kept_with_their_reason_and_can_be_mended_and_imported() {
    let catalogue = Catalogue::empty();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("books.csv");
    std::fs::write(
        &source,
        "title,author,shelf\n,Homer,\"1, left\"\nIliad,Homer,2\nX,Y,3,4\n",
    )
    .unwrap();
    let reject = |source: &Path| {
        let mut file = ImportFile::open(std::fs::File::open(source).unwrap(), &Options::default()).unwrap();
        let mut rejected = RejectedRows::beside(source);
        let write = move |tx: &colophon_store::WriteSession<'_>| {
            let report = file.import(tx, Existing::default(), &mut rejected, |_| {}).unwrap();
            Ok((report, rejected.path().map(Path::to_owned)))
        };
        catalogue.database.write_blocking(write).unwrap()
    };
    let (report, rejected) = reject(&source);
    let rejected = rejected.unwrap();
    assert_eq!(
        (counts(&report), rejected.file_name().unwrap().to_str()),
        ((1, 0, 2), Some("books.rejected.csv"))
    );
    let kept = std::fs::read_to_string(&rejected).unwrap();
    assert_eq!(kept.lines().next(), Some("problem,title,author,shelf"));
    assert!(
        kept.contains("title: it is empty") && kept.contains(",Homer,\"1, left\"") && kept.contains(",X,Y,3,4"),
        "{kept}"
    );

    let mended = kept.replace(",,Homer", ",Odyssey,Homer");
    std::fs::write(&rejected, mended).unwrap();
    let (report, again) = reject(&rejected);
    assert_eq!(counts(&report), (1, 0, 1));
    let again = std::fs::read_to_string(again.unwrap()).unwrap();
    assert_eq!(
        again.lines().next(),
        Some("problem,title,author,shelf"),
        "the added column is not doubled"
    );
}

#[test]
fn a_clean_import_leaves_no_file_of_rejected_rows() {
    let catalogue = Catalogue::empty();
    let folder = tempfile::tempdir().unwrap();
    let mut rejected = RejectedRows::beside(&folder.path().join("books.csv"));
    let mut file = ImportFile::open(Cursor::new(ODYSSEY), &Options::default()).unwrap();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        file.import(tx, Existing::default(), &mut rejected, |_| {}).unwrap();
        Ok(rejected.path().map(Path::to_owned))
    };
    assert_eq!(catalogue.database.write_blocking(write).unwrap(), None);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_breaks_off_half_way_leaves_the_catalogue_as_it_was() {
    let catalogue = Catalogue::empty();
    let endless = "x".repeat(import::ROW_MAX_BYTES * 2);
    let csv = format!("title,author\nIliad,Homer\n{endless}");
    let mut file = ImportFile::open(Cursor::new(csv), &Options::default()).unwrap();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        let outcome = file.import(tx, Existing::default(), &mut RejectedRows::counted_only(), |_| {});
        assert!(matches!(outcome, Err(ImportError::RowTooLong { line: 3 })));
        Err::<(), _>(Error::Interrupted)
    };
    assert_eq!(catalogue.database.write_blocking(write), Err(Error::Interrupted));
    assert_eq!((books(&catalogue).len(), authors(&catalogue).len()), (0, 0));
}

#[tokio::test]
async fn an_import_is_one_act_that_undo_takes_back_whole() {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| {
            let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("Jane Austen"))?;
            tx.repo_mut::<Book>().create(&BookDraft::new("Emma", author.id))
        })
        .unwrap();
    let csv = "title,author\nIliad,Homer\nPersuasion,Jane Austen\n";
    let import = Import {
        source: ImportFile::open(Cursor::new(csv), &Options::default()).unwrap(),
        name: "gift.csv".to_owned(),
        existing: Existing::default(),
        rejected: RejectedRows::counted_only(),
        is_trial: false,
    };
    let imported = import.run(&catalogue.database, |_| {}).await.unwrap();
    assert_eq!(counts(&imported.report), (2, 0, 0));
    let acts = catalogue.database.read_blocking(|s| s.acts(i64::MAX, 1)).unwrap();
    let deed = Deed::of(&acts[0]);
    assert_eq!(
        (deed.did, deed.name.as_str(), deed.count),
        (Did::Imported, "gift.csv", 2)
    );
    catalogue.database.write_blocking(undoing::undo).unwrap();
    assert_eq!(
        books(&catalogue)
            .iter()
            .map(|book| book.title.as_str())
            .collect::<Vec<_>>(),
        ["Emma"]
    );
    assert_eq!(authors(&catalogue).len(), 1);
}

#[test]
fn progress_ends_with_the_whole_file() {
    let catalogue = Catalogue::empty();
    let rows = "Iliad,Homer\n".repeat(2_000);
    let mut file = ImportFile::open(Cursor::new(format!("title,author\n{rows}")), &Options::default()).unwrap();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = seen.clone();
    let write = move |tx: &colophon_store::WriteSession<'_>| {
        let note = |progress| noted.lock().unwrap().push(progress);
        Ok(file
            .import(tx, Existing::default(), &mut RejectedRows::counted_only(), note)
            .unwrap())
    };
    catalogue.database.write_blocking(write).unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 2 && seen.is_sorted_by_key(|progress| progress.rows));
    let last = seen.last().unwrap();
    assert_eq!((last.rows, last.bytes_read), (2_000, last.bytes_total));
}

#[test]
fn the_real_file_gives_the_facts_in_the_catalogue() {
    let Some(path) = shared("goodbooks-10k/books.csv") else {
        return;
    };
    let catalogue = Catalogue::empty();
    let csv = std::fs::read_to_string(path).unwrap();
    let report = import(&catalogue, &csv);
    assert_eq!(counts(&report), (10_000, 0, 0));
    assert_eq!(report.problems.len(), 23);
    let count = |filter| {
        catalogue
            .database
            .read_blocking(move |s| s.repo::<Book>().count(&Query::filtered(filter)))
            .unwrap()
    };
    assert_eq!(authors(&catalogue).len(), 5_833);
    assert_eq!(count("isbn:none".parse().unwrap()), 10_000 - 9_277);
    assert_eq!(count("year:..-1".parse().unwrap()), 31);
    assert_eq!(contributions(&catalogue).len(), 3_209);
    let again = import(&catalogue, &csv);
    assert_eq!(
        counts(&again),
        (723, 0, 9_277),
        "books are matched by ISBN and by nothing else"
    );
    assert_eq!(authors(&catalogue).len(), 5_833);
}
