//! A batch on its way: what is accepted, what is quarantined, and what becomes of a batch that is sent twice or never
//! answered.

use anyhow::ensure;
use colophon_catalogue::Contribution;
use colophon_store::schema::Value;
use colophon_store::{Columns as _, InFlight};
use colophon_sync::central::{Batch, Error, QuarantineReason, RowChange, TableChanges};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use crate::work::{Based as _, TABLES, author, batch, book, device, id, push, told, wait_until_blocked};

const REVISION: &str = "SELECT revision FROM catalogue_head";

on_each_release! {
    async fn new_rows_of_all_tables_arrive_as_they_are(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let mut new = batch(1, vec![author(1, "Søren 🖋")], vec![book(2, 1, "Either/Or", Some("9780000000002"))]);
        let values = [Value::Uuid(id(3)), Value::Uuid(id(2)), Value::Uuid(id(1)), Value::Text("editor".to_owned()), Value::Integer(2),
            Value::Integer(-1), Value::Integer(253_402_300_799_999_999)];
        let contribution = RowChange { deletes: false, base_revision: 0, values: values.into(), edited: Vec::new() };
        new.tables.push(TableChanges { table: Contribution::TABLE, rows: vec![contribution] });
        let outcome = push(&mut connection, &device(1), &new).await?;
        ensure!(outcome.revision == 1 && outcome.mark.is_some() && outcome.quarantined.is_empty(), "{outcome:?}");
        let mut psql = catalogue.psql()?;
        psql.run("SET TIME ZONE 'UTC'")?;
        let authors = psql.run("SELECT id, name, birth_year IS NULL, created_at, revision FROM author")?;
        ensure!(authors == [format!("{}|Søren 🖋|t|2024-05-01 12:00:00+00|1", id(1))], "{authors:?}");
        ensure!(psql.run("SELECT author_id, title, isbn, revision FROM book")? == [format!("{}|Either/Or|9780000000002|1", id(1))]);
        let contributions = psql.run("SELECT role, position, created_at, updated_at FROM contribution")?;
        ensure!(contributions == ["editor|2|1969-12-31 23:59:59.999999+00|9999-12-31 23:59:59.999999+00"], "{contributions:?}");
        let devices = psql.run("SELECT id, name, last_batch FROM device")?;
        ensure!(devices == [format!("{}|device 1|1", id(0xdead_0001))]);
    }

    async fn a_change_based_on_the_current_revision_is_accepted_and_an_older_one_is_not(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a"), author(2, "b")], vec![])).await?;
        psql.run(&format!("UPDATE author SET name = 'foreign' WHERE id = '{}'", id(2)))?;
        let edits = batch(2, vec![author(1, "edited").over(1), author(2, "edited").over(1), author(3, "new")], vec![]);
        let outcome = push(&mut connection, &device(1), &edits).await?;
        ensure!(outcome.revision == 3 && outcome.quarantined.len() == 1, "{outcome:?}");
        ensure!((outcome.quarantined[0].id, &outcome.quarantined[0].reason) == (id(2), &QuarantineReason::Changed), "{outcome:?}");
        let names = psql.run("SELECT name, revision FROM author ORDER BY id")?;
        ensure!(names == ["edited|3", "foreign|2", "new|3"], "{names:?}");
    }

    async fn a_row_that_is_new_here_does_not_write_over_one_that_is_there(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        psql.run(&format!("INSERT INTO author (id, name, sort_name) VALUES ('{}', 'foreign', 'foreign')", id(1)))?;
        let outcome = push(&mut connection, &device(1), &batch(1, vec![author(1, "mine"), author(2, "other")], vec![])).await?;
        ensure!(outcome.quarantined.len() == 1 && outcome.quarantined[0].reason == QuarantineReason::Changed, "{outcome:?}");
        ensure!(psql.run("SELECT name FROM author ORDER BY id")? == ["foreign", "other"]);
    }

    async fn our_own_stamp_leaves_time_and_row_exactly_as_sent(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![])).await?;
        // The same time again: a foreign writer would have the time set.
        push(&mut connection, &device(1), &batch(2, vec![author(1, "b").over(1)], vec![])).await?;
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT name, updated_at = created_at FROM author")? == "b|t");
        ensure!(psql.run("SELECT old, device FROM history")? == [format!("{{\"name\": \"a\", \"sort_name\": \"a\"}}|{}", id(0xdead_0001))]);
    }

    async fn a_deletion_takes_the_row_and_leaves_its_last_content(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let new = batch(1, vec![author(1, "a"), author(2, "b")], vec![book(3, 1, "c", Some("9780000000002"))]);
        push(&mut connection, &device(1), &new).await?;
        // Edited and then deleted before the push: what the tombstone keeps is the edit.
        let gone = batch(2, vec![author(1, "a").over(1).deleted()], vec![book(3, 2, "edited", None).over(1).deleted()]);
        let outcome = push(&mut connection, &device(1), &gone).await?;
        ensure!(outcome.quarantined.is_empty(), "{outcome:?}");
        let mut psql = catalogue.psql()?;
        let graves = psql.run("SELECT entity, content->>'title', content->>'isbn', content->>'author_id', revision, device FROM tombstone ORDER BY 1")?;
        let device_id = id(0xdead_0001);
        ensure!(graves == [format!("author||||2|{device_id}"), format!("book|edited||{}|2|{device_id}", id(2))], "{graves:?}");
        ensure!(psql.value("SELECT count(*) FROM book")? == "0");
        ensure!(psql.run("SELECT name FROM author")? == ["b"]);
    }

    async fn a_tombstone_never_refers_to_a_parent_that_did_not_reach_the_server(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(3, 1, "c", None)])).await?;
        let gone = batch(2, vec![], vec![book(3, 77, "moved to an author that was deleted here at once", None).over(1).deleted()]);
        push(&mut connection, &device(1), &gone).await?;
        let kept = catalogue.psql()?.value("SELECT content->>'author_id' FROM tombstone")?;
        ensure!(kept == id(1).to_string(), "{kept}");
    }

    async fn deleting_what_is_deleted_already_waits_until_the_device_knows_of_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![])).await?;
        psql.run("DELETE FROM author")?;
        // The tombstone may keep something that the device has not seen, so its deletion is not taken for that one.
        let outcome = push(&mut connection, &device(1), &batch(2, vec![author(1, "a").over(1).deleted()], vec![])).await?;
        ensure!(outcome.quarantined.len() == 1 && outcome.quarantined[0].reason == QuarantineReason::Deleted, "{outcome:?}");
        ensure!(psql.value("SELECT revision FROM tombstone")? == "2", "the first deletion is the one that is remembered");
        // Of a deletion that was forgotten, nothing is left that could be deleted, and no tombstone would keep what
        // this deletion took along.
        psql.run(&format!("SELECT {}.purge(2)", catalogue.name()))?;
        let outcome = push(&mut connection, &device(1), &batch(3, vec![author(1, "a").over(1).deleted()], vec![])).await?;
        ensure!(outcome.quarantined.len() == 1 && outcome.quarantined[0].reason == QuarantineReason::Purged, "{outcome:?}");
    }

    async fn a_row_goes_back_over_the_tombstone_it_is_based_on_and_over_no_later_one(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![])).await?;
        psql.run("DELETE FROM author")?;
        for base in [0, 1] {
            let edit = batch(2 + base, vec![author(1, "edited").over(base)], vec![]);
            let outcome = push(&mut connection, &device(1), &edit).await?;
            ensure!(outcome.quarantined.len() == 1 && outcome.quarantined[0].reason == QuarantineReason::Deleted, "{outcome:?}");
        }
        let outcome = push(&mut connection, &device(1), &batch(9, vec![author(1, "back").over(2)], vec![])).await?;
        ensure!(outcome.quarantined.is_empty(), "{outcome:?}");
        ensure!(psql.run("SELECT name FROM author")? == ["back"] && psql.value("SELECT count(*) FROM tombstone")? == "0");
    }

    async fn a_row_whose_tombstone_was_purged_does_not_come_back_by_itself(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![])).await?;
        psql.run("DELETE FROM author; DELETE FROM tombstone; UPDATE catalogue_head SET purge_floor = 2")?;
        let outcome = push(&mut connection, &device(1), &batch(2, vec![author(1, "edited").over(1)], vec![])).await?;
        ensure!(outcome.quarantined.len() == 1 && outcome.quarantined[0].reason == QuarantineReason::Purged, "{outcome:?}");
        ensure!(psql.value("SELECT count(*) FROM author")? == "0");
    }

    async fn the_same_batch_sent_twice_is_applied_once(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        let new = batch(1, vec![author(1, "a")], vec![]);
        let first = push(&mut connection, &device(1), &new).await?;
        psql.run("UPDATE author SET name = 'foreign'")?;
        let again = push(&mut connection, &device(1), &new).await?;
        ensure!(again == told(first), "{again:?}");
        ensure!(psql.run("SELECT name, revision FROM author")? == ["foreign|2"]);
        ensure!(psql.value(REVISION)? == "2", "a repetition is no revision");
    }

    async fn the_fate_of_a_batch_can_be_asked_by_another_connection(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let device = device(1);
        let unseen = batch(1, vec![author(1, "a")], vec![]);
        ensure!(connection.fate(&device, unseen.in_flight()).await?.is_none(), "a device the server never saw");
        let first = Batch { number: 2, ..unseen };
        push(&mut connection, &device, &first).await?;
        let partly = batch(3, vec![author(1, "old").over(7), author(2, "b")], vec![]);
        // The acknowledgement is lost.
        let sent = push(&mut connection, &device, &partly).await?;
        drop(connection);
        let mut connection = catalogue.open().await?;
        ensure!(connection.fate(&device, partly.in_flight()).await? == Some(told(sent)));
        let never = batch(4, vec![author(3, "c")], vec![]);
        for _ in 0..2 {
            ensure!(connection.fate(&device, never.in_flight()).await?.is_none(), "a batch that never arrived");
        }
        // A copy of the file has kept another batch under the number, or an earlier one, and has heard of neither.
        for other in [batch(3, vec![author(4, "d")], vec![]), batch(2, vec![author(4, "d")], vec![])] {
            let fate = connection.fate(&device, other.in_flight()).await;
            ensure!(fate == Err(Error::BatchNumberUsed { number: other.number }), "{fate:?}");
        }
        ensure!(catalogue.psql()?.value(REVISION)? == "2", "a question is no revision");
    }

    async fn a_question_for_the_fate_waits_for_a_connection_that_is_still_committing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut zombie, mut observer) = (catalogue.psql()?, cluster.psql()?);
        let mut connection = catalogue.open().await?;
        let device = device(1);
        push(&mut connection, &device, &batch(1, vec![author(1, "a")], vec![])).await?;
        // As another connection of this device would have left it, with its COMMIT still to come.
        zombie.run("BEGIN")?;
        zombie.run(&format!(
            "UPDATE author SET name = 'late';
             INSERT INTO batch (device, number, token, revision, result) VALUES ('{}', 2, '{}', 2, '[]')", device.id, device.id))?;
        let ours = format!("SELECT pid FROM pg_stat_activity WHERE usename = '{}_ann'", catalogue.name());
        let backend = observer.value(&ours)?.parse()?;
        let sent = InFlight { number: 2, token: device.id };
        let asking = tokio::spawn(async move { connection.fate(&device, sent).await });
        wait_until_blocked(&mut observer, backend)?;
        zombie.run("COMMIT")?;
        let fate = asking.await??;
        ensure!(fate.as_ref().is_some_and(|fate| fate.revision == 2 && fate.quarantined.is_empty()), "{fate:?}");
    }

    async fn a_number_that_carried_something_else_is_refused(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(5, vec![author(1, "a")], vec![])).await?;
        // An older copy of the file is the same device and counts on from where it was.
        for number in [5, 4] {
            let refused = push(&mut connection, &device(1), &batch(number, vec![author(2, "b")], vec![])).await;
            ensure!(refused == Err(Error::BatchNumberUsed { number }), "{refused:?}");
        }
        ensure!(psql.run("SELECT name FROM author")? == ["a"] && psql.value(REVISION)? == "1");
        push(&mut connection, &device(1), &batch(6, vec![author(2, "b")], vec![])).await?;
    }

    async fn staging_takes_no_lock_and_writing_waits_for_its_turn(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql, mut observer) = (catalogue.open().await?, catalogue.psql()?, cluster.psql()?);
        psql.run("BEGIN; INSERT INTO author (name, sort_name) VALUES ('foreign', 'foreign')")?;
        let ours = format!("SELECT pid FROM pg_stat_activity WHERE usename = '{}_ann'", catalogue.name());
        let backend = observer.value(&ours)?.parse()?;
        let (device, new) = (device(1), batch(1, vec![author(1, "a")], vec![]));
        let staged = connection.stage(&device, &new, TABLES).await?;
        let (outcome, committed) = tokio::join!(staged.apply(), async {
            let waited = tokio::task::block_in_place(|| wait_until_blocked(&mut observer, backend));
            waited.and_then(|()| Ok(psql.run("COMMIT")?))
        });
        committed?;
        ensure!(outcome?.revision == 2);
        ensure!(psql.run("SELECT name FROM author ORDER BY revision")? == ["foreign", "a"]);
    }

    async fn nothing_is_left_of_a_batch_in_the_session(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        for number in 1..=3 {
            let new = batch(number, vec![author(number.unsigned_abs().into(), "a")], vec![]);
            push(&mut connection, &device(1), &new).await?;
        }
        let left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'push\\_%'";
        ensure!(cluster.psql()?.value(left)? == "0");
    }

    async fn a_thousand_batches_later_the_first_is_forgotten(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        for number in [1, 2, 1024] {
            push(&mut connection, &device(1), &batch(number, vec![author(number.unsigned_abs().into(), "a")], vec![])).await?;
        }
        ensure!(catalogue.psql()?.run("SELECT number FROM batch")? == ["1024"]);
    }
}
