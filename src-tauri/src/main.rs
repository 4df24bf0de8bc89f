//! The desktop shell: a window over the catalogue. It is the only place that knows Tauri.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod answer;
mod app_state;
mod bindings;
mod chosen;
mod commands;
mod engine;
mod error;
mod events;
mod import;
mod keeping;
mod leaving;
mod location;
mod previews;
mod questions;
mod runtime;
mod secrets;
mod sync_state;
mod telling;
mod view_state;
mod window;
mod wire;
mod worded;

use std::time::Duration;

use app_state::AppState;
use chosen::Chosen;
use colophon_store::ToldToEnd;
use leaving::Leaving;
use previews::Previews;
use runtime::{App, AppHandle, Runtime};
use tauri::{Manager, RunEvent, WindowEvent};
use tauri_plugin_log::{RotationStrategy, Target, TargetKind};
use tauri_plugin_window_state::StateFlags;

/// After this time the window is shown even if its page has not said that it is painted: a page that cannot even say so
/// must be seen.
const SHOWN_AFTER: Duration = Duration::from_secs(5);

/// The size of the log file, in bytes, at which it starts over.
const LOG_BYTES_MAX: u128 = 1_000_000;

fn main() -> anyhow::Result<()> {
    engine::settle_on_linux()?;
    let bindings = bindings::builder();
    let mut builder = tauri::Builder::default();
    if location::is_own_catalogue() {
        // A second start brings the window to the front. This must be the first plugin.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _, _| to_front(app)));
    }
    builder
        .plugin(log())
        .plugin(tauri_plugin_dialog::init())
        .plugin(window_state())
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            keep_log_private(app);
            app.manage(Chosen::default());
            app.manage(Previews::default());
            app.manage(Leaving::default());
            // The page loads while the catalogue is being opened; what it asks waits until that is done.
            window::open(app)?;
            app.manage(AppState::open(app.handle()));
            end_when_told(app.handle());
            show_in_any_case(app);
            Ok(())
        })
        .on_window_event(|window, event| match event {
            WindowEvent::Focused(true) => somebody_is_at(window.app_handle()),
            WindowEvent::CloseRequested { api, .. } => {
                api.prevent_close();
                leaving::leave(window.app_handle(), 0);
            }
            _ => {}
        })
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if let RunEvent::Exit = event {
                app_state::close(app);
            }
        });
    Ok(())
}

/// When the system tells the program to end, ends as if the window had been closed.
fn end_when_told(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match ToldToEnd::listen() {
            Ok(mut listener) => leaving::leave(&app, listener.told().await),
            Err(error) => tracing::warn!(%error, "the program is not told when the session ends"),
        }
    });
}

/// Whoever comes to the window should soon see what others write.
fn somebody_is_at(app: &AppHandle) {
    if let Some(Ok(opened)) = app.try_state::<AppState>().map(|state| state.opened()) {
        opened.sync.somebody_is_here();
    }
}

/// The log: a small file in the platform's log folder, and the terminal for whoever builds Colophon. Values of records
/// and settings are never written to it.
fn log() -> tauri::plugin::TauriPlugin<Runtime> {
    tauri_plugin_log::Builder::new()
        .clear_targets()
        .target(Target::new(TargetKind::LogDir { file_name: None }))
        .target(Target::new(TargetKind::Stderr))
        .level(log::LevelFilter::Info)
        // It carries what is said to the keychain, and logs every handshake.
        .level_for("zbus", log::LevelFilter::Warn)
        .max_file_size(LOG_BYTES_MAX)
        .rotation_strategy(RotationStrategy::KeepOne)
        .build()
}

/// What the log names, such as files and servers, is nobody else's business.
fn keep_log_private(app: &App) {
    #[cfg(unix)]
    if let Ok(folder) = app.path().app_log_dir() {
        use std::os::unix::fs::PermissionsExt as _;
        let private = std::fs::Permissions::from_mode(0o700);
        if let Err(error) = std::fs::set_permissions(folder, private) {
            tracing::warn!(%error, "the log can be read by others");
        }
    }
}

/// Size and place of the window are remembered; whether it is visible is decided by its first paint.
fn window_state() -> tauri::plugin::TauriPlugin<Runtime> {
    tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::all() - StateFlags::VISIBLE)
        .build()
}

fn to_front(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(window::MAIN_WINDOW) {
        let shown = window
            .show()
            .and_then(|()| window.unminimize())
            .and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the window did not come to the front");
        }
    }
}

fn show_in_any_case(app: &App) {
    let app = app.handle().clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN_AFTER).await;
        let hidden = app
            .get_webview_window(window::MAIN_WINDOW)
            .filter(|window| !window.is_visible().unwrap_or(true));
        if let Some(window) = hidden
            && let Err(error) = window.show()
        {
            tracing::error!(%error, "the window cannot be shown");
        }
    });
}
