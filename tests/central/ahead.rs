//! Rows that are sent ahead: they are there sooner, but count no sooner than others.

use std::time::Duration;

use anyhow::ensure;
use colophon_sync::central::{Batch, Connection, Error};
use colophon_tests::ending::Deadline;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Psql};

use crate::work::{Based as _, TABLES, author, batch, book, device};

/// More rows than are sent at once.
const MANY: u128 = 100;

const BATCHES: &str = "SELECT count(*), min(revision), max(revision) FROM author";

/// Batches of many authors each, and two books in the last of them.
fn batches(count: i64) -> Vec<Batch> {
    let batch = |number: i64| {
        let first = u128::from(number.unsigned_abs()) * 1000;
        let authors = (first..first + MANY).map(|number| author(number, &format!("author {number}")));
        let books = [
            book(first + 500, first, "one", Some("9780000000002")),
            book(first + 501, first, "another", None),
        ];
        batch(
            number,
            authors.collect(),
            if number == count { books.into() } else { vec![] },
        )
    };
    (1..=count).map(batch).collect()
}

async fn push_all(connection: &mut Connection, batches: &[Batch]) -> anyhow::Result<()> {
    for (index, batch) in batches.iter().enumerate() {
        let outcome = connection
            .push_before(&device(1), batch, batches.get(index + 1), TABLES)
            .await?;
        ensure!(
            outcome.revision == batch.number && outcome.quarantined.is_empty(),
            "{outcome:?}"
        );
    }
    Ok(())
}

/// The sessions of the device on the server.
fn sessions(psql: &mut Psql, catalogue: &CentralCatalogue<'_>) -> anyhow::Result<u32> {
    let login = catalogue.settings().user;
    let count = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{login}'");
    Ok(psql.value(&count)?.parse()?)
}

on_each_release! {
    async fn batches_that_follow_each_other_all_arrive_and_take_turns_over_two_connections(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, cluster.psql()?);
        let (batches, mut most) = (batches(5), 0);
        for turn in batches.windows(2) {
            let outcome = connection.push_before(&device(1), &turn[0], Some(&turn[1]), TABLES).await?;
            ensure!(outcome.revision == turn[0].number && outcome.quarantined.is_empty(), "{outcome:?}");
            most = most.max(sessions(&mut psql, &catalogue)?);
        }
        ensure!(most == 2, "{most}");
        let last = connection.push_before(&device(1), &batches[4], None, TABLES).await?;
        ensure!(last.revision == 5, "{last:?}");
        ensure!(catalogue.psql()?.run(BATCHES)? == ["500|1|5"]);
        let books = catalogue.psql()?.run("SELECT title, isbn, revision FROM book ORDER BY title DESC")?;
        ensure!(books == ["one|9780000000002|5", "another||5"], "{books:?}");
        let deadline = Deadline::until("the second connection is given up");
        while sessions(&mut psql, &catalogue)? != 1 {
            deadline.check()?;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn rows_that_were_sent_ahead_are_not_written_before_their_turn_and_never_once_their_fate_was_asked(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut asker) = (catalogue.open().await?, catalogue.open().await?);
        let batches = batches(2);
        connection.push_before(&device(1), &batches[0], Some(&batches[1]), TABLES).await?;
        ensure!(catalogue.psql()?.run(BATCHES)? == ["100|1|1"]);
        ensure!(asker.fate(&device(1), batches[1].in_flight()).await?.is_none());
        let late = connection.push_before(&device(1), &batches[1], None, TABLES).await;
        ensure!(matches!(late, Err(Error::BatchNumberUsed { number: 2 })), "{late:?}");
        ensure!(catalogue.psql()?.run(BATCHES)? == ["100|1|1"]);
    }

    async fn what_the_server_knows_better_by_the_time_of_its_turn_is_quarantined(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let new = batches(2);
        push_all(&mut connection, &new).await?;
        let edits = |number: i64, of: u128, revision: i64| {
            let edited = (of..of + MANY).map(|number| author(number, "edited").over(revision));
            batch(number, edited.collect(), vec![])
        };
        let (first, second) = (edits(3, 1000, 1), edits(4, 2000, 2));
        connection.push_before(&device(1), &first, Some(&second), TABLES).await?;
        catalogue.psql()?.run("UPDATE author SET name = 'foreign' WHERE name IN ('author 2000', 'author 2001')")?;
        let outcome = connection.push_before(&device(1), &second, None, TABLES).await?;
        ensure!(outcome.quarantined.len() == 2, "{outcome:?}");
        let names = catalogue.psql()?.run("SELECT name, count(*) FROM author GROUP BY name ORDER BY name")?;
        ensure!(names == ["edited|198", "foreign|2"], "{names:?}");
    }

    async fn who_may_have_one_connection_only_sends_everything_over_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let login = catalogue.settings().user;
        cluster.psql()?.run(&format!("ALTER ROLE \"{login}\" CONNECTION LIMIT 1"))?;
        push_all(&mut connection, &batches(4)).await?;
        cluster.psql()?.run(&format!("ALTER ROLE \"{login}\" CONNECTION LIMIT -1"))?;
        ensure!(catalogue.psql()?.run(BATCHES)? == ["400|1|4"]);
    }

    async fn a_second_connection_that_is_lost_takes_no_batch_with_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, cluster.psql()?);
        let batches = batches(4);
        connection.push_before(&device(1), &batches[0], Some(&batches[1]), TABLES).await?;
        // The rows of the second batch lie there in a transaction of their own.
        psql.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}' AND state = 'idle in transaction'",
            catalogue.settings().user
        ))?;
        let pushed = push_all_from(&mut connection, &batches, 1).await;
        if let Err(error) = pushed {
            // It was caught in the act: the round ends, and nothing was half written.
            ensure!(matches!(error, Error::ConnectionLost { .. }), "{error}");
            let mut again = catalogue.open().await?;
            ensure!(again.fate(&device(1), batches[1].in_flight()).await?.is_none());
            ensure!(catalogue.psql()?.run(BATCHES)? == ["100|1|1"]);
        } else {
            ensure!(catalogue.psql()?.run(BATCHES)? == ["400|1|4"]);
        }
    }
}

async fn push_all_from(connection: &mut Connection, batches: &[Batch], first: usize) -> Result<(), Error> {
    for (index, batch) in batches.iter().enumerate().skip(first) {
        connection
            .push_before(&device(1), batch, batches.get(index + 1), TABLES)
            .await?;
    }
    Ok(())
}
