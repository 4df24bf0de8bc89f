//! Clocks that are wrong.

use std::time::Duration;

use anyhow::ensure;
use colophon_catalogue::BookId;
use colophon_sync::central::CentralSettings;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{Cluster, Direction, Fault, Proxy};
use jiff::SignedDuration;

use crate::team::{Member, Team};

const FIVE_YEARS: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

/// Says a title three hours ago, and a note an hour ago: so the time of the row says nothing about the title.
async fn says_a_title_and_later_a_note(bob: &Member, book: BookId) -> anyhow::Result<()> {
    bob.set_clock(SignedDuration::from_hours(-3));
    bob.retitle(book, "Bob's").await?;
    bob.set_clock(SignedDuration::from_hours(-1));
    bob.edit_book(book, |book| book.notes = Some("a note".to_owned()))
        .await?;
    bob.set_clock(SignedDuration::ZERO);
    Ok(())
}

/// Says another title two hours ago.
async fn says_a_title_in_between(ann: &Member, book: BookId) -> anyhow::Result<()> {
    ann.set_clock(SignedDuration::from_hours(-2));
    ann.retitle(book, "Ann's").await?;
    ann.set_clock(SignedDuration::ZERO);
    Ok(())
}

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

    async fn the_later_edit_of_a_field_stands_when_its_author_edited_another_field_since(cluster: &Cluster) {
        for batch_is_large in [false, true] {
            for first in [0, 1] {
                let team = Team::of(cluster, ["Ann", "Bob"]).await?;
                let [ann, bob] = &team.members;
                let author = ann.author("Homer").await?;
                let book = ann.book(author.id, "The Iliad").await?;
                team.comes_to_rest().await?;
                team.two_days_pass()?;
                let ago = |hours: i64| SignedDuration::from_hours(-hours);
                // Ann's title is the older one, though she has edited the notes since.
                ann.set_clock(ago(3));
                ann.retitle(book.id, "Ann's").await?;
                ann.set_clock(ago(1));
                ann.edit_book(book.id, |book| book.notes = Some("a note".to_owned())).await?;
                ann.set_clock(SignedDuration::ZERO);
                bob.set_clock(ago(2));
                bob.retitle(book.id, "Bob's").await?;
                bob.set_clock(SignedDuration::ZERO);
                if batch_is_large {
                    // More rows than are sent at once: by stages.
                    for number in 0..70 {
                        team.members[first].author(&format!("author {number}")).await?;
                    }
                }
                team.members[first].round().await?;
                team.comes_to_rest().await?;
                let found = ann.find_book(book.id).await?.map(|book| (book.title, book.notes));
                let expected = ("Bob's".to_owned(), Some("a note".to_owned()));
                ensure!(found == Some(expected), "{batch_is_large} {first}: {found:?}");
                team.conflict().await?;
            }
        }
    }

    async fn the_later_edit_of_a_field_stands_when_a_clock_was_put_right_between_edit_and_sync(cluster: &Cluster) {
        for is_restarted in [false, true] {
            for wrong in [FIVE_YEARS, -FIVE_YEARS] {
                for bob_is_later in [false, true] {
                    for first in [0, 1] {
                        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
                        let [ann, bob] = &team.members;
                        let author = ann.author("Homer").await?;
                        let book = ann.book(author.id, "The Iliad").await?;
                        team.comes_to_rest().await?;
                        team.two_days_pass()?;
                        let ago = |hours: i64| SignedDuration::from_hours(-hours);
                        bob.set_clock(ago(if bob_is_later { 1 } else { 3 }));
                        bob.put_clock(wrong);
                        bob.retitle(book.id, "Bob's").await?;
                        bob.put_clock(ago(if bob_is_later { 1 } else { 3 }));
                        bob.set_clock(SignedDuration::ZERO);
                        if is_restarted {
                            bob.restart();
                        }
                        ann.set_clock(ago(2));
                        ann.retitle(book.id, "Ann's").await?;
                        ann.set_clock(SignedDuration::ZERO);
                        team.members[first].round().await?;
                        team.comes_to_rest().await?;
                        let title = ann.find_book(book.id).await?.map(|book| book.title);
                        let expected = if bob_is_later { "Bob's" } else { "Ann's" };
                        ensure!(title.as_deref() == Some(expected), "{is_restarted} {wrong} {bob_is_later} {first}: {title:?}");
                        team.conflict().await?;
                    }
                }
            }
        }
    }

    async fn an_answer_that_was_slow_makes_no_edit_younger(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann"]).await?;
        let [ann] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        team.two_days_pass()?;
        let mut psql = team.catalogue.psql()?;
        let mut now = || psql.value("SELECT extract(epoch FROM clock_timestamp() - interval '1 hour')");
        let before = now()?;
        ann.set_clock(SignedDuration::from_hours(-1));
        ann.rename(author.id, "Homeros").await?;
        ann.set_clock(SignedDuration::ZERO);
        let after = now()?;
        // Answers take long and questions do not: so the server did not answer when half of the time had passed.
        let proxy = Proxy::start(cluster.port()).await?;
        proxy.set_fault(Fault::Late(Direction::ToDevice, Duration::from_secs(1)));
        let settings = CentralSettings { port: proxy.port(), ..team.catalogue.settings() };
        ann.exchange(settings).round(&mut |_| ()).await?;
        let told = psql.value(&format!(
            "SELECT extract(epoch FROM changed_at) BETWEEN {before} - 0.3 AND {after} + 0.3, extract(epoch FROM changed_at) - {before} FROM history"
        ))?;
        ensure!(told.starts_with("t|"), "{told} s after it");
    }
    async fn the_later_edit_stands_when_it_was_made_while_a_restored_server_told_of_the_other(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        ann.author("Virgil").await?;
        team.comes_to_rest().await?;
        team.catalogue.bring_back(&backup)?;
        bob.round().await?;
        team.two_days_pass()?;
        says_a_title_and_later_a_note(bob, book.id).await?;
        bob.round().await?;
        let proxy = Proxy::start(cluster.port()).await?;
        // All ids are asked for only when the two are reconciled.
        proxy.hold("COPY (SELECT id FROM");
        let mut through = ann.exchange(CentralSettings { port: proxy.port(), ..team.catalogue.settings() });
        let told = &mut |_| ();
        let (round, edited) = tokio::join!(through.round(told), async {
            proxy.held().await?;
            says_a_title_in_between(ann, book.id).await?;
            proxy.let_go();
            anyhow::Ok(())
        });
        edited?;
        ensure!(round?.reconciled.is_some(), "nobody has noticed that the server was brought back");
        team.comes_to_rest().await?;
        let found = bob.find_book(book.id).await?.map(|book| (book.title, book.notes));
        ensure!(found == Some(("Ann's".to_owned(), Some("a note".to_owned()))), "{found:?}");
        team.conflict().await?;
    }

    async fn the_later_edit_stands_when_it_was_made_while_rows_were_asked_for_by_name(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        let mut psql = team.catalogue.psql()?;
        psql.run(
            "ALTER TABLE author ALTER COLUMN name DROP NOT NULL, DROP CONSTRAINT author_name_check;
             INSERT INTO author (name, sort_name) VALUES (NULL, 'Nameless')",
        )?;
        let proxy = Proxy::start(cluster.port()).await?;
        let mut through = ann.exchange(CentralSettings { port: proxy.port(), ..team.catalogue.settings() });
        let report = through.round(&mut |_| ()).await?;
        ensure!(report.not_kept.len() == 1, "{report:#?}");
        bob.round().await?;
        team.two_days_pass()?;
        says_a_title_and_later_a_note(bob, book.id).await?;
        through.retry_quarantined().await?;
        // There is nothing to pull when the round begins, so the first snapshot is the one in which the row without a
        // name is asked for.
        proxy.hold("REPEATABLE READ");
        let told = &mut |_| ();
        let (round, edited) = tokio::join!(through.round(told), async {
            proxy.held().await?;
            bob.round().await?;
            says_a_title_in_between(ann, book.id).await?;
            proxy.let_go();
            anyhow::Ok(())
        });
        edited?;
        round?;
        psql.run("UPDATE author SET name = 'Anonymous' WHERE name IS NULL")?;
        for member in &team.members {
            member.retry().await?;
        }
        team.comes_to_rest().await?;
        let found = bob.find_book(book.id).await?.map(|book| (book.title, book.notes));
        ensure!(found == Some(("Ann's".to_owned(), Some("a note".to_owned()))), "{found:?}");
        team.conflict().await?;
    }
}
