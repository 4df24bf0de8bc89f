//! Programs that know nothing of Colophon, and write through the coordinator, the worker that holds the catalogue, or another one.

use anyhow::ensure;
use colophon_tests::device::Device;
use colophon_tests::foreign::ForeignWriter;
use colophon_tests::in_step::in_step;
use colophon_tests::postgres::CentralCatalogue;

use crate::{cluster, two_apart};

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_written_through_any_server_get_one_revision_a_transaction_and_arrive() -> anyhow::Result<()> {
    let cluster = cluster()?;
    let [catalogue, other] = two_apart(cluster).await?;
    let coordinator = catalogue.entrance();
    let device = Device::new();
    for server in [coordinator, catalogue.holder()?, other.holder()?] {
        let mut psql = catalogue.psql_at(server, &catalogue.settings().user)?;
        let before: u32 = psql.value("SELECT revision FROM catalogue_head")?.parse()?;
        psql.run("BEGIN; INSERT INTO author (name, sort_name) SELECT 'a' || n, 'a' FROM generate_series(1, 3) AS n")?;
        psql.run("INSERT INTO book (author_id, title) SELECT id, name FROM author WHERE sort_name = 'a'")?;
        psql.run("UPDATE book SET publisher = 'p'; UPDATE author SET sort_name = 'b' WHERE name = 'a1'; COMMIT")?;
        psql.copy_in("COPY author (name, sort_name) FROM STDIN", "c\tc\nd\td\n")?;
        psql.run("DELETE FROM book WHERE title = 'a3'")?;
        let after: u32 = psql.value("SELECT revision FROM catalogue_head")?.parse()?;
        ensure!(
            after == before + 3,
            "one revision for each transaction: {before} to {after}"
        );
        ensure!(psql.value("SELECT count(*) FROM tombstone WHERE entity = 'book'")? != "0");
        let truncated = psql.run("TRUNCATE contribution");
        ensure!(truncated.is_err(), "nobody would learn that they are gone");
        device.rest(catalogue.settings()).await?;
        in_step(&catalogue, [&device])?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_foreign_writer_always_at_work_through_the_coordinator_all_come_to_rest() -> anyhow::Result<()> {
    let catalogue = CentralCatalogue::new(cluster()?).await?;
    let coordinator = catalogue.entrance();
    let writer = ForeignWriter::start(catalogue.psql_at(coordinator, &catalogue.settings().user)?);
    let (ann, bob) = (Device::named("ann's"), Device::named("bob's"));
    for number in 0..30 {
        let author = ann.author(&format!("author {number}")).await?;
        bob.book(bob.author("Homer").await?.id, &format!("book {number}"))
            .await?;
        ann.round(catalogue.settings()).await?;
        bob.round(catalogue.settings()).await?;
        bob.rename(author.id, &format!("renamed {number}")).await?;
    }
    ensure!(writer.stop().await? > 0);
    for device in [&ann, &bob, &ann] {
        device.rest(catalogue.settings()).await?;
    }
    in_step(&catalogue, [&ann, &bob])?;
    for device in [&ann, &bob] {
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{audit:?}");
    }
    Ok(())
}
