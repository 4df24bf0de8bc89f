//! What a file forgets of its own past: late, a little at a time, and nothing that is still needed.

use anyhow::{Context as _, ensure};
use colophon_catalogue::schema::TABLES;
use colophon_store::clock::{Clock as _, SystemClock};
use colophon_store::pruning::{Kept, PruneStep};
use colophon_store::{Sql, WriteSession};
use colophon_tests::device::Device;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use colophon_tests::undoing;
use jiff::SignedDuration;

/// Long enough ago for anything.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(-24 * 200);

const FEW: Kept = Kept { acts: 5, days: 90 };

async fn prune(device: &Device, kept: Kept, purge_floor: i64) -> anyhow::Result<()> {
    let step = move |tx: &WriteSession<'_>| tx.prune_journal(TABLES, kept);
    while device.database().write(step).await? == PruneStep::More {}
    let find = move |s: &colophon_store::ReadSession<'_>| s.forgettable(kept, purge_floor, SystemClock.now());
    for part in device.database().read(find).await?.into_parts() {
        device.database().write(move |tx| tx.forget(&part)).await?;
    }
    Ok(())
}

async fn count(device: &Device, what: Sql) -> anyhow::Result<i64> {
    let count = device
        .database()
        .read(move |s| s.query_first(&what, [], |row| row.get(0)))
        .await?;
    count.context("a count")
}

/// How many transactions.
async fn forgotten(device: &Device) -> anyhow::Result<u64> {
    Ok(device.database().read(|s| s.pruned()).await?.acts)
}

const LINES: Sql = Sql::new("SELECT count(*) FROM edit");
const ACTS: Sql = Sql::new("SELECT count(DISTINCT act) FROM edit");
const DELETED: Sql = Sql::new("SELECT count(*) FROM deleted");

on_each_release! {
    async fn of_the_journal_what_is_old_goes_and_nothing_of_what_waits(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.set_clock(LONG_AGO);
        let (sent, waits) = (device.author("sent").await?.id, device.author("waits").await?.id);
        for number in 0..10 {
            device.rename(sent, &format!("sent {number}")).await?;
        }
        device.rest(catalogue.settings()).await?;
        device.rename(waits, "edited and not sent").await?;
        // Old, but there are few.
        prune(&device, Kept::default(), 0).await?;
        ensure!(count(&device, LINES).await? == 13);
        // Many, but not old.
        device.set_clock(SignedDuration::ZERO);
        prune(&device, Kept { acts: 5, days: 365 }, 0).await?;
        ensure!(count(&device, LINES).await? == 13);
        prune(&device, FEW, 0).await?;
        // The last five, and what was said about the one that waits, when it was made and edited.
        ensure!(count(&device, ACTS).await? == 6, "{}", count(&device, ACTS).await?);
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty() && audit.pending == 2, "{audit:?}");
        ensure!(audit.pruned >= 7 && forgotten(&device).await? == 7, "{audit:?}");
        for name in ["a", "b", "c", "d", "e"] {
            device.rename(sent, name).await?;
        }
        device.rest(catalogue.settings()).await?;
        prune(&device, FEW, 0).await?;
        ensure!(count(&device, ACTS).await? == 5);
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty() && forgotten(&device).await? == 13, "{audit:?}");
        // What is left can be undone, and no more.
        for _ in 0..5 {
            ensure!(device.database().write(undoing::undo).await?.is_some());
        }
        ensure!(device.database().write(undoing::undo).await?.is_none());
    }

    async fn a_transaction_goes_as_a_whole_or_not_at_all(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.set_clock(LONG_AGO);
        let (one, other) = (device.author("one").await?.id, device.author("other").await?.id);
        device.rest(catalogue.settings()).await?;
        device.database().write(move |tx| {
            let authors = tx.repo_mut::<colophon_catalogue::Author>();
            authors.change(one, |author| { "1".clone_into(&mut author.name); Ok(()) })?;
            authors.change(other, |author| { author.email = Some("o@example.org".to_owned()); Ok(()) })
        }).await?;
        device.rest(catalogue.settings()).await?;
        device.rename(other, "edited and not sent").await?;
        device.set_clock(SignedDuration::ZERO);
        prune(&device, Kept { acts: 0, days: 90 }, 0).await?;
        // The first act made `one` alone; all others name the record that waits.
        ensure!(count(&device, ACTS).await? == 3 && count(&device, LINES).await? == 4);
    }

    async fn a_deletion_is_remembered_until_the_server_has_forgotten_it_and_the_journal_too(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.set_clock(LONG_AGO);
        let (gone, kept) = (device.author("gone").await?.id, device.author("kept").await?.id);
        device.rest(catalogue.settings()).await?;
        device.delete_author(gone).await?;
        device.rest(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        let floor: i64 = psql.value("SELECT revision FROM catalogue_head")?.parse()?;
        device.rename(kept, "later").await?;
        device.rest(catalogue.settings()).await?;
        device.set_clock(SignedDuration::ZERO);
        let nothing = Kept { acts: 0, days: 90 };
        // The journal names it, so the audit accounts for what was said about it.
        prune(&device, Kept::default(), floor).await?;
        ensure!(count(&device, DELETED).await? == 1 && device.audit(catalogue.settings()).await?.unaccounted.is_empty());
        // The server remembers it.
        prune(&device, nothing, 0).await?;
        ensure!(count(&device, DELETED).await? == 1 && count(&device, LINES).await? == 0);
        prune(&device, nothing, floor).await?;
        ensure!(count(&device, DELETED).await? == 0);
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty() && audit.edits == 0 && forgotten(&device).await? == 4, "{audit:?}");
    }

    async fn a_file_prunes_itself_after_a_round_a_little_at_a_time(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        device.author("Homer").await?;
        device.rest(catalogue.settings()).await?;
        // A year of edits of a record that somebody has purged everywhere.
        let year = Sql::new(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 16000)
             INSERT INTO edit(id, act, at, entity, kind, entity_id, count, before, after)
             SELECT 10 + i, 10 + i, 1, 'author', 'update', zeroblob(16), 1, '{\"name\":\"a\"}', '{\"name\":\"b\"}' FROM n",
        );
        device.database().write(move |tx| tx.execute("edit", &year, [])).await?;
        let mut left = vec![count(&device, LINES).await?];
        let forget_when = Sql::new("UPDATE pruned SET at=0");
        device.database().write(move |tx| tx.execute("pruned", &forget_when, [])).await?;
        while left.len() < 5 && left.last() != Some(&10_001) {
            device.round(catalogue.settings()).await?;
            left.push(count(&device, LINES).await?);
        }
        ensure!(left == [16_001, 12_002, 10_001], "{left:?}");
        // In step, and looked through: nothing more to do for a day.
        device.round(catalogue.settings()).await?;
        ensure!(count(&device, LINES).await? == 10_001);
    }
}
