//! A server that is restored from a backup in the middle of a round: while it is asked what is new, before a batch
//! arrives, between its rows and their revision, after its commit and before the answer, and while the two are already
//! being reconciled.

use anyhow::{Context as _, ensure};
use colophon_catalogue::{Author, AuthorDraft, AuthorId, BookId};
use colophon_store::WriteSession;
use colophon_sync::Exchange;
use colophon_sync::central::CentralSettings;
use colophon_tests::ledger::accounted;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{Backup, Cluster, CommitAnswer, Fault, Proxy};

use crate::team::Team;

/// More than are sent at once.
const MANY: u32 = 70;
/// What whoever runs the server writes after it was restored, and how many times: it ends up further than anybody has
/// seen it, so its number does not give it away.
const SINCE: &str = "UPDATE book SET subtitle = 'since' WHERE title IN ('The Iliad', 'Hymns')";
const REVISIONS_SINCE: u32 = 16;

on_each_release! {
    async fn a_server_is_brought_back_while_it_is_asked_what_is_new(cluster: &Cluster) {
        let scene = Scene::new(cluster).await?;
        scene.is_brought_back_at("REPEATABLE READ").await?;
        scene.has_lost_nothing().await?;
    }

    async fn a_server_is_brought_back_before_a_small_batch_arrives(cluster: &Cluster) {
        let scene = Scene::new(cluster).await?;
        scene.is_brought_back_at("colophon.columns").await?;
        scene.has_lost_nothing().await?;
    }

    async fn a_server_is_brought_back_before_the_rows_of_a_large_batch_arrive(cluster: &Cluster) {
        let scene = Scene::new(cluster).await?;
        scene.has_much_to_send().await?;
        scene.is_brought_back_at("CREATE TEMP").await?;
        scene.has_lost_nothing().await?;
    }

    async fn a_server_is_brought_back_between_the_rows_of_a_batch_and_their_revision(cluster: &Cluster) {
        let scene = Scene::new(cluster).await?;
        scene.has_much_to_send().await?;
        scene.is_brought_back_at("open_revision()").await?;
        scene.has_lost_nothing().await?;
    }

    async fn a_server_is_brought_back_after_it_has_taken_a_batch_and_before_it_says_so(cluster: &Cluster) {
        for is_much in [false, true] {
            let scene = Scene::new(cluster).await?;
            // Nothing is left to pull: the first COMMIT is that of the batch.
            scene.team.members[0].round().await?;
            scene.says_more().await?;
            if is_much {
                scene.has_much_to_send().await?;
            }
            scene.proxy.next_commit(CommitAnswer::Hold);
            let mut exchange = scene.exchange();
            let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
            scene.proxy.committed().await;
            scene.bring_back(&scene.backup)?;
            scene.proxy.set_fault(Fault::Refuse);
            ensure!(round.await?.is_err(), "the answer came through");
            scene.proxy.set_fault(Fault::None);
            scene.has_lost_nothing().await?;
        }
    }

    async fn a_server_is_brought_back_once_more_while_a_file_and_it_are_brought_together(cluster: &Cluster) {
        for words in ["ORDER BY 1 DESC LIMIT 1", "COPY (SELECT id FROM"] {
            let scene = Scene::new(cluster).await?;
            let newer = scene.team.catalogue.back_up_as("newer")?;
            scene.team.members[1].retitle(scene.books[4], "Epigrams of Homer").await?;
            scene.team.round().await?;
            scene.says_more().await?;
            scene.bring_back(&newer)?;
            scene.is_brought_back_at(words).await?;
            scene.has_lost_nothing().await?;
            scene.is_there("Epigrams of Homer")?;
        }
    }
}

/// Ann, whose wire can be held, and Bob; a backup, what the server has forgotten once it is restored to that, and what
/// waits.
struct Scene<'c> {
    team: Team<'c, 2>,
    proxy: Proxy,
    author: AuthorId,
    books: Vec<BookId>,
    backup: Backup,
}

impl<'c> Scene<'c> {
    async fn new(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let team = Team::of(cluster, ["Ann", "Bob"]).await?;
        let [ann, bob] = &team.members;
        let author = ann.author("Homer").await?.id;
        let mut books = Vec::new();
        for title in ["The Iliad", "The Odyssey", "Hymns", "Margites", "Epigrams"] {
            books.push(ann.book(author, title).await?.id);
        }
        team.comes_to_rest().await?;
        let backup = team.catalogue.back_up()?;
        // Heard of by all, and then forgotten by the server.
        ann.retitle(books[0], "Ilias").await?;
        ann.book(author, "Cypria").await?;
        bob.edit_book(books[1], |book| book.publisher = Some("Penguin".to_owned()))
            .await?;
        bob.delete_book(books[3]).await?;
        team.comes_to_rest().await?;
        // Heard of by the server alone.
        bob.retitle(books[2], "Homeric Hymns").await?;
        bob.book(author, "Phocais").await?;
        bob.round().await?;
        // By nobody yet.
        ann.retitle(books[1], "Odyssee").await?;
        ann.edit_book(books[0], |book| book.publisher = Some("Lintot".to_owned()))
            .await?;
        ann.book(author, "The Frogs").await?;
        Ok(Self {
            proxy: Proxy::start(cluster.port()).await?,
            team,
            author,
            books,
            backup,
        })
    }

    fn exchange(&self) -> Exchange {
        self.team.members[0].exchange(CentralSettings {
            port: self.proxy.port(),
            ..self.team.catalogue.settings()
        })
    }

    async fn says_more(&self) -> anyhow::Result<()> {
        let [ann, _] = &self.team.members;
        ann.edit_book(self.books[4], |book| book.series = Some("Minor works".to_owned()))
            .await?;
        ann.book(self.author, "Works and Days").await?;
        Ok(())
    }

    async fn has_much_to_send(&self) -> anyhow::Result<()> {
        let write = |tx: &WriteSession<'_>| {
            (0..MANY).try_for_each(|number| {
                let draft = AuthorDraft::named(format!("Author {number}"));
                tx.repo_mut::<Author>().create(&draft).map(drop)
            })
        };
        self.team.members[0].database().write(write).await?;
        Ok(())
    }

    /// Ann's round is held where these words appear, the server is restored, and the round goes on.
    async fn is_brought_back_at(&self, words: &'static str) -> anyhow::Result<()> {
        let mut exchange = self.exchange();
        self.proxy.hold(words);
        let round = tokio::spawn(async move { exchange.round(&mut |_| ()).await });
        self.proxy.held().await?;
        self.bring_back(&self.backup)?;
        self.proxy.let_go();
        match round.await? {
            Err(error) if !error.passes_by_itself() => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn bring_back(&self, backup: &Backup) -> anyhow::Result<()> {
        self.team.catalogue.bring_back(backup)?;
        let mut psql = self.team.catalogue.psql()?;
        psql.run(SINCE)?;
        for number in 1..REVISIONS_SINCE {
            psql.run(&format!(
                "UPDATE author SET notes = 'since {number}' WHERE name = 'Homer'"
            ))?;
        }
        Ok(())
    }

    /// Whatever anybody has said is on the server and everywhere, or in a conflict.
    async fn has_lost_nothing(&self) -> anyhow::Result<()> {
        self.team.comes_to_rest().await?;
        for said in [
            "Ilias",
            "Odyssee",
            "Homeric Hymns",
            "Cypria",
            "Phocais",
            "The Frogs",
            "Penguin",
            "Lintot",
            "since",
        ] {
            self.is_there(said)?;
        }
        let mut psql = self.team.catalogue.psql()?;
        ensure!(psql.value("SELECT count(*) FROM book WHERE title = 'Margites'")? == "0");
        ensure!(psql.value("SELECT count(DISTINCT name) = count(*) FROM author")? == "t");
        let [ann, bob] = &self.team.members;
        let waiting = ann.database().read(|s| s.repo::<Author>().all()).await?.len();
        ensure!(bob.database().read(|s| s.repo::<Author>().all()).await?.len() == waiting);
        for member in [ann, bob] {
            accounted(member, self.team.catalogue.settings()).await?;
        }
        Ok(())
    }

    fn is_there(&self, said: &str) -> anyhow::Result<()> {
        let there = self.team.catalogue.psql()?.run(
            "SELECT title FROM book UNION SELECT publisher FROM book UNION SELECT subtitle FROM book
             UNION SELECT trim(both '\"' FROM mine) FROM conflict UNION SELECT trim(both '\"' FROM theirs) FROM conflict",
        )?;
        let found = there.iter().find(|one| *one == said);
        found.map(drop).with_context(|| format!("{said} is not in {there:?}"))
    }
}
