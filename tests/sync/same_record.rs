//! The same record, made twice by people who did not see each other's: whoever comes second notices, and asks.

use std::io::Cursor;

use anyhow::ensure;
use colophon_acts::settlement::{AllSettled, Decision, settle_all};
use colophon_catalogue::conflict::ConflictKind;
use colophon_catalogue::import::{Existing, ImportFile, Options, RejectedRows};
use colophon_catalogue::{Author, Book, BookDraft};
use colophon_store::Query;
use colophon_sync::Parts;
use colophon_sync::central::CentralSettings;
use colophon_tests::device::Device;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, Proxy};
use colophon_tests::undoing;

use crate::team::Team;

/// Real records: the sample's, in the form of an export, without ISBNs.
const SAMPLE: &str = include_str!("../../crates/acts/src/sample/books.csv");

/// What makes Ann's book, or another's, different.
type Change = fn(&mut BookDraft, bool);

/// The word for conflicts of this kind.
const SAME: &str = "same_record";

async fn import(device: &Device, csv: &str) -> anyhow::Result<()> {
    let mut file = ImportFile::open(Cursor::new(csv.to_owned()), &Options::default())?;
    let import = move |tx: &colophon_store::WriteSession<'_>| {
        let mut rejected = RejectedRows::counted_only();
        let imported = file.import(tx, Existing::default(), &mut rejected, |_| {});
        imported.map(drop).map_err(|error| colophon_store::Error::Corrupt {
            detail: error.to_string(),
        })
    };
    Ok(device.database().write(import).await?)
}

async fn counts(device: &Device) -> anyhow::Result<(u64, u64)> {
    let count = |s: &colophon_store::ReadSession<'_>| {
        Ok((
            s.repo::<Author>().count(&Query::all())?,
            s.repo::<Book>().count(&Query::all())?,
        ))
    };
    Ok(device.database().read(count).await?)
}

/// Every record of a file that both have imported is asked about once.
async fn all_are_asked_about<const N: usize>(team: &Team<'_, N>, authors: u64, books: u64) -> anyhow::Result<()> {
    let conflicts = team.conflicts().await?;
    let of = |entity: &str| {
        conflicts
            .iter()
            .filter(|one| one.kind == SAME && one.entity == entity)
            .count() as u64
    };
    ensure!(
        conflicts.len() as u64 == authors + books,
        "{} conflicts",
        conflicts.len()
    );
    ensure!(
        (of("author"), of("book")) == (authors, books),
        "{} and {}",
        of("author"),
        of("book")
    );
    for conflict in &conflicts {
        let other = conflict
            .holder
            .ok_or_else(|| anyhow::anyhow!("no other: {conflict:?}"))?;
        ensure!(
            other < conflict.record_id,
            "the one that was made first stays: {conflict:?}"
        );
    }
    Ok(())
}

async fn merge_all(device: &Device) -> anyhow::Result<AllSettled> {
    let merge =
        |tx: &colophon_store::WriteSession<'_>| settle_all(tx, ConflictKind::SameRecord, Decision::Merge, "somebody");
    Ok(device.database().write(merge).await?)
}

/// How many authors and books the sample has, found by importing it on a device of its own.
async fn in_the_sample() -> anyhow::Result<(u64, u64)> {
    let alone = Device::new();
    import(&alone, SAMPLE).await?;
    counts(&alone).await
}

on_each_release! {
    async fn the_same_file_imported_on_two_devices_is_asked_about_whoever_syncs_first(cluster: &Cluster) {
        let (authors, books) = in_the_sample().await?;
        for turns in [[0, 1], [1, 0]] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            for member in &team.members {
                import(member, SAMPLE).await?;
            }
            for turn in turns {
                team.members[turn].round().await?;
            }
            team.comes_to_rest().await?;
            all_are_asked_about(&team, authors, books).await?;
        }
    }

    async fn what_both_have_sent_before_either_heard_of_the_other_is_asked_about_once(cluster: &Cluster) {
        let (authors, books) = in_the_sample().await?;
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        // Both have met the server, and see nothing new there when they begin.
        team.comes_to_rest().await?;
        import(ann, SAMPLE).await?;
        import(bob, SAMPLE).await?;
        let (anns, bobs) = tokio::join!(ann.round(), bob.round());
        anns?;
        bobs?;
        team.comes_to_rest().await?;
        all_are_asked_about(&team, authors, books).await?;
    }

    async fn a_first_download_beside_an_import_asks_the_same(cluster: &Cluster) {
        let (authors, books) = in_the_sample().await?;
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (ann, bob) = (Device::named("Ann"), Device::named("Bob"));
        import(&ann, SAMPLE).await?;
        ann.round(catalogue.settings()).await?;
        import(&bob, SAMPLE).await?;
        let parts = Parts { worth_rows: 10, rows: 50 };
        let mut exchange = bob.exchange(catalogue.settings()).in_parts(parts);
        let mut has_downloaded = false;
        exchange.round(&mut |progress| has_downloaded |= matches!(progress, colophon_sync::Progress::Downloading(_))).await?;
        ensure!(has_downloaded, "it was no first download");
        ann.round(catalogue.settings()).await?;
        in_step(&catalogue, [&ann, &bob])?;
        let conflicts = bob.conflicts().await?;
        ensure!(conflicts.iter().all(|one| one.kind == SAME));
        ensure!(conflicts.len() as u64 == authors + books, "{} conflicts", conflicts.len());
    }

    async fn who_settles_all_at_once_settles_them_for_everybody_and_nobody_is_asked_again(cluster: &Cluster) {
        let (authors, books) = in_the_sample().await?;
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        for member in &team.members {
            import(member, SAMPLE).await?;
        }
        team.comes_to_rest().await?;
        let settled = merge_all(ann).await?;
        ensure!(settled == AllSettled { settled: authors + books, left: 0 }, "{settled:?}");
        team.comes_to_rest().await?;
        for member in &team.members {
            ensure!(counts(member).await? == (authors, books), "{:?}", counts(member).await?);
            ensure!(member.conflicts().await?.iter().all(|one| one.settlement.as_deref() == Some("merge")));
        }
        let audit = bob.audit(team.catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{:?}", audit.unaccounted);
        // The undo brings the twins back, and they are asked about as before.
        ann.database().write(undoing::undo).await?;
        team.comes_to_rest().await?;
        ensure!(counts(bob).await? == (2 * authors, 2 * books), "{:?}", counts(bob).await?);
        ensure!(bob.conflicts().await?.iter().all(|one| one.settled_at.is_none()));
    }

    async fn both_may_settle_at_once_each_as_they_like(cluster: &Cluster) {
        let (authors, books) = in_the_sample().await?;
        for bobs in [Decision::Merge, Decision::Keep] {
            let team = Team::of(cluster, ["Ann", "Bob"]).await?;
            let [ann, bob] = &team.members;
            for member in &team.members {
                import(member, SAMPLE).await?;
            }
            team.comes_to_rest().await?;
            merge_all(ann).await?;
            bob.database().write(move |tx| settle_all(tx, ConflictKind::SameRecord, bobs, "Bob")).await?;
            team.comes_to_rest().await?;
            ensure!(counts(bob).await? == (authors, books), "{:?}", counts(bob).await?);
            let conflicts = team.conflicts().await?;
            ensure!(conflicts.len() as u64 == authors + books, "{} conflicts", conflicts.len());
            ensure!(conflicts.iter().all(|one| one.settled_at.is_some()));
            for member in &team.members {
                let audit = member.audit(team.catalogue.settings()).await?;
                ensure!(audit.unaccounted.is_empty(), "{}: {:?}", member.name, audit.unaccounted);
            }
        }
    }

    async fn what_somebody_else_has_changed_before_its_maker_hears_of_the_other_is_asked_about(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        team.comes_to_rest().await?;
        for member in [ann, bob] {
            let homer = member.author("Homer").await?;
            member.book(homer.id, "The Odyssey").await?;
        }
        // Both are sent before either hears of the other, and before the answers are known somebody changes both.
        let proxies = [Proxy::start(cluster.port()).await?, Proxy::start(cluster.port()).await?];
        let through = |proxy: &Proxy| CentralSettings { port: proxy.port(), ..team.catalogue.settings() };
        let (mut anns, mut bobs) = (ann.exchange(through(&proxies[0])), bob.exchange(through(&proxies[1])));
        let mut foreign = team.catalogue.psql()?;
        foreign.run("BEGIN; INSERT INTO author (name, sort_name) VALUES ('Virgil', 'Virgil')")?;
        for proxy in &proxies {
            proxy.next_commit(CommitAnswer::Cut);
        }
        let (mut nobody_looks, mut nor_there) = (|_| (), |_| ());
        let (of_ann, of_bob, ended) = tokio::join!(anns.round(&mut nobody_looks), bobs.round(&mut nor_there), async {
            team.catalogue.until_editors_wait(2).await?;
            foreign.run("COMMIT")?;
            anyhow::Ok(())
        });
        ended?;
        ensure!(of_ann.is_err() && of_bob.is_err(), "an answer came through");
        foreign.run("UPDATE author SET notes = 'blind' WHERE name = 'Homer'; UPDATE book SET publisher = 'Penguin'")?;
        team.comes_to_rest().await?;
        all_are_asked_about(&team, 1, 1).await?;
    }

    async fn a_homonym_that_somebody_makes_knowingly_is_not_asked_about(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let smith = ann.author("John Smith").await?;
        ann.book(smith.id, "Poems").await?;
        team.comes_to_rest().await?;
        let other = bob.author("John Smith").await?;
        bob.book(other.id, "Poems").await?;
        bob.book(smith.id, "Poems").await?;
        team.comes_to_rest().await?;
        ensure!(team.conflicts().await?.is_empty());
    }

    async fn records_that_contradict_each_other_are_two(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let homer = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let differ: [Change; 5] = [
            |book, is_anns| book.published_year = Some(if is_anns { 1900 } else { 1901 }),
            |book, is_anns| book.language = Some(if is_anns { "eng" } else { "deu" }.to_owned()),
            |book, is_anns| book.isbn = Some(if is_anns { "9780140268867" } else { "9780441172719" }.to_owned()),
            |book, is_anns| book.subtitle = Some(if is_anns { "One" } else { "Two" }.to_owned()),
            |book, is_anns| book.series_position = Some(if is_anns { "1" } else { "2" }.to_owned()),
        ];
        for (number, change) in differ.into_iter().enumerate() {
            for (member, is_anns) in [(ann, true), (bob, false)] {
                let mut draft = BookDraft::new(format!("Odyssey {number}"), homer.id);
                change(&mut draft, is_anns);
                member.book_with(draft).await?;
            }
        }
        for (member, born) in [(ann, 1800), (bob, 1900)] {
            let smith = member.author("John Smith").await?.id;
            member.edit_author(smith, move |author| author.birth_year = Some(born)).await?;
        }
        team.comes_to_rest().await?;
        ensure!(team.conflicts().await?.is_empty(), "{:#?}", team.conflicts().await?);
    }

    async fn of_several_alike_each_is_asked_about_once(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let homer = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        // Three copies of one book, and what one of them gives as its year leaves only one partner for it.
        for member in [ann, bob] {
            for year in [None, Some(1900), None] {
                let draft = BookDraft { published_year: year, ..BookDraft::new("ODYSSEY", homer.id) };
                member.book_with(draft).await?;
            }
        }
        team.comes_to_rest().await?;
        let conflicts = team.conflicts().await?;
        ensure!(conflicts.len() == 3 && conflicts.iter().all(|one| one.kind == SAME), "{conflicts:#?}");
        let mut asked: Vec<_> = conflicts.iter().flat_map(|one| [Some(one.record_id), one.holder]).collect();
        asked.sort();
        asked.dedup();
        ensure!(asked.len() == 6, "{conflicts:#?}");
    }

    async fn an_isbn_that_both_have_is_asked_about_as_that_and_not_once_more(cluster: &Cluster) {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let homer = ann.author("Homer").await?;
        team.comes_to_rest().await?;
        let with_isbn = |member: &'static str| (member, "9780140268867".to_owned());
        for (member, (_, isbn)) in [(ann, with_isbn("Ann")), (bob, with_isbn("Bob"))] {
            let draft = BookDraft { isbn: Some(isbn), ..BookDraft::new("The Odyssey", homer.id) };
            member.book_with(draft).await?;
        }
        team.comes_to_rest().await?;
        let conflict = team.conflict().await?;
        ensure!(conflict.kind == "same_value", "{conflict:?}");
    }
}
