//! What the window works on: the open catalogue, or the reason why it is not open.
//!
//! A file that cannot be opened (damaged, newer, locked, something else, in a folder that may not be written) is no reason to
//! end: every command answers with that reason, the window shows it, and the person can put it right and try again.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use colophon_catalogue as catalogue;
use colophon_catalogue::lists::Lists;
use colophon_catalogue::place::device_name;
use colophon_catalogue::schema::TABLES;
use colophon_store::changes::{Announcement, ChangeEvent, ChangeKind, Subscription, TableChange};
use colophon_store::{Database, ReadSession, Settings, WriteSession};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Identity, SyncStatus, SyncTask};
use tauri::AppHandle;
use tauri::async_runtime::JoinHandle;
use tauri_specta::Event;
use tokio::sync::watch;

use crate::commands::catalogue::Changed;
use crate::commands::sync::SyncState;
use crate::error::{Code, Coded};
use crate::place;

/// The window's desk.
pub(crate) struct Desk {
    opened: RwLock<Result<Opened, Coded>>,
}

/// An open catalogue.
#[derive(Clone)]
pub(crate) struct Opened {
    /// The database.
    pub(crate) database: Database,
    /// The lists of its records.
    pub(crate) lists: Lists,
    /// Its file.
    pub(crate) file: PathBuf,
    /// The server, if the settings name one.
    pub(crate) central: Option<Central>,
    /// What brings it in step with the server.
    pub(crate) sync: Arc<SyncTask>,
    /// The number of the last act that was in the file when it was opened here.
    pub(crate) last_act: i64,
    /// What tells the window of this file, and of its sync.
    told: Arc<Told>,
}

/// Tasks that end with what they tell of.
struct Told {
    file: [JoinHandle<()>; 2],
    sync: JoinHandle<()>,
}

impl Drop for Told {
    fn drop(&mut self) {
        for task in self.file.iter().chain([&self.sync]) {
            task.abort();
        }
    }
}

impl Desk {
    /// Opens the catalogue, and tells the window from now on what changes in it.
    pub(crate) fn open(app: &AppHandle) -> Self {
        Self {
            opened: RwLock::new(place::catalogue_file().and_then(|file| open(app, file))),
        }
    }

    /// The open catalogue.
    pub(crate) fn opened(&self) -> Result<Opened, Coded> {
        self.opened.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads from one snapshot.
    pub(crate) async fn read<T, F>(&self, body: F) -> Result<T, Coded>
    where
        T: Send + 'static,
        F: FnOnce(&ReadSession<'_>) -> colophon_store::Result<T> + Send + 'static,
    {
        let database = self.opened()?.database;
        Ok(database.read(body).await?)
    }

    /// Asks the lists, which may have to build their index first.
    pub(crate) async fn listed<T, F>(&self, body: F) -> Result<T, Coded>
    where
        T: Send + 'static,
        F: FnOnce(&Lists) -> colophon_store::Result<T> + Send + 'static,
    {
        let lists = self.opened()?.lists;
        let asked = tauri::async_runtime::spawn_blocking(move || body(&lists)).await;
        // A panic in there is a fault of ours; the window goes on.
        Ok(asked.map_err(|error| Coded::new(Code::Internal, error.to_string()))??)
    }

    /// Builds the search indexes in the background, so that the first letter that is typed does not have to.
    pub(crate) fn prepare_search(&self) {
        let Ok(opened) = self.opened() else { return };
        tauri::async_runtime::spawn_blocking(move || {
            let prepared = opened
                .lists
                .books
                .prepare()
                .and_then(|()| opened.lists.authors.prepare());
            if let Err(error) = prepared {
                tracing::warn!(%error, "the search was not prepared; the first search tries again");
            }
        });
    }

    /// Writes in one transaction.
    pub(crate) async fn write<T, F>(&self, body: F) -> Result<T, Coded>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> colophon_store::Result<T> + Send + 'static,
    {
        let database = self.opened()?.database;
        Ok(database.write(body).await?)
    }

    /// Tries once more to open the catalogue, when it is not open.
    pub(crate) fn open_again(&self, app: &AppHandle) -> Result<(), Coded> {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if opened.is_err() {
            *opened = place::catalogue_file().and_then(|file| open(app, file));
        }
        opened.as_ref().map(drop).map_err(Clone::clone)
    }

    /// Goes to another catalogue. The sync of the one that is left ends where it stands: what was under way is settled when that file
    /// is opened again. When the other one cannot be opened, the open one stays.
    pub(crate) fn switch(&self, app: &AppHandle, file: PathBuf) -> Result<(), Coded> {
        let other = open(app, file)?;
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = Ok(other);
        Ok(())
    }

    /// From now on, the open catalogue is kept in step with this server, or with none.
    pub(crate) fn connect(&self, app: &AppHandle, central: Option<Central>) -> Result<(), Coded> {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        let opened = opened.as_mut().map_err(|coded| coded.clone())?;
        (opened.sync, opened.told) = start_sync(app, &opened.database, central.clone());
        opened.central = central;
        Ok(())
    }
}

/// How often the file is looked at for what another program, the command line for one, has written to it.
const OTHER_PROGRAMS_LOOKED_FOR: std::time::Duration = std::time::Duration::from_secs(1);

fn open(app: &AppHandle, file: PathBuf) -> Result<Opened, Coded> {
    let sources = place::sources(&file)?;
    let opened = Settings::from_sources(&file, &sources)
        .and_then(|settings| catalogue::open_blocking(&settings))
        .map_err(|error| Coded::from(error).and(&file.display().to_string()));
    let (database, report) =
        opened.inspect_err(|coded| tracing::warn!(code = ?coded.code, "the catalogue is not open"))?;
    if let Some(backup) = report.backup {
        tracing::info!(backup = %backup.display(), versions = ?report.versions, "the file was migrated");
    }
    let last_act = database.read_blocking(|session| session.latest_act())?;
    let central = CentralSettings::from_sources(&sources)?.map(|settings| Central::new(settings).asking_keychain());
    let lists = Lists::new(database.clone());
    let (sync, told) = start_sync(app, &database, central.clone());
    Ok(Opened {
        database,
        lists,
        file,
        central,
        sync,
        last_act,
        told,
    })
}

/// Starts the sync of an open file, and what tells the window of both.
fn start_sync(app: &AppHandle, database: &Database, central: Option<Central>) -> (Arc<SyncTask>, Arc<Told>) {
    // The loop runs on the runtime that Tauri keeps.
    let _runtime = tauri::async_runtime::handle().inner().enter();
    let sync = Arc::new(SyncTask::start_with(database.clone(), central, identity()));
    let watched = database.clone();
    let told = Told {
        file: [
            tauri::async_runtime::spawn(announce(app.clone(), database.changes())),
            tauri::async_runtime::spawn(async move { watched.notice_other_programs(OTHER_PROGRAMS_LOOKED_FOR).await }),
        ],
        sync: tauri::async_runtime::spawn(tell_of_sync(app.clone(), database.clone(), sync.status())),
    };
    (sync, Arc::new(told))
}

/// What the server lists this device by.
pub(crate) fn identity() -> Identity {
    Identity {
        name: device_name(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Tells the window how the catalogue stands with the server, whenever that changes.
async fn tell_of_sync(app: AppHandle, database: Database, mut status: watch::Receiver<SyncStatus>) {
    // Where it begins is news too, when another sync was shown before.
    status.mark_changed();
    while status.changed().await.is_ok() {
        let mut state = SyncState::from(&*status.borrow_and_update());
        // The file knows what waits and what was refused before the server has been met in this run.
        let counted = database.read(|session| Ok((session.refused_count()?, session.waiting_count(TABLES)?)));
        if let Ok((refused, pending)) = counted.await {
            state.refused = count(refused);
            if state.message.is_some() {
                state.pending = count(pending);
            }
        }
        if let Err(error) = state.emit(&app) {
            tracing::warn!(%error, "the window was not told how the sync stands");
        }
    }
}

/// Tells the window what was committed, until the database is closed.
async fn announce(app: AppHandle, mut commits: Subscription) {
    while let Some(announcement) = commits.next().await {
        let changed = match announcement {
            Announcement::Committed(event) => changed(&event),
            // Too many commits at once to hear of each: the window looks at everything again.
            Announcement::Missed => Changed::everything(),
        };
        if let Err(error) = changed.emit(&app) {
            tracing::warn!(%error, "the window was not told of a change");
        }
    }
}

fn changed(event: &ChangeEvent) -> Changed {
    let named = |tables: Vec<&TableChange>| tables.into_iter().map(|change| change.table.to_owned()).collect();
    Changed {
        tables: named(event.tables.iter().collect()),
        came_or_went: named(event.tables.iter().filter(|change| came_or_went(change)).collect()),
    }
}

fn came_or_went(change: &TableChange) -> bool {
    change.rows.is_empty() || change.rows.iter().any(|(_, kind)| *kind != ChangeKind::Updated)
}

/// A number of the core on its way to the window, which counts in JavaScript's numbers.
pub(crate) fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The window cannot be found, which only happens while the program ends.
pub(crate) fn no_window() -> Coded {
    Coded::new(Code::Internal, "The window is closed.")
}
