//! `colophon trash`, `colophon history` without a record, and one act undone by its number.

use serde_json::Value as Json;

use crate::command::Colophon;

fn add(colophon: &Colophon, title: &str) -> String {
    let added = colophon.json(["books", "add", "--title", title, "--author", "Jane Austen"]);
    added["id"].as_str().unwrap().to_owned()
}

fn number(acts: &Json, at: usize) -> String {
    acts[at]["number"].to_string()
}

#[test]
fn what_was_deleted_is_listed_and_comes_back_by_its_id_or_all_at_once() {
    let colophon = Colophon::with_catalogue();
    let [emma, persuasion] = ["Emma", "Persuasion"].map(|title| add(&colophon, title));
    colophon.run(["books", "delete", &emma]).expect_code(0);
    colophon.run(["books", "delete", &persuasion]).expect_code(0);
    let trash = colophon.json(["trash", "list"]);
    let names: Vec<_> = trash["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gone| &gone["name"])
        .collect();
    assert_eq!(names, ["Persuasion", "Emma"]);
    assert_eq!(trash["items"][0]["elsewhere"], false);

    let restored = colophon.run(["trash", "restore", &emma]);
    assert_eq!(restored.stdout, "Restored “Emma”\n", "{restored:?}");
    colophon.run(["trash", "restore", &emma]).expect_code(4);
    assert_eq!(
        colophon.json(["trash", "restore", "--all"])["restored"],
        serde_json::json!([persuasion])
    );
    assert_eq!(colophon.json(["trash", "list"])["meta"]["total"], 0);
    colophon.run(["trash", "restore", "--all"]).expect_code(0);
}

#[test]
fn the_trash_is_emptied_only_by_who_says_so_and_undo_fills_it_again() {
    let colophon = Colophon::with_catalogue();
    let emma = add(&colophon, "Emma");
    colophon.run(["books", "delete", &emma]).expect_code(0);
    let asked = colophon.run(["trash", "empty"]);
    asked.expect_code(5);
    assert!(asked.stderr.contains("colophon trash empty --yes"), "{asked:?}");
    assert_eq!(colophon.json(["trash", "empty", "--yes"])["emptied"], 1);
    assert_eq!(colophon.json(["trash", "list"])["meta"]["total"], 0);
    let undone = colophon.run(["undo"]);
    assert_eq!(undone.stdout, "Undone: Emptied the trash of one record\n", "{undone:?}");
    assert_eq!(colophon.json(["trash", "list"])["meta"]["total"], 1);
}

#[test]
fn acts_are_listed_and_one_of_them_is_undone_or_says_what_is_in_the_way() {
    let colophon = Colophon::with_catalogue();
    let emma = add(&colophon, "Emma");
    let edit = |field: &str, text: &str| {
        colophon.run(["books", "edit", &emma, field, text]).expect_code(0);
    };
    edit("--publisher", "Murray");
    edit("--published-year", "1815");
    edit("--publisher", "John Murray");
    let acts = colophon.json(["history"]);
    assert_eq!(acts.as_array().unwrap().len(), 4);
    let words = colophon.run(["history"]);
    assert!(words.stdout.contains("Changed “Emma”"), "{words:?}");

    let stuck = colophon.run(["undo", "--act", &number(&acts, 2)]);
    stuck.expect_code(5);
    let later = format!("“Emma”, publisher: act {}, Changed “Emma”", number(&acts, 0));
    assert!(stuck.stderr.contains(&later), "{stuck:?}");

    let year = number(&acts, 1);
    colophon.run(["undo", "--act", &year]).expect_code(0);
    let book = colophon.json(["books", "show", &emma]);
    assert_eq!(
        (&book["published_year"], &book["publisher"]),
        (&Json::Null, &"John Murray".into())
    );
    assert_eq!(colophon.json(["history"])[1]["undone"], true);
    colophon.run(["undo", "--act", &year]).expect_code(5);
    colophon.run(["redo", "--act", &year]).expect_code(0);
    assert_eq!(colophon.json(["books", "show", &emma])["published_year"], 1815);
    colophon.run(["undo", "--act", "4711"]).expect_code(4);
}
