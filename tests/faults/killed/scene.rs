//! What is going on while the program is killed: as much as fits into one round, so that every step of it is passed.
//!
//! In an eventful round the answer to a batch is lost, others have written, two people disagree, something was deleted,
//! the server refuses a record and with it the one that depends on it. What cannot be in the same round has a scene of
//! its own.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Author, Book, BookDraft, BookId};
use colophon_store::EntityId as _;
use colophon_tests::binary::{binary, environment};
use colophon_tests::device::Device;
use colophon_tests::ending;
use colophon_tests::in_step::in_step;
use colophon_tests::ledger::{Ledger, accounted};
use colophon_tests::postgres::{CentralCatalogue, Cluster, PASSWORD, Psql};
use uuid::Uuid;

const SIGKILL: i32 = 9;
/// How the program ends when all is well, and when a record needs care.
const WELL: [Option<i32>; 2] = [Some(0), Some(9)];
/// The step at which a batch is on the server and nobody here knows it.
pub(super) const UNHEARD: &str = "at once: answered";
/// So many that a first download is made, in several parts.
const AUTHORS: u32 = 9_000;
const BOOKS: u32 = 1_200;

/// Two devices and a server. The first is used by the real program.
pub(super) struct Scene<'c> {
    catalogue: CentralCatalogue<'c>,
    ledger: Ledger,
    foreign: Psql,
    ann: Device,
    bob: Device,
    /// What others write between the two deaths of the program.
    meanwhile: &'static [&'static str],
    /// Titles and names that somebody was told are saved.
    kept: Vec<&'static str>,
    /// Titles whose deletion somebody was told is saved.
    gone: Vec<&'static str>,
}

impl<'c> Scene<'c> {
    async fn empty(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::new(cluster).await?;
        Ok(Self {
            ledger: Ledger::keep(&catalogue)?,
            foreign: catalogue.psql()?,
            ann: Device::named("Ann"),
            bob: Device::named("Bob"),
            catalogue,
            meanwhile: &[],
            kept: Vec::new(),
            gone: Vec::new(),
        })
    }

    /// A round in which every step is passed except those of the other scenes.
    pub(super) async fn eventful(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::empty(cluster).await?;
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

    /// The server was restored from a backup, has gone on since, and has forgotten what both devices were told it has.
    pub(super) async fn restored(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::empty(cluster).await?;
        let (homer, iliad) = scene.begin().await?;
        let backup = scene.catalogue.back_up()?;
        let hymns = scene.ann.book(homer.id, "Hymns").await?;
        scene.note(&homer, "forgotten").await?;
        scene.ann.round(scene.catalogue.settings()).await?;
        scene.bob.round(scene.catalogue.settings()).await?;
        scene.bob.retitle(iliad.id, "Ilias").await?;
        scene.bob.retitle(hymns.id, "Homeric Hymns").await?;
        scene
            .foreign
            .run("DELETE FROM book WHERE title = 'Batrachomyomachia'")?;
        for device in [&scene.bob, &scene.ann] {
            device.round(scene.catalogue.settings()).await?;
        }
        scene.ann.book(homer.id, "Epigrams").await?;
        scene.catalogue.bring_back(&backup)?;
        scene
            .foreign
            .run("UPDATE book SET publisher = 'after the restore' WHERE title IN ('The Iliad', 'The Odyssey')")?;
        scene
            .foreign
            .run("INSERT INTO author (name, sort_name) VALUES ('After the restore', 'foreign')")?;
        scene.meanwhile = &[
            "UPDATE book SET publisher = 'later still' WHERE title LIKE 'I%' OR title = 'Margites'",
            "INSERT INTO author (name, sort_name) VALUES ('Later still', 'foreign')",
        ];
        scene.kept = vec![
            "Homer",
            "Ilias",
            "Homeric Hymns",
            "Epigrams",
            "The Odyssey",
            "Margites",
            "After the restore",
            "Later still",
        ];
        scene.gone = vec!["Batrachomyomachia"];
        Ok(scene)
    }

    /// The server has forgotten deletions that no device has heard of; one of those records is edited here.
    pub(super) async fn purged(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::empty(cluster).await?;
        let (homer, _) = scene.begin().await?;
        let margites = scene.book("Margites")?;
        scene
            .foreign
            .run("DELETE FROM book WHERE title IN ('Batrachomyomachia', 'Margites')")?;
        scene
            .foreign
            .run("SELECT purge((SELECT revision FROM catalogue_head))")?;
        scene.ann.retitle(margites, "Margites of Homer").await?;
        scene.ann.book(homer.id, "Epigrams").await?;
        scene.meanwhile = &["UPDATE book SET publisher = 'later' WHERE title LIKE 'The %'"];
        scene.kept = vec!["Margites of Homer", "Epigrams", "The Iliad", "The Odyssey"];
        scene.gone = vec!["Batrachomyomachia"];
        Ok(scene)
    }

    /// The server has different content for a record than it reported, under a revision that this file has seen, and
    /// another record is gone without ever having been deleted: both are edited here, and no pull would ever bring what
    /// the server has.
    pub(super) async fn stuck(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::empty(cluster).await?;
        let (homer, iliad) = scene.begin().await?;
        for notes in ["second", "third"] {
            scene.note(&homer, notes).await?;
            scene.ann.round(scene.catalogue.settings()).await?;
        }
        scene.bob.round(scene.catalogue.settings()).await?;
        scene.catalogue.psql()?.run(
            "SET session_replication_role = replica;
             UPDATE book SET publisher = 'untold', revision = 2 WHERE title = 'The Iliad'; DELETE FROM book WHERE title = 'Margites'",
        )?;
        scene.ann.retitle(iliad.id, "Ilias").await?;
        let margites = scene.book("Margites")?;
        scene.ann.retitle(margites, "Margites of Homer").await?;
        scene.meanwhile = &["UPDATE book SET series = 'Epics' WHERE title = 'The Iliad'"];
        scene.kept = vec!["Ilias", "Margites of Homer", "The Odyssey"];
        Ok(scene)
    }

    /// The file has never met its server, and the server has much.
    pub(super) async fn new(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::empty(cluster).await?;
        scene.foreign.run(&format!(
            "INSERT INTO author (name, sort_name) SELECT 'Author ' || n, n FROM generate_series(1, {AUTHORS}) AS n"
        ))?;
        scene.foreign.run(&format!(
            "INSERT INTO book (author_id, title, isbn) SELECT id, 'The book of ' || name, '978' || lpad(right(name, -7), 10, '0') FROM author LIMIT {BOOKS}"
        ))?;
        let author = scene.ann.author("Made before").await?;
        let book = scene.ann.book(author.id, "Made before the server was met").await?;
        // As another program would have written it: it belongs to a book on the server.
        let isbn = scene.foreign.value("SELECT min(isbn) FROM book")?;
        let file = scene.ann.local.other_program();
        let id = book.id.uuid();
        file.execute(
            "UPDATE book SET isbn = ? WHERE id = ?",
            rusqlite::params![isbn, id.as_bytes().as_slice()],
        )?;
        scene.meanwhile = &[
            "UPDATE author SET notes = 'changed' WHERE id IN (SELECT id FROM author ORDER BY id LIMIT 100)",
            "UPDATE author SET notes = 'changed' WHERE id IN (SELECT id FROM author ORDER BY id DESC LIMIT 100)",
            "DELETE FROM book WHERE id IN (SELECT id FROM book ORDER BY id LIMIT 50)",
            "INSERT INTO author (name, sort_name) VALUES ('Later', 'foreign')",
        ];
        scene.kept = vec!["Made before", "Made before the server was met", "Author 1", "Later"];
        Ok(scene)
    }

    /// The same, with a part of it staged, and changes on the server since.
    pub(super) async fn half_downloaded(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::new(cluster).await?;
        let ended = scene.sync(&["sync"], Some("download: a part is staged"))?;
        ensure!(ended.is_killed(), "no part was staged: {ended}");
        scene.meanwhile().await?;
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

    /// More waits than is sent at once, and nothing is wrong with any of it.
    pub(super) async fn crowded(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::empty(cluster).await?;
        scene.begin().await?;
        for number in 0..70 {
            scene.ann.author(&format!("Author {number}")).await?;
        }
        Ok(scene)
    }

    /// The file is a copy of one that went on elsewhere.
    pub(super) async fn copied(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let mut scene = Self::empty(cluster).await?;
        let (homer, _) = scene.begin().await?;
        let copy = scene.ann.copied("the copy")?;
        scene.note(&homer, "on the original").await?;
        scene.ann.round(scene.catalogue.settings()).await?;
        scene.bob = std::mem::replace(&mut scene.ann, copy);
        scene.ann.author("On the copy").await?;
        Ok(scene)
    }

    /// The file is not what the server has, and nothing shows it.
    pub(super) async fn drifted(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let scene = Self::eventful(cluster).await?;
        ensure!(scene.sync(&["sync"], None)?.is_well());
        scene.ann.local.other_program().execute_batch(
            "BEGIN; INSERT INTO applying(id) VALUES(1); UPDATE book SET publisher='drifted' WHERE title='The Odyssey';
             DELETE FROM book WHERE title='Margites'; DELETE FROM applying; COMMIT",
        )?;
        Ok(scene)
    }

    /// An earlier version of the program did not know a field, so it has yet to be fetched and sent.
    pub(super) async fn upgraded(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let scene = Self::eventful(cluster).await?;
        let file = scene.ann.local.other_program();
        file.execute("DELETE FROM in_step WHERE name IN ('notes', 'publisher')", [])?;
        Ok(scene)
    }

    /// The first device's book of this title.
    fn book(&self, title: &str) -> anyhow::Result<BookId> {
        let file = self.ann.local.other_program();
        let id: Vec<u8> = file.query_row("SELECT id FROM book WHERE title=?", [title], |row| row.get(0))?;
        Ok(BookId::from_uuid(Uuid::from_slice(&id)?))
    }

    async fn note(&self, author: &Author, notes: &str) -> anyhow::Result<()> {
        let notes = notes.to_owned();
        self.ann
            .edit_author(author.id, move |author| author.notes = Some(notes))
            .await
    }

    /// Runs the real program on the first device's file, to its end or to the step at which it dies.
    pub(super) fn sync(&self, arguments: &[&str], step: Option<&str>) -> anyhow::Result<Ended> {
        let file = self.ann.local.file();
        let mut program = Command::new(binary()?);
        program
            .args(arguments)
            .env_clear()
            .env("HOME", file.parent().context("a file is in a folder")?)
            .env("COLOPHON_FILE", &file)
            .env("POSTGRES_PASSWORD", PASSWORD)
            .envs(environment(&self.catalogue.settings()))
            .envs(step.map(|step| ("COLOPHON_DIE_AT", step)));
        let output = ending::output(&mut program)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Ended {
            status: output.status,
            said,
        })
    }

    /// What happens while the program is not running.
    pub(super) async fn meanwhile(&mut self) -> anyhow::Result<()> {
        for sql in self.meanwhile {
            self.foreign.run(sql)?;
        }
        if !self.meanwhile.is_empty() {
            self.bob.author("Bob's own").await?;
            self.bob.round(self.catalogue.settings()).await?;
        }
        Ok(())
    }

    /// Once it is started again, everything comes to rest and is equal; everything is accounted for, and nothing was
    /// written twice.
    pub(super) async fn goes_on(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        let ended = self.sync(arguments, None)?;
        ensure!(ended.is_well(), "started again: {ended}");
        self.foreign
            .run("ALTER TABLE author DROP CONSTRAINT IF EXISTS no_nobody")?;
        self.ann.exchange(self.catalogue.settings()).retry_quarantined().await?;
        for device in [&self.ann, &self.bob, &self.ann] {
            let report = device.round(self.catalogue.settings()).await?;
            ensure!(report.pending == 0 && report.quarantined.is_empty(), "{report:?}");
        }
        in_step(&self.catalogue, [&self.ann, &self.bob])?;
        for device in [&self.ann, &self.bob] {
            accounted(device, self.catalogue.settings()).await?;
        }
        let there = self
            .foreign
            .run("SELECT title FROM book UNION SELECT name FROM author
             UNION SELECT trim(both '\"' FROM mine) FROM conflict UNION SELECT trim(both '\"' FROM theirs) FROM conflict")?;
        let is_there = |name: &&&str| there.iter().any(|one| one == **name);
        let lost: Vec<_> = self.kept.iter().filter(|name| !is_there(name)).collect();
        let back: Vec<_> = self.gone.iter().filter(is_there).collect();
        ensure!(lost.is_empty() && back.is_empty(), "lost {lost:?}, back {back:?}");
        self.ledger.has_nothing_twice()
    }
}

/// How a run of the program ended.
pub(super) struct Ended {
    status: ExitStatus,
    said: String,
}

impl Ended {
    pub(super) fn is_killed(&self) -> bool {
        self.status.signal() == Some(SIGKILL)
    }

    fn is_well(&self) -> bool {
        WELL.contains(&self.status.code())
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.status, self.said)
    }
}
