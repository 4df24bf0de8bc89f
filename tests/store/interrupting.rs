//! Reads on a thread of their own, which somebody else ends.

use std::sync::Barrier;

use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::{Error, InterruptHandle, PoolStatus, Query, ReadSession, Result, Sql};
use colophon_tests::catalogue::Catalogue;

/// Counts for ever.
fn endless(session: &ReadSession<'_>) -> Result<Option<i64>> {
    let count = Sql::new("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n");
    session.query_first(&count, [], |row| row.get(0))
}

fn authors(session: &ReadSession<'_>) -> Result<u64> {
    session.repo::<Author>().count(&Query::all())
}

#[test]
fn one_handle_ends_all_of_its_reads_and_no_other() {
    let catalogue = Catalogue::with(|settings| {
        settings.pool_size = 3;
        settings.max_overflow = 0;
    });
    let database = &catalogue.database;
    let handle = InterruptHandle::default();
    let (begun, ended) = (Barrier::new(4), Barrier::new(2));
    std::thread::scope(|scope| {
        let of_handle = || {
            database.read_blocking(|session| {
                session.interruptible_by(&handle);
                begun.wait();
                endless(session)
            })
        };
        let of_nobody = || {
            database.read_blocking(|session| {
                begun.wait();
                ended.wait();
                authors(session)
            })
        };
        let reads = [scope.spawn(of_handle), scope.spawn(of_handle)];
        let other = scope.spawn(of_nobody);
        begun.wait();
        handle.interrupt();
        for read in reads {
            assert_eq!(read.join().unwrap(), Err(Error::Interrupted));
        }
        ended.wait();
        assert_eq!(other.join().unwrap(), Ok(0));
    });
    assert_eq!(database.pool_status(), Some(PoolStatus { idle: 3, busy: 0 }));
    for _ in 0..3 {
        assert_eq!(database.read_blocking(authors), Ok(0), "its connection serves the next");
    }
}

#[test]
fn a_read_is_not_ended_before_it_says_that_it_can_be() {
    let catalogue = Catalogue::empty();
    let handle = InterruptHandle::default();
    handle.interrupt();
    let read = catalogue.database.read_blocking(|session| {
        let before = authors(session)?;
        session.interruptible_by(&handle);
        Ok((before, authors(session), session.check_wanted()))
    });
    assert_eq!(read, Ok((0, Err(Error::Interrupted), Err(Error::Interrupted))));
}

#[test]
fn a_write_is_not_ended() {
    let catalogue = Catalogue::empty();
    let handle = InterruptHandle::default();
    handle.interrupt();
    let written = catalogue.database.write_blocking(move |tx| {
        tx.interruptible_by(&handle);
        tx.repo_mut::<Author>().create(&AuthorDraft::named("Homer")).map(drop)
    });
    assert_eq!(written, Ok(()));
}
