//! Networks as they are: late, silent, half open, partitioned, reset. A foreign program writes all the time, and people
//! edit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Author, AuthorDraft};
use colophon_store::WriteSession;
use colophon_sync::central::{Central, CentralSettings, Limits, TURN};
use colophon_sync::{Exchange, Identity, RoundReport, SyncState, SyncStatus, SyncTask};
use colophon_tests::chance::Chance;
use colophon_tests::device::{Device, until};
use colophon_tests::ending::Deadline;
use colophon_tests::foreign::ForeignWriter;
use colophon_tests::in_step::in_step;
use colophon_tests::ledger::{Ledger, accounted};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Direction, Fault, Proxy};
use tokio::task::JoinHandle;

/// How many faults each device's wire has, one after another.
const FAULTS: usize = 36;
/// How long one lasts at most, and how long nothing is wrong after it.
const LASTS_MILLISECONDS: usize = 150;
/// Limits that let a silence be noticed while the test watches.
const IMPATIENT: Limits = Limits {
    connect: Duration::from_millis(300),
    statement: Duration::from_millis(300),
    lock: Duration::from_millis(200),
    answer: Duration::from_millis(400),
    silence: Duration::from_millis(300),
    turn: TURN,
};

/// Enough rows for a push that holds the head for some time.
const MANY: usize = 5_000;

/// The same server, through a proxy.
pub(crate) fn through(proxy: &Proxy, catalogue: &CentralCatalogue<'_>) -> CentralSettings {
    CentralSettings {
        port: proxy.port(),
        ..catalogue.settings()
    }
}

fn impatient(device: &Device, settings: CentralSettings) -> Exchange {
    let identity = Identity {
        name: device.name.clone(),
        app_version: "0.1.0".to_owned(),
    };
    Exchange::new(
        device.database().clone(),
        Central::with_limits(settings, IMPATIENT),
        identity,
    )
}

/// One fault after another, each for a random time. Every kind occurs.
async fn weather(proxy: &Proxy, chance: &mut Chance) {
    for number in 0..FAULTS {
        let direction = if chance.one_in(2) {
            Direction::ToServer
        } else {
            Direction::ToDevice
        };
        let bytes = chance.number(16_000) as u64;
        let fault = match number % 6 {
            0 => Fault::Cut(direction, bytes),
            1 => Fault::Reset(direction, bytes),
            2 => Fault::Silence(direction, bytes),
            3 => Fault::Partition,
            4 => Fault::Delay(Duration::from_millis(chance.number(20) as u64)),
            _ => Fault::Refuse,
        };
        for weather in [fault, Fault::None] {
            proxy.set_fault(weather);
            let time = Duration::from_millis(chance.number(LASTS_MILLISECONDS) as u64);
            // Weather takes time.
            tokio::time::sleep(time).await;
        }
    }
}

/// Makes and changes records until told that it is enough. Returns how many edits were made.
async fn edit_until(device: &Device, is_enough: &AtomicBool) -> anyhow::Result<u32> {
    let author = device.author(&format!("{} writes", device.name)).await?;
    let mut book = device.book(author.id, &format!("{} 0", device.name)).await?;
    let mut edits = 2;
    while !is_enough.load(Ordering::SeqCst) {
        edits += 1;
        match edits % 3 {
            0 => drop(device.book(author.id, &format!("{} {edits}", device.name)).await?),
            1 => {
                let title = format!("{} {edits}", device.name);
                // The foreign program deletes books, including this one: whoever finds theirs gone makes another.
                if let Err(error) = device.retitle(book.id, &title).await {
                    ensure!(device.find_book(book.id).await?.is_none(), error);
                    book = device.book(author.id, &title).await?;
                }
            }
            _ => {
                let notes = format!("{} {edits}", device.name);
                device
                    .edit_author(author.id, move |author| author.notes = Some(notes))
                    .await?;
            }
        }
        // As a person edits: not without drawing breath.
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    Ok(edits)
}

/// Waits until every device has sent what it has and knows the server's last revision.
async fn in_step_at_last(
    catalogue: &CentralCatalogue<'_>,
    devices: &[Device],
    tasks: &[SyncTask],
) -> anyhow::Result<()> {
    let mut psql = catalogue.psql()?;
    let deadline = Deadline::until("every device has sent what it has, and has what the others sent");
    loop {
        deadline.check()?;
        let (mut pending, mut known) = (0, Vec::new());
        for (device, task) in devices.iter().zip(tasks) {
            let is_told = |status: &SyncStatus| !matches!(status.state, SyncState::Offline | SyncState::Pending);
            let status = until(task, is_told).await?;
            ensure!(status.state == SyncState::InStep, "{}: {status:?}", device.name);
            pending += device.pending().await?;
            known.push(status.revision);
        }
        // Read last: what a device sends after it was checked is newer than what the others know.
        let head = psql.value("SELECT revision FROM catalogue_head")?.parse()?;
        if pending == 0 && known.iter().all(|known| *known >= Some(head)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Makes a device push much, and partitions it from the server while it holds the head. Its round keeps waiting.
async fn falls_silent_while_it_writes(
    device: &Arc<Device>,
    catalogue: &CentralCatalogue<'_>,
    proxy: &Proxy,
) -> anyhow::Result<JoinHandle<colophon_sync::Result<RoundReport>>> {
    let mut psql = catalogue.psql()?;
    loop {
        proxy.set_fault(Fault::None);
        let create = |tx: &WriteSession<'_>| {
            let authors = tx.repo_mut::<Author>();
            (0..MANY).try_for_each(|number| authors.create(&AuthorDraft::named(format!("{number}"))).map(drop))
        };
        device.database().write(create).await?;
        let (pushing, settings) = (Arc::clone(device), through(proxy, catalogue));
        let round = tokio::spawn(async move { pushing.round(settings).await });
        while !round.is_finished() {
            if psql.run("SELECT FROM catalogue_head FOR UPDATE NOWAIT").is_err() {
                proxy.set_fault(Fault::Partition);
                break;
            }
        }
        // It may have come through in the moment in between.
        let through = psql.value("SELECT count(*) FROM author")?;
        if psql.run("SELECT FROM catalogue_head FOR UPDATE NOWAIT").is_err() && through == "0" {
            return Ok(round);
        }
        proxy.set_fault(Fault::None);
        round.await??;
        psql.run("DELETE FROM author")?;
    }
}

on_each_release! {
    async fn a_device_that_falls_silent_while_it_writes_keeps_others_for_a_moment_only(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut ledger = Ledger::keep(&catalogue)?;
        let (ann, bob) = (Arc::new(Device::named("Ann")), Device::named("Bob"));
        let proxy = Proxy::start(cluster.port()).await?;
        let silent = falls_silent_while_it_writes(&ann, &catalogue, &proxy).await?;
        bob.author("Bob writes").await?;
        // One round, and no second try.
        ensure!(bob.round(catalogue.settings()).await?.pushed == 1);
        silent.abort();
        let _ = silent.await;
        proxy.set_fault(Fault::None);
        ensure!(ann.round(catalogue.settings()).await?.pushed >= MANY as u64);
        bob.round(catalogue.settings()).await?;
        in_step(&catalogue, [&*ann, &bob])?;
        accounted(&ann, catalogue.settings()).await?;
        ledger.has_nothing_twice()?;
    }

    async fn through_every_kind_of_weather_all_end_equal_and_every_edit_is_accounted_for(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut ledger = Ledger::keep(&catalogue)?;
        let devices = Arc::new(["Ann", "Bob", "Cleo"].map(Device::named));
        let foreign = ForeignWriter::start(catalogue.psql()?);
        let is_enough = Arc::new(AtomicBool::new(false));
        let (mut lives, mut struck) = (Vec::new(), 0);
        for number in 0..devices.len() {
            let proxy = Proxy::start(cluster.port()).await?;
            let mut exchange = impatient(&devices[number], through(&proxy, &catalogue));
            let (devices, enough) = (Arc::clone(&devices), Arc::clone(&is_enough));
            let edits = tokio::spawn(async move { edit_until(&devices[number], &enough).await });
            let enough = Arc::clone(&is_enough);
            let rounds = tokio::spawn(async move {
                let (mut whole, mut broken) = (0, 0);
                while !enough.load(Ordering::SeqCst) {
                    match exchange.round(&mut |_| ()).await {
                        Ok(_) => whole += 1,
                        Err(error) if error.passes_by_itself() => broken += 1,
                        Err(error) => return Err(error),
                    }
                    // The others edit as well.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Ok((whole, broken))
            });
            let weather = tokio::spawn(async move {
                weather(&proxy, &mut Chance::by_chance()).await;
                proxy
            });
            lives.push((edits, rounds, weather));
        }
        let mut wires = Vec::new();
        let (mut working, mut told) = (Vec::new(), Vec::new());
        for (edits, rounds, weather) in lives {
            let proxy = weather.await?;
            struck += proxy.struck();
            wires.push(proxy);
            working.push((edits, rounds));
        }
        is_enough.store(true, Ordering::SeqCst);
        let (mut broken, mut edited) = (0, 0);
        for (edits, rounds) in working {
            edited += edits.await??;
            let (whole, failed) = rounds.await??;
            ensure!(whole > 0, "no round came to its end");
            broken += failed;
            told.push((whole, failed));
        }
        let written = foreign.stop().await?;
        ensure!(broken > 0 && struck > 0, "no fault did anything");
        for _ in 0..3 {
            for device in devices.iter() {
                device.round(catalogue.settings()).await?;
            }
        }
        in_step(&catalogue, devices.iter())?;
        for device in devices.iter() {
            accounted(device, catalogue.settings()).await?;
        }
        ledger.has_nothing_twice()?;
        println!("rounds that ended and broke: {told:?}; {struck} connections ended by faults, {edited} edits, {written} foreign transactions");
    }

    async fn loops_behind_partitions_come_to_rest_by_themselves(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut ledger = Ledger::keep(&catalogue)?;
        let devices = ["Ann", "Bob"].map(Device::named);
        let proxies = [Proxy::start(cluster.port()).await?, Proxy::start(cluster.port()).await?];
        let tasks = [0, 1].map(|number| devices[number].task(through(&proxies[number], &catalogue)));
        let foreign = ForeignWriter::start(catalogue.psql()?);
        let is_enough = AtomicBool::new(false);
        let storm = async {
            let (mut one, mut other) = (Chance::by_chance(), Chance::by_chance());
            tokio::join!(weather(&proxies[0], &mut one), weather(&proxies[1], &mut other));
            is_enough.store(true, Ordering::SeqCst);
        };
        let (ann, bob, ()) = tokio::join!(edit_until(&devices[0], &is_enough), edit_until(&devices[1], &is_enough), storm);
        let edits = ann? + bob?;
        let written = foreign.stop().await?;
        let rested = std::time::Instant::now();
        in_step_at_last(&catalogue, &devices, &tasks).await?;
        println!("{edits} edits, {written} foreign transactions, at rest {:?} after the last fault", rested.elapsed());
        drop(tasks);
        in_step(&catalogue, &devices)?;
        for device in &devices {
            accounted(device, catalogue.settings()).await?;
        }
        ledger.has_nothing_twice()?;
    }

    async fn a_server_that_accepts_and_falls_silent_is_given_up_and_found_again(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let device = Device::new();
        device.author("Author").await?;
        device.exchange(through(&proxy, &catalogue)).round(&mut |_| ()).await?;
        let whole = proxy.longest();
        // At once, while signing in, in the middle of a round, and shortly before its end.
        for (number, hundredths) in [0, 5, 30, 60, 90].into_iter().enumerate() {
            for (direction, whole) in [Direction::ToServer, Direction::ToDevice].into_iter().zip(whole) {
                let bytes = whole * hundredths / 100;
                device.author(&format!("Author {number} {direction:?}")).await?;
                let mut exchange = impatient(&device, through(&proxy, &catalogue));
                proxy.set_fault(Fault::Silence(direction, bytes));
                let silent = exchange.round(&mut |_| ()).await.err().context("there was an answer")?;
                // If silence begins only after some byte, a question about it gets through, and that tells.
                let is_told = matches!(silent.code(), "timeout" | "connection_lost");
                ensure!(is_told && silent.passes_by_itself(), "{bytes} {direction:?}: {silent}");
                proxy.set_fault(Fault::None);
                let report = exchange.round(&mut |_| ()).await?;
                ensure!(report.pending == 0, "{report:?}");
            }
        }
        in_step(&catalogue, [&device])?;
        accounted(&device, catalogue.settings()).await?;
    }
}
