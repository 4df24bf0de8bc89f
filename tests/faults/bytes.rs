//! A connection is cut after the n-th byte, for every n of a small conversation, in each direction.
//!
//! The conversation is a whole round of one device: it signs in, asks for the fate of a batch whose answer was lost,
//! pulls a row that somebody else has written, pushes an edit and has it confirmed. After each cut the device goes on
//! over an intact wire, and must come to rest and be equal; each of its edits must be on the server exactly once.
//!
//! A test run takes every 97th byte, beginning at a different one each time; `make soak` takes every one.
//! `COLOPHON_CUTS=from..to` takes those.

use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use anyhow::{Context as _, bail, ensure};
use colophon_catalogue::Author;
use colophon_sync::Exchange;
use colophon_sync::central::CentralSettings;
use colophon_tests::device::Device;
use colophon_tests::in_step::in_step_by;
use colophon_tests::ledger::{Ledger, accounted};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, Direction, Fault, Proxy, Psql};

/// Which bytes a usual run takes: one in this many.
const ONE_IN: u64 = 97;
/// No conversation has this many bytes.
const BYTES_MAX: u64 = 1_000_000;

/// The bytes after which to cut.
struct Cuts {
    range: Range<u64>,
    step: usize,
}

impl Cuts {
    fn wanted() -> anyhow::Result<Self> {
        match std::env::var("COLOPHON_CUTS") {
            Ok(asked) if asked == "all" => Ok(Self {
                range: 0..BYTES_MAX,
                step: 1,
            }),
            Ok(asked) => {
                let (from, to) = asked.split_once("..").context("COLOPHON_CUTS is all, or from..to")?;
                Ok(Self {
                    range: from.parse()?..to.parse()?,
                    step: 1,
                })
            }
            Err(_) => Ok(Self {
                range: RandomState::new().hash_one(()) % ONE_IN..BYTES_MAX,
                step: usize::try_from(ONE_IN)?,
            }),
        }
    }
}

/// One device with a wire that breaks, and its edits.
struct Scene<'c> {
    catalogue: CentralCatalogue<'c>,
    proxy: Proxy,
    device: Device,
    author: Author,
    foreign: Psql,
    ledger: Ledger,
}

impl<'c> Scene<'c> {
    async fn new(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let ledger = Ledger::keep(&catalogue)?;
        let device = Device::new();
        let author = device.author("Homer").await?;
        device.round(catalogue.settings()).await?;
        let mut foreign = catalogue.psql()?;
        foreign.run("INSERT INTO author (name, sort_name) VALUES ('foreign', 'foreign')")?;
        device.round(catalogue.settings()).await?;
        Ok(Self {
            proxy: Proxy::start(cluster.port()).await?,
            catalogue,
            device,
            author,
            foreign,
            ledger,
        })
    }

    fn exchange(&self) -> Exchange {
        self.device.exchange(CentralSettings {
            port: self.proxy.port(),
            ..self.catalogue.settings()
        })
    }

    /// One edit here and one there, a round that is cut, and those that follow. Returns whether it was cut.
    async fn cut(&mut self, fault: Fault, edit: &str) -> anyhow::Result<bool> {
        let before = self.head()?;
        let unheard = format!("{edit}, unheard");
        self.edit(&unheard).await?;
        self.proxy.next_commit(CommitAnswer::Cut);
        let lost = self.exchange().round(&mut |_| ()).await;
        ensure!(lost.is_err(), "the answer came through: {lost:?}");
        self.foreign
            .run(&format!("UPDATE author SET website = '{edit}' WHERE name = 'foreign'"))?;
        self.edit(edit).await?;
        let struck = self.proxy.struck();
        // Each conversation begins with signing in.
        let mut exchange = self.exchange();
        self.proxy.set_fault(fault);
        let round = exchange.round(&mut |_| ()).await;
        self.proxy.set_fault(Fault::None);
        let was_cut = self.proxy.struck() > struck;
        match &round {
            Err(error) if !(was_cut && error.passes_by_itself()) => bail!("{error} ({})", error.code()),
            _ => {}
        }
        let report = exchange.round(&mut |_| ()).await.context("the round after the cut")?;
        ensure!(report.pending == 0 && report.parked == 0, "{report:?}");
        for edit in [&unheard, edit] {
            let times = self.ledger.count("notes", edit)?;
            ensure!(times == 1, "{edit:?} was written {times} times");
        }
        // One revision of theirs and two of ours: not even an empty one more.
        ensure!(self.head()? == before + 3, "{before} became {}", self.head()?);
        in_step_by(&mut self.foreign, [&self.device])?;
        Ok(was_cut)
    }

    async fn edit(&self, notes: &str) -> anyhow::Result<()> {
        let notes = notes.to_owned();
        self.device
            .edit_author(self.author.id, move |author| author.notes = Some(notes))
            .await
    }

    fn head(&mut self) -> anyhow::Result<u64> {
        Ok(self.foreign.value("SELECT revision FROM catalogue_head")?.parse()?)
    }
}

async fn every_cut(cluster: &Cluster, direction: Direction, fault: fn(Direction, u64) -> Fault) -> anyhow::Result<()> {
    let mut scene = Scene::new(cluster).await?;
    let cuts = Cuts::wanted()?;
    let mut count = 0;
    for byte in cuts.range.step_by(cuts.step) {
        let was_cut = scene
            .cut(fault(direction, byte), &format!("{direction:?} {byte}"))
            .await
            .with_context(|| format!("{:?}", fault(direction, byte)))?;
        if !was_cut {
            // The conversation does not have that many bytes.
            break;
        }
        count += 1;
    }
    let audit = accounted(&scene.device, scene.catalogue.settings()).await?;
    scene.ledger.has_nothing_twice()?;
    let length = scene.proxy.longest();
    println!(
        "{direction:?}: {count} cuts, {} edits, conversations of {length:?} bytes",
        audit.edits
    );
    ensure!(count > 0, "no conversation was cut");
    Ok(())
}

on_each_release! {
    async fn a_connection_is_cut_after_any_byte_to_the_server(cluster: &Cluster) {
        Box::pin(every_cut(cluster, Direction::ToServer, Fault::Cut)).await?;
    }

    async fn a_connection_is_cut_after_any_byte_to_the_device(cluster: &Cluster) {
        Box::pin(every_cut(cluster, Direction::ToDevice, Fault::Cut)).await?;
    }

    async fn a_connection_is_reset_after_any_byte_to_the_server(cluster: &Cluster) {
        Box::pin(every_cut(cluster, Direction::ToServer, Fault::Reset)).await?;
    }

    async fn a_connection_is_reset_after_any_byte_to_the_device(cluster: &Cluster) {
        Box::pin(every_cut(cluster, Direction::ToDevice, Fault::Reset)).await?;
    }
}
