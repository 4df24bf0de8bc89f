//! Asking what is new: everything that others wrote, exactly once, whoever they are and however long they take.

use std::collections::HashSet;

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Author, Book};
use colophon_store::Columns as _;
use colophon_store::schema::Value;
use colophon_sync::central::Connection;
use colophon_sync::local::Key;
use colophon_sync::remote::{Incoming, PullRequest, WaitingHere};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, PsqlProgram};
use jiff::{SignedDuration, Timestamp};

use crate::work::{Based as _, TABLES, Told, all, author, batch, book, device, id, push, told, wait_until_blocked};

/// Everything since a revision, for a file that has written none of it.
fn since(after: i64) -> PullRequest {
    PullRequest {
        after,
        own: Vec::new(),
        newest: None,
        tables: TABLES,
        waiting: WaitingHere {
            records: HashSet::new(),
            told_up_to: after,
        },
    }
}

/// What the third column of a table says: the name of an author, the title of a book.
fn said(incoming: &[Incoming]) -> Vec<String> {
    let name = |incoming: &Incoming| {
        let column = incoming
            .key
            .table
            .position("name")
            .or(incoming.key.table.position("title"));
        match column.map(|column| &incoming.values[column]) {
            Some(Value::Text(text)) => text.clone(),
            other => format!("{other:?}"),
        }
    };
    let mut said: Vec<_> = incoming.iter().map(name).collect();
    said.sort_unstable();
    said
}

fn author_key(number: u128) -> Key {
    Key {
        table: Author::TABLE,
        id: id(number),
    }
}

/// Pulls for a file that has made these revisions, and in which these records wait.
async fn pull_as(connection: &mut Connection, own: &[i64], after: i64, waiting: &[Key]) -> anyhow::Result<Told> {
    let request = PullRequest {
        own: own.to_vec(),
        waiting: WaitingHere {
            records: waiting.iter().copied().collect(),
            told_up_to: after,
        },
        ..since(after)
    };
    all(&connection.pull(&request).await?)
}

fn value<'i>(incoming: &'i Incoming, column: &str) -> anyhow::Result<&'i Value> {
    let column = incoming.key.table.position(column).context("no such column")?;
    Ok(&incoming.values[column])
}

on_each_release! {
    async fn the_rows_of_a_script_that_psql_runs_come_too(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let script = tempfile::NamedTempFile::new()?;
        std::fs::write(&script, "COPY author (name, sort_name) FROM STDIN;\ncopied 1\tc\ncopied 2\tc\n\\.\nINSERT INTO author (name, sort_name) VALUES ('typed', 't');\n")?;
        PsqlProgram::start_script(&catalogue, "ann", script.path())?.finish()?;
        PsqlProgram::start(&catalogue, "ann", &["INSERT INTO author (name, sort_name) VALUES ('told', 't')"])?.finish()?;
        let pulled = all(&catalogue.open().await?.pull(&since(0)).await?)?;
        ensure!(said(&pulled.rows) == ["copied 1", "copied 2", "told", "typed"], "{:?}", said(&pulled.rows));
    }

    async fn rows_of_every_kind_of_writer_come_whole_and_only_once(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql_of("ann")?);
        psql.copy_in("COPY author (name, sort_name) FROM STDIN", "copied 1\tc\ncopied 2\tc\n")?;
        psql.run("INSERT INTO author (name, sort_name, birth_year, notes) VALUES ('typed', 't', -750, E'a\\nb')")?;
        psql.run("INSERT INTO book (author_id, title) SELECT id, 'a book' FROM author WHERE name = 'typed'")?;
        push(&mut connection, &device(1), &batch(1, vec![author(1, "pushed")], vec![])).await?;
        let pulled = all(&connection.pull(&since(0)).await?)?;
        ensure!(pulled.head.revision == 4 && pulled.deletions.is_empty());
        ensure!(said(&pulled.rows) == ["a book", "copied 1", "copied 2", "pushed", "typed"], "{:?}", said(&pulled.rows));
        ensure!(pulled.rows.last().is_some_and(|row| row.key.table == Book::TABLE), "parents come before children");
        let typed = pulled.rows.iter().find(|row| row.revision == 2).context("no row of revision 2")?;
        ensure!(*value(typed, "birth_year")? == Value::Integer(-750) && *value(typed, "notes")? == Value::Text("a\nb".to_owned()));
        ensure!(*value(typed, "death_year")? == Value::Null);
        // From there on there is nothing, and from before the last one only the last one.
        ensure!(all(&connection.pull(&since(4)).await?)?.rows.is_empty());
        ensure!(said(&all(&connection.pull(&since(3)).await?)?.rows) == ["pushed"]);
    }

    async fn however_long_a_transaction_is_held_open_nothing_is_skipped_and_no_reader_waits(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let (mut idle, mut slow, mut quick) = (catalogue.psql()?, catalogue.psql()?, catalogue.psql()?);
        let mut observer = cluster.psql()?;
        let insert = |name: &str| format!("INSERT INTO author (name, sort_name) VALUES ('{name}', 'x')");
        // Open from the beginning, but writing last.
        idle.run("BEGIN; SELECT count(*) FROM author")?;
        quick.run(&insert("first"))?;
        slow.run("BEGIN")?;
        slow.run(&insert("slow"))?;
        let backend = quick.backend()?;
        quick.send(&insert("second"));
        wait_until_blocked(&mut observer, backend)?;
        let mut seen = Vec::new();
        let mut cursor = 0;
        let mut look = async |connection: &mut Connection, seen: &mut Vec<String>| -> anyhow::Result<i64> {
            let pulled = all(&connection.pull(&since(cursor)).await?)?;
            cursor = pulled.head.revision;
            seen.extend(said(&pulled.rows));
            Ok(cursor)
        };
        ensure!(look(&mut connection, &mut seen).await? == 1);
        slow.run("COMMIT")?;
        quick.answer()?;
        ensure!(look(&mut connection, &mut seen).await? == 3);
        idle.run(&insert("idle"))?;
        ensure!(look(&mut connection, &mut seen).await? == 3, "not before its commit");
        idle.run("COMMIT")?;
        ensure!(look(&mut connection, &mut seen).await? == 4);
        ensure!(seen == ["first", "second", "slow", "idle"], "{seen:?}");
    }

    async fn deletions_come_with_their_last_content_children_first(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(2, 1, "b", Some("9780000000002"))])).await?;
        let gone = batch(2, vec![author(1, "a").over(1).deleted()], vec![book(2, 1, "edited", None).over(1).deleted()]);
        push(&mut connection, &device(1), &gone).await?;
        let mut pulled = all(&connection.pull(&since(1)).await?)?;
        let order: Vec<_> = pulled.deletions.iter().map(|gone| (gone.key.table.name, gone.revision, gone.is_own)).collect();
        ensure!(order == [("book", 2, false), ("author", 2, false)] && pulled.rows.is_empty(), "{order:?}");
        // The content is the row as it would have arrived.
        ensure!(pulled.deletions[0].values == book(2, 1, "edited", None).values, "{:?}", pulled.deletions[0]);
        pulled = pull_as(&mut connection, &[2], 1, &[]).await?;
        ensure!(pulled.deletions.iter().all(|gone| gone.is_own));
        // What comes back is a row again.
        push(&mut connection, &device(1), &batch(3, vec![author(1, "back").over(2)], vec![])).await?;
        pulled = all(&connection.pull(&since(0)).await?)?;
        ensure!(said(&pulled.rows) == ["back"] && said(&pulled.deletions) == ["edited"]);
    }

    async fn values_that_were_swapped_and_truncated_tables_that_were_not(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        let books = vec![book(2, 1, "a", Some("9780000000001")), book(3, 1, "b", Some("9780000000002"))];
        push(&mut connection, &device(1), &batch(1, vec![author(1, "x")], books)).await?;
        psql.run("BEGIN; UPDATE book SET isbn = '9780000000002' WHERE title = 'a'; UPDATE book SET isbn = '9780000000001' WHERE title = 'b'; COMMIT")?;
        ensure!(psql.run("TRUNCATE author, book, contribution").is_err());
        let pulled = all(&connection.pull(&since(1)).await?)?;
        let mut isbns = pulled.rows.iter().map(|row| value(row, "isbn")).collect::<anyhow::Result<Vec<_>>>()?;
        isbns.sort_unstable_by_key(|isbn| format!("{isbn:?}"));
        ensure!(isbns == [&Value::Text("9780000000001".to_owned()), &Value::Text("9780000000002".to_owned())]);
        ensure!(pulled.deletions.is_empty());
    }

    async fn what_a_device_wrote_itself_is_left_out_until_somebody_elses_trigger_may_have_changed_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "mine"), author(2, "mine, then theirs")], vec![])).await?;
        psql.run(&format!("UPDATE author SET name = 'theirs' WHERE id = '{}'", id(2)))?;
        push(&mut connection, &device(2), &batch(1, vec![author(3, "another device's")], vec![])).await?;
        let pulled = pull_as(&mut connection, &[1], 0, &[]).await?;
        ensure!(said(&pulled.rows) == ["another device's", "theirs"] && pulled.rows.iter().all(|row| !row.is_own), "{pulled:?}");
        ensure!(said(&pull_as(&mut connection, &[3], 0, &[]).await?.rows) == ["mine", "theirs"]);
        // Neither a trigger that is switched off nor one on a table that is not ours counts.
        let name = catalogue.name();
        psql.run(&format!(
            "CREATE TABLE {name}.extra (id int); CREATE FUNCTION {name}.shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
             CREATE TRIGGER shout BEFORE UPDATE ON {name}.author FOR EACH ROW EXECUTE FUNCTION {name}.shout();
             ALTER TABLE {name}.author DISABLE TRIGGER shout"))?;
        ensure!(said(&pull_as(&mut connection, &[1], 0, &[]).await?.rows) == ["another device's", "theirs"]);
        psql.run("ALTER TABLE author ENABLE TRIGGER shout")?;
        let pulled = pull_as(&mut connection, &[1], 0, &[]).await?;
        let own: Vec<_> = pulled.rows.iter().filter(|row| row.is_own).cloned().collect();
        ensure!(said(&own) == ["mine"] && pulled.rows.len() == 3, "{pulled:?}");
        // And one that calls a function from elsewhere.
        psql.run("DROP TRIGGER shout ON author; CREATE TRIGGER tell BEFORE UPDATE ON book FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()")?;
        ensure!(pull_as(&mut connection, &[1], 0, &[]).await?.rows.len() == 3);
    }

    async fn what_a_copy_of_a_devices_file_wrote_in_its_name_comes_to_the_device(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        push(&mut connection, &device(1), &batch(1, vec![author(1, "my copy's"), author(2, "deleted by it")], vec![])).await?;
        push(&mut connection, &device(1), &batch(2, vec![author(3, "mine")], vec![])).await?;
        push(&mut connection, &device(1), &batch(3, vec![author(2, "deleted by it").over(1).deleted()], vec![])).await?;
        let pulled = pull_as(&mut connection, &[2], 0, &[]).await?;
        ensure!(said(&pulled.rows) == ["my copy's"], "{pulled:?}");
        ensure!(pulled.deletions.iter().all(|gone| !gone.is_own) && pulled.deletions.len() == 1, "{pulled:?}");
    }

    async fn of_a_batch_that_was_quarantined_whole_nobody_hears(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        push(&mut connection, &device(1), &batch(1, vec![author(1, "a")], vec![book(9, 1, "b", Some("9780000000009"))])).await?;
        psql.run("UPDATE author SET name = 'theirs'")?;
        let stale = batch(2, vec![author(1, "stale").over(1)], vec![]);
        let clashing = batch(3, vec![], vec![book(10, 1, "c", Some("9780000000009")), book(11, 77, "orphan", None)]);
        for quarantined in [&stale, &clashing] {
            let outcome = push(&mut connection, &device(1), quarantined).await?;
            ensure!(outcome.revision == 0 && outcome.quarantined.len() == quarantined.len(), "{outcome:?}");
            // Asked again, or sent again, the result is the same.
            ensure!(connection.fate(&device(1), quarantined.in_flight()).await? == Some(told(outcome.clone())));
            ensure!(push(&mut connection, &device(1), quarantined).await? == outcome);
        }
        ensure!(psql.run("SELECT revision FROM catalogue_head")? == ["2"]);
        ensure!(psql.run("SELECT last_batch FROM device")? == ["3"]);
        // What others wrote in between is not taken for its own.
        ensure!(said(&pull_as(&mut connection, &[], 1, &[]).await?.rows) == ["theirs"]);
        let outcome = push(&mut connection, &device(1), &batch(4, vec![author(2, "next")], vec![])).await?;
        ensure!(outcome.revision == 3, "{outcome:?}");
    }

    async fn a_record_that_waits_comes_with_its_story(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        let authors = vec![author(1, "a"), author(2, "b"), author(3, "c")];
        push(&mut connection, &device(1), &batch(1, authors, vec![])).await?;
        psql.run("UPDATE author SET email = 'a@example.org'")?;
        psql.run("SELECT pg_sleep(0.01)")?;
        // Edited ten years from now by its own clock, an hour ago by the server's.
        let ten_years = SignedDuration::from_hours(10 * 365 * 24);
        let mut wrong = device(2);
        wrong.clock_offset = -ten_years;
        let now = connection.head().await?.server_time;
        let edited = now - SignedDuration::from_hours(1);
        let with_time = |number: u128, name: &str, at: Timestamp| {
            let mut row = author(number, name).over(2);
            let position = |name| Author::TABLE.columns.iter().position(|column| column.name == name).unwrap_or_default();
            row.values[position("updated_at")] = Value::Integer(at.as_microsecond());
            row.values[position("email")] = Value::Text("a@example.org".to_owned());
            row
        };
        let edits = vec![
            with_time(1, "edited", edited + ten_years),
            // A clock that has jumped since the last round: no edit comes from the future.
            with_time(2, "edited", now + ten_years + ten_years),
            with_time(3, "c", now + ten_years).deleted(),
        ];
        push(&mut connection, &wrong, &batch(1, edits, vec![])).await?;
        let waiting = [author_key(1), author_key(2), author_key(3), author_key(4)];
        let pulled = pull_as(&mut connection, &[], 1, &waiting).await?;
        let story = |number: u128| {
            let all = pulled.rows.iter().chain(&pulled.deletions);
            all.clone().find(|row| row.key == author_key(number)).and_then(|row| row.story.as_ref()).context("no story")
        };
        let column = |name: &str| Author::TABLE.position(name).unwrap_or_default();
        let of = |number: u128, name: &str| anyhow::Ok(story(number)?.of_field(column(name)).map(|field| (field.by.clone(), field.at)));
        ensure!(of(1, "name")? == Some(("device 2".to_owned(), edited)), "{:?}", story(1)?);
        let (by, at) = of(1, "email")?.context("nobody set the email")?;
        ensure!(by == "postgres" && at <= now && at > now - SignedDuration::from_mins(5), "{by} {at}");
        ensure!(of(1, "sort_name")?.is_some() && of(1, "birth_year")?.is_none());
        let (_, at) = of(2, "name")?.context("nobody set the name")?;
        ensure!(at >= now && at < now + SignedDuration::from_mins(5), "{at}");
        // A deletion is reported, but is no edit of any field.
        ensure!(story(3)?.by.as_deref() == Some("device 2") && of(3, "name")?.is_none() && of(3, "email")?.is_some());
        // Nobody asked for the others.
        let pulled = pull_as(&mut connection, &[], 1, &[author_key(2)]).await?;
        ensure!(pulled.rows.iter().filter(|row| row.story.is_some()).count() == 1);
        // And only of what is new.
        let pulled = pull_as(&mut connection, &[], 2, &waiting).await?;
        let story = pulled.rows.iter().find_map(|row| row.story.as_ref()).context("no story")?;
        ensure!(story.of_field(column("email")).is_none(), "{story:?}");
    }

    async fn a_device_tells_how_far_it_has_come(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut connection = catalogue.open().await?;
        let mut device = device(1);
        for (number, revision) in [(1, 0), (2, 7), (3, 5)] {
            device.acknowledged_revision = revision;
            push(&mut connection, &device, &batch(number, vec![author(number.unsigned_abs().into(), "a")], vec![])).await?;
            ensure!(catalogue.psql()?.run("SELECT acknowledged_revision FROM device")? == [revision.to_string()]);
        }
    }

    async fn times_that_we_do_not_know_stop_neither_the_pull_nor_the_push_after_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        let times = ["-infinity", "4714-11-24 00:00:00+00 BC", "0044-03-15 12:00:00+00 BC", "294276-12-31 23:59:59+00", "infinity"];
        for (number, time) in (1_u128..).zip(times) {
            psql.run(&format!("INSERT INTO author (id, name, sort_name, created_at, updated_at) VALUES ('{}', 'a', 'a', '{time}', '{time}')", id(number)))?;
        }
        let rows = all(&connection.pull(&since(0)).await?)?.rows;
        let mut own_time = Vec::new();
        for row in &rows {
            let (Value::Integer(created), Value::Integer(updated)) = (value(row, "created_at")?, value(row, "updated_at")?) else { anyhow::bail!("{row:?}") };
            ensure!(created == updated);
            own_time.push(*created);
        }
        ensure!(own_time.is_sorted() && own_time.len() == 5, "{own_time:?}");
        // Somebody edits them all, and with them goes what the device took for their times.
        let edits = rows.iter().map(|row| {
            let mut values = row.values.clone();
            values[1] = Value::Text("edited".to_owned());
            colophon_sync::central::RowChange { deletes: false, base_revision: row.revision, values, edited: Vec::new() }
        });
        let mut device = device(1);
        for offset in [-1_000_000, 1_000_000] {
            device.clock_offset = SignedDuration::from_hours(offset);
            let number = 2 + offset.signum();
            let mut edits: Vec<_> = edits.clone().collect();
            if offset > 0 {
                for edit in &mut edits {
                    edit.base_revision = 6;
                    edit.values[1] = Value::Text("again".to_owned());
                }
            }
            let outcome = push(&mut connection, &device, &batch(number, edits, vec![])).await?;
            ensure!(outcome.quarantined.is_empty(), "{outcome:?}");
        }
        let waiting: Vec<_> = (1..=5).map(author_key).collect();
        let pulled = pull_as(&mut connection, &[], 5, &waiting).await?;
        ensure!(pulled.rows.iter().all(|row| row.story.is_some()) && pulled.rows.len() == 5);
        psql.run("UPDATE author SET updated_at = '-infinity'")?;
        psql.run("DELETE FROM author")?;
        let graves = all(&connection.pull(&since(7)).await?)?.deletions;
        let mut created: Vec<_> = graves.iter().map(|grave| value(grave, "created_at").cloned()).collect::<anyhow::Result<_>>()?;
        created.sort_by_key(|at| if let Value::Integer(at) = at { *at } else { 0 });
        ensure!(created == own_time.into_iter().map(Value::Integer).collect::<Vec<_>>(), "{created:?}");
    }

    async fn rows_that_a_policy_hides_are_left_out_and_the_others_come(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        psql.run("ALTER TABLE author ENABLE ROW LEVEL SECURITY; CREATE POLICY open_ones ON author USING (notes IS DISTINCT FROM 'secret')")?;
        psql.run("INSERT INTO author (name, sort_name, notes) VALUES ('open', 'o', NULL), ('hidden', 'h', 'secret')")?;
        let pulled = all(&connection.pull(&since(0)).await?)?;
        ensure!(said(&pulled.rows) == ["open"] && pulled.head.revision == 1);
    }

    async fn a_pull_that_was_abandoned_leaves_a_connection_that_can_be_used(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut connection, mut psql) = (catalogue.open().await?, catalogue.psql()?);
        psql.run("INSERT INTO author (name, sort_name) SELECT 'a', 'a' FROM generate_series(1, 5000)")?;
        for patience in 0..20 {
            let request = since(0);
            let pull = connection.pull(&request);
            let _ = tokio::time::timeout(std::time::Duration::from_micros(patience * 300), pull).await;
            push(&mut connection, &device(1), &batch(i64::try_from(patience)? + 1, vec![author(patience.into(), "b")], vec![])).await?;
        }
        ensure!(all(&connection.pull(&since(0)).await?)?.rows.len() == 5020);
        let open = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}_ann' AND state <> 'idle'", catalogue.name());
        ensure!(cluster.psql()?.value(&open)? == "0");
    }
}

/// A pull may take far longer than a statement may, as long as rows arrive.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_keep_arriving_have_all_the_time_they_need_and_silence_has_not() -> anyhow::Result<()> {
    let cluster = Cluster::shared(colophon_tests::postgres::Release::Distribution)?;
    let catalogue = CentralCatalogue::new(cluster).await?;
    let mut psql = catalogue.psql()?;
    psql.run("INSERT INTO author (name, sort_name) SELECT 'a', repeat('x', 500) FROM generate_series(1, 60)")?;
    // A policy that takes its time with every row: a slow server, or a thin wire.
    psql.run(
        "CREATE FUNCTION slowly() RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT pg_sleep(0.02) IS NOT NULL';
         GRANT USAGE ON SCHEMA public TO PUBLIC;
         ALTER TABLE author ENABLE ROW LEVEL SECURITY; CREATE POLICY slow ON author USING (slowly())",
    )?;
    let brief = |milliseconds| colophon_sync::central::Limits {
        statement: std::time::Duration::from_millis(300),
        answer: std::time::Duration::from_millis(milliseconds),
        ..Default::default()
    };
    let central = colophon_sync::central::Central::with_limits(catalogue.settings(), brief(600));
    let (mut connection, _) = central.open().await?;
    let pulled = all(&connection.pull(&since(0)).await?)?;
    ensure!(pulled.rows.len() == 60);
    psql.run("BEGIN; LOCK TABLE book")?;
    let silence = connection.pull(&since(0)).await.err().context("an answer came")?;
    ensure!(
        matches!(silence, colophon_sync::central::Error::Timeout { .. }),
        "{silence}"
    );
    Ok(())
}
