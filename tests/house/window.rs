//! The window: one door to the core, and no script or style from anywhere else.

use anyhow::{Context, Result, ensure};

use crate::tree::{self, Source};
use crate::unbroken;

#[test]
fn only_one_room_of_the_window_talks_to_the_core() -> Result<()> {
    let sources = tree::sources_ending("ui/src", &["ts", "svelte", "js"])?;
    ensure!(
        sources
            .iter()
            .any(|source| is_the_door(source) && source.text.contains("@tauri-apps/")),
        "ui/src/ipc does not import the core's interface: the rule looks in the wrong place"
    );
    unbroken(sources.iter().filter_map(talks_past_the_door));
    Ok(())
}

#[test]
fn the_window_runs_only_what_it_ships() -> Result<()> {
    let text = std::fs::read_to_string(tree::root().join("tauri.conf.json"))?;
    let settings: serde_json::Value = serde_json::from_str(&text)?;
    let policy = settings["app"]["security"]["csp"]
        .as_str()
        .context("tauri.conf.json sets no content security policy")?;
    unbroken(loose_policy(policy));
    Ok(())
}

#[test]
fn the_installers_and_the_program_say_the_same_version() -> Result<()> {
    let of = |path: &str| -> Result<String> {
        let text = std::fs::read_to_string(tree::root().join(path)).with_context(|| path.to_owned())?;
        let settings: serde_json::Value = serde_json::from_str(&text)?;
        Ok(settings["version"]
            .as_str()
            .with_context(|| format!("{path} has no version"))?
            .to_owned())
    };
    let program = env!("CARGO_PKG_VERSION");
    for path in ["tauri.conf.json", "ui/package.json"] {
        assert_eq!(of(path)?, program, "{path} and Cargo.toml differ in their version");
    }
    Ok(())
}

#[test]
fn the_window_may_not_read_files_send_sql_or_start_programs() -> Result<()> {
    let capabilities = tree::sources_ending("src-tauri/capabilities", &["json"])?;
    ensure!(
        !capabilities.is_empty(),
        "src-tauri/capabilities is empty: the rule looks in the wrong place"
    );
    unbroken(capabilities.iter().filter_map(too_capable));
    Ok(())
}

#[test]
fn the_rules_see_a_window_that_breaks_them() {
    let import = "import { invoke } from '@tauri-apps/api/core';";
    assert!(talks_past_the_door(&Source::imagined("ui/src/books/list.ts", import)).is_some());
    assert!(talks_past_the_door(&Source::imagined("ui/src/ipc/calls.ts", import)).is_none());
    assert_eq!(
        loose_policy("default-src 'self'; script-src 'self' 'unsafe-inline'").len(),
        1
    );
    assert_eq!(loose_policy("script-src 'self' https://cdn.example").len(), 2);
}

fn too_capable(source: &Source) -> Option<String> {
    let doors = ["\"fs:", "\"sql:", "\"shell:", "\"http:"];
    let open = doors.into_iter().find(|door| source.text.contains(door))?;
    Some(format!(
        "{} opens {}…\" to the window; that stays in Rust",
        source.path, open
    ))
}

fn is_the_door(source: &Source) -> bool {
    source.path.starts_with("ui/src/ipc/")
}

fn talks_past_the_door(source: &Source) -> Option<String> {
    let talks = source.text.contains("@tauri-apps/") || source.text.contains("__TAURI");
    (talks && !is_the_door(source)).then(|| format!("{} talks to the core past ui/src/ipc", source.path))
}

fn loose_policy(policy: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if !policy.contains("default-src 'self'") && !policy.contains("default-src 'none'") {
        broken.push("starts from nothing narrow: default-src 'self'".to_owned());
    }
    for loose in ["'unsafe-eval'", "https:", "*"] {
        if policy.contains(loose) {
            broken.push(format!("allows {loose}"));
        }
    }
    let scripts = policy
        .split(';')
        .find(|part| part.trim().starts_with("script-src"))
        .unwrap_or_default();
    if scripts.contains("'unsafe-inline'") {
        broken.push("allows scripts inside a page".to_owned());
    }
    broken
}
