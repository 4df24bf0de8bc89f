use std::path::Path;

use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::{Database, Error, Query, Settings, Sql};
use colophon_tests::catalogue::Catalogue;

/// An endless series of numbers.
const ENDLESS: &str = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT count(*) FROM n";

fn add(database: &Database, name: &str) {
    let draft = AuthorDraft::named(name);
    database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft))
        .unwrap();
}

fn count(database: &Database) -> u64 {
    database
        .read_blocking(|s| s.repo::<Author>().count(&Query::all()))
        .unwrap()
}

/// How many authors a copy of the one file has, with nothing beside it.
fn authors_of_a_copy(file: &Path) -> u64 {
    for ending in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(ending);
        assert!(!Path::new(&beside).exists(), "{} is left", beside.display());
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.sqlite");
    std::fs::copy(file, &copy).unwrap();
    let (database, _) = colophon_catalogue::open_blocking(&Settings::for_file(copy)).unwrap();
    count(&database)
}

#[test]
fn a_database_that_read_after_writing_leaves_one_file_that_is_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalogue.sqlite");
    let (database, _) = colophon_catalogue::open_blocking(&Settings::for_file(&file)).unwrap();
    add(&database, "One");
    assert_eq!(count(&database), 1);
    drop(database);
    assert_eq!(authors_of_a_copy(&file), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_database_is_one_file_although_others_hold_it() {
    let catalogue = Catalogue::empty();
    let database = catalogue.database.clone();
    add(&database, "One");
    assert_eq!(count(&database), 1);
    database.close().await.unwrap();
    assert_eq!(authors_of_a_copy(&catalogue.file()), 1);
    let wrote = database
        .write(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Two")))
        .await;
    assert_eq!(wrote.err(), Some(Error::Closed));
    let read = database.read(|s| s.repo::<Author>().count(&Query::all())).await;
    assert_eq!(read, Err(Error::Closed));
    assert!(matches!(database.begin().await, Err(Error::Closed)));
    database.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_a_read_without_an_end_and_waits_for_a_write() {
    let catalogue = Catalogue::empty();
    let (database, other) = (catalogue.database.clone(), catalogue.database.clone());
    let (began, beginning) = std::sync::mpsc::channel();
    let (has_begun, has_written) = (began.clone(), began);
    let endless = tokio::task::spawn_blocking(move || {
        database.read_blocking(|s| {
            has_begun.send(()).unwrap();
            s.query_first(&Sql::new(ENDLESS), [], |row| row.get::<_, i64>(0))
        })
    });
    let written = tokio::task::spawn_blocking(move || {
        other.write_blocking(move |tx| {
            has_written.send(()).unwrap();
            tx.repo_mut::<Author>().create(&AuthorDraft::named("One"))
        })
    });
    let database = catalogue.database.clone();
    tokio::task::spawn_blocking(move || {
        beginning.recv().unwrap();
        beginning.recv().unwrap();
        database.close_blocking().unwrap();
    })
    .await
    .unwrap();
    assert_eq!(endless.await.unwrap(), Err(Error::Interrupted));
    assert!(written.await.unwrap().is_ok());
    assert_eq!(authors_of_a_copy(&catalogue.file()), 1);
}
