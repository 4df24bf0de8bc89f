//! Pulling a little: where hints are heard, what is new arrives through one statement that the session keeps, and is
//! the same as it would be in full.

use std::collections::HashSet;

use anyhow::ensure;
use colophon_store::Seen;
use colophon_sync::central::{Central, CentralSettings, Connection};
use colophon_sync::remote::{Incoming, PullRequest, WaitingHere};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{Bouncer, CentralCatalogue, Cluster};

use crate::work::{Based as _, TABLES, Told, all, author, batch, book, device, id, push};

/// Everything since a revision, for a file that has made these revisions itself.
fn since(after: i64, own: &[i64]) -> PullRequest {
    PullRequest {
        after,
        own: own.to_vec(),
        newest: None,
        tables: TABLES,
        waiting: WaitingHere::default(),
    }
}

/// A connection over which a hint was heard.
async fn hearing(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Connection> {
    let central = Central::new(catalogue.settings());
    let (connection, _) = central.open().await?;
    let mut hints = central.hints();
    connection.listen().await?;
    let hint = format!("SELECT pg_notify('{}', '1')", catalogue.name());
    catalogue.psql_of("ann")?.run(&hint)?;
    hints.changed().await?;
    Ok(connection)
}

/// How many sessions last asked for a little.
fn asked_a_little(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<String> {
    // Other catalogues of the same tests are in the same database.
    let name = catalogue.name();
    catalogue.psql()?.value(&format!(
        "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE '{name}\\_%' AND query LIKE 'EXECUTE \"colophon %'"
    ))
}

/// Makes it the same whatever the order in which rows of one table arrive.
fn ordered(mut told: Told) -> (i64, Vec<Incoming>, Vec<Incoming>) {
    told.rows
        .sort_by_key(|row| (TABLES.iter().position(|table| *table == row.key.table), row.key.id));
    (told.head.revision, told.rows, told.deletions)
}

on_each_release! {
    async fn a_little_comes_by_one_statement_and_as_it_would_come_in_full(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('before', 'b')")?;
        psql.run("INSERT INTO author (name, sort_name, birth_year, notes, created_at, updated_at) VALUES \
            (E'a \"quoted\"\\nname', 'q', -750, E'ø \\\\ €', '-infinity', '0044-03-15 12:00:00 BC')")?;
        psql.run("INSERT INTO book (author_id, title, isbn, created_at) SELECT id, 'a book', '9780000000002', 'infinity' FROM author LIMIT 1")?;
        let mut pushing = catalogue.open().await?;
        push(&mut pushing, &device(1), &batch(1, vec![author(1, "own"), author(2, "gone")], vec![book(3, 2, "gone", None)])).await?;
        let gone = batch(2, vec![author(2, "gone").over(4).deleted()], vec![book(3, 2, "gone", None).over(4).deleted()]);
        push(&mut pushing, &device(1), &gone).await?;
        let (mut hearing, mut other) = (hearing(&catalogue).await?, catalogue.open().await?);
        for request in [since(1, &[]), since(1, &[4]), since(1, &[4, 5]), since(3, &[5]), since(5, &[])] {
            let little = ordered(all(&hearing.pull(&request).await?)?);
            ensure!(asked_a_little(&catalogue)? == "1", "it was asked in full");
            let whole = ordered(all(&other.pull(&request).await?)?);
            ensure!(little == whole, "{little:?}\n{whole:?}");
        }
    }

    async fn more_than_a_little_comes_whole(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        let mut hearing = hearing(&catalogue).await?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('first', 'f')")?;
        for (many, statements) in [(64, "1"), (512, "1"), (513, "0"), (1000, "0")] {
            let head = all(&hearing.pull(&since(1, &[])).await?)?.head.revision;
            psql.run(&format!("INSERT INTO author (name, sort_name) SELECT 'a', 'a' FROM generate_series(1, {many})"))?;
            ensure!(all(&hearing.pull(&since(head, &[])).await?)?.rows.len() == many);
            ensure!(asked_a_little(&catalogue)? == statements, "{many} rows");
        }
    }

    async fn a_session_of_ones_own_keeps_the_statement_before_any_hint_is_heard(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql_of("ann")?.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        let (mut connection, _) = Central::new(catalogue.settings()).open().await?;
        ensure!(all(&connection.pull(&since(0, &[])).await?)?.rows.len() == 1);
        ensure!(asked_a_little(&catalogue)? == "0", "who asks once has no use for a statement that is kept");
        connection.listen().await?;
        ensure!(all(&connection.pull(&since(0, &[])).await?)?.rows.len() == 1);
        ensure!(asked_a_little(&catalogue)? == "1");
    }

    async fn a_session_that_a_pooler_shares_is_asked_to_keep_nothing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql_of("ann")?.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        let bouncer = Bouncer::start(&catalogue, &["ann"], 1)?;
        let central = Central::new(CentralSettings { port: bouncer.port(), ..catalogue.settings() });
        let (mut connection, _) = central.open().await?;
        connection.listen().await?;
        ensure!(all(&connection.pull(&since(0, &[])).await?)?.rows.len() == 1);
        ensure!(asked_a_little(&catalogue)? == "0", "a statement is kept in a session of everybody");
    }

    async fn what_happened_to_a_record_that_waits_is_told_with_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut pushing = catalogue.open().await?;
        push(&mut pushing, &device(1), &batch(1, vec![author(1, "a")], vec![])).await?;
        push(&mut pushing, &device(1), &batch(2, vec![author(1, "b").over(1)], vec![])).await?;
        let mut hearing = hearing(&catalogue).await?;
        let key = all(&hearing.pull(&since(1, &[])).await?)?.rows[0].key;
        ensure!(key.id == id(1));
        let request = PullRequest { waiting: WaitingHere { records: HashSet::from([key]), told_up_to: 1 }, ..since(1, &[]) };
        ensure!(all(&hearing.pull(&request).await?)?.rows[0].story.is_some());
    }

    async fn a_server_that_was_brought_back_is_told_by_its_marks(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        let mut hearing = hearing(&catalogue).await?;
        let seen = hearing.head().await?.seen();
        for (newest, is_forked) in [(seen, false), (Seen { mark: id(7), ..seen }, true), (Seen { mark: uuid::Uuid::nil(), ..seen }, true)] {
            let request = PullRequest { newest: Some(newest), ..since(1, &[]) };
            ensure!(hearing.pull(&request).await?.is_forked == is_forked, "{newest:?}");
            ensure!(asked_a_little(&catalogue)? == "1");
        }
    }
}
