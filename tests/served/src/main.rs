//! The window's commands over loopback: the real ones, on a real file, for a page in an ordinary browser.
//!
//! The window's tests run on it, and whoever develops the page looks at it this way. It is compiled from the sources of
//! the desktop shell, with another `runtime.rs`: Tauri's own runtime for tests, which has no windows. Nothing of it is
//! in a package that people install (docs/decisions/0088-the-page-is-tested-on-the-real-core.md).
//!
//!     COLOPHON_FILE=/tmp/try.sqlite colophon-served [FOLDER WITH THE PAGE]
//!
//! It prints one line, the address. Whoever knows it may do what the window may; so the address has a random part,
//! without which nothing is answered.

#[path = "../../../src-tauri/src/answer.rs"]
mod answer;
#[path = "../../../src-tauri/src/app_state.rs"]
mod app_state;
mod ask;
#[path = "../../../src-tauri/src/bindings.rs"]
mod bindings;
#[path = "../../../src-tauri/src/chosen.rs"]
mod chosen;
#[path = "../../../src-tauri/src/commands/mod.rs"]
mod commands;
mod door;
#[path = "../../../src-tauri/src/engine.rs"]
mod engine;
#[path = "../../../src-tauri/src/error.rs"]
mod error;
#[path = "../../../src-tauri/src/events.rs"]
mod events;
mod heard;
mod http;
#[path = "../../../src-tauri/src/import.rs"]
mod import;
#[path = "../../../src-tauri/src/keeping.rs"]
mod keeping;
#[path = "../../../src-tauri/src/leaving.rs"]
mod leaving;
#[path = "../../../src-tauri/src/location.rs"]
mod location;
mod page;
#[path = "../../../src-tauri/src/previews.rs"]
mod previews;
#[path = "../../../src-tauri/src/questions.rs"]
mod questions;
mod runtime;
#[path = "../../../src-tauri/src/secrets.rs"]
mod secrets;
#[path = "../../../src-tauri/src/sync_state.rs"]
mod sync_state;
#[path = "../../../src-tauri/src/telling.rs"]
mod telling;
#[path = "../../../src-tauri/src/view_state.rs"]
mod view_state;
#[path = "../../../src-tauri/src/window.rs"]
mod window;
#[path = "../../../src-tauri/src/wire.rs"]
mod wire;
#[path = "../../../src-tauri/src/worded.rs"]
mod worded;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use app_state::AppState;
use chosen::Chosen;
use colophon_store::ToldToEnd;
use door::Door;
use leaving::Leaving;
use previews::Previews;
use runtime::App;
use tauri::test::{mock_builder, mock_context, noop_assets};
use tauri::utils::config::WindowConfig;
use tauri::{Manager as _, async_runtime};
use tauri_plugin_log::{Target, TargetKind};

fn main() -> anyhow::Result<()> {
    engine::settle_on_linux()?;
    ensure!(
        !location::is_own_catalogue(),
        "This is for developing: it never opens your own catalogue. Name another file in COLOPHON_FILE."
    );
    let page = std::env::args_os().nth(1).map(PathBuf::from);
    let app = app()?;
    async_runtime::block_on(async {
        let served = http::Served::bind(app.handle(), page).await?;
        writeln!(std::io::stdout(), "{}", served.address())?;
        end_when_told(app.handle())?;
        served.serve().await
    })
}

/// The program as the desktop shell makes it, but for the window.
fn app() -> anyhow::Result<App> {
    let bindings = bindings::builder();
    let mut context = mock_context(noop_assets());
    context.config_mut().app.windows.push(WindowConfig {
        create: false,
        ..WindowConfig::default()
    });
    let app = mock_builder()
        .plugin(log())
        .invoke_handler(bindings.invoke_handler())
        .build(context)
        .context("the shell")?;
    bindings.mount_events(&app);
    app.manage(Chosen::default());
    app.manage(Previews::default());
    app.manage(Leaving::default());
    app.manage(Door::default());
    window::open(&app).context("its window")?;
    app.manage(AppState::open(app.handle()));
    Ok(app)
}

fn log() -> tauri::plugin::TauriPlugin<runtime::Runtime> {
    tauri_plugin_log::Builder::new()
        .clear_targets()
        .target(Target::new(TargetKind::Stderr))
        .level(log::LevelFilter::Warn)
        .build()
}

/// Ends as the desktop shell does.
fn end_when_told(app: &runtime::AppHandle) -> anyhow::Result<()> {
    let mut listener = ToldToEnd::listen()?;
    let app = app.clone();
    async_runtime::spawn(async move { leaving::leave(&app, listener.told().await) });
    Ok(())
}
