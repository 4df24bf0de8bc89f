//! However much others write, and however much is written here, a sync holds little of it at a time.
//!
//! The real program is observed while it runs: the system records the most memory that a process ever had.

use anyhow::ensure;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};

use crate::SECRET;
use crate::program::Colophon;

/// The most that a sync may take.
const LIMIT_MIB: u64 = 200;

/// Books of a megabyte each: half as much again as the limit.
const BOOKS: u32 = 300;

/// A text of a million characters, a different one for every word.
fn notes(word: &str) -> String {
    format!("repeat(md5({word}::text), 31250)")
}

/// Runs the program to its end, which must be a good one, within the limit.
#[expect(clippy::print_stdout, reason = "the figures are those of docs/performance.md")]
fn within_limit(colophon: &Colophon, what: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let (run, peak) = colophon.run_measured(arguments)?;
    ensure!(run.code == Some(0), "{what}: {run:?}");
    println!("{what}: {} MiB", peak >> 20);
    ensure!(peak < LIMIT_MIB << 20, "{what} took {} MiB", peak >> 20);
    Ok(())
}

async fn in_step_with_one_author() -> anyhow::Result<(CentralCatalogue<'static>, Colophon)> {
    let catalogue = CentralCatalogue::new(Cluster::shared(Release::Distribution)?).await?;
    let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
    colophon.run(&["authors", "add", "--name", "A"])?;
    ensure!(colophon.run(&["sync"])?.code == Some(0));
    Ok((catalogue, colophon))
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_others_write_change_and_delete_a_pull_takes_little_memory() -> anyhow::Result<()> {
    let (catalogue, colophon) = in_step_with_one_author().await?;
    let mut psql = catalogue.psql()?;
    psql.run(&format!(
        "INSERT INTO book (author_id, title, isbn, notes) SELECT author.id, 'b' || n, '978' || lpad(n::text, 10, '0'), {} FROM author, \
         generate_series(1, {BOOKS}) AS n",
        notes("n")
    ))?;
    within_limit(&colophon, "a pull of new books", &["sync"])?;
    // Values that must be unique are passed on from one to the next.
    psql.run(&format!(
        "UPDATE book SET isbn = '978' || lpad((substr(isbn, 4)::integer % {BOOKS} + 1)::text, 10, '0'), notes = {}",
        notes("title || 'again'")
    ))?;
    within_limit(&colophon, "a pull of changed books", &["sync"])?;
    psql.run("DELETE FROM book")?;
    within_limit(&colophon, "a pull of deletions", &["sync"])?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_there_is_a_first_download_takes_little_memory() -> anyhow::Result<()> {
    let catalogue = CentralCatalogue::new(Cluster::shared(Release::Distribution)?).await?;
    // Enough rows for one to be made.
    catalogue.psql()?.run(
        "INSERT INTO author (name, sort_name, notes) SELECT 'a', 'a', repeat(md5(n::text), 900) FROM generate_series(1, 10500) AS n",
    )?;
    let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
    colophon.run(&["init"])?;
    within_limit(&colophon, "a first download", &["sync"])
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_is_written_here_a_push_takes_little_memory() -> anyhow::Result<()> {
    let (catalogue, colophon) = in_step_with_one_author().await?;
    colophon.write_as_another_program(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {BOOKS}) \
         INSERT INTO book(id, author_id, title, notes) \
         SELECT randomblob(16), author.id, 'b' || i, replace(hex(zeroblob(500000)), '0', i % 10) FROM n, author"
    ))?;
    within_limit(&colophon, "a push of new books", &["sync"])?;
    // A third of them: what was there before is kept, and as much again is under way.
    colophon.write_as_another_program(
        "UPDATE book SET notes = substr(notes, 2) || 'x' WHERE title LIKE 'b1%' OR title LIKE 'b2_'",
    )?;
    within_limit(&colophon, "a push of changed books", &["sync"])?;
    ensure!(
        catalogue
            .psql()?
            .value("SELECT count(*) FROM book WHERE notes LIKE '%x'")?
            == "121"
    );
    colophon.write_as_another_program("DELETE FROM book WHERE title LIKE 'b1%'")?;
    within_limit(&colophon, "a push of deletions", &["sync"])?;
    ensure!(catalogue.psql()?.value("SELECT count(*) FROM book")? == "189");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_differs_a_comparison_takes_little_memory() -> anyhow::Result<()> {
    let (catalogue, colophon) = in_step_with_one_author().await?;
    let mut psql = catalogue.psql()?;
    psql.run(&format!(
        "INSERT INTO book (author_id, title, notes) SELECT author.id, 'b' || n, {} FROM author, generate_series(1, {BOOKS}) AS n",
        notes("n")
    ))?;
    ensure!(colophon.run(&["sync"])?.code == Some(0));
    colophon.change_file_behind_its_back("UPDATE book SET notes = notes || 'y'")?;
    within_limit(&colophon, "a comparison of what differs", &["sync", "verify"])?;
    // And records that exist only here.
    colophon.change_file_behind_its_back("UPDATE book SET id = randomblob(16)")?;
    within_limit(&colophon, "a comparison of what is missing", &["sync", "verify"])?;
    ensure!(colophon.run(&["sync", "verify", "--json"])?.json()?["healed"] == serde_json::json!([]));
    Ok(())
}
