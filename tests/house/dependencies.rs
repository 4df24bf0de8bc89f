//! Who may depend on whom: the arrows of `docs/architecture.md`, read from `cargo metadata`.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use colophon_tests::ending;
use serde_json::Value;

use crate::tree;
use crate::unbroken;

/// One package of the workspace and the names it depends on.
struct Package {
    name: String,
    /// What the program itself is built from.
    normal: Vec<String>,
    /// All of it, including what its tests and its build script use.
    all: Vec<String>,
}

/// Every package of the workspace, and the packages of ours that it may use. Nothing points back.
const ARROWS: [(&str, &[&str]); 14] = [
    ("colophon-store", &[]),
    // A format knows nothing of a catalogue.
    ("colophon-xml", &[]),
    ("colophon-marc", &["colophon-xml"]),
    (
        "colophon-catalogue",
        &["colophon-store", "colophon-marc", "colophon-xml"],
    ),
    ("colophon-acts", &["colophon-store", "colophon-catalogue"]),
    ("colophon-sync", &["colophon-store", "colophon-catalogue"]),
    (
        "colophon-cli",
        &["colophon-store", "colophon-catalogue", "colophon-acts", "colophon-sync"],
    ),
    (
        "colophon-desktop",
        &["colophon-store", "colophon-catalogue", "colophon-acts", "colophon-sync"],
    ),
    // The sources of the desktop shell once more, for a browser. Nothing depends on it, so nothing that is shipped has it.
    (
        "colophon-served",
        &["colophon-store", "colophon-catalogue", "colophon-acts", "colophon-sync"],
    ),
    (
        "colophon-tests",
        &[
            "colophon-store",
            "colophon-catalogue",
            "colophon-acts",
            "colophon-marc",
            "colophon-sync",
        ],
    ),
    (
        "colophon-simulation",
        &["colophon-store", "colophon-catalogue", "colophon-acts", "colophon-sync"],
    ),
    // Somebody else's program has nothing of ours but the store.
    ("colophon-stranger", &["colophon-store"]),
    (
        "colophon-recipes",
        &["colophon-store", "colophon-sync", "colophon-tests"],
    ),
    (
        "colophon-benches",
        &[
            "colophon-store",
            "colophon-catalogue",
            "colophon-acts",
            "colophon-sync",
            "colophon-tests",
        ],
    ),
];

/// What only some may use: the start of the dependency's name, and the packages that may.
const RESERVED: [(&str, &[&str]); 4] = [
    ("tauri", &["colophon-desktop", "colophon-served"]),
    // The tests and the benches look at the server as a foreign program would, bypassing our own code.
    (
        "tokio-postgres",
        &["colophon-sync", "colophon-tests", "colophon-benches"],
    ),
    ("postgres", &["colophon-sync", "colophon-tests", "colophon-benches"]),
    ("clap", &["colophon-cli", "colophon-benches"]),
];

#[test]
fn nothing_points_back_and_every_package_has_its_place() -> Result<()> {
    unbroken(against_the_arrows(&workspace()?));
    Ok(())
}

#[test]
fn only_the_shell_knows_tauri_and_only_sync_knows_the_server() -> Result<()> {
    unbroken(reserved_and_taken(&workspace()?));
    Ok(())
}

#[test]
fn the_rules_of_the_catalogue_wait_for_nothing() -> Result<()> {
    unbroken(waiting_in_the_catalogue(&workspace()?));
    Ok(())
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() -> Result<()> {
    for manifest in tree::sources_ending("", &["toml"])?
        .iter()
        .filter(|source| source.file_name() == "Cargo.toml")
    {
        ensure!(
            manifest.text.contains("[lints]\nworkspace = true"),
            "{} lacks `[lints] workspace = true`, so no lint of the house reaches it",
            manifest.path
        );
    }
    Ok(())
}

#[test]
fn the_rules_see_a_package_that_breaks_them() {
    let store = package(
        "colophon-store",
        &["rusqlite", "colophon-sync", "tauri-plugin-sql", "tokio-postgres"],
    );
    assert_eq!(
        against_the_arrows(std::slice::from_ref(&store)).len(),
        1,
        "the store points back"
    );
    assert_eq!(
        reserved_and_taken(&[store]).len(),
        2,
        "the store knows Tauri and the server"
    );
    assert_eq!(
        against_the_arrows(&[package("colophon-extra", &[])]).len(),
        1,
        "a package without a place"
    );
    assert_eq!(
        waiting_in_the_catalogue(&[package("colophon-catalogue", &["tokio"])]).len(),
        1
    );
}

fn against_the_arrows(packages: &[Package]) -> Vec<String> {
    let arrows: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let mut broken = Vec::new();
    for package in packages {
        let Some(allowed) = arrows.get(package.name.as_str()) else {
            broken.push(format!(
                "{} has no place among the arrows in tests/house/dependencies.rs: give it one",
                package.name
            ));
            continue;
        };
        let ours = package.all.iter().filter(|name| name.starts_with("colophon-"));
        broken.extend(
            ours.filter(|name| !allowed.contains(&name.as_str()))
                .map(|name| format!("{} must not depend on {name}", package.name)),
        );
    }
    broken
}

fn reserved_and_taken(packages: &[Package]) -> Vec<String> {
    let mut broken = Vec::new();
    for package in packages {
        for (start, owners) in RESERVED {
            if owners.contains(&package.name.as_str()) {
                continue;
            }
            let taken = package
                .all
                .iter()
                .filter(|name| *name == start || name.starts_with(&format!("{start}-")));
            broken.extend(taken.map(|name| format!("{} must not depend on {name}: only {owners:?} may", package.name)));
        }
    }
    broken
}

fn waiting_in_the_catalogue(packages: &[Package]) -> Vec<String> {
    const PLAIN: [&str; 2] = ["colophon-catalogue", "colophon-acts"];
    packages
        .iter()
        .filter(|package| PLAIN.contains(&package.name.as_str()) && package.normal.iter().any(|name| name == "tokio"))
        .map(|package| format!("{} depends on tokio, but its rules are plain functions", package.name))
        .collect()
}

fn package(name: &str, dependencies: &[&str]) -> Package {
    let all: Vec<String> = dependencies.iter().map(|&name| name.to_owned()).collect();
    Package {
        name: name.to_owned(),
        normal: all.clone(),
        all,
    }
}

fn workspace() -> Result<Vec<Package>> {
    let output = ending::output(
        Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(tree::root()),
    )?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata lists no packages")?;
    ensure!(
        packages.len() == ARROWS.len(),
        "{} packages are listed, {} have a place",
        packages.len(),
        ARROWS.len()
    );
    packages.iter().map(read_package).collect()
}

fn read_package(package: &Value) -> Result<Package> {
    let dependencies = package["dependencies"]
        .as_array()
        .context("a package without a list of dependencies")?;
    let names = |wanted: fn(&Value) -> bool| {
        let chosen = dependencies.iter().filter(|dependency| wanted(&dependency["kind"]));
        chosen
            .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
            .collect()
    };
    Ok(Package {
        name: package["name"].as_str().context("a package without a name")?.to_owned(),
        normal: names(Value::is_null),
        all: names(|_| true),
    })
}
