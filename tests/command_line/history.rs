//! `colophon history` without a server: what the journal tells, and restoring what a record was.

use rusqlite::Connection;
use serde_json::{Value as Json, json};

use crate::command::{Colophon, Run};

const ISBN: &str = "9780140268867";

/// A catalogue with the Odyssey, with a translator. Returns its id.
fn with_odyssey() -> (Colophon, String) {
    let colophon = Colophon::with_catalogue();
    let fields = ["--isbn", ISBN, "--publisher", "Penguin"];
    let fields = fields.into_iter().chain(["--translator", "Robert Fagles"]);
    let book = ["books", "add", "--title", "The Odyssey", "--author", "Homer"];
    let added = colophon.json(book.into_iter().chain(fields));
    let id = id_of(&added);
    (colophon, id)
}

fn id_of(record: &Json) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// The names of the entries by which something can be restored, earliest first.
fn entries(colophon: &Colophon, id: &str) -> Vec<String> {
    let history = colophon.json(["history", id]);
    let events = history.as_array().unwrap().iter();
    events
        .filter_map(|event| Some(event["entry"].as_str()?.to_owned()))
        .collect()
}

fn restore(colophon: &Colophon, id: &str, entry: &str, fields: &[&str]) -> Run {
    let fields = fields.iter().flat_map(|field| ["--field", field]);
    colophon.run(["history", id, "--restore", entry].into_iter().chain(fields))
}

#[test]
fn a_record_gets_back_what_it_had_before_an_entry_and_that_is_an_entry_itself() {
    let (colophon, id) = with_odyssey();
    colophon.json(["books", "edit", &id, "--title", "Odyssee", "--publisher", "Reclam"]);
    colophon.json(["books", "edit", &id, "--title", "Odissea"]);
    let [both, title] = entries(&colophon, &id).try_into().unwrap();
    let told = colophon.run(["history", &id]);
    assert!(told.stdout.contains(&format!(" {title}  ")), "{told:?}");

    let done = colophon.json(["history", &id, "--restore", &title]);
    let field = json!({ "field": "title", "was": "Odissea", "is": "Odyssee" });
    assert_eq!(
        done,
        json!({ "entity": "book", "id": id, "fields": [field], "brought_back": 0, "left_out": 0 })
    );
    let done = restore(&colophon, &id, &both, &["publisher"]);
    done.expect_code(0);
    assert_eq!(done.stdout, "publisher \"Reclam\" → \"Penguin\"\n");
    let book = colophon.json(["books", "show", &id]);
    assert_eq!(
        (&book["title"], &book["publisher"]),
        (&json!("Odyssee"), &json!("Penguin"))
    );
    // What was there before the restoring can be restored as well.
    let last = entries(&colophon, &id).pop().unwrap();
    restore(&colophon, &id, &last, &[]).expect_code(0);
    assert_eq!(colophon.json(["books", "show", &id])["publisher"], "Reclam");
    restore(&colophon, &id, &last, &[])
        .expect_code(0)
        .says(&["“Odyssee” already has these values"]);
}

#[test]
fn a_deleted_book_comes_back_with_its_people() {
    let (colophon, id) = with_odyssey();
    colophon.json(["books", "edit", &id, "--title", "Odyssee"]);
    let edit = entries(&colophon, &id).pop().unwrap();
    colophon.json(["books", "delete", &id]);
    let deletion = entries(&colophon, &id).pop().unwrap();
    restore(&colophon, &id, &edit, &[]).expect_code(4).says(&[
        "the book was deleted",
        "not its deletion",
        "colophon history",
    ]);
    restore(&colophon, &id, &deletion, &["title"])
        .expect_code(5)
        .says(&["as a whole", "nothing was changed"]);
    let back = restore(&colophon, &id, &deletion, &[]);
    back.expect_code(0);
    assert_eq!(
        back.stdout,
        "Restored “Odyssee”, along with 1 of the records deleted with it\n"
    );
    let book = colophon.json(["books", "show", ISBN]);
    assert_eq!((&book["id"], &book["author"]["name"]), (&json!(id), &json!("Homer")));
    assert_eq!(book["contributions"][0]["name"], "Robert Fagles");
    // Its deletion gives all its values, even for a book that exists.
    colophon.json(["books", "edit", &id, "--publisher", ""]);
    restore(&colophon, &id, &deletion, &["publisher"]).expect_code(0);
    assert_eq!(colophon.json(["books", "show", &id])["publisher"], "Penguin");
    colophon.run(["doctor"]).expect_code(0);
}

#[test]
fn an_author_who_was_deleted_with_the_books_comes_back_with_them() {
    let (colophon, book) = with_odyssey();
    let homer = id_of(&colophon.json(["authors", "show", "Homer"]));
    colophon.json(["authors", "delete", "Homer", "--with-books"]);
    let deletion = entries(&colophon, &book).pop().unwrap();
    restore(&colophon, &book, &deletion, &[]).expect_code(5).says(&[
        &format!("belongs to the author {homer}, which is not there any more"),
        "restore that one first",
        "nothing was changed",
    ]);
    let deletion = entries(&colophon, &homer).pop().unwrap();
    let back = colophon.json(["history", &homer, "--restore", &deletion]);
    assert_eq!((&back["brought_back"], &back["left_out"]), (&json!(3), &json!(0)));
    let shown = colophon.json(["books", "show", ISBN]);
    assert_eq!(shown["contributions"][0]["name"], "Robert Fagles");
}

#[test]
fn what_cannot_come_back_with_a_record_is_told() {
    let (colophon, id) = with_odyssey();
    colophon.json(["books", "delete", &id]);
    colophon.json(["authors", "delete", "Robert Fagles"]);
    let deletion = entries(&colophon, &id).pop().unwrap();
    restore(&colophon, &id, &deletion, &[])
        .expect_code(0)
        .says(&["1 of the records deleted with it could not be restored"]);
    let book = colophon.json(["books", "show", &id]);
    assert_eq!(book["contributions"], json!([]));
}

#[test]
fn a_value_that_is_somebody_elses_by_now_is_refused_and_the_other_fields_can_be_put_back() {
    let (colophon, id) = with_odyssey();
    colophon.json(["books", "edit", &id, "--isbn", "", "--publisher", "Reclam"]);
    let entry = entries(&colophon, &id).pop().unwrap();
    let emma = ["books", "add", "--title", "Emma", "--author", "Jane Austen"];
    let emma = id_of(&colophon.json(emma.into_iter().chain(["--isbn", ISBN])));
    restore(&colophon, &id, &entry, &[]).expect_code(5).says(&[
        &format!("another book already has the isbn {ISBN}"),
        "nothing was changed",
        &format!("of the book {emma}"),
        "--field",
    ]);
    assert_eq!(colophon.json(["books", "show", &id])["publisher"], "Reclam");
    restore(&colophon, &id, &entry, &["publisher"]).expect_code(0);
    assert_eq!(colophon.json(["books", "show", &id])["publisher"], "Penguin");
    // The same for a whole record.
    colophon.json(["books", "edit", &emma, "--isbn", ""]);
    colophon.json(["books", "edit", &id, "--isbn", ISBN]);
    colophon.json(["books", "delete", &id]);
    colophon.json(["books", "edit", &emma, "--isbn", ISBN]);
    let deletion = entries(&colophon, &id).pop().unwrap();
    restore(&colophon, &id, &deletion, &[])
        .expect_code(5)
        .says(&["another book already has the isbn", "nothing was changed"]);
    colophon.run(["books", "show", &id]).expect_code(4);
}

#[test]
fn a_value_that_the_rules_refuse_today_is_not_put_back() {
    let (colophon, id) = with_odyssey();
    // Another program does not know the rules, and a person corrects what it wrote.
    let file = Connection::open(colophon.catalogue()).unwrap();
    file.execute("UPDATE book SET language = 'Klingonese'", []).unwrap();
    drop(file);
    colophon.json(["books", "edit", &id, "--language", "grc", "--publisher", "Reclam"]);
    let entry = entries(&colophon, &id).pop().unwrap();
    restore(&colophon, &id, &entry, &[])
        .expect_code(5)
        .says(&["language: ", "nothing was changed", "--field"]);
    let book = colophon.json(["books", "show", &id]);
    assert_eq!(
        (&book["language"], &book["publisher"]),
        (&json!("grc"), &json!("Reclam"))
    );
}

#[test]
fn an_entry_or_a_field_that_is_not_there_is_told() {
    let (colophon, id) = with_odyssey();
    colophon.json(["books", "edit", &id, "--title", "Odyssee"]);
    let emma = colophon.json(["books", "add", "--title", "Emma", "--author", "Jane Austen"]);
    colophon.json(["books", "edit", &id_of(&emma), "--title", "Emma, a novel"]);
    let entry = entries(&colophon, &id).pop().unwrap();
    for other in ["999", &entries(&colophon, &id_of(&emma)).pop().unwrap()] {
        restore(&colophon, &id, other, &[])
            .expect_code(4)
            .says(&[&format!("has no entry “{other}”"), "shows them"]);
    }
    for field in ["publisher", "updated_at", "id", "nonsense"] {
        restore(&colophon, &id, &entry, &[field])
            .expect_code(5)
            .says(&[&format!("has no “{field}”, only: title"), "nothing was changed"]);
    }
    // Making a book records nothing about before.
    let history = colophon.json(["history", &id]);
    assert_eq!(
        (&history[0]["kind"], &history[0]["entry"]),
        (&json!("create"), &Json::Null)
    );
    for name in ["first", "0", "-1", "s", "s0"] {
        colophon
            .run(["history", &id, &format!("--restore={name}")])
            .expect_code(2)
            .says(&["name an entry by the number"]);
    }
    colophon.run(["history", &id, "--field", "title"]).expect_code(2);
    // What only the server knows requires a server.
    restore(&colophon, &id, "s1", &[])
        .expect_code(2)
        .says(&["only the server knows the entry s1", "no server is configured"]);
}
