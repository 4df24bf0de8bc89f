//! The files of the page, with the rules that the window's own page has.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

/// The settings of the window.
const SETTINGS: &str = include_str!("../../../tauri.conf.json");

/// Where the window's page finds the core; here it is where the page comes from.
const CORE_OF_THE_WINDOW: &str = "ipc: http://ipc.localhost";

/// The file for a path in an address, if it can be one of the page.
pub(crate) fn file(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| folder.join(path))
}

/// What a browser is to take a file for.
pub(crate) fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// The content security policy of the window's page.
pub(crate) fn policy() -> anyhow::Result<String> {
    let settings: Value = serde_json::from_str(SETTINGS)?;
    let policy = settings["app"]["security"]["csp"]
        .as_str()
        .context("tauri.conf.json sets no content security policy")?;
    Ok(policy.replace(CORE_OF_THE_WINDOW, "'self'"))
}
