//! The server is away, wrong, or not what it should be. Edits are safe here, and the messages say what to do.

use anyhow::{Context as _, ensure};
use colophon_sync::central::{CentralSettings, Password};
use colophon_sync::{Error, SyncState};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use colophon_tests::device::{Device, pause, until};
use colophon_tests::ending::Deadline;

/// What the loop says after it has tried.
async fn trouble(device: &Device, settings: CentralSettings) -> anyhow::Result<(SyncState, &'static str, String)> {
    let task = device.task(settings);
    let status = until(&task, |status| status.error.is_some()).await?;
    ensure!(status.pending == device.pending().await?, "{status:?}");
    ensure!(status.next_try.is_some(), "{status:?}");
    let error = status.error.context("there is one")?;
    Ok((status.state, error.code, error.message))
}

on_each_release! {
    async fn every_trouble_has_a_state_a_word_and_a_sentence(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.author("Ann").await?;
        let settings = catalogue.settings();
        let wrong_password = CentralSettings { password: Some(Password::new("swordfish")), ..settings.clone() };
        let nobody_there = CentralSettings { port: 1, ..settings.clone() };
        let no_schema = CentralSettings { schema: "nothing".parse().map_err(anyhow::Error::msg)?, ..settings.clone() };
        for (settings, state, code, advice) in [
            (wrong_password, SyncState::Error, "wrong_password", "POSTGRES_PASSWORD"),
            (nobody_there, SyncState::Offline, "unreachable", "edits are safe here"),
            (no_schema, SyncState::Error, "no_schema", "colophon migrate --central"),
        ] {
            let (found, word, sentence) = trouble(&device, settings).await?;
            ensure!((found, word) == (state, code), "{found:?} {word}: {sentence}");
            ensure!(sentence.contains(advice) && !sentence.contains("swordfish"), "{sentence}");
        }
        let mut psql = catalogue.psql()?;
        let version = psql.value("SELECT schema_version FROM catalogue_head")?;
        psql.run("UPDATE catalogue_head SET schema_version = 99")?;
        let (state, word, sentence) = trouble(&device, settings.clone()).await?;
        ensure!((state, word) == (SyncState::Error, "server_newer"), "{sentence}");
        ensure!(device.pending().await? == 1);
        // And when it is mended, all is well.
        psql.run(&format!("UPDATE catalogue_head SET schema_version = {version}"))?;
        ensure!(device.round(settings).await?.pending == 0);
    }

    async fn somebody_who_asks_does_not_have_to_wait_for_the_next_try(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        let version = psql.value("SELECT schema_version FROM catalogue_head")?;
        psql.run("UPDATE catalogue_head SET schema_version = 99")?;
        let device = Device::new();
        device.author("Ann").await?;
        let task = device.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::Error).await?;
        psql.run(&format!("UPDATE catalogue_head SET schema_version = {version}"))?;
        task.sync_now();
        until(&task, |status| status.state == SyncState::InStep).await?;
    }

    async fn a_server_that_goes_and_comes_back_is_noticed_without_an_edit(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let catalogue = CentralCatalogue::new(&own).await?;
        let device = Device::new();
        let task = device.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::InStep).await?;
        own.stop()?;
        until(&task, |status| status.state == SyncState::Offline).await?;
        own.resume()?;
        until(&task, |status| status.state == SyncState::InStep).await?;
    }

    async fn a_file_belongs_to_the_first_central_database_it_meets(cluster: &Cluster) {
        let (ours, theirs) = (CentralCatalogue::new(cluster).await?, CentralCatalogue::new(cluster).await?);
        let device = Device::new();
        device.author("Ann").await?;
        device.round(ours.settings()).await?;
        device.author("Bob").await?;
        ensure!(device.round(theirs.settings()).await == Err(Error::AnotherCatalogue));
        ensure!(theirs.psql()?.value("SELECT count(*) FROM author")? == "0");
        ensure!(device.round(ours.settings()).await?.pending == 0);
    }

    async fn two_programs_do_not_exchange_one_file_at_once(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.author("Ann").await?;
        let mut locked = catalogue.psql()?;
        locked.run("BEGIN; SELECT open_revision()")?;
        let mut exchange = device.exchange(catalogue.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        let deadline = Deadline::until("a batch is under way");
        while device.database().read(|s| s.in_flight()).await?.is_empty() {
            deadline.check()?;
            pause().await;
        }
        ensure!(device.round(catalogue.settings()).await == Err(Error::ExchangedElsewhere));
        locked.run("ROLLBACK")?;
        ensure!(round.await??.pushed == 1);
        ensure!(device.round(catalogue.settings()).await?.pushed == 0);
    }
}

#[tokio::test]
async fn without_a_server_in_the_settings_there_is_nothing_to_be_in_step_with() {
    let device = Device::new();
    let identity = colophon_sync::Identity {
        name: "a laptop".to_owned(),
        app_version: "0.1.0".to_owned(),
    };
    let task = colophon_sync::SyncTask::start(device.database().clone(), None, identity);
    assert_eq!(task.status().borrow().state, SyncState::NotConfigured);
}
