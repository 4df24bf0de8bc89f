//! What the sync makes for another application, compared with what Colophon's migrations have made.

use anyhow::ensure;
use colophon_sync::central::CentralSchema;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

/// Differs by nature: it names the columns of Colophon's first version, for programs of that time.
const KNOWS_COLOPHONS_COLUMNS: &str = "open_statement";
/// Tables of the machinery, and the one entity that every application has.
const TABLES: &str = "('catalogue_head', 'lineage', 'tombstone', 'history', 'device', 'batch', 'conflict')";

/// What each schema is asked, giving one line for each thing, with the schema's name taken out.
fn questions(schema: &str) -> [String; 3] {
    [
        // Made for a table, or about authors.
        format!(
            "SELECT proname || ' ' || md5(replace(pg_get_functiondef(oid), '{schema}', '')) FROM pg_proc
              WHERE pronamespace = '{schema}'::regnamespace AND proname <> '{KNOWS_COLOPHONS_COLUMNS}'
                AND (proname NOT LIKE 'record_update_%' OR proname = 'record_update_conflict')
                AND proname NOT IN ('follow_name', 'sort_name_of', 'belongs_to_family_name') ORDER BY 1"
        ),
        format!(
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) FROM information_schema.columns
              WHERE table_schema = '{schema}' AND table_name IN {TABLES} AND (table_name, column_name) <> ('catalogue_head', 'version')
              ORDER BY 1"
        ),
        format!(
            "SELECT replace(indexdef, '{schema}', '') FROM pg_indexes WHERE schemaname = '{schema}' AND tablename IN {TABLES} ORDER BY 1"
        ),
    ]
}

on_each_release! {
    async fn an_application_has_the_machinery_that_colophon_has(cluster: &Cluster) {
        let colophon = CentralCatalogue::new(cluster).await?;
        let thing = "CREATE TABLE thing (id uuid PRIMARY KEY, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
            revision bigint NOT NULL DEFAULT 0); SELECT track('thing');";
        let schema = CentralSchema::for_application(&[("V1__things", thing, "DROP TABLE thing;")])?;
        let other = CentralCatalogue::of_schema(cluster, &schema).await?;
        let (mut here, mut there) = (colophon.psql()?, other.psql()?);
        let of = |catalogue: &CentralCatalogue<'_>| questions(catalogue.name().as_str());
        for (ours, theirs) in of(&colophon).iter().zip(&of(&other)) {
            let (ours, theirs) = (here.run(ours)?, there.run(theirs)?);
            let only_one: Vec<_> = ours.iter().filter(|line| !theirs.contains(line))
                .chain(theirs.iter().filter(|line| !ours.contains(line))).collect();
            ensure!(!ours.is_empty() && only_one.is_empty(), "{only_one:#?}");
        }

        // It stays when the application's own migrations are taken back and applied again, and so does what it counts.
        there.run("INSERT INTO thing VALUES (gen_random_uuid(), now(), now())")?;
        other.roll_back(&schema).await?;
        ensure!(there.value("SELECT version || ' ' || revision FROM catalogue_head")? == "0 1");
        other.migrate(&schema).await?;
        other.migrate(&schema).await?;
        ensure!(there.value("SELECT version || ' ' || revision FROM catalogue_head")? == "1 1");
    }
}
