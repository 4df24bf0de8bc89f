//! The moments between sending and knowing, when others write as well.

use anyhow::{Context as _, ensure};
use colophon_store::EntityId as _;
use colophon_sync::WhyQuarantined;
use colophon_sync::central::CentralSettings;
use colophon_tests::device::{Device, exchange, opened};
use colophon_tests::in_step::{differences_of, in_step};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{Cluster, CommitAnswer, Proxy};

use crate::team::Team;

on_each_release! {
    async fn a_row_edited_here_and_by_a_foreign_program_while_its_push_is_under_way(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        ann.retitle(book.id, "first").await?;
        let mut foreign = team.catalogue.psql()?;
        foreign.run("BEGIN; UPDATE book SET publisher = 'Penguin'")?;
        let (pushed, edited) = tokio::join!(ann.round(), async {
            team.catalogue.until_editor_waits().await?;
            ann.retitle(book.id, "second").await?;
            bob.edit_book(book.id, |book| book.subtitle = Some("sub".to_owned())).await?;
            foreign.run("COMMIT")?;
            anyhow::Ok(())
        });
        edited?;
        pushed?;
        team.comes_to_rest().await?;
        let merged = foreign.run("SELECT title, subtitle, publisher FROM book")?;
        ensure!(merged == ["second|sub|Penguin"], "{merged:?}");
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn an_answer_that_was_lost_with_a_foreign_edit_in_between(cluster: &Cluster) {
        for foreign_edits_the_same_field in [false, true] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, _] = &team.members;
            let author = ann.author("Homer").await?;
            let book = ann.book(author.id, "The Iliad").await?;
            team.comes_to_rest().await?;
            let proxy = Proxy::start(cluster.port()).await?;
            let mut through = ann.exchange(CentralSettings { port: proxy.port(), ..team.catalogue.settings() });
            ann.retitle(book.id, "sent").await?;
            let new = ann.book(author.id, "The Odyssey").await?;
            // The first COMMIT of a round ends the push: there is nothing to pull.
            proxy.next_commit(CommitAnswer::Cut);
            let lost = through.round(&mut |_| ()).await.err().context("the answer came through")?;
            ensure!(lost.code() == "connection_lost", "{lost}");
            let mut foreign = team.catalogue.psql()?;
            ensure!(foreign.value("SELECT count(*) FROM book WHERE title = 'sent'")? == "1");
            let field = if foreign_edits_the_same_field { "title" } else { "publisher" };
            foreign.run(&format!("UPDATE book SET {field} = 'foreign' WHERE id = '{}'", book.id.uuid()))?;
            foreign.run(&format!("DELETE FROM book WHERE id = '{}'", new.id.uuid()))?;
            // Before the answer is known, the book is edited once more, in another field.
            ann.edit_book(book.id, |book| book.subtitle = Some("later".to_owned())).await?;
            through.round(&mut |_| ()).await?;
            team.comes_to_rest().await?;
            let row = foreign.run("SELECT title, subtitle, publisher FROM book")?;
            let expected = if foreign_edits_the_same_field { "foreign|later|" } else { "sent|later|foreign" };
            ensure!(row == [expected], "{row:?}");
            ensure!(team.conflicts().await?.is_empty(), "one has no conflict with oneself: {:#?}", team.conflicts().await?);
        }
    }

    async fn a_row_deleted_by_another_while_the_answer_to_its_push_is_lost(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let mut through = ann.exchange(CentralSettings { port: proxy.port(), ..team.catalogue.settings() });
        ann.rename(author.id, "sent").await?;
        proxy.next_commit(CommitAnswer::Cut);
        ensure!(through.round(&mut |_| ()).await.is_err());
        bob.round().await?;
        bob.delete_author(author.id).await?;
        bob.round().await?;
        // Nothing was edited since: the deletion stands.
        team.comes_to_rest().await?;
        ensure!(ann.find_author(author.id).await?.is_none() && team.conflicts().await?.is_empty());
    }

    async fn a_row_that_the_server_refuses_is_still_quarantined_after_a_restart_and_stops_nothing(cluster: &Cluster) {
        let team = Team::of(cluster, ["Bob"]).await?;
        let [bob] = &team.members;
        let catalogue = &team.catalogue;
        let mut psql = catalogue.psql()?;
        psql.run("ALTER TABLE author ADD CONSTRAINT no_nobody CHECK (name <> 'Nobody')")?;
        let ann = Device::named("Ann");
        let nobody = ann.author("Nobody").await?;
        ann.book(nobody.id, "His book").await?;
        let file = ann.local.file();
        ann.round(catalogue.settings()).await?;
        let batches = "SELECT max(last_batch) FROM device";
        let sent = psql.value(batches)?;
        // As the next start of the program finds it.
        let reopened = opened(&file).await?;
        let mut again = exchange(reopened, catalogue.settings());
        let report = again.round(&mut |_| ()).await?;
        ensure!((report.pushed, report.pending) == (0, 2), "{report:?}");
        let refused = report.quarantined.iter().find(|row| row.entity == "author").map(|row| &row.why);
        ensure!(matches!(refused, Some(WhyQuarantined::Refused { constraint: Some(name), .. }) if name == "no_nobody"), "{report:?}");
        ensure!(psql.value(batches)? == sent, "what was refused is not sent again by itself");
        // Everything else flows, in both directions, again and again.
        for number in 0..3 {
            bob.author(&format!("Bob {number}")).await?;
            bob.round().await?;
            ann.author(&format!("Ann {number}")).await?;
            let report = again.round(&mut |_| ()).await?;
            ensure!((report.pushed, report.pulled, report.pending) == (1, 1, 2), "{report:?}");
        }
        let only_here = differences_of(catalogue, &ann)?;
        ensure!(only_here.len() == 2 && only_here.iter().all(|what| what.contains("is here only")), "{only_here:?}");
        psql.run("ALTER TABLE author DROP CONSTRAINT no_nobody")?;
        again.retry_quarantined().await?;
        let report = again.round(&mut |_| ()).await?;
        ensure!(report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        in_step(catalogue, [&ann])?;
        team.comes_to_rest().await?;
    }

    async fn what_waits_for_a_refused_row_comes_to_rest_and_takes_no_revision(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let mut psql = team.catalogue.psql()?;
        psql.run("ALTER TABLE author ADD CONSTRAINT no_nobody CHECK (name <> 'Nobody')")?;
        let nobody = ann.author("Nobody").await?;
        ann.book(nobody.id, "His book").await?;
        let other = ann.author("Somebody").await?;
        ann.book(other.id, "Their book").await?;
        ann.round().await?;
        let head = "SELECT revision FROM catalogue_head";
        for _ in 0..3 {
            bob.author("Bob").await?;
            bob.round().await?;
            let before = psql.value(head)?;
            let report = ann.round().await?;
            ensure!((report.pushed, report.pending, report.quarantined.len()) == (0, 2, 2), "{report:?}");
            ensure!(psql.value(head)? == before, "{before}: a batch of which nothing was taken is no news to others");
        }
    }
}
