//! What the shell runs on: the windows of the system, and the dialogs in which a person chooses a file.
//!
//! Everything else knows these only from here. The development binary (`tests/served`) compiles the same sources over a
//! runtime without windows, and has a file of its own in the place of this one.

use std::path::PathBuf;

use tauri_plugin_dialog::DialogExt as _;

/// The runtime of the windows.
pub(crate) type Runtime = tauri::Wry;
/// The program, before it runs.
pub(crate) type App = tauri::App<Runtime>;
/// The running program.
pub(crate) type AppHandle = tauri::AppHandle<Runtime>;
/// A window and its page.
pub(crate) type WebviewWindow = tauri::WebviewWindow<Runtime>;

/// Lets a person choose a file among those that end in one of these; nothing when they change their mind.
pub(crate) fn choose_file(app: &AppHandle, kinds: &str, endings: &[&str]) -> Option<PathBuf> {
    let dialog = app.dialog().file().add_filter(kinds, endings);
    dialog.blocking_pick_file().and_then(|file| file.into_path().ok())
}

/// Lets a person say where a new file goes, and what it is called (at first `name`); nothing when they change their mind.
pub(crate) fn choose_new_file(app: &AppHandle, name: &str, kinds: &str, endings: &[&str]) -> Option<PathBuf> {
    let dialog = app.dialog().file().add_filter(kinds, endings).set_file_name(name);
    dialog.blocking_save_file().and_then(|file| file.into_path().ok())
}

/// Ends the program with this status.
pub(crate) fn exit(app: &AppHandle, status: i32) {
    app.exit(status);
}
