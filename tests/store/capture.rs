use colophon_catalogue::{Author, AuthorDraft, AuthorId};
use colophon_store::schema::Table;
use colophon_store::{Columns as _, Entity as _, EntityId, Sql, WriteSession};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::undoing;

/// Kind, base revision, change number and whether there is a base, for every row of `pending`.
fn pending(catalogue: &Catalogue) -> Vec<(String, i64, i64, bool)> {
    let sql = Sql::new("SELECT kind,base_revision,change,base IS NOT NULL FROM pending ORDER BY id");
    catalogue
        .database
        .read_blocking(|s| s.query(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))))
        .unwrap()
}

fn synced_author(catalogue: &Catalogue) -> Author {
    let author = catalogue
        .database
        .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Ann")))
        .unwrap();
    catalogue
        .database
        .write_blocking(|tx| tx.execute("author", &Sql::new("UPDATE author SET revision=7"), []))
        .unwrap();
    author
}

fn rename(catalogue: &Catalogue, author: &Author, name: &str) {
    let mut author = author.clone();
    author.set_text(Author::FIELDS.name, name).unwrap();
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().update(author))
        .unwrap();
}

#[test]
fn a_row_that_was_never_synced_needs_no_mark() {
    let catalogue = Catalogue::empty();
    let author = catalogue
        .database
        .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Ann")))
        .unwrap();
    rename(&catalogue, &author, "Anne");
    assert_eq!(pending(&catalogue), []);
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().delete(author.id))
        .unwrap();
    assert_eq!(
        pending(&catalogue),
        [],
        "the server never saw it, so there is nothing to tell"
    );
}

#[test]
fn the_first_change_keeps_the_base_and_later_ones_are_counted() {
    let catalogue = Catalogue::empty();
    let author = synced_author(&catalogue);
    assert_eq!(pending(&catalogue), [], "writing the revision is no edit");
    rename(&catalogue, &author, "Anne");
    rename(&catalogue, &author, "Annie");
    assert_eq!(pending(&catalogue), [("update".to_owned(), 7, 2, true)]);
    let base: String = catalogue
        .database
        .read_blocking(|s| s.query_first(&Sql::new("SELECT base FROM pending"), [], |row| row.get(0)))
        .unwrap()
        .unwrap();
    assert!(base.contains("\"Ann\""), "{base}");
}

const TABLES: &[&Table] = &[Author::TABLE];

/// Whether any row waits, as answered directly and as the list of all says.
fn is_any_waiting(catalogue: &Catalogue) -> bool {
    let told = catalogue
        .database
        .read_blocking(move |s| s.is_any_waiting(TABLES))
        .unwrap();
    let listed = catalogue.database.read_blocking(move |s| s.waiting(TABLES)).unwrap();
    assert_eq!(told, !listed.is_empty());
    told
}

#[test]
fn whether_any_row_waits_is_what_the_list_of_them_says() {
    let catalogue = Catalogue::empty();
    assert!(!is_any_waiting(&catalogue));
    let unsynced = AuthorDraft::named("Bo");
    let author = synced_author(&catalogue);
    assert!(!is_any_waiting(&catalogue));
    rename(&catalogue, &author, "Anne");
    assert!(is_any_waiting(&catalogue), "a change of a row that the server knows");
    catalogue
        .database
        .write_blocking(|tx| tx.execute("pending", &Sql::new("DELETE FROM pending"), []))
        .unwrap();
    assert!(!is_any_waiting(&catalogue));
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&unsynced))
        .unwrap();
    assert!(is_any_waiting(&catalogue), "a row that it has never seen");
}

#[test]
fn other_tools_are_caught_as_well() {
    let catalogue = Catalogue::empty();
    synced_author(&catalogue);
    let other = catalogue.other_program();
    other
        .execute("UPDATE author SET notes='seen' WHERE name='Ann'", [])
        .unwrap();
    assert_eq!(pending(&catalogue), [("update".to_owned(), 7, 1, true)]);
    other.execute("DELETE FROM author", []).unwrap();
    assert_eq!(pending(&catalogue), [("delete".to_owned(), 7, 2, true)]);
}

#[test]
fn what_comes_from_the_server_is_no_edit() {
    let catalogue = Catalogue::empty();
    synced_author(&catalogue);
    catalogue
        .database
        .write_blocking(|tx| {
            tx.execute("author", &Sql::new("INSERT INTO applying(id) VALUES(1)"), [])?;
            tx.execute("author", &Sql::new("UPDATE author SET notes='theirs', revision=8"), [])?;
            tx.execute("author", &Sql::new("DELETE FROM applying"), [])
        })
        .unwrap();
    assert_eq!(pending(&catalogue), []);
}

#[test]
fn a_deletion_that_is_undone_before_it_was_sent_is_an_update_again() {
    let catalogue = Catalogue::empty();
    let author = synced_author(&catalogue);
    let id = author.id;
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().delete(id))
        .unwrap();
    assert_eq!(pending(&catalogue), [("delete".to_owned(), 7, 1, true)]);
    catalogue
        .database
        .write_blocking(undoing::undo)
        .unwrap()
        .expect("there is something to undo");
    assert_eq!(pending(&catalogue), [("update".to_owned(), 7, 2, true)]);
    let revision = Sql::new("SELECT revision FROM author WHERE id=?");
    let found = catalogue
        .database
        .read_blocking(|s| s.query_first(&revision, [id.uuid().as_bytes().to_vec()], |row| row.get::<_, i64>(0)));
    assert_eq!(found, Ok(Some(7)), "it is the row that the server knows");
}

#[test]
fn a_change_during_a_push_is_noticed_on_rows_that_were_never_synced() {
    let catalogue = Catalogue::empty();
    let author = catalogue
        .database
        .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Ann")))
        .unwrap();
    let in_flight =
        Sql::new("INSERT INTO batch_in_flight(number,token,hash,content) VALUES(1,zeroblob(16),x'00',x'00')");
    catalogue
        .database
        .write_blocking(move |tx| tx.execute("author", &in_flight, []))
        .unwrap();
    rename(&catalogue, &author, "Anne");
    // It may have been sent as it was before this change, so that is kept.
    assert_eq!(pending(&catalogue), [("update".to_owned(), 0, 1, true)]);
}

/// What is noted about a row: kind, base revision, change number and whether there is a base; and whether its content
/// is kept.
type Noted = (Option<(String, i64, i64, bool)>, bool, Option<i64>);

fn noted(other: &rusqlite::Connection, name: &str, id: &[u8]) -> Noted {
    let row = "SELECT kind||iif(base_is_tombstone,' over tombstone',''),base_revision,change,base LIKE '%' || ? || '%' FROM pending WHERE id=?";
    let pending = other.query_row(row, rusqlite::params![name, id], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get::<_, Option<bool>>(3)?.unwrap_or(false),
        ))
    });
    let kept = other.query_row(
        "SELECT count(*) FROM deleted WHERE id=? AND content LIKE '%' || ? || '%'",
        rusqlite::params![id, name],
        |row| row.get(0),
    );
    let revision = other.query_row("SELECT revision FROM author WHERE id=?", [id], |row| row.get(0));
    (pending.ok(), kept.unwrap(), revision.ok())
}

/// Every state that a row can be in when it is changed: its revision, whether a batch is under way, and the revision of its
/// tombstone once its deletion has reached the server.
const STATES: [(i64, bool, i64); 6] = [
    (0, false, 0),
    (7, false, 0),
    (0, true, 0),
    (7, true, 0),
    (7, false, 9),
    (0, false, 9),
];

#[test]
fn our_own_writes_are_noted_exactly_as_those_of_other_programs() {
    for (revision, is_in_flight, tombstone) in STATES {
        compare_both_ways(revision, is_in_flight, tombstone);
    }
}

fn set_notes(catalogue: &Catalogue, id: AuthorId, notes: &'static str, as_one_of_many: bool) {
    let change = move |author: &mut Author| author.set_text(Author::FIELDS.notes, notes);
    let write = move |tx: &WriteSession<'_>| {
        let authors = tx.repo_mut::<Author>();
        if as_one_of_many {
            authors.change_all([id], change).map(drop)
        } else {
            authors.change(id, change).map(drop)
        }
    };
    catalogue.database.write_blocking(write).unwrap();
}

/// Writes the same history through the catalogue and as another program would, and compares what was noted at every
/// step.
fn compare_both_ways(revision: i64, is_in_flight: bool, tombstone: i64) {
    let catalogue = Catalogue::empty();
    let other = catalogue.other_program();
    let make = |name: &'static str| {
        catalogue
            .database
            .write_blocking(move |tx| tx.repo_mut::<Author>().create(&AuthorDraft::named(name)))
            .unwrap()
    };
    let (ours, theirs) = (make("Ours"), make("Theirs"));
    let (our_key, their_key) = (ours.id.uuid().as_bytes().to_vec(), theirs.id.uuid().as_bytes().to_vec());
    other.execute("UPDATE author SET revision=?", [revision]).unwrap();
    if is_in_flight {
        other
            .execute_batch("INSERT INTO batch_in_flight(number,token,hash,content) VALUES(1,zeroblob(16),x'00',x'00')")
            .unwrap();
    }
    let compare = |step: &str| {
        let (our, their) = (noted(&other, "Ours", &our_key), noted(&other, "Theirs", &their_key));
        assert_eq!(
            our, their,
            "{step}; revision {revision}, in flight: {is_in_flight}, tombstone {tombstone}"
        );
    };
    for notes in ["one", "two", "three"] {
        // Both ways of changing a row.
        set_notes(&catalogue, ours.id, notes, notes == "two");
        other
            .execute("UPDATE author SET notes=? WHERE name='Theirs'", [notes])
            .unwrap();
        compare(notes);
    }
    other
        .execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM author WHERE name='Theirs'")
        .unwrap();
    let id = ours.id;
    catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().delete(id))
        .unwrap();
    other.execute("DELETE FROM author WHERE name='Theirs'", []).unwrap();
    compare("deleted");
    if tombstone > 0 {
        // The deletion has reached the server.
        other.execute_batch("DELETE FROM pending").unwrap();
        other.execute("UPDATE deleted SET revision=?", [tombstone]).unwrap();
    }
    assert!(catalogue.database.write_blocking(undoing::undo).unwrap().is_some());
    other
        .execute_batch("UPDATE kept SET revision=0; INSERT INTO author SELECT * FROM kept")
        .unwrap();
    compare("back");
}

#[test]
fn the_base_is_the_same_whoever_keeps_it() {
    let catalogue = Catalogue::empty();
    let draft = AuthorDraft {
        birth_year: Some(-720),
        notes: Some("He said \"no\"\n\tC:\\temp – straße".to_owned()),
        ..AuthorDraft::named("Ann \"the\" O\u{b4}Neill")
    };
    let authors = catalogue
        .database
        .write_blocking(move |tx| {
            let authors = tx.repo_mut::<Author>();
            Ok([authors.create(&draft)?, authors.create(&draft)?])
        })
        .unwrap();
    let other = catalogue.other_program();
    other.execute("UPDATE author SET revision=7", []).unwrap();
    let [ours, theirs] = authors.map(|author| author.id);
    catalogue
        .database
        .write_blocking(move |tx| {
            tx.repo_mut::<Author>()
                .change(ours, |author| author.set_text(Author::FIELDS.email, "a@b.c"))
        })
        .unwrap();
    let key = theirs.uuid().as_bytes().to_vec();
    other
        .execute("UPDATE author SET email='a@b.c' WHERE id=?", [key])
        .unwrap();
    let mut bases: Vec<serde_json::Value> = Vec::new();
    let mut statement = other.prepare("SELECT base FROM pending ORDER BY id").unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        bases.push(serde_json::from_str(&row.get::<_, String>(0).unwrap()).unwrap());
    }
    assert_eq!(bases.len(), 2);
    for (base, id) in bases.iter_mut().zip([ours, theirs]) {
        assert_eq!(base["id"].take(), id.uuid().simple().to_string());
    }
    assert_eq!(bases[0], bases[1]);
}
