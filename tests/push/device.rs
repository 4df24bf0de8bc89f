//! A device: a local file that is exchanged with a central catalogue.

use std::path::Path;
use std::time::Duration;

use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookDraft};
use colophon_store::schema::Table;
use colophon_store::{Database, Settings};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Exchange, Identity, RoundReport, SyncStatus, SyncTask};
use colophon_tests::catalogue::Catalogue;

pub(crate) struct Device {
    pub(crate) local: Catalogue,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self {
            local: Catalogue::empty(),
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.local.database
    }

    pub(crate) async fn author(&self, name: &str) -> anyhow::Result<Author> {
        let draft = AuthorDraft::named(name);
        Ok(self
            .database()
            .write(move |tx| tx.repo_mut::<Author>().create(&draft))
            .await?)
    }

    pub(crate) async fn book(&self, author: AuthorId, title: &str) -> anyhow::Result<Book> {
        let draft = BookDraft::new(title, author);
        Ok(self
            .database()
            .write(move |tx| tx.repo_mut::<Book>().create(&draft))
            .await?)
    }

    pub(crate) async fn rename(&self, author: AuthorId, name: &str) -> anyhow::Result<()> {
        let name = name.to_owned();
        let change = move |author: &mut Author| {
            author.name = name;
            Ok(())
        };
        self.database()
            .write(move |tx| tx.repo_mut::<Author>().change(author, change))
            .await?;
        Ok(())
    }

    /// One round with a server.
    pub(crate) async fn round(&self, settings: CentralSettings) -> colophon_sync::Result<RoundReport> {
        self.exchange(settings).round(&mut |_| ()).await
    }

    pub(crate) fn exchange(&self, settings: CentralSettings) -> Exchange {
        exchange(self.database().clone(), settings)
    }

    pub(crate) fn task(&self, settings: CentralSettings) -> SyncTask {
        SyncTask::start(self.database().clone(), Some(settings), identity())
    }

    pub(crate) async fn pending(&self) -> anyhow::Result<u64> {
        Ok(self.database().read(|s| s.waiting_count(tables())).await?)
    }
}

/// The file of a device that has ended, opened by another process.
pub(crate) async fn opened(file: &Path) -> anyhow::Result<Database> {
    Ok(colophon_catalogue::open(&Settings::for_file(file)).await?.0)
}

pub(crate) fn exchange(database: Database, settings: CentralSettings) -> Exchange {
    Exchange::new(database, Central::new(settings), identity())
}

pub(crate) fn tables() -> &'static [&'static Table] {
    match colophon_catalogue::file_schema() {
        Ok(schema) => schema.tables,
        Err(error) => panic!("the catalogue has no schema: {error}"),
    }
}

fn identity() -> Identity {
    Identity {
        name: "a laptop".to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}

/// Waits until the loop says so.
pub(crate) async fn until(task: &SyncTask, is_so: impl FnMut(&SyncStatus) -> bool) -> anyhow::Result<SyncStatus> {
    Ok(task.status().wait_for(is_so).await?.clone())
}

pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}
