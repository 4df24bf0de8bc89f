//! A device: a local file that is synced with a central catalogue.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use colophon_catalogue::conflict::Conflict;
use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookDraft, BookId};
use colophon_store::clock::{Clock, Origin, SystemClock};
use colophon_store::{Database, Settings, Uptime};
use colophon_sync::audit::{Audit, audit_of};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Exchange, Identity, RoundReport, SyncStatus, SyncTask};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::edition::Program;
use crate::ending::Deadline;

/// An installation with a file of its own.
pub struct Device {
    pub local: Catalogue,
    pub name: String,
    pub program: Program,
    clock: Arc<ShiftedClock>,
}

impl Default for Device {
    fn default() -> Self {
        Self::new()
    }
}

impl Device {
    pub fn new() -> Self {
        Self::named("a laptop")
    }

    pub fn named(name: &str) -> Self {
        Self::of(name, Program::this().expect("this program knows itself"))
    }

    /// One with a program of some version.
    pub fn of(name: &str, program: Program) -> Self {
        let (clock, origin) = own_clock();
        let local = Catalogue::of_schema(&program.file, |settings| settings.origin = origin);
        Self {
            local: local.expect("a new catalogue opens"),
            name: name.to_owned(),
            program,
            clock,
        }
    }

    /// One with a file that was written down, as a program of some version opens it.
    pub fn of_sql(name: &str, text: &str, program: Program) -> anyhow::Result<Self> {
        let (clock, origin) = own_clock();
        Ok(Self {
            local: Catalogue::of_sql(text, &program.file, |settings| settings.origin = origin)?,
            name: name.to_owned(),
            program,
            clock,
        })
    }

    /// Another program is installed, which brings the file up to what it expects.
    pub fn upgrade(&mut self, program: Program) -> anyhow::Result<()> {
        let database = self.database();
        tokio::task::block_in_place(|| database.migrate_blocking(&program.file))?;
        self.program = program;
        Ok(())
    }

    /// The file is taken back to what an earlier program expects, and that one is installed.
    pub fn downgrade(&mut self, program: Program) -> anyhow::Result<()> {
        let database = self.database();
        tokio::task::block_in_place(|| database.roll_back_migration_blocking(&self.program.file))?;
        self.program = program;
        // The program that is installed makes its own triggers.
        let database = self.database();
        tokio::task::block_in_place(|| database.migrate_blocking(&self.program.file))?;
        Ok(())
    }

    /// Another installation, with a copy of this one's file.
    pub fn copied(&self, name: &str) -> anyhow::Result<Self> {
        Ok(Self {
            local: Catalogue::copy_of(&self.local)?,
            name: name.to_owned(),
            program: self.program.clone(),
            clock: Arc::default(),
        })
    }

    pub fn database(&self) -> &Database {
        &self.local.database
    }

    /// Sets the device's clock to the right time plus this, and the elapsed time with it: what is edited while it
    /// stands an hour back was edited then.
    pub fn set_clock(&self, ahead: SignedDuration) {
        let before = self.clock.ahead.swap(micros(ahead), Ordering::SeqCst);
        self.clock.passed.fetch_add(micros(ahead) - before, Ordering::SeqCst);
    }

    /// Somebody sets the device's wall clock to the right time plus this. No time passes.
    pub fn put_clock(&self, ahead: SignedDuration) {
        self.clock.ahead.store(micros(ahead), Ordering::SeqCst);
    }

    /// It is this long ago, by every clock: what is edited now was edited then.
    pub fn go_back(&self, ago: SignedDuration) {
        self.clock.ahead.fetch_sub(micros(ago), Ordering::SeqCst);
        self.clock.passed.fetch_sub(micros(ago), Ordering::SeqCst);
    }

    /// The machine is restarted.
    pub fn restart(&self) {
        self.clock.boots.fetch_add(1, Ordering::SeqCst);
        self.clock
            .passed
            .fetch_sub(micros(SignedDuration::from_hours(7)), Ordering::SeqCst);
    }

    pub async fn author(&self, name: &str) -> anyhow::Result<Author> {
        let draft = AuthorDraft::named(name);
        let create = move |tx: &colophon_store::WriteSession<'_>| tx.repo_mut::<Author>().create(&draft);
        Ok(self.database().write(create).await?)
    }

    pub async fn book(&self, author: AuthorId, title: &str) -> anyhow::Result<Book> {
        self.book_with(BookDraft::new(title, author)).await
    }

    pub async fn book_with(&self, draft: BookDraft) -> anyhow::Result<Book> {
        let create = move |tx: &colophon_store::WriteSession<'_>| tx.repo_mut::<Book>().create(&draft);
        Ok(self.database().write(create).await?)
    }

    pub async fn rename(&self, author: AuthorId, name: &str) -> anyhow::Result<()> {
        let name = name.to_owned();
        self.edit_author(author, move |author| author.name = name).await
    }

    pub async fn edit_author(
        &self,
        author: AuthorId,
        edit: impl FnOnce(&mut Author) + Send + 'static,
    ) -> anyhow::Result<()> {
        let change = move |author: &mut Author| {
            edit(author);
            Ok(())
        };
        let write = move |tx: &colophon_store::WriteSession<'_>| tx.repo_mut::<Author>().change(author, change);
        self.database().write(write).await?;
        Ok(())
    }

    pub async fn edit_book(&self, book: BookId, edit: impl FnOnce(&mut Book) + Send + 'static) -> anyhow::Result<()> {
        let change = move |book: &mut Book| {
            edit(book);
            Ok(())
        };
        let write = move |tx: &colophon_store::WriteSession<'_>| tx.repo_mut::<Book>().change(book, change);
        self.database().write(write).await?;
        Ok(())
    }

    pub async fn retitle(&self, book: BookId, title: &str) -> anyhow::Result<()> {
        let title = title.to_owned();
        self.edit_book(book, move |book| book.title = title).await
    }

    pub async fn delete_author(&self, author: AuthorId) -> anyhow::Result<()> {
        let delete = move |tx: &colophon_store::WriteSession<'_>| tx.repo_mut::<Author>().delete(author);
        self.database().write(delete).await?;
        Ok(())
    }

    pub async fn delete_book(&self, book: BookId) -> anyhow::Result<()> {
        let delete = move |tx: &colophon_store::WriteSession<'_>| tx.repo_mut::<Book>().delete(book);
        self.database().write(delete).await?;
        Ok(())
    }

    /// The author, unless there is none with this id.
    pub async fn find_author(&self, author: AuthorId) -> anyhow::Result<Option<Author>> {
        Ok(self.database().read(move |s| s.repo::<Author>().find(author)).await?)
    }

    /// The book, unless there is none with this id.
    pub async fn find_book(&self, book: BookId) -> anyhow::Result<Option<Book>> {
        Ok(self.database().read(move |s| s.repo::<Book>().find(book)).await?)
    }

    /// All conflicts, the oldest first.
    pub async fn conflicts(&self) -> anyhow::Result<Vec<Conflict>> {
        Ok(self.database().read(|s| s.repo::<Conflict>().all()).await?)
    }

    /// Rounds until nothing is left to do except what waits for the server to be migrated.
    pub async fn rest(&self, settings: CentralSettings) -> anyhow::Result<RoundReport> {
        let mut exchange = self.exchange(settings);
        // Boxed, because stories have many of them.
        Box::pin(exchange.round(&mut |_| ())).await?;
        Ok(Box::pin(exchange.round(&mut |_| ())).await?)
    }

    /// What became of every edit that was made here, as far as the file and the server can tell.
    pub async fn audit(&self, settings: CentralSettings) -> anyhow::Result<Audit> {
        let tables = self.program.edition.tables;
        let mut audit = self.database().read(move |s| audit_of(s, tables)).await?;
        let central = Central::new(settings).of_edition(self.program.edition.clone());
        let (connection, _) = central.open().await?;
        let history = connection.history(&audit.in_question()).await?;
        audit.account_by_history(&history);
        Ok(audit)
    }

    /// One round with a server.
    pub async fn round(&self, settings: CentralSettings) -> colophon_sync::Result<RoundReport> {
        self.exchange(settings).round(&mut |_| ()).await
    }

    pub fn exchange(&self, settings: CentralSettings) -> Exchange {
        let central = Central::new(settings).of_edition(self.program.edition.clone());
        Exchange::new(self.database().clone(), central, identity(&self.name))
    }

    pub fn task(&self, settings: CentralSettings) -> SyncTask {
        let central = Central::of_application(settings, &self.program.edition);
        SyncTask::start(self.database().clone(), Some(central), identity(&self.name))
    }

    pub async fn pending(&self) -> anyhow::Result<u64> {
        let tables = self.program.edition.tables;
        Ok(self.database().read(move |s| s.waiting_count(tables)).await?)
    }
}

/// A clock of the device's own, and an origin that goes by it.
fn own_clock() -> (Arc<ShiftedClock>, Origin) {
    let clock = Arc::new(ShiftedClock::default());
    let origin = Origin {
        clock: clock.clone(),
        ..Origin::default()
    };
    (clock, origin)
}

/// A clock that may be wrong.
#[derive(Debug, Default)]
struct ShiftedClock {
    /// Of the wall clock, in microseconds.
    ahead: AtomicI64,
    /// How much more than the time since this computer was started has passed, in microseconds.
    passed: AtomicI64,
    /// How many times the machine was started.
    boots: AtomicU64,
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_micros(self.ahead.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Uptime {
        let here = SystemClock.uptime();
        Uptime {
            boot: Uuid::from_u128(here.boot.as_u128() ^ u128::from(self.boots.load(Ordering::SeqCst))),
            micros: here.micros + self.passed.load(Ordering::SeqCst),
        }
    }
}

/// The file of a device that has ended, opened by another process.
pub async fn opened(file: &Path) -> anyhow::Result<Database> {
    Ok(colophon_catalogue::open(&Settings::for_file(file)).await?.0)
}

/// Exchanges a file that was [opened].
pub fn exchange(database: Database, settings: CentralSettings) -> Exchange {
    Exchange::new(database, Central::new(settings), identity("a laptop"))
}

fn micros(time: SignedDuration) -> i64 {
    i64::try_from(time.as_micros()).expect("a time of some years")
}

fn identity(name: &str) -> Identity {
    Identity {
        name: name.to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}

/// Waits until the loop reaches the wanted status.
pub async fn until(task: &SyncTask, is_so: impl FnMut(&SyncStatus) -> bool) -> anyhow::Result<SyncStatus> {
    let mut status = task.status();
    let deadline = Deadline::until("the loop says what a test waits for");
    let said = deadline
        .of(status.wait_for(is_so))
        .await
        .map(|said| said.map(|said| said.clone()));
    Ok(said.with_context(|| format!("the last it said: {:?}", task.status().borrow().clone()))??)
}

pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}
