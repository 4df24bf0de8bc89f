//! What a release leaves behind: files and a server with everything unfinished that there can be, kept as SQL text for
//! future releases.
//!
//! Each release keeps its own under `tests/fixtures/v<version of the file>`:
//!
//!     COLOPHON_KEEP_FIXTURES=1 cargo test -p colophon-tests --test versions what_a_release
//!
//! Without the variable the same is made and thrown away, so that what makes it never falls behind.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use colophon_acts::settlement::{Decision, settle};
use colophon_catalogue::conflict::{Conflict, ConflictFilter};
use colophon_catalogue::schema::{ENTITIES, TABLES, file_schema};
use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, Contribution, ContributionDraft, Role};
use colophon_store::Entity as _;
use colophon_store::{Query, Source, WriteSession};
use colophon_sync::central::{Central, CentralSettings, Which};
use colophon_tests::as_sql::{file_as_sql, rows_as_sql};
use colophon_tests::device::Device;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, Proxy, Release};
use colophon_tests::undoing;

/// If set, what is made is kept.
const KEEP: &str = "COLOPHON_KEEP_FIXTURES";

/// What the customer's own trigger refuses.
const REFUSED: &str = "Not in this house";

/// A device in the middle of its work, and what was never answered.
struct Team<'c> {
    catalogue: CentralCatalogue<'c>,
    desk: Device,
    colleague: Device,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_release_leaves_behind_can_be_made_and_kept() -> anyhow::Result<()> {
    let team = Team::new(Cluster::shared(Release::Distribution)?).await?;
    team.write_together().await?;
    team.disagree().await?;
    team.refuse().await?;
    let cut_off = Box::pin(team.cut_off()).await?;
    let downloading = team.half_downloaded().await?;
    team.lose_an_answer().await?;
    team.leave_work().await?;
    let version = file_schema()?.up.last().map_or(0, refinery::Migration::version);
    let texts = [
        ("at_work.sql", file_as_sql(&team.desk.local.other_program())?),
        ("cut_off.sql", file_as_sql(&cut_off.local.other_program())?),
        ("downloading.sql", file_as_sql(&downloading.local.other_program())?),
        (
            "server.sql",
            rows_as_sql(&mut team.catalogue.psql()?)?.replace(team.catalogue.name().as_str(), "{schema}"),
        ),
    ];
    for (name, text) in &texts {
        ensure!(text.lines().count() < 600, "{name} is larger than anybody reads");
    }
    if std::env::var_os(KEEP).is_some() {
        let folder = fixtures().join(format!("v{version}"));
        std::fs::create_dir_all(&folder)?;
        for (name, text) in texts {
            std::fs::write(folder.join(name), text)?;
        }
    }
    Ok(())
}

/// Where they are kept.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

impl<'c> Team<'c> {
    async fn new(cluster: &'c Cluster) -> anyhow::Result<Self> {
        Ok(Self {
            catalogue: CentralCatalogue::new(cluster).await?,
            desk: Device::named("a desk"),
            colleague: Device::named("a colleague"),
        })
    }

    fn settings(&self) -> CentralSettings {
        self.catalogue.settings()
    }

    async fn rounds(&self) -> anyhow::Result<()> {
        self.desk.round(self.settings()).await?;
        self.colleague.round(self.settings()).await?;
        Ok(())
    }

    /// Records with every field, in step on both devices.
    async fn write_together(&self) -> anyhow::Result<()> {
        let write = |tx: &WriteSession<'_>| {
            let homer = tx.repo_mut::<Author>().create(&AuthorDraft {
                birth_year: Some(-720),
                death_year: Some(-650),
                email: Some("homer@example.org".to_owned()),
                website: Some("https://example.org/homer".to_owned()),
                notes: Some("Blind, they say.\n\"Sing\", he said \\ straße".to_owned()),
                ..AuthorDraft::named("Homer")
            })?;
            let pope = tx.repo_mut::<Author>().create(&AuthorDraft::named("Alexander Pope"))?;
            let book = tx.repo_mut::<Book>().create(&BookDraft {
                subtitle: Some("In twenty-four books".to_owned()),
                isbn: Some("9780140268867".to_owned()),
                publisher: Some("Lintot".to_owned()),
                published_year: Some(1715),
                language: Some("eng".to_owned()),
                page_count: Some(541),
                series: Some("Epics".to_owned()),
                series_position: Some("1".to_owned()),
                notes: Some("first\nsecond\nthird".to_owned()),
                ..BookDraft::new("The Iliad", homer.id)
            })?;
            tx.repo_mut::<Contribution>().create(&ContributionDraft {
                book_id: book.id,
                author_id: pope.id,
                role: Role::Translator,
                position: 1,
            })?;
            for title in [
                "The Odyssey",
                "Hymns",
                "Margites",
                "Epigrams",
                "The Frogs and the Mice",
                "Phocais",
                "The Capture of Oechalia",
                "Cypria",
            ] {
                tx.repo_mut::<Book>().create(&BookDraft::new(title, homer.id))?;
            }
            for name in ["Hesiod", "Sappho", "Pindar"] {
                tx.repo_mut::<Author>().create(&AuthorDraft::named(name))?;
            }
            Ok(())
        };
        self.desk.database().write(write).await?;
        self.rounds().await
    }

    /// Two conflicts, one of them settled.
    async fn disagree(&self) -> anyhow::Result<()> {
        for title in ["The Odyssey", "Hymns"] {
            let book = book(&self.desk, title).await?;
            self.colleague.retitle(book.id, &format!("{title}, theirs")).await?;
            self.desk.retitle(book.id, &format!("{title}, ours")).await?;
        }
        self.colleague.round(self.settings()).await?;
        self.rounds().await?;
        let settle_one = |tx: &WriteSession<'_>| {
            let open = tx.repo::<Conflict>().filter(&Query::filtered(ConflictFilter::Open))?;
            match open.first() {
                Some(conflict) => settle(tx, conflict.id, Decision::Mine, "a desk").map(drop),
                None => Ok(()),
            }
        };
        self.desk.database().write(settle_one).await?;
        self.rounds().await
    }

    /// A row that a rule of whoever runs the server refuses.
    async fn refuse(&self) -> anyhow::Result<()> {
        self.catalogue.psql()?.run(&format!(
            "CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF NEW.name = '{REFUSED}' THEN RAISE EXCEPTION 'not here'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER refuse_it BEFORE INSERT OR UPDATE ON author FOR EACH ROW EXECUTE FUNCTION refuse_it()"
        ))?;
        let author = author(&self.desk, "Pindar").await?;
        self.desk.rename(author.id, REFUSED).await?;
        let report = self.desk.round(self.settings()).await?;
        ensure!(report.quarantined.len() == 1, "{report:?}");
        Ok(())
    }

    /// A device whose batch never arrived: it fell asleep while its rows waited on the server.
    async fn cut_off(&self) -> anyhow::Result<Device> {
        let device = Device::named("a laptop");
        device.round(self.settings()).await?;
        // Back over a deletion that the server knows of.
        device.delete_book(book(&device, "The Frogs").await?.id).await?;
        device.round(self.settings()).await?;
        device.database().write(undoing::undo).await?;
        let sappho = author(&device, "Sappho").await?;
        device.rename(sappho.id, "Sappho of Lesbos").await?;
        let new = device.author("Alcaeus").await?;
        device.delete_book(book(&device, "Epigrams").await?.id).await?;
        let mut locked = self.catalogue.psql()?;
        locked.run("BEGIN; SELECT open_revision()")?;
        let mut exchange = device.exchange(self.settings());
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        self.catalogue.until_editor_waits().await?;
        round.abort();
        ensure!(round.await.is_err_and(|error| error.is_cancelled()));
        let backend = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}_ann'",
            self.catalogue.name()
        );
        locked.run(&backend)?;
        locked.run("ROLLBACK")?;
        device.rename(new.id, "Alcaeus of Mytilene").await?;
        device.rename(sappho.id, "Psappho").await?;
        Ok(device)
    }

    /// A device in the middle of its first download.
    async fn half_downloaded(&self) -> anyhow::Result<Device> {
        let device = Device::named("a new laptop");
        let (connection, head) = Central::new(self.settings()).open().await?;
        let source = Source {
            incarnation: head.incarnation,
            revision: head.revision,
            mark: head.mark,
            program: "0.1.0".to_owned(),
        };
        let database = device.database().clone();
        let begun = tokio::task::block_in_place(|| database.begin_staging(TABLES, &source))?;
        connection.begin_download(TABLES).await?;
        for (entity, most) in ENTITIES.iter().zip([usize::MAX, 3]) {
            let mut rows = connection.download_rows(entity.table, Which::After(None)).await?;
            let (part, _) = rows.next(most.min(100)).await?.unwrap_or_default();
            let part = entity.arrive(part);
            tokio::task::block_in_place(|| database.stage_part(begun.run, &part, |_| serde_json::Value::Null))?;
        }
        let authors = TABLES.first().context("there are tables")?;
        tokio::task::block_in_place(|| database.complete_staged(begun.run, authors))?;
        Ok(device)
    }

    /// A batch that arrived, whose answer did not.
    async fn lose_an_answer(&self) -> anyhow::Result<()> {
        // Nothing is left to pull: the first COMMIT is that of the batch.
        self.desk.round(self.settings()).await?;
        let proxy = Proxy::start(self.settings().port).await?;
        let through = CentralSettings {
            port: proxy.port(),
            ..self.settings()
        };
        let hesiod = author(&self.desk, "Hesiod").await?;
        self.desk
            .edit_author(hesiod.id, |author| author.birth_year = Some(-700))
            .await?;
        let works = self.desk.book(hesiod.id, "Works and Days").await?;
        let margites = book(&self.desk, "Margites").await?;
        self.desk.delete_book(margites.id).await?;
        proxy.next_commit(CommitAnswer::Cut);
        ensure!(self.desk.round(through).await.is_err(), "the answer came through");
        let is_under_way = self.desk.database().read(|s| s.in_flight()).await?.len() == 1;
        ensure!(is_under_way, "no batch is under way");
        self.desk
            .edit_author(hesiod.id, |author| author.notes = Some("A farmer".to_owned()))
            .await?;
        self.desk.edit_book(works.id, |book| book.page_count = Some(828)).await
    }

    /// Edits of many kinds that nobody has heard of, some of them taken back.
    async fn leave_work(&self) -> anyhow::Result<()> {
        let desk = &self.desk;
        let homer = author(desk, "Homer").await?;
        desk.edit_author(homer.id, |author| {
            author.notes = Some("Blind, they say.\nOr many.".to_owned());
            author.website = None;
            author.death_year = Some(-640);
        })
        .await?;
        let iliad = book(desk, "The Iliad").await?;
        desk.edit_book(iliad.id, |book| {
            book.isbn = Some("9780140275360".to_owned());
            book.page_count = None;
            book.notes = Some("FIRST\nsecond\nthird".to_owned());
        })
        .await?;
        let never_sent = desk.author("Archilochus").await?;
        desk.book(never_sent.id, "Elegies").await?;
        desk.delete_book(book(desk, "Phocais").await?.id).await?;
        desk.retitle(book(desk, "Cypria").await?.id, "The Cypria").await?;
        desk.delete_book(book(desk, "The Cypria").await?.id).await?;
        // Back over a deletion that was not sent.
        desk.delete_book(book(desk, "The Capture of Oechalia").await?.id)
            .await?;
        desk.database().write(undoing::undo).await?;
        // Something to redo.
        let sappho = author(desk, "Sappho").await?;
        let write = move |tx: &WriteSession<'_>| {
            tx.repo_mut::<Author>().change(sappho.id, |author| {
                author.set_text(Author::FIELDS.email, "s@example.org")
            })
        };
        desk.database().write(write).await?;
        desk.database().write(undoing::undo).await?;
        Ok(())
    }
}

async fn author(device: &Device, name: &str) -> anyhow::Result<Author> {
    let all = device.database().read(|s| s.repo::<Author>().all()).await?;
    all.into_iter()
        .find(|author| author.name == name)
        .with_context(|| format!("no author {name}"))
}

async fn book(device: &Device, title: &str) -> anyhow::Result<Book> {
    let all = device.database().read(|s| s.repo::<Book>().all()).await?;
    all.into_iter()
        .find(|book| book.title.starts_with(title))
        .with_context(|| format!("no book {title}"))
}
