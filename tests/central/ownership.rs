//! Who owns a catalogue: whoever migrates runs nothing of a stranger's, and what was restored without its owners gets
//! them back.

use anyhow::ensure;
use colophon_sync::central::{Central, CentralSchema, CentralSettings, Error, MigrationError, Password};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

/// A login that may make schemas, with a password.
fn add_mallory(catalogue: &CentralCatalogue<'_>, cluster: &Cluster) -> anyhow::Result<()> {
    let name = catalogue.name();
    let make = format!(
        "CREATE ROLE {name}_mallory LOGIN PASSWORD 'secret'; GRANT CREATE ON DATABASE postgres TO {name}_mallory"
    );
    cluster.psql()?.run(&make)?;
    Ok(())
}

on_each_release! {
    async fn what_somebody_laid_out_for_whoever_migrates_is_not_run(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        add_mallory(&catalogue, cluster)?;
        let name = catalogue.name();
        let mut superuser = cluster.psql()?;
        superuser.run(&format!("CREATE TABLE public.{name}_sprung (who name); GRANT ALL ON public.{name}_sprung TO PUBLIC"))?;
        let mut mallory = catalogue.psql_of("mallory")?;
        mallory.run(&format!("CREATE SCHEMA {name}"))?;
        mallory.run(&format!(
            "CREATE FUNCTION {name}.spring() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO public.{name}_sprung VALUES (current_user); RETURN 1; END $$;
             CREATE VIEW {name}.refinery_schema_history AS
                SELECT {name}.spring() AS version, 'catalogue'::varchar AS name, ''::varchar AS applied_on, ''::varchar AS checksum"
        ))?;
        let schema = CentralSchema::embedded()?;
        let mut connection = Central::new(catalogue.as_superuser()).connect().await?;
        for attempt in 0..2 {
            for refused in [connection.migrate(&schema).await, connection.roll_back_migration(&schema).await] {
                let words = refused.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
                ensure!(matches!(refused, Err(Error::Migration(MigrationError::NotOurs { .. }))), "{words}");
                ensure!(words.contains(&format!("{name}_mallory")), "{words}");
            }
            let status = connection.migration_status(&schema).await;
            ensure!(matches!(status, Err(Error::Migration(MigrationError::NotOurs { .. }))), "{status:?}");
            ensure!(superuser.value(&format!("SELECT count(*) FROM public.{name}_sprung"))? == "0", "it was run");
            if attempt == 0 {
                // Nor when the schema alone was taken over.
                superuser.run(&format!("ALTER SCHEMA {name} OWNER TO postgres"))?;
            }
        }
        // The owner may do with it what they like.
        superuser.run(&format!("DROP SCHEMA {name} CASCADE"))?;
        let mallory = CentralSettings { user: format!("{name}_mallory"), password: Some(Password::new("secret")), ..catalogue.settings() };
        Central::new(mallory).connect().await?.migrate(&schema).await?;
    }

    async fn a_function_that_a_stranger_may_put_into_the_schema_is_not_called(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        add_mallory(&catalogue, cluster)?;
        let name = catalogue.name();
        cluster.psql()?.run(&format!("GRANT USAGE, CREATE ON SCHEMA {name} TO {name}_mallory"))?;
        // A better match than ours, which takes a name.
        catalogue.psql_of("mallory")?.run("CREATE FUNCTION track(entity text) RETURNS void LANGUAGE sql AS 'SELECT'")?;
        let mut connection = Central::new(catalogue.as_superuser()).connect().await?;
        let refused = connection.migrate(&CentralSchema::embedded()?).await;
        ensure!(matches!(&refused, Err(Error::Migration(MigrationError::NotOurs { what, .. })) if what == "the function track"), "{refused:?}");
    }

    async fn a_catalogue_restored_without_its_owners_is_handed_to_them(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let name = catalogue.name();
        let mut psql = catalogue.psql()?;
        // As pg_restore --no-owner leaves it: everything belongs to the login that restored it.
        let objects = format!("SELECT format('ALTER TABLE %s OWNER TO postgres', oid::regclass) FROM pg_class WHERE relnamespace = '{name}'::regnamespace AND relkind = 'r'
            UNION ALL SELECT format('ALTER ROUTINE %s OWNER TO postgres', oid::regprocedure) FROM pg_proc WHERE pronamespace = '{name}'::regnamespace");
        for statement in psql.run(&objects)? {
            psql.run(&statement)?;
        }
        let mut owner = Central::new(catalogue.as_superuser()).connect().await?;
        let report = owner.migrate(&CentralSchema::embedded()?).await?;
        ensure!(report.versions.is_empty() && report.missing_roles.is_empty(), "{report:?}");
        let owners = format!("SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = '{name}'::regnamespace
            UNION SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE pronamespace = '{name}'::regnamespace");
        ensure!(psql.run(&owners)? == [format!("{name}_owner")]);
        catalogue.psql_of("ann")?.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        ensure!(owner.roll_back_migration(&CentralSchema::embedded()?).await.is_ok());
    }

    async fn who_does_not_run_the_catalogue_is_told_who_may_migrate_it(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let refused = Central::new(catalogue.settings()).connect().await?.migrate(&CentralSchema::embedded()?).await;
        let words = refused.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
        ensure!(matches!(refused, Err(Error::Migration(MigrationError::NotOwner { .. }))), "{words}");
        ensure!(words.contains(&format!("GRANT {0}_owner TO {0}_ann", catalogue.name())), "{words}");
        ensure!(!words.contains("_editor"), "{words}");
    }

    async fn a_database_that_is_not_utf_8_is_refused_with_the_command_that_makes_one(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let database = format!("{}_latin", catalogue.name());
        cluster.psql()?.run(&format!("CREATE DATABASE {database} ENCODING 'LATIN1' TEMPLATE template0"))?;
        let settings = CentralSettings { database, ..catalogue.as_superuser() };
        for found in [Central::new(settings.clone()).connect().await.map(drop), Central::new(settings).open().await.map(drop)] {
            let words = found.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
            ensure!(matches!(&found, Err(Error::Encoding { encoding, .. }) if encoding == "LATIN1"), "{words}");
            ensure!(words.contains("createdb -T template0 -E UTF8"), "{words}");
        }
    }
}
