//! A login that may not write still reads: what others do arrives, and what was edited here waits with the reason until
//! it may go.

use anyhow::{Context as _, ensure};
use colophon_sync::central::CentralSettings;
use colophon_sync::{RoundReport, SyncState, WhyQuarantined};
use colophon_tests::device::{Device, pause, until};
use colophon_tests::ending::Deadline;
use colophon_tests::in_step::{in_step, in_step_by};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, Proxy, Release};
use jiff::SignedDuration;

/// Longer than the longest pause between two tries of an edit that this login may not send.
const LATER: SignedDuration = SignedDuration::from_mins(2);

/// The reasons for which edits are withheld.
fn withheld(report: &RoundReport) -> Vec<&str> {
    let code = |why: &'_ WhyQuarantined| matches!(why, WhyQuarantined::Withheld { .. });
    ensure_all(report.quarantined.iter().all(|row| code(&row.why)), report);
    let codes = report.quarantined.iter().filter_map(|row| match &row.why {
        WhyQuarantined::Withheld { code, .. } => Some(code.as_str()),
        _ => None,
    });
    codes.collect()
}

#[track_caller]
fn ensure_all(holds: bool, report: &RoundReport) {
    assert!(holds, "{report:#?}");
}

fn as_reader(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<CentralSettings> {
    catalogue.add_login("rea", "reader")?;
    Ok(CentralSettings {
        user: format!("{}_rea", catalogue.name()),
        ..catalogue.settings()
    })
}

/// The other release comes without the program that copies a running server.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_at_a_standby_hears_of_others_and_sends_its_edit_when_that_is_promoted() -> anyhow::Result<()> {
    let primary = Cluster::start(Release::Distribution)?;
    let catalogue = CentralCatalogue::new(&primary).await?;
    let standby = primary.standby()?;
    let there = CentralSettings {
        port: standby.port(),
        ..catalogue.settings()
    };
    let (ann, bob) = (Device::named("Ann"), Device::named("Bob"));
    let homer = ann.author("Homer").await?;
    ann.round(catalogue.settings()).await?;
    standby.until_caught_up(&primary).await?;
    ensure!(
        bob.round(there.clone()).await?.pulled == 1,
        "the first download from a standby"
    );
    bob.rename(homer.id, "Homeros").await?;
    for name in ["Sappho", "Pindar"] {
        ann.author(name).await?;
        ann.round(catalogue.settings()).await?;
        standby.until_caught_up(&primary).await?;
        let report = bob.round(there.clone()).await?;
        ensure!((report.pulled, report.pending) == (1, 1), "{report:#?}");
        ensure!(withheld(&report) == ["read_only"], "{report:#?}");
    }
    let task = bob.task(there.clone());
    let ended = until(&task, |status| status.last_contact.is_some()).await?;
    ensure!((ended.state, ended.pending) == (SyncState::NeedsCare, 1), "{ended:?}");
    ann.author("Alcaeus").await?;
    let revision = ann.round(catalogue.settings()).await?.revision;
    until(&task, |status| status.revision >= Some(revision)).await?;
    ensure!(bob.pending().await? == 1);
    standby.until_caught_up(&primary).await?;
    primary.stop()?;
    standby.promote()?;
    bob.set_clock(LATER);
    until(&task, |status| status.state == SyncState::InStep).await?;
    drop(task);
    let mut psql = standby.psql()?;
    psql.run(&format!("SET search_path = {}", catalogue.name()))?;
    ensure!(psql.run("SELECT name FROM author ORDER BY name")? == ["Alcaeus", "Homeros", "Pindar", "Sappho"]);
    in_step_by(&mut psql, [&bob])
}

on_each_release! {
    async fn a_reader_who_makes_an_edit_gets_news_and_is_told_why_it_waits(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (ann, reader) = (Device::named("Ann"), Device::named("Reader"));
        let settings = as_reader(&catalogue)?;
        let homer = ann.author("Homer").await?;
        ann.round(catalogue.settings()).await?;
        reader.round(settings.clone()).await?;
        reader.rename(homer.id, "Homeros").await?;
        reader.author("Nobody").await?;
        for name in ["Sappho", "Pindar"] {
            ann.author(name).await?;
            ann.round(catalogue.settings()).await?;
            let report = reader.round(settings.clone()).await?;
            ensure!((report.pulled, report.pending) == (1, 2), "{report:#?}");
            ensure!(withheld(&report) == ["not_allowed"; 2], "{report:#?}");
        }
        ensure!(reader.database().read(|s| s.in_flight()).await?.is_empty());
        let task = reader.task(settings.clone());
        let status = until(&task, |status| status.last_contact.is_some()).await?;
        ensure!(status.state == SyncState::NeedsCare, "{status:?}");
        drop(task);
        // Given the right, the edits go up by themselves.
        catalogue.psql()?.run(&format!("GRANT {0}_editor TO {0}_rea", catalogue.name()))?;
        ensure!(reader.round(settings.clone()).await?.pushed == 0, "it was tried again at once");
        reader.set_clock(LATER);
        let report = reader.round(settings).await?;
        ensure!((report.pushed, report.pending) == (2, 0), "{report:#?}");
        ann.round(catalogue.settings()).await?;
        in_step(&catalogue, [&ann, &reader])?;
    }

    async fn while_the_server_is_read_only_news_comes_and_edits_wait(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let homer = device.author("Homer").await?;
        device.round(catalogue.settings()).await?;
        let login = format!("{}_ann", catalogue.name());
        let mut psql = catalogue.psql()?;
        psql.run(&format!("ALTER ROLE {login} SET default_transaction_read_only = on"))?;
        device.rename(homer.id, "Homeros").await?;
        for name in ["Sappho", "Pindar"] {
            psql.run(&format!("INSERT INTO author (name, sort_name) VALUES ('{name}', '{name}')"))?;
            let report = device.round(catalogue.settings()).await?;
            ensure!((report.pulled, report.pending) == (1, 1), "{report:#?}");
            ensure!(withheld(&report) == ["read_only"], "{report:#?}");
        }
        psql.run(&format!("ALTER ROLE {login} RESET default_transaction_read_only"))?;
        device.set_clock(LATER);
        ensure!(device.round(catalogue.settings()).await?.pending == 0);
        in_step(&catalogue, [&device])?;
    }

    async fn a_right_that_is_missing_on_one_table_withholds_only_its_rows(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let homer = device.author("Homer").await?;
        let iliad = device.book(homer.id, "The Iliad").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        psql.run(&format!("REVOKE INSERT ON book FROM {}_editor", catalogue.name()))?;
        for number in 0..3 {
            device.book(homer.id, &format!("Hymn {number}")).await?;
        }
        device.retitle(iliad.id, "Ilias").await?;
        device.author("Sappho").await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!((report.pushed, report.pending) == (2, 3), "{report:#?}");
        ensure!(withheld(&report) == ["not_allowed"; 3], "{report:#?}");
        ensure!(psql.value("SELECT title FROM book")? == "Ilias");
        psql.run(&format!("GRANT INSERT ON book TO {}_editor", catalogue.name()))?;
        device.set_clock(LATER);
        ensure!(device.round(catalogue.settings()).await?.pending == 0);
        in_step(&catalogue, [&device])?;
    }

    async fn a_batch_whose_answer_was_lost_is_settled_without_the_right_to_write(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let name = catalogue.name();
        let device = Device::new();
        let homer = device.author("Homer").await?;
        let proxy = Proxy::start(catalogue.settings().port).await?;
        proxy.next_commit(CommitAnswer::Cut);
        let through = CentralSettings { port: proxy.port(), ..catalogue.settings() };
        device.round(through).await.err().context("the answer came")?;
        ensure!(device.database().read(|s| s.in_flight()).await?.len() == 1);
        let mut psql = catalogue.psql()?;
        psql.run(&format!("REVOKE {name}_editor FROM {name}_ann; GRANT {name}_reader TO {name}_ann"))?;
        device.rename(homer.id, "Homeros").await?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('Sappho', 'Sappho')")?;
        let report = device.round(catalogue.settings()).await?;
        // It has arrived, and is not taken for somebody else's.
        ensure!((report.pulled, report.parked, report.pending) == (1, 0, 1), "{report:#?}");
        ensure!(withheld(&report) == ["not_allowed"], "{report:#?}");
        ensure!(device.database().read(|s| s.in_flight()).await?.is_empty());
        psql.run(&format!("GRANT {name}_editor TO {name}_ann"))?;
        device.set_clock(LATER);
        ensure!(device.round(catalogue.settings()).await?.pending == 0);
        in_step(&catalogue, [&device])?;
        ensure!(device.conflicts().await?.is_empty());
    }

    async fn a_batch_that_never_arrived_waits_for_the_right_to_say_so_and_news_comes_meanwhile(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let name = catalogue.name();
        let device = Device::new();
        device.author("Homer").await?;
        // Abandoned while it waits for whoever is writing.
        let mut psql = catalogue.psql()?;
        psql.run("BEGIN; SELECT open_revision()")?;
        let mut exchange = device.exchange(catalogue.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        catalogue.until_editor_waits().await?;
        round.abort();
        drop(round.await);
        psql.run("ROLLBACK")?;
        let sessions = format!("FROM pg_stat_activity WHERE usename = '{name}_ann'");
        psql.run(&format!("SELECT pg_terminate_backend(pid) {sessions}"))?;
        let deadline = Deadline::until("PostgreSQL has ended the device's sessions");
        while psql.value(&format!("SELECT count(*) {sessions}"))? != "0" {
            deadline.check()?;
            pause().await;
        }
        let arrived = psql.value("SELECT count(*) FROM author")? == "1";
        psql.run(&format!("REVOKE {name}_editor FROM {name}_ann; GRANT {name}_reader TO {name}_ann"))?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('Sappho', 'Sappho')")?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pulled == 1 && report.parked == 0, "{report:#?}");
        ensure!(arrived || withheld(&report) == ["not_allowed"], "{report:#?}");
        psql.run(&format!("GRANT {name}_editor TO {name}_ann"))?;
        device.set_clock(LATER);
        ensure!(device.round(catalogue.settings()).await?.pending == 0);
        in_step(&catalogue, [&device])?;
    }
}
