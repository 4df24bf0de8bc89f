//! The window: one door to the core, and no script or style from anywhere else.

use std::collections::BTreeSet;

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
fn every_command_is_declared_allowed_by_name_and_always_answered() -> Result<()> {
    let read = |path: &str| std::fs::read_to_string(tree::root().join(path)).with_context(|| path.to_owned());
    let known = listed(&read("src-tauri/src/bindings.rs")?, "collect_commands![", |line| {
        line.rsplit("::").next().unwrap_or(line)
    });
    let declared = listed(&read("src-tauri/build.rs")?, "COMMANDS: &[&str] = &[", |line| line);
    let allowed = read("src-tauri/capabilities/main.json")?;
    let allowed: BTreeSet<String> = allowed
        .lines()
        .filter_map(|line| line.trim().trim_matches([',', '"']).strip_prefix("allow-"))
        .map(|name| name.replace('-', "_"))
        .collect();
    ensure!(
        known.len() > 20,
        "bindings.rs lists no commands: the rule looks in the wrong place"
    );
    assert_eq!(
        declared, known,
        "src-tauri/build.rs declares other commands than bindings.rs has"
    );
    assert_eq!(
        allowed, known,
        "capabilities/main.json allows other commands than bindings.rs has"
    );
    let commands = tree::sources_ending("src-tauri/src/commands", &["rs"])?;
    unbroken(commands.iter().flat_map(silent_commands));
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
    let list = listed("&[\n    \"a_b\",\n    x::c,\n];\n  \"d\"", "&[", |line| line);
    assert_eq!(list, BTreeSet::from(["a_b".to_owned(), "x::c".to_owned()]));
    let command = |body: &str| format!("#[tauri::command]\npub(crate) async fn open() -> A {{\n    {body}\n}}\n");
    let silent = |body: &str| silent_commands(&Source::imagined("src-tauri/src/commands/a.rs", &command(body)));
    assert_eq!(silent("state.open()").len(), 1);
    assert_eq!(silent("answer(async move { state.open() }).await").len(), 0);
}

/// The entries of a list in a source, one per line, from the line with `beginning` to the one that closes it.
fn listed(text: &str, beginning: &str, name: impl Fn(&str) -> &str) -> BTreeSet<String> {
    text.lines()
        .skip_while(|line| !line.contains(beginning))
        .skip(1)
        .map(|line| line.trim().trim_matches([',', '"']))
        .take_while(|line| !line.starts_with(']'))
        .map(|line| name(line).to_owned())
        .collect()
}

/// Commands whose work is not run by `answer`: a panic in one of them would leave the page waiting for ever.
fn silent_commands(source: &Source) -> Vec<String> {
    let commands = source.text.split("#[tauri::command]").skip(1);
    let silent = commands.filter(|command| {
        let body = command.split_once("{\n").map_or("", |(_, body)| body);
        !body.trim_start().starts_with("answer(async move {")
    });
    silent
        .map(|command| {
            let name = command.lines().find(|line| line.contains("fn ")).unwrap_or_default();
            format!("{}: {} is not answered when it panics", source.path, name.trim())
        })
        .collect()
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
