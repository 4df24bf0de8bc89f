//! What the shell runs on, here: no windows, and files that were named beforehand in place of dialogs.

use std::path::PathBuf;

use tauri::Manager as _;

use crate::door::Door;

/// The runtime without windows.
pub(crate) type Runtime = tauri::test::MockRuntime;
/// The program, before it runs.
pub(crate) type App = tauri::App<Runtime>;
/// The running program.
pub(crate) type AppHandle = tauri::AppHandle<Runtime>;
/// A window that nobody sees, through which the commands are called.
pub(crate) type WebviewWindow = tauri::WebviewWindow<Runtime>;

/// The file that was named for the next dialog, whatever it asks for.
pub(crate) fn choose_file(app: &AppHandle, _kinds: &str, _endings: &[&str]) -> Option<PathBuf> {
    app.state::<Door>().chosen()
}

/// The file that was named for the next dialog, wherever it was to go.
pub(crate) fn choose_new_file(app: &AppHandle, _name: &str, _kinds: &str, _endings: &[&str]) -> Option<PathBuf> {
    app.state::<Door>().chosen()
}

/// Ends the program with this status. The runtime for tests cannot.
pub(crate) fn exit(_app: &AppHandle, status: i32) {
    std::process::exit(status);
}
