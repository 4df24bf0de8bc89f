//! A closure that fails with an error of its caller's own: it rolls back like any other.

use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::{Error, Query, ReadSession, WriteSession};
use colophon_tests::catalogue::Catalogue;

/// The error with which somebody else's program refuses.
#[derive(Debug, PartialEq)]
enum Refused {
    TooMany,
    Store(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

fn create(tx: &WriteSession<'_>, name: &str) -> Result<Author, Refused> {
    Ok(tx.repo_mut::<Author>().create(&AuthorDraft::named(name))?)
}

fn create_and_refuse(tx: &WriteSession<'_>) -> Result<Author, Refused> {
    create(tx, "Too many")?;
    Err(Refused::TooMany)
}

fn names(catalogue: &Catalogue) -> Vec<String> {
    let all = |s: &ReadSession<'_>| s.repo::<Author>().filter(&Query::all());
    let authors = catalogue.database.read_blocking(all).unwrap();
    authors.into_iter().map(|author| author.name).collect()
}

#[tokio::test]
async fn an_error_of_ones_own_rolls_the_transaction_back() {
    let catalogue = Catalogue::empty();
    let refused = catalogue.database.transaction(create_and_refuse).await;
    assert_eq!(refused, Err(Refused::TooMany));
    let refused = catalogue.database.transaction_blocking(create_and_refuse);
    assert_eq!(refused, Err(Refused::TooMany));
    assert!(names(&catalogue).is_empty());
}

#[tokio::test]
async fn what_the_store_refuses_comes_as_the_same_error() {
    let catalogue = Catalogue::empty();
    let refused = catalogue.database.transaction(|tx| create(tx, " ")).await;
    assert!(matches!(
        refused,
        Err(Refused::Store(Error::Invalid { field: "name", .. }))
    ));
    let read = catalogue.database.snapshot(|_| Err::<(), _>(Refused::TooMany)).await;
    assert_eq!(read, Err(Refused::TooMany));
    catalogue.database.close().await.unwrap();
    let closed = catalogue.database.transaction(|tx| create(tx, "Late")).await;
    assert_eq!(closed, Err(Refused::Store(Error::Closed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shares_the_commit_with_it_keeps_what_they_wrote() {
    let catalogue = Catalogue::empty();
    let turn = catalogue.database.begin().await.unwrap();
    // These wait together, so that one commit carries them.
    let writes = (0..20).map(|number| {
        let database = catalogue.database.clone();
        tokio::spawn(async move {
            let kept = move |tx: &WriteSession<'_>| create(tx, &format!("Author {number}"));
            match number % 2 {
                0 => database.transaction(kept).await,
                _ => database.transaction(create_and_refuse).await,
            }
        })
    });
    let writes: Vec<_> = writes.collect();
    tokio::task::yield_now().await;
    turn.rollback().await.unwrap();
    for (number, write) in writes.into_iter().enumerate() {
        assert_eq!(write.await.unwrap().is_ok(), number % 2 == 0);
    }
    assert_eq!(names(&catalogue).len(), 10);
}

#[tokio::test]
async fn a_step_and_a_part_undo_only_themselves() {
    let catalogue = Catalogue::empty();
    let mut tx = catalogue.database.begin().await.unwrap();
    tx.step(|tx| create(tx, "First")).await.unwrap();
    assert_eq!(tx.step(create_and_refuse).await, Err(Refused::TooMany));
    let parted = tx.step(|tx| {
        create(tx, "Second")?;
        assert_eq!(tx.attempt(|| create_and_refuse(tx)), Err(Refused::TooMany));
        Ok::<_, Refused>(())
    });
    parted.await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&catalogue), ["First", "Second"]);
}
