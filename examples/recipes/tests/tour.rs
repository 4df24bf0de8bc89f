//! The program as a person runs it: without a server, and with each of those that the tests have.

use std::process::Command;

use anyhow::ensure;
use colophon_store::{Database, WriteSession};
use colophon_sync::central::{Central, CentralSchema};
use colophon_sync::conflict::Conflict;
use colophon_sync::{Edition, Exchange, Identity};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use recipes::{ENTITIES, Recipe, RecipeDraft, RecipeId, edition, file_schema};

fn run(values: &[(&'static str, String)]) -> anyhow::Result<String> {
    let folder = tempfile::tempdir()?;
    let mut said = String::new();
    // The second time there are files already.
    for _ in 0..2 {
        let mut program = Command::new(env!("CARGO_BIN_EXE_recipes"));
        program.arg(folder.path().join("kitchen"));
        program.env_remove("POSTGRES_SERVER").envs(values.iter().cloned());
        let output = program.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        said = String::from_utf8(output.stdout)?;
    }
    Ok(said)
}

#[test]
fn recipes_are_kept_without_a_server() -> anyhow::Result<()> {
    let said = run(&[])?;
    ensure!(
        said.contains("2 quick recipes for the winter\n  Leek soup: 2 ingredients"),
        "{said}"
    );
    ensure!(!said.contains("waiting"), "{said}");
    Ok(())
}

/// A device with a file in memory.
async fn device(name: &str, central: &Central, edition: &Edition) -> anyhow::Result<(Database, Exchange)> {
    let database = Database::in_memory().await?;
    database.migrate(&file_schema(edition)?).await?;
    let identity = Identity {
        name: name.to_owned(),
        app_version: "1".to_owned(),
    };
    Ok((database.clone(), Exchange::new(database, central.clone(), identity)))
}

async fn change(database: &Database, id: RecipeId, edit: fn(&mut Recipe)) -> anyhow::Result<()> {
    let change = move |tx: &WriteSession<'_>| {
        tx.repo_mut::<Recipe>().change(id, |recipe| {
            edit(recipe);
            Ok(())
        })
    };
    database.write(change).await?;
    Ok(())
}

async fn all(database: &Database) -> anyhow::Result<Vec<Recipe>> {
    Ok(database.read(|s| s.repo::<Recipe>().all()).await?)
}

const NUMBERS: [(f64, i64); 6] = [
    (1.0 / 3.0, i64::MAX),
    (5e-324, i64::MIN),
    (f64::MAX, 1 << 53),
    (-0.0, (1 << 53) + 1),
    (1e22, -1),
    (7.0, 0),
];

on_each_release! {
    async fn recipes_travel_between_two_devices(cluster: &Cluster) {
        let server = CentralCatalogue::unmade(cluster)?.environment_of_superuser();
        let said = tokio::task::block_in_place(|| run(&server))?;
        ensure!(said.contains("takes Some(35) minutes now"), "{said}");
    }

    async fn a_table_that_no_migration_has_tracked_is_named_by_the_first_round(cluster: &Cluster) {
        let make = include_str!("../migrations/server/V1__recipes.sql").replace("SELECT track('ingredient');", "");
        let take_back = include_str!("../migrations/server/down/V1__recipes.sql");
        let untracked = CentralSchema::for_application(&[("V1__recipes", &make, take_back)])?;
        let edition = Edition::for_application(ENTITIES, untracked);
        let server = CentralCatalogue::unmade(cluster)?;
        let central = Central::of_application(server.as_superuser(), &edition);
        let schema = edition.central()?;
        central.connect().await?.migrate(&schema).await?;
        let (_, mut here) = device("the kitchen", &central, &edition).await?;
        let refused = here.round(&mut |_| ()).await.err().map(|error| error.to_string()).unwrap_or_default();
        ensure!(refused.contains("written to ingredient,"), "{refused}");
        ensure!(refused.contains("SELECT track('ingredient');"), "{refused}");
    }

    async fn numbers_travel_to_the_bit_and_changes_of_two_fields_become_one(cluster: &Cluster) {
        let edition = edition()?;
        let server = CentralCatalogue::unmade(cluster)?;
        let central = Central::of_application(server.as_superuser(), &edition);
        let schema = edition.central()?;
        central.connect().await?.migrate(&schema).await?;
        let (kitchen, mut here) = device("the kitchen", &central, &edition).await?;
        let (shop, mut there) = device("the shop", &central, &edition).await?;
        // Once as a first download, once one by one.
        for _ in 0..2 {
            kitchen.write(|tx| {
                for (kilograms, times_cooked) in NUMBERS {
                    tx.repo_mut::<Recipe>().create(&RecipeDraft {
                        title: format!("{kilograms:e}"),
                        kilograms: Some(kilograms),
                        times_cooked,
                        ..RecipeDraft::default()
                    })?;
                }
                Ok(())
            }).await?;
            here.round(&mut |_| ()).await?;
            there.round(&mut |_| ()).await?;
            ensure!(all(&shop).await? == all(&kitchen).await?, "{:#?}", all(&shop).await?);
        }
        let id = all(&shop).await?[0].id;
        change(&kitchen, id, |recipe| recipe.kilograms = Some(0.1 + 0.2)).await?;
        change(&shop, id, |recipe| recipe.times_cooked = 77).await?;
        for _ in 0..2 {
            here.round(&mut |_| ()).await?;
            there.round(&mut |_| ()).await?;
        }
        let merged = kitchen.read(move |s| s.repo::<Recipe>().get(id)).await?;
        ensure!((merged.kilograms, merged.times_cooked) == (Some(0.1 + 0.2), 77), "{merged:?}");
        ensure!(all(&shop).await? == all(&kitchen).await?);
        ensure!(kitchen.read(|s| s.repo::<Conflict>().all()).await?.is_empty());
        let verified = there.verify().await?;
        ensure!(verified.healed.is_empty() && verified.same > 0, "{verified:?}");

        change(&kitchen, id, |recipe| recipe.kilograms = Some(1.25)).await?;
        change(&shop, id, |recipe| recipe.kilograms = Some(2.5)).await?;
        for _ in 0..2 {
            here.round(&mut |_| ()).await?;
            there.round(&mut |_| ()).await?;
        }
        let conflicts = kitchen.read(|s| s.repo::<Conflict>().all()).await?;
        let [conflict] = conflicts.as_slice() else { anyhow::bail!("{conflicts:?}") };
        let said = [conflict.mine.as_deref(), conflict.theirs.as_deref()];
        ensure!(said.contains(&Some("1.25")) && said.contains(&Some("2.5")), "{conflict:?}");
    }
}
