//! A process that endlessly edits and syncs is killed (SIGKILL) again and again, whatever it is doing. It writes what
//! it has acknowledged into a pipe: every one of these edits must be on the server in the end.

use std::collections::HashSet;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
use colophon_store::WriteSession;
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Identity, SyncTask};
use colophon_tests::chance::Chance;
use colophon_tests::child::Child;
use colophon_tests::device::{Device, opened};
use colophon_tests::ending::{Lines, wait};
use colophon_tests::foreign::ForeignWriter;
use colophon_tests::in_step::in_step;
use colophon_tests::ledger::{Ledger, accounted};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

/// How many times it is killed.
const LIVES: u32 = 25;
/// The most edits of one life that are read before it is killed.
const EDITS_MAX: usize = 40;

/// Lives once, to its violent end. Returns what it acknowledged.
fn live(life: u32, device: &Device, settings: &CentralSettings, chance: &mut Chance) -> anyhow::Result<Vec<String>> {
    let file = device.local.file();
    let function = "restless::a_process_that_edits_and_syncs_without_end";
    let mut child = Child::command(function, &file, settings, &life.to_string())?
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut output = Lines::of(
        "the child",
        child.stdout.take().context("the child's output is a pipe")?,
    );
    let enough = chance.number(EDITS_MAX);
    let mut acknowledged = Vec::new();
    while acknowledged.len() <= enough
        && let Some(said) = output.line()?
    {
        acknowledged.extend(said.strip_prefix("kept ").map(str::to_owned));
    }
    let mean = Duration::from_micros(chance.number(20_000) as u64);
    #[expect(clippy::disallowed_methods, reason = "a moment by chance is the point")]
    std::thread::sleep(mean);
    child.kill()?;
    wait("the child that was killed", &mut child)?;
    // It went on for a moment.
    while let Some(said) = output.line()? {
        acknowledged.extend(said.strip_prefix("kept ").map(str::to_owned));
    }
    Ok(acknowledged)
}

on_each_release! {
    async fn a_process_that_is_killed_again_and_again_loses_nothing_that_it_has_acknowledged(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut ledger = Ledger::keep(&catalogue)?;
        let (ann, bob) = (Device::named("Ann"), Device::named("Bob"));
        ann.round(catalogue.settings()).await?;
        let foreign = ForeignWriter::start(catalogue.psql()?);
        let mut chance = Chance::by_chance();
        let mut acknowledged = Vec::new();
        for life in 0..LIVES {
            acknowledged.extend(live(life, &ann, &catalogue.settings(), &mut chance)?);
        }
        let written = foreign.stop().await?;
        ensure!(acknowledged.len() > LIVES as usize, "only {} edits were acknowledged", acknowledged.len());
        for device in [&ann, &bob, &ann] {
            device.round(catalogue.settings()).await?;
        }
        in_step(&catalogue, [&ann, &bob])?;
        accounted(&ann, catalogue.settings()).await?;
        ledger.has_nothing_twice()?;
        // Each of these titles was given to its own book, and nobody else changes titles; some books were deleted by
        // others.
        let there = catalogue.psql()?.run(
            "SELECT title FROM book UNION SELECT content->>'title' FROM tombstone WHERE entity = 'book'",
        )?;
        let there: HashSet<_> = there.into_iter().collect();
        let lost: Vec<_> = acknowledged.iter().filter(|title| !there.contains(*title)).collect();
        ensure!(lost.is_empty(), "{lost:?} of {}", acknowledged.len());
        println!("{LIVES} kills, {} acknowledged edits, {written} foreign transactions", acknowledged.len());
    }
}

/// Not a test: the process that is killed.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_edits_and_syncs_without_end() -> anyhow::Result<()> {
    let Some(child) = Child::of_environment()? else {
        return Ok(());
    };
    let database = opened(&child.file).await?;
    let identity = Identity {
        name: "Ann".to_owned(),
        app_version: "0.1.0".to_owned(),
    };
    let _task = SyncTask::start(database.clone(), Some(Central::new(child.settings)), identity);
    for number in 0.. {
        let title = format!("{}.{number}", child.told);
        let kept = title.clone();
        let write = move |tx: &WriteSession<'_>| {
            let author = tx
                .repo_mut::<Author>()
                .create(&AuthorDraft::named(format!("of {title}")))?;
            let book = tx
                .repo_mut::<Book>()
                .create(&BookDraft::new("not yet named", author.id))?;
            let name = |book: &mut Book| {
                book.title = title;
                Ok(())
            };
            tx.repo_mut::<Book>().change(book.id, name)
        };
        database.write(write).await?;
        let mut output = std::io::stdout().lock();
        writeln!(output, "kept {kept}")?;
        output.flush()?;
        drop(output);
        // Edits come at irregular times, so that the kill meets all kinds of moments.
        tokio::time::sleep(Duration::from_millis(number % 5)).await;
    }
    Ok(())
}
