//! Rows of the server that this program cannot keep: each is named with its reason, and holds up nothing else.

use anyhow::ensure;
use colophon_catalogue::{Author, AuthorId, Book};
use colophon_store::EntityId as _;
use colophon_sync::{Parts, RoundReport, WhyNotKept};
use colophon_tests::device::Device;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use jiff::SignedDuration;

/// What lets another program write such rows: somebody has taken the rules away.
const RULES_AWAY: &str = "ALTER TABLE author ALTER COLUMN name DROP NOT NULL, DROP CONSTRAINT author_name_check;
    ALTER TABLE book ALTER COLUMN title DROP NOT NULL, DROP CONSTRAINT book_title_check";

/// Why each could not be kept, by table.
fn reasons(report: &RoundReport) -> Vec<(&'static str, WhyNotKept)> {
    report
        .not_kept
        .iter()
        .map(|row| (row.entity, row.why.clone()))
        .collect()
}

async fn titles(device: &Device) -> anyhow::Result<Vec<String>> {
    let books = device.database().read(|s| s.repo::<Book>().all()).await?;
    let mut titles: Vec<String> = books.into_iter().map(|book| book.title).collect();
    titles.sort();
    Ok(titles)
}

async fn names(device: &Device) -> anyhow::Result<Vec<String>> {
    let authors = device.database().read(|s| s.repo::<Author>().all()).await?;
    let mut names: Vec<String> = authors.into_iter().map(|author| author.name).collect();
    names.sort();
    Ok(names)
}

on_each_release! {
    async fn a_row_that_cannot_be_read_or_breaks_a_rule_of_the_file_stops_no_other(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let homer = device.author("Homer").await?;
        let iliad = device.book(homer.id, "The Iliad").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        psql.run(RULES_AWAY)?;
        psql.run(&format!(
            "INSERT INTO author (name, sort_name) VALUES (NULL, 'Nameless');
             INSERT INTO author (name, sort_name) VALUES ('Sappho', 'Sappho');
             INSERT INTO book (author_id, title) VALUES ('{0}', '');
             INSERT INTO book (author_id, title) VALUES ('{0}', 'The Odyssey');
             INSERT INTO book (author_id, title) SELECT id, 'Of the nameless' FROM author WHERE name IS NULL;
             UPDATE book SET title = NULL WHERE id = '{1}'", homer.id, iliad.id
        ))?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(names(&device).await? == ["Homer", "Sappho"], "{report:#?}");
        // The local record stays as it was.
        ensure!(titles(&device).await? == ["The Iliad", "The Odyssey"], "{report:#?}");
        let reasons = reasons(&report);
        ensure!(reasons.len() == 4, "{reasons:?}");
        let says = |part: &str| reasons.iter().any(|(_, why)| format!("{why:?}").contains(part));
        ensure!(says("its name is missing") && says("its title is missing") && says("CHECK") && says("ParentMissing"), "{reasons:?}");
        // The cursor has moved, edits are sent, and nothing is asked for again and again.
        device.author("Pindar").await?;
        let next = device.round(catalogue.settings()).await?;
        ensure!((next.pushed, next.pulled, next.not_kept.len()) == (1, 0, 4), "{next:#?}");
        // Once corrected, they come one by one, and the children with their parent.
        psql.run("UPDATE author SET name = 'Anonymous' WHERE name IS NULL; UPDATE book SET title = 'Hymns' WHERE title = ''; UPDATE book SET title = 'Ilias' WHERE title IS NULL")?;
        device.round(catalogue.settings()).await?;
        device.set_clock(SignedDuration::from_hours(2));
        let last = device.round(catalogue.settings()).await?;
        ensure!(last.not_kept.is_empty(), "{last:#?}");
        ensure!(titles(&device).await? == ["Hymns", "Ilias", "Of the nameless", "The Odyssey"]);
        in_step(&catalogue, [&device])?;
    }

    async fn a_row_that_is_made_good_without_a_new_revision_is_asked_for_again(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let (by_time, by_hand, by_verify) = (Device::new(), Device::new(), Device::new());
        let mut psql = catalogue.psql()?;
        psql.run(RULES_AWAY)?;
        psql.run("INSERT INTO author (name, sort_name) VALUES (NULL, 'Nameless')")?;
        for device in [&by_time, &by_hand, &by_verify] {
            ensure!(device.round(catalogue.settings()).await?.not_kept.len() == 1);
        }
        let verified = by_verify.exchange(catalogue.settings()).verify().await?;
        ensure!(!verified.is_identical() && verified.not_kept.len() == 1 && verified.healed.is_empty(), "{verified:?}");
        psql.run("SET session_replication_role = replica; UPDATE author SET name = 'Anonymous'; RESET session_replication_role")?;
        ensure!(by_time.round(catalogue.settings()).await?.not_kept.len() == 1, "it was asked for at once");
        by_time.set_clock(SignedDuration::from_hours(2));
        by_time.round(catalogue.settings()).await?;
        ensure!(by_hand.exchange(catalogue.settings()).retry_quarantined().await? == 1);
        by_hand.round(catalogue.settings()).await?;
        ensure!(by_verify.exchange(catalogue.settings()).verify().await?.is_identical());
        in_step(&catalogue, [&by_time, &by_hand, &by_verify])?;
    }

    async fn a_tombstone_that_cannot_be_read_stops_nothing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let homer = device.author("Homer").await?;
        device.book(homer.id, "The Iliad").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        psql.run("DELETE FROM book; UPDATE tombstone SET content = '{\"id\": 5}'; INSERT INTO author (name, sort_name) VALUES ('Sappho', 'Sappho')")?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(names(&device).await? == ["Homer", "Sappho"] && report.not_kept.len() == 1, "{report:#?}");
        ensure!(titles(&device).await? == ["The Iliad"]);
        device.author("Pindar").await?;
        ensure!(device.round(catalogue.settings()).await?.pushed == 1);
    }

    async fn an_edit_of_a_row_that_moved_to_a_hidden_record_waits_and_the_others_flow(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let (homer, nobody) = (device.author("Homer").await?, AuthorId::from_uuid(uuid::Uuid::from_u128(7)));
        let iliad = device.book(homer.id, "The Iliad").await?;
        device.round(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        psql.run(&format!(
            "ALTER TABLE author ENABLE ROW LEVEL SECURITY;
             CREATE POLICY seen ON author USING (name <> 'Nobody');
             INSERT INTO author (id, name, sort_name) VALUES ('{nobody}', 'Nobody', 'Nobody'), (DEFAULT, 'Sappho', 'Sappho');
             UPDATE book SET author_id = '{nobody}'"
        ))?;
        device.retitle(iliad.id, "Ilias").await?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(names(&device).await? == ["Homer", "Sappho"], "{report:#?}");
        ensure!(reasons(&report) == [("book", WhyNotKept::ParentMissing)], "{report:#?}");
        ensure!(titles(&device).await? == ["Ilias"] && report.pending == 1, "{report:#?}");
        device.author("Pindar").await?;
        ensure!(device.round(catalogue.settings()).await?.pushed == 1);
        psql.run("DROP POLICY seen ON author; CREATE POLICY seen ON author USING (true)")?;
        let verified = device.exchange(catalogue.settings()).verify().await?;
        ensure!(verified.not_kept.is_empty(), "{verified:?}");
        device.round(catalogue.settings()).await?;
        in_step(&catalogue, [&device])?;
        ensure!(psql.value("SELECT title FROM book")? == "Ilias");
    }

    async fn a_book_that_others_here_refer_to_and_that_moves_to_a_hidden_record_stops_nothing(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::new();
        let mut psql = catalogue.psql()?;
        psql.run(
            "INSERT INTO author (name, sort_name) VALUES ('Homer', 'Homer'), ('Nobody', 'Nobody');
             INSERT INTO book (author_id, title) SELECT id, 'The Iliad' FROM author WHERE name = 'Homer';
             INSERT INTO contribution (book_id, author_id, role, position) SELECT id, author_id, 'editor', 0 FROM book;
             ALTER TABLE author ENABLE ROW LEVEL SECURITY;
             CREATE POLICY seen ON author USING (name <> 'Nobody')",
        )?;
        device.round(catalogue.settings()).await?;
        psql.run("UPDATE book SET author_id = (SELECT id FROM author WHERE name = 'Nobody'); INSERT INTO author (name, sort_name) VALUES ('Sappho', 'Sappho')")?;
        let report = device.round(catalogue.settings()).await?;
        ensure!(names(&device).await? == ["Homer", "Sappho"], "{report:#?}");
        ensure!(reasons(&report) == [("book", WhyNotKept::ParentMissing)], "{report:#?}");
    }

    async fn a_first_download_takes_everything_that_can_be_kept(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let mut psql = catalogue.psql()?;
        psql.run(RULES_AWAY)?;
        psql.run(
            "INSERT INTO author (name, sort_name) SELECT CASE n WHEN 700 THEN NULL WHEN 701 THEN '' ELSE 'Author ' || n END, 'x'
               FROM generate_series(1, 2000) AS n;
             INSERT INTO book (author_id, title) SELECT id, 'Lost' FROM author WHERE name = 'Author 9'; DELETE FROM book;
             UPDATE tombstone SET content = '{\"id\": 5}'",
        )?;
        let device = Device::new();
        let parts = Parts { worth_rows: 1_000, rows: 100 };
        let report = device.exchange(catalogue.settings()).in_parts(parts).round(&mut |_| ()).await?;
        ensure!(names(&device).await?.len() == 1998, "{report:?}");
        ensure!(report.not_kept.len() == 3, "{:?}", report.not_kept);
        psql.run("UPDATE author SET name = 'Anonymous' WHERE name IS NULL OR name = ''")?;
        let next = device.round(catalogue.settings()).await?;
        ensure!(next.not_kept.len() == 1 && names(&device).await?.len() == 2000, "{next:?}");
    }
}
