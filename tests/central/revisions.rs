//! The revision of the catalogue, as encountered by programs that know nothing of it.

use anyhow::ensure;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use crate::work::wait_until_blocked;

const AUTHOR: &str = "INSERT INTO author (name, sort_name) VALUES ('Ursula K. Le Guin', 'Le Guin, Ursula K.')";
const REVISION: &str = "SELECT revision FROM catalogue_head";

on_each_release! {
    async fn a_program_that_knows_only_author_and_book_has_its_rows_stamped(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run(AUTHOR)?;
        psql.run("INSERT INTO book (author_id, title) SELECT id, 'The Dispossessed' FROM author")?;
        ensure!(psql.value("SELECT revision FROM author")? == "1");
        ensure!(psql.value("SELECT revision FROM book")? == "2");
        ensure!(psql.value(REVISION)? == "2");
        psql.run("UPDATE book SET title = 'The Lathe of Heaven'")?;
        ensure!(psql.value("SELECT revision FROM book")? == "3");
    }

    async fn a_transaction_has_one_revision_however_many_statements_it_has(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        psql.run("BEGIN")?;
        for _ in 0..5 {
            psql.run(AUTHOR)?;
        }
        psql.run("INSERT INTO book (author_id, title) SELECT id, 'Rocannon''s World' FROM author")?;
        psql.run("UPDATE book SET published_year = 1966")?;
        psql.run("COMMIT")?;
        ensure!(psql.value("SELECT string_agg(DISTINCT revision::text, ',') FROM author")? == "1");
        ensure!(psql.value("SELECT string_agg(DISTINCT revision::text, ',') FROM book")? == "1");
        ensure!(psql.value(REVISION)? == "1");
    }

    async fn revisions_become_visible_in_their_order_however_long_a_transaction_is_held_open(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut slow, mut quick, mut reader) = (catalogue.psql()?, catalogue.psql()?, catalogue.psql()?);
        slow.run("BEGIN")?;
        slow.run("INSERT INTO author (name, sort_name) VALUES ('slow', 'slow')")?;
        let backend = quick.backend()?;
        quick.send("INSERT INTO author (name, sort_name) VALUES ('quick', 'quick')");
        wait_until_blocked(&mut reader, backend)?;
        // A reader waits for nobody, and what it is given is complete up to the head that it reads in the same
        // snapshot.
        ensure!(reader.value(REVISION)? == "0");
        ensure!(reader.value("SELECT count(*) FROM author")? == "0");
        slow.run("COMMIT")?;
        quick.answer()?;
        let order = reader.run("SELECT name || revision FROM author ORDER BY revision")?;
        ensure!(order == ["slow1", "quick2"]);
    }

    async fn a_savepoint_that_is_rolled_back_leaves_rows_and_head_consistent(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run("BEGIN; SAVEPOINT first")?;
        psql.run(AUTHOR)?;
        psql.run("ROLLBACK TO first")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('kept', 'kept')")?;
        psql.run("SAVEPOINT second")?;
        psql.run("UPDATE author SET name = 'undone'")?;
        psql.run("ROLLBACK TO second")?;
        psql.run("INSERT INTO author (name, sort_name) VALUES ('kept too', 'kept too')")?;
        psql.run("COMMIT")?;
        let rows = psql.run("SELECT name || revision FROM author ORDER BY name")?;
        ensure!(rows == ["kept1", "kept too1"]);
        ensure!(psql.value(REVISION)? == "1");
    }

    async fn after_a_rolled_back_savepoint_another_may_have_taken_the_revision(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (mut one, mut other) = (catalogue.psql()?, catalogue.psql()?);
        one.run("BEGIN; SAVEPOINT first")?;
        one.run("INSERT INTO author (name, sort_name) VALUES ('undone', 'undone')")?;
        one.run("ROLLBACK TO first")?;
        // The lock went with the savepoint, so this one does not wait.
        other.run("INSERT INTO author (name, sort_name) VALUES ('other', 'other')")?;
        one.run("INSERT INTO author (name, sort_name) VALUES ('one', 'one')")?;
        one.run("COMMIT")?;
        let rows = one.run("SELECT name || revision FROM author ORDER BY revision")?;
        ensure!(rows == ["other1", "one2"]);
    }

    async fn a_revision_set_by_hand_hides_nothing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let setting = format!("colophon.{}_revision", catalogue.name());
        let mut psql = catalogue.psql_of("ann")?;
        psql.run(AUTHOR)?;
        psql.run(&format!("SET {setting} = '1'"))?;
        psql.run("INSERT INTO author (name, sort_name, revision) VALUES ('session', 'session', 1)")?;
        psql.run(&format!("BEGIN; SET LOCAL {setting} = '1'"))?;
        psql.run("INSERT INTO author (name, sort_name, revision) VALUES ('local', 'local', 1)")?;
        psql.run(&format!("SET LOCAL {setting} = '1'"))?;
        psql.run("INSERT INTO author (name, sort_name, revision) VALUES ('again', 'again', 1)")?;
        psql.run("COMMIT")?;
        let rows = psql.run("SELECT name || revision FROM author WHERE name ~ '^[a-z]' ORDER BY name")?;
        ensure!(rows == ["again3", "local3", "session2"]);
    }

    async fn a_revision_set_in_the_middle_of_a_statement_is_refused(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let setting = format!("colophon.{}_revision", catalogue.name());
        let mut psql = catalogue.psql_of("ann")?;
        psql.run(AUTHOR)?;
        for statement in [
            format!("INSERT INTO author (name, sort_name, revision) SELECT 'sly', set_config('{setting}', '1', true), 1"),
            format!("UPDATE author SET name = set_config('{setting}', '0', true), revision = 0"),
        ] {
            let refused = psql.run(&statement);
            ensure!(refused.as_ref().is_err_and(|error| error.code == "23001"), "{statement}: {refused:?}");
        }
        ensure!(psql.value("SELECT count(*) FROM author WHERE revision = 1")? == "1");
    }

    async fn a_copy_of_many_rows_gets_one_revision(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql_of("ann")?;
        let rows = "Somebody\tSomebody\n".repeat(1000);
        psql.copy_in("COPY author (name, sort_name) FROM STDIN", &rows)?;
        ensure!(psql.value("SELECT count(*) || ' ' || max(revision) || ' ' || min(revision) FROM author")? == "1000 1 1");
    }

    async fn two_catalogues_on_one_server_have_nothing_to_do_with_each_other(cluster: &Cluster) {
        let (one, other) = (CentralCatalogue::new(cluster).await?, CentralCatalogue::new(cluster).await?);
        let mut psql = cluster.psql()?;
        psql.run(&format!("INSERT INTO {}.author (name, sort_name) VALUES ('first', 'first')", other.name()))?;
        // A trigger of the customer's writes to one of them while a statement is at work on the other.
        psql.run(&format!(
            "CREATE FUNCTION {0}.echo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO {1}.author (name, sort_name) VALUES (NEW.name, NEW.sort_name); RETURN NEW; END $$;
             CREATE TRIGGER echo BEFORE INSERT ON {0}.author FOR EACH ROW EXECUTE FUNCTION {0}.echo()",
            one.name(),
            other.name()
        ))?;
        psql.run(&format!("INSERT INTO {}.author (name, sort_name) VALUES ('a', 'a'), ('b', 'b')", one.name()))?;
        ensure!(psql.run(&format!("SELECT revision FROM {}.author", one.name()))? == ["1", "1"]);
        ensure!(psql.run(&format!("SELECT revision FROM {}.author ORDER BY 1", other.name()))? == ["1", "2", "2"]);
    }
}
