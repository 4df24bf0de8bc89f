//! Tags, identifiers and other names on the command line.

use serde_json::json;

use crate::command::Colophon;

#[test]
fn what_is_added_to_a_record_is_shown_found_and_taken_away() {
    let colophon = Colophon::with_catalogue();
    let added = colophon.json([
        "books",
        "add",
        "--title",
        "The Hobbit",
        "--tag",
        "Fantasy",
        "--tag",
        "fantasy",
        "--tag",
        "Dragons",
        "--identifier",
        "https://www.goodreads.com/book/show/5907.The_Hobbit",
    ]);
    assert_eq!(
        (&added["tags"], &added["identifiers"]),
        (&json!(["Dragons", "Fantasy"]), &json!(["goodreads:5907"]))
    );
    let id = added["id"].as_str().unwrap();
    let shown = colophon.run(["books", "show", id]);
    shown.expect_code(0);
    for part in ["Dragons", "Fantasy", "goodreads:5907"] {
        assert!(shown.stdout.contains(part), "{part:?} is not in {shown:#?}");
    }
    let found = colophon.json(["books", "search", "dragon"]);
    assert_eq!(found["items"][0]["title"], "The Hobbit");
    colophon.run(["books", "add", "--title", "Emma"]).expect_code(0);
    let filed = colophon.json(["books", "list", "--where", "tag:FANTASY"]);
    assert_eq!(
        (&filed["meta"]["total"], &filed["items"][0]["title"]),
        (&json!(1), &json!("The Hobbit"))
    );
    let edited = colophon.json(["books", "edit", id, "--no-tag", "DRAGONS", "--tag", "Classics"]);
    assert_eq!(edited["tags"], json!(["Classics", "Fantasy"]));
    colophon
        .run(["books", "edit", id, "--no-tag", "Dragons"])
        .expect_code(5)
        .says(&["tag", "“Dragons” is not there"]);
    colophon
        .run(["books", "edit", id, "--identifier", "orcid:0000-0002-1825-0096"])
        .expect_code(5)
        .says(&["identifier", "ORCID"]);
    colophon.run(["export", "all.csv"]).expect_code(0);
    let csv = std::fs::read_to_string(colophon.path("all.csv")).unwrap();
    assert!(csv.contains("Classics; Fantasy,goodreads:5907"), "{csv}");
}

#[test]
fn an_author_has_other_names_and_identifiers_and_is_named_by_one_of_them_in_an_import() {
    let colophon = Colophon::with_catalogue();
    let added = colophon.json([
        "authors",
        "add",
        "--name",
        "Mark Twain",
        "--other-name",
        "Samuel L. Clemens",
        "--identifier",
        "viaf:50566653",
    ]);
    assert_eq!(added["other_names"], json!(["Samuel L. Clemens"]));
    std::fs::write(
        colophon.path("more.csv"),
        "title,author\nTom Sawyer,Samuel L. Clemens\n",
    )
    .unwrap();
    colophon.run(["import", "more.csv"]).expect_code(0);
    let shown = colophon.json(["authors", "show", "Mark Twain"]);
    assert_eq!(shown["books"][0]["title"], "Tom Sawyer");
    assert_eq!(shown["identifiers"], json!(["viaf:50566653"]));
    let edited = colophon.json(["authors", "edit", "Mark Twain", "--no-other-name", "Samuel L. Clemens"]);
    assert_eq!(edited["other_names"], json!([]));
}

#[test]
fn tags_are_listed_renamed_merged_and_deleted() {
    let colophon = Colophon::with_catalogue();
    for (title, tag) in [("Dune", "sf"), ("Solaris", "Science fiction"), ("Emma", "sf")] {
        colophon
            .run(["books", "add", "--title", title, "--tag", tag])
            .expect_code(0);
    }
    let names = || -> Vec<(String, u64)> {
        let listed = colophon.json(["tags", "list"]);
        let tags = listed["tags"].as_array().unwrap().clone();
        let line = |tag: serde_json::Value| (tag["name"].as_str().unwrap().to_owned(), tag["books"].as_u64().unwrap());
        tags.into_iter().map(line).collect()
    };
    assert_eq!(names(), [("Science fiction".to_owned(), 1), ("sf".to_owned(), 2)]);
    colophon
        .run(["tags", "rename", "sf", "science Fiction"])
        .expect_code(5)
        .says(&["already", "merge"]);
    colophon.run(["tags", "merge", "sf", "science fiction"]).expect_code(0);
    assert_eq!(names(), [("Science fiction".to_owned(), 3)]);
    assert_eq!(colophon.json(["tags", "rename", "science fiction", "SF"])["name"], "SF");
    colophon
        .run(["tags", "delete", "nothing"])
        .expect_code(4)
        .says(&["nothing"]);
    assert_eq!(colophon.json(["tags", "delete", "sf"])["deleted"][0]["name"], "SF");
    assert!(names().is_empty());
    assert_eq!(colophon.json(["books", "list"])["meta"]["total"], 3);
}
