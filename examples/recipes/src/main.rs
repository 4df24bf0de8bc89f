//! `recipes FILE`: adds to a file of recipes and shows what is in it. Where `POSTGRES_SERVER` names a server, a second device has it all
//! before the program ends.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use colophon_store::settings::Sources;
use colophon_store::{Children, Database, PageRequest, Query, Settings};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Edition, Exchange, Identity};
use recipes::{APPLICATION_ID, Ingredient, IngredientDraft, Recipe, RecipeDraft, UNDO, edition, file_schema};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let file = file.context("say in which file: recipes FILE")?;
    let edition = edition()?;

    let in_memory = Database::in_memory().await?;
    in_memory.migrate(&file_schema(&edition)?).await?;
    work_with(&in_memory).await?;

    let kitchen = open(&file, &edition).await?;
    work_with(&kitchen).await?;
    if let Some(server) = CentralSettings::from_sources(&Sources::load(None, None)?)? {
        let other = open(&file.with_extension("other"), &edition).await?;
        travel(&kitchen, &other, server, &edition).await?;
        other.close().await?;
    }
    kitchen.close().await?;
    Ok(())
}

async fn open(file: &Path, edition: &Edition) -> anyhow::Result<Database> {
    let settings = Settings {
        application_id: APPLICATION_ID,
        ..Settings::for_file(file)
    };
    let database = Database::open(&settings).await?;
    database.migrate(&file_schema(edition)?).await?;
    Ok(database)
}

/// Creates, finds, pages, changes, deletes and takes back.
async fn work_with(kitchen: &Database) -> anyhow::Result<()> {
    // One transaction: all of it is kept, or nothing. Both rows have their ids before the commit.
    let soup = kitchen
        .write(|tx| {
            let soup = tx.repo_mut::<Recipe>().create(&RecipeDraft {
                title: "Leek soup".to_owned(),
                minutes: Some(40),
                kilograms: Some(1.5),
                times_cooked: 0,
                tags: vec!["winter".to_owned()],
            })?;
            for what in ["3 leeks", "1 l of water"] {
                tx.repo_mut::<Ingredient>().create(&IngredientDraft {
                    recipe_id: soup.id,
                    what: what.to_owned(),
                })?;
            }
            tx.describe("Added a soup");
            Ok(soup)
        })
        .await?;

    let quick = Query::all()
        .matching(Recipe::FIELDS.minutes.at_most(45))
        .matching(Recipe::FIELDS.tags.contains("Winter"));
    let first = PageRequest::new(1, 20)?;
    // Two queries, however many recipes there are on the page.
    let page = kitchen
        .read(move |s| s.repo::<Recipe>().page_with::<Children<Ingredient>>(&quick, first))
        .await?;
    println!("{} quick recipes for the winter", page.meta.total);
    for recipe in &page.items {
        println!("  {}: {} ingredients", recipe.parent.title, recipe.children.len());
    }
    let found = kitchen.read(|s| s.repo::<Recipe>().search_by_name("LEEK")).await?;
    ensure!(found.iter().any(|recipe| recipe.id == soup.id));

    kitchen.write(move |tx| tx.repo_mut::<Recipe>().delete(soup.id)).await?;
    let undone = kitchen.write(|tx| UNDO.undo(tx)).await?;
    println!("taken back: {}", undone.map_or_else(String::new, |undone| undone.label));
    ensure!(kitchen.read(move |s| s.repo::<Recipe>().get(soup.id)).await? == soup);
    Ok(())
}

/// What one device has made is on the other, which changes it, and then the first has that.
async fn travel(
    kitchen: &Database,
    other: &Database,
    server: CentralSettings,
    edition: &Edition,
) -> anyhow::Result<()> {
    let central = Central::of_application(server, edition);
    let schema = edition.central()?;
    central.connect().await?.migrate(&schema).await?;
    let mut here = Exchange::new(kitchen.clone(), central.clone(), identity("the kitchen"));
    let mut there = Exchange::new(other.clone(), central, identity("the shop"));
    let report = here.round(&mut |_| ()).await?;
    println!("sent {} rows, {} are waiting", report.pushed, report.pending);
    there.round(&mut |_| ()).await?;

    let recipe = other.read(|s| s.repo::<Recipe>().all()).await?;
    let recipe = recipe.into_iter().next().context("nothing has come")?;
    other
        .write(move |tx| {
            tx.repo_mut::<Recipe>().change(recipe.id, |recipe| {
                recipe.minutes = Some(35);
                Ok(())
            })
        })
        .await?;
    there.round(&mut |_| ()).await?;
    here.round(&mut |_| ()).await?;
    let now = kitchen.read(move |s| s.repo::<Recipe>().get(recipe.id)).await?;
    println!("in the kitchen {} takes {:?} minutes now", now.title, now.minutes);
    ensure!(now.minutes == Some(35));
    Ok(())
}

fn identity(name: &str) -> Identity {
    Identity {
        name: name.to_owned(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
