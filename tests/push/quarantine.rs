//! Quarantined rows: each is named with its reason, and holds up nothing else.

use std::time::Duration;

use anyhow::ensure;
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
use colophon_sync::central::QuarantineReason;
use colophon_sync::{SyncState, WhyQuarantined};
use colophon_tests::on_each_release_and_in_german;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use colophon_tests::device::{Device, until};

on_each_release_and_in_german! {
    async fn a_row_that_has_changed_there_too_holds_up_nothing_and_is_decided(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let (changed, other) = (device.author("Ann").await?, device.author("Bob").await?);
        device.round(catalogue.settings()).await?;
        catalogue.psql()?.run(&format!("UPDATE author SET name = 'foreign' WHERE id = '{}'", changed.id))?;
        // Longer than the uncertainty between the clocks of the two sides.
        tokio::time::sleep(Duration::from_millis(200)).await;
        device.rename(changed.id, "mine").await?;
        device.rename(other.id, "Bobby").await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pending == 0 && report.parked == 1 && report.quarantined.is_empty(), "{report:?}");
        // The later edit stands, the other is kept for whoever wants to decide.
        ensure!(catalogue.psql()?.run("SELECT name FROM author ORDER BY name")? == ["Bobby", "mine"]);
        let parked = "SELECT entity, field, base, mine, theirs, stands FROM conflict";
        ensure!(catalogue.psql()?.run(parked)? == [r#"author|name|"Ann"|"mine"|"foreign"|mine"#]);
    }

    async fn one_row_that_the_server_refuses_is_found_among_many(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run("ALTER TABLE author ADD CONSTRAINT no_bob CHECK (name <> 'Bob')")?;
        let device = Device::new();
        let bob = device.database().write(|tx| {
            let mut bob = None;
            for number in 0..100 {
                let name = if number == 37 { "Bob" } else { "Ann" };
                let author = tx.repo_mut::<Author>().create(&AuthorDraft::named(name))?;
                tx.repo_mut::<Book>().create(&BookDraft::new("A book", author.id))?;
                bob = bob.or((number == 37).then_some(author));
            }
            Ok(bob)
        }).await?;
        let bob = bob.map(|author| author.id.to_string());
        let mut exchange = device.exchange(catalogue.settings());
        let report = exchange.round(&mut |_| ()).await?;
        ensure!(report.pushed == 198 && report.pending == 2, "{report:?}");
        let reason = |entity| report.quarantined.iter().find(|row| row.entity == entity);
        let refused = reason("author").map(|row| (Some(row.id.to_string()), &row.why));
        ensure!(matches!(&refused, Some((id, WhyQuarantined::Refused { constraint, .. })) if *id == bob && constraint.as_deref() == Some("no_bob")), "{report:?}");
        let waits = reason("book").map(|row| &row.why);
        ensure!(matches!(waits, Some(WhyQuarantined::WaitsForNews(QuarantineReason::MissingParent { .. }))), "{report:?}");
        // Nothing is tried again automatically, and all of it when somebody asks.
        let again = exchange.round(&mut |_| ()).await?;
        ensure!(again.pushed == 0 && again.quarantined.len() == 2, "{again:?}");
        catalogue.psql()?.run("ALTER TABLE author DROP CONSTRAINT no_bob")?;
        exchange.retry_quarantined().await?;
        let again = exchange.round(&mut |_| ()).await?;
        ensure!(again.pushed == 2 && again.pending == 0 && again.quarantined.is_empty(), "{again:?}");
    }

    async fn a_row_that_a_policy_denies_holds_up_nothing_else(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(
            "ALTER TABLE author ENABLE ROW LEVEL SECURITY;
             CREATE POLICY all_but_bob ON author USING (true) WITH CHECK (name <> 'Bob')",
        )?;
        let device = Device::new();
        let (ann, bob) = (device.author("Ann").await?, device.author("Bob").await?);
        device.book(ann.id, "Her book").await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pushed == 2 && report.pending == 1, "{report:?}");
        let quarantined: Vec<_> = report.quarantined.iter().map(|row| (row.id, &row.why)).collect();
        ensure!(matches!(quarantined[..], [(id, WhyQuarantined::Refused { .. })] if id.to_string() == bob.id.to_string()), "{report:?}");
        ensure!(catalogue.psql()?.run("SELECT name, title FROM author a JOIN book b ON b.author_id = a.id")? == ["Ann|Her book"]);
    }

    async fn a_refused_row_is_tried_again_when_it_is_edited_and_its_child_with_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run("ALTER TABLE author ADD CONSTRAINT no_bob CHECK (name <> 'Bob')")?;
        let device = Device::new();
        let bob = device.author("Bob").await?;
        device.book(bob.id, "His book").await?;
        let task = device.task(catalogue.settings());
        let status = until(&task, |status| status.state == SyncState::NeedsCare).await?;
        ensure!(status.pending == 2 && status.quarantined.len() == 2 && status.error.is_none(), "{status:?}");
        device.rename(bob.id, "Robert").await?;
        until(&task, |status| status.state == SyncState::InStep).await?;
        ensure!(catalogue.psql()?.run("SELECT name, title FROM author a JOIN book b ON b.author_id = a.id")? == ["Robert|His book"]);
    }

    async fn an_isbn_that_a_book_there_holds_stays_there_and_the_newcomer_gives_it_up(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (one, other) = (Device::new(), Device::new());
        for device in [&one, &other] {
            let author = device.author("Ann").await?;
            device.database().write(move |tx| {
                let draft = BookDraft { isbn: Some("9780140268867".to_owned()), ..BookDraft::new("The Odyssey", author.id) };
                tx.repo_mut::<Book>().create(&draft)
            }).await?;
        }
        ensure!(one.round(catalogue.settings()).await?.quarantined.is_empty());
        let report = other.round(catalogue.settings()).await?;
        ensure!(report.pending == 0 && report.parked == 2 && report.quarantined.is_empty(), "{report:?}");
        // Both books survive; the one that came later asks whether it is the same, and so does its author.
        ensure!(catalogue.psql()?.run("SELECT isbn FROM book ORDER BY isbn")? == ["9780140268867", ""]);
        ensure!(catalogue.psql()?.run("SELECT entity, kind, mine FROM conflict ORDER BY 1")? == ["author|same_record|", r#"book|same_value|"9780140268867""#]);
    }
}
