//! Tags, identifiers and other names, among several devices.

use anyhow::ensure;
use colophon_acts::headings;
use colophon_acts::settlement::{Decision, settle};
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::belongings::Belongings;
use colophon_catalogue::conflict::ConflictKind;
use colophon_catalogue::identifier::{IDENTIFIERS_OF_AUTHOR, IDENTIFIERS_OF_BOOK};
use colophon_catalogue::tag::{TAGS, tag_named, tags};
use colophon_catalogue::{Tag, Tagging};
use colophon_store::{EntityId as _, Query};
use colophon_tests::device::Device;
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;
use uuid::Uuid;

use crate::team::Team;

/// Adds a text to a list of a record on a device.
async fn add(device: &Device, list: &'static Belongings, record: Uuid, text: &'static str) -> anyhow::Result<()> {
    device.database().write(move |tx| list.add(tx, record, text)).await?;
    Ok(())
}

/// What is in a list of a record on a device.
async fn texts(device: &Device, list: &'static Belongings, record: Uuid) -> anyhow::Result<Vec<String>> {
    Ok(device.database().read(move |s| list.texts(s, record)).await?)
}

on_each_release! {
    async fn what_one_adds_to_the_lists_the_others_have(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Mark Twain").await?.id;
        let book = ann.book(author, "Tom Sawyer").await?.id.uuid();
        let author = author.uuid();
        team.comes_to_rest().await?;
        add(ann, &TAGS, book, "rivers").await?;
        add(ann, &IDENTIFIERS_OF_BOOK, book, "oclc:12228601").await?;
        add(bob, &OTHER_NAMES, author, "Samuel Langhorne Clemens").await?;
        add(bob, &IDENTIFIERS_OF_AUTHOR, author, "viaf:50566653").await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            ensure!(texts(member, &TAGS, book).await? == ["rivers"], "{}", member.name);
            ensure!(texts(member, &IDENTIFIERS_OF_BOOK, book).await? == ["oclc:12228601"], "{}", member.name);
            ensure!(texts(member, &OTHER_NAMES, author).await? == ["Samuel Langhorne Clemens"], "{}", member.name);
            ensure!(texts(member, &IDENTIFIERS_OF_AUTHOR, author).await? == ["viaf:50566653"], "{}", member.name);
        }
        let verified = ann.exchange(team.catalogue.settings()).verify().await?;
        ensure!(verified.healed.is_empty() && verified.same == 7, "{verified:?}");
        bob.database().write(move |tx| TAGS.remove(tx, book, "rivers")).await?;
        team.comes_to_rest().await?;
        ensure!(texts(ann, &TAGS, book).await?.is_empty());
    }

    async fn a_tag_that_two_made_alike_is_asked_about_and_becomes_one(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Frank Herbert").await?.id;
        let dune = ann.book(author, "Dune").await?.id.uuid();
        let other = ann.book(author, "The Dosadi Experiment").await?.id.uuid();
        team.comes_to_rest().await?;
        add(ann, &TAGS, dune, "Science fiction").await?;
        add(bob, &TAGS, dune, "Science fiction").await?;
        add(bob, &TAGS, other, "Science fiction").await?;
        team.comes_to_rest().await?;
        let question = team.conflict().await?;
        ensure!(question.kind == ConflictKind::SameRecord.word() && question.entity == "tag", "{question:?}");
        for member in &team.members {
            ensure!(texts(member, &TAGS, dune).await? == ["Science fiction"], "{}: shown once", member.name);
        }
        ann.database().write(move |tx| settle(tx, question.id, Decision::Merge, "Ann")).await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            let found = member.database().read(|s| Ok((tags(s)?, s.repo::<Tagging>().count(&Query::all())?))).await?;
            ensure!(found.0.len() == 1 && found.0[0].books == 2 && found.1 == 2, "{}: {found:?}", member.name);
        }
    }

    async fn a_tag_that_is_renamed_and_deleted_at_once_comes_back_with_the_name(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let book = ann.book(ann.author("Homer").await?.id, "The Iliad").await?.id.uuid();
        add(ann, &TAGS, book, "epic").await?;
        team.comes_to_rest().await?;
        let id = ann.database().write(|tx| tag_named(tx, "epic")).await?;
        bob.database().write(move |tx| headings::delete::<Tag>(tx, &[id])).await?;
        ann.database().write(move |tx| headings::rename::<Tag>(tx, id, "epic poetry")).await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            let tag = member.database().read(move |s| s.repo::<Tag>().find(id)).await?;
            ensure!(tag.is_some_and(|tag| tag.name == "epic poetry"), "{}", member.name);
        }
    }

    async fn a_deleted_book_that_somebody_tags_is_there_with_the_tag(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let book = ann.book(ann.author("Homer").await?.id, "The Iliad").await?.id;
        add(ann, &TAGS, book.uuid(), "war").await?;
        team.comes_to_rest().await?;
        ann.delete_book(book).await?;
        add(bob, &TAGS, book.uuid(), "epic").await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            ensure!(member.find_book(book).await?.is_some(), "{}", member.name);
            let tags = texts(member, &TAGS, book.uuid()).await?;
            ensure!(tags.contains(&"epic".to_owned()), "{}: {tags:?}", member.name);
        }
    }

    async fn another_program_that_deletes_a_book_needs_no_word_for_what_is_part_of_it(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let book = ann.book(ann.author("Homer").await?.id, "The Iliad").await?.id.uuid();
        add(ann, &TAGS, book, "epic").await?;
        add(ann, &IDENTIFIERS_OF_BOOK, book, "oclc:1").await?;
        team.comes_to_rest().await?;
        team.catalogue.psql()?.run("DELETE FROM book")?;
        team.comes_to_rest().await?;
        for member in [ann, bob] {
            let left = member.database().read(|s| s.repo::<Tagging>().count(&Query::all())).await?;
            ensure!(left == 0, "{}", member.name);
        }
        let verified = ann.exchange(team.catalogue.settings()).verify().await?;
        ensure!(verified.healed.is_empty(), "{verified:?}");
        let graves = team.catalogue.psql()?.run("SELECT entity FROM tombstone ORDER BY entity")?;
        ensure!(graves == ["book", "identifier", "tagging"], "{graves:?}");
    }
}
