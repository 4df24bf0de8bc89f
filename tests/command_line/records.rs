//! The `colophon` command on records: list, search, show, add, edit, delete, export, status.

use crate::command::Colophon;
use serde_json::{Value as Json, json};

fn with_sample() -> Colophon {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon
}

fn titles(page: &Json) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|book| book["title"].as_str().unwrap())
        .collect()
}

#[test]
fn a_book_is_added_shown_edited_and_deleted() {
    let colophon = Colophon::with_catalogue();
    let added = colophon.json([
        "books",
        "add",
        "--title",
        "The Odyssey",
        "--author",
        "Homer",
        "--isbn",
        "0-14-026886-3",
        "--published-year",
        "-720",
        "--language",
        "English",
        "--translator",
        "Robert Fagles",
    ]);
    assert_eq!(
        (&added["isbn"], &added["published_year"], &added["language"]),
        (&json!("9780140268867"), &json!(-720), &json!("eng"))
    );
    let shown = colophon.json(["books", "show", "978-0-14-026886-7"]);
    assert_eq!(shown["author"]["name"], "Homer");
    assert_eq!(
        (&shown["contributions"][0]["name"], &shown["contributions"][0]["role"]),
        (&json!("Robert Fagles"), &json!("translator"))
    );

    let id = added["id"].as_str().unwrap();
    let edited = colophon.json([
        "books",
        "edit",
        id,
        "--title",
        "Odyssey",
        "--isbn",
        "",
        "--translator",
        "Emily Wilson",
    ]);
    assert_eq!(
        (&edited["title"], &edited["isbn"], &edited["published_year"]),
        (&json!("Odyssey"), &Json::Null, &json!(-720))
    );
    assert_eq!(edited["contributions"].as_array().unwrap().len(), 1);
    assert_eq!(edited["contributions"][0]["name"], "Emily Wilson");

    colophon.run(["books", "delete", id]).expect_code(0);
    colophon
        .run(["books", "show", id])
        .expect_code(4)
        .says(&["there is no book"]);
}

#[test]
fn several_books_and_several_authors_are_edited_at_once_or_not_at_all() {
    let colophon = with_sample();
    let page = colophon.json(["books", "list", "--per-page", "3"]);
    let ids: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|book| book["id"].as_str().unwrap())
        .collect();
    let fields = ["--publisher", "One Press", "--translator", "Emily Wilson"];
    let edited = colophon.json(["books", "edit", ids[0], ids[1], ids[2]].into_iter().chain(fields));
    for (book, id) in edited["edited"].as_array().unwrap().iter().zip(&ids) {
        assert_eq!((&book["id"], &book["publisher"]), (&json!(id), &json!("One Press")));
        let people = book["contributions"].as_array().unwrap();
        assert!(people.iter().any(|person| person["name"] == "Emily Wilson"), "{book}");
    }
    colophon
        .run(["books", "edit", ids[0], "978-0-00-000000-2", "--publisher", "Nobody"])
        .expect_code(4)
        .says(&["there is no book"]);
    colophon
        .run(["books", "edit", ids[0], ids[1], "--isbn", "9780140268867"])
        .expect_code(5);
    let shown = colophon.json(["books", "show", ids[0]]);
    assert_eq!(shown["publisher"], "One Press", "what is refused changes nothing");

    let authors = ["authors", "edit", "soren kierkegaard", "Emily Wilson"];
    let edited = colophon.json(authors.into_iter().chain(["--notes", "Seen"]));
    let notes: Vec<_> = edited["edited"]
        .as_array()
        .unwrap()
        .iter()
        .map(|author| &author["notes"])
        .collect();
    assert_eq!(notes, ["Seen", "Seen"]);
}

#[test]
fn authors_are_found_by_name_and_not_deleted_with_their_books_by_accident() {
    let colophon = with_sample();
    let shown = colophon.json(["authors", "show", "soren kierkegaard"]);
    assert_eq!(
        (&shown["name"], &shown["books"][0]["title"]),
        (&json!("Søren Kierkegaard"), &json!("Enten – Eller"))
    );
    colophon
        .run(["authors", "delete", "Søren Kierkegaard"])
        .expect_code(5)
        .says(&["1 book"]);
    colophon.json([
        "authors",
        "edit",
        "Søren Kierkegaard",
        "--birth-year",
        "1813",
        "--death-year",
        "1855",
    ]);
    colophon.json(["authors", "delete", "Søren Kierkegaard", "--books-to", "Jane Austen"]);
    assert_eq!(
        colophon.json(["authors", "show", "Jane Austen"])["books"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let deleted = colophon.json(["authors", "delete", "Jane Austen", "--with-books"]);
    assert_eq!(deleted["deleted"][0]["name"], "Jane Austen");
    assert_eq!(colophon.json(["status"])["books"], 56);
}

#[test]
fn lists_come_in_pages_sorted_and_filtered() {
    let colophon = with_sample();
    let page = colophon.json(["books", "list", "--per-page", "10", "--page", "2"]);
    assert_eq!(
        page["meta"],
        json!({ "page": 2, "per_page": 10, "total": 58, "pages": 6 })
    );
    assert_eq!(page["items"].as_array().unwrap().len(), 10);
    let past = colophon.json(["books", "list", "--page", "99"]);
    assert_eq!(
        (past["items"].as_array().unwrap().len(), &past["meta"]["total"]),
        (0, &json!(58))
    );
    let oldest = colophon.json(["books", "list", "--sort", "year", "--per-page", "2"]);
    assert_eq!(titles(&oldest), ["Μήδεια", "Aeneis"]);
    let lord = colophon.json(["books", "list", "--series", "The Lord of the Rings", "--sort", "added"]);
    assert_eq!(
        titles(&lord),
        ["The Fellowship of the Ring", "The Two Towers", "The Return of the King"]
    );
    let german = colophon.json(["books", "list", "--language", "de", "--author", "Franz Kafka"]);
    assert_eq!(titles(&german), ["Der Prozess", "Die Verwandlung"]);
    let early = colophon.json(["authors", "list", "--per-page", "1", "--descending"]);
    assert_eq!(early["meta"]["total"], 61);
    colophon
        .run(["books", "list", "--per-page", "0"])
        .expect_code(5)
        .says(&["per_page"]);
}

#[test]
fn search_folds_case_and_accents() {
    let colophon = with_sample();
    assert_eq!(
        titles(&colophon.json(["books", "search", "gosta"])),
        ["Gösta Berlings saga"]
    );
    assert_eq!(
        titles(&colophon.json(["books", "search", "SOLEDAD marquez"])),
        ["Cien años de soledad"]
    );
    let found = colophon.json(["authors", "search", "stanislaw"]);
    assert_eq!(found["items"][0]["name"], "Stanisław Lem");
    assert_eq!(
        titles(&colophon.json(["books", "search", "no such words"])),
        Vec::<&str>::new()
    );
}

#[test]
fn a_bad_value_is_refused_with_its_field_and_nothing_is_added() {
    let colophon = Colophon::with_catalogue();
    let add = |field: &str, value: &str| colophon.run(["books", "add", "--title", "X", "--author", "Y", field, value]);
    add("--isbn", "0140268864")
        .expect_code(5)
        .says(&["isbn", "should be 3"]);
    add("--published-year", "soon").expect_code(5).says(&["published_year"]);
    add("--language", "Klingonese").expect_code(5).says(&["language"]);
    add("--page-count", "0").expect_code(5).says(&["page_count"]);
    assert_eq!(colophon.json(["status"])["books"], 0);
    assert_eq!(colophon.json(["status"])["authors"], 0);
    colophon
        .run([
            "books",
            "add",
            "--title",
            "A",
            "--author",
            "B",
            "--isbn",
            "9780140268867",
        ])
        .expect_code(0);
    add("--isbn", "0140268863")
        .expect_code(5)
        .says(&["isbn", "9780140268867"]);
}

#[test]
fn several_books_are_deleted_together_or_not_at_all() {
    let colophon = with_sample();
    let two = colophon.json(["books", "list", "--per-page", "2"]);
    let ids: Vec<_> = two["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|book| book["id"].as_str().unwrap())
        .collect();
    colophon
        .run(["books", "delete", ids[0], "9780000000002", ids[1]])
        .expect_code(4);
    assert_eq!(colophon.json(["status"])["books"], 58);
    assert_eq!(
        colophon.json(["books", "delete", ids[0], ids[1]])["deleted"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(colophon.json(["status"])["books"], 56);
}

#[test]
fn status_tells_counts_and_what_waits() {
    let colophon = with_sample();
    let status = colophon.json(["status"]);
    for (name, value) in [
        ("authors", json!(61)),
        ("books", json!(58)),
        ("conflicts", json!(0)),
        ("quarantined", json!(0)),
        ("revision", json!(0)),
        ("state", json!("not_configured")),
    ] {
        assert_eq!(status[name], value, "{name}");
    }
    // Every record of the sample waits: authors, books and eight contributions.
    assert_eq!(status["pending"], 61 + 58 + 8);
}

#[test]
fn the_sample_comes_once_and_goes_without_what_is_not_its_own() {
    let colophon = Colophon::with_catalogue();
    colophon
        .run(["books", "add", "--title", "Emma", "--author", "Jane Austen"])
        .expect_code(0);
    assert_eq!(colophon.json(["sample", "add"])["added"], 58);
    assert_eq!(colophon.json(["sample", "add"])["added"], 0);
    colophon
        .run([
            "books",
            "add",
            "--title",
            "Lilith",
            "--author",
            "Primo Levi",
            "--translator",
            "Toni Morrison",
        ])
        .expect_code(0);
    assert_eq!(colophon.json(["sample", "remove"])["removed"], 58);
    let authors = colophon.json(["authors", "list"]);
    let names: Vec<_> = authors["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|author| author["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Jane Austen", "Primo Levi", "Toni Morrison"]);
}

#[test]
fn every_command_has_help_and_completions_are_made() {
    let colophon = Colophon::new();
    for command in [
        "init",
        "import",
        "export",
        "authors",
        "books",
        "migrate",
        "status",
        "doctor",
        "sample",
        "completions",
    ] {
        let help = colophon.run([command, "--help"]);
        help.expect_code(0);
        assert!(help.stdout.contains("Usage:"), "{command}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            colophon
                .run(["completions", shell])
                .expect_code(0)
                .stdout
                .contains("colophon"),
            "{shell}"
        );
    }
    colophon.run(["books", "dance"]).expect_code(2);
}

#[test]
fn an_error_is_json_on_stderr_where_json_was_asked_for() {
    let colophon = Colophon::with_catalogue();
    let run = colophon.run(["books", "show", "nothing", "--json"]);
    run.expect_code(4);
    let error: Json = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        (error["error"]["code"].as_str(), run.stdout.as_str()),
        (Some("not_found"), "")
    );
}

#[test]
fn who_becomes_the_author_of_a_book_is_not_named_beside_it_once_more() {
    let colophon = Colophon::with_catalogue();
    let added = colophon.json(["books", "add", "--title", "Good Omens", "--author", "Terry Pratchett"]);
    let id = added["id"].as_str().unwrap();
    colophon
        .run(["books", "edit", id, "--co-author", "Neil Gaiman"])
        .expect_code(0);
    let edited = colophon.json(["books", "edit", id, "--author", "Neil Gaiman"]);
    assert_eq!(edited["author"]["name"], "Neil Gaiman");
    assert_eq!(edited["contributions"], json!([]));
}
