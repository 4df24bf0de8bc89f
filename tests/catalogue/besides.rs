//! What a damaged file holds besides its records: it is saved as well, and whatever of it cannot be read is reported.

use std::fs;
use std::path::Path;

use colophon_catalogue::conflict::{Conflict, ConflictKind};
use colophon_catalogue::export::json_with;
use colophon_catalogue::rescue::{Rescued, rescue};
use colophon_catalogue::{Author, AuthorDraft, AuthorId, file_schema};
use colophon_store::{Database, EntityId as _};
use colophon_tests::catalogue::Catalogue;
use serde_json::Value as Json;

use crate::merging::question;

const PAGE: usize = 4096;

fn author(catalogue: &Catalogue, name: &str) -> AuthorId {
    let draft = AuthorDraft::named(name);
    let made = catalogue
        .database
        .write_blocking(move |tx| tx.repo_mut::<Author>().create(&draft));
    made.unwrap().id
}

/// A file that has been in step with a server, and in which one author was added, one changed and one deleted since
/// then.
fn that_waits() -> (Catalogue, [AuthorId; 3]) {
    let catalogue = Catalogue::empty();
    let [changed, deleted] = ["Changed", "Deleted"].map(|name| author(&catalogue, name));
    catalogue
        .database
        .write_blocking(|tx| tx.device_or_new().map(drop))
        .unwrap();
    catalogue
        .other_program()
        .execute_batch(
            "UPDATE device SET incarnation=randomblob(16); INSERT INTO applying VALUES(1);
             UPDATE author SET revision=7; DELETE FROM applying",
        )
        .unwrap();
    let done = catalogue.database.write_blocking(move |tx| {
        tx.repo_mut::<Author>().change(changed, |author| {
            author.notes = Some("Not sent yet.".to_owned());
            Ok(())
        })?;
        tx.repo_mut::<Author>().delete(deleted)?;
        let conflicts = tx.repo_mut::<Conflict>();
        conflicts.put(
            &question("author", ConflictKind::DeletedThere, changed.uuid(), conflicts.stamp()),
            7,
        )
    });
    done.unwrap();
    let added = author(&catalogue, "Added");
    (catalogue, [added, changed, deleted])
}

fn rescued(file: &Path) -> (Rescued, Json) {
    let into = Database::in_memory_blocking().unwrap();
    into.migrate_blocking(&file_schema().unwrap()).unwrap();
    let rescued = rescue(file, &into).unwrap();
    let mut text = Vec::new();
    let mut written = Ok(0);
    into.read_blocking(|session| {
        written = json_with(session, &mut text, &rescued.besides);
        Ok(())
    })
    .unwrap();
    written.unwrap();
    (rescued, serde_json::from_slice(&text).unwrap())
}

#[test]
fn what_waits_for_the_server_the_questions_and_the_history_are_saved() {
    let (catalogue, [added, changed, deleted]) = that_waits();
    catalogue.database.close_blocking().unwrap();
    let (rescued, saved) = rescued(&catalogue.file());
    assert!(rescued.is_complete(), "{rescued:?}");
    let mut waiting: Vec<_> = saved["waiting"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["kind"].as_str().unwrap(), line["id"].as_str().unwrap().to_owned()))
        .collect();
    waiting.sort_unstable();
    let expected = [("create", added), ("delete", deleted), ("update", changed)];
    assert_eq!(waiting, expected.map(|(kind, id)| (kind, id.uuid().to_string())));
    assert_eq!(rescued.besides.deletions_waiting(), 1);
    assert_eq!(saved["conflicts"][0]["record_id"], changed.uuid().to_string());
    let history = saved["history"].as_array().unwrap();
    let gone = history.iter().find(|line| line["kind"] == "delete").unwrap();
    assert_eq!(gone["before"]["name"], "Deleted", "what was deleted can be read there");
    assert!(history[0]["at"].as_str().is_some(), "{}", history[0]);
}

#[test]
fn a_file_that_never_had_a_server_has_nothing_that_waits() {
    let catalogue = Catalogue::empty();
    author(&catalogue, "Homer");
    catalogue.database.close_blocking().unwrap();
    let (rescued, saved) = rescued(&catalogue.file());
    assert!(rescued.is_complete() && rescued.besides.waiting.is_empty());
    assert!(saved.get("waiting").is_none() && saved["history"].is_array());
}

#[test]
fn what_cannot_be_read_of_it_is_told() {
    let (catalogue, _) = that_waits();
    let page_of = |table: &str| {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name=?1";
        let found = catalogue
            .other_program()
            .query_row(sql, [table], |row| row.get::<_, u32>(0));
        found.unwrap() as usize
    };
    let pages = [("waiting", page_of("pending")), ("history", page_of("edit"))];
    catalogue.database.close_blocking().unwrap();
    let whole = fs::read(catalogue.file()).unwrap();
    for (name, page) in pages {
        let mut damaged = whole.clone();
        damaged[(page - 1) * PAGE..page * PAGE].fill(0);
        fs::write(catalogue.file(), damaged).unwrap();
        let (rescued, _) = rescued(&catalogue.file());
        assert_eq!(
            (rescued.besides.unread.as_slice(), rescued.is_complete()),
            (&[name][..], false)
        );
        assert_eq!(rescued.read.authors, 2);
    }
}
