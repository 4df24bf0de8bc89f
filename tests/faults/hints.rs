//! Hints that anybody may send, and edits that come without one.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::WriteSession;
use colophon_sync::SyncState;
use colophon_tests::device::{Device, opened, pause, until};
use colophon_tests::ending::Deadline;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

/// How long hints are sent.
const FLOOD: Duration = Duration::from_secs(5);
/// How many times a second anybody may make a device look, besides what it does anyway: once a second.
const LOOKS_A_SECOND: usize = 3;
/// How many edits another program makes, one after another.
const EDITS: usize = 12;

/// How long nothing happens between two of them.
const REST: Duration = Duration::from_millis(100);

/// Makes the server record what a catalogue's editor asks.
fn write_down(cluster: &Cluster, catalogue: &CentralCatalogue<'_>) -> anyhow::Result<()> {
    let user = format!("{}_ann", catalogue.name());
    cluster
        .psql()?
        .run(&format!("ALTER ROLE {user} SET log_statement = 'all'"))?;
    Ok(())
}

/// How many times the head of a catalogue has been read so far.
fn looks(cluster: &Cluster, catalogue: &CentralCatalogue<'_>) -> anyhow::Result<usize> {
    let log = fs::read_to_string(cluster.socket().join("log")).context("the server writes no log")?;
    let head = format!("FROM \"{}\".catalogue_head AS head LEFT JOIN", catalogue.name());
    Ok(log.matches(&head).count())
}

/// How many times a catalogue has been glanced at so far.
fn glances(cluster: &Cluster, catalogue: &CentralCatalogue<'_>) -> anyhow::Result<usize> {
    let log = fs::read_to_string(cluster.socket().join("log")).context("the server writes no log")?;
    Ok(log
        .matches(&format!("SELECT revision FROM \"{}\".catalogue_head", catalogue.name()))
        .count())
}

on_each_release! {
    async fn what_another_program_writes_comes_before_the_next_look_where_somebody_is(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        write_down(cluster, &catalogue)?;
        let ann = Device::named("Ann");
        let task = ann.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::InStep).await?;
        // That nothing happens can only be said of a span of time.
        tokio::time::sleep(REST * 3).await;
        ensure!(glances(cluster, &catalogue)? == 0, "nobody is here");
        ann.author("Ann writes").await?;
        until(&task, |status| status.revision == Some(1) && status.state == SyncState::InStep).await?;
        let mut psql = catalogue.psql()?;
        let (mut unlooked, mut waits) = (0, Vec::new());
        for edit in 2..=i64::try_from(EDITS)? {
            // One edit at a time: none should be picked up by what the one before has set off.
            tokio::time::sleep(REST).await;
            let (before, begun) = (looks(cluster, &catalogue)?, Instant::now());
            psql.run("INSERT INTO author (name, sort_name) VALUES ('Foreign', 'Foreign')")?;
            until(&task, |status| status.revision >= Some(edit)).await?;
            waits.push(begun.elapsed());
            // The round that takes it reads the head once; a round that results from a look has read it for that as
            // well.
            unlooked += usize::from(looks(cluster, &catalogue)? <= before + 1);
        }
        ensure!(unlooked * 2 > EDITS, "{unlooked} of {EDITS} came without a look, after {waits:?}");
        drop(task);
        in_step(&catalogue, [&ann])?;
    }

    async fn a_flood_of_hints_makes_nobody_look_more_than_twice_a_second(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.add_login("mallory", "reader")?;
        write_down(cluster, &catalogue)?;
        let (ann, bob) = (Device::named("Ann"), Device::named("Bob"));
        let task = ann.task(catalogue.settings());
        bob.author("Bob writes").await?;
        let known = bob.round(catalogue.settings()).await?.revision;
        until(&task, |status| status.state == SyncState::InStep && status.revision == Some(known)).await?;
        let mut mallory = catalogue.psql_of("mallory")?;
        let before = looks(cluster, &catalogue)?;
        let begun = Instant::now();
        let mut hints = 0;
        while begun.elapsed() < FLOOD {
            // What is not a number, what is known, and what is impossible.
            for payload in ["swordfish", "0", &known.to_string(), &i64::MAX.to_string(), &(known + 1).to_string()] {
                mallory.run(&format!("NOTIFY {}, '{payload}'", catalogue.name()))?;
                hints += 1;
            }
        }
        let seconds = usize::try_from(begun.elapsed().as_secs())? + 1;
        let looked = looks(cluster, &catalogue)? - before;
        println!("{looked} looks and pulls for {hints} hints in {seconds} s");
        ensure!(looked <= seconds * LOOKS_A_SECOND, "{looked} looks for {hints} hints in {seconds} s");
        // And an honest one is heard among them.
        bob.author("Bob goes on").await?;
        let newer = bob.round(catalogue.settings()).await?.revision;
        until(&task, |status| status.revision == Some(newer)).await?;
        drop(task);
        in_step(&catalogue, [&ann, &bob])?;
    }

    async fn what_another_program_writes_to_the_file_leaves_without_a_look(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        write_down(cluster, &catalogue)?;
        let ann = Device::named("Ann");
        let task = ann.task(catalogue.settings());
        until(&task, |status| status.state == SyncState::InStep).await?;
        // Like the command line: the same file, and nothing else in common.
        let beside = opened(&ann.local.file()).await?;
        let mut psql = catalogue.psql()?;
        let before = looks(cluster, &catalogue)?;
        for number in 1..=EDITS {
            let create = move |tx: &WriteSession<'_>| tx.repo_mut::<Author>().create(&AuthorDraft::named(format!("{number}")));
            beside.write(create).await?;
            let deadline = Deadline::until("what another program wrote to the file is on the server");
            while psql.value("SELECT count(*) FROM author")? != number.to_string() {
                deadline.check()?;
                pause().await;
            }
            // Until nothing of this one is under way, or it would pick up the next.
            let revision = i64::try_from(number)?;
            until(&task, |status| status.pending == 0 && status.revision >= Some(revision)).await?;
            // And it has come to rest.
            tokio::time::sleep(REST).await;
        }
        let looked = looks(cluster, &catalogue)? - before;
        ensure!(looked < EDITS / 2, "{looked} looks for {EDITS} edits: they have waited for them");
        drop((task, beside));
        in_step(&catalogue, [&ann])?;
    }
}
