//! Through PgBouncer in transaction mode, with fewer sessions on the server than there are devices: each transaction
//! gets a different session, which another device has just left, and no hint gets through.

use anyhow::{Context as _, ensure};
use colophon_catalogue::BookDraft;
use colophon_sync::SyncState;
use colophon_sync::central::CentralSettings;
use colophon_tests::device::{Device, until};
use colophon_tests::foreign::ForeignWriter;
use colophon_tests::in_step::in_step;
use colophon_tests::ledger::{Ledger, accounted};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{Bouncer, CentralCatalogue, Cluster, CommitAnswer, Proxy};

use crate::team::Team;

/// Sessions on the server that all devices share.
const SESSIONS: u32 = 2;

fn through(port: u16, catalogue: &CentralCatalogue<'_>) -> CentralSettings {
    CentralSettings {
        port,
        ..catalogue.settings()
    }
}

/// A team whose members share what the pooler has.
async fn pooled<'c, const N: usize>(cluster: &'c Cluster, names: [&str; N]) -> anyhow::Result<(Team<'c, N>, Bouncer)> {
    let catalogue = CentralCatalogue::new(cluster).await?;
    let bouncer = Bouncer::start(&catalogue, &["ann"], SESSIONS)?;
    let settings = through(bouncer.port(), &catalogue);
    Ok((Team::through(catalogue, names, &settings), bouncer))
}

on_each_release! {
    async fn through_a_pooler_edits_deletions_conflicts_and_clashes_come_to_rest(cluster: &Cluster) {
        let (team, bouncer) = pooled(cluster, ["Ann", "Bob", "Cleo"]).await?;
        let [ann, bob, cleo] = &team.members;
        let author = ann.author("Homer").await?;
        let (iliad, odyssey) = (ann.book(author.id, "The Iliad").await?, ann.book(author.id, "The Odyssey").await?);
        team.comes_to_rest().await?;
        ann.retitle(iliad.id, "Ilias").await?;
        bob.retitle(iliad.id, "The Song of Ilium").await?;
        cleo.edit_book(iliad.id, |book| book.page_count = Some(700)).await?;
        bob.delete_book(odyssey.id).await?;
        cleo.edit_book(odyssey.id, |book| book.publisher = Some("Penguin".to_owned())).await?;
        let isbn = || Some("9780140268867".to_owned());
        ann.book_with(BookDraft { isbn: isbn(), ..BookDraft::new("One", author.id) }).await?;
        bob.book_with(BookDraft { isbn: isbn(), ..BookDraft::new("Another", author.id) }).await?;
        team.comes_to_rest().await?;
        ensure!(team.conflicts().await?.len() == 3, "{:#?}", team.conflicts().await?);
        for member in &team.members {
            let verified = member.exchange(through(bouncer.port(), &team.catalogue)).verify().await?;
            ensure!(verified.healed.is_empty(), "{verified:?}");
            accounted(member, through(bouncer.port(), &team.catalogue)).await?;
        }
    }

    async fn through_a_pooler_devices_that_push_and_pull_at_once_share_sessions(cluster: &Cluster) {
        let (team, bouncer) = pooled(cluster, ["Ann", "Bob", "Cleo", "Dan", "Eve"]).await?;
        let mut ledger = Ledger::keep(&team.catalogue)?;
        let foreign = ForeignWriter::start(team.catalogue.psql()?);
        for number in 0..12 {
            for member in &team.members {
                let author = member.author(&format!("{} {number}", member.name)).await?;
                member.book(author.id, &format!("{} {number}", member.name)).await?;
            }
            let [a, b, c, d, e] = &team.members;
            let (a, b, c, d, e) = tokio::join!(a.round(), b.round(), c.round(), d.round(), e.round());
            for report in [a, b, c, d, e] {
                report.with_context(|| bouncer.log().unwrap_or_default())?;
            }
        }
        foreign.stop().await?;
        team.comes_to_rest().await?;
        ledger.has_nothing_twice()?;
        let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}_ann'", team.catalogue.name());
        let sessions: u32 = team.catalogue.psql()?.value(&sessions)?.parse()?;
        ensure!((1..=SESSIONS).contains(&sessions), "{sessions} sessions: the pooler was passed by");
    }

    async fn through_a_pooler_a_refused_row_is_quarantined_and_a_drifted_file_is_healed(cluster: &Cluster) {
        let (team, bouncer) = pooled(cluster, ["Ann", "Bob"]).await?;
        let [ann, _] = &team.members;
        team.catalogue.psql()?.run("ALTER TABLE author ADD CONSTRAINT no_nobody CHECK (name <> 'Nobody')")?;
        let nobody = ann.author("Nobody").await?;
        ann.book(nobody.id, "His book").await?;
        let homer = ann.author("Homer").await?;
        ann.book(homer.id, "The Iliad").await?;
        let report = ann.round().await?;
        ensure!((report.pushed, report.pending, report.quarantined.len()) == (2, 2, 2), "{report:?}");
        team.catalogue.psql()?.run("ALTER TABLE author DROP CONSTRAINT no_nobody")?;
        let mut exchange = ann.exchange(through(bouncer.port(), &team.catalogue));
        exchange.retry_quarantined().await?;
        ann.local.other_program().execute_batch(
            "BEGIN; INSERT INTO applying(id) VALUES(1); UPDATE book SET publisher='drifted' WHERE title='The Iliad'; DELETE FROM applying; COMMIT",
        )?;
        let verified = exchange.verify().await?;
        ensure!(verified.healed.len() == 1 && verified.same == 4 && verified.waiting == 0, "{verified:?}");
        team.comes_to_rest().await?;
    }

    async fn through_a_pooler_a_lost_answer_is_asked_for(cluster: &Cluster) {
        let (team, bouncer) = pooled(cluster, ["Ann"]).await?;
        let mut ledger = Ledger::keep(&team.catalogue)?;
        let proxy = Proxy::start(bouncer.port()).await?;
        let [ann] = &team.members;
        let mut exchange = ann.exchange(through(proxy.port(), &team.catalogue));
        for number in 0..10 {
            ann.author(&format!("Author {number}")).await?;
            proxy.next_commit(CommitAnswer::Cut);
            let lost = exchange.round(&mut |_| ()).await.err().context("the answer came through")?;
            ensure!(lost.code() == "connection_lost", "{lost}");
        }
        team.comes_to_rest().await?;
        ledger.has_nothing_twice()?;
    }

    async fn through_a_pooler_no_hint_comes_and_devices_look(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let bouncer = Bouncer::start(&catalogue, &["ann"], SESSIONS)?;
        let devices = ["Ann", "Bob", "Cleo", "Dan"].map(Device::named);
        let tasks = [0, 1, 2, 3].map(|number: usize| devices[number].task(through(bouncer.port(), &catalogue)));
        for task in &tasks {
            until(task, |status| status.state == SyncState::InStep).await?;
        }
        for (number, device) in devices.iter().enumerate() {
            device.author(&format!("Author {number}")).await?;
            let revision = i64::try_from(number)? + 1;
            for task in &tasks {
                // A hint that went astray breaks sessions of the pooler, but no device's work.
                let status = until(task, |status| status.error.is_some() || status.revision >= Some(revision)).await?;
                ensure!(status.error.is_none(), "{status:?}\n{}", bouncer.log()?);
            }
        }
        drop(tasks);
        in_step(&catalogue, &devices)?;
    }

    async fn when_the_server_ends_a_session_behind_the_pooler_the_next_round_goes_on(cluster: &Cluster) {
        let (team, _bouncer) = pooled(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        for number in 0..5 {
            ann.author(&format!("Author {number}")).await?;
            bob.author(&format!("Autor {number}")).await?;
            team.round().await?;
            let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}_ann'", team.catalogue.name());
            ensure!(!team.catalogue.psql()?.run(&end)?.is_empty());
        }
        team.comes_to_rest().await?;
    }
}
