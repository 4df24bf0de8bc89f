//! `colophon history ID --restore`: what only the server remembers, and what happens to it on the other devices.

use anyhow::{Context as _, ensure};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use serde_json::{Value as Json, json};

use crate::SECRET;
use crate::program::Colophon;

const ISBN: &str = "9780141439587";

/// Two devices of one catalogue, with one book that has an editor. Returns its id.
fn two(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<(Colophon, Colophon, String)> {
    let one = Colophon::new(&catalogue.settings(), Some(SECRET))?;
    let other = Colophon::new(&catalogue.settings(), Some(SECRET))?;
    let book = [
        "books",
        "add",
        "--title",
        "Emma",
        "--author",
        "Jane Austen",
        "--isbn",
        ISBN,
    ];
    let book: Vec<_> = book
        .into_iter()
        .chain(["--publisher", "Penguin", "--editor", "R. W. Chapman", "--json"])
        .collect();
    let id = one.run(&book)?.json()?["id"].as_str().context("an id")?.to_owned();
    sync(&one)?;
    other.run(&["init"])?;
    sync(&other)?;
    Ok((one, other, id))
}

fn sync(device: &Colophon) -> anyhow::Result<()> {
    let round = device.run(&["sync"])?;
    ensure!(round.code == Some(0), "{round:?}");
    Ok(())
}

/// The last entry of a kind that the device is shown, with its number on the server.
fn last(device: &Colophon, id: &str, kind: &str) -> anyhow::Result<String> {
    let history = device.run(&["history", id, "--json"])?.json()?;
    let of_kind = |event: &&Json| event["kind"] == kind && event["revision"].is_u64();
    let entry = history
        .as_array()
        .and_then(|events| events.iter().rfind(of_kind))
        .with_context(|| history.to_string())?;
    Ok(entry["entry"].as_str().context("the entry has a name")?.to_owned())
}

on_each_release! {
    async fn what_a_colleague_has_replaced_is_put_back_everywhere(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (one, other, id) = two(&catalogue)?;
        other.run(&["books", "edit", &id, "--publisher", "Oxford", "--published-year", "1815"])?;
        sync(&other)?;
        let entry = last(&one, &id, "update")?;
        ensure!(entry.starts_with('s'), "{entry}");
        // Here the colleague's edit is not known yet.
        let early = one.run(&["history", &id, "--restore", &entry])?;
        ensure!(early.code == Some(7) && early.stderr.contains("run `colophon sync`, then try again"), "{early:?}");
        sync(&one)?;
        let unknown = one.run(&["history", &id, "--restore", "s9999"])?;
        ensure!(unknown.code == Some(4) && unknown.stderr.contains("has no entry “s9999”"), "{unknown:?}");
        let done = one.run(&["history", &id, "--restore", &entry, "--field", "publisher", "--json"])?.json()?;
        ensure!(done["fields"] == json!([{ "field": "publisher", "was": "Oxford", "is": "Penguin" }]), "{done}");
        sync(&one)?;
        sync(&other)?;
        for device in [&one, &other] {
            let book = device.run(&["books", "show", &id, "--json"])?.json()?;
            ensure!(book["publisher"] == "Penguin" && book["published_year"] == 1815, "{book}");
            ensure!(device.run(&["status", "--json"])?.json()?["conflicts"] == 0);
            let audit = device.run(&["sync", "audit"])?;
            ensure!(audit.code == Some(0), "{audit:?}");
        }
    }

    async fn what_a_colleague_has_deleted_comes_back_with_its_people(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (one, other, id) = two(&catalogue)?;
        other.run(&["books", "delete", &id])?;
        sync(&other)?;
        sync(&one)?;
        ensure!(one.run(&["books", "show", &id])?.code == Some(4));
        let entry = last(&one, &id, "delete")?;
        let done = one.run(&["history", &id, "--restore", &entry, "--json"])?.json()?;
        ensure!(done["brought_back"] == 2 && done["left_out"] == 0, "{done}");
        sync(&one)?;
        sync(&other)?;
        let before = one.run(&["books", "show", ISBN, "--json"])?.json()?;
        ensure!(before["contributions"][0]["name"] == "R. W. Chapman" && before["id"] == json!(id), "{before}");
        ensure!(other.run(&["books", "show", ISBN, "--json"])?.json()? == before);
        let verified = other.run(&["sync", "verify", "--json"])?.json()?;
        ensure!(verified["healed"] == json!([]) && verified["same"] == 4, "{verified}");
    }

    async fn what_was_done_here_is_put_back_while_the_server_is_away(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (one, other, id) = two(&catalogue)?;
        one.run(&["books", "edit", &id, "--publisher", "Oxford"])?;
        other.run(&["books", "edit", &id, "--title", "Emma, a novel"])?;
        sync(&other)?;
        sync(&one)?;
        let (there, here) = (last(&one, &id, "update")?, {
            let history = one.run(&["history", &id, "--json"])?.json()?;
            let own = history.as_array().and_then(|events| events.iter().rfind(|event| event["by"] == "here"));
            own.context("it was done here")?["entry"].as_str().context("the entry has a name")?.to_owned()
        });
        catalogue.psql()?.run(&format!("ALTER ROLE {}_ann NOLOGIN", catalogue.name()))?;
        let refused = one.run(&["history", &id, "--restore", &there])?;
        let said = format!("only the server knows the entry {there}; nothing was changed");
        ensure!(refused.code == Some(8) && refused.stderr.contains(&said), "{refused:?}");
        let done = one.run(&["history", &id, "--restore", &here])?;
        ensure!(done.code == Some(0) && done.stdout.contains("\"Oxford\" → \"Penguin\""), "{done:?}");
        catalogue.psql()?.run(&format!("ALTER ROLE {}_ann LOGIN", catalogue.name()))?;
        sync(&one)?;
        ensure!(catalogue.psql()?.run("SELECT title, publisher FROM book")? == ["Emma, a novel|Penguin"]);
    }
}
