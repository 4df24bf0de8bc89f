//! What others deleted is in the trash here, and comes back with everything; others see who did what.

use anyhow::ensure;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use serde_json::json;

use crate::SECRET;
use crate::program::Colophon;

on_each_release! {
    async fn what_a_colleague_deleted_is_in_the_trash_and_comes_back_whole_for_both(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let [mine, theirs] = [(); 2].map(|()| Colophon::new(&catalogue.settings(), Some(SECRET)));
        let (mine, theirs) = (mine?, theirs?);
        theirs.run(&["init"])?;
        let book = ["books", "add", "--title", "The Odyssey", "--author", "Homer", "--translator", "Robert Fagles", "--tag", "Epic", "--json"];
        let id = mine.run(&book)?.json()?["id"].as_str().unwrap_or_default().to_owned();
        ensure!(mine.run(&["sync"])?.code == Some(0) && theirs.run(&["sync"])?.code == Some(0));
        ensure!(theirs.run(&["books", "delete", &id])?.code == Some(0));
        ensure!(theirs.run(&["sync"])?.code == Some(0) && mine.run(&["sync"])?.code == Some(0));

        let trash = mine.run(&["trash", "list", "--json"])?.json()?;
        let gone = &trash["items"][0];
        ensure!(trash["meta"]["total"] == 1 && gone["elsewhere"] == json!(true), "{trash}");
        ensure!(gone["name"] == "The Odyssey" && gone["deleted_at"].is_string() && gone["act"].is_null(), "{trash}");
        let restored = mine.run(&["trash", "restore", &id, "--json"])?.json()?;
        ensure!(restored == json!({ "restored": [id], "left_out": 0 }), "{restored}");
        ensure!(mine.run(&["sync"])?.code == Some(0) && theirs.run(&["sync"])?.code == Some(0));
        for one in [&mine, &theirs] {
            let shown = one.run(&["books", "show", &id, "--json"])?.json()?;
            let people = shown["contributions"].as_array().map_or(0, Vec::len);
            ensure!(people == 1 && shown["tags"] == json!(["Epic"]), "{shown}");
            ensure!(one.run(&["trash", "list", "--json"])?.json()?["meta"]["total"] == 0);
        }
    }

    async fn an_emptied_trash_is_nobody_elses_and_a_name_is_seen_by_all(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let [mine, theirs] = [(); 2].map(|()| Colophon::new(&catalogue.settings(), Some(SECRET)));
        let (mine, theirs) = (mine?, theirs?);
        theirs.run(&["init"])?;
        let added = mine.run(&["books", "add", "--title", "Emma", "--author", "Jane Austen", "--json"])?;
        let id = added.json()?["id"].as_str().unwrap_or_default().to_owned();
        ensure!(mine.run(&["sync"])?.code == Some(0) && theirs.run(&["sync"])?.code == Some(0));
        ensure!(theirs.run(&["books", "delete", &id])?.code == Some(0));
        ensure!(theirs.run_with_setting(&["sync"], "COLOPHON_PERSON", "Bo")?.code == Some(0));
        ensure!(mine.run(&["sync"])?.code == Some(0));
        let history = mine.run(&["history", &id])?;
        ensure!(history.stdout.contains(" on Bo ("), "{history:?}");
        ensure!(mine.run(&["trash", "empty", "--yes"])?.code == Some(0));
        ensure!(mine.run(&["sync"])?.code == Some(0) && theirs.run(&["sync"])?.code == Some(0));
        ensure!(mine.run(&["trash", "list", "--json"])?.json()?["meta"]["total"] == 0);
        ensure!(theirs.run(&["trash", "list", "--json"])?.json()?["meta"]["total"] == 1);
        let audit = mine.run(&["sync", "audit", "--json"])?.json()?;
        ensure!(audit["unaccounted"] == json!([]), "{audit}");
    }
}
