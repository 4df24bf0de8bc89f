//! A thousand tasks at once: whatever waits is awaited, occupies no thread, and leaves the queue when it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::{Database, Error, PoolStatus, Query, Sql};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::ending::Deadline;
use tokio::runtime::{Builder, Runtime};

const TASKS: usize = 1_000;

/// Runs with fewer threads for blocking work than there are tasks, as everybody does. Tasks get their turn in the order
/// in which they are spawned, so that after a turn of its own a test knows that all of them wait.
fn run(test: impl Future<Output = ()>) {
    struct Ended(Option<Runtime>);

    impl Drop for Ended {
        fn drop(&mut self) {
            // A test that fails does not wait for what hangs.
            self.0.take().unwrap().shutdown_background();
        }
    }

    let few = Builder::new_current_thread()
        .max_blocking_threads(8)
        .enable_all()
        .build();
    Ended(Some(few.unwrap())).0.as_ref().unwrap().block_on(test);
}

fn deadline(what: &str) -> Deadline {
    Deadline::within(Duration::from_secs(50), what)
}

async fn create(database: &Database, name: String) -> Result<Author, Error> {
    database
        .write(move |tx| tx.repo_mut::<Author>().create(&AuthorDraft::named(name)))
        .await
}

async fn count(database: &Database) -> Result<u64, Error> {
    database.read(|s| s.repo::<Author>().count(&Query::all())).await
}

#[test]
fn a_transaction_goes_on_while_a_thousand_writes_wait_for_it() {
    let catalogue = Catalogue::empty();
    let database = catalogue.database.clone();
    let all = async move {
        let mut transaction = database.begin().await.unwrap();
        let writes: Vec<_> = (0..TASKS)
            .map(|number| {
                let database = database.clone();
                tokio::spawn(async move { create(&database, format!("A{number}")).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let step = transaction.run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("First")));
        deadline("a step beside a thousand writes")
            .of(step)
            .await
            .unwrap()
            .unwrap();
        transaction.commit().await.unwrap();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        assert_eq!(count(&database).await, Ok(1 + TASKS as u64));
    };
    run(all);
}

#[test]
fn a_write_goes_on_while_a_thousand_reads_wait_for_a_reader() {
    let catalogue = Catalogue::with(|settings| {
        settings.pool_size = 1;
        settings.max_overflow = 1;
    });
    let database = catalogue.database.clone();
    let (at_work, most_at_work) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (go_on, waits) = channel::<()>();
    let all = async move {
        let waits = std::sync::Mutex::new(waits);
        let waits = Arc::new(waits);
        let reads: Vec<_> = (0..TASKS)
            .map(|_| {
                let (database, waits) = (database.clone(), Arc::clone(&waits));
                let (at_work, most) = (Arc::clone(&at_work), Arc::clone(&most_at_work));
                tokio::spawn(async move {
                    let read = database.read(move |s| {
                        most.fetch_max(at_work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        // Until the write is done.
                        waits.lock().unwrap().recv().unwrap_err();
                        let counted = s.repo::<Author>().count(&Query::all());
                        at_work.fetch_sub(1, Ordering::SeqCst);
                        counted
                    });
                    read.await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        let write = create(&database, "Beside".to_owned());
        deadline("a write beside a thousand reads")
            .of(write)
            .await
            .unwrap()
            .unwrap();
        drop(go_on);
        for read in reads {
            read.await.unwrap().unwrap();
        }
        assert!(most_at_work.load(Ordering::SeqCst) <= 2, "the pool kept its bounds");
        assert_eq!(database.pool_status(), Some(PoolStatus { idle: 1, busy: 0 }));
    };
    run(all);
}

#[test]
fn writes_and_reads_that_are_dropped_while_they_wait_leave_nothing_behind() {
    let catalogue = Catalogue::with(|settings| {
        settings.pool_size = 1;
        settings.max_overflow = 0;
    });
    let database = catalogue.database.clone();
    run(async move {
        let transaction = database.begin().await.unwrap();
        let (go_on, waits) = channel::<()>();
        let reading = database.clone();
        let first = tokio::spawn(async move { reading.read(move |_| Ok(waits.recv().is_err())).await });
        let waiting: Vec<_> = (0..TASKS)
            .map(|number| {
                let database = database.clone();
                tokio::spawn(async move {
                    match number % 3 {
                        0 => create(&database, "Dropped".to_owned()).await.map(drop),
                        1 => count(&database).await.map(drop),
                        _ => database.begin().await.map(drop),
                    }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        for task in waiting {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        drop(go_on);
        assert_eq!(first.await.unwrap(), Ok(true));
        deadline("a transaction is rolled back")
            .of(transaction.rollback())
            .await
            .unwrap()
            .unwrap();
        let kept = create(&database, "Kept".to_owned());
        let deadline = deadline("a write after a thousand that were dropped");
        deadline.of(kept).await.unwrap().unwrap();
        assert_eq!(
            count(&database).await,
            Ok(1),
            "what was dropped before its turn wrote nothing"
        );
    });
}

#[tokio::test]
async fn a_read_that_was_dropped_between_two_statements_runs_no_other() {
    let catalogue = Catalogue::empty();
    let database = catalogue.database.clone();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, waits) = channel::<()>();
    let (tell, told) = tokio::sync::oneshot::channel();
    let read = tokio::spawn(async move {
        let body = move |s: &colophon_store::ReadSession<'_>| {
            s.repo::<Author>().count(&Query::all())?;
            begun.send(()).unwrap();
            waits.recv().unwrap_err();
            tell.send(s.repo::<Author>().count(&Query::all())).unwrap();
            Ok(())
        };
        database.read(body).await
    });
    has_begun.await.unwrap();
    read.abort();
    assert!(read.await.unwrap_err().is_cancelled());
    drop(go_on);
    let second = deadline("the second statement ends").of(told).await.unwrap();
    assert_eq!(second.unwrap(), Err(Error::Interrupted));
}

#[tokio::test]
async fn a_search_that_is_typed_on_ends_the_one_before_also_in_memory() {
    let catalogue = Catalogue::with(|settings| {
        settings.pool_size = 1;
        settings.max_overflow = 0;
    });
    let in_memory = Database::in_memory().await.unwrap();
    for database in [&catalogue.database, &in_memory] {
        // Each takes for ever and has the only connection, so the next one can end only once the previous one was
        // ended.
        for _ in 0..20 {
            let endless =
                Sql::new("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n");
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let searching = database.clone();
            let search = tokio::spawn(async move {
                let body = move |s: &colophon_store::ReadSession<'_>| {
                    begun.send(()).unwrap();
                    s.query_first(&endless, [], |row| row.get::<_, i64>(0))
                };
                searching.read(body).await
            });
            deadline("a search has its turn").of(has_begun).await.unwrap().unwrap();
            search.abort();
            assert!(search.await.unwrap_err().is_cancelled());
        }
        let deadline = deadline("a read after the searches");
        deadline.of(database.read(|_| Ok(()))).await.unwrap().unwrap();
    }
}
