//! A file that has never met its server takes a large catalogue from it: all of it or nothing, whatever happens on the
//! way.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, ensure};
use colophon_catalogue::conflict::ConflictKind;
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
use colophon_store::{Announcement, Database, Query};
use colophon_sync::central::CentralSettings;
use colophon_sync::{DownloadProgress, Exchange, Parts, Progress};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::child::Child;
use colophon_tests::device::{Device, exchange, opened, pause};
use colophon_tests::ending::{Deadline, wait};
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use rusqlite::Connection;

/// The function that the process runs which is killed: [`a_process_that_downloads_and_is_killed`]. It is told after how
/// many rows to stop, 0 for never.
const CHILD: &str = "first_download::a_process_that_downloads_and_is_killed";

const AUTHORS: u64 = 3_000;
const BOOKS: u64 = 9_000;
const PARTS: Parts = Parts {
    worth_rows: 1_000,
    rows: 500,
};

/// A catalogue of authors with long notes, so that no buffer on the way holds them all, of their books, and of some that were deleted.
async fn filled(cluster: &Cluster) -> anyhow::Result<CentralCatalogue<'_>> {
    let catalogue = CentralCatalogue::new(cluster).await?;
    let mut psql = catalogue.psql()?;
    psql.run(&format!(
        "INSERT INTO author (name, sort_name, notes)
         SELECT 'Author ' || n, n || ', Author', repeat('n', 4000) FROM generate_series(1, {AUTHORS}) AS n"
    ))?;
    psql.run(&format!(
        "INSERT INTO book (author_id, title, isbn, published_year)
         SELECT id, 'The ' || n || 'th Book', CASE WHEN n % 3 = 0 THEN '978' || lpad(n::text, 10, '0') END, 1500 + n % 500
           FROM (SELECT id, row_number() OVER () AS place FROM author) AS writer
           JOIN generate_series(1, {BOOKS}) AS n ON place = 1 + n % {AUTHORS}"
    ))?;
    psql.run("INSERT INTO contribution (book_id, author_id, role, position) SELECT id, author_id, 'editor', 1 FROM book LIMIT 50")?;
    psql.run("DELETE FROM book WHERE id IN (SELECT id FROM book WHERE id NOT IN (SELECT book_id FROM contribution) LIMIT 10)")?;
    Ok(catalogue)
}

const ROWS: u64 = AUTHORS + BOOKS + 50 - 10;

fn in_parts(device: &Device, settings: CentralSettings) -> Exchange {
    device.exchange(settings).in_parts(PARTS)
}

/// How many rows are staged; 0 if there is no staging area.
fn staged(file: &Connection) -> u64 {
    let sum = "SELECT coalesce(sum(rows), 0) FROM staging_table";
    file.query_row(sum, [], |row| row.get::<_, i64>(0))
        .map_or(0, i64::unsigned_abs)
}

/// Everything in the file's schema except the tables themselves, whose SQL is quoted anew when they are renamed.
fn schema(file: &Connection) -> anyhow::Result<Vec<String>> {
    let mut statement = file.prepare("SELECT type || ' ' || name || CASE type WHEN 'table' THEN '' ELSE ifnull(sql, '') END FROM sqlite_schema ORDER BY 1")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Nothing is left of the download but its rows.
fn is_as_if_made_here(file: &Connection) -> anyhow::Result<()> {
    let (found, wanted) = (schema(file)?, schema(&Catalogue::empty().other_program())?);
    ensure!(found == wanted, "{found:#?}\ninstead of {wanted:#?}");
    let sound: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(sound == "ok", "{sound}");
    Ok(())
}

async fn books(database: &Database) -> anyhow::Result<u64> {
    Ok(database.read(|s| s.repo::<Book>().count(&Query::all())).await?)
}

/// Whether this many rows have arrived.
fn has_come(progress: Progress, rows: u64) -> bool {
    matches!(progress, Progress::Downloading(download) if download.rows >= rows)
}

/// Ends the server's side of every connection of the editor.
fn break_connections(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<()> {
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}_ann'",
        catalogue.name()
    );
    catalogue.psql()?.run(&end)?;
    Ok(())
}

/// Downloads until this many rows have arrived, and then loses the connection. Returns how many rows are staged.
async fn broken_after(catalogue: &CentralCatalogue<'_>, device: &Device, rows: u64) -> anyhow::Result<u64> {
    let mut broken = None;
    let outcome = in_parts(device, catalogue.settings())
        .round(&mut |progress| {
            if broken.is_none() && has_come(progress, rows) {
                broken = Some(break_connections(catalogue));
            }
        })
        .await;
    broken.context("so many rows have come")??;
    ensure!(outcome.is_err(), "{outcome:?}");
    let staged = staged(&device.local.other_program());
    ensure!(staged > 0 && staged < ROWS, "{staged} rows are staged");
    ensure!(books(device.database()).await? == 0);
    Ok(staged)
}

/// Marks all rows of a table without anybody noticing, so that a row that is fetched from now on can be told from one
/// that was there before.
fn mark_what_comes_late(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<()> {
    let mut psql = catalogue.psql()?;
    psql.run(
        "SET session_replication_role = replica; UPDATE author SET email = 'late'; UPDATE book SET series = 'late'",
    )?;
    Ok(())
}

fn come_late(file: &Connection) -> anyhow::Result<u64> {
    let late =
        "SELECT (SELECT count(*) FROM author WHERE email = 'late') + (SELECT count(*) FROM book WHERE series = 'late')";
    Ok(file.query_row(late, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

on_each_release! {
    async fn a_record_beside_its_own_tombstone_comes_with_the_others(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        // As a restore without triggers leaves it.
        catalogue.psql()?.run(
            "INSERT INTO tombstone (entity, id, revision, content, deleted_at, deleted_by)
             SELECT 'book', id, revision, to_jsonb(book) - 'revision', now(), 'somebody' FROM book LIMIT 3",
        )?;
        let device = Device::new();
        in_parts(&device, catalogue.settings()).round(&mut |_| ()).await?;
        ensure!(books(device.database()).await? == BOOKS - 10, "{}", books(device.database()).await?);
    }

    async fn a_new_file_takes_everything_and_equals_the_server(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        let mut exchange = in_parts(&device, catalogue.settings());
        let mut told = Vec::<DownloadProgress>::new();
        let report = exchange
            .round(&mut |progress| {
                if let Progress::Downloading(download) = progress {
                    told.push(download);
                }
            })
            .await?;
        ensure!((report.pulled, report.pushed, report.pending) == (ROWS, 0, 0), "{report:?}");
        ensure!(told.is_sorted_by_key(|progress| progress.rows), "{told:?}");
        let last = told.last().context("progress was told")?;
        ensure!(last.rows == ROWS && last.total >= ROWS && told.len() as u64 > ROWS / 500, "{told:?}");
        in_step(&catalogue, [&device])?;
        let file = device.local.other_program();
        is_as_if_made_here(&file)?;
        ensure!(file.query_row("SELECT count(*) FROM deleted", [], |row| row.get::<_, i64>(0))? == 10);
        let keys = "SELECT count(*) FROM book WHERE sort_key = '' OR title_key NOT LIKE 'the%' OR sort_key LIKE 'the%'";
        ensure!(file.query_row(keys, [], |row| row.get::<_, i64>(0))? == 0);
        let verified = exchange.verify().await?;
        ensure!(verified.healed.is_empty() && verified.same == ROWS, "{verified:?}");
        // From here on it is a device like any other, whose edits are captured.
        file.execute("UPDATE author SET notes = NULL WHERE name = 'Author 7'", [])?;
        device.rename(device.database().read(|s| Ok(s.repo::<Author>().all()?[0].id)).await?, "Renamed").await?;
        let report = exchange.round(&mut |_| ()).await?;
        ensure!(report.pushed == 2 && report.pending == 0, "{report:?}");
        in_step(&catalogue, [&device])?;
    }

    async fn what_changes_between_two_parts_is_as_the_server_has_it_at_the_end(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        let before = broken_after(&catalogue, &device, AUTHORS / 2).await?;
        ensure!(before < AUTHORS);
        // Rows that are staged and rows that are not: changed, gone, new, gone and back again, values passed on.
        let mut foreign = catalogue.psql()?;
        foreign.run("UPDATE author SET name = 'Changed ' || name WHERE name LIKE '%3'")?;
        foreign.run("DELETE FROM contribution; DELETE FROM book WHERE published_year % 7 = 0")?;
        foreign.run("DELETE FROM author WHERE NOT EXISTS (SELECT FROM book WHERE author_id = author.id)")?;
        foreign.run("BEGIN; CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM book WHERE published_year % 11 = 0;
            DELETE FROM book WHERE id IN (SELECT id FROM kept); INSERT INTO book SELECT * FROM kept; COMMIT")?;
        foreign.run("INSERT INTO author (name, sort_name) SELECT 'New ' || n, 'New' FROM generate_series(1, 100) AS n")?;
        foreign.run("WITH holder AS (UPDATE book SET isbn = NULL WHERE isbn IS NOT NULL AND published_year % 2 = 0 RETURNING id) SELECT count(*) FROM holder")?;
        broken_after(&catalogue, &device, before + 2_000).await?;
        foreign.run("DELETE FROM book WHERE published_year % 5 = 0; UPDATE book SET title = 'Again ' || title WHERE published_year % 3 = 0")?;
        let report = in_parts(&device, catalogue.settings()).round(&mut |_| ()).await?;
        ensure!(report.pending == 0 && report.parked == 0, "{report:?}");
        in_step(&catalogue, [&device])?;
        is_as_if_made_here(&device.local.other_program())?;
    }

    async fn a_process_that_is_killed_goes_on_where_it_was(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        let (file, settings) = (device.local.file(), catalogue.settings());
        for stop_at in [1_500, 6_000] {
            let mut child = Child::command(CHILD, &file, &settings, &stop_at.to_string())?
                .stdout(Stdio::null())
                .spawn()?;
            // The part that was reported last is not passed on any more.
            let deadline = Deadline::until("the child has staged its rows");
            while staged(&device.local.other_program()) != stop_at - PARTS.rows as u64 {
                ensure!(child.try_wait()?.is_none(), "the child has ended");
                deadline.check()?;
                pause().await;
            }
            child.kill()?;
            wait("the child that was killed", &mut child)?;
            ensure!(books(device.database()).await? == 0);
        }
        let before = staged(&device.local.other_program());
        mark_what_comes_late(&catalogue)?;
        let database = opened(&file).await?;
        let report = exchange(database, catalogue.settings()).in_parts(PARTS).round(&mut |_| ()).await?;
        ensure!(report.pulled == ROWS, "{report:?}");
        let late = come_late(&device.local.other_program())?;
        ensure!(late == ROWS - 50 - before, "{late} rows were fetched after the last kill, {before} before");
        is_as_if_made_here(&device.local.other_program())?;
    }

    async fn a_process_that_is_killed_while_it_builds_indexes_has_all_rows_and_gets_all_indexes(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        let (file, settings) = (device.local.file(), catalogue.settings());
        let mut child = Child::command(CHILD, &file, &settings, "0")?
            .stdout(Stdio::null())
            .spawn()?;
        let deadline = Deadline::until("the child has published its books");
        while books(device.database()).await? == 0 {
            deadline.check()?;
            ensure!(child.try_wait()?.is_none(), "the child has ended");
        }
        child.kill()?;
        wait("the child that was killed", &mut child)?;
        drop(opened(&file).await?);
        is_as_if_made_here(&device.local.other_program())?;
        in_step(&catalogue, [&device])?;
    }

    async fn a_reader_sees_nothing_or_all(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        let done = Arc::new(AtomicBool::new(false));
        let (watched, other, is_done) = (device.database().clone(), device.local.other_program(), Arc::clone(&done));
        let watching = tokio::task::spawn_blocking(move || {
            let mut seen = std::collections::BTreeSet::new();
            let count = "SELECT (SELECT count(*) FROM author) + (SELECT count(*) FROM book) + (SELECT count(*) FROM contribution)";
            loop {
                let is_last = is_done.load(Ordering::SeqCst);
                seen.insert(other.query_row(count, [], |row| row.get::<_, i64>(0))?.unsigned_abs());
                let here = watched.read_blocking(|s| Ok(s.repo::<Author>().count(&Query::all())? + s.repo::<Book>().count(&Query::all())?))?;
                seen.insert(if here == 0 { 0 } else { here + 50 });
                // Once more, now that everything is there.
                if is_last {
                    break anyhow::Ok(seen);
                }
            }
        });
        let round = in_parts(&device, catalogue.settings()).round(&mut |_| ()).await;
        done.store(true, Ordering::SeqCst);
        let seen = watching.await??;
        round?;
        ensure!(seen.into_iter().collect::<Vec<_>>() == [0, ROWS]);
    }

    async fn what_was_made_here_before_and_meanwhile_is_kept_and_sent(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        let author = device.author("Before").await?;
        let taken = catalogue.psql()?.value("SELECT isbn FROM book WHERE isbn IS NOT NULL LIMIT 1")?;
        let book = device.book_with(BookDraft { isbn: None, ..BookDraft::new("Made before", author.id) }).await?;
        // As another program would have written it: without our check of the last digit.
        device.local.other_program().execute("UPDATE book SET isbn = ?", [&taken])?;
        let mut meanwhile = None;
        let database = device.database().clone();
        let report = in_parts(&device, catalogue.settings())
            .round(&mut |progress| {
                if meanwhile.is_none() && has_come(progress, 2_000) {
                    meanwhile = Some(database.write_blocking(move |tx| {
                        let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("Meanwhile"))?;
                        tx.repo_mut::<Book>().create(&BookDraft::new("Made meanwhile", author.id))
                    }));
                }
            })
            .await?;
        meanwhile.context("an edit finds its turn between two parts")??;
        // Two authors, two books, one conflict.
        ensure!((report.pulled, report.pushed, report.parked, report.pending) == (ROWS, 5, 1, 0), "{report:?}");
        in_step(&catalogue, [&device])?;
        is_as_if_made_here(&device.local.other_program())?;
        let conflicts = device.conflicts().await?;
        let [conflict] = conflicts.as_slice() else { anyhow::bail!("{conflicts:?}") };
        ensure!(conflict.kind == ConflictKind::SameValue.word() && conflict.record_id == colophon_store::EntityId::uuid(book.id), "{conflict:?}");
        ensure!(conflict.mine.as_deref() == Some(&format!("\"{taken}\"")), "{conflict:?}");
        let titles = "SELECT count(*) FROM book WHERE title IN ('Made before', 'Made meanwhile')";
        ensure!(catalogue.psql()?.value(titles)? == "2");
    }

    async fn a_download_that_was_given_up_is_gone_on_with(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        device.local.other_program().execute_batch("CREATE VIEW by_others AS SELECT title, name FROM book JOIN author ON author.id = author_id")?;
        let enough = tokio::sync::Notify::new();
        let mut exchange = in_parts(&device, catalogue.settings());
        let round = async {
            exchange.round(&mut |progress| {
                if has_come(progress, 4_000) {
                    enough.notify_one();
                }
            }).await
        };
        tokio::select! {
            biased;
            () = enough.notified() => {}
            report = round => anyhow::bail!("it came to its end: {report:?}"),
        }
        drop(exchange);
        ensure!(books(device.database()).await? == 0);
        let report = in_parts(&device, catalogue.settings()).round(&mut |_| ()).await?;
        ensure!(report.pulled == ROWS, "{report:?}");
        in_step(&catalogue, [&device])?;
        // A view that somebody has made refers to the tables by their names.
        let seen = device.local.other_program().query_row("SELECT count(*) FROM by_others", [], |row| row.get::<_, i64>(0))?;
        ensure!(seen.unsigned_abs() == BOOKS - 10);
    }

    async fn rows_whose_parents_are_hidden_are_not_kept(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("ALTER TABLE author ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON author USING (name NOT LIKE '%7')")?;
        let device = Device::new();
        in_parts(&device, catalogue.settings()).round(&mut |_| ()).await?;
        let file = device.local.other_program();
        let count = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0));
        ensure!(count("SELECT count(*) FROM pragma_foreign_key_check")? == 0);
        let visible = psql.value("SELECT count(*) FROM book JOIN author ON author.id = author_id AND name NOT LIKE '%7'")?;
        ensure!(count("SELECT count(*) FROM book")?.to_string() == visible);
        ensure!(count("SELECT count(*) FROM author WHERE name LIKE '%7'")? == 0);
    }

    async fn a_staging_area_of_another_database_is_not_gone_on_with(cluster: &Cluster) {
        let catalogue = filled(cluster).await?;
        let device = Device::new();
        broken_after(&catalogue, &device, AUTHORS / 2).await?;
        let mut psql = catalogue.psql()?;
        psql.run("UPDATE catalogue_head SET incarnation = gen_random_uuid()")?;
        mark_what_comes_late(&catalogue)?;
        in_parts(&device, catalogue.settings()).round(&mut |_| ()).await?;
        ensure!(come_late(&device.local.other_program())? == ROWS - 50);
    }
}

/// Not a test: the process that others start and kill.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_downloads_and_is_killed() -> anyhow::Result<()> {
    let Some(child) = Child::of_environment()? else {
        return Ok(());
    };
    let stop_at: u64 = child.told.parse()?;
    let database = opened(&child.file).await?;
    let mut changes = database.changes();
    let mut exchange = exchange(database, child.settings).in_parts(PARTS);
    let stop = &mut |progress| {
        if stop_at > 0 && has_come(progress, stop_at) {
            loop {
                std::thread::park();
            }
        }
    };
    let round = exchange.round(stop);
    let published = async {
        while !matches!(changes.next().await, Some(Announcement::Committed(changes)) if changes.touches("book")) {}
    };
    tokio::join!(round, published).0?;
    // Whoever has started it kills it.
    std::future::pending().await
}
