//! What one person deletes and another needs.

use anyhow::ensure;
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;
use colophon_tests::undoing;

use crate::team::Team;

on_each_release! {
    async fn a_deletion_travels(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        bob.delete_book(book.id).await?;
        bob.delete_author(author.id).await?;
        team.comes_to_rest().await?;
        ensure!(ann.find_author(author.id).await?.is_none() && team.conflicts().await?.is_empty());
    }

    async fn what_both_delete_is_deleted(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let author = team.members[0].author("Homer").await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            member.delete_author(author.id).await?;
        }
        team.comes_to_rest().await?;
        ensure!(team.conflicts().await?.is_empty());
        ensure!(team.catalogue.psql()?.value("SELECT count(*) FROM tombstone")? == "1");
    }

    async fn a_deletion_that_is_taken_back_after_it_was_sent_brings_the_record_back_everywhere(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        ann.delete_author(author.id).await?;
        team.comes_to_rest().await?;
        ann.database().write(undoing::undo).await?;
        team.comes_to_rest().await?;
        ensure!(bob.find_author(author.id).await?.is_some() && team.conflicts().await?.is_empty());
    }

    async fn of_an_edit_and_a_deletion_the_edit_stands_and_a_conflict_says_so(cluster: &Cluster) {
        for deletion_is_first in [true, false] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Homer").await?;
            let book = ann.book(author.id, "The Iliad").await?;
            team.comes_to_rest().await?;
            ann.delete_book(book.id).await?;
            bob.retitle(book.id, "Ilias").await?;
            let first = if deletion_is_first { ann } else { bob };
            first.round().await?;
            team.comes_to_rest().await?;
            let title = ann.find_book(book.id).await?.map(|book| book.title);
            ensure!(title.as_deref() == Some("Ilias"), "{deletion_is_first}: {title:?}");
            let kind = team.conflict().await?.kind;
            ensure!(kind == if deletion_is_first { "deleted_there" } else { "deletion_undone" }, "{kind}");
            ensure!(team.catalogue.psql()?.value("SELECT count(*) FROM tombstone")? == "0");
        }
    }

    async fn an_edit_before_the_deletion_is_merged_with_the_edit_of_another(cluster: &Cluster) {
        for deletion_is_first in [true, false] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Homer").await?;
            let book = ann.book(author.id, "The Iliad").await?;
            team.comes_to_rest().await?;
            ann.edit_book(book.id, |book| book.publisher = Some("Penguin".to_owned())).await?;
            ann.delete_book(book.id).await?;
            bob.retitle(book.id, "Ilias").await?;
            let first = if deletion_is_first { ann } else { bob };
            first.round().await?;
            team.comes_to_rest().await?;
            let merged = bob.find_book(book.id).await?.map(|book| (book.title, book.publisher));
            ensure!(merged == Some(("Ilias".to_owned(), Some("Penguin".to_owned()))), "{deletion_is_first}: {merged:?}");
        }
    }

    async fn a_parent_that_was_deleted_comes_back_for_a_child_that_was_added(cluster: &Cluster) {
        for deletion_is_first in [true, false] {
            let team = Team::of(cluster, ["Ann", "Bob", "Cem"]).await?;
            let [ann, bob, cem] = &team.members;
            let author = ann.author("Homer").await?;
            team.comes_to_rest().await?;
            ann.delete_author(author.id).await?;
            let book = bob.book(author.id, "The Iliad").await?;
            let first = if deletion_is_first { ann } else { bob };
            first.round().await?;
            team.comes_to_rest().await?;
            let name = cem.find_author(author.id).await?.map(|author| author.name);
            ensure!(name.as_deref() == Some("Homer"), "{deletion_is_first}: {name:?}");
            ensure!(cem.find_book(book.id).await?.is_some());
            let kind = team.conflict().await?.kind;
            ensure!(kind == if deletion_is_first { "parent_came_back" } else { "deletion_undone" }, "{kind}");
        }
    }

    async fn a_parent_and_its_children_deleted_by_one_come_back_as_far_as_another_needs_them(cluster: &Cluster) {
        for deletion_is_first in [true, false] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Homer").await?;
            let kept = ann.book(author.id, "The Iliad").await?;
            let gone = ann.book(author.id, "The Odyssey").await?;
            team.comes_to_rest().await?;
            for book in [kept.id, gone.id] {
                ann.delete_book(book).await?;
            }
            ann.delete_author(author.id).await?;
            bob.edit_book(kept.id, |book| book.language = Some("grc".to_owned())).await?;
            let first = if deletion_is_first { ann } else { bob };
            first.round().await?;
            team.comes_to_rest().await?;
            ensure!(ann.find_author(author.id).await?.is_some(), "{deletion_is_first}");
            ensure!(ann.find_book(kept.id).await?.is_some_and(|book| book.language.as_deref() == Some("grc")));
            ensure!(ann.find_book(gone.id).await?.is_none());
        }
    }

    async fn what_one_set_before_both_deleted_is_there_when_a_third_brings_the_record_back(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob", "Cem"]).await?;
        let [ann, bob, cem] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        bob.edit_book(book.id, |book| book.publisher = Some("Penguin".to_owned())).await?;
        bob.delete_book(book.id).await?;
        ann.delete_book(book.id).await?;
        cem.retitle(book.id, "Ilias").await?;
        ann.round().await?;
        // Both have deleted it, and nothing waits: the rest is for whoever brings it back.
        bob.round().await?;
        ensure!(bob.pending().await? == 0, "{}", bob.pending().await?);
        team.comes_to_rest().await?;
        let merged = ann.find_book(book.id).await?.map(|book| (book.title, book.publisher));
        ensure!(merged == Some(("Ilias".to_owned(), Some("Penguin".to_owned()))), "{merged:?}");
        let mut audited = bob.database().read(colophon_sync::audit::audit).await?;
        let (connection, _) = colophon_sync::central::Central::new(team.catalogue.settings()).open().await?;
        audited.account_by_history(&connection.history(&audited.in_question()).await?);
        ensure!(audited.unaccounted.is_empty(), "{audited:?}");
    }

    async fn a_record_beside_its_own_tombstone_is_alive_and_makes_nobody_write(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        ann.delete_author(author.id).await?;
        team.comes_to_rest().await?;
        // As a restore without triggers leaves it.
        let mut psql = team.catalogue.psql()?;
        psql.run("BEGIN; CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM tombstone;
             INSERT INTO author (id, name, sort_name) SELECT id, content->>'name', content->>'sort_name' FROM kept;
             INSERT INTO tombstone SELECT entity, id, revision + 1, content, deleted_at, deleted_by, device FROM kept; COMMIT")?;
        team.comes_to_rest().await?;
        ensure!(bob.find_author(author.id).await?.is_some());
        let (before, conflicts) = (psql.value("SELECT revision FROM catalogue_head")?, team.conflicts().await?.len());
        for _ in 0..3 {
            team.round().await?;
        }
        ensure!(psql.value("SELECT revision FROM catalogue_head")? == before && team.conflicts().await?.len() == conflicts);
        bob.rename(author.id, "Homeros").await?;
        team.comes_to_rest().await?;
        ensure!(ann.find_author(author.id).await?.is_some_and(|author| author.name == "Homeros"));
        ensure!(team.conflicts().await?.len() == conflicts);
    }
}
