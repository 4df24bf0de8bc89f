//! What the workflows and the choice of tools promise, as far as it can be read.

use anyhow::{Context, Result, ensure};

use crate::tree::{self, Source};
use crate::unbroken;

#[test]
fn an_action_is_named_by_the_hash_of_a_commit_and_says_its_version() -> Result<()> {
    let workflows = tree::sources_ending(".github/workflows", &["yml"])?;
    ensure!(!workflows.is_empty(), "there is no workflow to read");
    unbroken(workflows.iter().flat_map(by_a_name_that_can_be_moved));
    Ok(())
}

#[test]
fn the_rule_sees_an_action_whose_name_can_be_moved() {
    let workflow = |uses: &str| Source::imagined(".github/workflows/ci.yml", &format!("      - uses: {uses}\n"));
    let hash = "3d3c42e5aac5ba805825da76410c181273ba90b1";
    assert_eq!(
        by_a_name_that_can_be_moved(&workflow(&format!("actions/checkout@{hash} # v7.0.1"))),
        Vec::<String>::new()
    );
    for moved in [
        "actions/checkout@v7",
        "actions/checkout@main # v7.0.1",
        &format!("actions/checkout@{hash}"),
        "actions/checkout",
    ] {
        assert_eq!(by_a_name_that_can_be_moved(&workflow(moved)).len(), 1, "{moved}");
    }
}

#[test]
fn rust_is_pinned_to_a_version_that_is_new_enough() -> Result<()> {
    let pinned = value_of("rust-toolchain.toml", "channel")?;
    let oldest = value_of("Cargo.toml", "rust-version")?;
    let number =
        |version: &str| -> Result<Vec<u32>> { Ok(version.split('.').map(str::parse).collect::<Result<_, _>>()?) };
    ensure!(
        number(&pinned)? >= number(&oldest)? && pinned.split('.').count() == 3,
        "rust-toolchain.toml has {pinned}, Cargo.toml asks for {oldest} or newer: a whole version, and one that will do"
    );
    Ok(())
}

#[test]
fn every_crate_of_ours_says_what_it_is() -> Result<()> {
    let manifests = tree::sources_ending("crates", &["toml"])?;
    let documents = tree::sources_ending("crates", &["md"])?;
    let without = manifests
        .iter()
        .filter(|source| source.file_name() == "Cargo.toml")
        .filter(|manifest| {
            let readme = manifest.path.replace("Cargo.toml", "README.md");
            !documents.iter().any(|document| document.path == readme)
        });
    unbroken(without.map(|manifest| format!("{} has no README.md beside it", manifest.path)));
    Ok(())
}

fn by_a_name_that_can_be_moved(workflow: &Source) -> Vec<String> {
    let uses = workflow
        .text
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "));
    uses.filter(|action| !is_pinned(action))
        .map(|action| {
            format!(
                "{} uses {action}: name the commit, and its version behind #",
                workflow.path
            )
        })
        .collect()
}

fn is_pinned(action: &str) -> bool {
    let named = action.split_once('@').and_then(|(_, rest)| rest.split_once(" # v"));
    named.is_some_and(|(hash, _)| hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What a file of settings says of a key, where that is a text.
fn value_of(path: &str, key: &str) -> Result<String> {
    let text = std::fs::read_to_string(tree::root().join(path))?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='));
    let value = value.with_context(|| format!("{path} says nothing of {key}"))?;
    Ok(value.trim().trim_matches('"').to_owned())
}
