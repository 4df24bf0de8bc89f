//! What a stranger does with the store, from the first file on.
#![expect(clippy::unwrap_used, reason = "a test ends where its assumption does")]

use colophon_stranger::{Ingredient, Recipe, schema, settings};
use shelf::backup::{Stop, back_up_into};
use shelf::{Children, Columns as _, Comparison, Database, Error, PageRequest, Parent, Query, Settings, serde_json};

fn kitchen() -> Database {
    let database = Database::in_memory_blocking().unwrap();
    database.migrate_blocking(&schema().unwrap()).unwrap();
    let filled = database.write_blocking(|tx| {
        for (title, minutes) in [("Soup", 30), ("Bread", 240), ("Salad", 10)] {
            let recipe = tx.repo_mut::<Recipe>().create(&Recipe::draft(title, minutes))?;
            for what in ["Water", "Salt"] {
                tx.repo_mut::<Ingredient>().create(&(recipe.id, what.to_owned()))?;
            }
        }
        Ok(())
    });
    filled.unwrap();
    database
}

#[test]
fn fields_of_every_kind_come_back_as_they_were() {
    let database = kitchen();
    let changed = database.write_blocking(|tx| {
        let soup = tx.repo::<Recipe>().find_by_name("SOUP")?.unwrap();
        tx.repo_mut::<Recipe>().change(soup.id, |soup| {
            soup.is_tried = true;
            soup.cooked_on = "2026-11-26".parse().ok();
            soup.tags = vec!["warm".to_owned(), "“quoted”".to_owned()].into();
            soup.more = Some(serde_json::json!({"from": ["grandmother", 7]}).into());
            Ok(())
        })
    });
    let changed = changed.unwrap();
    let again = database.read_blocking(|s| s.repo::<Recipe>().get(changed.id)).unwrap();
    assert_eq!(again, changed);
    assert_eq!(again.tags.0[1], "“quoted”");
    assert_eq!(Recipe::from_values(again.values()), Some(changed));
    let json = serde_json::to_value(&again).unwrap();
    assert_eq!(json["cooked_on"], "2026-11-26");
    assert_eq!(json["more"]["from"][1], 7);
    assert_eq!(json["id"], again.id.to_string());
}

#[test]
fn rows_are_asked_for_by_any_field() {
    let database = kitchen();
    let titles = |query: Query<Recipe>| {
        let found = database.read_blocking(|s| {
            let request = PageRequest { page: 1, per_page: 10 };
            assert_eq!(
                s.repo::<Recipe>().page(&query, request)?.meta.total,
                s.repo::<Recipe>().count(&query)?
            );
            s.repo::<Recipe>().filter(&query)
        })?;
        Ok::<_, Error>(found.into_iter().map(|recipe| recipe.title).collect::<Vec<_>>())
    };
    assert_eq!(titles(Query::all().is("minutes", &30)).unwrap(), ["Soup"]);
    assert_eq!(titles(Query::all().is("is_tried", &true)).unwrap(), [""; 0]);
    assert_eq!(titles(Query::all().is("cooked_on", &None::<String>)).unwrap().len(), 3);
    let slow = Query::all()
        .compare("minutes", Comparison::AtLeast, &30)
        .is("is_tried", &false);
    assert_eq!(titles(slow).unwrap(), ["Soup", "Bread"]);
    let unknown = titles(Query::all().is("colour", &1));
    assert!(
        matches!(unknown, Err(Error::Invalid { field: "colour", .. })),
        "{unknown:?}"
    );
}

#[test]
fn relations_are_loaded_both_ways() {
    let database = kitchen();
    let loaded = database.read_blocking(|s| {
        let request = PageRequest { page: 1, per_page: 10 };
        let recipes = s
            .repo::<Recipe>()
            .page_with::<Children<Ingredient>>(&Query::all(), request)?;
        let parts = s
            .repo::<Ingredient>()
            .page_with::<Parent<Recipe>>(&Query::all(), request)?;
        Ok((recipes.items, parts.items))
    });
    let (recipes, parts) = loaded.unwrap();
    assert!(recipes.iter().all(|recipe| recipe.children.len() == 2));
    assert!(
        parts
            .iter()
            .all(|part| part.parent.as_ref().map(|recipe| recipe.id) == Some(part.row.recipe_id))
    );
}

#[test]
fn a_file_with_the_stores_own_books_is_this_applications_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (file, copy) = (folder.path().join("recipes"), folder.path().join("copy"));
    let open = || {
        Database::open_blocking(&settings(&file)).and_then(|database| {
            database.migrate_blocking(&schema()?)?;
            Ok(database)
        })
    };
    let database = open().unwrap();
    let soup = database.write_blocking(|tx| {
        tx.describe("Added a soup");
        tx.repo_mut::<Recipe>().create(&Recipe::draft("Soup", 30))
    });
    let act = database.read_blocking(|s| s.latest_act()).unwrap();
    assert!(act > 0, "the journal is kept in the store's own books");
    back_up_into(&database, &copy, &schema().unwrap(), &Stop::default()).unwrap();
    database.close_blocking().unwrap();
    let again = open().unwrap().read_blocking(|s| s.repo::<Recipe>().all());
    assert_eq!(again.unwrap(), [soup.unwrap()]);
    let elsewhere = Database::open_blocking(&Settings::for_file(&file)).map(drop);
    assert_eq!(elsewhere, Err(Error::NotACatalogue));
}
