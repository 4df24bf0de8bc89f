//! Files that earlier releases left behind, in the middle of everything, taken up by this program and by one with more
//! fields.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use colophon_tests::as_sql::rows_from_sql;
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use colophon_tests::undoing;

/// The folders of the releases that left something behind.
fn releases() -> anyhow::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut releases = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    releases.sort();
    ensure!(!releases.is_empty(), "no release has left anything behind");
    Ok(releases)
}

/// The last migration of the server that a release left behind. The first release did not record it.
fn server_version(rows: &str) -> usize {
    let head = rows.lines().find(|line| line.starts_with("INSERT INTO catalogue_head"));
    let said = head.and_then(|head| {
        head.split("\"version\": ")
            .nth(1)?
            .split([',', '}'])
            .next()?
            .parse()
            .ok()
    });
    said.unwrap_or(1)
}

/// The server that a release left behind, with the migrations that it had.
async fn server<'c>(cluster: &'c Cluster, release: &Path) -> anyhow::Result<CentralCatalogue<'c>> {
    let rows = fs::read_to_string(release.join("server.sql"))?;
    let version = server_version(&rows);
    let mut schema = (*Program::this()?.central).clone();
    schema.up.truncate(version);
    schema.down.truncate(version);
    let catalogue = CentralCatalogue::of_schema(cluster, &schema).await?;
    rows_from_sql(
        &mut catalogue.psql()?,
        &rows.replace("{schema}", catalogue.name().as_str()),
    )?;
    Ok(catalogue)
}

/// What the devices had said and nobody had heard, as the server has it now.
const SAID: [(&str, &[&str]); 2] = [
    (
        "SELECT name || '|' || coalesce(death_year::text, '') || '|' || coalesce(website, '') || '|' || replace(coalesce(notes, ''), E'\\n', '/') FROM author
         WHERE name IN ('Homer', 'Archilochus', 'Hesiod', 'Not in this house', 'Pindar') ORDER BY 1",
        &[
            "Archilochus|||",
            "Hesiod|||A farmer",
            "Homer|-640||Blind, they say./Or many.",
            "Not in this house|||",
        ],
    ),
    (
        "SELECT title || '|' || coalesce(isbn, '') || '|' || coalesce(page_count::text, '') || '|' || replace(coalesce(notes, ''), E'\\n', '/') FROM book
         WHERE title IN ('The Iliad', 'Elegies', 'Works and Days', 'The Capture of Oechalia', 'Phocais', 'Margites', 'Cypria', 'The Cypria') ORDER BY 1",
        &[
            "Elegies|||",
            "The Capture of Oechalia|||",
            "The Iliad|9780140275360||FIRST/second/third",
            "Works and Days||828|",
        ],
    ),
];

/// The same for the device that was cut off.
const SAID_BY_THE_CUT_OFF: [(&str, &[&str]); 2] = [
    (
        "SELECT name FROM author WHERE name ~ 'sappho|Alcaeus' ORDER BY 1",
        &["Alcaeus of Mytilene", "Psappho"],
    ),
    (
        "SELECT title FROM book WHERE title ~ 'Frogs|Epigrams' ORDER BY 1",
        &["The Frogs and the Mice"],
    ),
];

async fn is_taken_up(cluster: &Cluster, release: &Path, program: Program, server_is_first: bool) -> anyhow::Result<()> {
    let catalogue = server(cluster, release).await?;
    if server_is_first {
        catalogue.migrate(&program.central).await?;
    }
    let open = |name: &str| {
        Device::of_sql(
            name,
            &fs::read_to_string(release.join(format!("{name}.sql")))?,
            program.clone(),
        )
    };
    let (at_work, cut_off, downloading) = (open("at_work")?, open("cut_off")?, open("downloading")?);
    let devices = [&at_work, &cut_off, &downloading];
    let mut exchange = at_work.exchange(catalogue.settings());
    Box::pin(exchange.round(&mut |_| ())).await?;
    exchange.retry_quarantined().await?;
    for _ in 0..2 {
        for device in devices {
            device
                .rest(catalogue.settings())
                .await
                .with_context(|| device.name.clone())?;
        }
    }
    in_step(&catalogue, devices)?;
    let mut psql = catalogue.psql()?;
    for (question, expected) in SAID.iter().chain(&SAID_BY_THE_CUT_OFF) {
        let found = psql.run(question)?;
        ensure!(found == *expected, "{found:#?} instead of {expected:#?}");
    }
    for device in devices {
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(
            audit.unaccounted.is_empty(),
            "{}: {:#?}",
            device.name,
            audit.unaccounted
        );
        let verified = Box::pin(device.exchange(catalogue.settings()).verify()).await?;
        ensure!(verified.healed.is_empty(), "{}: {verified:#?}", device.name);
    }
    // Undo and redo go on from where they were.
    ensure!(
        at_work.database().write(undoing::redo).await?.is_some(),
        "there is nothing to do again"
    );
    at_work.rest(catalogue.settings()).await?;
    ensure!(
        psql.run("SELECT email FROM author WHERE email = 's@example.org'")?
            .len()
            == 1
    );
    catalogue.migrate(&program.central).await?;
    for device in devices {
        device.rest(catalogue.settings()).await?;
    }
    in_step(&catalogue, devices)
}

on_each_release! {
    async fn what_an_earlier_release_left_behind_is_taken_up_by_this_program(cluster: &Cluster) {
        for release in releases()? {
            is_taken_up(cluster, &release, Program::this()?, true).await.with_context(|| release.display().to_string())?;
            is_taken_up(cluster, &release, Program::this()?, false).await.with_context(|| release.display().to_string())?;
        }
    }

    async fn what_an_earlier_release_left_behind_is_taken_up_by_a_program_with_more_fields(cluster: &Cluster) {
        for release in releases()? {
            is_taken_up(cluster, &release, Program::next()?, true).await.with_context(|| release.display().to_string())?;
            is_taken_up(cluster, &release, Program::next()?, false).await.with_context(|| release.display().to_string())?;
        }
    }
}
