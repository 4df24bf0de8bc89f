//! What the server writes into its log: that somebody was faster is no error, and whoever runs the server should not
//! read about it.

use anyhow::ensure;
use colophon_sync::central::Batch;
use colophon_tests::device::pause;
use colophon_tests::edition::Program;
use colophon_tests::ending::Deadline;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};

use crate::work::{Based as _, TABLES, author, batch, book, device, id, push, push_by_stages};

/// What each line of the log begins with: the code of what it reports, in whatever language.
const PREFIX: &str = "state=";
/// All is well.
const WELL: &str = "00000";

/// A server whose log contains codes.
async fn telling_codes(release: Release) -> anyhow::Result<Cluster> {
    let cluster = Cluster::start(release)?;
    let mut psql = cluster.psql()?;
    psql.run(&format!("ALTER SYSTEM SET log_line_prefix = '{PREFIX}%e '"))?;
    psql.run("SELECT pg_reload_conf()")?;
    let deadline = Deadline::until("PostgreSQL has read its settings anew");
    while !cluster.psql()?.value("SHOW log_line_prefix")?.starts_with(PREFIX) {
        deadline.check()?;
        pause().await;
    }
    Ok(cluster)
}

/// The lines that report anything else.
fn complaints(log: &str) -> Vec<&str> {
    log.lines()
        .filter(|line| line.strip_prefix(PREFIX).is_some_and(|told| !told.starts_with(WELL)))
        .collect()
}

/// Batches that clash with what another program has made of the first one.
fn clashes() -> Vec<(&'static str, Batch)> {
    let one = Some("9780000000001");
    let clashes = [
        ("changed there", vec![author(1, "mine").over(1)], vec![]),
        (
            "to go here, changed there",
            vec![author(1, "a").over(1).deleted()],
            vec![],
        ),
        ("deleted there", vec![author(2, "mine").over(1)], vec![]),
        ("a value that is taken", vec![], vec![book(5, 3, "y", one)]),
        (
            "two with one value",
            vec![],
            vec![
                book(6, 3, "z", Some("9780000000002")),
                book(7, 3, "z", Some("9780000000002")),
            ],
        ),
        ("a parent that is missing", vec![], vec![book(8, 77, "orphan", None)]),
        (
            "a parent that others need",
            vec![author(3, "c").over(1).deleted()],
            vec![],
        ),
        ("one that is there", vec![author(1, "new")], vec![]),
        (
            "the second of two",
            vec![author(9, "fine"), author(1, "mine").over(1)],
            vec![book(10, 9, "fine", None)],
        ),
    ];
    let numbered = clashes.into_iter().zip(2..);
    let batches = numbered.map(|((what, authors, books), number)| (what, batch(number, authors, books)));
    batches.collect()
}

const MEANWHILE: &str = "UPDATE author SET name = 'theirs' WHERE name = 'a'; DELETE FROM author WHERE name = 'b'";

/// What is in the log after all of them have met a server as made by a program of this version.
async fn after_clashes(cluster: &Cluster, server: &Program) -> anyhow::Result<Vec<String>> {
    let catalogue = CentralCatalogue::of_schema(cluster, &server.central).await?;
    let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
    if server.name == "before" {
        // It has room for what is sent here, but does not know attempts.
        psql.run(include_str!("../../migrations/postgres/V5__more_of_a_book.sql"))?;
    }
    let authors = vec![author(1, "a"), author(2, "b"), author(3, "c")];
    let books = vec![book(4, 3, "x", Some("9780000000001"))];
    push(&mut connection, &device(1), &batch(1, authors, books)).await?;
    psql.run(MEANWHILE)?;
    let revision = "SELECT revision FROM catalogue_head";
    let (head, log) = (psql.value(revision)?, cluster.log()?.len());
    for (what, batch) in clashes() {
        let went = connection.push_at_once(&device(1), &batch, TABLES).await?;
        ensure!(went.is_none(), "{what}: {went:?}");
        ensure!(psql.value(revision)? == head, "{what}: something of it stayed");
        let known = format!("SELECT count(*) FROM batch WHERE number = {}", batch.number);
        ensure!(psql.value(&known)? == "0", "{what}: it was noted");
    }
    ensure!(psql.value(&format!("SELECT count(*) FROM author WHERE id = '{}'", id(9)))? == "0");
    let log = cluster.log()?.split_off(log);
    // It goes on as ever.
    for (what, batch) in clashes() {
        let outcome = push_by_stages(&mut connection, &device(1), &batch).await?;
        ensure!(!outcome.quarantined.is_empty(), "{what}: {outcome:?}");
    }
    Ok(complaints(&log).into_iter().map(str::to_owned).collect())
}

async fn clashes_leave_no_error(release: Release) -> anyhow::Result<()> {
    let cluster = telling_codes(release).await?;
    let said = after_clashes(&cluster, &Program::this()?).await?;
    ensure!(said.is_empty(), "{said:#?}");
    // A server from before can end the transaction only by an error; so this test would see one.
    let said = after_clashes(&cluster, &Program::before()?).await?;
    ensure!(said.len() >= clashes().len(), "{said:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn clashes_leave_no_error_in_the_log_of_the_distributions_postgresql() -> anyhow::Result<()> {
    clashes_leave_no_error(Release::Distribution).await
}

#[tokio::test(flavor = "multi_thread")]
async fn clashes_leave_no_error_in_the_log_of_postgresql_18() -> anyhow::Result<()> {
    clashes_leave_no_error(Release::Eighteen).await
}
