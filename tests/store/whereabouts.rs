//! The file is taken away under an open catalogue.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::{Announcement, Database, Error, LOOKED_AFTER_EVERY_MAX, Query, Settings};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::ending::Deadline;

fn add(database: &Database, name: &str) -> Result<(), Error> {
    let draft = AuthorDraft::named(name);
    database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft))
        .map(drop)
}

fn names_in(file: &Path) -> Vec<String> {
    let (database, _) = colophon_catalogue::open_blocking(&Settings::for_file(file)).unwrap();
    let authors = database
        .read_blocking(|s| s.repo::<Author>().filter(&Query::all()))
        .unwrap();
    authors.into_iter().map(|author| author.name).collect()
}

fn moved_to(catalogue: &Catalogue, name: &str) -> PathBuf {
    let other = catalogue.file().with_file_name(name);
    fs::rename(catalogue.file(), &other).unwrap();
    other
}

#[test]
fn a_file_that_was_moved_is_not_written_and_has_all_that_was_saved() {
    let catalogue = Catalogue::empty();
    add(&catalogue.database, "One").unwrap();
    let now = moved_to(&catalogue, "moved.sqlite");
    let refused = add(&catalogue.database, "Lost").unwrap_err();
    let Error::Moved {
        is_replaced: false,
        now: Some(told),
        ..
    } = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(told.canonicalize().unwrap(), now.canonicalize().unwrap());
    assert!(refused.to_string().contains("moved.sqlite"), "{refused}");
    catalogue.database.close_blocking().unwrap();
    assert_eq!(names_in(&now), ["One"]);
    assert!(!catalogue.file().exists(), "nothing is made in its place");
}

#[test]
fn a_file_that_was_deleted_is_not_written_into_the_void() {
    let catalogue = Catalogue::empty();
    add(&catalogue.database, "One").unwrap();
    fs::remove_file(catalogue.file()).unwrap();
    let refused = add(&catalogue.database, "Lost").unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Moved {
                is_replaced: false,
                now: None,
                ..
            }
        ),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("has been deleted"), "{refused}");
}

#[test]
fn a_file_in_whose_place_another_was_put_leaves_that_alone() {
    let catalogue = Catalogue::empty();
    let other = Catalogue::empty();
    add(&catalogue.database, "One").unwrap();
    add(&other.database, "Other").unwrap();
    other.database.close_blocking().unwrap();
    let aside = moved_to(&catalogue, "aside.sqlite");
    fs::copy(other.file(), catalogue.file()).unwrap();
    let before = fs::read(catalogue.file()).unwrap();
    for _ in 0..2 {
        let refused = add(&catalogue.database, "Lost").unwrap_err();
        assert!(
            matches!(&refused, Error::Moved { is_replaced: true, now: Some(now), .. } if now.ends_with("aside.sqlite")),
            "{refused:?}"
        );
    }
    catalogue.database.close_blocking().unwrap();
    assert!(fs::read(catalogue.file()).unwrap() == before, "it was written to");
    // Even if the first is put back: what others wrote in between is not known.
    drop(aside);
}

#[test]
fn what_happens_within_a_transaction_is_noticed_before_it_is_kept() {
    let catalogue = Catalogue::empty();
    let file = catalogue.file();
    let kept = catalogue.database.write_blocking(move |tx| {
        tx.repo_mut::<Author>().create(&AuthorDraft::named("Lost"))?;
        fs::rename(&file, file.with_extension("moved")).unwrap();
        Ok(())
    });
    assert!(matches!(kept, Err(Error::Moved { .. })), "{kept:?}");
}

/// Waits until the first looks at a file are over and have found nothing: then its log is empty.
async fn until_looked_at(catalogue: &Catalogue, deadline: &Deadline) {
    let log = catalogue.file().with_file_name("catalogue.sqlite-wal");
    while fs::metadata(&log).unwrap().len() > 0 {
        deadline.check().unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_more_seldom_than_every_second_and_what_is_done_to_a_file_is_noticed_by_nothing_but_looking() {
    assert!(LOOKED_AFTER_EVERY_MAX <= Duration::from_secs(1));
    for take_away in [
        |file: &Path| fs::rename(file, file.with_extension("moved")).unwrap(),
        |file: &Path| fs::remove_file(file).unwrap(),
        |file: &Path| {
            let other = file.with_extension("other");
            fs::copy(file, &other).unwrap();
            fs::rename(&other, file).unwrap();
        },
    ] {
        let catalogue = Catalogue::empty();
        add(&catalogue.database, "One").unwrap();
        let (database, mut changes) = (catalogue.database.clone(), catalogue.database.changes());
        // By the requested interval alone it would be noticed in an hour, long after anybody has given up waiting.
        let looking = tokio::spawn(async move { database.look_after_the_file(Duration::from_hours(1)).await });
        let deadline = Deadline::until("a file that was taken away is noticed");
        until_looked_at(&catalogue, &deadline).await;
        changes.drain();
        take_away(&catalogue.file());
        let announced = deadline.of(changes.next()).await.unwrap();
        assert!(matches!(announced, Some(Announcement::Missed)), "{announced:?}");
        let read = catalogue
            .database
            .read(|s| s.repo::<Author>().count(&Query::all()))
            .await;
        assert!(matches!(read, Err(Error::Moved { .. })), "{read:?}");
        looking.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_noticed_without_a_write_and_whoever_reads_is_told() {
    let catalogue = Catalogue::empty();
    add(&catalogue.database, "One").unwrap();
    let (database, mut changes) = (catalogue.database.clone(), catalogue.database.changes());
    let looking = tokio::spawn(async move { database.look_after_the_file(Duration::from_millis(5)).await });
    let deadline = Deadline::until("a file that was moved is noticed");
    until_looked_at(&catalogue, &deadline).await;
    changes.drain();
    let now = moved_to(&catalogue, "moved.sqlite");
    let announced = deadline.of(changes.next()).await.unwrap();
    assert!(matches!(announced, Some(Announcement::Missed)), "{announced:?}");
    let read = catalogue
        .database
        .read(|s| s.repo::<Author>().count(&Query::all()))
        .await;
    assert!(matches!(read, Err(Error::Moved { .. })), "{read:?}");
    looking.abort();
    assert_eq!(names_in(&now), ["One"], "what was saved is in the file that was moved");
}
