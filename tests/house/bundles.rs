//! What people install: the window and the command, and nothing that is only for developing.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::tree;
use crate::unbroken;

/// Where it is said what a package is built from, and what is put into it.
const SAID_IN: [&str; 3] = ["scripts/bundle", ".github/workflows/release.yml", "tauri.conf.json"];

/// The packages of ours that may be built for it.
const SHIPPED: [&str; 2] = ["colophon-desktop", "colophon-cli"];

/// What serves the commands to whoever knows an address.
const SERVED: &str = "colophon-served";

#[test]
fn only_the_window_and_the_command_are_bundled() -> Result<()> {
    let mut broken = Vec::new();
    for path in SAID_IN {
        broken.extend(bundled_besides(path, &read(path)?));
    }
    unbroken(broken);
    Ok(())
}

#[test]
fn the_shipped_window_has_one_program_and_no_runtime_for_tests() -> Result<()> {
    let manifest = read("Cargo.toml")?;
    ensure!(
        manifest.matches("[[bin]]").count() == 1 && manifest.contains("autobins = false"),
        "the package of the window has more than one program"
    );
    unbroken(runtime_for_tests(&manifest));
    Ok(())
}

#[test]
fn the_rules_see_what_should_not_be_shipped() {
    let built = |words: &str| bundled_besides("scripts/bundle", words).len();
    assert_eq!(built("tauri build -- --locked -p colophon-desktop -p colophon-cli"), 0);
    assert_eq!(
        built("tauri build -- --locked -p colophon-desktop -p colophon-served"),
        2
    );
    assert_eq!(built("cargo build --release --workspace"), 1);
    assert_eq!(built("cp target/release/colophon-served /usr/bin"), 1);
    let for_tests = |manifest: &str| runtime_for_tests(manifest).is_some();
    assert!(for_tests("tauri = { version = \"2.12\", features = [\"test\"] }\n"));
    assert!(!for_tests("tauri = { version = \"2.12\", features = [] }\n"));
}

fn bundled_besides(path: &str, text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = words.windows(2).filter(|pair| pair[0] == "-p").map(|pair| pair[1]);
    let mut broken: Vec<String> = named
        .filter(|name| !SHIPPED.contains(name))
        .map(|name| format!("{path} builds {name} for people to install"))
        .collect();
    for all in ["--workspace", "--all", "--bins"] {
        if words.contains(&all) {
            broken.push(format!("{path} builds everything there is ({all})"));
        }
    }
    if text.contains(SERVED) {
        broken.push(format!("{path} names {SERVED}, which is only for developing"));
    }
    broken
}

fn runtime_for_tests(manifest: &str) -> Option<String> {
    let tauri = manifest.lines().find(|line| line.starts_with("tauri = "))?;
    tauri
        .contains("test")
        .then(|| "the window is built with Tauri's runtime for tests".to_owned())
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(tree::root().join(path)).with_context(|| path.to_owned())
}
