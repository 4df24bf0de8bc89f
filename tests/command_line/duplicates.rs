//! `colophon duplicates`: what looks as if it were there twice is listed, merged or kept apart.

use serde_json::Value as Json;

use crate::command::Colophon;

fn with_books(titles: &[&str]) -> Colophon {
    let colophon = Colophon::with_catalogue();
    for title in titles {
        colophon
            .run(["books", "add", "--title", title, "--author", "Homer"])
            .expect_code(0);
    }
    colophon
}

fn groups(colophon: &Colophon, kind: &str) -> Vec<Json> {
    let listed = colophon.json(["duplicates", "list", kind]);
    listed["groups"].as_array().unwrap().clone()
}

fn ids(group: &Json) -> Vec<String> {
    let records = group["records"].as_array().unwrap().iter();
    records
        .map(|record| record["id"].as_str().unwrap().to_owned())
        .collect()
}

fn total(colophon: &Colophon) -> Json {
    colophon.json(["books", "list"])["meta"]["total"].clone()
}

#[test]
fn what_is_there_twice_is_listed_merged_and_brought_back() {
    let colophon = with_books(&["The Odyssey", "Odyssey", "The Iliad"]);
    let found = groups(&colophon, "book");
    assert_eq!(found.len(), 1);
    let ids = ids(&found[0]);
    let merged = colophon.json(["duplicates", "merge", "book", &ids[0], &ids[1], "--into", &ids[1]]);
    assert_eq!(
        (&merged["into"], &merged["records"]),
        (&ids[1].as_str().into(), &2.into())
    );
    assert_eq!(total(&colophon), 2);
    let undone = colophon.run(["undo"]);
    undone.expect_code(0);
    assert!(undone.stdout.contains("Merged 2 records"), "{}", undone.stdout);
    assert_eq!(total(&colophon), 3);
    let gone = colophon.run(["duplicates", "merge", "book", &ids[0], "Nobody"]);
    gone.expect_code(4);
    let twice = colophon.run(["duplicates", "merge", "book", &ids[0], &ids[0]]);
    twice.expect_code(2);
}

#[test]
fn all_become_one_each_except_where_a_value_would_give_way() {
    let colophon = with_books(&["Emma", "Emma", "Persuasion", "Persuasion"]);
    let second = ids(&groups(&colophon, "book")[1]);
    for (id, publisher) in second.iter().zip(["Murray", "Penguin"]) {
        colophon
            .run(["books", "edit", id, "--publisher", publisher])
            .expect_code(0);
    }
    assert_eq!(groups(&colophon, "book")[1]["giving_way"][0], "publisher");
    let merged = colophon.json(["duplicates", "merge", "book", "--all"]);
    assert_eq!((&merged["groups"], &merged["left"]), (&1.into(), &1.into()));
    assert_eq!(total(&colophon), 3);
    let merged = colophon.json(["duplicates", "merge", "book", "--all", "--giving-way"]);
    assert_eq!((&merged["groups"], &merged["left"]), (&1.into(), &0.into()));
    assert_eq!(total(&colophon), 2);
}

#[test]
fn who_is_not_the_same_is_listed_no_more() {
    let colophon = Colophon::with_catalogue();
    for name in ["J. Smith", "John Smith"] {
        colophon.run(["authors", "add", "--name", name]).expect_code(0);
    }
    assert_eq!(groups(&colophon, "author").len(), 1);
    colophon
        .run(["duplicates", "apart", "author", "J. Smith", "John Smith"])
        .expect_code(0);
    assert_eq!(groups(&colophon, "author"), Vec::<Json>::new());
    colophon.run(["undo"]).expect_code(0);
    assert_eq!(groups(&colophon, "author").len(), 1);
}
