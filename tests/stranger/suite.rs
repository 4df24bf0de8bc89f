//! What a stranger does with the store, from the first file on.
#![expect(clippy::unwrap_used, reason = "a test ends where its assumption does")]

mod traps;

use colophon_stranger::{Ingredient, Recipe, schema, settings};
use shelf::backup::{Stop, back_up_into};
use shelf::schema::Value;
use shelf::undo::Undo;
use shelf::{
    Children, Columns as _, Comparison, Database, Error, FieldOf, Is, PageRequest, Parent, Query, Registered, Settings,
    serde_json,
};

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
            soup.kilograms = 0.1 + 0.2;
            soup.looks = i64::MAX;
            soup.cooked_on = "2026-11-26".parse().ok();
            soup.tags = vec!["warm".to_owned(), "“quoted”".to_owned()];
            soup.more = Some(serde_json::json!({"from": ["grandmother", 7]}).into());
            Ok(())
        })
    });
    let changed = changed.unwrap();
    let again = database.read_blocking(|s| s.repo::<Recipe>().get(changed.id)).unwrap();
    assert_eq!(again, changed);
    assert_eq!(again.tags[1], "“quoted”");
    assert_eq!(Recipe::from_values(again.values()), Some(changed));
    let json = serde_json::to_value(&again).unwrap();
    assert_eq!(json["kilograms"], 0.1 + 0.2);
    assert_eq!(json["looks"], i64::MAX);
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
    let matching = |condition: Is<Recipe>| titles(Query::all().matching(condition)).unwrap();
    let fields = Recipe::FIELDS;
    assert_eq!(matching(fields.minutes.is(30)), ["Soup"]);
    assert_eq!(matching(fields.is_tried.is(true)), [""; 0]);
    assert_eq!(matching(fields.cooked_on.is_empty()).len(), 3);
    assert_eq!(matching(!fields.cooked_on.is_empty()), [""; 0]);
    assert_eq!(matching(fields.minutes.one_of([10, 240, 7])), ["Bread", "Salad"]);
    assert_eq!(matching(fields.minutes.one_of(None::<i32>)), [""; 0]);
    assert_eq!(
        matching(fields.minutes.is(30).or(fields.title.is("Bread"))),
        ["Soup", "Bread"]
    );
    assert_eq!(matching(!fields.minutes.above(30)), ["Soup", "Salad"]);
    let slow = Query::all()
        .matching(fields.minutes.at_least(30))
        .matching(fields.is_tried.is(false));
    assert_eq!(titles(slow).unwrap(), ["Soup", "Bread"]);
}

#[test]
fn texts_are_searched_as_the_entity_folds_them_in_every_field_and_again_and_again() {
    let database = kitchen();
    for _ in 0..2 {
        let found = database.read_blocking(|s| {
            let (recipes, parts) = (s.repo::<Recipe>(), s.repo::<Ingredient>());
            Ok((
                recipes.count(&Query::all().matching(Recipe::FIELDS.title.contains("OU")))?,
                parts.count(&Query::all().matching(Ingredient::FIELDS.what.contains("alt")))?,
                recipes.count(&Query::all().matching(Recipe::FIELDS.minutes.contains("4")))?,
                recipes.count(&Query::all().matching(Recipe::FIELDS.tags.contains("WARM")))?,
            ))
        });
        assert_eq!(found.unwrap(), (1, 3, 1, 0));
        let tagged = database.write_blocking(|tx| {
            let soup = tx
                .repo::<Recipe>()
                .one(&Query::all().matching(Recipe::FIELDS.title.is("Soup")))?;
            tx.repo_mut::<Recipe>().change(soup.id, |soup| {
                soup.tags = vec!["Warm".to_owned()];
                Ok(())
            })?;
            let warm = tx
                .repo::<Recipe>()
                .one(&Query::all().matching(Recipe::FIELDS.tags.contains("WARM")))?;
            tx.repo_mut::<Recipe>().change(warm.id, |soup| {
                soup.tags = Vec::new();
                Ok(())
            })
        });
        tagged.unwrap();
    }
}

#[test]
fn a_record_is_deleted_with_its_parts_and_comes_back_with_them() {
    const UNDO: Undo = Undo::of(&[Registered::of::<Recipe>(), Registered::of::<Ingredient>()]);
    let database = kitchen();
    let soup = database
        .write_blocking(|tx| {
            let soup = tx.repo::<Recipe>().find_by_name("soup")?.unwrap();
            tx.repo_mut::<Recipe>().delete(soup.id)
        })
        .unwrap();
    let parts = || database.read_blocking(move |s| s.repo::<Recipe>().children::<Ingredient>(soup.id));
    assert_eq!(parts(), Ok(Vec::new()));
    database.write_blocking(|tx| UNDO.undo(tx)).unwrap();
    let mut back: Vec<String> = parts().unwrap().into_iter().map(|part| part.what).collect();
    back.sort();
    assert_eq!(back, ["Salt", "Water"]);
}

#[test]
fn what_is_taken_back_is_what_it_was() {
    const UNDO: Undo = Undo::of(&[Registered::of::<Recipe>(), Registered::of::<Ingredient>()]);
    let database = Database::in_memory_blocking().unwrap();
    database.migrate_blocking(&schema().unwrap()).unwrap();
    for kilograms in [
        1.0 / 3.0,
        5e-324,
        f64::MAX,
        -0.0,
        1e22,
        12_345_678.9,
        f64::MIN_POSITIVE,
        2.0,
    ] {
        let of_weight = Recipe {
            kilograms,
            looks: i64::MIN,
            ..Recipe::draft("Soup", 30)
        };
        let soup = database.write_blocking(move |tx| tx.repo_mut::<Recipe>().create(&of_weight));
        let soup = soup.unwrap();
        let changed = database.write_blocking(move |tx| {
            tx.repo_mut::<Recipe>().change(soup.id, |soup| {
                soup.kilograms = 7.5;
                soup.looks = 1;
                Ok(())
            })
        });
        changed.unwrap();
        database.write_blocking(|tx| UNDO.undo(tx)).unwrap();
        let now = |id| database.read_blocking(|s| s.repo::<Recipe>().get(id)).unwrap();
        assert_eq!((now(soup.id).kilograms, now(soup.id).looks), (kilograms, i64::MIN));
        database
            .write_blocking(move |tx| tx.repo_mut::<Recipe>().delete(soup.id))
            .unwrap();
        database.write_blocking(|tx| UNDO.undo(tx)).unwrap();
        assert_eq!((now(soup.id).kilograms,), (kilograms,));
        database.write_blocking(|tx| UNDO.redo(tx)).unwrap();
    }
    let none = Recipe {
        kilograms: f64::NAN,
        ..Recipe::draft("Nothing", 1)
    };
    let refused = database.write_blocking(move |tx| tx.repo_mut::<Recipe>().create(&none));
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn a_field_that_a_person_names_is_compared_with_what_they_typed() {
    let database = kitchen();
    let field = FieldOf::<Recipe>::from(Recipe::FIELDS.minutes);
    let typed = Value::Integer(30);
    let query = Query::all().matching(field.compare(Comparison::AtLeast, &typed));
    let found = database.read_blocking(|s| s.repo::<Recipe>().count(&query));
    assert_eq!(found, Ok(2));
    let none = Query::all().matching(field.compare(Comparison::AtLeast, &Value::Text("thirty".to_owned())));
    assert_eq!(database.read_blocking(|s| s.repo::<Recipe>().count(&none)), Ok(0));
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
