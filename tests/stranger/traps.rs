//! What a stranger does wrong, or cannot know: it is reported in words, and nothing is stuck afterwards.

use colophon_stranger::{ENTITIES, Ingredient, RECIPES, Recipe};
use shelf::undo::Undo;
use shelf::{Database, Error, FileSchema, Query, Registered, Result};

use super::kitchen;

/// Knows of recipes, but not of what goes into them.
const OF_RECIPES: Undo = Undo::of(&[Registered::of::<Recipe>()]);

#[test]
fn what_was_done_to_other_tables_is_left_alone_and_keeps_nobody_from_undoing_the_rest() {
    let database = kitchen();
    let both = database.write_blocking(|tx| {
        let soup = tx.repo::<Recipe>().find_by_name("soup")?.unwrap();
        let water = tx.repo::<Recipe>().children::<Ingredient>(soup.id)?.remove(0);
        tx.repo_mut::<Recipe>().change(soup.id, |soup| {
            soup.minutes = 35;
            Ok(())
        })?;
        tx.repo_mut::<Ingredient>().change(water.id, |water| {
            water.what = "Wine".to_owned();
            Ok(())
        })
    });
    let wine = both.unwrap();
    let change = |what: &str| {
        let what = what.to_owned();
        database.write_blocking(move |tx| {
            tx.repo_mut::<Ingredient>().change(wine.id, |wine| {
                wine.what = what;
                Ok(())
            })
        })
    };
    change("Red wine").unwrap();

    let undone = database.write_blocking(|tx| OF_RECIPES.undo(tx)).unwrap().unwrap();
    assert_eq!((undone.entity.as_str(), undone.left_alone), ("recipe", 1));
    let soup = database
        .read_blocking(|s| s.repo::<Recipe>().find_by_name("soup"))
        .unwrap();
    assert_eq!(soup.map(|soup| soup.minutes), Some(30));
    let wine = database.read_blocking(|s| s.repo::<Ingredient>().get(wine.id)).unwrap();
    assert_eq!(wine.what, "Red wine");

    // The recipes were made together with what goes into them: that is not this undo's to take back, but it goes with them.
    let undone = database.write_blocking(|tx| OF_RECIPES.undo(tx)).unwrap().unwrap();
    assert_eq!(undone.left_alone, 6);
    let left = database.read_blocking(|s| Ok((s.repo::<Recipe>().all()?.len(), s.repo::<Ingredient>().all()?.len())));
    assert_eq!(left, Ok((0, 0)));
    assert_eq!(database.write_blocking(|tx| OF_RECIPES.undo(tx)), Ok(None));
}

#[test]
fn names_and_texts_are_found_without_their_accents_where_nothing_else_is_said() {
    let database = kitchen();
    let cream = Recipe::draft("Crème brûlée", 90);
    database
        .write_blocking(move |tx| tx.repo_mut::<Recipe>().create(&cream))
        .unwrap();
    let found = database.read_blocking(|s| {
        let recipes = s.repo::<Recipe>();
        let containing = Query::all().matching(Recipe::FIELDS.title.contains("BRULEE"));
        Ok((
            recipes.find_by_name("creme brulee")?.is_some(),
            recipes.count(&containing)?,
        ))
    });
    assert_eq!(found, Ok((true, 1)));
}

fn made_by(script: &str) -> Result<Database> {
    let database = Database::in_memory_blocking()?;
    let schema = FileSchema::for_application(1, &[("V1__recipes", script, "")], ENTITIES)?;
    database.migrate_blocking(&schema)?;
    Ok(database)
}

#[test]
fn a_table_or_a_column_that_no_migration_has_made_is_named() {
    let (recipes, _) = RECIPES.split_once("CREATE TABLE ingredient").unwrap();
    let unmade = |script: &str| made_by(script).map(drop);
    let lacks = |what: &str| Error::NotAsDeclared { what: what.to_owned() };
    assert_eq!(unmade(recipes), Err(lacks("there is no table ingredient")));
    let without = RECIPES.replacen("    minutes    INTEGER NOT NULL,\n", "", 1);
    assert_eq!(unmade(&without), Err(lacks("the table recipe has no column minutes")));
    let without = RECIPES.replace(",\n    revision   INTEGER NOT NULL DEFAULT 0", "");
    assert_eq!(unmade(&without), Err(lacks("the table recipe has no column revision")));

    let without = RECIPES.replace("    title_key  TEXT NOT NULL DEFAULT '',\n", "");
    let database = made_by(&without).unwrap();
    let soup = Recipe::draft("Soup", 30);
    let refused = database.write_blocking(move |tx| tx.repo_mut::<Recipe>().create(&soup));
    assert_eq!(refused, Err(lacks("the table recipe has no column title_key")));
    let refused = database.read_blocking(|s| s.repo::<Recipe>().find_by_name("soup"));
    assert_eq!(refused, Err(lacks("there is no column title_key")));
}
