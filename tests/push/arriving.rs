//! What is edited here arrives.

use anyhow::ensure;
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, Contribution, ContributionDraft, Role};
use colophon_store::Sql;
use colophon_sync::{Progress, RoundReport, SyncState};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use colophon_tests::device::{Device, pause, until};
use colophon_tests::ending::Deadline;
use colophon_tests::undoing;

/// How many rows the server has taken.
fn taken(progress: Progress) -> Option<u64> {
    match progress {
        Progress::Sent(rows) => Some(rows),
        Progress::Downloading(_) => None,
    }
}

on_each_release! {
    async fn what_was_edited_offline_is_there_exactly_once_after_the_server_has_started(cluster: &Cluster) {
        let own = Cluster::start(cluster.release())?;
        let catalogue = CentralCatalogue::new(&own).await?;
        let device = Device::new();
        let (kept, gone) = (device.author("Kept").await?, device.author("Gone").await?);
        device.round(catalogue.settings()).await?;
        own.stop()?;
        let task = device.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::Offline && status.error.is_some()).await?;
        device.rename(kept.id, "Edited offline").await?;
        device.database().write(move |tx| tx.repo_mut::<Author>().delete(gone.id)).await?;
        device.book(kept.id, "New offline").await?;
        let offline = until(&task, |status| status.pending == 3).await?;
        ensure!(offline.state == SyncState::Offline && offline.next_try.is_some(), "{offline:?}");
        own.resume()?;
        let status = until(&task, |status| status.state == SyncState::InStep).await?;
        ensure!(status.pending == 0 && status.error.is_none() && status.last_contact.is_some(), "{status:?}");
        let mut psql = catalogue.psql()?;
        ensure!(psql.run("SELECT name FROM author")? == ["Edited offline"]);
        ensure!(psql.run("SELECT title FROM book")? == ["New offline"]);
        ensure!(psql.run("SELECT content->>'name' FROM tombstone")? == ["Gone"]);
    }

    async fn every_field_of_every_entity_arrives_as_it_is(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.database().write(|tx| {
            let author = tx.repo_mut::<Author>().create(&AuthorDraft {
                birth_year: Some(-750),
                death_year: Some(-700),
                email: Some("homer@example.org".to_owned()),
                website: Some("https://example.org/Ὅμηρος".to_owned()),
                notes: Some("blind?\nmaybe 🏛".to_owned()),
                ..AuthorDraft::named("Ὅμηρος")
            })?;
            let book = tx.repo_mut::<Book>().create(&BookDraft {
                subtitle: Some("a poem".to_owned()),
                isbn: Some("9780140268867".to_owned()),
                publisher: Some("Penguin".to_owned()),
                published_year: Some(1999),
                language: Some("eng".to_owned()),
                page_count: Some(541),
                series: Some("Classics".to_owned()),
                series_position: Some("1-2".to_owned()),
                notes: Some("“quoted”, back\\slash,\ttab".to_owned()),
                ..BookDraft::new("The Odyssey", author.id)
            })?;
            tx.repo_mut::<Contribution>().create(&ContributionDraft {
                book_id: book.id,
                author_id: author.id,
                role: Role::Translator,
                position: 3,
            })
        }).await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        let there = psql.value("SELECT concat_ws('/', name, birth_year, death_year, email, website, replace(notes, E'\\n', '⏎')) FROM author")?;
        ensure!(there == "Ὅμηρος/-750/-700/homer@example.org/https://example.org/Ὅμηρος/blind?⏎maybe 🏛", "{there}");
        let there = psql.value("SELECT concat_ws('/', title, subtitle, isbn, publisher, published_year, language, page_count, series, series_position, notes) FROM book")?;
        ensure!(there == "The Odyssey/a poem/9780140268867/Penguin/1999/eng/541/Classics/1-2/“quoted”, back\\slash,\ttab", "{there}");
        let there = psql.value("SELECT concat_ws('/', role, position, c.book_id = b.id, c.author_id = a.id, b.author_id = a.id) FROM contribution c, book b, author a")?;
        ensure!(there == "translator/3/t/t/t", "{there}");
        let here: i64 = device.database().read(|s| s.query_first(&Sql::new("SELECT updated_at FROM book"), [], |row| row.get(0))).await?.unwrap_or_default();
        let there = psql.value("SELECT (extract(epoch FROM updated_at) * 1000000)::bigint FROM book")?;
        ensure!(there == here.to_string(), "{there} {here}");
    }

    async fn a_round_with_nothing_to_do_writes_nothing_there(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.author("Ann").await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report == RoundReport { pushed: 1, revision: 1, ..RoundReport::default() }, "{report:?}");
        let report = device.round(catalogue.settings()).await?;
        ensure!(report == RoundReport { pushed: 0, revision: 1, ..RoundReport::default() }, "{report:?}");
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM batch")? == "1");
    }

    async fn an_edit_goes_up_by_itself_at_once(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let task = device.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::InStep).await?;
        let author = device.author("Ann").await?;
        until(&task, |status| status.state == SyncState::InStep && status.revision == Some(1)).await?;
        device.rename(author.id, "Anne").await?;
        until(&task, |status| status.state == SyncState::InStep && status.revision == Some(2)).await?;
        ensure!(catalogue.psql()?.run("SELECT name, revision FROM author")? == ["Anne|2"]);
    }

    async fn what_another_program_writes_into_the_file_goes_up_too(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        device.round(catalogue.settings()).await?;
        let task = device.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::InStep).await?;
        let other = device.local.other_program();
        other.execute("UPDATE author SET notes = 'by hand'", [])?;
        until(&task, |status| status.state == SyncState::InStep && status.revision == Some(2)).await?;
        ensure!(catalogue.psql()?.run("SELECT id, notes FROM author")? == [format!("{}|by hand", author.id)]);
    }

    async fn many_rows_go_up_in_batches_and_no_small_transaction_is_divided(cluster: &Cluster) {
        const FAMILIES: usize = 2_500;
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let mut transactions = Vec::new();
        for _ in 0..FAMILIES {
            transactions.push(device.database().write(|tx| {
                let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("Prolific"))?;
                (0..6).try_for_each(|_| tx.repo_mut::<Book>().create(&BookDraft::new("Another", author.id)).map(drop))
            }));
        }
        for transaction in transactions {
            transaction.await?;
        }
        let mut heard = Vec::new();
        let report = device.exchange(catalogue.settings()).round(&mut |progress| heard.extend(taken(progress))).await?;
        ensure!(report.pushed == 7 * FAMILIES as u64 && report.pending == 0 && report.revision == 2, "{report:?}");
        ensure!(heard.last() == Some(&report.pushed) && heard.is_sorted(), "{heard:?}");
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT count(*) FROM author a JOIN book b ON b.author_id = a.id WHERE a.revision = b.revision")? == (6 * FAMILIES).to_string());
        ensure!(psql.value("SELECT max(rows) FROM (SELECT count(*) AS rows FROM (SELECT revision FROM author UNION ALL SELECT revision FROM book) AS r GROUP BY revision) AS b")?.parse::<usize>()? <= 10_000);
    }

    async fn a_transaction_larger_than_a_batch_goes_up_in_parts_parents_first(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.database().write(|tx| {
            for _ in 0..1_100 {
                let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("Prolific"))?;
                for _ in 0..10 {
                    tx.repo_mut::<Book>().create(&BookDraft::new("Another", author.id))?;
                }
            }
            Ok(())
        }).await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pushed == 12_100 && report.revision == 2 && report.quarantined.is_empty(), "{report:?}");
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM author WHERE revision = 1")? == "1100");
    }

    async fn two_devices_push_into_one_catalogue(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (one, other) = (Device::new(), Device::new());
        let (first, second) = (one.task(catalogue.settings()), other.task(catalogue.settings()));
        for number in 0..20 {
            one.author(&format!("one {number}")).await?;
            other.author(&format!("other {number}")).await?;
        }
        until(&first, |status| status.state == SyncState::InStep && status.pending == 0).await?;
        until(&second, |status| status.state == SyncState::InStep && status.pending == 0).await?;
        let deadline = Deadline::until("what two devices have made is on the server");
        while one.pending().await? + other.pending().await? > 0 {
            deadline.check()?;
            pause().await;
        }
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT count(DISTINCT name) || ' ' || count(*) FROM author")? == "40 40");
        ensure!(psql.value("SELECT count(*) FROM device")? == "2");
    }

    async fn a_deletion_that_is_undone_before_the_push_is_none(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        device.round(catalogue.settings()).await?;
        device.database().write(move |tx| tx.repo_mut::<Author>().delete(author.id)).await?;
        device.database().write(undoing::undo).await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        let mut psql = catalogue.psql()?;
        ensure!(psql.run("SELECT name FROM author")? == ["Ann"] && psql.value("SELECT count(*) FROM tombstone")? == "0");
    }

    async fn a_deletion_that_is_undone_after_the_push_brings_the_row_back_there(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        device.round(catalogue.settings()).await?;
        device.database().write(move |tx| tx.repo_mut::<Author>().delete(author.id)).await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT count(*) FROM tombstone")? == "1");
        device.database().write(undoing::undo).await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pushed == 1 && report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        ensure!(psql.run("SELECT name FROM author")? == ["Ann"] && psql.value("SELECT count(*) FROM tombstone")? == "0");
    }

    async fn what_was_made_and_deleted_here_leaves_no_trace_there(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Ann").await?;
        device.database().write(move |tx| tx.repo_mut::<Author>().delete(author.id)).await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(report.pushed == 0 && report.pending == 0, "{report:?}");
        ensure!(catalogue.psql()?.value("SELECT revision FROM catalogue_head")? == "0");
    }
}
