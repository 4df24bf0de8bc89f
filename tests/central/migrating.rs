//! Central migrations: up, down, and every reason not to.

use anyhow::ensure;
use colophon_sync::central::{Central, CentralSchema, Connection, Error, MigrationError};
use colophon_tests::migrations::central_with as with;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use refinery::Migration;

const OBJECTS: &str =
    "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S')
    AND relname <> 'refinery_schema_history'";
const FUNCTIONS: &str = "SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace";
const COLOUR: (&str, &str, &str) = (
    "colour",
    "ALTER TABLE book ADD COLUMN colour text; SELECT track('book');",
    "ALTER TABLE book DROP COLUMN colour; SELECT track('book');",
);

async fn owner(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<Connection> {
    Ok(Central::new(catalogue.as_superuser()).connect().await?)
}

on_each_release! {
    async fn a_catalogue_is_made_and_taken_away_and_made_again(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let mut owner = owner(&catalogue).await?;
        let schema = CentralSchema::embedded()?;
        let steps: Vec<i32> = schema.up.iter().map(Migration::version).collect();
        for _ in 0..2 {
            let report = owner.migrate(&schema).await?;
            ensure!(report.versions == steps && report.missing_roles.is_empty(), "{report:?}");
            owner.head().await?.check_version()?;
            let mut psql = catalogue.psql()?;
            psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
            ensure!(owner.migrate(&schema).await?.versions.is_empty(), "the second time there was something to do");
            for step in steps.iter().rev() {
                ensure!(owner.roll_back_migration(&schema).await?.versions == [*step]);
            }
            ensure!(psql.value(OBJECTS)? == "0" && psql.value(FUNCTIONS)? == "0");
        }
        let nothing = owner.roll_back_migration(&schema).await;
        ensure!(nothing == Err(Error::Migration(MigrationError::NothingToRollBack)));
    }

    async fn a_migration_adds_a_column_and_its_way_back_removes_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut owner, mut psql) = (owner(&catalogue).await?, catalogue.psql()?);
        let before = owner.head().await?.schema_version;
        let schema = with(&[COLOUR])?;
        ensure!(owner.migrate(&schema).await?.versions == [schema.version()]);
        ensure!(owner.head().await?.schema_version == schema.version());
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        psql.run("INSERT INTO book (author_id, title, colour) SELECT id, 'b', 'red' FROM author")?;
        psql.run("UPDATE book SET colour = 'blue'")?;
        ensure!(psql.run("SELECT old FROM history")? == [r#"{"colour": "red"}"#]);
        let status = owner.migration_status(&schema).await?;
        ensure!(status.iter().all(|migration| migration.applied_on.is_some()), "{status:?}");
        ensure!(owner.roll_back_migration(&schema).await?.versions == [schema.version()]);
        ensure!(owner.head().await?.schema_version == before);
        psql.run("UPDATE book SET title = 'c'")?;
        let status = owner.migration_status(&schema).await?;
        let waiting: Vec<i32> =
            status.iter().filter(|step| step.applied_on.is_none()).map(|step| step.version).collect();
        ensure!(waiting == [schema.version()], "{status:?}");
    }

    async fn a_migration_that_fails_leaves_everything_as_it_was(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut owner, mut psql) = (owner(&catalogue).await?, catalogue.psql()?);
        let broken = ("broken", "CREATE TABLE half (id int); SELECT 1/0;", "");
        let schema = with(&[COLOUR, broken])?;
        let failed = owner.migrate(&schema).await;
        let words = failed.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
        ensure!(matches!(failed, Err(Error::Migration(MigrationError::Failed { .. }))), "{words}");
        ensure!(words.contains(&format!("migration V{} (broken) failed", schema.version())) && words.contains("division by zero"), "{words}");
        // The one before it stays: each is a transaction of its own.
        let last = schema.version() - 1;
        ensure!(owner.head().await?.schema_version == last);
        ensure!(psql.value("SELECT to_regclass('half') IS NULL")? == "t");
        ensure!(psql.value("SELECT max(version) FROM refinery_schema_history")? == last.to_string());
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
        ensure!(owner.head().await?.schema_version == schema.version());
    }

    async fn an_applied_migration_whose_text_was_changed_is_refused(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut owner = owner(&catalogue).await?;
        let applied = with(&[COLOUR])?;
        owner.migrate(&applied).await?;
        let edited = (COLOUR.0, "ALTER TABLE book ADD COLUMN colour int;", COLOUR.2);
        let schema = with(&[edited, ("more", "CREATE TABLE more (id int);", "")])?;
        let expected = Err(Error::Migration(MigrationError::Edited { version: applied.version(), name: "colour".to_owned() }));
        ensure!(owner.migrate(&schema).await == expected);
        ensure!(owner.roll_back_migration(&schema).await == expected);
        ensure!(catalogue.psql()?.value("SELECT to_regclass('more') IS NULL")? == "t");
    }

    async fn a_catalogue_that_a_newer_program_has_migrated_is_left_alone(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut owner = owner(&catalogue).await?;
        let (newer, ours) = (with(&[COLOUR])?, CentralSchema::embedded()?);
        owner.migrate(&newer).await?;
        let (found, known) = (newer.version(), ours.version());
        let expected = Err(Error::Migration(MigrationError::Newer { found, known }));
        ensure!(owner.migrate(&ours).await == expected);
        ensure!(owner.roll_back_migration(&ours).await == expected);
        let opened = Central::new(catalogue.settings()).open().await.map(|_| ());
        ensure!(opened == Err(Error::ServerNewer { found, known }));
    }

    async fn two_who_migrate_at_once_apply_each_migration_once(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let (mut one, mut other) = (owner(&catalogue).await?, owner(&catalogue).await?);
        let schema = with(&[COLOUR])?;
        let (first, second) = tokio::join!(one.migrate(&schema), other.migrate(&schema));
        let mut applied = [first?.versions, second?.versions].concat();
        applied.sort_unstable();
        ensure!(applied.iter().copied().eq(schema.up.iter().map(Migration::version)), "{applied:?}");
    }
}
