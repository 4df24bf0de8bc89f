//! Ten seconds after the last fault everybody is in step, whoever had to mend it, and whatever the fault looked like
//! meanwhile.

use std::time::{Duration, Instant};

use anyhow::ensure;
use colophon_sync::{SyncState, SyncStatus, SyncTask};
use colophon_tests::device::{Device, until};
use colophon_tests::in_step::in_step;
use colophon_tests::ledger::{Ledger, accounted};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, PASSWORD, Proxy};
use jiff::SignedDuration;

use crate::network::through;

/// What is promised.
const PROMISED: Duration = Duration::from_secs(10);
/// How many tries fail before it is mended. By then, doubling the wait each time would mean waiting longer than
/// promised.
const TRIES: u32 = 6;

/// Waits until a device has sent everything, and has everything up to a revision; no longer than was promised.
async fn in_step_as_promised(task: &SyncTask, revision: i64, mended: Instant) -> anyhow::Result<()> {
    let is_in_step = |status: &SyncStatus| status.state == SyncState::InStep && status.revision >= Some(revision);
    let waited = tokio::time::timeout(PROMISED.saturating_sub(mended.elapsed()), until(task, is_in_step)).await;
    ensure!(matches!(waited, Ok(Ok(_))), "not in step: {:?}", task.status().borrow());
    println!("in step {:?} after the last fault", mended.elapsed());
    Ok(())
}

/// Lets this many tries fail, and checks that none of them is further off than it may be.
async fn fail(task: &SyncTask, code: &str) -> anyhow::Result<()> {
    let mut before = None;
    for _ in 0..TRIES {
        let has_failed_again =
            |status: &SyncStatus| status.error.is_some() && status.next_try.is_some() && status.next_try != before;
        let status = until(task, has_failed_again).await?;
        ensure!(status.error.is_some_and(|error| error.code == code), "another failure");
        before = status.next_try;
        #[expect(clippy::disallowed_methods, reason = "the loop under test goes by the real clock")]
        let now = jiff::Timestamp::now();
        let off = before.map(|next| next.duration_since(now)).unwrap_or_default();
        ensure!(off <= SignedDuration::from_secs(5), "the next try is {off:?} off");
    }
    Ok(())
}

on_each_release! {
    async fn a_connection_that_leads_nowhere_and_is_acknowledged_all_the_same_is_given_up(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let (ann, bob) = (Device::named("Ann"), Device::named("Bob"));
        let task = ann.task(through(&proxy, &catalogue));
        let author = ann.author("Author").await?;
        until(&task, |status| status.state == SyncState::InStep && status.pending == 0 && status.revision >= Some(1)).await?;
        for number in 0..3 {
            proxy.forget();
            let mended = Instant::now();
            // Somebody else writes, and then she does, too, over a connection that she has no reason to doubt.
            bob.author(&format!("Bob {number}")).await?;
            let revision = bob.round(catalogue.settings()).await?.revision;
            if number > 0 {
                ann.rename(author.id, &format!("Author {number}")).await?;
            }
            in_step_as_promised(&task, revision, mended).await?;
        }
        drop(task);
        ann.round(catalogue.settings()).await?;
        bob.round(catalogue.settings()).await?;
        in_step(&catalogue, [&ann, &bob])?;
        accounted(&ann, catalogue.settings()).await?;
    }

    async fn a_push_whose_connection_is_forgotten_on_the_way_is_sent_once(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut ledger = Ledger::keep(&catalogue)?;
        let proxy = Proxy::start(cluster.port()).await?;
        let ann = Device::named("Ann");
        let task = ann.task(through(&proxy, &catalogue));
        until(&task, |status| status.state == SyncState::InStep).await?;
        proxy.next_commit(CommitAnswer::Hold);
        ann.author("Ann writes").await?;
        proxy.committed().await;
        proxy.forget();
        let mended = Instant::now();
        in_step_as_promised(&task, 1, mended).await?;
        drop(task);
        in_step(&catalogue, [&ann])?;
        accounted(&ann, catalogue.settings()).await?;
        ledger.has_nothing_twice()?;
    }

    async fn a_server_at_work_for_long_is_not_taken_for_one_that_has_forgotten(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let ann = Device::named("Ann");
        // Longer than the silence after which anybody asks, and shorter than anybody waits for a lock.
        catalogue.psql()?.run("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(9); RETURN NEW; END$$;
             CREATE TRIGGER slow BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION slow()")?;
        ann.author("Ann writes").await?;
        let report = ann.round(through(&proxy, &catalogue)).await?;
        ensure!(report.pushed == 1 && report.pending == 0, "{report:?}");
        ensure!(proxy.accepted() > 1, "nobody has asked");
        in_step(&catalogue, [&ann])?;
    }

    async fn a_catalogue_that_is_away_while_it_is_brought_back_is_tried_again_soon(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let ann = Device::named("Ann");
        let task = ann.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::InStep).await?;
        let (name, mut psql) = (catalogue.name(), cluster.psql()?);
        psql.run(&format!("ALTER SCHEMA {name} RENAME TO {name}_away"))?;
        ann.author("Ann writes").await?;
        fail(&task, "no_schema").await?;
        psql.run(&format!("ALTER SCHEMA {name}_away RENAME TO {name}"))?;
        in_step_as_promised(&task, 1, Instant::now()).await?;
        drop(task);
        in_step(&catalogue, [&ann])?;
    }

    async fn a_password_that_is_changed_and_changed_back_is_tried_again_soon(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let ann = Device::named("Ann");
        let task = ann.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::InStep).await?;
        let (name, mut psql) = (catalogue.name(), cluster.psql()?);
        psql.run(&format!("ALTER ROLE {name}_ann PASSWORD 'another'"))?;
        psql.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}_ann'"))?;
        ann.author("Ann writes").await?;
        fail(&task, "wrong_password").await?;
        psql.run(&format!("ALTER ROLE {name}_ann PASSWORD '{PASSWORD}'"))?;
        in_step_as_promised(&task, 1, Instant::now()).await?;
        drop(task);
        in_step(&catalogue, [&ann])?;
    }
}
