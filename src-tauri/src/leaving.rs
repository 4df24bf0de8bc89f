//! The end of the program: the page first writes down what is being typed.
//!
//! What is typed is written down every quarter of a second; whoever closes the window just then must not lose that
//! much. A page that does not answer keeps nobody from leaving. Then the window goes, and what is left to do, a backup
//! and closing the file, is done without anybody watching: on a slow disk it may take seconds. Events are still handled
//! meanwhile, so that a second request is heard.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::Manager as _;
use tauri_specta::Event as _;
use tokio::sync::Notify;

use crate::app_state;
use crate::events::AboutToLeave;
use crate::runtime::{AppHandle, exit};
use crate::window::MAIN_WINDOW;

/// How long the page may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// Whether the program is about to end.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    is_asked: AtomicBool,
    answer: Notify,
}

impl Leaving {
    /// The page has nothing more to write down.
    pub(crate) fn answered(&self) {
        self.answer.notify_one();
    }
}

/// Ends the program with this status, as soon as the page has written down what is being typed. Whoever asks a second
/// time waits for nothing.
pub(crate) fn leave(app: &AppHandle, status: i32) {
    tracing::info!("the program was asked to end");
    if app.state::<Leaving>().is_asked.swap(true, Ordering::Relaxed) {
        exit(app, status);
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let asked = AboutToLeave.emit(&app);
        let leaving = app.state::<Leaving>();
        let answer = tokio::time::timeout(ANSWERED_WITHIN, leaving.answer.notified());
        if asked.is_err() || answer.await.is_err() {
            tracing::warn!("the page did not say whether something was being typed");
        }
        if let Some(window) = app.get_webview_window(MAIN_WINDOW)
            && let Err(error) = window.hide()
        {
            tracing::warn!(%error, "the window stays until the file is closed");
        }
        let closed = app.clone();
        if let Err(error) = tauri::async_runtime::spawn_blocking(move || app_state::close(&closed)).await {
            tracing::warn!(%error, "the file was not closed in time");
        }
        tracing::info!("the program ends");
        exit(&app, status);
    });
}
