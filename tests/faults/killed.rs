//! The real program is killed (SIGKILL) at every step that a round passes, and started again.
//!
//! The steps are those that the sources of the sync name (`passed("…")`); each must be reached, or the test fails. What happens
//! around them is as much as fits into one round: the answer to a batch was lost, others have written, two people disagree,
//! something was deleted, the server refuses a record and with it the one that depends on it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, bail, ensure};
use colophon_catalogue::{Author, Book, BookDraft};
use colophon_tests::binary::{binary, environment};
use colophon_tests::device::Device;
use colophon_tests::in_step::in_step;
use colophon_tests::ledger::{Ledger, accounted};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Psql};

const SIGKILL: i32 = 9;
/// How the program ends when all is well, and when a record needs care.
const WELL: [Option<i32>; 2] = [Some(0), Some(9)];
/// The step at which a batch is on the server and nobody here knows.
const UNHEARD: &str = "at once: answered";

/// Every step that the sources name.
fn steps() -> anyhow::Result<BTreeSet<String>> {
    let mut steps = BTreeSet::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sync/src"),
        &mut steps,
    )?;
    ensure!(
        steps.contains(UNHEARD) && steps.len() > 20,
        "the steps are looked for in the wrong place: {steps:?}"
    );
    Ok(steps)
}

fn collect(folder: &Path, steps: &mut BTreeSet<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, steps)?;
        } else {
            let text = fs::read_to_string(&path)?;
            let named = text.split("passed(\"").skip(1);
            steps.extend(named.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    Ok(())
}

/// Two devices and a server. The first is used by the real program.
struct Scene<'c> {
    catalogue: CentralCatalogue<'c>,
    ledger: Ledger,
    foreign: Psql,
    ann: Device,
    bob: Device,
}

impl<'c> Scene<'c> {
    async fn new(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::new(cluster).await?;
        Ok(Self {
            ledger: Ledger::keep(&catalogue)?,
            foreign: catalogue.psql()?,
            ann: Device::named("Ann"),
            bob: Device::named("Bob"),
            catalogue,
        })
    }

    /// A round in which every step is passed but those of a copied file.
    async fn eventful(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::new(cluster).await?;
        let (homer, iliad) = scene.begin().await?;
        scene
            .foreign
            .run("ALTER TABLE author ADD CONSTRAINT no_nobody CHECK (name <> 'Nobody')")?;
        scene.note(&homer, "unheard").await?;
        ensure!(
            scene.sync(&["sync"], Some(UNHEARD))?.is_killed(),
            "{UNHEARD} was not reached"
        );
        scene.bob.retitle(iliad.id, "Ilias").await?;
        scene.bob.round(scene.catalogue.settings()).await?;
        scene
            .foreign
            .run("INSERT INTO author (name, sort_name) VALUES ('foreign', 'foreign')")?;
        scene
            .foreign
            .run("UPDATE book SET publisher = 'foreign' WHERE title = 'The Odyssey'")?;
        scene
            .foreign
            .run("DELETE FROM book WHERE title = 'Batrachomyomachia'")?;
        let ann = &scene.ann;
        ann.retitle(iliad.id, "The Iliad of Homer").await?;
        scene.note(&homer, "second").await?;
        let nobody = ann.author("Nobody").await?;
        ann.book(nobody.id, "His book").await?;
        let hesiod = ann.author("Hesiod").await?;
        let isbn = Some("9780140268867".to_owned());
        ann.book_with(BookDraft {
            isbn,
            ..BookDraft::new("Theogony", hesiod.id)
        })
        .await?;
        Ok(scene)
    }

    /// What both devices and the server have.
    async fn begin(&mut self) -> anyhow::Result<(Author, Book)> {
        let homer = self.ann.author("Homer").await?;
        let iliad = self.ann.book(homer.id, "The Iliad").await?;
        for title in ["The Odyssey", "Batrachomyomachia", "Margites"] {
            self.ann.book(homer.id, title).await?;
        }
        self.ann.round(self.catalogue.settings()).await?;
        self.bob.round(self.catalogue.settings()).await?;
        Ok((homer, iliad))
    }

    /// More waits than goes at once, and nothing is wrong with any of it.
    async fn crowded(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::new(cluster).await?;
        scene.begin().await?;
        for number in 0..70 {
            scene.ann.author(&format!("Author {number}")).await?;
        }
        Ok(scene)
    }

    /// The file is a copy of one that went on elsewhere.
    async fn copied(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::new(cluster).await?;
        let (homer, _) = scene.begin().await?;
        let copy = scene.ann.copied("the copy")?;
        scene.note(&homer, "on the original").await?;
        scene.ann.round(scene.catalogue.settings()).await?;
        scene.bob = std::mem::replace(&mut scene.ann, copy);
        scene.ann.author("On the copy").await?;
        Ok(scene)
    }

    /// The file is not what the server has, and nothing says so.
    async fn drifted(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let scene = Self::eventful(cluster).await?;
        ensure!(scene.sync(&["sync"], None)?.is_well());
        scene.ann.local.other_program().execute_batch(
            "BEGIN; INSERT INTO applying(id) VALUES(1); UPDATE book SET publisher='drifted' WHERE title='The Odyssey';
             DELETE FROM book WHERE title='Margites'; DELETE FROM applying; COMMIT",
        )?;
        Ok(scene)
    }

    async fn note(&self, author: &Author, notes: &str) -> anyhow::Result<()> {
        let notes = notes.to_owned();
        self.ann
            .edit_author(author.id, move |author| author.notes = Some(notes))
            .await
    }

    /// Runs the real program on the first device's file, to its end or to the step at which it dies.
    fn sync(&self, arguments: &[&str], step: Option<&str>) -> anyhow::Result<Ended> {
        let file = self.ann.local.file();
        let mut program = Command::new(binary()?);
        program
            .args(arguments)
            .env_clear()
            .env("HOME", file.parent().context("a file is in a folder")?)
            .env("COLOPHON_FILE", &file)
            .env("POSTGRES_PASSWORD", "secret")
            .envs(environment(&self.catalogue.settings()))
            .envs(step.map(|step| ("COLOPHON_DIE_AT", step)));
        let output = program.output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Ended {
            status: output.status,
            said,
        })
    }

    /// Started again, all comes to rest and is equal; everything is accounted for, and nothing was written twice.
    async fn goes_on(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        let ended = self.sync(arguments, None)?;
        ensure!(ended.is_well(), "started again: {}: {}", ended.status, ended.said);
        self.foreign
            .run("ALTER TABLE author DROP CONSTRAINT IF EXISTS no_nobody")?;
        self.ann.exchange(self.catalogue.settings()).retry_set_aside().await?;
        for device in [&self.ann, &self.bob, &self.ann] {
            let report = device.round(self.catalogue.settings()).await?;
            ensure!(report.pending == 0 && report.set_aside.is_empty(), "{report:?}");
        }
        in_step(&self.catalogue, [&self.ann, &self.bob])?;
        for device in [&self.ann, &self.bob] {
            accounted(device, self.catalogue.settings()).await?;
        }
        self.ledger.has_nothing_twice()
    }
}

/// How a run of the program ended.
struct Ended {
    status: ExitStatus,
    said: String,
}

impl Ended {
    fn is_killed(&self) -> bool {
        self.status.signal() == Some(SIGKILL)
    }

    fn is_well(&self) -> bool {
        WELL.contains(&self.status.code())
    }
}

async fn dies_at(cluster: &Cluster, step: &str) -> anyhow::Result<()> {
    let (mut scene, arguments): (_, &[&str]) = match step.split_once(':') {
        Some(("copy", _)) => (Scene::copied(cluster).await?, &["sync"]),
        Some(("write", _)) => (Scene::crowded(cluster).await?, &["sync"]),
        Some(("verify", _)) => (Scene::drifted(cluster).await?, &["sync", "verify"]),
        _ => (Scene::eventful(cluster).await?, &["sync"]),
    };
    let ended = scene.sync(arguments, Some(step))?;
    ensure!(
        ended.is_killed(),
        "the step was not reached: {}: {}",
        ended.status,
        ended.said
    );
    // Also where it dies at the same step again, in the round that mends.
    scene.sync(arguments, Some(step))?;
    scene.goes_on(arguments).await
}

on_each_release! {
    async fn a_program_that_is_killed_at_any_step_and_started_again_loses_nothing_and_sends_nothing_twice(cluster: &Cluster) {
        let mut failed = Vec::new();
        let steps = steps()?;
        for step in &steps {
            if let Err(error) = dies_at(cluster, step).await {
                failed.push(format!("{step}: {error:#}"));
            }
        }
        if !failed.is_empty() {
            bail!("{} of {} steps:\n{}", failed.len(), steps.len(), failed.join("\n"));
        }
        println!("killed at each of {} steps", steps.len());
    }
}
