//! The `colophon` command and a real PostgreSQL: central migrations, and every way in which a server cannot be worked
//! with.
//!
//! These tests are here and not with the command's others, because they need the cluster that this package knows how to
//! make. The first of them builds the binary, so it is never an old one.

mod administering;
mod backups;
mod downloading;
mod memory;
mod past;
mod program;
mod restoring;
mod signing_in;
mod verbs;
mod writing;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use anyhow::ensure;
use colophon_sync::central::{CentralSchema, CentralSettings};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use refinery::Migration;
use serde_json::json;

use crate::program::Colophon;

/// The password of the tests' logins; it must not appear in any output.
const SECRET: &str = "secret";

on_each_release! {
    async fn the_central_catalogue_is_made_listed_and_taken_back(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let colophon = Colophon::new(&catalogue.as_superuser(), Some("throwaway"))?;
        let made = colophon.run(&["migrate", "--central", "--json"])?;
        let steps: Vec<i32> = CentralSchema::embedded()?.up.iter().map(Migration::version).collect();
        ensure!(made.code == Some(0) && made.json()?["versions"] == json!(steps), "{made:?}");
        let again = colophon.run(&["migrate", "--central", "--json"])?;
        ensure!(again.json()?["versions"] == json!([]), "{again:?}");
        let status = colophon.run(&["migrate", "status", "--central", "--json"])?;
        ensure!(status.json()?["migrations"][0]["applied_on"].is_string(), "{status:?}");
        colophon.run(&["init"])?;
        let doctor = colophon.run(&["doctor"])?;
        ensure!(doctor.code == Some(0) && doctor.stdout.contains("at revision 0"), "{doctor:?}");
        for step in steps.iter().rev() {
            let back = colophon.run(&["migrate", "rollback", "--central", "--json"])?;
            ensure!(back.json()?["versions"] == json!([step]), "{back:?}");
        }
    }

    async fn what_is_written_here_is_on_the_server_after_one_round(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        colophon.run(&["sample", "add"])?;
        let waiting = colophon.run(&["status", "--json"])?.json()?["pending"].clone();
        let round = colophon.run(&["sync", "--json"])?;
        let answer = round.json()?;
        ensure!(round.code == Some(0) && answer["pushed"] == waiting && answer["state"] == "in_step", "{round:?}");
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT count(*) FROM book")? == "58");
        colophon.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen"])?;
        let id = psql.value("SELECT id FROM book WHERE title = 'Solaris'")?;
        colophon.run(&["books", "edit", &id, "--publisher", "Wydawnictwo MON"])?;
        colophon.run(&["books", "delete", &psql.value("SELECT id FROM book WHERE title = 'Lalka'")?])?;
        ensure!(colophon.run(&["sync"])?.code == Some(0));
        ensure!(psql.value("SELECT count(*) FROM book")? == "58");
        ensure!(psql.value("SELECT count(*) FROM book WHERE title = 'Emma' OR publisher = 'Wydawnictwo MON'")? == "2");
        ensure!(psql.value("SELECT count(*) FROM book WHERE title = 'Lalka'")? == "0");
        let status = colophon.run(&["status", "--json"])?.json()?;
        let revision = psql.value("SELECT revision FROM catalogue_head")?;
        ensure!(status["pending"] == 0 && status["state"] == "in_step" && status["revision"] == revision.parse::<u64>()?, "{status}");
    }

    async fn two_people_say_different_things_and_one_of_them_settles_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let [one, other] = [(); 2].map(|()| Colophon::new(&catalogue.settings(), Some(SECRET)));
        let (one, other) = (one?, other?);
        one.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen", "--isbn", "9780141439587"])?;
        one.run(&["sync"])?;
        other.run(&["init"])?;
        let round = other.run(&["sync", "--json"])?.json()?;
        ensure!(round["pulled"] == 2 && round["state"] == "in_step", "{round}");
        one.run(&["books", "edit", "9780141439587", "--publisher", "Penguin"])?;
        one.run(&["sync"])?;
        other.run(&["books", "edit", "9780141439587", "--publisher", "Oxford", "--published-year", "1815"])?;
        let told = other.run(&["sync"])?;
        ensure!(told.code == Some(0) && told.stderr.contains("new conflicts: 1"), "{told:?}");
        // Both have the later edit, both see the earlier one, and either may settle it, without a server.
        one.run(&["sync"])?;
        let list = one.run(&["conflicts", "list", "--json"])?.json()?;
        let conflict = &list["items"][0];
        ensure!(list["meta"]["total"] == 1 && conflict["record"] == "Emma" && conflict["field"] == "publisher", "{list}");
        ensure!(one.run(&["status", "--json"])?.json()?["conflicts"] == 1);
        ensure!(one.run(&["conflicts", "list"])?.stdout.contains(r#"publisher: "Oxford" (mine) or "Penguin" (theirs)? At present mine stands"#));
        let id = conflict["id"].as_str().unwrap_or_default();
        let refused = one.run(&["conflicts", "settle", id, "--as", "merge"])?;
        ensure!(refused.code != Some(0) && refused.stderr.contains("keep, mine, theirs"), "{refused:?}");
        let settled = one.run(&["conflicts", "settle", id, "--as", "theirs"])?;
        ensure!(settled.code == Some(0), "{settled:?}");
        one.run(&["sync"])?;
        other.run(&["sync"])?;
        for device in [&one, &other] {
            let book = device.run(&["books", "show", "9780141439587", "--json"])?.json()?;
            ensure!(book["publisher"] == "Penguin" && book["published_year"] == 1815, "{book}");
            ensure!(device.run(&["status", "--json"])?.json()?["conflicts"] == 0);
            let audit = device.run(&["sync", "audit", "--json"])?;
            ensure!(audit.code == Some(0) && audit.json()?["unaccounted"] == json!([]), "{audit:?}");
        }
        // Each has its own edits from the journal, and those of the other from the server.
        let book = other.run(&["books", "show", "9780141439587", "--json"])?.json()?["id"].clone();
        let history = other.run(&["history", book.as_str().unwrap_or_default(), "--json"])?.json()?;
        let told: Vec<_> = history.as_array().into_iter().flatten().map(|event| (event["kind"].as_str(), event["by"] == "here", event["before"]["publisher"].as_str())).collect();
        let expected = [(Some("create"), false, None), (Some("update"), false, None), (Some("update"), true, None), (Some("update"), false, Some("Oxford"))];
        ensure!(told == expected, "{history}");
    }

    async fn an_edit_that_vanished_is_named_by_the_audit_unless_the_server_remembers_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        colophon.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen", "--isbn", "9780141439587"])?;
        colophon.run(&["sync"])?;
        colophon.run(&["books", "edit", "9780141439587", "--publisher", "Penguin"])?;
        colophon.run(&["sync"])?;
        // Somebody who saw it replaces it: the server remembers what was there.
        catalogue.psql()?.run("UPDATE book SET publisher = 'Oxford'")?;
        colophon.run(&["sync"])?;
        let audit = colophon.run(&["sync", "audit", "--json"])?;
        ensure!(audit.code == Some(0) && audit.json()?["replaced"] == 1 && audit.json()?["asked_server"] == true, "{audit:?}");
        // Somebody makes it disappear from everywhere.
        catalogue.psql()?.run("DELETE FROM history")?;
        let audit = colophon.run(&["sync", "audit"])?;
        ensure!(audit.code == Some(9) && audit.stderr.contains(r#"publisher: "Penguin""#), "{audit:?}");
    }

    async fn a_file_that_drifted_from_the_server_is_healed_where_it_differs(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        colophon.run(&["sample", "add"])?;
        colophon.run(&["authors", "add", "--name", "Søren “Å” Kierkegaard", "--birth-year", "1813", "--notes", "one\ntwo: 3"])?;
        // Times that are in no calendar, and values that our own rules would refuse.
        catalogue.psql()?.run(
            "INSERT INTO author (name, sort_name, created_at, updated_at) VALUES (' ', E'\x01', '-infinity', 'infinity'), \
             ('Ovid', 'Ovid', '0043-03-20 BC', '0017-01-01')",
        )?;
        let verified = colophon.run(&["sync", "verify", "--json"])?.json()?;
        let records = catalogue.psql()?.value("SELECT (SELECT count(*) FROM author) + (SELECT count(*) FROM book) + (SELECT count(*) FROM contribution)")?;
        ensure!(verified["healed"] == json!([]) && verified["same"] == records.parse::<u64>()?, "{verified} {records}");
        // A disk that lied: three rows are not what the server has, and nothing shows it.
        colophon.change_file_behind_its_back(
            "UPDATE book SET publisher='drifted' WHERE title='Solaris'; DELETE FROM author WHERE name='Ovid';
             INSERT INTO author(id,name,sort_name,revision) VALUES(randomblob(16),'Nobody','Nobody',1)",
        )?;
        // A restore without triggers: a record exists and is deleted.
        catalogue.psql()?.run(
            "INSERT INTO tombstone (entity, id, revision, content, deleted_at, deleted_by) \
             SELECT 'author', id, revision, to_jsonb(author) - 'revision', now(), 'somebody' FROM author WHERE birth_year = 1813",
        )?;
        let doctor = colophon.run(&["doctor"])?;
        ensure!(doctor.code == Some(9) && doctor.stdout.contains("1 records are there and remembered as deleted at once"), "{doctor:?}");
        let healed = colophon.run(&["sync", "verify"])?;
        ensure!(healed.code == Some(0) && healed.stdout.contains("identical at revision"), "{healed:?}");
        for said in ["differed from the server", "was missing here", "was not on the server", "was on the server and marked as deleted there"] {
            ensure!(healed.stderr.matches(said).count() == 1, "{healed:?}");
        }
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM book WHERE publisher = 'drifted'")? == "0");
        let again = colophon.run(&["sync", "verify", "--json"])?.json()?;
        ensure!(again["healed"] == json!([]) && again["same"] == verified["same"], "{again}");
        let doctor = colophon.run(&["doctor"])?;
        ensure!(!doctor.stdout.contains("deleted at once"), "{doctor:?}");
    }

    async fn two_books_with_one_isbn_are_made_one(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let [one, other] = [(); 2].map(|()| Colophon::new(&catalogue.settings(), Some(SECRET)));
        let (one, other) = (one?, other?);
        one.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen", "--isbn", "9780141439587"])?;
        other.run(&["books", "add", "--title", "Emma, a novel", "--author", "J. Austen", "--isbn", "9780141439587", "--publisher", "Penguin"])?;
        one.run(&["sync"])?;
        other.run(&["sync"])?;
        let list = other.run(&["conflicts", "list", "--json"])?.json()?;
        let conflict = &list["items"][0];
        ensure!(conflict["kind"] == "same_value" && conflict["record"] == "Emma, a novel", "{list}");
        let settled = other.run(&["conflicts", "settle", conflict["id"].as_str().unwrap_or_default(), "--as", "merge"])?;
        ensure!(settled.code == Some(0), "{settled:?}");
        other.run(&["sync"])?;
        ensure!(catalogue.psql()?.run("SELECT title, isbn, publisher FROM book")? == ["Emma|9780141439587|Penguin"]);
    }

    async fn a_record_that_the_server_refuses_is_told_and_the_others_go_up(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run("ALTER TABLE book ADD CONSTRAINT no_lent CHECK (publisher <> 'Lent')")?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        for publisher in ["Lent", "Kept"] {
            colophon.run(&["books", "add", "--title", publisher, "--author", "Somebody", "--publisher", publisher])?;
        }
        let round = colophon.run(&["sync"])?;
        ensure!(round.code == Some(9) && round.stdout.contains("needs care"), "{round:?}");
        ensure!(round.stderr.contains("no_lent") && round.stderr.contains("safe here"), "{round:?}");
        ensure!(catalogue.psql()?.run("SELECT title FROM book")? == ["Kept"]);
    }

    async fn a_watch_sends_what_comes_and_finds_a_server_that_comes_later(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let colophon = Colophon::new(&catalogue.as_superuser(), Some("throwaway"))?;
        colophon.run(&["books", "add", "--title", "First", "--author", "Somebody"])?;
        let mut watch = colophon.watch()?;
        // There is no catalogue on the server yet, and somebody has to do something about that.
        watch.until(|status| status["error"]["code"] == "no_schema")?;
        drop(watch);
        colophon.run(&["migrate", "--central"])?;
        let mut watch = colophon.watch()?;
        watch.until(|status| status["state"] == "in_step")?;
        colophon.run(&["books", "add", "--title", "Second", "--author", "Somebody"])?;
        watch.until(|_| catalogue.psql().and_then(|mut psql| psql.value("SELECT count(*) FROM book")).is_ok_and(|count| count == "2"))?;
    }

    async fn a_watch_tells_that_its_file_was_taken_away_although_nobody_writes(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        for (told, take_away) in [
            ("moved", (|file| fs::rename(file, file.with_extension("moved"))) as fn(&Path) -> std::io::Result<()>),
            ("deleted", |file| fs::remove_file(file)),
            ("replaced", |file| {
                let other = file.with_extension("other");
                fs::copy(file, &other)?;
                fs::rename(&other, file)
            }),
        ] {
            let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
            colophon.run(&["init"])?;
            let mut watch = colophon.watch()?;
            watch.until(|status| status["state"] == "in_step")?;
            take_away(&colophon.file())?;
            watch.until(|status| status["error"]["message"].as_str().is_some_and(|words| words.contains(told)))?;
        }
    }

    async fn a_wrong_password_is_told_and_never_printed(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), Some("swordfish"))?;
        colophon.run(&["init"])?;
        for arguments in [&["migrate", "--central"][..], &["sync", "--json"], &["migrate", "status", "--central", "--json"], &["doctor"]] {
            let run = colophon.run(arguments)?;
            ensure!(run.code == Some(if arguments == ["doctor"] { 9 } else { 8 }), "{run:?}");
            let said = run.stdout.clone() + &run.stderr;
            ensure!(said.contains("password") && said.contains("POSTGRES_PASSWORD"), "{run:?}");
            ensure!(!said.contains("swordfish"), "{run:?}");
        }
    }

    async fn a_server_without_our_catalogue_is_told(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let elsewhere = CentralSettings { schema: "elsewhere".parse().map_err(anyhow::Error::msg)?, ..catalogue.settings() };
        let colophon = Colophon::new(&elsewhere, Some(SECRET))?;
        colophon.run(&["books", "add", "--title", "Kept", "--author", "Somebody"])?;
        let doctor = colophon.run(&["doctor"])?;
        ensure!(doctor.code == Some(9) && doctor.stdout.contains("has no catalogue elsewhere"), "{doctor:?}");
        ensure!(doctor.stdout.contains("migrate --central"), "{doctor:?}");
        ensure!(colophon.run(&["status", "--json"])?.json()?["books"] == 1);
    }

    async fn a_server_that_is_newer_than_the_program_is_told(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run("UPDATE catalogue_head SET schema_version = 99")?;
        catalogue.psql()?.run(
            "INSERT INTO refinery_schema_history(version, name, applied_on, checksum) VALUES (99, 'later', '2999-01-01', '1')",
        )?;
        let colophon = Colophon::new(&catalogue.as_superuser(), Some("throwaway"))?;
        colophon.run(&["init"])?;
        let doctor = colophon.run(&["doctor"])?;
        ensure!(doctor.code == Some(9) && doctor.stdout.contains("at version 99"), "{doctor:?}");
        let migrate = colophon.run(&["migrate", "--central"])?;
        ensure!(migrate.code == Some(8) && migrate.stderr.contains("nothing was changed"), "{migrate:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_told_and_the_catalogue_goes_on() -> anyhow::Result<()> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let away = CentralSettings {
        port: free,
        ..CentralSettings::for_server("127.0.0.1")
    };
    let colophon = Colophon::new(&away, Some(SECRET))?;
    ensure!(
        colophon
            .run(&["books", "add", "--title", "Kept", "--author", "Somebody"])?
            .code
            == Some(0)
    );
    let migrate = colophon.run(&["migrate", "--central"])?;
    ensure!(
        migrate.code == Some(8) && migrate.stderr.contains("cannot be reached"),
        "{migrate:?}"
    );
    let sync = colophon.run(&["sync"])?;
    ensure!(
        sync.code == Some(8) && sync.stderr.contains("edits are safe here"),
        "{sync:?}"
    );
    let status = colophon.run(&["status", "--json"])?.json()?;
    ensure!(status["state"] == "pending" && status["books"] == 1, "{status}");
    Ok(())
}

#[tokio::test]
async fn no_server_in_the_settings_is_told_where_one_is_needed() -> anyhow::Result<()> {
    let colophon = Colophon::without_server()?;
    let migrate = colophon.run(&["migrate", "--central"])?;
    ensure!(
        migrate.code == Some(2) && migrate.stderr.contains("POSTGRES_SERVER"),
        "{migrate:?}"
    );
    Ok(())
}
