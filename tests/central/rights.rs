//! The catalogue's roles: who may do what.

use anyhow::ensure;
use colophon_sync::central::{Central, CentralSchema, CentralSettings, Error, Password};
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

const AUTHOR: &str = "INSERT INTO author (name, sort_name) VALUES ('a', 'a')";
/// What the server says to somebody who may not.
const DENIED: &str = "42501";

on_each_release! {
    async fn an_editor_has_the_rows_and_nothing_else(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut editor = catalogue.psql_of("ann")?;
        editor.run(AUTHOR)?;
        editor.run("UPDATE author SET notes = 'n'")?;
        editor.run("DELETE FROM author")?;
        for statement in [
            "TRUNCATE author",
            "ALTER TABLE author ADD COLUMN more text",
            "ALTER TABLE author DISABLE TRIGGER USER",
            "DROP TABLE author",
            "CREATE TABLE mine (id int)",
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "UPDATE catalogue_head SET revision = 0",
            "DELETE FROM catalogue_head",
            "INSERT INTO tombstone (entity, id, revision, content, deleted_at, deleted_by) VALUES ('author', gen_random_uuid(), 1, '{}', now(), 'x')",
            "DELETE FROM tombstone",
            "DELETE FROM history",
            "UPDATE history SET old = '{}'",
            "UPDATE batch SET result = '[]'",
            "DELETE FROM device",
            "DELETE FROM refinery_schema_history",
            "SELECT track('author')",
            "SELECT grant_roles()",
            "SELECT refuse_other_revision('author', 1)",
        ] {
            let answer = editor.run(statement);
            ensure!(answer.as_ref().is_err_and(|error| error.code == DENIED), "{statement}: {answer:?}");
        }
    }

    async fn a_reader_reads_everything_and_writes_nothing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(AUTHOR)?;
        catalogue.add_login("rita", "reader")?;
        let mut reader = catalogue.psql_of("rita")?;
        for table in ["author", "book", "contribution", "tag", "tagging", "author_name", "identifier", "conflict", "tombstone", "history", "catalogue_head", "device", "batch"] {
            reader.run(&format!("SELECT * FROM {table}"))?;
        }
        for statement in [AUTHOR, "UPDATE author SET name = 'b'", "DELETE FROM author", "SELECT open_revision()",
            "SELECT attempt('{}', '{}', '{}')"] {
            let answer = reader.run(statement);
            ensure!(answer.as_ref().is_err_and(|error| error.code == DENIED), "{statement}: {answer:?}");
        }
    }

    async fn the_editors_of_one_catalogue_are_nobody_in_another(cluster: &Cluster) {
        let (ours, theirs) = (CentralCatalogue::new(cluster).await?, CentralCatalogue::new(cluster).await?);
        let mut editor = ours.psql_of("ann")?;
        let answer = editor.run(&format!("SELECT * FROM {}.author", theirs.name()));
        ensure!(answer.is_err_and(|error| error.code == DENIED));
    }

    async fn what_a_migration_makes_belongs_to_the_catalogues_owners(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let owners = format!(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = '{0}'
             UNION SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE pronamespace = '{0}'::regnamespace",
            catalogue.name()
        );
        ensure!(catalogue.psql()?.run(&owners)? == [format!("{}_owner", catalogue.name())]);
    }

    async fn every_function_that_runs_with_its_owners_rights_has_a_fixed_search_path(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let loose = format!(
            "SELECT proname FROM pg_proc WHERE pronamespace = '{}'::regnamespace AND prosecdef
             AND NOT coalesce(proconfig, '{{}}') @> ARRAY['search_path=pg_catalog, pg_temp']",
            catalogue.name()
        );
        ensure!(catalogue.psql()?.run(&loose)?.is_empty());
    }

    async fn a_member_of_the_owners_may_migrate_what_another_has_made(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.add_login("olga", "owner")?;
        let schema = CentralSchema::embedded()?;
        let olga = CentralSettings { user: format!("{}_olga", catalogue.name()), ..catalogue.settings() };
        let mut connection = Central::new(olga).connect().await?;
        let report = connection.roll_back_migration(&schema).await?;
        ensure!(report.versions == [schema.version()]);
        let report = connection.migrate(&schema).await?;
        ensure!(report.versions == [schema.version()] && report.missing_roles.is_empty(), "{report:?}");
    }

    async fn who_may_not_make_roles_is_told_and_has_a_catalogue_nevertheless(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let name = catalogue.name();
        let mut superuser = cluster.psql()?;
        superuser.run(&format!("CREATE ROLE {name}_poor LOGIN PASSWORD 'secret'; GRANT CREATE ON DATABASE postgres TO {name}_poor"))?;
        let poor = CentralSettings { user: format!("{name}_poor"), password: Some(Password::new("secret")), ..catalogue.settings() };
        let schema = CentralSchema::embedded()?;
        let mut connection = Central::new(poor.clone()).connect().await?;
        let report = connection.migrate(&schema).await?;
        let roles = ["owner", "reader", "editor"].map(|role| format!("{name}_{role}"));
        ensure!(report.missing_roles == roles, "{report:?}");
        Central::new(poor.clone()).open().await?;
        // Later an administrator makes a role, and the next migration gives it its rights.
        superuser.run(&format!("CREATE ROLE {name}_editor; CREATE ROLE {name}_ann LOGIN PASSWORD 'secret' IN ROLE {name}_editor"))?;
        let report = connection.migrate(&schema).await?;
        ensure!(report.missing_roles == roles[..2], "{report:?}");
        catalogue.psql_of("ann")?.run(AUTHOR)?;
    }

    async fn who_may_make_roles_but_is_no_superuser_can_migrate(cluster: &Cluster) {
        let catalogue = CentralCatalogue::unmade(cluster)?;
        let name = catalogue.name();
        let make = format!("CREATE ROLE {name}_admin LOGIN CREATEROLE PASSWORD 'secret'; GRANT CREATE ON DATABASE postgres TO {name}_admin");
        cluster.psql()?.run(&make)?;
        let admin = CentralSettings { user: format!("{name}_admin"), password: Some(Password::new("secret")), ..catalogue.settings() };
        let report = Central::new(admin).connect().await?.migrate(&CentralSchema::embedded()?).await?;
        ensure!(report.missing_roles.is_empty(), "{report:?}");
        let owners = format!("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = '{name}' AND tablename <> 'refinery_schema_history'");
        ensure!(cluster.psql()?.run(&owners)? == [format!("{name}_owner")]);
        catalogue.add_login("ann", "editor")?;
        catalogue.psql_of("ann")?.run(AUTHOR)?;
    }

    async fn a_login_without_the_editors_role_is_told_what_to_ask_for(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let name = catalogue.name();
        cluster.psql()?.run(&format!("CREATE ROLE {name}_guest LOGIN PASSWORD 'secret'"))?;
        let guest = CentralSettings { user: format!("{name}_guest"), ..catalogue.settings() };
        let refused = Central::new(guest).open().await.map(|_| ());
        let words = refused.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
        ensure!(matches!(refused, Err(Error::NotAllowed { .. })), "{words}");
        ensure!(words.contains(&format!("grant {name}_editor to {name}_guest")), "{words}");
    }
}
