use std::future::{Future as _, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
use colophon_store::{Announcement, Error, Query};
use colophon_tests::catalogue::Catalogue;

#[tokio::test]
async fn ok_commits_and_the_id_is_known_before() {
    let catalogue = Catalogue::empty();
    let known_before = Arc::new(std::sync::Mutex::new(None));
    let seen = Arc::clone(&known_before);
    let book = catalogue
        .database
        .write(move |tx| {
            let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("John Doe"))?;
            *seen.lock().unwrap() = Some(author.id);
            tx.repo_mut::<Book>().create(&BookDraft::new("Book", author.id))
        })
        .await
        .unwrap();
    assert_eq!(*known_before.lock().unwrap(), book.author_id);
    let again = catalogue
        .database
        .read(move |s| s.repo::<Book>().get(book.id))
        .await
        .unwrap();
    assert_eq!(again, book);
}

#[tokio::test]
async fn an_error_rolls_back_everything() {
    let catalogue = Catalogue::empty();
    let mut events = catalogue.database.changes();
    let failed = catalogue
        .database
        .write(|tx| {
            tx.repo_mut::<Author>().create(&AuthorDraft::named("Lost"))?;
            Err::<(), _>(Error::invalid("title", "no"))
        })
        .await;
    assert_eq!(failed, Err(Error::invalid("title", "no")));
    assert_eq!(authors(&catalogue).await, 0);
    assert!(events.drain().is_empty(), "a failed write is not announced");
}

#[tokio::test]
async fn a_panic_rolls_back_and_the_writer_lives_on() {
    let catalogue = Catalogue::empty();
    let database = catalogue.database.clone();
    let panicked = tokio::spawn(async move {
        database
            .write::<(), _>(|tx| {
                tx.repo_mut::<Author>().create(&AuthorDraft::named("Lost"))?;
                panic!("on purpose");
            })
            .await
    })
    .await;
    assert!(panicked.unwrap_err().is_panic());
    assert_eq!(authors(&catalogue).await, 0);
    add(&catalogue, "Found").await;
    assert_eq!(authors(&catalogue).await, 1);
}

#[tokio::test]
async fn a_manual_transaction_spans_awaits_and_commits() {
    let catalogue = Catalogue::empty();
    let mut tx = catalogue.database.begin().await.unwrap();
    let author = tx
        .run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("One")))
        .await
        .unwrap();
    tokio::task::yield_now().await;
    let failed = tx
        .run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named(" ")))
        .await;
    assert!(matches!(failed, Err(Error::Invalid { field: "name", .. })));
    tx.run(move |tx| tx.repo_mut::<Book>().create(&BookDraft::new("Two", author.id)))
        .await
        .unwrap();
    assert_eq!(authors(&catalogue).await, 0, "nobody sees it before the commit");
    tx.commit().await.unwrap();
    assert_eq!(authors(&catalogue).await, 1, "the failed step undid only itself");
}

#[tokio::test]
async fn a_manual_transaction_that_is_dropped_or_rolled_back_leaves_nothing() {
    let catalogue = Catalogue::empty();
    let mut tx = catalogue.database.begin().await.unwrap();
    tx.run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("One")))
        .await
        .unwrap();
    drop(tx);
    let mut tx = catalogue.database.begin().await.unwrap();
    tx.run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Two")))
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(authors(&catalogue).await, 0);
    add(&catalogue, "Three").await;
    assert_eq!(authors(&catalogue).await, 1);
}

#[tokio::test]
async fn a_panic_in_a_step_undoes_the_step_and_keeps_the_rest() {
    let catalogue = Catalogue::empty();
    let database = catalogue.database.clone();
    let kept = tokio::spawn(async move {
        let mut tx = database.begin().await.unwrap();
        tx.run(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("One")))
            .await
            .unwrap();
        let step = tx.run::<(), _>(|tx| {
            tx.repo_mut::<Author>().create(&AuthorDraft::named("Two"))?;
            panic!("on purpose");
        });
        let panicked = futures_catch(step).await;
        tx.commit().await.unwrap();
        panicked
    })
    .await
    .unwrap();
    assert!(kept, "the panic reached the caller");
    assert_eq!(authors(&catalogue).await, 1);
}

/// Whether a future panics when it is run.
async fn futures_catch<T>(future: impl Future<Output = T>) -> bool {
    let mut future = Box::pin(future);
    std::future::poll_fn(move |context| {
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
            Ok(std::task::Poll::Ready(_)) => std::task::Poll::Ready(false),
            Err(_) => std::task::Poll::Ready(true),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_write_finishes_whole_or_writes_nothing() {
    let catalogue = Catalogue::empty();
    // Begun: its future is dropped while the closure runs.
    let (begun, is_begun) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let database = catalogue.database.clone();
    let write = tokio::spawn(async move {
        database
            .write(move |tx| {
                tx.repo_mut::<Author>().create(&AuthorDraft::named("Begun"))?;
                begun.send(()).unwrap();
                may_go_on.recv().unwrap();
                tx.repo_mut::<Author>().create(&AuthorDraft::named("Finished"))
            })
            .await
    });
    is_begun.await.unwrap();
    // Waiting: its future is dropped before its turn.
    let database = catalogue.database.clone();
    let ran = Arc::new(AtomicBool::new(false));
    let watched = Arc::clone(&ran);
    let mut waiting = Box::pin(async move {
        database
            .write(move |tx| {
                watched.store(true, Ordering::SeqCst);
                tx.repo_mut::<Author>().create(&AuthorDraft::named("Never"))
            })
            .await
    });
    // Polled once, it is in the queue.
    let asked = poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context)));
    assert!(asked.await.is_pending());
    drop(waiting);
    write.abort();
    go_on.send(()).unwrap();
    add(&catalogue, "After").await;
    assert_eq!(authors(&catalogue).await, 3);
    assert!(
        !ran.load(Ordering::SeqCst),
        "a write that nobody waits for does not begin"
    );
}

#[test]
fn writers_that_wait_together_keep_their_own_results() {
    let catalogue = Catalogue::empty();
    let database = &catalogue.database;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for number in 0..50 {
                    let name = if number % 10 == 3 {
                        String::new()
                    } else {
                        format!("Author {thread} {number}")
                    };
                    let expected = name.clone();
                    let made =
                        database.write_blocking(move |tx| tx.repo_mut::<Author>().create(&AuthorDraft::named(name)));
                    match made {
                        Ok(author) => assert_eq!(author.name, expected),
                        Err(error) => assert!(expected.is_empty(), "{error}"),
                    }
                }
            });
        }
    });
    assert_eq!(
        database
            .read_blocking(|s| s.repo::<Author>().count(&Query::all()))
            .unwrap(),
        4 * 45
    );
}

#[tokio::test]
async fn an_event_comes_after_its_commit_and_names_what_changed() {
    let catalogue = Catalogue::empty();
    let mut events = catalogue.database.changes();
    let author = add(&catalogue, "Ursula K. Le Guin").await;
    let Some(Announcement::Committed(event)) = events.next().await else {
        panic!("a commit is announced")
    };
    assert!(event.touches("author") && !event.touches("book"));
    assert_eq!(
        event.tables[0].rows,
        [(
            colophon_store::EntityId::uuid(author.id),
            colophon_store::ChangeKind::Created
        )]
    );
}

#[test]
fn a_reader_cannot_write() {
    let catalogue = Catalogue::empty();
    let attempt = catalogue.database.read_blocking(|s| {
        s.query(&colophon_store::Sql::new("DELETE FROM author RETURNING 1"), [], |row| {
            row.get::<_, i64>(0)
        })
    });
    assert_eq!(attempt, Err(Error::ReadOnly));
    let in_memory = colophon_store::Database::in_memory_blocking().unwrap();
    in_memory
        .migrate_blocking(&colophon_catalogue::file_schema().unwrap())
        .unwrap();
    let attempt = in_memory.read_blocking(|s| {
        s.query(&colophon_store::Sql::new("DELETE FROM author RETURNING 1"), [], |row| {
            row.get::<_, i64>(0)
        })
    });
    assert_eq!(attempt, Err(Error::ReadOnly));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_nobody_waits_for_is_interrupted() {
    let catalogue = Catalogue::with(|settings| {
        settings.pool_size = 1;
        settings.max_overflow = 0;
    });
    let database = catalogue.database.clone();
    let (begun, is_begun) = tokio::sync::oneshot::channel();
    let endless = tokio::spawn(async move {
        database
            .read(move |s| {
                // There is a first row, which shows that the query runs, and never a second.
                let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n WHERE i = 1";
                let mut begun = Some(begun);
                s.visit(&colophon_store::Sql::new(sql), [], |_| {
                    if let Some(begun) = begun.take() {
                        begun.send(()).unwrap();
                    }
                    Ok(true)
                })
            })
            .await
    });
    is_begun.await.unwrap();
    endless.abort();
    // The only reader is free again, or this would wait for ever.
    assert_eq!(authors(&catalogue).await, 0);
}

async fn authors(catalogue: &Catalogue) -> u64 {
    catalogue
        .database
        .read(|s| s.repo::<Author>().count(&Query::all()))
        .await
        .unwrap()
}

async fn add(catalogue: &Catalogue, name: &str) -> Author {
    let draft = AuthorDraft::named(name);
    catalogue
        .database
        .write(move |tx| tx.repo_mut::<Author>().create(&draft))
        .await
        .unwrap()
}

#[tokio::test]
async fn what_another_program_writes_is_announced() {
    let catalogue = Catalogue::empty();
    let mut events = catalogue.database.changes();
    let database = catalogue.database.clone();
    let watching = tokio::spawn(async move { database.look_after_the_file(Duration::from_millis(5)).await });
    catalogue
        .other_program()
        .execute("UPDATE author SET notes=''", [])
        .unwrap();
    catalogue
        .other_program()
        .execute_batch("CREATE TABLE theirs (id)")
        .unwrap();
    assert_eq!(events.next().await, Some(Announcement::Missed));
    watching.abort();
}
