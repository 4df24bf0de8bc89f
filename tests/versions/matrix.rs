//! Programs of three versions with servers of three versions: the previous one, this one, and a future one with more
//! fields and a table.
//!
//! Each pair goes through one history: both sides write, disagree, delete, bring back and take back; what one has no
//! room for waits silently; then the server is migrated, then the program is upgraded, and everybody has everything.

use anyhow::{Context as _, ensure};
use colophon_catalogue::conflict::ConflictKind;
use colophon_catalogue::{Author, Book, BookId};
use colophon_store::EntityId as _;
use colophon_sync::WhyQuarantined;
use colophon_sync::central::CentralSettings;
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::{differences_of, in_step};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use colophon_tests::undoing;

/// What a history has made.
struct Story<'c> {
    catalogue: CentralCatalogue<'c>,
    /// The device whose version differs from history to history.
    device: Device,
    /// A colleague with this version.
    colleague: Device,
    author: Author,
    books: Vec<Book>,
}

fn is_next(program: &Program) -> bool {
    program.name == "next"
}

impl<'c> Story<'c> {
    async fn begin(cluster: &'c Cluster, program: Program, server: &Program) -> anyhow::Result<Self> {
        let catalogue = CentralCatalogue::of_schema(cluster, &server.central).await?;
        let device = Device::of("the device", program);
        let colleague = Device::named("a colleague");
        let author = device.author("Homer").await?;
        let mut books = Vec::new();
        for title in ["The Iliad", "The Odyssey", "Hymns", "Margites", "Cypria"] {
            books.push(device.book(author.id, title).await?);
        }
        Ok(Self {
            catalogue,
            device,
            colleague,
            author,
            books,
        })
    }

    fn settings(&self) -> CentralSettings {
        self.catalogue.settings()
    }

    async fn rounds(&self) -> anyhow::Result<()> {
        for _ in 0..2 {
            self.device.rest(self.settings()).await.context("the device")?;
            self.colleague.rest(self.settings()).await.context("the colleague")?;
        }
        Ok(())
    }

    /// Both have the same of what both know, and nothing keeps moving.
    async fn is_at_rest(&self, step: &str) -> anyhow::Result<()> {
        for device in [&self.device, &self.colleague] {
            let differences = differences_of(&self.catalogue, device)?;
            ensure!(differences.is_empty(), "{step}, {}: {differences:#?}", device.name);
        }
        let revision = "SELECT revision FROM catalogue_head";
        let mut psql = self.catalogue.psql()?;
        let before = psql.value(revision)?;
        for device in [&self.device, &self.colleague] {
            let report = Box::pin(device.round(self.settings())).await?;
            let waits = report.quarantined.iter().all(|row| row.why == WhyQuarantined::NoRoom);
            ensure!(
                report.pushed == 0 && report.pulled == 0 && waits,
                "{step}, {}: {report:#?}",
                device.name
            );
            let verified = Box::pin(device.exchange(self.settings()).verify()).await?;
            ensure!(verified.healed.is_empty(), "{step}, {}: {verified:#?}", device.name);
        }
        ensure!(
            psql.value(revision)? == before,
            "{step}: a world at rest does not stay so"
        );
        Ok(())
    }

    /// Edits of shared fields on both sides, some of which disagree.
    async fn write_together(&self) -> anyhow::Result<()> {
        let [iliad, odyssey, hymns, margites, cypria] = self.books.as_slice() else {
            anyhow::bail!("five books");
        };
        self.device
            .edit_book(iliad.id, |book| book.page_count = Some(541))
            .await?;
        self.colleague
            .edit_book(iliad.id, |book| book.publisher = Some("Lintot".to_owned()))
            .await?;
        self.colleague.retitle(odyssey.id, "The Odyssey, theirs").await?;
        self.device.retitle(odyssey.id, "The Odyssey, ours").await?;
        self.colleague.delete_book(hymns.id).await?;
        self.device
            .edit_book(hymns.id, |book| book.series = Some("Homerica".to_owned()))
            .await?;
        self.device.delete_book(margites.id).await?;
        self.device.database().write(undoing::undo).await?;
        self.device.delete_book(cypria.id).await?;
        self.colleague.rest(self.settings()).await?;
        self.rounds().await?;
        let conflicts = self.colleague.conflicts().await?;
        let kinds: Vec<_> = conflicts
            .iter()
            .filter_map(|conflict| ConflictKind::of_word(&conflict.kind))
            .collect();
        ensure!(
            kinds.contains(&ConflictKind::Field) && kinds.contains(&ConflictKind::DeletedThere),
            "{kinds:?}"
        );
        let iliad = self.colleague.find_book(iliad.id).await?.context("the Iliad")?;
        ensure!(
            (iliad.page_count, iliad.publisher.as_deref()) == (Some(541), Some("Lintot")),
            "{iliad:?}"
        );
        ensure!(
            self.colleague.find_book(cypria.id).await?.is_none()
                && self.colleague.find_book(margites.id).await?.is_some()
        );
        Ok(())
    }

    /// What only a future program says: in rows that are in step, together with what all know, and in rows that were
    /// never sent.
    fn say_more(&self) -> anyhow::Result<()> {
        let file = self.device.local.other_program();
        let key = |book: BookId| book.uuid().as_bytes().to_vec();
        file.execute(
            "INSERT INTO shelf (id, name) VALUES (x'000102030405060708090a0b0c0d0e0f', 'West')",
            [],
        )?;
        file.execute("UPDATE book SET bay = 'R 12' WHERE id = ?", [key(self.books[0].id)])?;
        file.execute(
            "UPDATE book SET shelf_id = x'000102030405060708090a0b0c0d0e0f', condition = 'worn', language = 'grc' WHERE id = ?",
            [key(self.books[1].id)],
        )?;
        let author = self.author.id.uuid().as_bytes().to_vec();
        file.execute(
            "UPDATE author SET honorific = 'the blind', rating = 5 WHERE id = ?",
            [author.clone()],
        )?;
        file.execute(
            "INSERT INTO book (id, author_id, title, bay) VALUES (x'101102030405060708090a0b0c0d0e0f', ?, 'Epigrams', 'Q 1')",
            [author],
        )?;
        Ok(())
    }

    /// What only a future server has, said there by another program.
    fn say_more_there(&self) -> anyhow::Result<()> {
        let mut psql = self.catalogue.psql()?;
        psql.run(&format!(
            "UPDATE book SET condition = 'as new' WHERE id = '{}'",
            self.books[3].id
        ))?;
        psql.run("INSERT INTO shelf (name, room) VALUES ('East', '2')")?;
        psql.run(&format!(
            "UPDATE author SET pronouns = 'they' WHERE id = '{}'",
            self.author.id
        ))?;
        Ok(())
    }

    /// A record goes and comes back, with what those who move it do not know.
    async fn delete_and_bring_back(&self) -> anyhow::Result<()> {
        let book = self.books[3].id;
        if is_next(&self.device.program) {
            // A future program's rows are not of this one's types.
            let (file, key) = (self.device.local.other_program(), book.uuid().as_bytes().to_vec());
            file.execute("CREATE TEMP TABLE kept AS SELECT * FROM book WHERE id = ?", [&key])?;
            file.execute("DELETE FROM book WHERE id = ?", [&key])?;
            self.rounds().await?;
            ensure!(self.colleague.find_book(book).await?.is_none());
            file.execute("UPDATE kept SET revision = 0", [])?;
            file.execute("INSERT INTO book SELECT * FROM kept", [])?;
        } else {
            self.device.delete_book(book).await?;
            self.rounds().await?;
            ensure!(self.colleague.find_book(book).await?.is_none());
            self.device.database().write(undoing::undo).await?;
        }
        self.rounds().await?;
        ensure!(self.colleague.find_book(book).await?.is_some());
        Ok(())
    }
}

/// What everybody has in the end, of what only a future program knows.
const SAID: &str = "SELECT coalesce(string_agg(split_part(title, ',', 1) || ':' || coalesce(bay, '') || ':' || condition || ':' || coalesce(shelf.name, ''), ' ' ORDER BY title), '')
    FROM book LEFT JOIN shelf ON shelf.id = shelf_id WHERE bay IS NOT NULL OR condition <> ''";

#[expect(clippy::too_many_lines, reason = "one story, told from its beginning to its end")]
async fn goes_through(cluster: &Cluster, program: Program, server: Program) -> anyhow::Result<()> {
    let next = Program::next()?;
    let (says_more, has_room) = (is_next(&program), is_next(&server));
    let mut story = Story::begin(cluster, program, &server).await?;
    story.rounds().await?;
    story.is_at_rest("begun").await?;
    story.write_together().await?;
    story.is_at_rest("written").await?;
    if says_more {
        story.say_more()?;
        story.rounds().await?;
        story.is_at_rest("more is said here").await?;
        ensure!(
            (story.device.pending().await? > 0) != has_room,
            "it waits where there is no room"
        );
    }
    if has_room {
        story.say_more_there()?;
        story.rounds().await?;
        story.is_at_rest("more is said there").await?;
    }
    story.delete_and_bring_back().await?;
    story.is_at_rest("gone and back").await?;
    // The server first, then the program; each in the middle of work.
    story.colleague.retitle(story.books[0].id, "The Iliad of Homer").await?;
    story.catalogue.migrate(&next.central).await?;
    story.rounds().await?;
    story.is_at_rest("the server is migrated").await?;
    if !has_room {
        story.say_more_there()?;
    }
    story
        .device
        .edit_book(story.books[2].id, |book| book.page_count = Some(88))
        .await?;
    story.device.upgrade(next.clone())?;
    if !says_more {
        story.say_more()?;
    }
    story.rounds().await?;
    story.is_at_rest("the program is upgraded").await?;
    let mut psql = story.catalogue.psql()?;
    let said = psql.value(SAID)?;
    ensure!(
        said == "Epigrams:Q 1:: Margites::as new: The Iliad of Homer:R 12:: The Odyssey::worn:West",
        "{said}"
    );
    let author = psql.value("SELECT honorific || rating || pronouns FROM author")?;
    ensure!(author == "the blind5they", "{author}");
    let shelves: i64 = story
        .device
        .local
        .other_program()
        .query_row("SELECT count(*) FROM shelf", [], |row| row.get(0))?;
    ensure!(shelves == 2, "{shelves} shelves");
    story.colleague.upgrade(next)?;
    story.rounds().await?;
    in_step(&story.catalogue, [&story.device, &story.colleague])?;
    for device in [&story.device, &story.colleague] {
        let audit = device.audit(story.settings()).await?;
        ensure!(
            audit.unaccounted.is_empty(),
            "{}: {:#?}",
            device.name,
            audit.unaccounted
        );
    }
    Ok(())
}

async fn with_every_server(cluster: &Cluster, program: Program) -> anyhow::Result<()> {
    for server in [Program::before()?, Program::this()?, Program::next()?] {
        let pair = format!(
            "a program of version {} and a server of version {}",
            program.name, server.name
        );
        goes_through(cluster, program.clone(), server).await.context(pair)?;
    }
    Ok(())
}

on_each_release! {
    async fn a_program_of_the_version_before_works_with_servers_of_every_version(cluster: &Cluster) {
        with_every_server(cluster, Program::before()?).await?;
    }

    async fn a_program_of_this_version_works_with_servers_of_every_version(cluster: &Cluster) {
        with_every_server(cluster, Program::this()?).await?;
    }

    async fn a_program_of_the_version_to_come_works_with_servers_of_every_version(cluster: &Cluster) {
        with_every_server(cluster, Program::next()?).await?;
    }
}
