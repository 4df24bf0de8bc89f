//! What the window works on: the open catalogue, or the reason why it is not open.
//!
//! A file that cannot be opened (damaged, newer, locked, not a catalogue, in a folder that may not be written) is no
//! reason to end: every command answers with that reason, the window shows it, and the person can put it right and try
//! again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use colophon_catalogue as catalogue;
use colophon_catalogue::file_schema;
use colophon_catalogue::lists::Lists;
use colophon_store::settings::Access;
use colophon_store::{BackupSettings, Backups, Database, Error, InterruptHandle, ReadSession, Settings, WriteSession};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Identity, SyncTask};
use tauri::Manager as _;
use tauri::async_runtime::JoinHandle;
use tauri_specta::Event;

use crate::error::{Code, CommandError};
use crate::events::Changed;
use crate::keeping::keep_backups;
use crate::location;
use crate::questions::Questions;
use crate::runtime::AppHandle;
use crate::telling::{announce, tell_of_sync};

/// What the window works with: the open catalogue, or why there is none.
pub(crate) struct AppState {
    opened: RwLock<Result<Opened, NotOpen>>,
    /// What the page asks of the lists.
    pub(crate) questions: Questions,
}

/// Why there is no open catalogue.
struct NotOpen {
    /// The file that could not be opened, or was given up: the ways out are about this one. Absent if not even the file
    /// is known.
    file: Option<PathBuf>,
    why: CommandError,
}

/// An open catalogue.
#[derive(Clone)]
pub(crate) struct Opened {
    app: AppHandle,
    /// The database.
    pub(crate) database: Database,
    /// The lists of its records.
    pub(crate) lists: Lists,
    /// Its file.
    pub(crate) file: PathBuf,
    /// The server, if the settings name one.
    pub(crate) central: Option<Central>,
    /// Brings it in step with the server.
    pub(crate) sync: Arc<SyncTask>,
    /// The number of the last act in the file when it was opened here.
    pub(crate) last_act: i64,
    /// Its backups.
    backups: Backups,
    /// Tells the window about this file and its sync.
    told: Arc<Told>,
}

impl Opened {
    /// Makes a backup of what was changed, and closes the file.
    fn close(&self) {
        self.told.file.iter().for_each(JoinHandle::abort);
        match file_schema().and_then(|schema| self.backups.make_at_the_end(&self.database, &schema)) {
            Ok(Some(made)) => tracing::info!(backup = %made.backup.file.display(), "a backup was made"),
            // It was closed earlier, when the window went.
            Ok(None) | Err(Error::Closed) => {}
            Err(error) => tracing::warn!(%error, "there is no backup of this end"),
        }
        self.close_as_it_is();
    }

    fn close_as_it_is(&self) {
        if let Err(error) = self.database.close_blocking() {
            tracing::warn!(%error, "the log stays beside the file until it is opened again");
        }
    }
}

/// Where the file of the open catalogue is, if it is not where it was opened.
pub(crate) struct MovedFile {
    /// The path at which it was opened.
    pub(crate) file: PathBuf,
    /// What it is called now, if it has a name and the system reports it.
    pub(crate) now: Option<PathBuf>,
    /// Whether something is at the path.
    pub(crate) is_there: bool,
}

/// Tasks that end together with what they report on.
struct Told {
    file: [JoinHandle<()>; 3],
    sync: JoinHandle<()>,
}

impl Drop for Told {
    fn drop(&mut self) {
        for task in self.file.iter().chain([&self.sync]) {
            task.abort();
        }
    }
}

impl AppState {
    /// Opens the catalogue, and from now on tells the window what changes in it.
    pub(crate) fn open(app: &AppHandle) -> Self {
        Self {
            opened: RwLock::new(open_own(app)),
            questions: Questions::default(),
        }
    }

    /// The open catalogue.
    pub(crate) fn opened(&self) -> Result<Opened, CommandError> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        opened.as_ref().map(Opened::clone).map_err(|not| not.why.clone())
    }

    /// Reads from one snapshot.
    pub(crate) async fn read<T, F>(&self, body: F) -> Result<T, CommandError>
    where
        T: Send + 'static,
        F: FnOnce(&ReadSession<'_>) -> colophon_store::Result<T> + Send + 'static,
    {
        let database = self.opened()?.database;
        database.read(body).await.map_err(|error| self.answer(error))
    }

    /// Asks the lists, which may have to build their index first, unless a newer question ends this one.
    pub(crate) async fn listed<T, F>(&self, question: Arc<InterruptHandle>, body: F) -> Result<T, CommandError>
    where
        T: Send + 'static,
        F: FnOnce(&Lists) -> colophon_store::Result<T> + Send + 'static,
    {
        let lists = self.opened()?.lists.interruptible_by(&question);
        let asked = tauri::async_runtime::spawn_blocking(move || body(&lists)).await;
        // A panic in there is a bug of ours; the window goes on.
        let asked = asked.map_err(|error| CommandError::new(Code::Internal, error.to_string()))?;
        asked.map_err(|error| match error {
            Error::Interrupted if question.is_interrupted() => {
                CommandError::new(Code::Superseded, "Something else was asked before this was answered.")
            }
            error => self.answer(error),
        })
    }

    /// Builds the search indexes in the background, so that the first letter typed does not have to wait for them.
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
    pub(crate) async fn write<T, F>(&self, body: F) -> Result<T, CommandError>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> colophon_store::Result<T> + Send + 'static,
    {
        let database = self.opened()?.database;
        database.write(body).await.map_err(|error| self.answer(error))
    }

    /// An error for the window. A file that turns out to be damaged is no longer used: every command answers with that
    /// until somebody has chosen what to do about it.
    fn answer(&self, error: Error) -> CommandError {
        let is_damaged = matches!(error, Error::Corrupt { .. });
        let coded = CommandError::from(error);
        if is_damaged {
            self.give_up(coded.clone());
        }
        coded
    }

    pub(crate) fn give_up(&self, coded: CommandError) {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        let Ok(file) = opened.as_ref().map(|opened| opened.file.clone()) else {
            return;
        };
        let why = coded.and(&file.display().to_string());
        if let Ok(given_up) = std::mem::replace(&mut *opened, Err(NotOpen { file: Some(file), why })) {
            tracing::warn!("the catalogue file is damaged, and not worked with any more");
            let app = given_up.app.clone();
            given_up.close_as_it_is();
            drop(given_up);
            if let Err(error) = Changed::everything().emit(&app) {
                tracing::warn!(%error, "the window was not told that the file is damaged");
            }
        }
    }

    /// The file of the catalogue, open or not.
    pub(crate) fn file(&self) -> Result<PathBuf, CommandError> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        let file = match &*opened {
            Ok(opened) => Some(opened.file.clone()),
            Err(not) => not.file.clone(),
        };
        file.map_or_else(location::catalogue_file, Ok)
    }

    /// Opens the catalogue's file again, whatever is there now.
    pub(crate) fn open_anew(&self, app: &AppHandle) -> Result<(), CommandError> {
        let file = self.file()?;
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        *opened = open_or_say_why(app, file);
        outcome(&opened)
    }

    /// Tries once more to open the catalogue, if it is not open.
    pub(crate) fn open_again(&self, app: &AppHandle) -> Result<(), CommandError> {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if let Err(not) = &*opened {
            *opened = match not.file.clone() {
                Some(file) => open_or_say_why(app, file),
                None => open_own(app),
            };
        }
        outcome(&opened)
    }

    /// Moves to another catalogue. The sync of the one that is left ends where it stands: whatever was under way is
    /// settled when that file is opened again. If the other one cannot be opened, the open one stays.
    pub(crate) fn switch(&self, app: &AppHandle, file: PathBuf) -> Result<(), CommandError> {
        let other = open(app, file)?;
        let left = std::mem::replace(
            &mut *self.opened.write().unwrap_or_else(PoisonError::into_inner),
            Ok(other),
        );
        if let Ok(left) = left {
            tauri::async_runtime::spawn_blocking(move || left.close());
        }
        Ok(())
    }

    /// What became of the file of the open catalogue, if it is not where it was opened.
    pub(crate) async fn moved(&self) -> Result<Option<MovedFile>, CommandError> {
        let database = self.opened()?.database;
        match database.read(|_| Ok(())).await {
            Err(Error::Moved { file, is_replaced, now }) => Ok(Some(MovedFile {
                file,
                now,
                is_there: is_replaced,
            })),
            Err(other) => Err(other.into()),
            Ok(()) => Ok(None),
        }
    }

    /// Goes on with another file after the open one was taken away: the open one is closed first, so that its log is in
    /// it by then.
    pub(crate) fn go_on(&self, app: &AppHandle, file: PathBuf) -> Result<(), CommandError> {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if let Ok(left) = &*opened {
            left.close();
        }
        *opened = open_or_say_why(app, file);
        outcome(&opened)
    }

    /// Closes the catalogue, because the program is ending. From now on, every command answers with that.
    pub(crate) fn close(&self) {
        if let Ok(opened) = self.opened() {
            opened.close();
        }
    }

    /// From now on, the open catalogue is kept in step with this server, or with none.
    pub(crate) fn connect(&self, app: &AppHandle, central: Option<Central>) -> Result<(), CommandError> {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        let opened = opened.as_mut().map_err(|not| not.why.clone())?;
        let central = central.filter(|_| can_be_shared(&opened.database));
        (opened.sync, opened.told) = start_sync(app, &opened.database, &opened.backups, central.clone());
        opened.central = central;
        Ok(())
    }
}

/// How often the file is checked: whether another program, such as the command line, has written to it, and whether it
/// is still there.
const FILE_LOOKED_AFTER: std::time::Duration = std::time::Duration::from_secs(1);

/// The catalogue with which the program was started.
fn open_own(app: &AppHandle) -> Result<Opened, NotOpen> {
    let file = location::catalogue_file().map_err(|why| NotOpen { file: None, why })?;
    open_or_say_why(app, file)
}

fn open_or_say_why(app: &AppHandle, file: PathBuf) -> Result<Opened, NotOpen> {
    open(app, file.clone()).map_err(|why| NotOpen { file: Some(file), why })
}

fn outcome(opened: &Result<Opened, NotOpen>) -> Result<(), CommandError> {
    opened.as_ref().map(drop).map_err(|not| not.why.clone())
}

fn open(app: &AppHandle, file: PathBuf) -> Result<Opened, CommandError> {
    let sources = location::sources(&file)?;
    let opened = Settings::from_sources(&file, &sources)
        .map(|settings| Settings {
            access: access_to(&file),
            ..settings
        })
        .and_then(|settings| catalogue::open_blocking(&settings))
        .map_err(|error| CommandError::from(error).and(&file.display().to_string()));
    let (database, report) =
        opened.inspect_err(|coded| tracing::warn!(code = ?coded.code, "the catalogue is not open"))?;
    if let Some(backup) = report.backup {
        tracing::info!(backup = %backup.display(), versions = ?report.versions, "the file was migrated");
    }
    let last_act = database.read_blocking(|session| session.latest_act())?;
    let settings = CentralSettings::from_sources(&sources)?;
    let central = settings.map(|settings| Central::new(settings).asking_keychain());
    let central = central.filter(|_| can_be_shared(&database));
    let lists = Lists::new(database.clone());
    let backups = Backups::of(&file, BackupSettings::from_sources(&sources)?);
    let (sync, told) = start_sync(app, &database, &backups, central.clone());
    Ok(Opened {
        app: app.clone(),
        database,
        lists,
        file,
        central,
        sync,
        last_act,
        backups,
        told,
    })
}

/// A file that can only be read could not keep what comes from a server.
fn can_be_shared(database: &Database) -> bool {
    !database.is_read_only()
}

/// A file is created only if there is none: an empty one may be a copy that went wrong.
fn access_to(file: &Path) -> Access {
    if file.exists() { Access::Existing } else { Access::Make }
}

/// Starts the sync of an open file, the tasks that tell the window about both, and the backups.
fn start_sync(
    app: &AppHandle,
    database: &Database,
    backups: &Backups,
    central: Option<Central>,
) -> (Arc<SyncTask>, Arc<Told>) {
    // The loop runs on Tauri's runtime.
    let _runtime = tauri::async_runtime::handle().inner().enter();
    let sync = Arc::new(SyncTask::start(database.clone(), central, identity()));
    let watched = database.clone();
    let told = Told {
        file: [
            tauri::async_runtime::spawn(announce(app.clone(), database.changes())),
            tauri::async_runtime::spawn(async move { watched.look_after_the_file(FILE_LOOKED_AFTER).await }),
            tauri::async_runtime::spawn(keep_backups(app.clone(), database.clone(), backups.clone())),
        ],
        sync: tauri::async_runtime::spawn(tell_of_sync(app.clone(), database.clone(), sync.status())),
    };
    (sync, Arc::new(told))
}

/// The name under which the server lists this device.
pub(crate) fn identity() -> Identity {
    Identity {
        name: location::called().to_string(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Closes the file, so that it holds everything when the program has ended.
pub(crate) fn close(app: &AppHandle) {
    if let Some(state) = app.try_state::<AppState>() {
        state.close();
    }
}

/// The window cannot be found, which happens only while the program is ending.
pub(crate) fn no_window() -> CommandError {
    CommandError::new(Code::Internal, "The window is closed.")
}
