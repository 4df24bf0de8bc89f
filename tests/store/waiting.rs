//! Waits for the writer that could never end.

use std::time::Duration;

use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::{Database, Error, Query};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::ending::Deadline;

fn create(database: &Database, name: &str) -> Result<(), Error> {
    let draft = AuthorDraft::named(name);
    database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft))
        .map(drop)
}

/// Runs something that may hang on a thread of its own, so that a test that hangs ends with a name.
fn ended<T: Send + 'static>(what: &str, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(run()));
    Deadline::within(Duration::from_mins(1), what)
        .next(&receiver)
        .unwrap()
        .unwrap()
}

#[test]
fn a_write_within_a_write_is_refused_and_the_outer_one_goes_on() {
    let catalogue = Catalogue::empty();
    let (database, inner) = (catalogue.database.clone(), catalogue.database.clone());
    let outcome = ended("a write within a write ends", move || {
        database.write_blocking(move |tx| {
            let refused = create(&inner, "Inner");
            tx.repo_mut::<Author>().create(&AuthorDraft::named("Outer"))?;
            Ok(refused)
        })
    });
    assert_eq!(outcome, Ok(Err(Error::WithinWrite)));
    create(&catalogue.database, "Later").unwrap();
    let count = catalogue
        .database
        .read_blocking(|s| s.repo::<Author>().count(&Query::all()));
    assert_eq!(count, Ok(2));
}

#[test]
fn also_when_the_inner_one_is_awaited_or_begun_or_migrates() {
    let catalogue = Catalogue::empty();
    let (database, inner) = (catalogue.database.clone(), catalogue.database.clone());
    let refused = ended("three ways into a write within a write", move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let handle = runtime.handle().clone();
        runtime.block_on(database.write(move |_| {
            let written = handle.block_on(inner.write(|_| Ok(())));
            let begun = handle.block_on(inner.begin()).map(drop);
            let listed = inner
                .migration_status_blocking(&colophon_catalogue::file_schema()?)
                .map(drop);
            Ok([written, begun, listed])
        }))
    });
    assert_eq!(refused, Ok([const { Err(Error::WithinWrite) }; 3]));
}

#[test]
fn in_memory_a_read_within_a_write_is_refused_and_in_a_file_it_reads() {
    let catalogue = Catalogue::empty();
    for (database, expected) in [
        (Database::in_memory_blocking().unwrap(), Err(Error::WithinWrite)),
        (catalogue.database.clone(), Ok(())),
    ] {
        let inner = database.clone();
        let outcome = ended("a read within a write ends", move || {
            database.write_blocking(move |_| Ok(inner.read_blocking(|_| Ok(()))))
        });
        assert_eq!(outcome, Ok(expected));
    }
}

#[tokio::test]
async fn a_write_beside_ones_own_open_transaction_is_told_and_takes_nothing_with_it() {
    let catalogue = Catalogue::empty();
    let mut transaction = catalogue.database.begin().await.unwrap();
    transaction
        .run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("One")))
        .await
        .unwrap();
    let deadline = Deadline::within(Duration::from_secs(50), "a write beside one's own transaction ends");
    let beside = deadline.of(catalogue.database.write(|_| Ok(()))).await.unwrap();
    assert_eq!(beside, Err(Error::BesideOwnTransaction));
    let second = deadline.of(catalogue.database.begin()).await.unwrap();
    assert_eq!(second.map(drop), Err(Error::BesideOwnTransaction));
    transaction
        .run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Two")))
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    create(&catalogue.database, "Three").unwrap();
    let count = catalogue
        .database
        .read(|s| s.repo::<Author>().count(&Query::all()))
        .await;
    assert_eq!(count, Ok(3));
}

#[tokio::test]
async fn who_goes_on_with_a_transaction_side_by_side_waits_for_nothing_but_its_end() {
    let catalogue = Catalogue::empty();
    let mut transaction = catalogue.database.begin().await.unwrap();
    let steps = async {
        for number in 0..5 {
            transaction
                .run(move |tx| {
                    tx.repo_mut::<Author>()
                        .create(&AuthorDraft::named(format!("A{number}")))
                })
                .await
                .unwrap();
            // Altogether longer than any wait for another program's lock.
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
        transaction.commit().await.unwrap();
    };
    let beside = catalogue
        .database
        .write(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Beside")));
    let ((), beside) = tokio::join!(steps, beside);
    assert!(beside.is_ok(), "{beside:?}");
}
