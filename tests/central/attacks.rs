//! What a login can make of the catalogue's own machinery without having been given the right: nothing.

use anyhow::ensure;
use colophon_sync::central::{Central, CentralSchema, CentralSettings};
use colophon_tests::device::Device;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Psql};
use uuid::Uuid;

/// What the server says to somebody who may not.
const DENIED: &str = "42501";
/// What it says to somebody who poses as another's device.
const OF_ANOTHER: &str = "KD001";

/// The functions that everybody may call.
const OPEN_TO_ALL: &str = "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)";

/// A table of one's own with what a book has, but of another type: its cast to JSON is a function that takes over the
/// catalogue.
const TRAP: &str = "
    CREATE TYPE pg_temp.trap AS ENUM ('x');
    CREATE FUNCTION pg_temp.spring(v pg_temp.trap) RETURNS json LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE format('UPDATE %I.author SET name = ''taken over''', current_setting('my.catalogue'));
        RETURN '1'; END $$;
    CREATE CAST (pg_temp.trap AS json) WITH FUNCTION pg_temp.spring(pg_temp.trap);
    CREATE TEMP TABLE mine (id uuid DEFAULT gen_random_uuid(), author_id uuid, title pg_temp.trap, updated_at timestamptz, revision bigint);
    INSERT INTO mine (title) VALUES ('x')";

/// A login of each kind: with the reader's role, with the editor's, and with none, but allowed to look into the schema.
fn logins(catalogue: &CentralCatalogue<'_>, cluster: &Cluster) -> anyhow::Result<Vec<Psql>> {
    let name = catalogue.name();
    catalogue.add_login("rita", "reader")?;
    cluster.psql()?.run(&format!(
        "CREATE ROLE {name}_guest LOGIN; GRANT USAGE ON SCHEMA {name} TO {name}_guest"
    ))?;
    ["rita", "ann", "guest"]
        .into_iter()
        .map(|login| catalogue.psql_of(login))
        .collect()
}

/// A device as it registers itself, with a batch.
fn register(psql: &mut Psql, device: Uuid, number: u32) -> anyhow::Result<()> {
    psql.run(&format!(
        "WITH registered AS (INSERT INTO device AS d (id, name, app_version, last_batch, acknowledged_revision)
           VALUES ('{device}', 'a device', '1', {number}, 0)
           ON CONFLICT (id) DO UPDATE SET last_batch = excluded.last_batch, last_seen = excluded.last_seen RETURNING id)
         INSERT INTO batch (device, number, token, revision, result) SELECT id, {number}, gen_random_uuid(), 0, '[]' FROM registered"
    ))?;
    Ok(())
}

on_each_release! {
    async fn no_function_of_the_catalogue_can_be_called_by_everybody_not_even_one_that_a_later_migration_makes(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        ensure!(psql.run(OPEN_TO_ALL)?.is_empty(), "{:?}", psql.run(OPEN_TO_ALL)?);
        let mut schema = CentralSchema::embedded()?;
        let name = format!("V{}__shelf", schema.version() + 1);
        let later = CentralSchema::new(&[(
            name.as_str(),
            "CREATE TABLE shelf (id uuid PRIMARY KEY, name text, updated_at timestamptz, revision bigint NOT NULL DEFAULT 0); SELECT track('shelf');
             CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "DROP TABLE shelf; DROP FUNCTION sly(); DROP FUNCTION record_update_shelf();",
        )])?;
        schema.up.extend(later.up);
        schema.down.extend(later.down);
        let mut owner = Central::new(catalogue.as_superuser()).connect().await?;
        owner.migrate(&schema).await?;
        ensure!(psql.value("SELECT count(*) FROM pg_proc WHERE proname IN ('sly', 'record_update_shelf') AND pronamespace = current_schema()::regnamespace")? == "2");
        ensure!(psql.run(OPEN_TO_ALL)?.is_empty(), "{:?}", psql.run(OPEN_TO_ALL)?);
        owner.roll_back_migration(&schema).await?;
        ensure!(psql.run(OPEN_TO_ALL)?.is_empty(), "{:?}", psql.run(OPEN_TO_ALL)?);
    }

    async fn nobody_can_make_a_trigger_of_ours_one_of_a_table_of_their_own(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        let functions = psql.run("SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype")?;
        ensure!(functions.len() >= 12, "{functions:?}");
        for mut login in logins(&catalogue, cluster)? {
            login.run(TRAP)?;
            for function in &functions {
                for arguments in ["'book'", "'author', 'book'", ""] {
                    let answer = login.run(&format!("CREATE TRIGGER t AFTER DELETE ON mine REFERENCING OLD TABLE AS before
                        FOR EACH STATEMENT EXECUTE FUNCTION {}.{function}({arguments})", catalogue.name()));
                    ensure!(answer.as_ref().is_err_and(|error| error.code == DENIED), "{function}: {answer:?}");
                }
            }
        }
    }

    async fn a_trigger_of_ours_on_another_table_ends_before_it_looks_at_a_row(cluster: &Cluster) {
        // As if somebody had been given the right after all, by an administrator who grants too much.
        let catalogue = CentralCatalogue::new(cluster).await?;
        let name = catalogue.name();
        let mut psql = catalogue.psql()?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        let before = psql.value("SELECT revision FROM catalogue_head")?;
        for (index, mut login) in logins(&catalogue, cluster)?.into_iter().enumerate() {
            psql.run(&format!("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {name} TO {name}_rita, {name}_ann, {name}_guest"))?;
            login.run(&format!("SET my.catalogue = '{name}'"))?;
            login.run(TRAP)?;
            for (function, when, tables) in [
                ("open_statement('book')", "BEFORE DELETE", ""),
                ("record_delete('book')", "AFTER DELETE", "REFERENCING OLD TABLE AS before"),
                ("record_insert('book')", "AFTER INSERT", "REFERENCING NEW TABLE AS inserted"),
                ("record_update_book()", "AFTER UPDATE", "REFERENCING OLD TABLE AS before NEW TABLE AS after"),
            ] {
                login.run(&format!("CREATE TRIGGER t {when} ON mine {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}.{function}"))?;
                let statement = match when {
                    "AFTER INSERT" => "INSERT INTO mine (title) VALUES ('x')",
                    "AFTER UPDATE" => "UPDATE mine SET title = 'x', revision = 1",
                    _ => "DELETE FROM mine",
                };
                let answer = login.run(statement);
                ensure!(answer.as_ref().is_err_and(|error| error.code == DENIED), "{index} {function}: {answer:?}");
                login.run("DROP TRIGGER t ON mine")?;
            }
            // A table with the same name as one of ours is a different table.
            login.run("CREATE TEMP TABLE book (id uuid, title text, updated_at timestamptz, revision bigint)")?;
            login.run(&format!("CREATE TRIGGER t BEFORE INSERT ON pg_temp.book FOR EACH STATEMENT EXECUTE FUNCTION {name}.open_statement('book')"))?;
            let answer = login.run("INSERT INTO pg_temp.book DEFAULT VALUES");
            ensure!(answer.as_ref().is_err_and(|error| error.code == DENIED), "{answer:?}");
        }
        ensure!(psql.value("SELECT revision FROM catalogue_head")? == before);
        ensure!(psql.value("SELECT (SELECT count(*) FROM tombstone) || ' ' || (SELECT count(*) FROM history) || ' ' || name FROM author")? == "0 0 a");
    }

    async fn what_is_kept_as_json_has_no_type_of_somebody_else(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut psql, name) = (catalogue.psql()?, catalogue.name());
        psql.run(&format!("CREATE ROLE {name}_poet; CREATE TYPE public.{name}_mood AS ENUM ('x'); ALTER TYPE public.{name}_mood OWNER TO {name}_poet"))?;
        psql.run(&format!("ALTER TABLE book ADD COLUMN mood public.{name}_mood"))?;
        let answer = psql.run("SELECT track('book')");
        ensure!(answer.as_ref().is_err_and(|error| error.code == DENIED && error.message.contains("book.mood")), "{answer:?}");
    }

    async fn a_login_writes_only_the_rows_of_its_own_devices_and_batches(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.add_login("bob", "editor")?;
        let (mut ann, mut bob) = (catalogue.psql_as_device("ann")?, catalogue.psql_as_device("bob")?);
        let (anns, bobs) = (Uuid::from_u128(0xa), Uuid::from_u128(0xb));
        register(&mut ann, anns, 1)?;
        register(&mut bob, bobs, 1)?;
        register(&mut ann, anns, 2)?;
        for statement in [
            format!("UPDATE device SET acknowledged_revision = 1000000 WHERE id = '{anns}'"),
            format!("UPDATE device SET last_batch = 1000000 WHERE id = '{anns}'"),
            format!("INSERT INTO device (id, name, app_version) VALUES ('{anns}', 'b', '1') ON CONFLICT (id) DO UPDATE SET name = 'b'"),
            format!("INSERT INTO batch (device, number, token, revision, result) VALUES ('{anns}', 9, gen_random_uuid(), 0, '[]')"),
            format!("DELETE FROM batch WHERE device = '{anns}'"),
            format!("BEGIN; SET LOCAL colophon.device = '{anns}'; INSERT INTO author (name, sort_name) VALUES ('a', 'a'); UPDATE author SET name = 'b'"),
            "ROLLBACK; UPDATE device SET acknowledged_revision = 5".to_owned(),
        ] {
            let answer = bob.run(&statement);
            ensure!(answer.as_ref().is_err_and(|error| error.code == OF_ANOTHER && error.message.contains("permission denied")), "{statement}: {answer:?}");
        }
        // Whose a device is, and when it was there, is for the server to say.
        bob.run(&format!("INSERT INTO device (id, name, app_version, username, last_seen, was_here) VALUES (gen_random_uuid(), 'c', '1', '{}_ann', '2001-01-01', '2001-01-01')", catalogue.name()))?;
        let mut psql = catalogue.psql()?;
        ensure!(psql.run("SELECT username LIKE '%_bob', last_seen > now() - interval '1 hour', was_here > now() - interval '1 hour' FROM device WHERE name = 'c'")? == ["t|t|t"]);
        let sly = bob.run(&format!("INSERT INTO batch (device, number, token, revision, result) VALUES ('{bobs}', 9, gen_random_uuid(), 1, '[]')"));
        ensure!(sly.as_ref().is_err_and(|error| error.code == DENIED), "a revision of somebody else's: {sly:?}");
        // An administrator may.
        psql.run("DELETE FROM batch; UPDATE device SET acknowledged_revision = 0")?;
    }

    async fn a_file_that_two_people_share_is_a_device_of_its_own_for_each_who_takes_it_over(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.add_login("bob", "editor")?;
        let bobs = CentralSettings { user: format!("{}_bob", catalogue.name()), ..catalogue.settings() };
        let device = Device::new();
        let author = device.author("Homer").await?;
        device.round(catalogue.settings()).await?;
        device.rename(author.id, "Homeros").await?;
        device.round(bobs.clone()).await?;
        ensure!(device.pending().await? == 0);
        let mut psql = catalogue.psql()?;
        ensure!(psql.value("SELECT name FROM author")? == "Homeros");
        ensure!(psql.value("SELECT count(DISTINCT username) FROM device")? == "2");
        ensure!(psql.value("SELECT changed_by LIKE '%_bob' FROM history")? == "t");
        // By stages, as many rows go.
        for number in 0..100 {
            device.author(&format!("author {number}")).await?;
        }
        device.round(catalogue.settings()).await?;
        ensure!(device.pending().await? == 0 && psql.value("SELECT count(*) FROM author")? == "101");
        ensure!(device.conflicts().await?.is_empty());
    }

    async fn a_device_whose_login_was_renamed_goes_on_with_the_new_one(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let name = catalogue.name();
        let device = Uuid::from_u128(0xa);
        register(&mut catalogue.psql_of("ann")?, device, 1)?;
        let mut psql = catalogue.psql()?;
        psql.run(&format!("ALTER ROLE {name}_ann RENAME TO {name}_anna"))?;
        register(&mut catalogue.psql_of("anna")?, device, 2)?;
        ensure!(psql.run("SELECT username, last_batch FROM device")? == [format!("{name}_anna|2")]);
    }

    async fn the_time_of_an_edit_lies_between_the_last_visit_and_now(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut ann = catalogue.psql_as_device("ann")?;
        let device = Uuid::from_u128(0xa);
        ann.run("INSERT INTO author (name, sort_name) VALUES ('a', 'a')")?;
        register(&mut ann, device, 1)?;
        let mut psql = catalogue.psql()?;
        for (number, offset) in [(1, "-315360000000000"), (2, "315360000000000")] {
            ann.run(&format!("BEGIN; SET LOCAL colophon.device = '{device}'; SET LOCAL colophon.clock_offset = '{offset}'"))?;
            ann.run(&format!("UPDATE author SET name = 'b{number}'; COMMIT"))?;
        }
        let between = "SELECT changed_at BETWEEN was_here AND now() FROM history JOIN device ON device.id = device";
        ensure!(psql.run(between)? == ["t", "t"], "{:?}", psql.run("SELECT changed_at, was_here FROM history, device")?);
        // Away for a day: what was edited since then keeps its age.
        psql.run("UPDATE device SET was_here = now() - interval '1 day'")?;
        ann.run(&format!("BEGIN; SET LOCAL colophon.device = '{device}'; SET LOCAL colophon.clock_offset = '-7200000000'"))?;
        ann.run("UPDATE author SET name = 'c', updated_at = now(); COMMIT")?;
        ensure!(psql.value("SELECT now() - changed_at BETWEEN '119 minutes' AND '121 minutes' FROM history ORDER BY number DESC LIMIT 1")? == "t");
    }
}
