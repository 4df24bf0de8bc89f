//! A small batch sent in one piece: the result is the same as for one sent by stages, and nothing if it comes too late.

use anyhow::{Context as _, ensure};
use colophon_sync::central::{Batch, Central, Error, Outcome, RowChange};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Psql};

use crate::work::{
    Based as _, TABLES, author, batch, book, device, push, push_by_stages, told, wait_until_so_many_wait,
};

/// Everything that a push leaves behind, except for when.
const EVERYTHING: &str = "
    SELECT 'author', id::text, name, coalesce(notes, '-'), revision FROM author
    UNION ALL SELECT 'book', id::text, title, coalesce(isbn, '-') || ' ' || author_id, revision FROM book
    UNION ALL SELECT 'tombstone', id::text, entity, content::text || coalesce(device::text, '-'), revision FROM tombstone
    UNION ALL SELECT 'history', id::text, kind, old::text || coalesce(device::text, '-'), revision FROM history
    UNION ALL SELECT 'batch', device::text, number::text, result::text, revision FROM batch
    UNION ALL SELECT 'device', id::text, name, app_version || ' ' || last_batch, acknowledged_revision FROM device
    UNION ALL SELECT 'head', '', '', '', revision FROM catalogue_head
    ORDER BY 1, 2, 3, 4, 5";

/// What happens, one after another: whether it can go at once, its authors, its books, and what another program does
/// before it.
type Chapter = (bool, Vec<RowChange>, Vec<RowChange>, &'static str);

const CHANGED: &str = "UPDATE author SET name = 'theirs' WHERE name LIKE 'a%'";
const COME_AND_GONE: &str = "INSERT INTO author (id, name, sort_name, created_at, updated_at)
    VALUES ('01900000-0000-7000-8000-000000000009', 'n', 'n', '2024-05-01', '2024-05-01'); DELETE FROM author WHERE name = 'n'";

fn story() -> Vec<(bool, Batch, &'static str)> {
    let (one, two) = (Some("9780000000001"), Some("9780000000002"));
    let (x, y, z) = (book(3, 1, "x", one), book(4, 2, "y", None), book(5, 1, "z", one));
    let q = book(11, 10, "q", None);
    let (clash, orphan) = (book(7, 1, "clash", one), book(8, 77, "orphan", None));
    let chapters: Vec<Chapter> = vec![
        (true, vec![author(1, "a"), author(2, "b")], vec![x, y.clone()], ""),
        (
            true,
            vec![author(1, "a, changed").over(1)],
            vec![book(3, 2, "x", two).over(1), z],
            "",
        ),
        // Changed there since.
        (false, vec![author(1, "mine").over(2)], vec![], CHANGED),
        // Held by another, referring to nobody, and one that could go.
        (false, vec![author(6, "c")], vec![clash, orphan], ""),
        // Deleted as it is there.
        (true, vec![], vec![y.over(1).deleted()], ""),
        // Deleted with another last content.
        (false, vec![], vec![book(5, 1, "z, changed", one).over(2).deleted()], ""),
        // Still needed there.
        (false, vec![author(2, "b").over(1).deleted()], vec![], ""),
        // New here, deleted there.
        (false, vec![author(9, "gone")], vec![], COME_AND_GONE),
        // Brought back over its tombstone.
        (false, vec![], vec![book(4, 2, "y again", None).over(5)], ""),
        // A parent that comes and goes together with its child.
        (true, vec![author(10, "p")], vec![q.clone()], ""),
        (
            true,
            vec![author(10, "p").over(10).deleted()],
            vec![q.over(10).deleted()],
            "",
        ),
    ];
    let numbered = chapters.into_iter().zip(1..);
    let batches =
        numbered.map(|((at_once, authors, books, before), number)| (at_once, batch(number, authors, books), before));
    batches.collect()
}

async fn play(catalogue: &CentralCatalogue<'_>, at_once: bool) -> anyhow::Result<(Vec<Outcome>, Psql)> {
    let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
    let mut outcomes = Vec::new();
    for (goes_at_once, batch, before) in story() {
        psql.run(before)?;
        if at_once {
            let went = connection.push_at_once(&device(1), &batch, TABLES).await?;
            ensure!(went.is_some() == goes_at_once, "batch {}: {went:?}", batch.number);
            if let Some(outcome) = went {
                outcomes.push(Outcome { mark: None, ..outcome });
                continue;
            }
        }
        let outcome = push_by_stages(&mut connection, &device(1), &batch).await?;
        outcomes.push(Outcome { mark: None, ..outcome });
    }
    Ok((outcomes, psql))
}

on_each_release! {
    async fn a_small_batch_comes_to_the_same_at_once_and_by_stages(cluster: &Cluster) {
        let (one, other) = (CentralCatalogue::new(cluster).await?, CentralCatalogue::new(cluster).await?);
        let (at_once, mut here) = play(&one, true).await?;
        let (by_stages, mut there) = play(&other, false).await?;
        ensure!(at_once == by_stages, "{at_once:#?}\n{by_stages:#?}");
        let (here, there) = (here.run(EVERYTHING)?, there.run(EVERYTHING)?);
        ensure!(here.len() > 25 && here == there, "{here:#?}\n{there:#?}");
    }

    async fn what_comes_after_its_fate_was_asked_is_not_written(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut first, mut second) = (catalogue.open().await?, catalogue.open().await?);
        let (device, late) = (device(1), batch(1, vec![author(1, "late")], vec![]));
        ensure!(second.fate(&device, late.in_flight()).await?.is_none());
        for _ in 0..2 {
            let refused = push(&mut first, &device, &late).await;
            ensure!(refused == Err(Error::BatchNumberUsed { number: 1 }), "{refused:?}");
        }
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT count(*) FROM author")? == "0");
        let next = push(&mut first, &device, &batch(2, vec![author(1, "next")], vec![])).await?;
        ensure!(next.revision == 1 && next.quarantined.is_empty(), "{next:?}");
        // Asked again, the answer is the same.
        ensure!(second.fate(&device, late.in_flight()).await?.is_none());
        ensure!(psql.run("SELECT name FROM author")? == ["next"]);
    }

    async fn a_batch_that_waits_on_the_server_while_its_fate_is_asked_never_comes(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut sender, mut asker) = (catalogue.open().await?, catalogue.open().await?);
        let (mut holder, mut observer) = (catalogue.psql()?, cluster.psql()?);
        let (device, waiting) = (device(1), batch(1, vec![author(1, "late")], vec![]));
        push(&mut sender, &device, &batch(2, vec![author(2, "known")], vec![])).await?;
        let waiting = Batch { number: 3, ..waiting };
        holder.run("BEGIN; SELECT open_revision()")?;
        let (sent, asked) = (device.clone(), waiting.clone());
        let sending = tokio::spawn(async move { sender.push_at_once(&sent, &asked, TABLES).await });
        wait_until_so_many_wait(&mut observer, &catalogue, 1).await?;
        // Whoever holds the head keeps nobody from the answer.
        ensure!(asker.fate(&device, waiting.in_flight()).await?.is_none());
        holder.run("COMMIT")?;
        ensure!(sending.await??.is_none(), "it was written after all");
        ensure!(catalogue.psql()?.run("SELECT name FROM author")? == ["known"]);
    }

    async fn a_batch_that_is_being_noted_while_its_fate_is_asked_comes_and_is_no_deadlock(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut sender, mut asker) = (catalogue.open().await?, catalogue.open().await?);
        let (mut holder, mut observer) = (catalogue.psql()?, cluster.psql()?);
        let device = device(1);
        push(&mut sender, &device, &batch(1, vec![author(1, "known")], vec![])).await?;
        // Somebody holds the row of the device, and whoever notes the batch is the first to wait for it.
        for (number, by_stages) in [(2, false), (3, true)] {
            holder.run("BEGIN; SELECT FROM device FOR NO KEY UPDATE")?;
            let noted = batch(number, vec![author(u128::from(number.unsigned_abs()), "noted")], vec![]);
            let (sent, asked, known) = (device.clone(), noted.clone(), device.clone());
            let sending = tokio::spawn(async move {
                let outcome = if by_stages {
                    push_by_stages(&mut sender, &sent, &asked).await.map(Some)
                } else {
                    sender.push_at_once(&sent, &asked, TABLES).await
                };
                (sender, outcome)
            });
            wait_until_so_many_wait(&mut observer, &catalogue, 1).await?;
            let batch = noted.in_flight();
            let asking = tokio::spawn(async move { (asker.fate(&known, batch).await, asker) });
            wait_until_so_many_wait(&mut observer, &catalogue, 2).await?;
            holder.run("COMMIT")?;
            let (sent, fate): (colophon_sync::central::Result<Option<Outcome>>, _);
            (sender, sent) = sending.await?;
            (fate, asker) = asking.await?;
            let sent = sent?.context("it was not written")?;
            ensure!(sent.revision == number && fate? == Some(told(sent)));
        }
        ensure!(catalogue.psql()?.run("SELECT name FROM author ORDER BY id")? == ["known", "noted", "noted"]);
    }

    async fn a_batch_that_arrived_at_once_is_known_and_hinted_at(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, listener) = (catalogue.open().await?, Central::new(catalogue.settings()));
        let (listening, _) = listener.open().await?;
        let mut hints = listener.hints();
        listening.listen().await?;
        let (device, new) = (device(1), batch(1, vec![author(1, "a")], vec![]));
        let Some(outcome) = connection.push_at_once(&device, &new, TABLES).await? else {
            anyhow::bail!("it did not go at once");
        };
        ensure!(outcome.as_sent && outcome.revision == 1, "{outcome:?}");
        hints.changed().await?;
        ensure!(*hints.borrow() == 1);
        ensure!(connection.fate(&device, new.in_flight()).await? == Some(told(outcome)));
    }

    async fn with_triggers_of_others_it_is_not_said_to_be_as_sent(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        psql.run("CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END';
            CREATE TRIGGER shout BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION shout()")?;
        let at_once = connection.push_at_once(&device(1), &batch(1, vec![author(1, "a")], vec![]), TABLES).await?;
        ensure!(at_once.is_some_and(|outcome| !outcome.as_sent));
        let by_stages = push_by_stages(&mut connection, &device(1), &batch(2, vec![author(2, "b")], vec![])).await?;
        ensure!(!by_stages.as_sent);
        ensure!(psql.run("SELECT name FROM author ORDER BY id")? == ["A", "B"]);
    }

    async fn a_trigger_of_others_finds_what_its_login_would(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run(&format!("ALTER ROLE {0}_ann SET search_path = {0};
            CREATE TABLE noted (name text); GRANT INSERT ON noted TO PUBLIC;
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO noted VALUES (NEW.name); RETURN NEW; END';
            CREATE TRIGGER note BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION note()", catalogue.name()))?;
        let mut connection = catalogue.open().await?;
        let at_once = connection.push_at_once(&device(1), &batch(1, vec![author(1, "a")], vec![]), TABLES).await?;
        ensure!(at_once.is_some());
        ensure!(psql.run("SELECT name FROM noted")? == ["a"]);
    }

    async fn what_a_rule_leaves_out_without_a_word_is_not_taken_for_written(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        psql.run("CREATE FUNCTION nobody() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER nobody BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION nobody()")?;
        let new = batch(1, vec![author(1, "a")], vec![]);
        ensure!(connection.push_at_once(&device(1), &new, TABLES).await?.is_none());
        let refused = push(&mut connection, &device(1), &new).await;
        ensure!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
        ensure!(psql.value("SELECT count(*) FROM batch")? == "0");
    }

    async fn a_large_batch_goes_by_stages(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let many = batch(1, (0..65).map(|number| author(number, "a")).collect(), vec![]);
        ensure!(connection.push_at_once(&device(1), &many, TABLES).await?.is_none());
        let long = "n".repeat(70_000);
        let large = batch(1, vec![author(1, &long)], vec![]);
        ensure!(connection.push_at_once(&device(1), &large, TABLES).await?.is_none());
        ensure!(push(&mut connection, &device(1), &many).await?.revision == 1);
    }
}
