//! Central migrations: up, down, and every reason not to.

use anyhow::ensure;
use colophon_sync::central::{Central, CentralSchema, Connection, Error, Limits, MigrationError};
use colophon_tests::migrations::central_with as with;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use refinery::Migration;

const OBJECTS: &str =
    "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S')
    AND relname <> 'refinery_schema_history'";
const FUNCTIONS: &str = "SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace";
/// As the page on adding a field has it: nothing in it but the field.
const COLOUR: (&str, &str, &str) = (
    "colour",
    "ALTER TABLE book ADD COLUMN colour text;",
    "ALTER TABLE book DROP COLUMN colour;",
);

async fn owner(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Connection> {
    Ok(Central::new(catalogue.as_superuser()).connect().await?)
}

on_each_release! {
    async fn a_catalogue_is_made_and_taken_away_and_made_again(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let mut owner = owner(&catalogue).await?;
        let schema = CentralSchema::embedded()?;
        let all: Vec<i32> = schema.up.iter().map(Migration::version).collect();
        for _ in 0..2 {
            let report = owner.migrate(&schema).await?;
            ensure!(report.versions == all && report.missing_roles.is_empty(), "{report:?}");
            let head = owner.head().await?;
            ensure!((head.version, head.schema_version) == (schema.version(), schema.compatible_from()), "{head:?}");
            let mut psql = catalogue.psql()?;
            psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
            ensure!(owner.migrate(&schema).await?.versions.is_empty(), "the second time there was something to do");
            for version in all.iter().rev() {
                ensure!(owner.roll_back_migration(&schema).await?.versions == [*version]);
            }
            ensure!(psql.value(OBJECTS)? == "0" && psql.value(FUNCTIONS)? == "0");
        }
        let nothing = owner.roll_back_migration(&schema).await;
        ensure!(nothing == Err(Error::Migration(MigrationError::NothingToRollBack)));
    }

    async fn a_migration_adds_a_column_and_its_way_back_removes_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut owner, mut psql) = (owner(&catalogue).await?, catalogue.psql()?);
        let (schema, before) = (with(&[COLOUR])?, CentralSchema::embedded()?);
        ensure!(owner.migrate(&schema).await?.versions == [schema.version()]);
        let head = owner.head().await?;
        ensure!((head.version, head.schema_version) == (schema.version(), schema.version()), "it says nothing, so it stops others: {head:?}");
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        psql.run("INSERT INTO book (author_id, title, colour) SELECT id, 'b', 'red' FROM author")?;
        psql.run("UPDATE book SET colour = 'blue'")?;
        ensure!(psql.run("SELECT old FROM history")? == [r#"{"colour": "red"}"#]);
        let status = owner.migration_status(&schema).await?;
        ensure!(status.iter().all(|migration| migration.applied_on.is_some()), "{status:?}");
        ensure!(owner.roll_back_migration(&schema).await?.versions == [schema.version()]);
        let head = owner.head().await?;
        ensure!((head.version, head.schema_version) == (before.version(), before.compatible_from()), "{head:?}");
        psql.run("UPDATE book SET title = 'c'")?;
        let status = owner.migration_status(&schema).await?;
        let applied = status.iter().filter(|migration| migration.applied_on.is_some()).count();
        ensure!(applied == before.up.len() && status.len() == schema.up.len(), "{status:?}");
    }

    async fn a_migration_that_fails_leaves_everything_as_it_was(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut owner, mut psql) = (owner(&catalogue).await?, catalogue.psql()?);
        let broken = ("broken", "CREATE TABLE half (id int); SELECT 1/0;", "");
        let schema = with(&[COLOUR, broken])?;
        let failed = owner.migrate(&schema).await;
        let words = failed.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
        ensure!(matches!(failed, Err(Error::Migration(MigrationError::Failed { .. }))), "{words}");
        ensure!(words.contains(&format!("migration V{} (broken) failed", schema.version())), "{words}");
        // The server's own words, whatever language it speaks.
        ensure!(words.to_lowercase().contains("division"), "{words}");
        // The one before it stays: each is a transaction of its own.
        ensure!(owner.head().await?.version == schema.version() - 1);
        ensure!(psql.value("SELECT to_regclass('half') IS NULL")? == "t");
        ensure!(psql.value("SELECT max(version) FROM refinery_schema_history")? == (schema.version() - 1).to_string());
    }

    async fn a_way_back_that_fails_leaves_everything_as_it_was(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut owner, mut psql) = (owner(&catalogue).await?, catalogue.psql()?);
        let stuck = ("stuck", "CREATE TABLE extra (id int);", "DROP TABLE extra; DROP TABLE nothing_of_this_name;");
        let schema = with(&[stuck])?;
        owner.migrate(&schema).await?;
        let failed = owner.roll_back_migration(&schema).await;
        ensure!(matches!(failed, Err(Error::Migration(MigrationError::Failed { .. }))), "{failed:?}");
        ensure!(psql.value("SELECT to_regclass('extra') IS NOT NULL")? == "t");
        ensure!(owner.head().await?.version == schema.version());
    }

    async fn an_applied_migration_whose_text_was_changed_is_refused(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut owner = owner(&catalogue).await?;
        let applied = with(&[COLOUR])?;
        owner.migrate(&applied).await?;
        let edited = (COLOUR.0, "ALTER TABLE book ADD COLUMN colour int;", COLOUR.2);
        let schema = with(&[edited, ("more", "CREATE TABLE more (id int);", "")])?;
        let expected = Err(Error::Migration(MigrationError::Edited { version: schema.version() - 1, name: "colour".to_owned() }));
        ensure!(owner.migrate(&schema).await == expected);
        ensure!(owner.roll_back_migration(&schema).await == expected);
        ensure!(catalogue.psql()?.value("SELECT to_regclass('more') IS NULL")? == "t");
    }

    async fn a_catalogue_that_a_newer_program_has_migrated_is_left_alone(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut owner = owner(&catalogue).await?;
        owner.migrate(&with(&[COLOUR])?).await?;
        let ours = CentralSchema::embedded()?;
        let (found, known) = (ours.version() + 1, ours.version());
        let expected = Err(Error::Migration(MigrationError::Newer { found, known }));
        ensure!(owner.migrate(&ours).await == expected);
        ensure!(owner.roll_back_migration(&ours).await == expected);
        let opened = Central::new(catalogue.settings()).open().await.map(|_| ());
        ensure!(opened == Err(Error::ServerNewer { found, known, oldest: found }));
    }

    async fn two_who_migrate_at_once_apply_each_migration_once(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let (mut one, mut other) = (owner(&catalogue).await?, owner(&catalogue).await?);
        let schema = with(&[COLOUR])?;
        let (first, second) = tokio::join!(one.migrate(&schema), other.migrate(&schema));
        let mut applied = [first?.versions, second?.versions].concat();
        applied.sort_unstable();
        ensure!(applied == schema.up.iter().map(Migration::version).collect::<Vec<_>>(), "{applied:?}");
    }

    async fn who_writes_while_it_is_migrated_is_let_go_first(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut owner = owner(&catalogue).await?;
        let schema = with(&[("two", "ALTER TABLE contribution ADD COLUMN one text; ALTER TABLE book ADD COLUMN other text;", "")])?;
        let (mut writer, mut watcher) = (catalogue.psql()?, catalogue.psql()?);
        writer.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        // As on any server. The tests' own look for a deadlock after less time than a step waits for a lock.
        writer.run("SET deadlock_timeout = '1s'")?;
        writer.run("BEGIN; INSERT INTO book (author_id, title) SELECT id, 'b' FROM author")?;
        // In the opposite order to the step: first books, then contributions. The two would wait for each other.
        let writing = tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
            const WAITS: &str = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'book'::regclass";
            let waits = || watcher.value(WAITS).is_ok_and(|waiting| waiting != "0");
            ensure!(std::iter::repeat_with(waits).take(100_000).any(|waits| waits), "the step never waited for the books");
            writer.run("INSERT INTO contribution (book_id, author_id, role, position) SELECT id, author_id, 'editor', 1 FROM book")?;
            writer.run("COMMIT")?;
            Ok(())
        });
        let (migrated, written) = tokio::join!(owner.migrate(&schema), writing);
        written??;
        ensure!(migrated?.versions == [schema.version()]);
        ensure!(catalogue.psql()?.value("SELECT count(*) FROM contribution WHERE one IS NULL")? == "1");
    }

    async fn a_step_that_somebody_keeps_out_says_so_and_leaves_nothing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let limits = Limits { statement: std::time::Duration::from_secs(1), ..Limits::default() };
        let mut owner = Central::with_limits(catalogue.as_superuser(), limits).connect().await?;
        let mut idle = catalogue.psql()?;
        idle.run("BEGIN; SELECT * FROM book")?;
        let schema = with(&[COLOUR])?;
        let kept_out = owner.migrate(&schema).await;
        ensure!(matches!(kept_out, Err(Error::Migration(MigrationError::InTheWay { .. }))), "{kept_out:?}");
        ensure!(owner.head().await?.version == schema.version() - 1);
        idle.run("COMMIT")?;
        ensure!(owner.migrate(&schema).await?.versions == [schema.version()]);
    }

    async fn a_preparation_that_was_interrupted_is_gone_on_with(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let name = catalogue.name();
        // Roles and schema are committed before anything else is made.
        cluster.psql()?.run(&format!("CREATE ROLE {name}_owner NOLOGIN; CREATE ROLE {name}_editor NOLOGIN; CREATE SCHEMA {name}"))?;
        let mut owner = owner(&catalogue).await?;
        let report = owner.migrate(&CentralSchema::embedded()?).await?;
        ensure!(report.versions.len() == CentralSchema::embedded()?.up.len() && report.missing_roles.is_empty(), "{report:?}");
        catalogue.add_login("ann", "editor")?;
        catalogue.psql_of("ann")?.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        let login = format!("SELECT rolcanlogin FROM pg_roles WHERE rolname = '{name}_owner'");
        ensure!(cluster.psql()?.value(&login)? == if cluster.is_given() { "t" } else { "f" });
    }

    async fn a_migration_may_say_what_looks_like_the_end_of_a_statement(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let tricky = (
            "tricky",
            "/* ; /* ; */ */ CREATE TABLE extra (it text DEFAULT E'a\\';b', \"semi;colon\" text DEFAULT ';'); -- ;
             CREATE FUNCTION say() RETURNS text LANGUAGE plpgsql AS $body$ BEGIN RETURN $$;$$; END $body$;
             INSERT INTO extra DEFAULT VALUES",
            "DROP TABLE extra; DROP FUNCTION say();",
        );
        owner(&catalogue).await?.migrate(&with(&[tricky])?).await?;
        ensure!(catalogue.psql()?.run("SELECT it, \"semi;colon\", say() FROM extra")? == ["a';b|;|;"]);
    }
}
