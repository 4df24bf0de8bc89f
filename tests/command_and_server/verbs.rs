//! Verbs that ask the server for something besides a round.

use anyhow::ensure;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use serde_json::json;

use crate::SECRET;
use crate::program::Colophon;

on_each_release! {
    async fn devices_are_listed_and_retired_by_name_or_id(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let [one, other] = [(); 2].map(|()| Colophon::new(&catalogue.settings(), Some(SECRET)));
        let (one, other) = (one?, other?);
        one.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen"])?;
        other.run(&["books", "add", "--title", "Persuasion", "--author", "Jane Austen"])?;
        one.run(&["sync"])?;
        other.run(&["sync"])?;
        let owner = Colophon::new(&catalogue.as_superuser(), Some("throwaway"))?;
        owner.run(&["init"])?;
        let listed = owner.run(&["devices", "list", "--json"])?.json()?;
        let devices = listed.as_array().cloned().unwrap_or_default();
        ensure!(devices.len() == 2, "{listed}");
        // The one that has come least far comes first.
        ensure!(devices[0]["has_come_to"].as_i64() < devices[1]["has_come_to"].as_i64(), "{listed}");
        ensure!(devices.iter().all(|device| device["retired_at"].is_null()), "{listed}");
        let id = devices[0]["id"].as_str().unwrap_or_default();
        let words = owner.run(&["devices", "list"])?;
        ensure!(words.stdout.lines().count() == 2 && words.stdout.contains(id), "{words:?}");
        let retired = owner.run(&["devices", "retire", id, "--json"])?;
        ensure!(retired.code == Some(0) && retired.json()? == json!({"retired": id}), "{retired:?}");
        let listed = owner.run(&["devices", "list", "--json"])?.json()?;
        let state = listed.as_array().into_iter().flatten().find(|device| device["id"] == id);
        ensure!(state.is_some_and(|device| device["retired_at"].is_string()), "{listed}");
        let unknown = owner.run(&["devices", "retire", "nobody's"])?;
        ensure!(unknown.code != Some(0) && unknown.stderr.contains("nobody's"), "{unknown:?}");
        // Somebody who may only edit may not do this.
        let refused = one.run(&["devices", "retire", id])?;
        ensure!(refused.code == Some(8), "{refused:?}");
        // Being retired does not mean being locked out.
        one.run(&["books", "add", "--title", "Lady Susan", "--author", "Jane Austen"])?;
        ensure!(one.run(&["sync"])?.code == Some(0));
    }

    async fn what_was_quarantined_is_tried_again_by_name_or_all_of_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("ALTER TABLE book ADD CONSTRAINT no_lent CHECK (publisher <> 'Lent')")?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        let mut ids = Vec::new();
        for title in ["One", "Two"] {
            let added = colophon.run(&["books", "add", "--title", title, "--author", "Somebody", "--publisher", "Lent", "--json"])?;
            ids.push(added.json()?["id"].as_str().unwrap_or_default().to_owned());
        }
        ensure!(colophon.run(&["sync"])?.code == Some(9));
        psql.run("ALTER TABLE book DROP CONSTRAINT no_lent")?;
        let unknown = colophon.run(&["sync", "retry", "00000000-0000-7000-8000-000000000000"])?;
        ensure!(unknown.code == Some(4) && unknown.stderr.contains("none of these records is quarantined"), "{unknown:?}");
        let one = colophon.run(&["sync", "retry", &ids[0], "--json"])?;
        ensure!(one.code == Some(9) && one.json()?["pushed"] == 1, "{one:?}");
        ensure!(psql.run("SELECT title FROM book")? == ["One"]);
        let rest = colophon.run(&["sync", "retry"])?;
        ensure!(rest.code == Some(0) && rest.stderr.contains("tried again: 1"), "{rest:?}");
        ensure!(psql.run("SELECT title FROM book ORDER BY 1")? == ["One", "Two"]);
    }

    async fn nothing_that_a_server_says_is_obeyed_by_a_terminal(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        for title in ["Lent", "Kept"] {
            colophon.run(&["books", "add", "--title", title, "--author", "Somebody", "--publisher", title])?;
        }
        let mut psql = catalogue.psql()?;
        psql.run(r#"ALTER TABLE book ADD CONSTRAINT U&"no\001b[2Jlent" CHECK (publisher <> 'Lent')"#)?;
        psql.run(r"INSERT INTO author (name, sort_name) VALUES (E'Evil\x1b[2J\nGood', 'Evil')")?;
        let refused = colophon.run(&["sync"])?;
        ensure!(refused.code == Some(9) && refused.stderr.contains("[2Jlent"), "{refused:?}");
        psql.run(r"UPDATE device SET name = E'evil\x1b[2J\nlaptop'")?;
        psql.run("UPDATE book SET title = title || E'\x1b[2J'")?;
        let obeyed = |letter: char| letter.is_control() && !['\n', '\t'].contains(&letter);
        for arguments in ["sync", "sync --json", "status", "doctor", "devices list", "authors list", "books list", "history", "sync audit"] {
            let arguments: Vec<_> = arguments.split(' ').collect();
            // Without colours everything that begins like one is taken out.
            let coloured = colophon.run(&[&["--color", "always"], &arguments[..]].concat())?;
            let said = format!("{}{}", coloured.stdout, coloured.stderr);
            let said = ["31m", "1m", "2m", "0m"].iter().fold(said, |said, ours| said.replace(&format!("\u{1b}[{ours}"), ""));
            ensure!(!said.contains(obeyed), "{arguments:?}: {said:?}");
            let run = colophon.run(&arguments)?;
            let lines = run.stdout.lines().count();
            let records = match arguments[..] { ["authors" | "books", "list"] => 2, ["devices", "list"] => 1, _ => lines };
            ensure!(lines == records, "{arguments:?}: {run:?}");
        }
    }

    async fn a_sync_waits_its_turn_while_another_program_brings_the_file_in_step(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        colophon.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen"])?;
        for arguments in [&["sync"][..], &["sync", "verify"], &["sync", "retry"]] {
            let run = colophon.run_beside_an_exchange(arguments)?;
            let waited = run.stderr.contains("another program is syncing this catalogue file")
                || arguments.contains(&"retry") && run.stderr.contains("tried again");
            ensure!(run.code == Some(0) && waited, "{arguments:?}: {run:?}");
        }
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM book")? == "1");
    }

    async fn what_looks_the_same_on_two_devices_is_settled_in_one_act(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let [one, other] = [(); 2].map(|()| Colophon::new(&catalogue.settings(), Some(SECRET)));
        let (one, other) = (one?, other?);
        for device in [&one, &other] {
            device.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen"])?;
            device.run(&["books", "add", "--title", "Persuasion", "--author", "Jane Austen"])?;
        }
        let persuasion = other.run(&["books", "search", "Persuasion", "--json"])?.json()?["items"][0]["id"].clone();
        other.run(&["books", "edit", persuasion.as_str().unwrap_or_default(), "--publisher", "Penguin"])?;
        let persuasion = one.run(&["books", "search", "Persuasion", "--json"])?.json()?["items"][0]["id"].clone();
        one.run(&["books", "edit", persuasion.as_str().unwrap_or_default(), "--publisher", "Oxford"])?;
        one.run(&["sync"])?;
        let told = other.run(&["sync"])?;
        ensure!(told.code == Some(0) && told.stderr.contains("new conflicts: 3"), "{told:?}");
        let list = other.run(&["conflicts", "list", "--kind", "same-record"])?;
        ensure!(list.stdout.lines().count() == 3 && list.stdout.contains("the same?"), "{list:?}");
        ensure!(other.run(&["conflicts", "list", "--kind", "field", "--json"])?.json()?["meta"]["total"] == 0);
        let refused = other.run(&["conflicts", "settle", "--kind", "same-record", "--as", "merge"])?;
        ensure!(refused.code == Some(2), "without --all: {refused:?}");
        let settled = other.run(&["conflicts", "settle", "--kind", "same-record", "--all", "--as", "merge", "--json"])?;
        // Two publishers: somebody has to say which.
        ensure!(settled.code == Some(0) && settled.json()? == json!({"settled": 2, "left": 1}), "{settled:?}");
        other.run(&["sync"])?;
        one.run(&["sync"])?;
        ensure!(catalogue.psql()?.run("SELECT count(DISTINCT author_id), count(*) FROM book")? == ["1|3"]);
        let left = one.run(&["conflicts", "list", "--json"])?.json()?;
        let id = left["items"][0]["id"].as_str().unwrap_or_default();
        ensure!(left["meta"]["total"] == 1, "{left}");
        let shown = one.run(&["conflicts", "show", id])?;
        ensure!(shown.stdout.contains("publisher"), "the fields that differ are named: {shown:?}");
        ensure!(one.run(&["conflicts", "settle", id, "--as", "merge"])?.code == Some(0));
        one.run(&["sync"])?;
        other.run(&["sync"])?;
        ensure!(other.run(&["status", "--json"])?.json()?["conflicts"] == 0);
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM book")? == "2");
    }
}
