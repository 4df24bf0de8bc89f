//! What the server keeps, what it forgets, and what it must not keep at the same time.

use anyhow::ensure;
use colophon_store::EntityId as _;
use colophon_sync::central::Central;
use colophon_sync::verify::Difference;
use colophon_tests::device::Device;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

const AUTHOR: &str = "INSERT INTO author (name, sort_name) VALUES ('a', 'a')";

on_each_release! {
    async fn the_only_device_there_is_keeps_no_tombstone_of_what_it_deleted_itself(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let mut authors = Vec::new();
        for number in 0..20 {
            authors.push(device.author(&format!("author {number}")).await?.id);
        }
        device.round(catalogue.settings()).await?;
        for author in authors {
            device.delete_author(author).await?;
        }
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT count(*) FROM tombstone")? == "20");
        ensure!(psql.value("SELECT purge()")? == "20");
        // It has come as far as the server forgot, so it has nothing to compare.
        let author = device.author("one more").await?.id;
        device.round(catalogue.settings()).await?;
        ensure!(device.find_author(author).await?.is_some() && psql.value("SELECT count(*) FROM author")? == "1");
    }

    async fn what_another_device_has_not_heard_of_is_kept_until_that_one_is_retired(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (lost, here) = (Device::named("lost"), Device::named("here"));
        lost.author("Homer").await?;
        lost.round(catalogue.settings()).await?;
        let author = here.author("Hesiod").await?.id;
        here.round(catalogue.settings()).await?;
        here.delete_author(author).await?;
        here.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT purge()")? == "0");
        let owner = Central::new(catalogue.as_superuser()).connect().await?;
        let devices = owner.devices().await?;
        ensure!(devices.iter().map(|device| device.name.as_str()).eq(["lost", "here"]), "{devices:?}");
        ensure!(catalogue.open().await?.retire_device("lost").await.is_err_and(|error| error.to_string().contains("member of")));
        ensure!(owner.retire_device("lost").await? == devices[0].id);
        ensure!(owner.devices().await?[1].retired_at.is_some());
        ensure!(psql.value("SELECT purge()")? == "1");
        // It comes back after all, and everybody waits for it again.
        lost.author("Sappho").await?;
        lost.round(catalogue.settings()).await?;
        lost.round(catalogue.settings()).await?;
        ensure!(lost.find_author(author).await?.is_none());
        ensure!(owner.devices().await?.iter().all(|device| device.retired_at.is_none()));
    }

    async fn two_devices_of_one_name_are_told_apart_by_their_ids(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        for _ in 0..2 {
            let device = Device::named("twin");
            device.author("a").await?;
            device.round(catalogue.settings()).await?;
        }
        let owner = Central::new(catalogue.as_superuser()).connect().await?;
        let refused = owner.retire_device("twin").await;
        let words = refused.map_err(|error| error.to_string()).err().unwrap_or_default();
        ensure!(words.contains("2 devices are called twin"), "{words}");
        let id = owner.devices().await?[0].id;
        ensure!(owner.retire_device(&id.to_string()).await? == id);
    }

    async fn stories_are_forgotten_up_to_a_time_as_far_as_all_have_heard_of_them(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run(AUTHOR)?;
        for name in ["b", "c", "d"] {
            psql.run(&format!("UPDATE author SET name = '{name}'"))?;
        }
        psql.run("UPDATE history SET changed_at = now() - interval '2 years' WHERE revision < 4")?;
        ensure!(psql.value("SELECT purge_history(now() - interval '1 year')")? == "2");
        ensure!(psql.value("SELECT count(*) FROM history")? == "1");
        ensure!(psql.value("SELECT history_purged < now() FROM catalogue_head")? == "t");
        psql.run("INSERT INTO device (id, name, app_version, acknowledged_revision) VALUES (gen_random_uuid(), 'slow', '1', 2)")?;
        ensure!(psql.value("SELECT purge_history(now())")? == "0", "the slow one has not heard of it");
        psql.run("SELECT retire_device('slow')")?;
        ensure!(psql.value("SELECT purge_history(now())")? == "1");
    }

    async fn of_old_marks_one_an_hour_is_kept_and_those_that_devices_may_ask_for(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO lineage (revision, opened_at)
            SELECT n, date_trunc('hour', now()) - interval '200 days' + n / 10 * interval '1 hour' FROM generate_series(1, 1994) AS n")?;
        psql.run("INSERT INTO device (id, name, app_version, acknowledged_revision) VALUES (gen_random_uuid(), 'slow', '1', 777)")?;
        psql.run("UPDATE catalogue_head SET revision = 1994")?;
        for _ in 0..5 {
            psql.run(AUTHOR)?;
        }
        ensure!(psql.value("SELECT count(*) FROM lineage")? == "1999");
        psql.run(AUTHOR)?;
        // The newest thousand; of the thousand before, one in ten; and the one at which a device is.
        let kept = psql.value("SELECT count(*) FILTER (WHERE revision >= 1000) || ' ' || count(*) FILTER (WHERE revision < 1000) FROM lineage")?;
        ensure!(kept == "1001 101", "{kept}");
        ensure!(psql.value("SELECT count(*) FROM lineage WHERE revision = 777")? == "1");
    }

    async fn what_is_there_and_deleted_at_once_is_not_told_twice_and_is_healed(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let author = device.author("Homer").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        // As pg_restore --disable-triggers and logical replication leave it.
        psql.run("DELETE FROM author")?;
        psql.run("BEGIN; SET LOCAL session_replication_role = replica;
            INSERT INTO author (id, name, sort_name, revision) SELECT id, 'Homeros', 'Homeros', revision FROM tombstone; COMMIT")?;
        let connection = catalogue.open().await?;
        ensure!(connection.count_undead().await? == 1);
        for _ in 0..3 {
            device.round(catalogue.settings()).await?;
        }
        ensure!(device.find_author(author.id).await?.map(|author| author.name).as_deref() == Some("Homeros"));
        ensure!(device.conflicts().await?.is_empty() && device.pending().await? == 0);
        let before = psql.value("SELECT revision FROM catalogue_head")?;
        let healed = device.exchange(catalogue.settings()).verify().await?.healed;
        let named: Vec<_> = healed.iter().map(|one| (one.entity, one.id, one.difference)).collect();
        ensure!(named == [("author", author.id.uuid(), Difference::ThereAndDeleted)], "{healed:?}");
        ensure!(connection.count_undead().await? == 0 && psql.value("SELECT count(*) FROM tombstone")? == "0");
        ensure!(psql.value("SELECT revision FROM catalogue_head")? != before, "everybody is told");
        // An edit of it is not taken for one of a deleted record.
        device.rename(author.id, "Homer").await?;
        device.round(catalogue.settings()).await?;
        ensure!(psql.value("SELECT name FROM author")? == "Homer");
    }
}
