//! The moments between sending and knowing: edits made meanwhile, answers that never come, processes that die.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Author, Book};
use colophon_store::Sql;
use colophon_sync::central::CentralSettings;
use colophon_tests::child::Child;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, Proxy, Psql};

use colophon_tests::device::{Device, exchange, opened, pause};
use colophon_tests::ending::{Deadline, wait};
use colophon_tests::undoing;

/// The function that the process runs which is killed: [`a_process_that_pushes_and_is_killed`].
const CHILD: &str = "under_way::a_process_that_pushes_and_is_killed";

/// Holds the head's lock, so that a push gets as far as having sent its rows, and no further.
fn lock(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Psql> {
    let mut psql = catalogue.psql()?;
    psql.run("BEGIN; SELECT open_revision()")?;
    Ok(psql)
}

fn through(proxy: &Proxy, settings: CentralSettings) -> CentralSettings {
    CentralSettings {
        port: proxy.port(),
        ..settings
    }
}

on_each_release! {
    async fn a_row_that_is_edited_while_its_push_is_under_way_still_waits_and_goes_up_next(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let (new, known) = (device.author("New").await?, device.author("Known").await?);
        device.round(catalogue.settings()).await?;
        let fresh = device.author("Fresh").await?;
        device.rename(known.id, "Known, edited").await?;
        let mut locked = lock(&catalogue)?;
        let mut exchange = device.exchange(catalogue.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        catalogue.until_editor_waits().await?;
        device.rename(fresh.id, "Fresh, edited meanwhile").await?;
        device.rename(known.id, "Known, edited meanwhile").await?;
        device.rename(new.id, "New, edited meanwhile").await?;
        locked.run("ROLLBACK")?;
        let report = round.await??;
        ensure!(report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        let mut psql = catalogue.psql()?;
        let names = psql.run("SELECT name FROM author ORDER BY id")?;
        ensure!(names == ["New, edited meanwhile", "Known, edited meanwhile", "Fresh, edited meanwhile"], "{names:?}");
        // The rows that were sent twice were there in both states.
        let story = psql.run("SELECT old->>'name' FROM history WHERE old ? 'name' ORDER BY number")?;
        ensure!(story.contains(&"Known, edited".to_owned()) && story.contains(&"Fresh".to_owned()), "{story:?}");
    }

    async fn a_row_that_is_deleted_while_its_push_is_under_way_goes_away_there_too(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        let mut locked = lock(&catalogue)?;
        let mut exchange = device.exchange(catalogue.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        catalogue.until_editor_waits().await?;
        device.database().write(move |tx| tx.repo_mut::<Author>().delete(author.id)).await?;
        locked.run("ROLLBACK")?;
        ensure!(round.await??.pending == 0);
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT count(*) FROM author")? == "0");
        ensure!(psql.run("SELECT content->>'name' FROM tombstone")? == ["Ann"]);
    }

    async fn a_row_that_comes_back_while_its_deletion_is_under_way_is_there_again(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        device.round(catalogue.settings()).await?;
        device.database().write(move |tx| tx.repo_mut::<Author>().delete(author.id)).await?;
        let mut locked = lock(&catalogue)?;
        let mut exchange = device.exchange(catalogue.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        catalogue.until_editor_waits().await?;
        device.database().write(undoing::undo).await?;
        locked.run("ROLLBACK")?;
        let report = round.await??;
        ensure!(report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        let mut psql = catalogue.psql()?;
        ensure!(psql.run("SELECT name FROM author")? == ["Ann"] && psql.value("SELECT count(*) FROM tombstone")? == "0");
    }

    async fn an_answer_that_was_lost_is_asked_for_and_nothing_is_sent_twice(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        device.book(author.id, "Her book").await?;
        let mut exchange = device.exchange(through(&proxy, catalogue.settings()));
        proxy.next_commit(CommitAnswer::Cut);
        let lost = exchange.round(&mut |_| ()).await.err().context("the answer came through")?;
        ensure!(lost.code() == "connection_lost" && lost.passes_by_itself(), "{lost}");
        ensure!(device.pending().await? == 2, "what the server has not confirmed still waits");
        // Edited before the answer is known.
        device.rename(author.id, "Anne").await?;
        let report = exchange.round(&mut |_| ()).await?;
        ensure!(report.pushed == 1 && report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        let mut psql = catalogue.psql()?;
        ensure!(psql.run("SELECT name, revision FROM author")? == ["Anne|2"]);
        ensure!(psql.run("SELECT title, revision FROM book")? == ["Her book|1"]);
    }

    async fn a_batch_that_was_not_written_is_planned_anew_and_does_not_come_late(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        let mut locked = lock(&catalogue)?;
        let mut exchange = device.exchange(catalogue.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        catalogue.until_editor_waits().await?;
        // The device falls asleep while its rows wait on the server, and the row is deleted once it wakes up.
        round.abort();
        ensure!(round.await.is_err_and(|error| error.is_cancelled()));
        device.database().write(move |tx| tx.repo_mut::<Author>().delete(author.id)).await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pushed == 0 && report.pending == 0, "{report:?}");
        locked.run("ROLLBACK")?;
        // Now the server goes on with what it was sent.
        let working = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}_ann' AND state = 'active'", catalogue.name());
        let mut psql = catalogue.psql()?;
        let deadline = Deadline::until("PostgreSQL has done what it was sent");
        while psql.value(&working)? != "0" {
            deadline.check()?;
            pause().await;
        }
        ensure!(psql.value("SELECT count(*) FROM author")? == "0");
        ensure!(psql.run("SELECT result FROM batch")? == ["null"]);
    }

    async fn a_process_that_is_killed_before_it_hears_the_answer_loses_nothing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        let settings = through(&proxy, catalogue.settings());
        proxy.next_commit(CommitAnswer::Hold);
        let file = device.local.file();
        let mut child = Child::command(CHILD, &file, &settings, "")?
            .stdout(Stdio::null())
            .spawn()?;
        Deadline::until("the child commits").of(proxy.committed()).await?;
        child.kill()?;
        wait("the child that was killed", &mut child)?;
        let mut psql = catalogue.psql()?;
        ensure!(psql.run("SELECT name, revision FROM author")? == ["Ann|1"]);
        let database = opened(&file).await?;
        database.write(move |tx| tx.repo_mut::<Book>().create(&colophon_catalogue::BookDraft::new("Her book", author.id))).await?;
        let report = exchange(database, catalogue.settings()).round(&mut |_| ()).await?;
        ensure!(report.pushed == 1 && report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        ensure!(psql.run("SELECT name, revision FROM author")? == ["Ann|1"]);
        ensure!(psql.run("SELECT title, revision FROM book")? == ["Her book|2"]);
    }

    async fn a_copy_of_a_file_becomes_a_device_of_its_own(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.author("Before the copy").await?;
        device.round(catalogue.settings()).await?;
        let folder = tempfile::tempdir()?;
        let copy = folder.path().join("copy.sqlite");
        let target = copy.display().to_string();
        device.local.other_program().execute("VACUUM INTO ?", [target])?;
        device.author("On the original").await?;
        device.round(catalogue.settings()).await?;
        let database = opened(&copy).await?;
        database.write(|tx| tx.repo_mut::<Author>().create(&colophon_catalogue::AuthorDraft::named("On the copy"))).await?;
        let report = exchange(database, catalogue.settings()).round(&mut |_| ()).await?;
        ensure!(report.pushed == 1 && report.quarantined.is_empty(), "{report:?}");
        let mut psql = catalogue.psql()?;
        ensure!(psql.run("SELECT name FROM author ORDER BY revision")? == ["Before the copy", "On the original", "On the copy"]);
        ensure!(psql.value("SELECT count(*) FROM device")? == "2");
    }

    async fn a_batch_that_is_under_way_is_kept_in_the_file_until_its_fate_is_known(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.author("Ann").await?;
        let count = || device.database().read(|s| Ok(s.in_flight()?.len()));
        let mut locked = lock(&catalogue)?;
        let mut exchange = device.exchange(catalogue.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        catalogue.until_editor_waits().await?;
        ensure!(count().await? == 1);
        locked.run("ROLLBACK")?;
        round.await??;
        ensure!(count().await? == 0);
        let revision = Sql::new("SELECT revision FROM author");
        ensure!(device.database().read(move |s| s.query_first(&revision, [], |row| row.get::<_, i64>(0))).await? == Some(1));
    }
}

/// Not a test: the process that [`a_process_that_is_killed_before_it_hears_the_answer_loses_nothing`] starts and kills.
#[tokio::test]
async fn a_process_that_pushes_and_is_killed() -> anyhow::Result<()> {
    let Some(child) = Child::of_environment()? else {
        return Ok(());
    };
    exchange(opened(&child.file).await?, child.settings)
        .round(&mut |_| ())
        .await?;
    anyhow::bail!("the child heard the answer")
}
