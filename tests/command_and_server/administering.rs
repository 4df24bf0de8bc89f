//! `colophon server`: somebody sets a server up, lets people in and shuts them out, and looks how it does.

use anyhow::{Context as _, ensure};
use colophon_sync::central::CentralSettings;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use crate::SECRET;
use crate::program::{Colophon, Run};

/// The program of whoever runs the server.
fn administrator(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Colophon> {
    Colophon::new(&catalogue.as_superuser(), Some("throwaway"))
}

/// The line to send that a run has printed.
fn invitation(run: &Run) -> anyhow::Result<String> {
    let line = run.stdout.trim();
    ensure!(
        run.code == Some(0) && line.starts_with("postgresql://") && line.lines().count() == 1,
        "{run:?}"
    );
    Ok(line.to_owned())
}

/// The program of somebody who has got such a line.
fn invited(line: &str) -> anyhow::Result<Colophon> {
    let settings = CentralSettings::from_invitation(line)?;
    let colophon = Colophon::new(&settings, CentralSettings::password_in(line).as_deref())?;
    colophon.run(&["init"])?;
    Ok(colophon)
}

on_each_release! {
    async fn a_server_is_set_up_and_its_first_editor_works_with_the_line_that_was_printed(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let login = format!("{}_bea", catalogue.name());
        let made = administrator(&catalogue)?.run(&["server", "init", "--editor", &login])?;
        let line = invitation(&made)?;
        ensure!(made.stderr.contains("is ready") && made.stderr.contains("may now read and write"), "{made:?}");
        let bea = invited(&line)?;
        ensure!(bea.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen"])?.code == Some(0));
        let synced = bea.run(&["sync"])?;
        ensure!(synced.code == Some(0), "{synced:?}");
        ensure!(catalogue.psql()?.run("SELECT title FROM book")? == ["Emma"]);
        // What nobody but she may know is in no statement, so it cannot be in the server's log either.
        let password = CentralSettings::password_in(&line).context("the line has a password")?;
        let stored = cluster.psql()?.value(&format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{login}'"))?;
        ensure!(stored.starts_with("SCRAM-SHA-256$") && !stored.contains(&password), "{stored}");
        let again = administrator(&catalogue)?.run(&["server", "init"])?;
        ensure!(again.code == Some(0) && again.stderr.contains("up to date") && again.stderr.contains("add-user"), "{again:?}");
    }

    async fn a_reader_reads_and_becomes_an_editor_without_a_new_password(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run("INSERT INTO author (name, sort_name) VALUES ('Homer', 'Homer')")?;
        let (admin, login) = (administrator(&catalogue)?, format!("{}_cy", catalogue.name()));
        let line = invitation(&admin.run(&["server", "add-user", &login, "--reader"])?)?;
        let cy = invited(&line)?;
        ensure!(cy.run(&["sync"])?.code == Some(0));
        ensure!(cy.run(&["authors", "list"])?.stdout.contains("Homer"));
        cy.run(&["authors", "add", "--name", "Sappho"])?;
        ensure!(cy.run(&["sync"])?.code == Some(9), "a reader has written");
        let changed = admin.run(&["server", "add-user", &login, "--json"])?.json()?;
        ensure!(changed["is_new"] == false && changed["role"] == "editor", "{changed}");
        let without = changed["invitation"].as_str().context("no line")?;
        ensure!(CentralSettings::password_in(without).is_none(), "{changed}");
        ensure!(cy.run(&["sync", "retry"])?.code == Some(0) && cy.run(&["sync"])?.code == Some(0));
        ensure!(catalogue.psql()?.run("SELECT name FROM author ORDER BY name")? == ["Homer", "Sappho"]);
        // And back again: the role that is named is the only one.
        invitation(&admin.run(&["server", "add-user", &login, "--reader"])?)?;
        cy.run(&["authors", "add", "--name", "Alcaeus"])?;
        ensure!(cy.run(&["sync"])?.code == Some(9), "the editor's role is still there");
    }

    async fn somebody_who_is_shut_out_gets_nothing_more_and_is_not_waited_for(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (admin, login) = (administrator(&catalogue)?, format!("{}_dan", catalogue.name()));
        let dan = invited(&invitation(&admin.run(&["server", "add-user", &login])?)?)?;
        dan.run(&["authors", "add", "--name", "Homer"])?;
        ensure!(dan.run(&["sync"])?.code == Some(0));
        let out = admin.run(&["server", "remove-user", &login, "--drop", "--json"])?;
        ensure!(out.code == Some(0), "{out:?}");
        ensure!(out.json()?["shut_out"] == serde_json::json!({"retired": 1, "is_dropped": true}), "{out:?}");
        dan.run(&["authors", "add", "--name", "Sappho"])?;
        ensure!(dan.run(&["sync"])?.code == Some(8));
        ensure!(dan.run(&["authors", "list"])?.stdout.contains("Sappho"), "what was not sent is still here");
        ensure!(catalogue.psql()?.run("SELECT name FROM author")? == ["Homer"], "what was sent stays");
        let nobody = admin.run(&["server", "remove-user", &login])?;
        ensure!(nobody.code == Some(8) && nobody.stderr.contains("no login"), "{nobody:?}");
    }

    async fn what_cannot_be_a_login_and_who_may_not_do_it_is_told(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (admin, editor) = (administrator(&catalogue)?, Colophon::new(&catalogue.settings(), Some(SECRET))?);
        let owner = format!("{}_owner", catalogue.name());
        for name in ["", "pg_monitor", owner.as_str(), "a\nb", &"x".repeat(64)] {
            for verb in ["add-user", "remove-user"] {
                let refused = admin.run(&["server", verb, name])?;
                ensure!(refused.code == Some(8) && refused.stderr.contains("cannot be a person's login"), "{name:?}: {refused:?}");
            }
        }
        // A name that has to be quoted is one like any other.
        let odd = format!("{} O'Neil \"x\"", catalogue.name());
        let line = invitation(&admin.run(&["server", "add-user", &odd])?)?;
        ensure!(invited(&line)?.run(&["sync"])?.code == Some(0));
        for arguments in [&["server", "add-user", "eve"][..], &["server", "remove-user", &odd], &["server", "purge"]] {
            let refused = editor.run(arguments)?;
            let is_told = refused.stderr.contains("nothing was changed") && refused.stderr.contains("_owner");
            ensure!(refused.code == Some(8) && is_told, "{arguments:?}: {refused:?}");
        }
        ensure!(invited(&line)?.run(&["sync"])?.code == Some(0), "the editor has shut somebody out");
    }

    async fn a_checkup_finds_nothing_where_all_is_well_and_names_what_is_not(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let admin = administrator(&catalogue)?;
        let editor = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        editor.run(&["authors", "add", "--name", "Homer"])?;
        ensure!(editor.run(&["sync"])?.code == Some(0));
        let well = admin.run(&["server", "check", "--json"])?;
        ensure!(well.code == Some(0) && well.json()?["facts"]["devices"] == 1, "{well:?}");
        ensure!(editor.run(&["server", "check"])?.code == Some(0), "an editor may look as well");
        let mut psql = catalogue.psql()?;
        psql.run("UPDATE device SET last_seen = now() - interval '200 days'")?;
        psql.run("GRANT EXECUTE ON FUNCTION purge(bigint) TO PUBLIC")?;
        let ill = admin.run(&["server", "check"])?;
        ensure!(ill.code == Some(9), "{ill:?}");
        let id = psql.value("SELECT id FROM device")?;
        for words in ["! devices", &format!("colophon devices retire {id}"), "! functions open to everybody", "purge", "✓ clock"] {
            ensure!(ill.stdout.contains(words), "{words}: {ill:?}");
        }
        let mut open = catalogue.psql()?;
        open.run("BEGIN; INSERT INTO author (name, sort_name) VALUES ('x', 'x')")?;
        let busy = admin.run(&["server", "check", "--json"])?.json()?;
        ensure!(busy["facts"]["oldest_transaction"][1].as_str().is_some_and(|whose| !whose.is_empty()), "{busy}");
    }

    async fn what_every_device_has_seen_is_forgotten_when_asked_for(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (admin, editor) = (administrator(&catalogue)?, Colophon::new(&catalogue.settings(), Some(SECRET))?);
        let id = editor.run(&["authors", "add", "--name", "Homer", "--json"])?.json()?["id"].as_str().unwrap_or_default().to_owned();
        editor.run(&["sync"])?;
        editor.run(&["authors", "delete", &id])?;
        editor.run(&["sync"])?;
        let forgotten = admin.run(&["server", "purge", "--json"])?;
        ensure!(forgotten.json()? == serde_json::json!({"tombstones": 1, "history": null}), "{forgotten:?}");
        catalogue.psql()?.run("UPDATE history SET changed_at = now() - interval '400 days'")?;
        let older = admin.run(&["server", "purge", "--history-days", "365", "--json"])?.json()?;
        ensure!(older["tombstones"] == 0 && older["history"].as_i64() > Some(0), "{older}");
    }
}
