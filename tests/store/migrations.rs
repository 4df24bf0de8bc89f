use std::fs;

use colophon_catalogue::{Author, AuthorDraft, file_schema};
use colophon_store::{Database, Error, FileSchema, MigrationError, Query, Settings, Sql};
use colophon_tests::catalogue::Catalogue;
use colophon_tests::migrations::file_with;
use refinery::Migration;

fn with_one_more(sql: &str) -> FileSchema {
    file_with(&[("one_more", sql, "ALTER TABLE author DROP COLUMN nickname;")]).unwrap()
}

fn with_an_author() -> Catalogue {
    let catalogue = Catalogue::empty();
    catalogue
        .database
        .write_blocking(|tx| tx.repo_mut::<Author>().create(&AuthorDraft::named("Kept")))
        .unwrap();
    catalogue
}

/// How many triggers capture changes.
fn triggers(catalogue: &Catalogue) -> i64 {
    catalogue
        .other_program()
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type='trigger' AND name LIKE 'capture%'",
            [],
            |row| row.get(0),
        )
        .unwrap()
}

fn authors(database: &Database) -> u64 {
    database
        .read_blocking(|s| s.repo::<Author>().count(&Query::all()))
        .unwrap()
}

#[test]
fn a_migration_goes_up_with_a_backup_and_down_again() {
    let catalogue = with_an_author();
    let schema = with_one_more("ALTER TABLE author ADD COLUMN nickname TEXT;");
    let report = catalogue.database.migrate_blocking(&schema).unwrap();
    assert_eq!(report.versions, [schema.version()]);
    let backup = report.backup.expect("an existing file is backed up first");
    let (copy, _) = colophon_catalogue::open_blocking(&Settings::for_file(&backup)).unwrap();
    assert_eq!(
        authors(&copy),
        1,
        "the backup is a whole catalogue of the version before"
    );
    let status = catalogue.database.migration_status_blocking(&schema).unwrap();
    assert!(status.iter().all(|migration| migration.applied_on.is_some()) && status.len() == schema.up.len());
    let report = catalogue.database.roll_back_migration_blocking(&schema).unwrap();
    assert_eq!(report.versions, [schema.version()]);
    let status = catalogue.database.migration_status_blocking(&schema).unwrap();
    assert_eq!(status.last().unwrap().applied_on, None);
    assert_eq!(authors(&catalogue.database), 1);
}

/// How a page begins that holds entries of an index.
const INDEX_LEAF: u8 = 0x0a;

fn position(page: &[u8], key: &[u8]) -> Option<usize> {
    page.windows(key.len()).position(|window| window == key)
}

#[test]
fn a_file_of_which_no_sound_copy_can_be_made_is_not_migrated() {
    let catalogue = Catalogue::empty();
    let people = |tx: &colophon_store::WriteSession<'_>| {
        let authors = tx.repo_mut::<Author>();
        (0..400).try_for_each(|number| {
            authors
                .create(&AuthorDraft::named(format!("Author {number}")))
                .map(drop)
        })
    };
    catalogue.database.write_blocking(people).unwrap();
    catalogue.database.close_blocking().unwrap();
    let mut bytes = fs::read(catalogue.file()).unwrap();
    // One letter, in an index: every statement that does not pass there works.
    let key = b"author 2";
    let page = bytes
        .chunks_exact_mut(4096)
        .find(|page| page[0] == INDEX_LEAF && position(page, key).is_some());
    let page = page.unwrap();
    let at = position(page, key).unwrap();
    page[at] = b'z';
    fs::write(catalogue.file(), &bytes).unwrap();
    let database = Database::open_blocking(&Settings::for_file(catalogue.file())).unwrap();
    let schema = with_one_more("ALTER TABLE author ADD COLUMN nickname TEXT;");
    let refused = database.migrate_blocking(&schema);
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    database.close_blocking().unwrap();
    assert!(fs::read(catalogue.file()).unwrap() == bytes, "it was changed");
    let left = fs::read_dir(catalogue.file().parent().unwrap()).unwrap();
    assert_eq!(left.count(), 1, "half a copy is left");
}

#[cfg(unix)]
#[test]
fn where_no_copy_can_be_made_nothing_is_migrated_and_the_reason_is_told() {
    let catalogue = with_an_author();
    // Where it would be made, there is a folder.
    let schema = with_one_more("ALTER TABLE author ADD COLUMN nickname TEXT;");
    let folder = catalogue.file().parent().unwrap().to_owned();
    let under_way = folder.join(format!(".catalogue.sqlite.backup-v{}.part", schema.version() - 1));
    fs::create_dir(&under_way).unwrap();
    let refused = catalogue.database.migrate_blocking(&schema);
    assert!(matches!(refused, Err(Error::NoBackup { .. })), "{refused:?}");
    assert_eq!(authors(&catalogue.database), 1);
    let left = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name());
    assert!(
        left.into_iter()
            .all(|name| !name.to_string_lossy().starts_with("catalogue.sqlite.backup"))
    );
}

#[test]
fn a_migration_that_fails_leaves_everything_as_it_was() {
    let catalogue = with_an_author();
    let schema = with_one_more("ALTER TABLE author ADD COLUMN nickname TEXT; INSERT INTO nowhere VALUES(1);");
    let captures = triggers(&catalogue);
    let failed = catalogue.database.migrate_blocking(&schema).unwrap_err();
    let name = format!("migration V{}", schema.version());
    assert!(
        matches!(&failed, Error::Migration(MigrationError::Failed { what, .. }) if *what == name),
        "{failed}"
    );
    let columns: i64 = catalogue
        .other_program()
        .query_row(
            "SELECT count(*) FROM pragma_table_info('author') WHERE name='nickname'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(columns, 0);
    assert!(
        captures > 0 && triggers(&catalogue) == captures,
        "changes are still captured"
    );
    assert_eq!(authors(&catalogue.database), 1);
}

#[test]
fn an_edited_migration_is_refused() {
    let catalogue = with_an_author();
    let mut schema = file_schema().unwrap();
    schema.up[0] = Migration::unapplied("V1__catalogue", "CREATE TABLE something_else (id);").unwrap();
    let refused = catalogue.database.migrate_blocking(&schema).unwrap_err();
    assert!(
        matches!(refused, Error::Migration(MigrationError::Edited { version: 1, .. })),
        "{refused}"
    );
}

#[test]
fn a_file_of_a_newer_program_is_refused_and_not_changed() {
    let catalogue = with_an_author();
    let newer = with_one_more("ALTER TABLE author ADD COLUMN nickname TEXT;");
    catalogue.database.migrate_blocking(&newer).unwrap();
    let ours = file_schema().unwrap();
    let refused = catalogue.database.migrate_blocking(&ours).unwrap_err();
    let (found, known) = (newer.version(), ours.version());
    assert_eq!(refused, Error::Migration(MigrationError::Newer { found, known }));
}

#[test]
fn a_file_of_another_program_and_a_file_that_is_no_database_are_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("foreign.sqlite");
    rusqlite::Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (id);")
        .unwrap();
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Dear reader, ".repeat(1_000)).unwrap();
    for file in [foreign, text] {
        let before = std::fs::read(&file).unwrap();
        let refused = Database::open_blocking(&Settings::for_file(&file))
            .map(drop)
            .unwrap_err();
        assert_eq!(refused, Error::NotACatalogue);
        assert!(std::fs::read(&file).unwrap() == before);
    }
}

#[test]
fn two_programs_that_open_a_new_file_at_once_both_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.sqlite");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                colophon_catalogue::open_blocking(&Settings::for_file(&file))
                    .map(drop)
                    .unwrap();
            });
        }
    });
}

/// Tables that the catalogue keeps for itself, besides its entities.
const OF_THE_CATALOGUE: [&str; 2] = ["draft", "refinery_schema_history"];

#[test]
fn the_stores_own_books_are_those_that_a_catalogue_has() {
    let catalogue = Catalogue::empty();
    let other = Database::in_memory_blocking().unwrap();
    other
        .migrate_blocking(&FileSchema::for_application(1, &[], &[]).unwrap())
        .unwrap();
    let layout = |database: &Database| {
        let columns = Sql::new(
            "SELECT t.name,t.wr,t.strict,c.name,c.type,c.\"notnull\",c.dflt_value,c.pk
             FROM pragma_table_list t JOIN pragma_table_info(t.name) c
             WHERE t.schema='main' AND t.type='table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name,c.cid",
        );
        let found = database.read_blocking(|s| {
            s.query(&columns, [], |row| {
                let text = |place| Ok::<_, rusqlite::Error>(format!("{:?}", row.get_ref(place)?));
                Ok((
                    row.get::<_, String>(0)?,
                    (1..8).map(text).collect::<Result<Vec<_>, _>>()?,
                ))
            })
        });
        found.unwrap()
    };
    let entities: Vec<&str> = file_schema()
        .unwrap()
        .tables()
        .into_iter()
        .map(|table| table.name)
        .collect();
    let is_kept = |table: &str| !entities.contains(&table) && !OF_THE_CATALOGUE.contains(&table);
    let books: Vec<_> = layout(&catalogue.database)
        .into_iter()
        .filter(|(table, _)| is_kept(table))
        .collect();
    let own: Vec<_> = layout(&other)
        .into_iter()
        .filter(|(table, _)| table != "store_migrations" && is_kept(table))
        .collect();
    assert!(own.len() > 50, "every column of fifteen tables");
    assert_eq!(own, books);
    let again = other.migrate_blocking(&FileSchema::for_application(1, &[], &[]).unwrap());
    assert_eq!(again.unwrap().versions, [0; 0], "they are made once");
}
