//! A server that was restored from a backup, and one that has forgotten deletions.

use anyhow::{Context as _, ensure};
use colophon_store::EntityId as _;
use colophon_sync::{Cause, Reconciled};
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;
use colophon_tests::undoing;

use crate::team::Team;

on_each_release! {
    async fn what_a_restored_server_has_forgotten_goes_back_to_it(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let old = ann.book(author.id, "The Iliad").await?;
        let doomed = ann.book(author.id, "The Margites").await?;
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        let new = ann.book(author.id, "The Odyssey").await?;
        bob.retitle(old.id, "Ilias").await?;
        bob.delete_book(doomed.id).await?;
        team.comes_to_rest().await?;
        team.catalogue.bring_back(&backup)?;
        ensure!(team.catalogue.psql()?.value("SELECT string_agg(title, ',' ORDER BY title) FROM book")? == "The Iliad,The Margites");
        let report = ann.round().await?;
        let reconciled = report.reconciled.context("nobody has noticed")?;
        ensure!(reconciled.cause == Cause::ServerRestored && reconciled.forgotten == 3, "{reconciled:?}");
        team.comes_to_rest().await?;
        ensure!(team.catalogue.psql()?.value("SELECT string_agg(title, ',' ORDER BY title) FROM book")? == "Ilias,The Odyssey");
        ensure!(bob.find_book(new.id).await?.is_some() && bob.find_book(doomed.id).await?.is_none());
        ensure!(team.conflicts().await?.is_empty(), "{:#?}", team.conflicts().await?);
    }

    async fn a_restored_server_that_went_on_to_the_same_number_is_noticed(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let (one, other) = (ann.book(author.id, "The Iliad").await?, ann.book(author.id, "The Odyssey").await?);
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        ann.retitle(one.id, "Ilias").await?;
        team.comes_to_rest().await?;
        let mut psql = team.catalogue.psql()?;
        let before = psql.value("SELECT revision FROM catalogue_head")?;
        team.catalogue.bring_back(&backup)?;
        psql.run(&format!("UPDATE book SET title = 'Odyssee' WHERE id = '{}'", other.id))?;
        ensure!(psql.value("SELECT revision FROM catalogue_head")? == before, "the numbers are to be the same");
        let report = bob.round().await?;
        ensure!(report.reconciled.is_some(), "{report:?}");
        team.comes_to_rest().await?;
        ensure!(psql.value("SELECT string_agg(title, ',' ORDER BY title) FROM book")? == "Ilias,Odyssee");
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn what_both_lines_have_changed_is_merged_and_nothing_of_it_is_lost(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, _] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        ann.retitle(book.id, "Ilias").await?;
        team.comes_to_rest().await?;
        team.catalogue.bring_back(&backup)?;
        team.catalogue.psql()?.run("UPDATE book SET title = 'Iliade'")?;
        team.comes_to_rest().await?;
        let title = ann.find_book(book.id).await?.context("the book is gone")?.title;
        let conflict = team.conflict().await?;
        let both = [conflict.mine.clone(), conflict.theirs.clone()];
        ensure!(title == "Iliade" && both.iter().flatten().any(|value| value.contains("Ilias")), "{title} {conflict:#?}");
    }

    async fn an_edit_that_waits_while_the_server_is_brought_back_arrives(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        bob.retitle(book.id, "Ilias").await?;
        team.catalogue.bring_back(&backup)?;
        team.comes_to_rest().await?;
        ensure!(ann.find_book(book.id).await?.is_some_and(|book| book.title == "Ilias"));
    }

    async fn a_catalogue_with_nothing_in_common_is_another_one(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann"]).await?;
        let [ann] = &team.members;
        ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let mut psql = team.catalogue.psql()?;
        psql.run("UPDATE catalogue_head SET incarnation = gen_random_uuid()")?;
        ann.round().await?;
        psql.run("UPDATE catalogue_head SET incarnation = gen_random_uuid(); UPDATE lineage SET mark = gen_random_uuid()")?;
        let refused = ann.round().await;
        ensure!(matches!(refused, Err(colophon_sync::Error::AnotherCatalogue)), "{refused:?}");
    }

    async fn a_device_that_was_away_while_deletions_were_forgotten_brings_nothing_back(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let gone = ann.book(author.id, "The Iliad").await?;
        let edited = ann.book(author.id, "The Odyssey").await?;
        team.comes_to_rest().await?;
        ann.delete_book(gone.id).await?;
        ann.delete_book(edited.id).await?;
        ann.round().await?;
        let mut psql = team.catalogue.psql()?;
        psql.run("SELECT purge((SELECT revision FROM catalogue_head))")?;
        ensure!(psql.value("SELECT count(*) FROM tombstone")? == "0");
        bob.retitle(edited.id, "Odyssee").await?;
        let report = bob.round().await?;
        let Some(Reconciled { cause: Cause::DeletionsForgotten, gone: 1, .. }) = report.reconciled else {
            anyhow::bail!("{report:?}");
        };
        team.comes_to_rest().await?;
        ensure!(bob.find_book(gone.id).await?.is_none());
        ensure!(ann.find_book(edited.id).await?.is_some_and(|book| book.title == "Odyssee"));
        ensure!(team.conflict().await?.kind == "deleted_there");
    }

    async fn a_deletion_can_be_taken_back_after_the_server_has_forgotten_it(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        ann.delete_author(author.id).await?;
        team.comes_to_rest().await?;
        team.catalogue.psql()?.run("SELECT purge((SELECT revision FROM catalogue_head))")?;
        ann.database().write(undoing::undo).await?;
        team.comes_to_rest().await?;
        ensure!(bob.find_author(author.id).await?.is_some() && team.conflicts().await?.is_empty());
    }

    async fn a_deletion_that_the_server_has_forgotten_stands_against_a_server_from_before_it(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann"]).await?;
        let [ann] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Margites").await?;
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        ann.delete_book(book.id).await?;
        team.catalogue.psql()?.run("DELETE FROM book; SELECT purge((SELECT revision FROM catalogue_head))")?;
        team.comes_to_rest().await?;
        team.catalogue.bring_back(&backup)?;
        ensure!(team.catalogue.psql()?.value("SELECT count(*) FROM book")? == "1");
        team.comes_to_rest().await?;
        ensure!(team.catalogue.psql()?.value("SELECT count(*) FROM book")? == "0");
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn a_deletion_that_a_restored_server_has_forgotten_is_not_undone_without_a_word_whoever_comes_first(cluster: &Cluster) {
        for first in [0, 1] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Homer").await?;
            team.comes_to_rest().await?;
            let backup = team.catalogue.back_up()?;
            let book = ann.book(author.id, "The Margites").await?;
            team.comes_to_rest().await?;
            // Ann hears of it only after the server has forgotten it, and the book with it.
            bob.delete_book(book.id).await?;
            bob.round().await?;
            team.catalogue.bring_back(&backup)?;
            team.members[first].round().await?;
            team.members[1 - first].round().await?;
            team.comes_to_rest().await?;
            let conflicts = team.conflicts().await?;
            let kinds: Vec<_> = conflicts.iter().map(|conflict| (conflict.record_id, conflict.kind.as_str())).collect();
            ensure!(kinds == [(book.id.uuid(), "deletion_undone")], "{first}: {conflicts:#?}");
            ensure!(ann.find_book(book.id).await?.is_some() && bob.find_book(book.id).await?.is_some(), "{first}");
            for member in &team.members {
                let audit = member.audit(team.catalogue.settings()).await?;
                ensure!(audit.unaccounted.is_empty(), "{first}, {}: {audit:#?}", member.name);
            }
        }
    }

    async fn what_was_said_in_a_file_before_both_deleted_what_its_copy_has_sent_is_not_lost_when_somebody_brings_it_back(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let copy = ann.copied("Copy")?;
        copy.round(team.catalogue.settings()).await?;
        // Of the file it was never sent.
        ann.edit_author(author.id, |author| author.notes = Some("blind".to_owned())).await?;
        ann.delete_author(author.id).await?;
        bob.round().await?;
        bob.delete_author(author.id).await?;
        bob.round().await?;
        ann.round().await?;
        copy.rename(author.id, "Homeros").await?;
        copy.round(team.catalogue.settings()).await?;
        team.comes_to_rest().await?;
        let back = ann.find_author(author.id).await?.context("the author is gone")?;
        let conflicts = team.conflicts().await?;
        let parked = conflicts.iter().flat_map(|conflict| [&conflict.mine, &conflict.theirs]).flatten();
        let all: Vec<_> = back.notes.iter().chain([&back.name]).chain(parked).collect();
        for said in ["blind", "Homeros"] {
            ensure!(all.iter().any(|value| value.trim_matches('"') == said), "{said} is not in {all:?}");
        }
        let audit = ann.audit(team.catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{audit:#?}");
    }

    async fn what_was_edited_before_a_deletion_that_the_server_has_forgotten_is_not_lost_when_it_is_taken_back(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        ann.retitle(book.id, "Ilias").await?;
        ann.delete_book(book.id).await?;
        bob.retitle(book.id, "Iliade").await?;
        team.catalogue.psql()?.run("DELETE FROM book; SELECT purge((SELECT revision FROM catalogue_head))")?;
        ann.round().await?;
        ann.database().write(undoing::undo).await?;
        bob.round().await?;
        team.comes_to_rest().await?;
        let stands = bob.find_book(book.id).await?.map(|book| book.title);
        let conflicts = team.conflicts().await?;
        let parked = conflicts.iter().flat_map(|conflict| [&conflict.mine, &conflict.theirs]).flatten();
        let all: Vec<_> = stands.iter().chain(parked).collect();
        for title in ["Ilias", "Iliade"] {
            ensure!(all.iter().any(|said| said.trim_matches('"') == title), "{title} is not in {all:?}");
        }
    }

    async fn what_was_said_before_a_deletion_of_which_the_server_keeps_nothing_is_not_lost_when_somebody_sends_the_record_again(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        bob.edit_author(author.id, |author| author.notes = Some("blind".to_owned())).await?;
        bob.delete_author(author.id).await?;
        // Between Bob's look and his push somebody else deletes the record, and the server forgets that at once.
        let mut foreign = team.catalogue.psql()?;
        foreign.run("BEGIN; DELETE FROM author; SELECT purge((SELECT revision FROM catalogue_head))")?;
        let (round, ended) = tokio::join!(bob.round(), async {
            team.catalogue.until_editor_waits().await?;
            foreign.run("COMMIT")?;
            anyhow::Ok(())
        });
        ended?;
        round?;
        ensure!(foreign.value("SELECT count(*) FROM tombstone")? == "0");
        ann.rename(author.id, "Homeros").await?;
        ann.round().await?;
        team.comes_to_rest().await?;
        let back = bob.find_author(author.id).await?.context("the author is gone")?;
        let conflicts = team.conflicts().await?;
        let parked = conflicts.iter().flat_map(|conflict| [&conflict.mine, &conflict.theirs]).flatten();
        let all: Vec<_> = back.notes.iter().chain([&back.name]).chain(parked).collect();
        for said in ["blind", "Homeros"] {
            ensure!(all.iter().any(|value| value.trim_matches('"') == said), "{said} is not in {all:?}");
        }
        let audit = bob.audit(team.catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{audit:#?}");
    }

    async fn deletions_are_forgotten_as_far_as_all_devices_have_come(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        bob.author("Virgil").await?;
        team.comes_to_rest().await?;
        ann.delete_author(author.id).await?;
        ann.round().await?;
        let mut psql = team.catalogue.psql()?;
        ensure!(psql.value("SELECT purge()")? == "0", "Bob has not heard of it yet");
        team.comes_to_rest().await?;
        for member in [ann, bob] {
            member.author("Ovid").await?;
            team.comes_to_rest().await?;
        }
        ensure!(psql.value("SELECT purge()")? == "1");
        ensure!(psql.value("SELECT count(*) FROM tombstone")? == "0");
    }

    async fn the_audit_accounts_for_what_a_restored_server_can_not_tell_any_more(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        ann.rename(author.id, "Homeros").await?;
        team.comes_to_rest().await?;
        bob.rename(author.id, "Homère").await?;
        team.comes_to_rest().await?;
        let count = async || -> anyhow::Result<_> {
            let mut found = ann.database().read(colophon_sync::audit::audit).await?;
            let connection = team.catalogue.open().await?;
            found.account_by_history(&connection.history(&found.in_question()).await?);
            Ok((found.replaced, found.forgotten, found.unaccounted))
        };
        ensure!(count().await? == (1, 0, Vec::new()), "{:?}", count().await?);
        team.catalogue.bring_back(&backup)?;
        team.comes_to_rest().await?;
        ensure!(count().await? == (0, 1, Vec::new()), "{:?}", count().await?);
        ensure!(bob.find_author(author.id).await?.is_some_and(|author| author.name == "Homère"));
    }
}
