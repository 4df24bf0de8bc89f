//! What the server refuses, and what it refuses only for now.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use colophon_store::schema::Value;
use colophon_sync::central::{Batch, Central, Error, Limits};
use colophon_tests::on_each_release_and_in_german;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use crate::work::{Based as _, author, batch, book, device, id, push};

async fn refusal(catalogue: &CentralCatalogue<'_>, bad: &Batch) -> anyhow::Result<Error> {
    let mut connection = catalogue.open().await?;
    let error = push(&mut connection, &device(1), bad)
        .await
        .err()
        .context("it was accepted")?;
    // The connection can still be used, and nothing was written.
    let outcome = push(
        &mut connection,
        &device(1),
        &batch(100, vec![author(9, "after")], vec![]),
    )
    .await?;
    ensure!(outcome.quarantined.is_empty());
    let names = catalogue.psql()?.run("SELECT name FROM author ORDER BY id")?;
    ensure!(names == ["after"], "{names:?}");
    Ok(error)
}

on_each_release_and_in_german! {
    async fn a_row_beyond_a_limit_is_refused_with_the_limits_name(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let error = refusal(&catalogue, &batch(1, vec![author(1, "good"), author(2, &"x".repeat(501))], vec![])).await?;
        let Error::Refused { constraint, reason, .. } = error else { anyhow::bail!("{error}") };
        ensure!(constraint.as_deref() == Some("author_name_check"), "{reason}");
        ensure!(!reason.contains("xxx"), "{reason}");
    }

    async fn a_text_with_nul_is_refused(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let error = refusal(&catalogue, &batch(1, vec![author(1, "a\0b")], vec![])).await?;
        ensure!(error.code() == "refused", "{error}");
    }

    async fn a_number_that_no_integer_holds_is_refused(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut bad = author(1, "a");
        bad.values[3] = Value::Integer(i64::from(i32::MAX) + 1);
        let error = refusal(&catalogue, &batch(1, vec![bad], vec![])).await?;
        ensure!(error.code() == "refused" && error.to_string().contains("birth_year"), "{error}");
    }

    async fn a_trigger_of_the_customers_may_refuse_a_row_in_its_own_words(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(
            "CREATE FUNCTION no_x() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.name = 'x' THEN RAISE 'x is not welcome here'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER no_x BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION no_x()",
        )?;
        let error = refusal(&catalogue, &batch(1, vec![author(1, "good"), author(2, "x")], vec![])).await?;
        ensure!(error.code() == "refused" && error.to_string().contains("x is not welcome here"), "{error}");
    }

    async fn a_row_that_a_policy_denies_is_refused_as_a_row_and_not_as_a_lack_of_rights(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(
            "ALTER TABLE author ENABLE ROW LEVEL SECURITY;
             CREATE POLICY all_but_x ON author USING (true) WITH CHECK (name <> 'x')",
        )?;
        let error = refusal(&catalogue, &batch(1, vec![author(1, "good"), author(2, "x")], vec![])).await?;
        ensure!(error.code() == "refused", "{error}");
    }

    async fn a_row_that_a_policy_silently_leaves_out_is_refused_aloud(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        push(&mut connection, &device(1), &batch(1, vec![author(1, "x"), author(2, "y")], vec![])).await?;
        catalogue.psql()?.run(
            "ALTER TABLE author ENABLE ROW LEVEL SECURITY;
             CREATE POLICY seen ON author FOR SELECT USING (true);
             CREATE POLICY made ON author FOR INSERT WITH CHECK (true);
             CREATE POLICY changed ON author FOR UPDATE USING (name <> 'x');
             CREATE POLICY gone ON author FOR DELETE USING (name <> 'x')",
        )?;
        for bad in [author(1, "edited").over(1), author(1, "x").over(1).deleted()] {
            let error = push(&mut connection, &device(1), &batch(2, vec![bad], vec![])).await.err().context("it was accepted")?;
            ensure!(error.code() == "refused", "{error}");
        }
        let good = batch(2, vec![author(2, "edited").over(1)], vec![]);
        ensure!(push(&mut connection, &device(1), &good).await?.quarantined.is_empty());
    }

    async fn a_lack_of_rights_on_a_whole_table_is_told_as_that(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(&format!("REVOKE INSERT ON book FROM {}_editor", catalogue.name()))?;
        let error = refusal(&catalogue, &batch(1, vec![author(1, "a")], vec![book(2, 1, "b", None)])).await?;
        ensure!(error.code() == "not_allowed" && error.to_string().contains("book"), "{error}");
    }

    async fn a_head_that_is_locked_for_too_long_is_busy_and_says_so(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut slow = catalogue.psql()?;
        slow.run("BEGIN; INSERT INTO author (name, sort_name) VALUES ('slow', 'slow')")?;
        let limits = Limits { lock: Duration::from_millis(50), ..Limits::default() };
        let (mut connection, _) = Central::with_limits(catalogue.settings(), limits).open().await?;
        let new = batch(1, vec![author(1, "a")], vec![]);
        let error = push(&mut connection, &device(1), &new).await.err().context("the head was not locked")?;
        ensure!(error.code() == "busy" && error.passes_by_itself(), "{error}");
        slow.run("COMMIT")?;
        push(&mut connection, &device(1), &new).await?;
    }

    async fn a_statement_that_takes_too_long_is_ended_by_the_server(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;
             CREATE TRIGGER slow BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION slow()",
        )?;
        let limits = Limits { statement: Duration::from_millis(100), ..Limits::default() };
        let (mut connection, _) = Central::with_limits(catalogue.settings(), limits).open().await?;
        let new = batch(1, vec![author(1, "a")], vec![]);
        let error = push(&mut connection, &device(1), &new).await.err().context("it did not take long")?;
        ensure!(error.code() == "unavailable" && error.passes_by_itself(), "{error}");
    }

    async fn a_server_that_falls_silent_is_given_up_and_its_lock_with_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.name = 'slow' THEN PERFORM pg_sleep(600); END IF; RETURN NEW; END $$;
             CREATE TRIGGER slow BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION slow()",
        )?;
        let limits = Limits { answer: Duration::from_millis(200), ..Limits::default() };
        let (mut connection, _) = Central::with_limits(catalogue.settings(), limits).open().await?;
        let error = push(&mut connection, &device(1), &batch(1, vec![author(1, "slow")], vec![])).await.err().context("it answered")?;
        ensure!(error.code() == "timeout", "{error}");
        drop(connection);
        // Only our own: other tests of this cluster let servers sleep as well.
        catalogue.psql()?.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE wait_event = 'PgSleep' AND query LIKE '%' || current_schema() || '%'",
        )?;
        let mut connection = catalogue.open().await?;
        push(&mut connection, &device(1), &batch(2, vec![author(2, "b")], vec![])).await?;
    }

    async fn the_rows_of_a_refused_batch_are_found_by_halving(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let rows = (1..=40).map(|number| author(number, if number == 17 { "" } else { "good" })).collect();
        let mut waiting = vec![batch(0, rows, vec![])];
        let (mut number, mut found) = (0, Vec::new());
        while let Some(mut next) = waiting.pop() {
            number += 1;
            next.number = number;
            match push(&mut connection, &device(1), &next).await {
                Ok(_) => (),
                Err(Error::Refused { .. }) => match next.clone().halves() {
                    Some((first, second)) => waiting.extend([second, first]),
                    None => found.push(next.tables[0].rows[0].id()),
                },
                Err(other) => return Err(other.into()),
            }
        }
        ensure!(found == [Some(id(17))], "{found:?}");
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM author")? == "39");
    }
}

/// Otherwise the tests above that run on it would show nothing.
#[test]
fn the_german_server_speaks_german() -> anyhow::Result<()> {
    let refused = Cluster::german()?.psql()?.run("SELECT 1 / 0");
    ensure!(
        refused.is_err_and(|error| error.code == "22012" && error.message == "Division durch Null"),
        "install the translations of PostgreSQL's messages: they are part of its package, unless this machine leaves them out"
    );
    Ok(())
}
