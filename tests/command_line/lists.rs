//! Lists of the `colophon` command: filters on any field, orders, columns, and how many times values occur.

use crate::command::Colophon;
use serde_json::Value as Json;

fn with_sample() -> Colophon {
    let colophon = Colophon::new();
    colophon.run(["sample", "add"]).expect_code(0);
    colophon
}

fn said<'p>(page: &'p Json, column: &str) -> Vec<&'p str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item[column].as_str().unwrap_or_default()).collect()
}

#[test]
fn a_list_is_narrowed_by_any_field_and_shows_what_is_asked_for() {
    let colophon = with_sample();
    let kafka = colophon.json([
        "books",
        "list",
        "--where",
        "author~kafka",
        "--where",
        "language:de",
        "--sort=-title",
        "--columns",
        "title,authors,year,shelf_mark",
    ]);
    assert_eq!(said(&kafka, "title"), ["Die Verwandlung", "Der Prozess"]);
    assert_eq!(
        said(&kafka, "authors"),
        ["Franz Kafka", "Franz Kafka; Max Brod (editor)"]
    );
    assert!(kafka["items"][0]["published_year"].is_string() && kafka["items"][0]["shelf_mark"].is_null());
    let all = colophon.json(["books", "list"])["meta"]["total"].as_u64().unwrap();
    let total = |filter: &str| {
        colophon.json(["books", "list", "--where", filter])["meta"]["total"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(total("isbn:none") + total("isbn:any"), all);
    assert_eq!(total("year:..-1") + total("year:0..") + total("year:none"), all);
    assert_eq!(total("language:bad"), 0);
    let searched = colophon.json(["books", "search", "kafka", "--where", "title^der"]);
    assert_eq!(said(&searched, "title"), ["Der Prozess"]);
    let authors = colophon.json(["authors", "list", "--where", "books:none"]);
    assert_eq!(authors["meta"]["total"], 0);
}

#[test]
fn tokens_are_taken_among_words_and_what_is_none_is_searched_and_said() {
    let colophon = with_sample();
    let titles = |arguments: &[&str]| -> Vec<String> {
        let page = colophon.json(arguments.iter().copied());
        said(&page, "title").into_iter().map(str::to_owned).collect()
    };
    let kafka = ["Der Prozess", "Die Verwandlung"];
    assert_eq!(titles(&["books", "search", "author:kafka language:german"]), kafka);
    assert_eq!(titles(&["books", "search", "author:kafka", "sprache:de"]), kafka);
    assert_eq!(titles(&["books", "list", "autor:kafka", "year>1920"]), ["Der Prozess"]);
    assert_eq!(
        titles(&["books", "search", "verwandlung has:author added:1h"]),
        ["Die Verwandlung"]
    );
    let odd = colophon.run(["books", "search", "prozess spine:red"]);
    odd.expect_code(0).says(&["spine:red"]);
    assert_eq!(odd.stdout, "");
    let counted = colophon.json(["books", "facets", "author", "--search", "language:german"]);
    assert_eq!(counted["field"], "author");
    let filter = counted["values"][0]["filter"].as_str().unwrap();
    let page = colophon.json(["books", "list", "language:german", "--where", filter]);
    assert_eq!(page["meta"]["total"], counted["values"][0]["count"]);
    assert_eq!(colophon.json(["books", "facets", "rolle"])["field"], "role");
}

#[test]
fn a_list_is_a_table_for_people_tabs_for_programs_and_csv_where_that_is_wanted() {
    let colophon = with_sample();
    let list = [
        "books",
        "list",
        "--where",
        "title:Der Prozess",
        "--columns",
        "title,author,year",
    ];
    let plain = colophon.run(list);
    plain.expect_code(0);
    assert_eq!(plain.stdout.trim_end(), "Der Prozess\tFranz Kafka\t1925");
    let csv = colophon.run(list.into_iter().chain(["--csv"]));
    csv.expect_code(0);
    assert_eq!(
        csv.stdout,
        "title,author,published_year\nDer Prozess,Franz Kafka,1925\n"
    );
}

#[test]
fn the_values_of_a_field_are_counted() {
    let colophon = with_sample();
    let counted = colophon.json(["books", "facets", "language", "--where", "author~kafka"]);
    assert_eq!(counted["field"], "language");
    assert_eq!(counted["values"][0]["count"], 2);
    let filter = counted["values"][0]["filter"].as_str().unwrap();
    let page = colophon.json(["books", "list", "--where", "author~kafka", "--where", filter]);
    assert_eq!(page["meta"]["total"], 2);
    let decades = colophon.run(["books", "facets", "year", "--top", "2"]);
    decades.expect_code(0);
    assert_eq!(decades.stdout.lines().count(), 2);
    colophon
        .run(["books", "facets", "title"])
        .expect_code(5)
        .says(&["title", "publisher"]);
}

#[test]
fn what_a_list_does_not_understand_it_says_with_what_there_is() {
    let colophon = with_sample();
    for (arguments, said) in [
        (["--where", "spine:red"], "shelf_mark"),
        (["--where", "penguin"], "publisher~peng"),
        (["--where", "year~19"], "it is a number"),
        (["--sort", "notes"], "page_count"),
        (["--columns", "title,spine"], "shelf_mark"),
    ] {
        let command = ["books", "list"].into_iter().chain(arguments);
        colophon.run(command).expect_code(2).says(&[said]);
    }
}

#[test]
fn a_list_with_nothing_in_it_has_no_pages_to_count() {
    let colophon = Colophon::new();
    colophon.run(["init"]).expect_code(0);
    let empty = colophon.run(["books", "list"]);
    empty.expect_code(0);
    assert!(
        !empty.stderr.contains("page") && empty.stderr.contains("none"),
        "{empty:#?}"
    );
}
