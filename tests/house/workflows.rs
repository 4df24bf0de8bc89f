//! What the workflows and the choice of tools promise, as far as that can be read.

use anyhow::{Result, ensure};

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
