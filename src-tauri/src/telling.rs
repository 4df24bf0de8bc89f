//! What the window is told without asking: that records have changed, and how the catalogue stands with the server.

use colophon_catalogue::schema::TABLES;
use colophon_store::Database;
use colophon_store::changes::{Announcement, ChangeEvent, ChangeKind, Subscription, TableChange};
use colophon_sync::SyncStatus;
use tauri_specta::Event as _;
use tokio::sync::watch;

use crate::events::Changed;
use crate::runtime::AppHandle;
use crate::sync_state::SyncState;
use crate::wire::count;

/// Tells the window how the catalogue stands with the server, whenever that changes.
pub(crate) async fn tell_of_sync(app: AppHandle, database: Database, mut status: watch::Receiver<SyncStatus>) {
    // The initial state is news too, if another sync was shown before.
    status.mark_changed();
    while status.changed().await.is_ok() {
        let mut state = SyncState::from(&*status.borrow_and_update());
        // The file knows what waits and what is quarantined even before the server has been met in this run.
        let counted = database.read(|session| Ok((session.quarantined_count()?, session.waiting_count(TABLES)?)));
        if let Ok((quarantined, pending)) = counted.await {
            state.quarantined = count(quarantined);
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
pub(crate) async fn announce(app: AppHandle, mut commits: Subscription) {
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
