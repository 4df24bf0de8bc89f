//! What somebody says of records that look the same, among several devices.

use anyhow::ensure;
use colophon_acts::RecordKind;
use colophon_acts::apart::keep_apart;
use colophon_acts::combining::merge;
use colophon_acts::side_by_side::Choices;
use colophon_catalogue::look_alikes::look_alikes;
use colophon_store::EntityId as _;
use colophon_tests::device::Device;
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;
use colophon_tests::undoing;
use uuid::Uuid;

use crate::team::Team;

async fn groups(device: &Device) -> anyhow::Result<Vec<Vec<Uuid>>> {
    Ok(device
        .database()
        .read(|s| look_alikes(s, RecordKind::Book.table()))
        .await?)
}

async fn apart(device: &Device, records: [Uuid; 2]) -> anyhow::Result<()> {
    let by = device.name.clone();
    let apart = move |tx: &colophon_store::WriteSession<'_>| keep_apart(tx, RecordKind::Book, &records, &by);
    device.database().write(apart).await?;
    Ok(())
}

/// Two books of one title, which both devices have.
async fn two_books(team: &Team<'_, 2>) -> anyhow::Result<[Uuid; 2]> {
    let ann = &team.members[0];
    let author = ann.author("Emily Dickinson").await?.id;
    let one = ann.book(author, "Poems").await?.id.uuid();
    let other = ann.book(author, "Poems").await?.id.uuid();
    team.comes_to_rest().await?;
    Ok([one, other])
}

on_each_release! {
    async fn what_one_says_is_not_the_same_nobody_else_is_asked_about(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let books = two_books(&team).await?;
        ensure!(groups(bob).await? == [books.to_vec()]);
        apart(ann, books).await?;
        team.comes_to_rest().await?;
        ensure!(groups(bob).await?.is_empty());
        // It is taken back after everybody has heard of it, and said again.
        ann.database().write(undoing::undo).await?;
        team.comes_to_rest().await?;
        ensure!(groups(bob).await? == [books.to_vec()]);
        apart(bob, books).await?;
        team.comes_to_rest().await?;
        ensure!(groups(ann).await?.is_empty());
    }

    async fn two_who_say_so_without_knowing_have_said_it_once(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let books = two_books(&team).await?;
        apart(ann, books).await?;
        apart(bob, books).await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            ensure!(groups(member).await?.is_empty(), "{}", member.name);
            let known = member.conflicts().await?;
            ensure!(known.len() == 1 && known[0].settled_at.is_some(), "{known:?}");
        }
    }

    async fn what_became_one_comes_back_after_everybody_has_heard_of_it(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let [one, other] = two_books(&team).await?;
        ann.edit_book(colophon_catalogue::BookId::from_uuid(other), |book| book.published_year = Some(1890)).await?;
        team.comes_to_rest().await?;
        let choices = Choices { stays: Some(one), fields: Vec::new() };
        ann.database().write(move |tx| merge(tx, RecordKind::Book, &[one, other], &choices, None, "Ann")).await?;
        team.comes_to_rest().await?;
        let years = |device: &Device| {
            let database = device.database().clone();
            async move {
                let books = database.read(|s| s.repo::<colophon_catalogue::Book>().all()).await?;
                let mut years: Vec<_> = books.into_iter().map(|book| (book.id.uuid(), book.published_year)).collect();
                years.sort_unstable();
                anyhow::Ok(years)
            }
        };
        ensure!(years(bob).await? == [(one, Some(1890))]);
        ann.database().write(undoing::undo).await?;
        team.comes_to_rest().await?;
        ensure!(years(bob).await? == [(one, None), (other, Some(1890))], "{:?}", years(bob).await?);
        ensure!(groups(bob).await?.len() == 1);
    }
}
