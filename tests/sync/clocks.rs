//! Clocks that are wrong.

use anyhow::ensure;
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;
use jiff::SignedDuration;

use crate::team::Team;

const FIVE_YEARS: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

on_each_release! {
    async fn a_clock_that_is_wrong_by_years_decides_nothing(cluster: &Cluster) {
        for wrong in [FIVE_YEARS, -FIVE_YEARS] {
            for wrong_one_is_first_to_push in [false, true] {
                for wrong_one_is_later in [false, true] {
                    let team = Team::of(cluster, ["Ann", "Bob"]).await?;
                    let [ann, bob] = &team.members;
                    bob.set_clock(wrong);
                    let author = ann.author("Homer").await?;
                    let book = ann.book(author.id, "The Iliad").await?;
                    team.comes_to_rest().await?;
                    team.two_days_pass()?;
                    let an_hour_ago = SignedDuration::from_hours(-1);
                    let (anns, bobs) = if wrong_one_is_later { (an_hour_ago, wrong) } else { (SignedDuration::ZERO, wrong + an_hour_ago) };
                    ann.set_clock(anns);
                    ann.retitle(book.id, "Ann's").await?;
                    ann.set_clock(SignedDuration::ZERO);
                    bob.set_clock(bobs);
                    bob.retitle(book.id, "Bob's").await?;
                    bob.set_clock(wrong);
                    if wrong_one_is_first_to_push {
                        bob.round().await?;
                    }
                    team.comes_to_rest().await?;
                    let title = ann.find_book(book.id).await?.map(|book| book.title);
                    let expected = if wrong_one_is_later { "Bob's" } else { "Ann's" };
                    ensure!(title.as_deref() == Some(expected), "{wrong} {wrong_one_is_first_to_push} {wrong_one_is_later}: {title:?}");
                    team.conflict().await?;
                }
            }
        }
    }

    async fn an_edit_made_offline_is_as_old_as_it_is_and_not_as_its_push(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann"]).await?;
        let [ann] = &team.members;
        ann.set_clock(FIVE_YEARS);
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        team.two_days_pass()?;
        ann.set_clock(FIVE_YEARS - SignedDuration::from_hours(24));
        ann.rename(author.id, "Homeros").await?;
        ann.set_clock(FIVE_YEARS);
        team.comes_to_rest().await?;
        let age = "SELECT now() - changed_at BETWEEN '23 hours 59 minutes' AND '24 hours 1 minute' FROM history";
        ensure!(team.catalogue.psql()?.run(age)? == ["t"]);
    }
}
