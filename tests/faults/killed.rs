//! The real program is killed (SIGKILL) at every step of a round, and started again.
//!
//! The steps are those that the sources of the sync name (`passed("…")`); each must be reached, or the test fails. A
//! step's name up to its colon says in which [scene] it is passed.

mod scene;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{bail, ensure};
use colophon_tests::on_each_release;
use colophon_tests::postgres::Cluster;

use self::scene::{Scene, UNHEARD};

/// Every step that the sources name.
fn steps() -> anyhow::Result<BTreeSet<String>> {
    let mut steps = BTreeSet::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sync/src"),
        &mut steps,
    )?;
    ensure!(
        steps.contains(UNHEARD) && steps.len() > 20,
        "the steps are looked for in the wrong place: {steps:?}"
    );
    Ok(steps)
}

fn collect(folder: &Path, steps: &mut BTreeSet<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, steps)?;
        } else {
            let text = fs::read_to_string(&path)?;
            let named = text.split("passed(\"").skip(1);
            steps.extend(named.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    Ok(())
}

async fn dies_at(cluster: &Cluster, step: &str) -> anyhow::Result<()> {
    let sync: &[&str] = &["sync"];
    let (scene, arguments): (_, &[&str]) = match step.split_once(':') {
        Some(("copy", _)) => (Scene::copied(cluster).await?, sync),
        Some(("write", _)) => (Scene::crowded(cluster).await?, sync),
        Some(("verify", _)) => (Box::pin(Scene::drifted(cluster)).await?, &["sync", "verify"]),
        Some(("reconcile", _)) => {
            dies_in(Scene::purged(cluster).await?, sync, step).await?;
            (Box::pin(Scene::restored(cluster)).await?, sync)
        }
        Some(("versions", _)) => (Box::pin(Scene::upgraded(cluster)).await?, sync),
        Some(("stuck", _)) => (Scene::stuck(cluster).await?, sync),
        Some(("download", _)) => (Scene::new(cluster).await?, sync),
        Some(("again", _)) => (Scene::half_downloaded(cluster).await?, sync),
        _ => (Scene::eventful(cluster).await?, sync),
    };
    dies_in(scene, arguments, step).await
}

async fn dies_in(mut scene: Scene<'_>, arguments: &[&str], step: &str) -> anyhow::Result<()> {
    let ended = scene.sync(arguments, Some(step))?;
    ensure!(ended.is_killed(), "the step was not reached: {ended}");
    scene.meanwhile().await?;
    // Even if it dies at the same step again, in the round that mends.
    scene.sync(arguments, Some(step))?;
    scene.goes_on(arguments).await
}

on_each_release! {
    async fn a_program_that_is_killed_at_any_step_and_started_again_loses_nothing_and_sends_nothing_twice(cluster: &Cluster) {
        let mut failed = Vec::new();
        let steps = steps()?;
        for step in &steps {
            if let Err(error) = Box::pin(dies_at(cluster, step)).await {
                failed.push(format!("{step}: {error:#}"));
            }
        }
        if !failed.is_empty() {
            bail!("{} of {} steps:\n{}", failed.len(), steps.len(), failed.join("\n"));
        }
        println!("killed at each of {} steps", steps.len());
    }
}
