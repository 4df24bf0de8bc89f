//! Two and three people at work on the same records.

use anyhow::ensure;
use colophon_acts::settlement::{Decision, settle};
use colophon_catalogue::{BookDraft, Contribution, ContributionDraft, Role};
use colophon_store::EntityId as _;
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;
use jiff::SignedDuration;

use crate::team::{Team, kept};

on_each_release! {
    async fn a_conflict_that_nobody_has_settled_is_the_same_on_both_sides(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        let book = ann.book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        ann.retitle(book.id, "Ilias").await?;
        bob.retitle(book.id, "The Song of Ilium").await?;
        team.comes_to_rest().await?;
        // Its times of settling are absent, here as there.
        ensure!(team.conflict().await?.settled_at.is_none());
        let verified = ann.exchange(team.catalogue.settings()).verify().await?;
        ensure!(verified.healed.is_empty() && verified.same == 3, "{verified:?}");
    }

    async fn what_one_writes_the_others_have(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob", "Cem"]).await?;
        let [ann, bob, cem] = &team.members;
        let author = ann.author("Ursula K. Le Guin").await?;
        let book = ann.book(author.id, "The Dispossessed").await?;
        let other = bob.author("Søren Kierkegaard 🖋").await?;
        let role = ContributionDraft { book_id: book.id, author_id: author.id, role: Role::Editor, position: 1 };
        ann.database().write(move |tx| tx.repo_mut::<Contribution>().create(&role)).await?;
        team.comes_to_rest().await?;
        cem.edit_book(book.id, |book| book.published_year = Some(1974)).await?;
        bob.rename(other.id, "Constantin Constantius").await?;
        team.comes_to_rest().await?;
        for member in &team.members {
            let seen = member.find_book(book.id).await?.and_then(|book| book.published_year);
            ensure!(seen == Some(1974), "{}: {seen:?}", member.name);
            let seen = member.find_author(other.id).await?.map(|author| author.name);
            ensure!(seen.as_deref() == Some("Constantin Constantius"), "{}: {seen:?}", member.name);
        }
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn a_round_with_nothing_to_do_changes_nothing(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, _] = &team.members;
        ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let head = "SELECT revision FROM catalogue_head";
        let before = team.catalogue.psql()?.value(head)?;
        for report in team.round().await? {
            ensure!((report.pulled, report.pushed, report.pending) == (0, 0, 0), "{report:?}");
        }
        ensure!(team.catalogue.psql()?.value(head)? == before);
    }

    async fn edits_of_different_fields_are_both_kept(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Ann Leckie").await?;
        let book = ann.book(author.id, "Ancillary Justise").await?;
        team.comes_to_rest().await?;
        ann.retitle(book.id, "Ancillary Justice").await?;
        bob.edit_book(book.id, |book| book.publisher = Some("Orbit".to_owned())).await?;
        team.comes_to_rest().await?;
        let merged = ann.find_book(book.id).await?.map(|book| (book.title, book.publisher));
        ensure!(merged == Some(("Ancillary Justice".to_owned(), Some("Orbit".to_owned()))), "{merged:?}");
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn two_edits_that_break_a_rule_together_are_asked_about(cluster: &Cluster) {
        for first in 0..2 {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Nobody").await?;
            ann.edit_author(author.id, |author| (author.birth_year, author.death_year) = (Some(1800), Some(1980))).await?;
            team.comes_to_rest().await?;
            ann.edit_author(author.id, |author| author.birth_year = Some(1900)).await?;
            bob.edit_author(author.id, |author| author.death_year = Some(1870)).await?;
            team.members[first].round().await?;
            team.comes_to_rest().await?;
            let years = ann.find_author(author.id).await?.map(|author| (author.birth_year, author.death_year));
            ensure!(years == Some((Some(1900), Some(1870))), "both stand: {years:?}");
            // Whoever came second is asked about what they said themselves.
            let conflict = team.conflict().await?;
            let field = ["death_year", "birth_year"][first];
            ensure!(conflict.field.as_deref() == Some(field) && conflict.settled_at.is_none(), "{conflict:?}");
            let settled = bob.database().write(move |tx| settle(tx, conflict.id, Decision::Theirs, "Bob")).await?;
            ensure!(settled.settled_at.is_some());
            team.comes_to_rest().await?;
            let years = ann.find_author(author.id).await?.map(|author| (author.birth_year, author.death_year));
            let expected = [(Some(1900), Some(1980)), (Some(1800), Some(1870))][first];
            ensure!(years == Some(expected), "{years:?}");
        }
    }

    async fn of_two_edits_of_a_field_the_later_stands_and_the_other_is_a_conflict_that_all_have(cluster: &Cluster) {
        for later_is_first_to_push in [false, true] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            let author = ann.author("Homer").await?;
            let book = ann.book(author.id, "The Iliad").await?;
            team.comes_to_rest().await?;
            team.two_days_pass()?;
            ann.set_clock(SignedDuration::from_hours(-1));
            ann.retitle(book.id, "an hour ago").await?;
            ann.set_clock(SignedDuration::ZERO);
            bob.retitle(book.id, "just now").await?;
            if later_is_first_to_push {
                bob.round().await?;
            }
            team.comes_to_rest().await?;
            let title = ann.find_book(book.id).await?.map(|book| book.title);
            ensure!(title.as_deref() == Some("just now"), "{later_is_first_to_push}: {title:?}");
            let conflict = team.conflict().await?;
            ensure!((conflict.kind.as_str(), conflict.field.as_deref()) == ("field", Some("title")), "{conflict:?}");
            ensure!(conflict.record_id == book.id.uuid() && conflict.base == Some(kept("The Iliad")), "{conflict:?}");
            let (mine, theirs, stands, by, theirs_by) = if later_is_first_to_push {
                ("an hour ago", "just now", "theirs", "Ann", "Bob")
            } else {
                ("just now", "an hour ago", "mine", "Bob", "Ann")
            };
            ensure!((&conflict.mine, &conflict.theirs) == (&Some(kept(mine)), &Some(kept(theirs))), "{conflict:?}");
            ensure!((conflict.stands.as_deref(), conflict.parked_by.as_str()) == (Some(stands), by), "{conflict:?}");
            ensure!(conflict.theirs_by.as_deref() == Some(theirs_by), "{conflict:?}");
            ensure!(conflict.theirs_at.is_some() && conflict.settled_at.is_none(), "{conflict:?}");
        }
    }

    async fn the_same_value_twice_is_no_conflict(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        for member in [ann, bob] {
            member.edit_author(author.id, |author| author.birth_year = Some(-750)).await?;
        }
        team.comes_to_rest().await?;
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn notes_are_merged_by_line(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?;
        ann.edit_author(author.id, |author| author.notes = Some("one\ntwo\nthree\nfour".to_owned())).await?;
        team.comes_to_rest().await?;
        ann.edit_author(author.id, |author| author.notes = Some("ONE\ntwo\nthree\nfour".to_owned())).await?;
        bob.edit_author(author.id, |author| author.notes = Some("one\ntwo\nthree\nfour\nfive".to_owned())).await?;
        team.comes_to_rest().await?;
        let notes = bob.find_author(author.id).await?.and_then(|author| author.notes);
        ensure!(notes.as_deref() == Some("ONE\ntwo\nthree\nfour\nfive"), "{notes:?}");
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn three_edits_of_one_field_leave_two_conflicts(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob", "Cem"]).await?;
        let author = team.members[0].author("Homer").await?;
        let book = team.members[0].book(author.id, "The Iliad").await?;
        team.comes_to_rest().await?;
        team.two_days_pass()?;
        for (hours, member) in (1..).zip(&team.members) {
            let title = format!("{hours} hours ago");
            member.set_clock(SignedDuration::from_hours(-hours));
            member.retitle(book.id, &title).await?;
            member.set_clock(SignedDuration::ZERO);
        }
        team.comes_to_rest().await?;
        let title = team.members[2].find_book(book.id).await?.map(|book| book.title);
        ensure!(title.as_deref() == Some("1 hours ago"), "{title:?}");
        let conflicts = team.conflicts().await?;
        let values: Vec<_> = conflicts.iter().flat_map(|conflict| [&conflict.mine, &conflict.theirs]).collect();
        for lost in ["2 hours ago", "3 hours ago"] {
            ensure!(values.contains(&&Some(kept(lost))), "{lost} is lost: {conflicts:#?}");
        }
        ensure!(conflicts.len() == 2, "{conflicts:#?}");
    }

    async fn a_thousand_records_and_edits_of_all_of_them_travel(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Georges Simenon").await?;
        let books = ann.database().write(move |tx| {
            let books = (0..1000).map(|number| {
                let draft = BookDraft::new(format!("Maigret {number}"), author.id);
                Ok(tx.repo_mut::<colophon_catalogue::Book>().create(&draft)?.id)
            });
            books.collect::<colophon_store::Result<Vec<_>>>()
        }).await?;
        team.comes_to_rest().await?;
        bob.database().write(move |tx| {
            books.iter().try_for_each(|id| {
                let publish = |book: &mut colophon_catalogue::Book| { book.publisher = Some("Fayard".to_owned()); Ok(()) };
                tx.repo_mut::<colophon_catalogue::Book>().change(*id, publish).map(drop)
            })
        }).await?;
        ann.rename(author.id, "G. Simenon").await?;
        team.comes_to_rest().await?;
    }
}
